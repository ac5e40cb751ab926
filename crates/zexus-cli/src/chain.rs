//! `zexus chain`, and what the commands on stores have in common.

pub mod key;
pub mod ledger;
pub mod replay;
mod show;

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value as Json, json};
use zexus::{Engine, Error};
use zexus_chain::data::address;
use zexus_chain::{
    BlockFacts, Chain, ChainError, DiskStore, Sender, Snapshot, Status, StoreError, StoredReceipt,
    Transaction,
};
use zexus_verify::to_hex;

use crate::args::chain::{CallArgs, ChainCommand, SenderArgs, StoreArgs};
use crate::host::system_time;
use crate::output::{note, print};
use crate::source;
use show::{argument, data_of};

/// Why a command did not do its work.
pub enum Failure {
    /// In words.
    Message(String),
    /// A program does not compile.
    Program(Error),
}

impl<T: std::error::Error> From<T> for Failure {
    fn from(error: T) -> Failure {
        Failure::Message(error.to_string())
    }
}

/// The exit code of a command, whose failure is written; 2 says that nothing was done.
pub fn finish(json: bool, color: bool, done: Result<u8, Failure>) -> u8 {
    let reporter = crate::report::Reporter { json, color, max: 20 };
    match done {
        Ok(code) => return code,
        Err(Failure::Message(message)) => reporter.message(&message),
        Err(Failure::Program(error)) => reporter.not_started(&error),
    }
    2
}

/// The name of a new chain.
const MAIN: &str = "main";

/// Opens a store, under the name of its chain unless another is asked for.
pub fn open(args: &StoreArgs) -> Result<Arc<DiskStore>, StoreError> {
    with_name(args, |name| DiskStore::open(&args.state, name))
}

/// Opens a store that must exist, to read it.
pub fn open_to_read(args: &StoreArgs) -> Result<Arc<DiskStore>, Failure> {
    if !args.state.exists() {
        return Err(Failure::Message(format!("there is no store {}", args.state.display())));
    }
    match with_name(args, |name| DiskStore::open_read_only(&args.state, name)) {
        // One that a crash has left is repaired first.
        Err(StoreError::Io(_)) => Ok(open(args)?),
        opened => Ok(opened?),
    }
}

fn with_name(
    args: &StoreArgs,
    open: impl Fn(&str) -> Result<DiskStore, StoreError>,
) -> Result<Arc<DiskStore>, StoreError> {
    match (open(args.chain.as_deref().unwrap_or(MAIN)), &args.chain) {
        (Err(StoreError::Chain { found, .. }), None) => Ok(Arc::new(open(&found)?)),
        (opened, _) => Ok(Arc::new(opened?)),
    }
}

/// The chain in a store, as it stands.
pub fn snapshot(args: &StoreArgs) -> Result<Snapshot, Failure> {
    Ok(zexus_chain::Archive::open(open_to_read(args)?)?.snapshot()?)
}

/// Runs `zexus chain`; gives the exit code.
pub fn chain(command: &ChainCommand, color: bool) -> u8 {
    let (json, done) = match command {
        ChainCommand::Deploy { store, sender, file, contract, args } => {
            (store.json, deploy(store, sender, file, contract, args))
        }
        ChainCommand::Call(args) => (args.store.json, call(args)),
        ChainCommand::Query(args) => (args.store.json, query(args)),
        ChainCommand::Tx { store, id } => (store.json, tx(store, id)),
        ChainCommand::State { store, of } => (store.json, state(store, of.as_deref())),
        ChainCommand::Events { store, name } => (store.json, events(store, name.as_deref())),
    };
    finish(json, color, done)
}

fn sender(chain: &Chain, args: &SenderArgs) -> Sender {
    let height = args.height.unwrap_or(chain.head().height + 1);
    let facts = BlockFacts { height, time: args.time.unwrap_or_else(system_time), hash: [0; 32] };
    // A time that was given must be right; the clock may have been set back.
    let facts =
        if args.time.is_some() { facts } else { BlockFacts { time: chain.raise(facts).time, ..facts } };
    Sender { caller: args.caller.clone(), value: args.value, gas_limit: args.gas_limit, facts }
}

fn deploy(
    store: &StoreArgs,
    args: &SenderArgs,
    file: &Path,
    contract: &str,
    values: &[String],
) -> Result<u8, Failure> {
    let engine = Engine::new();
    let program = source::compile(&engine, file).map_err(Failure::Program)?;
    let module = program.main_module().map_err(Failure::Program)?.to_bytes();
    let mut chain = Chain::open(open(store)?, engine)?;
    let sender = sender(&chain, args);
    let code = chain.publish(sender.facts, &module)?;
    let values: Vec<_> = values.iter().map(|text| argument(text)).collect();
    let address = match chain.deploy(&sender, &code, contract, &values) {
        Ok(address) => format!("0x{}", to_hex(&address)),
        Err(ChainError::Failed { code, message }) => {
            return Err(Failure::Message(format!("{code}: {message}")));
        }
        Err(error) => return Err(error.into()),
    };
    Ok(match store.json {
        true => line(&json!({ "address": address, "code": to_hex(&code), "contract": contract })),
        false => print(&format!("{address}\n")),
    })
}

fn call(args: &CallArgs) -> Result<u8, Failure> {
    let target = address(&args.target)?;
    open_to_read(&args.store)?;
    let mut chain = Chain::open(open(&args.store)?, Engine::new())?;
    let sender = sender(&chain, &args.sender);
    let values: Vec<_> = args.args.iter().map(|text| argument(text)).collect();
    let receipt = chain.call(&sender, &target, &args.action, &values)?;
    let number = chain.head().receipts - 1;
    let code = u8::from(receipt.receipt.status != Status::Ok);
    if args.store.json {
        line(&receipt_json(number, &receipt));
        return Ok(code);
    }
    print(&receipt.output);
    match code {
        0 => print(&format!("{}\n", data_of(&receipt.receipt.result))),
        _ => {
            note(&format!("error[{}]: {}", receipt.receipt.error, receipt.message));
            1
        }
    };
    Ok(code)
}

fn query(args: &CallArgs) -> Result<u8, Failure> {
    let target = address(&args.target)?;
    let mut chain = Chain::open(open_to_read(&args.store)?, Engine::new())?;
    let sender = sender(&chain, &args.sender);
    let values: Vec<_> = args.args.iter().map(|text| argument(text)).collect();
    match chain.query(&sender, &target, &args.action, &values) {
        Ok(data) if args.store.json => Ok(line(&json!({ "result": show::json_of(&data) }))),
        Ok(data) => Ok(print(&format!("{}\n", show::json_of(&data)))),
        Err(ChainError::Failed { code, message }) => {
            match args.store.json {
                true => note(&json!({ "error": code, "message": message }).to_string()),
                false => note(&format!("error[{code}]: {message}")),
            }
            Ok(1)
        }
        Err(error) => Err(error.into()),
    }
}

/// The number of a receipt by its number or id.
pub fn number_of(snapshot: &Snapshot, id: &str) -> Result<u64, Failure> {
    let missing = || Failure::Message(format!("there is no transaction {id}"));
    let number = match zexus_verify::hash_from_hex(id) {
        Some(hash) => snapshot.number_of(&hash)?.ok_or_else(missing)?,
        None => id.parse().map_err(|_| missing())?,
    };
    if number < snapshot.head().receipts { Ok(number) } else { Err(missing()) }
}

fn tx(store: &StoreArgs, id: &str) -> Result<u8, Failure> {
    let snapshot = snapshot(store)?;
    let number = number_of(&snapshot, id)?;
    let missing = || Failure::Message(format!("there is no transaction {id}"));
    let receipt = snapshot.receipt(number)?.ok_or_else(missing)?;
    let bytes = snapshot.transaction(number)?.ok_or_else(missing)?;
    let sent = Transaction::decode(&bytes).map_err(|why| Failure::Message(why.0.to_owned()))?;
    let both =
        json!({ "transaction": show::transaction_json(&sent), "receipt": receipt_json(number, &receipt) });
    Ok(match store.json {
        true => line(&both),
        false => print(&format!("{both:#}\n")),
    })
}

fn state(store: &StoreArgs, of: Option<&str>) -> Result<u8, Failure> {
    let of = of.map(address).transpose()?;
    let snapshot = snapshot(store)?;
    let mut text = String::new();
    snapshot.places(&[], &mut |key, record| {
        let mine = of.is_none_or(|of| matches!(key, [2 | 3, rest @ ..] if rest.starts_with(&of)));
        if mine {
            let place = show::place(key);
            text += &match store.json {
                true => format!(
                    "{}\n",
                    json!({ "place": place, "key": to_hex(key), "record": to_hex(record), "value": show::record_json(key, record) })
                ),
                false => format!("{place} = {}\n", show::record_json(key, record)),
            };
        }
        true
    })?;
    Ok(print(&text))
}

fn events(store: &StoreArgs, name: Option<&str>) -> Result<u8, Failure> {
    let snapshot = snapshot(store)?;
    let mut text = String::new();
    for number in 0..snapshot.head().receipts {
        let Some(receipt) = snapshot.receipt(number)? else { break };
        for event in receipt.receipt.events.iter().filter(|e| name.is_none_or(|name| e.name == name)) {
            let origin = event.origin.map(|a| format!("0x{}", to_hex(&a)));
            let args = data_of(&event.args);
            text += &match store.json {
                true => format!(
                    "{}\n",
                    json!({ "receipt": number, "height": receipt.receipt.height, "origin": origin, "name": event.name, "args": args })
                ),
                false => format!("{number} {} {}{args}\n", origin.as_deref().unwrap_or("-"), event.name),
            };
        }
    }
    Ok(print(&text))
}

/// Writes a line of JSON; gives the exit code.
pub fn line(json: &Json) -> u8 {
    print(&format!("{json}\n"))
}

fn receipt_json(number: u64, stored: &StoredReceipt) -> Json {
    show::receipt_json(number, stored)
}
