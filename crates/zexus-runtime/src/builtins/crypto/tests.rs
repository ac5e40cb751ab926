use super::from_base64;
use crate::builtins::{call, lookup, lookup_in};
use crate::fake::Fake;
use crate::value::Value;

/// The display form of what a builtin gives, or the code of its error.
fn shown(fake: &mut Fake, module: &'static str, name: &str, args: &[Value]) -> String {
    let index = if module.is_empty() { lookup(name) } else { lookup_in(module, name) };
    match call(fake, index.unwrap(), args) {
        Ok(v) => fake.shown(v),
        Err(_) => format!("E{:04}", fake.code()),
    }
}

fn texts(fake: &mut Fake, texts: &[&str]) -> Vec<Value> {
    texts.iter().map(|t| fake.text(t)).collect()
}

#[test]
fn base64_is_read_strictly() {
    for (text, expected) in [
        ("", Some(&b""[..])),
        ("Zg==", Some(b"f")),
        ("Zm8=", Some(b"fo")),
        ("Zm9v", Some(b"foo")),
        ("Zm9vYg==", Some(b"foob")),
        ("Zh==", None),
        ("Zg=", None),
        ("Zg", None),
        ("Z===", None),
        ("====", None),
        ("Z g=", None),
        ("Zg==Zg==", None),
    ] {
        assert_eq!(from_base64(text).as_deref(), expected, "{text}");
    }
}

#[test]
fn hashes_of_the_specification() {
    let mut fake = Fake::new();
    for (algorithm, expected) in [
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
        ("md5", "E0424"),
    ] {
        let args = texts(&mut fake, &["hello world", algorithm]);
        assert_eq!(shown(&mut fake, "", "hash", &args), expected, "{algorithm}");
    }
}

#[test]
fn merkle_roots_of_the_specification() {
    let mut fake = Fake::new();
    for (n, expected) in [
        (0, ""),
        (1, "b535c0e48504d10cdffe509a5b533a4d2aeba18efd5103e92d510baa1821ebbc"),
        (2, "60e1f5f665265a8d93ed9c5dcfb5fef720cbbac3bd9b47f20acc16bc16b18e2b"),
        (3, "75f5c83a4a9b4c282b1d5d92fa240c7ac4524e609feb96577943f152ddc1fc34"),
        (4, "dc53b6c71a68a3277479b5a1ea820eb52bbae145ef8fb4e97a414b2b6c670f7f"),
        (5, "75ba53f5212048f6944cb3bfeb31ed9e2d73d03db6a1377ccddceedb58699812"),
        (8, "4f581d4aa2331b2b0153f4e8cc2bda45ca0a18783a6b7e1534a7216407713c02"),
    ] {
        let leaves = (1..=n).map(|i| fake.text(&format!("tx{i}"))).collect();
        let list = fake.m.list(leaves).unwrap();
        assert_eq!(shown(&mut fake, "", "merkle_root", &[list]), expected, "{n}");
    }
}

#[test]
fn keys_of_the_specification() {
    let mut fake = Fake::new();
    for (algorithm, private, public) in [
        (
            "Ed25519",
            "7bd510451def709fba51c3305b5f495be0b44d056549678dbb931cb178388249",
            "fa5cda9e98a9e2e4100897544cb4ea50c82a0b84dd5b76078f9bba4f11e3274b",
        ),
        (
            "secp256k1",
            "4d9988cdf80b4ddf27e07e8401b40cb61e2618280444cde45e2bdd22ff04a29e",
            "031f0338d3b1c82d5ef2c67a09c40c58cefaacda8984dc80dd470839ccbb4ad481",
        ),
        (
            "P-256",
            "42fc91b2bfa1cd839ef5eebb64888116e1afb7a2e0c21f4f9bc4f864c7c27368",
            "p256:03c2c238689f7e5eeac597a08c2d985c9b02574a9a63596652e0d1d421d4d20d6b",
        ),
    ] {
        let args = texts(&mut fake, &[algorithm, "demo"]);
        let expected = format!("{{private_key: {private}, public_key: {public}}}");
        assert_eq!(shown(&mut fake, "", "generate_keypair", &args), expected);
    }
    let args = texts(&mut fake, &["ECDSA"]);
    assert_eq!(shown(&mut fake, "", "generate_keypair", &args), "E0426");
    for (key, address) in [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "0x8ae4219609d5c3630e6ab4c70d03bcec7949f23e",
        ),
        (
            "026674e2d3f5589ad1f790823218d27a77a993fb4f469ded21549ae7049f820e71",
            "0x7c4fe8f28c9bd7b9227f79e114f2a051f3547743",
        ),
        (
            "p256:02309a4fc79a2436783366d66a602c3fa70099539b31d855aa26aab1cfd724f3fa",
            "0x0c339fb437849fcab0893187846b3111423b64ad",
        ),
        ("nonsense", "E0425"),
    ] {
        let args = texts(&mut fake, &[key]);
        assert_eq!(shown(&mut fake, "", "derive_address", &args), address);
    }
}

#[test]
fn signatures_of_the_specification() {
    let mut fake = Fake::new();
    for (algorithm, private, signature) in [
        (
            "ED25519",
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "2c5482392a197ec09fa33777958d3a0be4f4960af85e9796a4d822c95ecf704a34fed32adb699a88c0ea876b9fbb17d1dbd336f754fd9207bfc112c89aa54f02",
        ),
        (
            "ECDSA",
            "195d3a40ed6d24ef5c1156db5fa09df0bd10d547d77e7444c8eb9e8bfb3156d8",
            "4dcafadfa17033378c2d09eb589094bf32ea619ce932db43aa5492a030d88409410da8aefc808cddb30157ec2e9a621aa6be78e4dafb1ed18e8691b13a512d52",
        ),
        (
            "p_256",
            "195d3a40ed6d24ef5c1156db5fa09df0bd10d547d77e7444c8eb9e8bfb3156d8",
            "d8991f9c7aa02272ebd730bdd65466d97146a55e56d85dc4df59c331c140af44a8af5169744c340cfd855aef71cff05979d57f061d4b9b89681a39f14c26d2b0",
        ),
        ("ECDSA", "text", "E0425"),
        ("RSA", "text", "E0424"),
    ] {
        let args = texts(&mut fake, &["hello world", private, algorithm]);
        assert_eq!(shown(&mut fake, "", "signature", &args), signature);
    }
    for (signature, key, expected) in [
        (
            "2c5482392a197ec09fa33777958d3a0be4f4960af85e9796a4d822c95ecf704a34fed32adb699a88c0ea876b9fbb17d1dbd336f754fd9207bfc112c89aa54f02",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "true",
        ),
        (
            "4dcafadfa17033378c2d09eb589094bf32ea619ce932db43aa5492a030d88409410da8aefc808cddb30157ec2e9a621aa6be78e4dafb1ed18e8691b13a512d52",
            "026674e2d3f5589ad1f790823218d27a77a993fb4f469ded21549ae7049f820e71",
            "true",
        ),
        (
            "4dcafadfa17033378c2d09eb589094bf32ea619ce932db43aa5492a030d88409bef25751037f73224cfea813d1659de413f06401d44d816a314bccdb95e513ef",
            "026674e2d3f5589ad1f790823218d27a77a993fb4f469ded21549ae7049f820e71",
            "false",
        ),
        (
            "d8991f9c7aa02272ebd730bdd65466d97146a55e56d85dc4df59c331c140af44a8af5169744c340cfd855aef71cff05979d57f061d4b9b89681a39f14c26d2b0",
            "p256:02309a4fc79a2436783366d66a602c3fa70099539b31d855aa26aab1cfd724f3fa",
            "true",
        ),
        (
            "d8991f9c7aa02272ebd730bdd65466d97146a55e56d85dc4df59c331c140af44a8af5169744c340cfd855aef71cff05979d57f061d4b9b89681a39f14c26d2b0",
            "02309a4fc79a2436783366d66a602c3fa70099539b31d855aa26aab1cfd724f3fa",
            "false",
        ),
        ("zz", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "false"),
    ] {
        let args = texts(&mut fake, &["hello world", signature, key]);
        assert_eq!(shown(&mut fake, "", "verify_sig", &args), expected);
    }
}

#[test]
fn blocks_of_the_specification() {
    let mut fake = Fake::new();
    let index = lookup_in("blockchain", "create_genesis_block").unwrap();
    let genesis = call(&mut fake, index, &[Value::int(0)]).unwrap();
    let text = fake.shown(genesis);
    assert!(
        text.ends_with("nonce: 0, hash: b50e5edb4319382c3cc8adf2e78ef26a426fe2a8aef8f3320e34f50e6d772893}"),
        "{text}"
    );
    assert_eq!(shown(&mut fake, "blockchain", "validate_block", &[genesis]), "true");
    let chain = fake.m.list(vec![genesis]).unwrap();
    assert_eq!(shown(&mut fake, "blockchain", "validate_chain", &[chain]), "true");
    let args = texts(&mut fake, &["zexus"]);
    let expected = "[1589, 0000eb4def692812d67c995fbd26b996a7b9b19f05d681dfa572c68c88348462]";
    assert_eq!(shown(&mut fake, "blockchain", "proof_of_work", &args), expected);
    let args = [args[0], Value::int(4), Value::int(1589)];
    assert_eq!(shown(&mut fake, "blockchain", "proof_of_work", &args), "null");
}
