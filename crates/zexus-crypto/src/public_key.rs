//! Reading public keys and verifying signatures (chain.md 3.4).
//!
//! 1. A public key is read in one place; whatever is read is a point on the curve in its canonical form.
//! 2. DER is strict: the `der` crate refuses lengths and integers that are not the least, and anything left over.
//! 3. Verifying never fails: what cannot be read is not a valid signature.

use ed25519_dalek as ed25519;
use k256::pkcs8::der::{Decode, Document};
use k256::pkcs8::{AssociatedOid, ObjectIdentifier, SubjectPublicKeyInfoRef};
use k256::{Secp256k1, ecdsa as secp256k1};
use p256::{NistP256, ecdsa as p256_ecdsa};
use secp256k1::signature::Verifier;

use crate::{KeyAlgorithm, SignatureAlgorithm, hex};

/// Why a key, or the text of a hashed password, cannot be used (E0425).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The public key has none of the forms of chain.md 3.4, or is no point on its curve.
    #[error("malformed public key")]
    PublicKey,
    /// The private key has none of the forms of chain.md 3.5, is out of range, or of another algorithm.
    #[error("malformed private key")]
    PrivateKey,
    /// The text is no hashed password.
    #[error("malformed password hash")]
    PasswordHash,
}

/// A key or signature as a program gives it.
#[derive(Clone, Copy, Debug)]
pub enum Encoded<'a> {
    /// A string: hex with or without `0x`, or for keys PEM or with the name of the algorithm before it.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
}

/// A public key that is well formed.
#[derive(Clone, Debug)]
pub enum PublicKey {
    /// A key of Ed25519.
    Ed25519(ed25519::VerifyingKey),
    /// A key of ECDSA on secp256k1.
    Secp256k1(secp256k1::VerifyingKey),
    /// A key of ECDSA on P-256.
    P256(p256_ecdsa::VerifyingKey),
}

/// The object identifier of Ed25519 (RFC 8410).
pub(crate) const ED25519_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// The object identifier of keys of elliptic curves (RFC 5480).
pub(crate) const EC_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// Whether `signature` is a valid signature of `message` by `key`; malformed input is false.
///
/// With an algorithm, a key of another one is false.
pub fn verify(
    message: &[u8],
    signature: Encoded,
    key: Encoded,
    algorithm: Option<SignatureAlgorithm>,
) -> bool {
    let Ok(key) = PublicKey::read(key) else { return false };
    if algorithm.is_some_and(|algorithm| !algorithm.accepts(key.algorithm())) {
        return false;
    }
    match signature {
        Encoded::Bytes(signature) => key.verify(message, signature),
        Encoded::Text(text) => {
            hex::decode_prefixed(text).is_some_and(|signature| key.verify(message, &signature))
        }
    }
}

impl PublicKey {
    /// Reads a key in one of the forms of the table of chain.md 3.4.
    pub fn read(key: Encoded) -> Result<PublicKey, KeyError> {
        match key {
            Encoded::Bytes(bytes) => from_bytes(bytes),
            Encoded::Text(text) => from_text(text),
        }
        .ok_or(KeyError::PublicKey)
    }

    /// The algorithm of the key.
    pub fn algorithm(&self) -> KeyAlgorithm {
        match self {
            PublicKey::Ed25519(_) => KeyAlgorithm::Ed25519,
            PublicKey::Secp256k1(_) => KeyAlgorithm::Secp256k1,
            PublicKey::P256(_) => KeyAlgorithm::P256,
        }
    }

    /// Whether bytes have the form of a signature by such a key, whoever made it; verifying one that has not takes no time.
    pub fn is_signature(&self, signature: &[u8]) -> bool {
        match (self, signature.len()) {
            (PublicKey::Ed25519(_), _) => ed25519::Signature::from_slice(signature).is_ok(),
            (PublicKey::Secp256k1(_), 64) => secp256k1::Signature::from_slice(signature).is_ok(),
            (PublicKey::Secp256k1(_), _) => secp256k1::Signature::from_der(signature).is_ok(),
            (PublicKey::P256(_), 64) => p256_ecdsa::Signature::from_slice(signature).is_ok(),
            (PublicKey::P256(_), _) => p256_ecdsa::Signature::from_der(signature).is_ok(),
        }
    }

    /// Whether `signature` is a valid signature of `message` by this key.
    ///
    /// Ed25519 is strict (RFC 8032 without cofactor, no points of small order, S below L); ECDSA takes 64 bytes r ‖ s or
    /// strict DER, and for secp256k1 only s up to n/2.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            PublicKey::Ed25519(key) => ed25519::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            PublicKey::Secp256k1(key) => match signature.len() {
                64 => secp256k1::Signature::from_slice(signature),
                _ => secp256k1::Signature::from_der(signature),
            }
            .is_ok_and(|signature| {
                signature.normalize_s() == signature && key.verify(message, &signature).is_ok()
            }),
            PublicKey::P256(key) => match signature.len() {
                64 => p256_ecdsa::Signature::from_slice(signature),
                _ => p256_ecdsa::Signature::from_der(signature),
            }
            .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
        }
    }
}

fn from_text(text: &str) -> Option<PublicKey> {
    for (prefix, algorithm) in [
        ("ed25519:", KeyAlgorithm::Ed25519),
        ("secp256k1:", KeyAlgorithm::Secp256k1),
        ("p256:", KeyAlgorithm::P256),
    ] {
        if let Some(digits) = text.strip_prefix(prefix) {
            return of_algorithm(algorithm, &hex::decode_prefixed(digits)?);
        }
    }
    match pem(text, "PUBLIC KEY") {
        Some(document) => from_der(document.as_bytes()),
        None => from_bytes(&hex::decode_prefixed(text)?),
    }
}

/// The document in a PEM text with that label (RFC 7468); white space around it is ignored.
pub(crate) fn pem(text: &str, expected: &str) -> Option<Document> {
    let text = text.trim();
    if !text.starts_with("-----BEGIN ") {
        return None;
    }
    let (label, document) = Document::from_pem(text).ok()?;
    (label == expected).then_some(document)
}

fn from_bytes(bytes: &[u8]) -> Option<PublicKey> {
    match (bytes.len(), bytes.first()) {
        (32, _) => of_algorithm(KeyAlgorithm::Ed25519, bytes),
        (33, Some(2 | 3)) | (65, Some(4)) => of_algorithm(KeyAlgorithm::Secp256k1, bytes),
        _ => from_der(bytes),
    }
}

fn from_der(bytes: &[u8]) -> Option<PublicKey> {
    let info = SubjectPublicKeyInfoRef::from_der(bytes).ok()?;
    let key = info.subject_public_key.as_bytes()?;
    let curve = match info.algorithm.oid {
        ED25519_OID if info.algorithm.parameters.is_none() => {
            return of_algorithm(KeyAlgorithm::Ed25519, key);
        }
        EC_OID => info.algorithm.parameters_oid().ok()?,
        _ => return None,
    };
    match curve {
        Secp256k1::OID => of_algorithm(KeyAlgorithm::Secp256k1, key),
        NistP256::OID => of_algorithm(KeyAlgorithm::P256, key),
        _ => None,
    }
}

fn of_algorithm(algorithm: KeyAlgorithm, bytes: &[u8]) -> Option<PublicKey> {
    // SEC 1 also knows compact and hybrid points; they are not keys here.
    let is_point = matches!((bytes.len(), bytes.first()), (33, Some(2 | 3)) | (65, Some(4)));
    match algorithm {
        KeyAlgorithm::Ed25519 => {
            let bytes: &[u8; 32] = bytes.try_into().ok()?;
            let key = ed25519::VerifyingKey::from_bytes(bytes).ok()?;
            // Decompression reduces y and forgets the sign of x = 0; the canonical form does not come back changed.
            (key.to_edwards().compress().as_bytes() == bytes).then_some(PublicKey::Ed25519(key))
        }
        KeyAlgorithm::Secp256k1 if is_point => {
            secp256k1::VerifyingKey::from_sec1_bytes(bytes).ok().map(PublicKey::Secp256k1)
        }
        KeyAlgorithm::P256 if is_point => {
            p256_ecdsa::VerifyingKey::from_sec1_bytes(bytes).ok().map(PublicKey::P256)
        }
        _ => None,
    }
}
