use super::*;
use zexus_crypto::{KeyAlgorithm, generate_keypair, seed_secret};
use zexus_verify::Action;

fn signed(algorithm: KeyAlgorithm, by: SignatureAlgorithm) -> SignedTransaction {
    let pair = generate_keypair(algorithm, seed_secret(algorithm, b"demo"));
    let transaction = Transaction {
        chain: "test".into(),
        caller: derive_address(Encoded::Text(&pair.public_key), "0x").unwrap(),
        nonce: 0,
        action: Action::Run([1; 32]),
        args: vec![7, 0],
        value: vec![3, 0],
        gas_limit: 50_000,
    };
    SignedTransaction::sign(transaction, &pair.public_key, &pair.private_key, by).unwrap()
}

#[test]
fn only_the_caller_can_sign() {
    for (algorithm, by) in [
        (KeyAlgorithm::Ed25519, SignatureAlgorithm::Ed25519),
        (KeyAlgorithm::Secp256k1, SignatureAlgorithm::Secp256k1),
        (KeyAlgorithm::P256, SignatureAlgorithm::P256),
    ] {
        let good = signed(algorithm, by);
        assert!(good.verify());
        let refused = |change: &dyn Fn(&mut SignedTransaction)| {
            let mut bad = good.clone();
            change(&mut bad);
            assert!(!bad.verify());
        };
        refused(&|s| s.transaction.nonce = 1);
        refused(&|s| s.transaction.chain = "other".into());
        refused(&|s| s.transaction.caller = "alice".into());
        refused(&|s| s.transaction.caller = format!("0x{}", "0".repeat(40)));
        refused(&|s| s.signature.clear());
        refused(&|s| s.signature.truncate(126));
        refused(&|s| s.public_key = "none".into());
    }
    let (one, other) = (
        signed(KeyAlgorithm::Ed25519, SignatureAlgorithm::Ed25519),
        signed(KeyAlgorithm::Secp256k1, SignatureAlgorithm::Secp256k1),
    );
    let mixed = SignedTransaction { public_key: other.public_key, signature: other.signature, ..one };
    assert!(!mixed.verify());
}
