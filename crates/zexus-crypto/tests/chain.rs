//! The vectors of chain.md 2.4 and chapter 3.

#![allow(clippy::unwrap_used, clippy::panic)]

use zexus_crypto::merkle::{self, prove_consistency, prove_inclusion, verify_consistency, verify_inclusion};
use zexus_crypto::{
    Encoded, Hash, HashAlgorithm, KeyAlgorithm, SignatureAlgorithm, UnknownAlgorithm, caller_address,
    derive_address, generate_keypair, hash_hex, hex, name_address, seed_secret, sha256, sign, verify,
};

#[test]
fn hash_inputs() {
    let vectors: &[(&[u8], &str)] = &[
        (b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (b"hello world", "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"),
        (b"42", "73475cb40a568e8da8a045ced110137e159f890ac4da883b6b17dc651b3a8049"),
        (b"18446744073709551616", "8b292fc2d32f1fd491784610c61b90dc4632a6e4add19261eca4c3979e4ea6d2"),
        (b"1", "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"),
        (b"0.5", "d2cbad71ff333de67d07ec676e352ab7f38248eb69c942950157220607c55e84"),
        (b"1e+21", "241c4643fa70b1dcde1205b71be4e3bebb17e9f880c8e1a33d0ead6c27271d3c"),
        (b"true", "b5bea41b6c623f7c09f1bf24dcae58ebab3c0cdd90ad966bc43a45b44867e12b"),
        (b"null", "74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b"),
        (b"[1,2,3]", "a615eeaee21de5179de080de8c3052c8da901138406ba71c38c032845f7d54f4"),
        (b"{}", "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"),
        (
            br#"{"index":1,"timestamp":1234567890,"transactions":["tx1","tx2"]}"#,
            "e38f28a6284b45d4309def857612ecddb48498e6698b5f78417f0bdf55da03e9",
        ),
        (
            "{\"a\":{\"y\":\"é\\n\\u0001\\\"\\\\/\",\"z\":0.1},\"b\":[1,null,true]}".as_bytes(),
            "554ea4126d1309da00877753b8ec37922ab2a0610a067dd49bc9d42088544b4a",
        ),
        (
            "{\"\u{1f30d}\":2,\"\u{fb33}\":1}".as_bytes(),
            "4f8d13d8742dd04268cb92bc90322918ca2ad1593126ddb07f0fc5bd7fceff7b",
        ),
        (&[0x00, 0xff], "06eb7d6a69ee19e5fbdf749018d3d2abfa04bcbd1365db312eb86dc7169389b8"),
    ];
    for (input, expected) in vectors {
        assert_eq!(hex::encode(&sha256(input)), *expected, "{}", String::from_utf8_lossy(input));
    }
}

#[test]
fn hashes() {
    let vectors = [
        ("SHA-256", "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"),
        (
            "SHA-512",
            "309ecc489c12d6eb4cc40f50c902f2b4d0ed77ee511a7c7a9bcd3ca86d4cd86f989dd35bc5ff499670da34255b45b0cfd830e81f605dcf7dc5542e93ae9cd76f",
        ),
        ("SHA3-256", "644bcc7e564373040999aac89e7622f3ca71fba1d972fd94a31c3bfbf24e3938"),
        (
            "SHA3-512",
            "840006653e9ac9e95117a15c915caab81662918e925de9e004f774ff82d7079a40d4d27b1b372657c61d46d470304c88c788b3a4527ad074d1dccbee5dbaa99a",
        ),
        ("KECCAK-256", "47173285a8d7341e5e972fc677286384f802f8ef42a5ec5f03bbfa254cb01fad"),
        (
            "BLAKE2b",
            "021ced8799296ceca557832ab941a50b4a11f83478cf141f51f933f653ab9fbcc05a037cddbed06e309bf334942c4e58cdf1a46e237911ccd7fcf9787cbc7fd0",
        ),
        ("BLAKE2s", "9aec6806794561107e594b1f6a8a6b0c92a0cba9acf5e5e93cca06f781813b0b"),
        ("BLAKE3", "d74981efa70a0c880b8d8c1985d075dbcbf679b99a5f9914e5aaf96b831a9e24"),
    ];
    assert_eq!(
        vectors.map(|(name, _)| name),
        HashAlgorithm::ALL.iter().map(|a| a.name()).collect::<Vec<_>>()[..]
    );
    for (name, expected) in vectors {
        let algorithm: HashAlgorithm = name.parse().unwrap();
        assert_eq!(hash_hex(algorithm, b"hello world"), expected, "{name}");
    }
}

#[test]
fn names_of_hashes_are_read_without_case_and_dashes() {
    let check = |name: &str, expected| assert_eq!(name.parse::<HashAlgorithm>(), Ok(expected), "{name}");
    check("SHA256", HashAlgorithm::Sha256);
    check("sha_256", HashAlgorithm::Sha256);
    check("Sha3256", HashAlgorithm::Sha3_256);
    check("sha3-512", HashAlgorithm::Sha3_512);
    check("KECCAK256", HashAlgorithm::Keccak256);
    check("blake2B", HashAlgorithm::Blake2b);
    check("blake3", HashAlgorithm::Blake3);
    for name in ["", "SHA1", "MD5", "SHA 256", "SHA-2566"] {
        assert_eq!(name.parse::<HashAlgorithm>(), Err(UnknownAlgorithm(name.to_string())));
    }
}

fn entries(n: usize) -> Vec<String> {
    (1..=n).map(|i| format!("tx{i}")).collect()
}

fn leaves(n: usize) -> Vec<Hash> {
    entries(n).iter().map(|entry| merkle::leaf(entry.as_bytes())).collect()
}

fn hashes_in_hex(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| hex::encode(hash)).collect()
}

#[test]
fn merkle_roots() {
    for (n, expected) in [
        (1, "b535c0e48504d10cdffe509a5b533a4d2aeba18efd5103e92d510baa1821ebbc"),
        (2, "60e1f5f665265a8d93ed9c5dcfb5fef720cbbac3bd9b47f20acc16bc16b18e2b"),
        (3, "75f5c83a4a9b4c282b1d5d92fa240c7ac4524e609feb96577943f152ddc1fc34"),
        (4, "dc53b6c71a68a3277479b5a1ea820eb52bbae145ef8fb4e97a414b2b6c670f7f"),
        (5, "75ba53f5212048f6944cb3bfeb31ed9e2d73d03db6a1377ccddceedb58699812"),
        (8, "4f581d4aa2331b2b0153f4e8cc2bda45ca0a18783a6b7e1534a7216407713c02"),
    ] {
        assert_eq!(hex::encode(&merkle::root_of_entries(entries(n)).unwrap()), expected, "{n} leaves");
        assert_eq!(hex::encode(&merkle::root(&leaves(n)).unwrap()), expected, "{n} leaves");
    }
    assert_eq!(merkle::root(&[]), None);
    let ends = |entries: &[&str]| {
        let root = hex::encode(&merkle::root_of_entries(entries).unwrap());
        format!("{}…{}", &root[..8], &root[58..])
    };
    assert_eq!(ends(&["a", "b", "c"]), "36642e73…021ec1");
    assert_eq!(ends(&["a", "b", "c", "c"]), "e9636069…58ecce");
}

#[test]
fn proofs() {
    let leaves = leaves(8);
    assert_eq!(hex::encode(&leaves[2]), "dd92b2355c6a1ab7cb2af661b69ab3b018a3899afef119404585041d56506b8b");
    let five = &leaves[..5];
    assert_eq!(
        hashes_in_hex(&prove_inclusion(five, 2).unwrap()),
        [
            "590b66ca74e472972dbb597636981691d0615953afbe1463585eab68ccfab690",
            "60e1f5f665265a8d93ed9c5dcfb5fef720cbbac3bd9b47f20acc16bc16b18e2b",
            "a98fc432adca30658ad50d7f85c4ce785437dee489a330b3914903e9ef1e45e1",
        ]
    );
    assert_eq!(
        hashes_in_hex(&prove_inclusion(five, 4).unwrap()),
        ["dc53b6c71a68a3277479b5a1ea820eb52bbae145ef8fb4e97a414b2b6c670f7f"]
    );
    assert_eq!(
        hashes_in_hex(&prove_consistency(five, 3).unwrap()),
        [
            "dd92b2355c6a1ab7cb2af661b69ab3b018a3899afef119404585041d56506b8b",
            "590b66ca74e472972dbb597636981691d0615953afbe1463585eab68ccfab690",
            "60e1f5f665265a8d93ed9c5dcfb5fef720cbbac3bd9b47f20acc16bc16b18e2b",
            "a98fc432adca30658ad50d7f85c4ce785437dee489a330b3914903e9ef1e45e1",
        ]
    );
    assert_eq!(
        hashes_in_hex(&prove_consistency(&leaves, 4).unwrap()),
        ["ef681df6d32cdda5329024b75e0567c42dcbb43eca141ee40cc5a1374f2842c3"]
    );
}

#[test]
fn every_proof_verifies_and_no_other_does() {
    let leaves = leaves(20);
    for n in 1..=leaves.len() {
        let tree = &leaves[..n];
        let root = merkle::root(tree).unwrap();
        assert_eq!(prove_inclusion(tree, n), None);
        for (i, leaf) in tree.iter().enumerate() {
            let proof = prove_inclusion(tree, i).unwrap();
            let accepts =
                |i: usize, n: usize, proof: &[Hash]| verify_inclusion(i as u64, n as u64, leaf, proof, &root);
            assert!(accepts(i, n, &proof));
            for other in (0..n + 2).filter(|other| *other != i) {
                assert!(!accepts(other, n, &proof), "{i} of {n} as {other}");
            }
            assert!(!accepts(i, i, &proof));
            for changed in changes(&proof) {
                assert!(!accepts(i, n, &changed), "{i} of {n}");
            }
        }
        for m in 0..=n {
            let old = merkle::root(&leaves[..m]).unwrap_or_default();
            let proof = prove_consistency(tree, m).unwrap();
            let accepts = |m: usize, n: usize, proof: &[Hash]| {
                verify_consistency(m as u64, n as u64, &old, &root, proof)
            };
            assert!(accepts(m, n, &proof), "{m} with {n}");
            for other in (1..n + 2).filter(|other| *other != m) {
                assert!(!accepts(other, n, &proof), "{m} with {n} as {other}");
            }
            for changed in changes(&proof) {
                assert!(!accepts(m, n, &changed), "{m} with {n}");
            }
        }
        assert_eq!(prove_consistency(tree, n + 1), None);
        assert!(!verify_consistency(n as u64, n as u64, &Hash::default(), &root, &[]));
    }
    assert!(!verify_inclusion(0, 0, &leaves[0], &[], &leaves[0]));
    assert!(!verify_consistency(0, 1, &leaves[0], &leaves[0], &leaves[..1]));
    assert!(!verify_consistency(u64::MAX - 1, u64::MAX, &leaves[0], &leaves[0], &leaves));
    assert!(!verify_inclusion(u64::MAX - 1, u64::MAX, &leaves[0], &leaves, &leaves[0]));
}

/// Proofs that are shorter, longer, or have one bit changed.
fn changes(proof: &[Hash]) -> Vec<Vec<Hash>> {
    let mut all: Vec<Vec<Hash>> = Vec::new();
    all.push([proof, &[Hash::default()]].concat());
    all.push([&[Hash::default()], proof].concat());
    for place in 0..proof.len() {
        all.push([&proof[..place], &proof[place + 1..]].concat());
        let mut flipped = proof.to_vec();
        flipped[place][7] ^= 1;
        all.push(flipped);
    }
    all
}

#[test]
fn trees_grow() {
    let leaves = leaves(40);
    let mut tree = merkle::Frontier::new();
    assert!(tree.is_empty());
    for (i, leaf) in leaves.iter().enumerate() {
        tree.push(*leaf);
        assert_eq!(tree.len(), i as u64 + 1);
        assert_eq!(tree.root(), merkle::root(&leaves[..=i]));
        let again = merkle::Frontier::from_parts(tree.len(), tree.peaks().to_vec());
        assert_eq!(again, Some(tree.clone()));
    }
    assert_eq!(merkle::Frontier::from_parts(3, vec![leaves[0]]), None);
}

#[test]
fn keys_from_a_seed() {
    for (algorithm, private_key, public_key) in [
        (
            KeyAlgorithm::Ed25519,
            "7bd510451def709fba51c3305b5f495be0b44d056549678dbb931cb178388249",
            "fa5cda9e98a9e2e4100897544cb4ea50c82a0b84dd5b76078f9bba4f11e3274b",
        ),
        (
            KeyAlgorithm::Secp256k1,
            "4d9988cdf80b4ddf27e07e8401b40cb61e2618280444cde45e2bdd22ff04a29e",
            "031f0338d3b1c82d5ef2c67a09c40c58cefaacda8984dc80dd470839ccbb4ad481",
        ),
        (
            KeyAlgorithm::P256,
            "42fc91b2bfa1cd839ef5eebb64888116e1afb7a2e0c21f4f9bc4f864c7c27368",
            "p256:03c2c238689f7e5eeac597a08c2d985c9b02574a9a63596652e0d1d421d4d20d6b",
        ),
    ] {
        let pair = generate_keypair(algorithm, seed_secret(algorithm, b"demo"));
        assert_eq!((pair.private_key.as_str(), pair.public_key.as_str()), (private_key, public_key));
    }
}

const ED25519_PRIVATE: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const ECDSA_PRIVATE: &str = "195d3a40ed6d24ef5c1156db5fa09df0bd10d547d77e7444c8eb9e8bfb3156d8";
const ED25519_KEY: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
const SECP256K1_KEY: &str = "026674e2d3f5589ad1f790823218d27a77a993fb4f469ded21549ae7049f820e71";
const P256_KEY: &str = "p256:02309a4fc79a2436783366d66a602c3fa70099539b31d855aa26aab1cfd724f3fa";
const ED25519_SIGNATURE: &str = "2c5482392a197ec09fa33777958d3a0be4f4960af85e9796a4d822c95ecf704a\
                                 34fed32adb699a88c0ea876b9fbb17d1dbd336f754fd9207bfc112c89aa54f02";
const SECP256K1_SIGNATURE: &str = "4dcafadfa17033378c2d09eb589094bf32ea619ce932db43aa5492a030d88409\
                                   410da8aefc808cddb30157ec2e9a621aa6be78e4dafb1ed18e8691b13a512d52";
const SECP256K1_HIGH: &str = "4dcafadfa17033378c2d09eb589094bf32ea619ce932db43aa5492a030d88409\
                              bef25751037f73224cfea813d1659de413f06401d44d816a314bccdb95e513ef";
const P256_SIGNATURE: &str = "d8991f9c7aa02272ebd730bdd65466d97146a55e56d85dc4df59c331c140af44\
                              a8af5169744c340cfd855aef71cff05979d57f061d4b9b89681a39f14c26d2b0";

#[test]
fn signatures() {
    let check = |private_key: &str, algorithm: SignatureAlgorithm, expected: &str| {
        assert_eq!(sign(b"hello world", private_key, algorithm).as_deref(), Ok(expected));
    };
    check(ED25519_PRIVATE, SignatureAlgorithm::Ed25519, ED25519_SIGNATURE);
    check(ECDSA_PRIVATE, SignatureAlgorithm::Secp256k1, SECP256K1_SIGNATURE);
    check(ECDSA_PRIVATE, SignatureAlgorithm::Ecdsa, SECP256K1_SIGNATURE);
    check(&format!("0x{}", ECDSA_PRIVATE.to_uppercase()), SignatureAlgorithm::P256, P256_SIGNATURE);
}

#[test]
fn verifying() {
    let check = |key: &str, signature: &str, expected: bool| {
        let text = verify(b"hello world", Encoded::Text(signature), Encoded::Text(key), None);
        assert_eq!(text, expected, "{key}");
        assert!(!verify(b"hello worle", Encoded::Text(signature), Encoded::Text(key), None));
    };
    check(ED25519_KEY, ED25519_SIGNATURE, true);
    check(SECP256K1_KEY, SECP256K1_SIGNATURE, true);
    check(SECP256K1_KEY, SECP256K1_HIGH, false);
    check(P256_KEY, P256_SIGNATURE, true);
    check(&P256_KEY[5..], P256_SIGNATURE, false);
}

#[test]
fn addresses() {
    let check = |key: &str, expected: &str| {
        assert_eq!(derive_address(Encoded::Text(key), "0x").as_deref(), Ok(expected));
    };
    check(SECP256K1_KEY, "0x7c4fe8f28c9bd7b9227f79e114f2a051f3547743");
    check(ED25519_KEY, "0x8ae4219609d5c3630e6ab4c70d03bcec7949f23e");
    check(P256_KEY, "0x0c339fb437849fcab0893187846b3111423b64ad");
    assert_eq!(
        derive_address(Encoded::Text(SECP256K1_KEY), "ZX").as_deref(),
        Ok("ZX7c4fe8f28c9bd7b9227f79e114f2a051f3547743")
    );
    assert!(derive_address(Encoded::Text("alice"), "0x").is_err());
}

#[test]
fn callers() {
    let check = |caller: &str, expected: &str| assert_eq!(hex::encode(&caller_address(caller)), expected);
    check("alice", "41d789e22350c8c48f5c023170bf88b4ff122680");
    check("system", "0000000000000000000000000000000000000000");
    check("0x7c4fe8f28c9bd7b9227f79e114f2a051f3547743", "7c4fe8f28c9bd7b9227f79e114f2a051f3547743");
    check("0x7C4FE8F28C9BD7B9227F79E114F2A051F3547743", "7c4fe8f28c9bd7b9227f79e114f2a051f3547743");
    for name in
        ["0x7c4fe8f28c9bd7b9227f79e114f2a051f354774", "0x7c4fe8f28c9bd7b9227f79e114f2a051f354774z", "0x", ""]
    {
        assert_eq!(caller_address(name), name_address(name), "{name}");
    }
}
