//! The forms of keys and signatures, and input that is refused (chain.md 3.4, 3.5).

#![allow(clippy::unwrap_used, clippy::panic)]

use zexus_crypto::{
    Encoded, KeyAlgorithm, KeyError, PublicKey, SignatureAlgorithm, UnknownAlgorithm, derive_address, hex,
    sign, verify,
};

const SECP256K1_PRIVATE: &str = "\
-----BEGIN PRIVATE KEY-----
MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQgPkK/6F9xBUe9SxzDhkwM
VyAclob8Q6oTTWu+aKzuYquhRANCAAQBHGOK1IvI59hnjxI67E4jCc5+ByfgjDhA
m6b97dspj9pJkQDfgV+bD5AEpcJBSt+A/YomgAEbmL3bqAsvECro
-----END PRIVATE KEY-----
";

const SECP256K1_PUBLIC: &str = "\
-----BEGIN PUBLIC KEY-----
MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEARxjitSLyOfYZ48SOuxOIwnOfgcn4Iw4
QJum/e3bKY/aSZEA34Ffmw+QBKXCQUrfgP2KJoABG5i926gLLxAq6A==
-----END PUBLIC KEY-----
";

const SECP256K1_COMPRESSED: &str = "\
-----BEGIN PUBLIC KEY-----
MDYwEAYHKoZIzj0CAQYFK4EEAAoDIgACARxjitSLyOfYZ48SOuxOIwnOfgcn4Iw4
QJum/e3bKY8=
-----END PUBLIC KEY-----
";

const SECP256K1_EXPLICIT: &str = "\
-----BEGIN PUBLIC KEY-----
MIIBMzCB7AYHKoZIzj0CATCB4AIBATAsBgcqhkjOPQEBAiEA////////////////
/////////////////////v///C8wRAQgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
AAAAAAAAAAAEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAHBEEEeb5m
fvncu6xVoGKVzocLBwKb/NstzijZWfKBWxb4F5hIOtp3JqPEZV2k+/wOEQio/Re0
SKaFVBmcR9CP+xDUuAIhAP////////////////////66rtzmr0igO7/SXozQNkFB
AgEBA0IABAEcY4rUi8jn2GePEjrsTiMJzn4HJ+CMOECbpv3t2ymP2kmRAN+BX5sP
kASlwkFK34D9iiaAARuYvduoCy8QKug=
-----END PUBLIC KEY-----
";

const P256_PRIVATE: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgoH/O1IzSJd2W4Wpu
oDFBHpoyES+9Bq+49LcREyNJGfyhRANCAASvnmf9O/X25vZN77nNv32oEVINyMiL
r88SzHYkvZvSO/dSNUrUG1Yl1tlgo0bNrybOVET4FaCikbCmUs6uxUX5
-----END PRIVATE KEY-----
";

const P256_PUBLIC: &str = "\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEr55n/Tv19ub2Te+5zb99qBFSDcjI
i6/PEsx2JL2b0jv3UjVK1BtWJdbZYKNGza8mzlRE+BWgopGwplLOrsVF+Q==
-----END PUBLIC KEY-----
";

const P256_COMPRESSED: &str = "\
-----BEGIN PUBLIC KEY-----
MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgADr55n/Tv19ub2Te+5zb99qBFSDcjI
i6/PEsx2JL2b0js=
-----END PUBLIC KEY-----
";

const ED25519_PRIVATE: &str = "\
-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIGEq2E76U1ny8+Q2JKeuq5cUTLUyHG1krLgp+i4mSOVr
-----END PRIVATE KEY-----
";

const ED25519_PUBLIC: &str = "\
-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAs2CdKQrJrfLG4QHa5h0EjHQzKwVU3PxiMWor+LFcWOE=
-----END PUBLIC KEY-----
";

const RSA_PUBLIC: &str = "\
-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDi3uLPdAHrwPmv7n+KjGLrmBBe
mALXfosqLAgMTW8mc+5Fd+5VMmikJQI378PtKsJPEdDnJX/ZAMtrMDrYW9030Eao
XBPTMwtZH0Gx8y3+PpIYdfaHPp5ia/JKbChDtKgTqBt5H6dui9x7t/pndm62VSsY
Z7zJ4X4cbaQazpIVYwIDAQAB
-----END PUBLIC KEY-----
";

const SECP256K1_HEX: &str = "3e42bfe85f710547bd4b1cc3864c0c57201c9686fc43aa134d6bbe68acee62ab";
const SECP256K1_POINT: &str = "04011c638ad48bc8e7d8678f123aec4e2309ce7e0727e08c38409ba6fdeddb298f\
                               da499100df815f9b0f9004a5c2414adf80fd8a2680011b98bddba80b2f102ae8";
const P256_HEX: &str = "a07fced48cd225dd96e16a6ea031411e9a32112fbd06afb8f4b71113234919fc";
const P256_POINT: &str = "04af9e67fd3bf5f6e6f64defb9cdbf7da811520dc8c88bafcf12cc7624bd9bd23b\
                          f752354ad41b5625d6d960a346cdaf26ce5444f815a0a291b0a652ceaec545f9";
const ED25519_HEX: &str = "612ad84efa5359f2f3e43624a7aeab97144cb5321c6d64acb829fa2e2648e56b";
const ED25519_KEY: &str = "b3609d290ac9adf2c6e101dae61d048c74332b0554dcfc62316a2bf8b15c58e1";

/// Signatures of `hello world` that OpenSSL made; the first has a high s.
const SECP256K1_DER: &str = "3045022037e3faa968b77252629090eeaf76104598dbf34910955b37c6ab7212949acf89\
                             022100f9e5de1012b2c87dd0020742cad9515f9d67c408c25fc100763ea13834dc2469";
const P256_DER: &str = "3044022050e4ea92c1b8c4815d29020962c12695f3e4c364cd2cfbdcfec2c1daad52a6df\
                        02207f8a7e2d39be5b7f578f13732438e5a3b1783b6c2fe2ad259ce2f202489a54a5";
const ED25519_SIGNATURE: &str = "5df2f1b1018283c31bbee0a06a61865d690ccd083a25c3c241301943bcb5f86f\
                                 76437c502ad9f91a6d61035c008ad313a81e0427959126011bf426f3296e5102";

fn verifies(key: &str, signature: &str, algorithm: Option<&str>) -> bool {
    let algorithm = algorithm.map(|name| name.parse().unwrap());
    verify(b"hello world", Encoded::Text(signature), Encoded::Text(key), algorithm)
}

fn signed(key: &str, algorithm: SignatureAlgorithm) -> Result<String, KeyError> {
    sign(b"hello world", key, algorithm)
}

fn der_of(pem: &str) -> Vec<u8> {
    let base64 = pem.lines().filter(|line| !line.starts_with('-')).collect::<String>();
    let digit = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut bits =
        base64.trim_end_matches('=').bytes().map(digit).fold((0_u32, 0, Vec::new()), |mut state, d| {
            state.0 = state.0 << 6 | u32::from(d);
            state.1 += 6;
            if state.1 >= 8 {
                state.1 -= 8;
                state.2.push((state.0 >> state.1) as u8);
            }
            state
        });
    std::mem::take(&mut bits.2)
}

#[test]
fn public_keys_have_many_forms() {
    let secp256k1 = signed(SECP256K1_PRIVATE, SignatureAlgorithm::Secp256k1).unwrap();
    let point = SECP256K1_POINT;
    let compressed = format!("02{}", &point[2..66]);
    for key in [
        SECP256K1_PUBLIC,
        SECP256K1_COMPRESSED,
        &format!("\n{SECP256K1_PUBLIC}\n\n"),
        &SECP256K1_PUBLIC.replace('\n', "\r\n"),
        &hex::encode(&der_of(SECP256K1_PUBLIC)),
        point,
        &point.to_uppercase(),
        &format!("0x{point}"),
        &format!("secp256k1:{point}"),
        &compressed,
        &format!("secp256k1:0x{compressed}"),
    ] {
        assert!(verifies(key, &secp256k1, None), "{key}");
        assert!(verifies(key, &format!("0x{}", secp256k1.to_uppercase()), Some("ecdsa")), "{key}");
    }
    for key in [
        P256_PUBLIC,
        P256_COMPRESSED,
        &format!("p256:{P256_POINT}"),
        &format!("p256:03{}", &P256_POINT[2..66]),
    ] {
        assert!(verifies(key, P256_DER, None), "{key}");
    }
    for key in [ED25519_PUBLIC, ED25519_KEY, &format!("ed25519:{ED25519_KEY}"), &format!("0x{ED25519_KEY}")] {
        assert!(verifies(key, ED25519_SIGNATURE, None), "{key}");
    }
    for (pem, signature) in [(P256_PUBLIC, P256_DER), (ED25519_PUBLIC, ED25519_SIGNATURE)] {
        let (key, signature) = (der_of(pem), hex::decode(signature).unwrap());
        assert!(verify(b"hello world", Encoded::Bytes(&signature), Encoded::Bytes(&key), None));
    }
}

#[test]
fn keys_of_no_known_form_are_refused() {
    let long_form = {
        let mut der = der_of(ED25519_PUBLIC);
        der.splice(1..2, [0x81, 0x2a]);
        hex::encode(&der)
    };
    let left_over = hex::encode(&[der_of(ED25519_PUBLIC), vec![0]].concat());
    let hybrid = format!("06{}", &SECP256K1_POINT[2..]);
    let off_curve = format!("{}e9", &SECP256K1_POINT[..128]);
    let compact = format!("05{}", &P256_POINT[2..66]);
    for key in [
        "",
        "0x",
        "alice",
        "04",
        &SECP256K1_POINT[1..],
        &format!(" {SECP256K1_POINT}"),
        &format!("0X{SECP256K1_POINT}"),
        &format!("0x0x{SECP256K1_POINT}"),
        &hybrid,
        &format!("secp256k1:{hybrid}"),
        &off_curve,
        &format!("p256:{compact}"),
        &format!("p256:{SECP256K1_POINT}"),
        &format!("P256:{P256_POINT}"),
        &format!("p256:{P256_PUBLIC}"),
        &format!("ed25519:{}", hex::encode(&der_of(ED25519_PUBLIC))),
        &format!("ed25519:{SECP256K1_POINT}"),
        "00",
        "02ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        SECP256K1_EXPLICIT,
        RSA_PUBLIC,
        SECP256K1_PRIVATE,
        &SECP256K1_PUBLIC.replace("PUBLIC KEY", "EC PUBLIC KEY"),
        &SECP256K1_PUBLIC.replace("-----END PUBLIC KEY-----", ""),
        &long_form,
        &left_over,
    ] {
        assert_eq!(PublicKey::read(Encoded::Text(key)).err(), Some(KeyError::PublicKey), "{key}");
        assert_eq!(derive_address(Encoded::Text(key), "0x"), Err(KeyError::PublicKey), "{key}");
        assert!(!verifies(key, ED25519_SIGNATURE, None), "{key}");
    }
    assert!(PublicKey::read(Encoded::Bytes(SECP256K1_PUBLIC.as_bytes())).is_err());
}

#[test]
fn an_algorithm_admits_its_own_keys_only() {
    let secp256k1 = signed(SECP256K1_HEX, SignatureAlgorithm::Ecdsa).unwrap();
    for (key, signature, admitted) in [
        (SECP256K1_PUBLIC, secp256k1.as_str(), ["SECP256K1", "ECDSA"]),
        (P256_PUBLIC, P256_DER, ["P-256", "ECDSA"]),
        (ED25519_PUBLIC, ED25519_SIGNATURE, ["ED25519", "ed_25519"]),
    ] {
        for name in ["SECP256K1", "ECDSA", "P-256", "p256", "ED25519", "ed_25519"] {
            let expected =
                admitted.iter().any(|a| a.replace('-', "").eq_ignore_ascii_case(&name.replace('-', "")));
            assert_eq!(verifies(key, signature, Some(name)), expected, "{name}");
        }
    }
    for name in ["", "RSA", "SECP256R1", "ED448"] {
        assert_eq!(name.parse::<SignatureAlgorithm>(), Err(UnknownAlgorithm(name.to_string())));
    }
}

/// Changes to a DER signature of P-256 that BER would allow, or that other readers overlook.
#[test]
fn signatures_in_der_are_strict() {
    let (r, s) = (&P256_DER[8..72], &P256_DER[76..]);
    assert!(verifies(P256_PUBLIC, P256_DER, None));
    assert!(verifies(P256_PUBLIC, &format!("{r}{s}"), None));
    for signature in [
        "",
        "0x",
        "30",
        "3000",
        &P256_DER[..138],
        &P256_DER[1..],
        &format!("{P256_DER}00"),
        &format!("308144{}", &P256_DER[4..]),
        &format!("3045{}00", &P256_DER[4..]),
        &format!("3045022100{r}0220{s}"),
        &format!("3045028120{r}0220{s}"),
        &format!("3080{}0000", &P256_DER[4..]),
        &format!("3144{}", &P256_DER[4..]),
        &format!("{r}{s}00"),
        &format!("{r}{}", "00".repeat(32)),
        &format!("{}{s}", "00".repeat(32)),
        &format!("{r}{}", "ff".repeat(32)),
        &format!("{s}{r}"),
    ] {
        assert!(!verifies(P256_PUBLIC, signature, None), "{signature}");
    }
}

#[test]
fn secp256k1_demands_a_low_s_in_der_too() {
    assert!(!verifies(SECP256K1_PUBLIC, SECP256K1_DER, None));
    // n - s of the signature above.
    let low = "061a21efed4d37822ffdf8bd3526ae9f1d4718ddece8df3b4993bd549b5a1cd8";
    let r = &SECP256K1_DER[8..72];
    assert!(verifies(SECP256K1_PUBLIC, &format!("30440220{r}0220{low}"), None));
    assert!(verifies(SECP256K1_PUBLIC, &format!("{r}{low}"), None));
}

#[test]
fn private_keys_are_hex_or_pkcs8() {
    for (pem, digits, algorithm) in [
        (SECP256K1_PRIVATE, SECP256K1_HEX, SignatureAlgorithm::Secp256k1),
        (P256_PRIVATE, P256_HEX, SignatureAlgorithm::P256),
        (ED25519_PRIVATE, ED25519_HEX, SignatureAlgorithm::Ed25519),
    ] {
        let expected = signed(digits, algorithm);
        assert_eq!(expected.as_ref().map(String::len), Ok(128));
        assert_eq!(signed(pem, algorithm), expected);
        assert_eq!(signed(&format!("\n{pem}\n"), algorithm), expected);
        assert_eq!(signed(&format!("0x{}", digits.to_uppercase()), algorithm), expected);
    }
    assert_eq!(signed(ED25519_HEX, SignatureAlgorithm::Ed25519).as_deref(), Ok(ED25519_SIGNATURE));
    assert_eq!(
        signed(SECP256K1_HEX, SignatureAlgorithm::Ecdsa),
        signed(SECP256K1_PRIVATE, SignatureAlgorithm::Ecdsa)
    );
    assert_eq!(signed(P256_PRIVATE, SignatureAlgorithm::Ecdsa), signed(P256_HEX, SignatureAlgorithm::P256));
}

#[test]
fn other_private_keys_are_refused() {
    let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    for (key, algorithm) in [
        ("", SignatureAlgorithm::Ecdsa),
        ("secret", SignatureAlgorithm::Ecdsa),
        (&SECP256K1_HEX[2..], SignatureAlgorithm::Ecdsa),
        (&"00".repeat(32), SignatureAlgorithm::Ecdsa),
        (&"ff".repeat(32), SignatureAlgorithm::P256),
        (order, SignatureAlgorithm::Secp256k1),
        (&"00".repeat(33), SignatureAlgorithm::Ed25519),
        (ED25519_PRIVATE, SignatureAlgorithm::Ecdsa),
        (P256_PRIVATE, SignatureAlgorithm::Secp256k1),
        (SECP256K1_PRIVATE, SignatureAlgorithm::P256),
        (SECP256K1_PRIVATE, SignatureAlgorithm::Ed25519),
        (SECP256K1_PUBLIC, SignatureAlgorithm::Secp256k1),
        (&SECP256K1_PRIVATE.replace("PRIVATE KEY", "EC PRIVATE KEY"), SignatureAlgorithm::Secp256k1),
    ] {
        assert_eq!(signed(key, algorithm), Err(KeyError::PrivateKey), "{key} {algorithm:?}");
    }
}

/// 2^255 - 19 + k, for the 19 values of k that fit 255 bits: y coordinates that are not canonical.
#[test]
fn ed25519_keys_are_canonical() {
    let mut canonical = 0;
    for k in 0..19 {
        for sign in [0x7f, 0xff] {
            let mut key = [0xff; 32];
            key[0] = 0xed + k;
            key[31] = sign;
            assert!(PublicKey::read(Encoded::Bytes(&key)).is_err(), "{k}");
            let mut small = [0; 32];
            small[0] = k;
            canonical += usize::from(PublicKey::read(Encoded::Bytes(&small)).is_ok());
        }
    }
    // Some of them are points all the same, so that it is the form that was refused.
    assert!(canonical > 10);
    // x = 0 with a sign.
    let mut identity = [0; 32];
    (identity[0], identity[31]) = (1, 0x80);
    assert!(PublicKey::read(Encoded::Bytes(&identity)).is_err());
}

#[test]
fn ed25519_refuses_small_order_and_large_s() {
    // The identity as key makes (R, S) = (B, 1) satisfy the equation for every message.
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut forged = hex::decode(&format!("58{}", "66".repeat(31))).unwrap();
    forged.extend(identity);
    let key = PublicKey::read(Encoded::Bytes(&identity)).unwrap();
    assert_eq!(key.algorithm(), KeyAlgorithm::Ed25519);
    assert!(!key.verify(b"anything", &forged));
    assert!(!key.verify(b"anything", &[identity, [0; 32]].concat()));

    let order = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
    let signature = hex::decode(ED25519_SIGNATURE).unwrap();
    let mut larger = signature.clone();
    let mut carry = 0;
    for (digit, add) in larger[32..].iter_mut().zip(order) {
        let sum = u16::from(*digit) + u16::from(add) + carry;
        (*digit, carry) = (sum as u8, sum >> 8);
    }
    let key = PublicKey::read(Encoded::Text(ED25519_KEY)).unwrap();
    assert!(key.verify(b"hello world", &signature));
    assert!(!key.verify(b"hello world", &larger));
    assert!(!key.verify(b"hello world", &signature[..63]));
    assert!(!key.verify(b"hello world", &[&signature[..], &[0]].concat()));
}
