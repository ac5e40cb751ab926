//! The executor: transactions on the engine, against a state in memory.
//!
//! 1. It is pure: state, block facts and transactions give effects, and nothing else does. A bad transaction is a receipt, never an error.
//! 2. The whole state is held in memory beside its tree; the store makes it durable. Transactions of one module that follow each other
//!    are run in one visit of its instance.
//! 3. While a transaction runs, the journal is that of its machine; between transactions it is here.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use zexus::host::Captured;
use zexus::{Engine, Program};
use zexus_runtime::heap::Heap;
use zexus_runtime::host::Block;
use zexus_runtime::interp::Interp;
use zexus_runtime::journal::{self, Journal};
use zexus_runtime::ledger::encoding_or_null;
use zexus_runtime::state::place;
use zexus_runtime::{Machine, Trap, Value, calls, contracts, encode};
use zexus_verify::{Action, Entry, EntryKind, Event, Hash, Status, StoredReceipt, Transaction, value::kind};

use crate::loaded::{self, CodeError, Loaded, describe};
use crate::pending::{Accepted, Effects, NewEntry, Outcome, Pending, Unacceptable, decode_u64, price};
use crate::store::{Store, StoreError, Table};

/// Number of the gas schedule.
pub const SCHEDULE: u16 = 1;

/// What came of a transaction, or why it was not executed.
pub type Executed = Result<StoredReceipt, Unacceptable>;

/// Entries of the block that is being made.
#[derive(Default)]
struct NewEntries {
    first: u64,
    entries: Vec<journal::Entry>,
}

type Recent = Arc<Mutex<NewEntries>>;

pub(crate) struct Executor {
    engine: Engine,
    walk: bool,
    journal: Journal,
    programs: HashMap<Hash, Program>,
    loaded: HashMap<Hash, Loaded>,
    /// Entries of the block that is being made, for `history`.
    recent: Recent,
}

/// Entries of the ledger from before a transaction.
struct Earlier {
    store: Arc<dyn Store>,
    recent: Recent,
}

impl journal::Store for Earlier {
    fn commit(&mut self, _: journal::Writes, _: &[journal::Entry]) -> Result<(), String> {
        Err("a transaction of a chain is committed by its executor".to_owned())
    }

    fn entry(&self, index: u64) -> Option<journal::Entry> {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        match index.checked_sub(recent.first) {
            Some(at) => recent.entries.get(usize::try_from(at).ok()?).cloned(),
            None => stored_entry(&*self.store, index),
        }
    }
}

/// An entry of the ledger in a store, as the runtime holds it.
pub(crate) fn stored_entry(store: &dyn Store, index: u64) -> Option<journal::Entry> {
    let bytes = store.snapshot().ok()?.get(Table::Ledger, &index.to_be_bytes()).ok()??;
    let entry = Entry::decode(&bytes).ok()?;
    Some(journal::Entry {
        origin: entry.origin,
        kind: match entry.kind {
            EntryKind::Entry => journal::EntryKind::Entry,
            EntryKind::Audit => journal::EntryKind::Audit,
            EntryKind::Version => journal::EntryKind::Version,
        },
        payload: entry.payload.into(),
        height: entry.height,
        time: entry.time,
        id: entry.id,
    })
}

/// An entry as the runtime holds it, before it has a place in the ledger.
pub(crate) fn to_entry(entry: &journal::Entry) -> NewEntry {
    NewEntry {
        origin: entry.origin,
        kind: match entry.kind {
            journal::EntryKind::Entry => EntryKind::Entry,
            journal::EntryKind::Audit => EntryKind::Audit,
            journal::EntryKind::Version => EntryKind::Version,
        },
        payload: entry.payload.to_vec(),
    }
}

/// A block under way, as it goes into an instance and comes back.
struct Work {
    journal: Journal,
    pending: Pending,
    queue: VecDeque<Transaction>,
    done: Vec<Executed>,
}

/// What a transaction needs of the instance that runs it.
struct Target {
    code: Hash,
    /// Whether the instance must be one in which nothing has run.
    fresh: bool,
}

impl Executor {
    /// An executor on this state. `walk` runs programs on tier 0, unmetered, and needs [`Executor::know`].
    pub fn new(engine: Engine, walk: bool, store: Arc<dyn Store>) -> Result<Executor, StoreError> {
        let view = store.snapshot()?;
        let mut records = Vec::new();
        view.scan(Table::State, &[], &mut |key, record| {
            records.push((key.into(), record.into()));
            true
        })?;
        let mut journal = Journal::over(records, 0);
        let recent = Recent::default();
        journal.put_beneath(Box::new(Earlier { store, recent: recent.clone() }));
        Ok(Executor {
            engine: loaded::engine(engine, walk),
            walk,
            journal,
            programs: HashMap::new(),
            loaded: HashMap::new(),
            recent,
        })
    }

    /// Makes the program of a module known, which need not be looked up then.
    pub fn know(&mut self, code: Hash, program: Program) {
        self.programs.insert(code, program);
    }

    /// Checks that a module can be loaded, before it is published.
    pub fn check(&mut self, code: &Hash, module: &[u8]) -> Result<(), CodeError> {
        let program = loaded::program(&self.engine, code, module)?;
        loaded::load(&self.engine, code, &program).map(drop)
    }

    /// The record of an instance: content hash of its module, name of its contract.
    pub fn contract_at(&self, address: &[u8; 20]) -> Option<(Hash, String)> {
        contract_at(&self.journal, address)
    }

    /// Executes transactions one after the other, and records what comes of them in the block.
    ///
    /// # Errors
    /// [`StoreError::Failed`] if the machine broke down.
    pub fn execute(
        &mut self,
        pending: Pending,
        transactions: Vec<Transaction>,
    ) -> Result<(Pending, Vec<Executed>), StoreError> {
        let mut journal = std::mem::take(&mut self.journal);
        journal.set_first_entry(pending.entries());
        if pending.is_new() {
            let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            *recent = NewEntries { first: pending.entries(), entries: Vec::new() };
        }
        let done = Vec::with_capacity(transactions.len());
        let mut work = Work { journal, pending, queue: transactions.into(), done };
        while let Some(transaction) = work.queue.pop_front() {
            match work.pending.accept(&transaction) {
                Ok(accepted) => work = self.run(work, accepted).ok_or(StoreError::Failed)?,
                Err(why) => work.done.push(Err(why)),
            }
        }
        self.journal = work.journal;
        Ok((work.pending, work.done))
    }

    /// Executes transactions and leaves no trace of them.
    ///
    /// # Errors
    /// As [`Executor::execute`].
    pub fn simulate(
        &mut self,
        pending: Pending,
        transactions: Vec<Transaction>,
    ) -> Result<Vec<Executed>, StoreError> {
        let mut heap = Heap::new(u64::MAX, true);
        let serial = self.journal.begin(&mut heap).map_err(|_| StoreError::Failed)?;
        let done = self.execute(pending, transactions)?.1;
        self.journal.undo_run(&mut heap, serial);
        Ok(done)
    }

    /// Runs a transaction, and those after it that the same instance can run.
    fn run(&mut self, mut work: Work, first: Accepted) -> Option<Work> {
        let target = match target(&work.journal, &first.transaction) {
            Ok(target) => target,
            Err(error) => {
                work.refuse(first, None, error);
                return Some(work);
            }
        };
        let code = target.code;
        let mut loaded = match self.instance(&work.pending, &target) {
            Ok(loaded) => loaded,
            Err(CodeError::Fails { code, message }) => {
                let number = code.trim_start_matches('E').parse().unwrap_or(515);
                work.refuse(first, Some(target.code), (number, message));
                return Some(work);
            }
            Err(why) => {
                work.refuse(first, Some(target.code), (515, why.to_string()));
                return Some(work);
            }
        };
        let visit =
            Visit { target, walk: self.walk, recent: self.recent.clone(), output: loaded.output.clone() };
        let base = loaded.base.take();
        let warm = base.is_some();
        let before = std::mem::take(&mut loaded.instance.machine_mut().journal);
        // The work stays outside, for the case that there is no memory to begin.
        let work = Rc::new(RefCell::new(Some((work, first))));
        let inside = work.clone();
        let visited = loaded.instance.visit(move |interp| {
            let (mut work, first) = inside.take()?;
            let clean = visit.run(interp, &mut work, first, warm);
            Some((work, clean))
        });
        let (work, clean) = match (visited, work.take()) {
            (Ok(Some(done)), _) => done,
            (_, Some((mut work, _))) => {
                work.done.push(Err(Unacceptable::Host("there is no memory to run it".to_owned())));
                return Some(work);
            }
            // Whoever takes the work out gives it back.
            (_, None) => return None,
        };
        let m = loaded.instance.machine_mut();
        m.journal = before;
        if let Some(base) = base
            && m.rewind(&base)
            && clean
        {
            loaded.base = Some(base);
            self.loaded.insert(code, loaded);
        }
        Some(work)
    }

    fn instance(&mut self, pending: &Pending, target: &Target) -> Result<Loaded, CodeError> {
        if !target.fresh
            && let Some(loaded) = self.loaded.remove(&target.code)
        {
            return Ok(loaded);
        }
        let program = match self.programs.get(&target.code) {
            Some(program) => program.clone(),
            None => {
                let module = pending.module(&target.code).ok().flatten();
                let module = module.ok_or(CodeError::Unknown(target.code))?;
                let program = loaded::program(&self.engine, &target.code, &module)?;
                self.programs.insert(target.code, program.clone());
                program
            }
        };
        if target.fresh {
            Ok(loaded::fresh(&self.engine, &target.code, &program))
        } else {
            loaded::load(&self.engine, &target.code, &program)
        }
    }
}

fn contract_at(journal: &Journal, address: &[u8; 20]) -> Option<(Hash, String)> {
    let record = journal.read(&place::instance(address))?;
    let (code, name) = contracts::read_record(record).ok()?;
    Some((code, name.to_owned()))
}

/// The module that a transaction needs, or why there is none.
fn target(journal: &Journal, transaction: &Transaction) -> Result<Target, (u16, String)> {
    match &transaction.action {
        Action::Run(code) => Ok(Target { code: *code, fresh: true }),
        Action::Make { code, .. } => Ok(Target { code: *code, fresh: false }),
        Action::Call { target, .. } => match contract_at(journal, target) {
            Some((code, _)) => Ok(Target { code, fresh: false }),
            None => Err((515, format!("no contract instance at {}", contracts::address_text(target)))),
        },
    }
}

impl Work {
    /// A receipt for a transaction that no instance runs.
    fn refuse(&mut self, accepted: Accepted, code: Option<Hash>, error: (u16, String)) {
        let gas = price(accepted.bytes.len());
        let outcome = failed(gas, code.unwrap_or_default(), Status::Error, error);
        self.done.push(self.pending.record_outcome(accepted, outcome));
    }
}

fn failed(gas_used: u64, code: Hash, status: Status, (error, message): (u16, String)) -> Outcome {
    Outcome {
        status,
        error: format!("E{error:04}"),
        message,
        result: vec![kind::NULL],
        gas_used,
        schedule: SCHEDULE,
        code,
        events: Vec::new(),
        output: String::new(),
        effects: Effects::default(),
    }
}

/// What runs transactions inside of an instance.
struct Visit {
    target: Target,
    walk: bool,
    recent: Recent,
    output: Captured,
}

impl Visit {
    /// Runs a transaction and those after it that this instance can run; whether the instance is as it was.
    fn run(&self, interp: &mut dyn Interp, work: &mut Work, first: Accepted, warm: bool) -> bool {
        let base = if warm { interp.machine().base() } else { None };
        let mut next = Some(first);
        while let Some(accepted) = next.take() {
            std::mem::swap(&mut interp.machine().journal, &mut work.journal);
            let outcome = self.outcome(interp, &work.pending, &accepted);
            let m = interp.machine();
            std::mem::swap(&mut m.journal, &mut work.journal);
            let clean = match (&base, &outcome) {
                (Some(base), Ok((_, fatal))) => m.rewind(base) && !fatal,
                _ => false,
            };
            match outcome {
                Ok((outcome, _)) => work.done.push(work.pending.record_outcome(accepted, outcome)),
                Err(why) => work.done.push(Err(why)),
            }
            if !clean {
                return false;
            }
            next = self.next(work);
        }
        true
    }

    /// The next transaction, if it is for this instance; those that are not acceptable are passed.
    fn next(&self, work: &mut Work) -> Option<Accepted> {
        while let Some(transaction) = work.queue.front() {
            match target(&work.journal, transaction) {
                Ok(target) if target.code == self.target.code && !target.fresh => {}
                _ => return None,
            }
            let accepted = work.pending.accept(transaction);
            work.queue.pop_front();
            match accepted {
                Ok(accepted) => return Some(accepted),
                Err(why) => work.done.push(Err(why)),
            }
        }
        None
    }

    /// What comes of a transaction, and whether it ended in a way after which the instance cannot go on.
    fn outcome(
        &self,
        interp: &mut dyn Interp,
        pending: &Pending,
        accepted: &Accepted,
    ) -> Result<(Outcome, bool), Unacceptable> {
        let transaction = &accepted.transaction;
        let value = decode_u64(&transaction.value)
            .ok_or_else(|| Unacceptable::Host("the value is above 2^64-1".to_owned()))?;
        let facts = pending.facts();
        let block = Block {
            time: facts.time,
            height: facts.height,
            hash: facts.hash,
            caller: transaction.caller.as_str().into(),
            value,
            id: accepted.id,
        };
        interp.begin_run();
        let m = interp.machine();
        m.begin_run(block, (!self.walk).then_some(transaction.gas_limit));
        let begun = m.journal.begin(&mut m.heap);
        let serial = begun.map_err(|trap| Unacceptable::Host(m.fatal_message(trap).to_string()))?;
        let result = m
            .charge(price(accepted.bytes.len()))
            .and_then(|()| self.act(interp, transaction))
            .map(|v| encoding_or_null(interp.machine(), v));
        let m = interp.machine();
        let error = result.as_ref().err().map(|trap| match trap {
            Trap::Exit => (*trap, (423, format!("exit_program({})", m.exit_code))),
            trap => (*trap, describe(m, *trap)),
        });
        let gas_used = m.meter.used();
        let output = self.output.take_output();
        let code = self.target.code;
        let Some((trap, (number, message))) = error else {
            let (effects, events) = self.committed(m, serial);
            let outcome = Outcome {
                status: Status::Ok,
                error: String::new(),
                message: String::new(),
                result: result.unwrap_or_else(|_| vec![kind::NULL]),
                gas_used,
                schedule: SCHEDULE,
                code,
                events,
                output,
                effects,
            };
            return Ok((outcome, false));
        };
        m.journal.undo_run(&mut m.heap, serial);
        let status = match trap {
            Trap::Raised if number == 503 => Status::Reverted,
            Trap::Raised => Status::Error,
            Trap::OutOfGas => Status::OutOfGas,
            Trap::Exit => Status::Error,
            Trap::Interrupted | Trap::Cancelled | Trap::HostFailed => {
                return Err(Unacceptable::Host(message));
            }
            Trap::StackOverflow | Trap::MemoryLimit | Trap::OutputLimit => Status::Fatal,
        };
        let outcome = failed(gas_used, code, status, (number, message));
        Ok((Outcome { output, ..outcome }, trap != Trap::Raised))
    }

    /// Does what the transaction says.
    fn act(&self, interp: &mut dyn Interp, transaction: &Transaction) -> Result<Value, Trap> {
        let m = interp.machine();
        let args = encode::decode(m, &transaction.args)?;
        let args = args.as_list().map(|list| m.heap.list(list).items.clone()).unwrap_or_default();
        match &transaction.action {
            Action::Run(_) => {
                m.args = args.iter().filter_map(|v| m.text(*v).cloned()).collect();
                match interp.run_main() {
                    Err(Trap::Exit) if interp.machine().exit_code == 0 => Ok(Value::NULL),
                    result => result,
                }
            }
            Action::Make { code, contract } => match m.declared.contract(code, contract) {
                Some(contract) => calls::instantiate(interp, contract, &args, &[]),
                None => Err(m.error(515, format!("the module declares no contract '{contract}'"))),
            },
            Action::Call { target, action } => {
                let instance = m.contract_instance(*target);
                calls::call_action(interp, instance, action, &args, &[])
            }
        }
    }

    fn committed(&self, m: &mut Machine, serial: u64) -> (Effects, Vec<Event>) {
        let done = m.journal.take_committed(&mut m.heap, serial);
        let mut effects = Effects::default();
        for (key, record) in done.writes {
            if place::is_kept(&key) {
                effects.writes.push((key.to_vec(), record.map(|record| record.to_vec())));
            } else {
                m.journal.forget(&key);
            }
        }
        effects.entries.extend(done.entries.iter().map(to_entry));
        if !done.entries.is_empty() {
            self.recent.lock().unwrap_or_else(PoisonError::into_inner).entries.extend(done.entries);
        }
        let event = |event: journal::Event| Event {
            origin: event.origin,
            name: event.name.to_string(),
            args: event.args.to_vec(),
        };
        (effects, done.events.into_iter().map(event).collect())
    }
}
