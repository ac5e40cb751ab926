//! `zexus ledger`.

use std::io::BufWriter;
use std::path::Path;

use serde_json::json;
use zexus_chain::{Entry, Nodes};
use zexus_verify::{merkle, to_hex};

use super::{Failure, finish, line, show, snapshot};
use crate::args::chain::{LedgerCommand, StoreArgs};
use crate::chain::replay::Progress;
use crate::output::print;

/// Runs the command; gives the exit code.
pub fn ledger(command: &LedgerCommand, color: bool) -> u8 {
    let (json, done) = match command {
        LedgerCommand::Show { store } => (store.json, show_entries(store)),
        LedgerCommand::Verify { store } => (store.json, verify(store)),
        LedgerCommand::Prove { store, index } => (store.json, prove(store, *index)),
        LedgerCommand::Export { store, out } => (store.json, export(store, out)),
    };
    finish(json, color, done)
}

fn show_entries(store: &StoreArgs) -> Result<u8, Failure> {
    let snapshot = snapshot(store)?;
    let mut text = String::new();
    for index in 0..snapshot.head().entries {
        let Some(bytes) = snapshot.entry(index)? else { break };
        let entry = Entry::decode(&bytes).map_err(|why| Failure::Message(why.0.to_owned()))?;
        let origin = entry.origin.map(|a| format!("0x{}", to_hex(&a)));
        let (kind, payload) = (format!("{:?}", entry.kind).to_lowercase(), show::data_of(entry.payload));
        text += &match store.json {
            true => format!(
                "{}\n",
                json!({ "index": index, "height": entry.height, "time": entry.time, "transaction": to_hex(&entry.id),
                    "origin": origin, "kind": kind, "payload": payload })
            ),
            false => format!("{index} {kind} {} {payload}\n", origin.as_deref().unwrap_or("-")),
        };
    }
    Ok(print(&text))
}

fn verify(store: &StoreArgs) -> Result<u8, Failure> {
    let progress = Progress::spinner("verifying");
    let snapshot = snapshot(store)?;
    let verified = snapshot.verify();
    progress.finish();
    if let Err(error) = verified {
        // What was asked is answered: it does not verify.
        let answer = finish(store.json, false, Err(error.into()));
        return Ok(answer.min(1));
    }
    let (head, checkpoint) = (snapshot.head(), snapshot.checkpoint());
    let (bytes, hash) = (to_hex(&checkpoint.encode()), to_hex(&checkpoint.hash()));
    Ok(match store.json {
        true => line(&json!({ "verified": true, "entries": head.entries, "receipts": head.receipts,
            "state_root": to_hex(&head.state_root), "ledger_head": to_hex(&head.head), "checkpoint": bytes, "hash": hash })),
        false => print(&format!(
            "verified\nentries     {}\nreceipts    {}\nstate root  {}\nledger head {}\ncheckpoint  {bytes}\nits hash    {hash}\n",
            head.entries,
            head.receipts,
            to_hex(&head.state_root),
            to_hex(&head.head),
        )),
    })
}

fn prove(store: &StoreArgs, index: u64) -> Result<u8, Failure> {
    let snapshot = snapshot(store)?;
    let size = snapshot.head().entries;
    let missing = || Failure::Message(format!("the ledger has {size} entries, none of index {index}"));
    let entry = snapshot.entry(index)?.ok_or_else(missing)?;
    let proof = snapshot.prove_inclusion(Nodes::Ledger, index, size)?.ok_or_else(missing)?;
    let proof: Vec<String> = proof.iter().map(|hash| to_hex(hash)).collect();
    let (leaf, root) = (to_hex(&merkle::leaf(&entry)), to_hex(&snapshot.checkpoint().ledger_root));
    Ok(match store.json {
        true => {
            line(&json!({ "index": index, "size": size, "entry": to_hex(&entry), "leaf": leaf, "root": root,
            "proof": proof }))
        }
        false => print(&format!(
            "zexus-verify inclusion {index} {size} {leaf} {root}{}\n",
            proof.iter().map(|hash| format!(" {hash}")).collect::<String>()
        )),
    })
}

fn export(store: &StoreArgs, out: &Path) -> Result<u8, Failure> {
    let snapshot = snapshot(store)?;
    let dir = out.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    let hash = snapshot.export(&mut BufWriter::new(file.as_file_mut()))?;
    file.as_file().sync_all()?;
    file.persist(out)?;
    Ok(match store.json {
        true => line(&json!({ "file": out.to_string_lossy(), "hash": to_hex(&hash) })),
        false => print(&format!("{}\n", to_hex(&hash))),
    })
}
