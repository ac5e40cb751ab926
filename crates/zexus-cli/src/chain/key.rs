//! `zexus key`.

use std::io::Read;

use serde_json::json;
use zexus_crypto::{
    Encoded, KeyAlgorithm, SignatureAlgorithm, derive_address, generate_keypair, sign, verify,
};

use super::{Failure, finish, line};
use crate::args::chain::{KeyCommand, KeyName};
use crate::output::print;

/// Runs the command; gives the exit code.
pub fn key(command: &KeyCommand, color: bool) -> u8 {
    let (json, done) = match command {
        KeyCommand::New { alg, json } => (*json, new(*alg, *json)),
        KeyCommand::Sign { key, alg, json, text } => {
            let key = if key.as_os_str() == "-" { input() } else { std::fs::read_to_string(key) };
            (*json, key.map_err(Failure::from).and_then(|key| signed(key.trim(), *alg, text, *json)))
        }
        KeyCommand::Verify { key, signature, json, text } => (*json, verified(key, signature, text, *json)),
    };
    finish(json, color, done)
}

fn input() -> std::io::Result<String> {
    let mut text = String::new();
    std::io::stdin().lock().read_to_string(&mut text).map(|_| text)
}

fn new(alg: KeyName, json: bool) -> Result<u8, Failure> {
    let algorithm = match alg {
        KeyName::Ed25519 => KeyAlgorithm::Ed25519,
        KeyName::Secp256k1 => KeyAlgorithm::Secp256k1,
        KeyName::P256 => KeyAlgorithm::P256,
    };
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|e| Failure::Message(format!("no randomness: {e}")))?;
    let keys = generate_keypair(algorithm, random);
    let address = derive_address(Encoded::Text(&keys.public_key), "0x")
        .map_err(|_| Failure::Message("the key has no address".to_owned()))?;
    Ok(match json {
        true => line(
            &json!({ "private_key": keys.private_key, "public_key": keys.public_key, "address": address }),
        ),
        false => print(&format!(
            "private key {}\npublic key  {}\naddress     {address}\n",
            keys.private_key, keys.public_key
        )),
    })
}

fn signed(key: &str, alg: KeyName, text: &str, json: bool) -> Result<u8, Failure> {
    let algorithm = match alg {
        KeyName::Ed25519 => SignatureAlgorithm::Ed25519,
        KeyName::Secp256k1 => SignatureAlgorithm::Secp256k1,
        KeyName::P256 => SignatureAlgorithm::P256,
    };
    let signature = sign(message(text)?.as_bytes(), key, algorithm)?;
    Ok(match json {
        true => line(&json!({ "signature": signature })),
        false => print(&format!("{signature}\n")),
    })
}

fn message(text: &str) -> Result<String, Failure> {
    if text == "-" { Ok(input()?) } else { Ok(text.to_owned()) }
}

fn verified(key: &str, signature: &str, text: &str, json: bool) -> Result<u8, Failure> {
    let valid = verify(message(text)?.as_bytes(), Encoded::Text(signature), Encoded::Text(key), None);
    let code = match json {
        true => line(&json!({ "valid": valid })),
        false => print(if valid { "valid\n" } else { "not valid\n" }),
    };
    Ok(if valid { code } else { 1 })
}
