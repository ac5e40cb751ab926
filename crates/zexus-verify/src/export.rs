//! Exports: a whole chain in one file (chain.md 10.6).

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::bytes::{Malformed, Reader};
use crate::checkpoint::Checkpoint;
use crate::hash::{Hash, ZERO, sha256};
use crate::ledger::LedgerCheck;
use crate::log::Log;
use crate::receipt::StoredReceipt;
use crate::state::{Place, root};
use crate::transaction::{Action, Transaction, transaction_id};
use crate::{module, place};

/// Tag and version at the start of an export.
pub const EXPORT_TAG: &[u8] = b"ZXEX\x01";

/// A part of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Part {
    File,
    Place,
    Entry,
    Transaction,
    Receipt,
    Module,
    Checkpoint,
}

/// The first thing that is wrong with an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub part: Part,
    /// Its number there, from 0.
    pub number: u64,
    /// What.
    pub why: Malformed,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fault { part, number, why } = self;
        match part {
            Part::File => write!(f, "export: {why}"),
            Part::Place => write!(f, "place {number}: {why}"),
            Part::Entry => write!(f, "ledger entry {number}: {why}"),
            Part::Transaction => write!(f, "transaction {number}: {why}"),
            Part::Receipt => write!(f, "receipt {number}: {why}"),
            Part::Module => write!(f, "module {number}: {why}"),
            Part::Checkpoint => write!(f, "checkpoint: {why}"),
        }
    }
}

impl core::error::Error for Fault {}

/// An export that was verified: its parts, borrowed from the file, and what they come to.
#[derive(Clone, Debug)]
pub struct Export<'a> {
    /// Name of the chain.
    pub chain: &'a str,
    /// Its height.
    pub height: u64,
    /// Key and record of each place, by rising key.
    pub places: Vec<(&'a [u8], &'a [u8])>,
    /// The bytes of the ledger's entries.
    pub entries: Vec<&'a [u8]>,
    /// The bytes of each transaction and the record of its receipt.
    pub receipts: Vec<(&'a [u8], &'a [u8])>,
    /// Content hash and file of each module, by rising hash.
    pub modules: Vec<(Hash, &'a [u8])>,
    /// The state root.
    pub state_root: Hash,
    /// The ledger.
    pub ledger: Log,
    /// The log of receipts.
    pub receipt_log: Log,
}

impl Export<'_> {
    /// The checkpoint that binds all of this.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            chain: String::from(self.chain),
            height: self.height,
            entries: self.ledger.len(),
            ledger_root: self.ledger.root(),
            receipts: self.receipt_log.len(),
            receipt_root: self.receipt_log.root(),
            state_root: self.state_root,
        }
    }

    /// Whether an earlier checkpoint of the same chain holds: its ledger and receipts are the beginning of these.
    ///
    /// # Errors
    /// What differs.
    pub fn verify_checkpoint(&self, earlier: &Checkpoint) -> Result<(), Fault> {
        let wrong = |why| Err(Fault { part: Part::Checkpoint, number: 0, why: Malformed(why) });
        if earlier.chain != self.chain {
            return wrong("it is of another chain");
        }
        if earlier.height > self.height {
            return wrong("it is of a later height");
        }
        let root_of = |count: u64, bytes: &mut dyn Iterator<Item = Vec<u8>>| {
            let mut log = Log::new();
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            bytes.take(count).for_each(|entry| log.push(&entry));
            (log.len(), log.root())
        };
        let entries = root_of(earlier.entries, &mut self.entries.iter().map(|e| e.to_vec()));
        if entries != (earlier.entries, earlier.ledger_root) {
            return wrong("the ledger does not begin as it says");
        }
        let hashed =
            |record: &&[u8]| StoredReceipt::decode(record).map(|s| s.receipt.encode()).unwrap_or_default();
        let receipts = root_of(earlier.receipts, &mut self.receipts.iter().map(|(_, record)| hashed(record)));
        if receipts != (earlier.receipts, earlier.receipt_root) {
            return wrong("the receipts do not begin as it says");
        }
        let now = (self.ledger.len(), self.receipt_log.len(), self.height);
        if now == (earlier.entries, earlier.receipts, earlier.height) && self.state_root != earlier.state_root
        {
            return wrong("the state is another one");
        }
        Ok(())
    }
}

/// Verifies an export: its hash, every encoding and order, the ledger (chain.md 7.4), that receipts fit their transactions, the
/// ledger, the state and each other. What a transaction did to the state is seen only by executing it again.
///
/// # Errors
/// The first fault.
pub fn verify_export(file: &[u8]) -> Result<Export<'_>, Fault> {
    let at = |part, number: usize| move |why| Fault { part, number: number as u64, why };
    let in_file = at(Part::File, 0);
    let (body, sum) = file.split_last_chunk::<32>().ok_or(in_file(Malformed("it is cut off")))?;
    if sha256(&[body]) != *sum {
        return Err(in_file(Malformed("its hash is wrong")));
    }
    let mut r = Reader::new(body);
    r.expect(EXPORT_TAG).map_err(in_file)?;
    let (chain, height) = (r.text().map_err(in_file)?, r.u64().map_err(in_file)?);

    let mut places: Vec<(&[u8], &[u8])> = Vec::new();
    for number in 0..r.count().map_err(in_file)? {
        let at = at(Part::Place, number);
        let (key, record) = (r.seg().map_err(at)?, r.seg().map_err(at)?);
        if places.last().is_some_and(|(last, _)| *last >= key) {
            return Err(at(Malformed("keys do not rise")));
        }
        place::check(key, record).map_err(at)?;
        places.push((key, record));
    }
    let mut hashed: Vec<Place> = places.iter().map(|(key, record)| Place::new(key, record)).collect();
    hashed.sort_unstable();
    let state_root = root(&hashed).ok_or(in_file(Malformed("two keys have one hash")))?;

    let mut entries = Vec::new();
    for number in 0..r.count().map_err(in_file)? {
        entries.push(r.seg().map_err(at(Part::Entry, number))?);
    }
    let mut check = Receipts { chain, entries: &entries, ..Receipts::default() };
    let mut receipts = Vec::new();
    for number in 0..r.count().map_err(in_file)? {
        let transaction = r.seg().map_err(at(Part::Transaction, number))?;
        let receipt = r.seg().map_err(at(Part::Receipt, number))?;
        check.push(transaction, receipt)?;
        receipts.push((transaction, receipt));
    }
    check.finish(height, &state_root)?;

    let mut modules: Vec<(Hash, &[u8])> = Vec::new();
    for number in 0..r.count().map_err(in_file)? {
        let at = at(Part::Module, number);
        let file = r.seg().map_err(at)?;
        let hash = module::content_hash(file).map_err(at)?;
        if modules.last().is_some_and(|(last, _)| *last >= hash) {
            return Err(at(Malformed("content hashes do not rise")));
        }
        modules.push((hash, file));
    }
    r.end().map_err(in_file)?;
    let known: BTreeSet<Hash> = modules.iter().map(|(hash, _)| *hash).collect();
    // A call of an address where nothing is runs no code, and its receipt says zeros.
    let missing = |code: &Hash| *code != ZERO && !known.contains(code);
    if let Some(number) = check.codes.iter().position(missing) {
        return Err(at(Part::Receipt, number)(Malformed("its code is not there")));
    }
    let (ledger, receipt_log) = (check.ledger.log().clone(), check.log);
    Ok(Export { chain, height, places, entries, receipts, modules, state_root, ledger, receipt_log })
}

/// Receipts as they follow each other, and the entries of the ledger that belong to them.
#[derive(Default)]
struct Receipts<'a> {
    chain: &'a str,
    entries: &'a [&'a [u8]],
    ledger: LedgerCheck,
    log: Log,
    state: Hash,
    height: u64,
    time: Option<i64>,
    nonces: BTreeMap<String, u64>,
    ids: BTreeSet<Hash>,
    codes: Vec<Hash>,
}

impl Receipts<'_> {
    fn push(&mut self, transaction: &[u8], record: &[u8]) -> Result<(), Fault> {
        let number = self.log.len();
        let in_transaction = |why| Fault { part: Part::Transaction, number, why };
        let in_receipt = |why| Fault { part: Part::Receipt, number, why };
        let refuse = |why| Err(in_receipt(Malformed(why)));
        let id = transaction_id(transaction);
        let sent = Transaction::decode(transaction).map_err(in_transaction)?;
        if sent.chain != self.chain {
            return Err(in_transaction(Malformed("it is of another chain")));
        }
        let nonce = self.nonces.entry(sent.caller).or_default();
        if sent.nonce != *nonce {
            return Err(in_transaction(Malformed("its nonce is not the next of its caller")));
        }
        *nonce += 1;
        let receipt = StoredReceipt::decode(record).map_err(in_receipt)?.receipt;
        if receipt.id != id || !self.ids.insert(id) {
            return refuse("it is of another transaction");
        }
        if receipt.gas_limit != sent.gas_limit || receipt.gas_used > receipt.gas_limit {
            return refuse("its gas is not that of the transaction");
        }
        match sent.action {
            Action::Run(code) | Action::Make { code, .. } if code != receipt.code => {
                return refuse("its code is not that of the transaction");
            }
            _ => {}
        }
        if receipt.height < self.height || self.time.is_some_and(|last| receipt.time < last) {
            return refuse("height or time falls");
        }
        let [state, state_after] = receipt.state;
        if state != self.state {
            return refuse("its state root before is not that after the last one");
        }
        let [head, head_after] = receipt.ledger;
        if (receipt.first_entry, head) != (self.ledger.log().len(), self.ledger.log().head) {
            return refuse("its ledger head before is not that after the last one");
        }
        for _ in 0..receipt.entries {
            let entry = self.next_entry()?;
            let Some((entry_id, height, time)) = entry else { return refuse("its entries are not there") };
            if (entry_id, height, time) != (id, receipt.height, receipt.time) {
                return refuse("one of its entries is of another transaction");
            }
        }
        if head_after != self.ledger.log().head {
            return refuse("its ledger head after is another one");
        }
        (self.state, self.height, self.time) = (state_after, receipt.height, Some(receipt.time));
        self.codes.push(receipt.code);
        self.log.push(&receipt.encode());
        Ok(())
    }

    /// Reads the next entry of the ledger, if there is one.
    fn next_entry(&mut self) -> Result<Option<(Hash, u64, i64)>, Fault> {
        let number = self.ledger.log().len();
        let next = usize::try_from(number).ok().and_then(|at| self.entries.get(at));
        let Some(bytes) = next else { return Ok(None) };
        let entry = self.ledger.push(bytes).map_err(|why| Fault { part: Part::Entry, number, why })?;
        Ok(Some((entry.id, entry.height, entry.time)))
    }

    /// What is left: a store without receipts is that of a program, whose entries and state stand for themselves.
    fn finish(&mut self, height: u64, state_root: &Hash) -> Result<(), Fault> {
        let program = self.log.is_empty();
        loop {
            let number = self.ledger.log().len();
            match self.next_entry()? {
                None => break,
                Some((id, of, _)) if program && id == ZERO => self.height = of,
                Some(_) => {
                    let why = Malformed("it is in the range of no receipt");
                    return Err(Fault { part: Part::Entry, number, why });
                }
            }
        }
        let in_file = |why| Err(Fault { part: Part::File, number: 0, why: Malformed(why) });
        if !program && self.state != *state_root {
            return in_file("the state root is not that after the last receipt");
        }
        if self.height > height || (!program && self.height != height) {
            return in_file("the height is not that of the last receipt");
        }
        Ok(())
    }
}
