//! The `zexus-verify` command.

use std::io::Write;
use std::process::ExitCode;

use zexus_verify::{
    Checkpoint, Hash, Place, StateProof, from_hex, hash_from_hex, merkle, to_hex, verify_export,
};

const USAGE: &str = "\
Usage:
  zexus-verify export FILE [CHECKPOINT]
  zexus-verify inclusion INDEX SIZE LEAF ROOT [SIBLING]...
  zexus-verify consistency OLD-SIZE NEW-SIZE OLD-ROOT NEW-ROOT [HASH]...
  zexus-verify present ROOT KEY RECORD [SIBLING]...
  zexus-verify absent ROOT KEY OTHER-KEY-HASH OTHER-RECORD-HASH [SIBLING]...
  zexus-verify absent ROOT KEY - - [SIBLING]...

Everything but FILE and numbers is hex; siblings go from the leaf up.
Exit code: 0 if it verifies, 1 if it does not, 2 for wrong usage or a file that cannot be read.
";

/// Why there is no verdict of true.
enum Failure {
    Refused(String),
    Usage(String),
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (text, code) = match run(&args) {
        Ok(text) => (text, 0),
        Err(Failure::Refused(why)) => (format!("refused: {why}\n"), 1),
        Err(Failure::Usage(why)) => (why, 2),
    };
    // A closed pipe takes nothing from the verdict, which is the exit code.
    let _ = match code {
        0 => std::io::stdout().write_all(text.as_bytes()),
        _ => std::io::stderr().write_all(text.as_bytes()),
    };
    ExitCode::from(code)
}

fn run(args: &[&str]) -> Result<String, Failure> {
    let verified = match args {
        ["export", file, checkpoint @ ..] if checkpoint.len() < 2 => {
            return export(file, checkpoint.first().copied());
        }
        ["inclusion", index, size, leaf, root, proof @ ..] => merkle::verify_inclusion(
            number(index)?,
            number(size)?,
            &hash(leaf)?,
            &hashes(proof)?,
            &hash(root)?,
        ),
        ["consistency", old_size, new_size, old, new, proof @ ..] => merkle::verify_consistency(
            number(old_size)?,
            number(new_size)?,
            &hash(old)?,
            &hash(new)?,
            &hashes(proof)?,
        ),
        ["present", root, key, record, siblings @ ..] => {
            let (key, record) = (bytes(key)?, bytes(record)?);
            let proof = StateProof { end: Some(Place::new(&key, &record)), siblings: hashes(siblings)? };
            proof.verify(&hash(root)?, &key, Some(&record))
        }
        ["absent", root, key, "-", "-", siblings @ ..] => {
            let proof = StateProof { end: None, siblings: hashes(siblings)? };
            proof.verify(&hash(root)?, &bytes(key)?, None)
        }
        ["absent", root, key, other, record, siblings @ ..] => {
            let end = Some(Place { key: hash(other)?, record: hash(record)? });
            StateProof { end, siblings: hashes(siblings)? }.verify(&hash(root)?, &bytes(key)?, None)
        }
        ["help" | "--help" | "-h"] => return Ok(USAGE.to_owned()),
        _ => return Err(Failure::Usage(USAGE.to_owned())),
    };
    if verified {
        Ok("verified\n".to_owned())
    } else {
        Err(Failure::Refused("the proof does not hold".to_owned()))
    }
}

fn export(path: &str, checkpoint: Option<&str>) -> Result<String, Failure> {
    let file = std::fs::read(path).map_err(|e| Failure::Usage(format!("cannot read {path}: {e}\n")))?;
    let export = verify_export(&file).map_err(|fault| Failure::Refused(fault.to_string()))?;
    if let Some(text) = checkpoint {
        let earlier = Checkpoint::decode(&bytes(text)?)
            .map_err(|why| Failure::Usage(format!("checkpoint cannot be read: {why}\n")))?;
        export.verify_checkpoint(&earlier).map_err(|fault| Failure::Refused(fault.to_string()))?;
    }
    let now = export.checkpoint();
    Ok(format!(
        "verified\nchain       {:?}\nheight      {}\nplaces      {}\nentries     {}\nreceipts    {}\nmodules     {}\n\
         state root  {}\nledger head {}\ncheckpoint  {}\nits hash    {}\n",
        export.chain,
        export.height,
        export.places.len(),
        now.entries,
        now.receipts,
        export.modules.len(),
        to_hex(&now.state_root),
        to_hex(&export.ledger.head),
        to_hex(&now.encode()),
        to_hex(&now.hash()),
    ))
}

fn number(text: &str) -> Result<u64, Failure> {
    text.parse().map_err(|_| Failure::Usage(format!("{text:?} is no number\n")))
}

fn bytes(text: &str) -> Result<Vec<u8>, Failure> {
    from_hex(text).ok_or_else(|| Failure::Usage(format!("{text:?} is not hex\n")))
}

fn hash(text: &str) -> Result<Hash, Failure> {
    hash_from_hex(text).ok_or_else(|| Failure::Usage(format!("{text:?} is no hash of 64 hex digits\n")))
}

fn hashes(texts: &[&str]) -> Result<Vec<Hash>, Failure> {
    texts.iter().map(|text| hash(text)).collect()
}
