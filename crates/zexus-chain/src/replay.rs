//! Replay: the transactions of a chain once more, from an empty state, compared byte by byte (chain.md 8.6).

use std::collections::HashMap;
use std::sync::Arc;

use zexus::Engine;
use zexus_verify::{Hash, Status, StoredReceipt, Transaction, to_hex};

use crate::archive::{Archive, ArchiveError, BlockFacts};
use crate::executor::{Executor, SCHEDULE};
use crate::loaded::{self, CodeError};
use crate::memory::MemoryStore;
use crate::pending::{SEMANTICS, Unacceptable};
use crate::snapshot::Snapshot;
use crate::store::{StoreError, Table};

/// What runs the programs.
#[derive(Clone, Debug)]
pub enum How {
    /// The virtual machine, as for the chain itself.
    Vm,
    /// The evaluator, by the source texts of the modules. It counts no gas: the gas used is taken from the receipts, and transactions
    /// that ran out of it are not executed. Programs that ask for their gas see none.
    Evaluator(Vec<String>),
}

/// What a replay without a difference was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Receipts that were made again.
    pub receipts: u64,
    /// Those of them that ran out of gas and were taken as they are, because nothing counted gas.
    pub taken: u64,
}

/// Why a replay ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// A receipt came out different.
    #[error("receipt {number} differs in {field}: recorded {recorded}, found {found}")]
    Differs {
        /// Its number.
        number: u64,
        /// The first field that differs.
        field: &'static str,
        /// What the chain says.
        recorded: String,
        /// What came out.
        found: String,
    },
    /// The receipt names a meaning or prices that this engine does not have.
    #[error(
        "receipt {number} has semantics {semantics} and schedule {schedule}, this engine has {SEMANTICS} and {SCHEDULE}"
    )]
    Version {
        /// Its number.
        number: u64,
        /// The number of the semantics.
        semantics: u16,
        /// The number of the schedule.
        schedule: u16,
    },
    /// The transaction is not acceptable after those before it.
    #[error("transaction {number} is refused: {why}")]
    Refused {
        /// Its number.
        number: u64,
        /// Why.
        why: Unacceptable,
    },
    /// There is no source text for a module.
    #[error("no source text was given for module {}", to_hex(.0))]
    NoSource(Hash),
    /// A module does not compile or load.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Executes the first `count` transactions of a chain again and compares each receipt. `progress` is told how many are done.
///
/// # Errors
/// The first difference; [`ReplayError`].
pub fn replay(
    of: &Snapshot,
    engine: Engine,
    how: &How,
    count: u64,
    progress: &mut dyn FnMut(u64),
) -> Result<Replayed, ReplayError> {
    let store = Arc::new(MemoryStore::new(of.chain()));
    let walk = matches!(how, How::Evaluator(_));
    let mut archive = Archive::open(store.clone())?;
    let mut executor = Executor::new(engine.clone(), walk, store)?;
    publish(of, &mut archive)?;
    if let How::Evaluator(sources) = how {
        know(of, &engine, &mut executor, sources)?;
    }
    let mut replayed = Replayed::default();
    let count = count.min(of.head().receipts);
    while replayed.receipts < count {
        let first = stored(of, replayed.receipts)?;
        let facts = BlockFacts {
            height: first.receipt.height,
            time: first.receipt.time,
            hash: first.receipt.block_hash,
        };
        let mut block = vec![first];
        for number in replayed.receipts + 1..count {
            let next = stored(of, number)?;
            // The number in the block begins again with each block.
            if next.receipt.number as usize != block.len() || next.receipt.height != facts.height {
                break;
            }
            block.push(next);
        }
        let pending = archive.begin(facts).map_err(|e| match e {
            ArchiveError::Store(e) => ReplayError::Store(e),
            ArchiveError::Earlier => differs(replayed.receipts, "time", "a later one", "an earlier one"),
        })?;
        let mut pending = pending.with_gas_limit(u64::MAX);
        let mut results = Vec::new();
        let mut queue: Vec<Transaction> = Vec::new();
        for (recorded, number) in block.iter().zip(replayed.receipts..) {
            check_version(number, recorded)?;
            let transaction = transaction(of, number)?;
            if walk && recorded.receipt.status == Status::OutOfGas {
                let (after, done) = executor.execute(pending, std::mem::take(&mut queue))?;
                pending = after;
                results.extend(done);
                results.push(pending.take_failed(&transaction, recorded));
                replayed.taken += 1;
            } else {
                queue.push(transaction);
            }
        }
        let (pending, done) = executor.execute(pending, queue)?;
        results.extend(done);
        for (recorded, found) in block.iter().zip(results) {
            let number = replayed.receipts;
            let found = found.map_err(|why| ReplayError::Refused { number, why })?;
            compare(number, recorded, found, walk)?;
            replayed.receipts += 1;
        }
        archive.commit(pending)?;
        progress(replayed.receipts);
    }
    if count == of.head().receipts && archive.head().state_root != of.head().state_root {
        let (recorded, found) = (to_hex(&of.head().state_root), to_hex(&archive.head().state_root));
        return Err(differs(count, "the state root at the end", &recorded, &found));
    }
    Ok(replayed)
}

fn publish(of: &Snapshot, archive: &mut Archive) -> Result<(), ReplayError> {
    let mut block =
        archive.begin(BlockFacts { time: i64::MIN, ..BlockFacts::default() }).map_err(|e| match e {
            ArchiveError::Store(e) => e,
            ArchiveError::Earlier => StoreError::Failed,
        })?;
    let mut modules = Vec::new();
    of.scan(Table::Code, &mut |code, module| {
        modules.push((code.to_vec(), module.to_vec()));
        true
    })?;
    for (key, module) in modules {
        let damaged = |why: Unacceptable| StoreError::damaged(Table::Code, &key, why.to_string());
        let code = key.as_slice().try_into().unwrap_or_default();
        block.publish(code, &module).map_err(damaged)?;
    }
    Ok(archive.commit(block)?)
}

/// Makes the programs of all modules known by their source texts.
fn know(
    of: &Snapshot,
    engine: &Engine,
    executor: &mut Executor,
    sources: &[String],
) -> Result<(), ReplayError> {
    let invalid = |e: zexus::Error| CodeError::Invalid(e.to_string());
    let mut texts = HashMap::new();
    for text in sources {
        let program = engine.compile(text).map_err(invalid)?;
        let module = program.main_module().map_err(invalid)?;
        texts.insert(module.content_hash(), text);
    }
    let mut codes = Vec::new();
    of.scan(Table::Code, &mut |code, _| {
        codes.extend(<Hash>::try_from(code));
        true
    })?;
    for code in codes {
        let text = texts.get(&code).ok_or(ReplayError::NoSource(code))?;
        executor.know(code, engine.compile_named(&loaded::name_of(&code), text).map_err(invalid)?);
    }
    Ok(())
}

fn stored(of: &Snapshot, number: u64) -> Result<StoredReceipt, StoreError> {
    let missing = || StoreError::damaged(Table::Receipts, &number.to_be_bytes(), "it is missing");
    of.receipt(number)?.ok_or_else(missing)
}

fn transaction(of: &Snapshot, number: u64) -> Result<Transaction, StoreError> {
    let damaged = |why: &str| StoreError::damaged(Table::Transactions, &number.to_be_bytes(), why);
    let bytes = of.transaction(number)?.ok_or_else(|| damaged("it is missing"))?;
    Transaction::decode(&bytes).map_err(|why| damaged(why.0))
}

fn check_version(number: u64, recorded: &StoredReceipt) -> Result<(), ReplayError> {
    let (semantics, schedule) = (recorded.receipt.semantics, recorded.receipt.schedule);
    if (semantics, schedule) == (SEMANTICS, SCHEDULE) {
        Ok(())
    } else {
        Err(ReplayError::Version { number, semantics, schedule })
    }
}

fn differs(number: u64, field: &'static str, recorded: &str, found: &str) -> ReplayError {
    ReplayError::Differs { number, field, recorded: recorded.to_owned(), found: found.to_owned() }
}

macro_rules! fields {
    ($number:expr, $recorded:expr, $found:expr; $($field:ident $name:literal $show:expr;)*) => {
        $( if $recorded.$field != $found.$field {
            let show = $show;
            return Err(differs($number, $name, &show(&$recorded.$field), &show(&$found.$field)));
        } )*
    };
}

fn compare(
    number: u64,
    recorded: &StoredReceipt,
    mut found: StoredReceipt,
    walk: bool,
) -> Result<(), ReplayError> {
    if walk {
        found.receipt.gas_used = recorded.receipt.gas_used;
    }
    if *recorded == found {
        return Ok(());
    }
    let hashes = |pair: &[Hash; 2]| pair.iter().map(|hash| to_hex(hash)).collect::<Vec<_>>().join(" -> ");
    let (a, b) = (&recorded.receipt, &found.receipt);
    let end = |r: &StoredReceipt| format!("{:?} {} {}", r.receipt.status, r.receipt.error, r.message);
    if a.status != b.status || a.error != b.error {
        return Err(differs(number, "its end", end(recorded).trim_end(), end(&found).trim_end()));
    }
    fields! { number, a, b;
        id "the id" |id: &Hash| to_hex(id);
        result "the result" |bytes: &Vec<u8>| to_hex(bytes);
        gas_used "the gas used" |gas: &u64| gas.to_string();
        state "the state roots" hashes;
        ledger "the ledger heads" hashes;
        code "the code" |code: &Hash| to_hex(code);
        first_entry "the first entry" |n: &u64| n.to_string();
        entries "the number of entries" |n: &u32| n.to_string();
        events "the events" |events: &Vec<zexus_verify::Event>| format!("{events:?}");
    }
    fields! { number, recorded, found;
        message "the message" |text: &String| text.clone();
        output "the output" |text: &String| text.clone();
    }
    Err(differs(number, "block or limits", "other ones", "other ones"))
}
