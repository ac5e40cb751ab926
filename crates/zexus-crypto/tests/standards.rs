//! Vectors of the standards: FIPS 180-4, FIPS 202, RFC 7693, 4231, 7914, 6962, 8032 and 6979.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::num::NonZeroU32;

use zexus_crypto::{
    Encoded, Hash, HashAlgorithm, KeyAlgorithm, KeyError, PasswordHash, SignatureAlgorithm, constant_time_eq,
    generate_keypair, hash_hex, hex, hmac_sha256, merkle, pbkdf2_sha256, pbkdf2_sha256_while, sign, verify,
};

const SHA512_OF_ABC: &str = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                             2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

#[test]
fn hashes() {
    let check = |algorithm, input: &str, expected: &str| {
        assert_eq!(hash_hex(algorithm, input.as_bytes()), expected, "{algorithm:?}");
    };
    check(HashAlgorithm::Sha256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check(HashAlgorithm::Sha512, "abc", SHA512_OF_ABC);
    check(HashAlgorithm::Sha3_256, "", "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
    check(HashAlgorithm::Sha3_256, "abc", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
    check(
        HashAlgorithm::Sha3_512,
        "abc",
        "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e\
         10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
    );
    check(HashAlgorithm::Keccak256, "", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    check(
        HashAlgorithm::Blake2b,
        "abc",
        "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1\
         7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
    );
    check(HashAlgorithm::Blake2s, "abc", "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982");
    check(HashAlgorithm::Blake3, "", "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
}

#[test]
fn hmac_of_rfc_4231() {
    let check = |key: &[u8], message: &[u8], expected: &str| {
        assert_eq!(hex::encode(&hmac_sha256(key, message)), expected);
    };
    check(&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    check(
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );
    check(
        &[0xaa; 131],
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    );
}

#[test]
fn pbkdf2_stops_when_told_to() {
    let mut questions = 0;
    let key = pbkdf2_sha256_while(b"key", b"salt", NonZeroU32::MAX, 64, &mut || {
        questions += 1;
        questions < 3
    });
    assert_eq!((key, questions), (None, 3));
}

#[test]
fn pbkdf2_of_the_crate_of_that_name() {
    for (rounds, bytes) in [(1, 1), (2, 32), (3, 33), (100, 64), (4097, 65)] {
        let mut expected = vec![0; bytes];
        pbkdf2::pbkdf2_hmac::<sha2::Sha256>(b"key", b"salt", rounds, &mut expected);
        let rounds = NonZeroU32::new(rounds).unwrap();
        assert_eq!(pbkdf2_sha256(b"key", b"salt", rounds, bytes), expected);
    }
}

#[test]
fn pbkdf2_of_rfc_7914() {
    let check = |password: &[u8], salt: &[u8], rounds, expected: &str| {
        let rounds = NonZeroU32::new(rounds).unwrap();
        let key = pbkdf2_sha256(password, salt, rounds, 64);
        assert_eq!(hex::encode(&key), expected);
        assert_eq!(pbkdf2_sha256(password, salt, rounds, 20), key[..20]);
    };
    check(
        b"passwd",
        b"salt",
        1,
        "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc\
         49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783",
    );
    check(
        b"Password",
        b"NaCl",
        80000,
        "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56\
         a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d",
    );
}

#[test]
fn passwords() {
    let rounds = NonZeroU32::new(2).unwrap();
    let stored = PasswordHash::new(b"secret", b"salt", rounds).to_string();
    let key = hex::encode(&pbkdf2_sha256(b"secret", b"salt", rounds, 32));
    assert_eq!(stored, format!("pbkdf2-sha256$2$73616c74${key}"));
    let read: PasswordHash = stored.parse().unwrap();
    assert_eq!(read.rounds(), rounds);
    assert!(read.matches(b"secret"));
    assert!(!read.matches(b"Secret"));
    for text in ["", "secret", "pbkdf2-sha256$2$00$00", &format!("{stored}$"), &stored.replace("$2$", "$0$")]
    {
        assert_eq!(text.parse::<PasswordHash>(), Err(KeyError::PasswordHash), "{text}");
    }
}

#[test]
fn comparison() {
    assert!(constant_time_eq(b"", b""));
    assert!(constant_time_eq(b"abc", b"abc"));
    assert!(!constant_time_eq(b"abc", b"abd"));
    assert!(!constant_time_eq(b"abc", b"ab"));
    assert!(!constant_time_eq(b"", b"a"));
}

#[test]
fn tree_of_certificate_transparency() {
    let entries =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
            .map(bytes);
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    for (n, root) in roots.iter().enumerate() {
        assert_eq!(hex::encode(&merkle::root_of_entries(&entries[..=n]).unwrap()), *root);
    }
}

/// The example of RFC 6962 2.1.3: seven leaves, with the letters that it gives to the nodes.
#[test]
fn proofs_of_rfc_6962() {
    let leaves: Vec<Hash> = (0..7).map(|i| merkle::leaf(&[i])).collect();
    let [a, b, c, d, e, f, j] = leaves[..] else { panic!("seven leaves") };
    let (g, h, i) = (merkle::node(&a, &b), merkle::node(&c, &d), merkle::node(&e, &f));
    let (k, l) = (merkle::node(&g, &h), merkle::node(&i, &j));
    assert_eq!(merkle::root(&leaves), Some(merkle::node(&k, &l)));
    assert_eq!(merkle::prove_inclusion(&leaves, 0), Some(vec![b, h, l]));
    assert_eq!(merkle::prove_inclusion(&leaves, 3), Some(vec![c, g, l]));
    assert_eq!(merkle::prove_inclusion(&leaves, 4), Some(vec![f, j, k]));
    assert_eq!(merkle::prove_inclusion(&leaves, 6), Some(vec![i, k]));
    assert_eq!(merkle::prove_consistency(&leaves, 3), Some(vec![c, d, g, l]));
    assert_eq!(merkle::prove_consistency(&leaves, 4), Some(vec![l]));
    assert_eq!(merkle::prove_consistency(&leaves, 6), Some(vec![i, j, k]));
    assert_eq!(merkle::prove_consistency(&leaves, 7), Some(vec![]));
    assert_eq!(merkle::prove_consistency(&leaves, 0), Some(vec![]));
}

#[test]
fn ed25519_of_rfc_8032() {
    for (private_key, message, signature) in [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555\
             fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da0\
             85ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac1\
             8ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
        (
            "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
            SHA512_OF_ABC,
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b5890\
             9351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
        ),
    ] {
        let message = bytes(message);
        assert_eq!(sign(&message, private_key, SignatureAlgorithm::Ed25519).as_deref(), Ok(signature));
        let d = bytes(private_key).try_into().unwrap();
        let public_key = generate_keypair(KeyAlgorithm::Ed25519, d).public_key;
        assert!(verify(&message, Encoded::Text(signature), Encoded::Text(&public_key), None));
    }
}

#[test]
fn p256_of_rfc_6979() {
    let private_key = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
    let check = |message: &[u8], expected: &str| {
        assert_eq!(sign(message, private_key, SignatureAlgorithm::P256).as_deref(), Ok(expected));
    };
    check(
        b"sample",
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716\
         f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
    );
    check(
        b"test",
        "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367\
         019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
    );
}
