//! Chains: what hosts use.

use std::sync::Arc;

use zexus::{Data, Engine};
use zexus_bytecode::Module;
use zexus_verify::{Action, Hash, Status, StoredReceipt, Transaction};

use crate::archive::{Archive, ArchiveError, BlockFacts};
use crate::data::{EncodeError, decode, encode_args};
use crate::executor::{Executed, Executor};
use crate::loaded::CodeError;
use crate::memory::MemoryStore;
use crate::pending::{GAS_LIMIT, Pending, Unacceptable, encode_u64};
use crate::snapshot::Snapshot;
use crate::store::{Head, Store, StoreError};

/// Why a chain did not do what it should. Nothing was changed or recorded then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// The store failed or refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Height or time of the block lie before those of the last one.
    #[error("height or time of the block lies before that of the last one")]
    Earlier,
    /// A transaction that is not acceptable.
    #[error(transparent)]
    Unacceptable(#[from] Unacceptable),
    /// A module that is not taken.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// An argument that cannot be sent.
    #[error(transparent)]
    Argument(#[from] EncodeError),
    /// A query whose call ended with an error.
    #[error("{code}: {message}")]
    Failed {
        /// `E0501` and the like.
        code: String,
        /// Its message.
        message: String,
    },
}

impl From<ArchiveError> for ChainError {
    fn from(error: ArchiveError) -> ChainError {
        match error {
            ArchiveError::Store(e) => ChainError::Store(e),
            ArchiveError::Earlier => ChainError::Earlier,
        }
    }
}

/// Who sends a transaction, with what, and in which block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// A name, or an address: `0x` and 40 hex digits. The host vouches for it.
    pub caller: String,
    /// The value sent along.
    pub value: u64,
    /// Gas that may be used.
    pub gas_limit: u64,
    /// The block.
    pub facts: BlockFacts,
}

impl Sender {
    /// Sends without value, and with as much gas as a chain allows.
    pub fn new(caller: &str, facts: BlockFacts) -> Sender {
        Sender { caller: caller.to_owned(), value: 0, gas_limit: GAS_LIMIT, facts }
    }
}

/// A chain that executes transactions (chain.md 8) on a store.
///
/// ```
/// use std::sync::Arc;
/// use zexus::{Data, Engine};
/// use zexus_chain::{BlockFacts, Chain, Sender};
///
/// let engine = Engine::new();
/// let module = engine.compile("contract Counter { state n = 0  action add(k) { n = n + k  return n } }")?;
/// let mut chain = Chain::in_memory("test", engine)?;
/// let facts = BlockFacts { height: 1, time: 1_700_000_000_000, ..BlockFacts::default() };
/// let code = chain.publish_module(facts, module.main_module()?)?;
/// let alice = Sender::new("alice", facts);
/// let counter = chain.deploy(&alice, &code, "Counter", &[])?;
/// let receipt = chain.call(&alice, &counter, "add", &[Data::Int(5)])?;
/// assert_eq!((receipt.receipt.gas_used, chain.query(&alice, &counter, "add", &[Data::Int(1)])?), (2558, Data::Int(6)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Chain {
    archive: Archive,
    executor: Executor,
    gas_limit: u64,
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chain").field("archive", &self.archive).finish_non_exhaustive()
    }
}

impl Chain {
    /// Opens the chain in a store. The engine gives host functions; limits, tier and capabilities are those of chain.md 12.
    ///
    /// # Errors
    /// As [`Archive::open`].
    pub fn open(store: Arc<dyn Store>, engine: Engine) -> Result<Chain, StoreError> {
        Chain::open_with(store, engine, false)
    }

    /// A chain in memory, which behaves as one on disk.
    ///
    /// # Errors
    /// None that a test should meet.
    pub fn in_memory(name: &str, engine: Engine) -> Result<Chain, StoreError> {
        Chain::open(Arc::new(MemoryStore::new(name)), engine)
    }

    pub(crate) fn open_with(store: Arc<dyn Store>, engine: Engine, walk: bool) -> Result<Chain, StoreError> {
        let archive = Archive::open(store.clone())?;
        let executor = Executor::new(engine, walk, store)?;
        Ok(Chain { archive, executor, gas_limit: GAS_LIMIT })
    }

    /// Sets the gas that a transaction may ask for; 100,000,000 by default.
    #[must_use]
    pub fn with_gas_limit(mut self, limit: u64) -> Chain {
        self.gas_limit = limit;
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.archive.name()
    }

    /// Where it stands.
    pub fn head(&self) -> &Head {
        self.archive.head()
    }

    /// The facts with height and time raised to those of the last block.
    pub fn raise(&self, facts: BlockFacts) -> BlockFacts {
        self.archive.raise(facts)
    }

    /// The chain as it stands: records, entries, receipts, proofs.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        self.archive.snapshot()
    }

    /// The next nonce of a caller.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn nonce(&self, caller: &str) -> Result<u64, StoreError> {
        self.archive.nonce(caller)
    }

    /// Content hash and contract name of the instance at an address.
    pub fn contract_at(&self, address: &[u8; 20]) -> Option<(Hash, String)> {
        self.executor.contract_at(address)
    }

    fn begin(&self, facts: BlockFacts) -> Result<Pending, ChainError> {
        Ok(self.archive.begin(facts)?.with_gas_limit(self.gas_limit))
    }

    /// Publishes a module, given as the bytes of a `.zxc` file; its content hash. It is verified, and its top level must run.
    ///
    /// # Errors
    /// [`ChainError`].
    pub fn publish(&mut self, facts: BlockFacts, module: &[u8]) -> Result<Hash, ChainError> {
        let code = zexus_verify::module::content_hash(module).map_err(Unacceptable::Malformed)?;
        self.executor.check(&code, module)?;
        let mut block = self.begin(facts)?;
        block.publish(code, module)?;
        self.archive.commit(block)?;
        Ok(code)
    }

    /// Publishes a module.
    ///
    /// # Errors
    /// [`ChainError`].
    pub fn publish_module(&mut self, facts: BlockFacts, module: &Module) -> Result<Hash, ChainError> {
        self.publish(facts, &module.to_bytes())
    }

    /// Executes transactions as one block, which is committed and durable as a whole when this returns. Those that are not acceptable
    /// are left out.
    ///
    /// # Errors
    /// [`ChainError::Store`], [`ChainError::Earlier`].
    pub fn execute(
        &mut self,
        facts: BlockFacts,
        transactions: Vec<Transaction>,
    ) -> Result<Vec<Executed>, ChainError> {
        let block = self.begin(facts)?;
        let (block, done) = self.executor.execute(block, transactions)?;
        if let Some(why) = done.iter().find_map(broken) {
            // The state in memory has what the block has not.
            self.archive.fail();
            return Err(why.clone().into());
        }
        if done.iter().any(Result::is_ok) {
            self.archive.commit(block)?;
        }
        Ok(done)
    }

    /// Executes a transaction without committing anything: the receipt that it would have.
    ///
    /// # Errors
    /// [`ChainError`].
    pub fn simulate(
        &mut self,
        facts: BlockFacts,
        transaction: Transaction,
    ) -> Result<StoredReceipt, ChainError> {
        let block = self.begin(facts)?;
        let mut done = self.executor.simulate(block, vec![transaction])?;
        Ok(done.pop().ok_or(StoreError::Failed)??)
    }

    /// Executes transactions without roots, ledger and store, one after the other, and forgets them: what executing alone costs. The
    /// receipts have zeros for roots and heads.
    ///
    /// # Errors
    /// [`ChainError`].
    pub fn execute_only(
        &mut self,
        facts: BlockFacts,
        transactions: Vec<Transaction>,
    ) -> Result<Vec<Executed>, ChainError> {
        let block = self.begin(facts)?.bare();
        Ok(self.executor.simulate(block, transactions)?)
    }

    /// The transaction that does this next for a sender.
    ///
    /// # Errors
    /// [`ChainError`].
    pub fn transaction(
        &self,
        sender: &Sender,
        action: Action,
        args: &[Data],
    ) -> Result<Transaction, ChainError> {
        Ok(Transaction {
            chain: self.name().to_owned(),
            caller: sender.caller.clone(),
            nonce: self.nonce(&sender.caller)?,
            action,
            args: encode_args(args)?,
            value: encode_u64(sender.value),
            gas_limit: sender.gas_limit,
        })
    }

    fn send(&mut self, sender: &Sender, action: Action, args: &[Data]) -> Result<StoredReceipt, ChainError> {
        let transaction = self.transaction(sender, action, args)?;
        let mut done = self.execute(sender.facts, vec![transaction])?;
        Ok(done.pop().ok_or(StoreError::Failed)??)
    }

    /// Makes an instance of a contract; its address.
    ///
    /// # Errors
    /// [`ChainError`]; [`ChainError::Failed`] if the construction failed, for which there is a receipt then.
    pub fn deploy(
        &mut self,
        sender: &Sender,
        code: &Hash,
        contract: &str,
        args: &[Data],
    ) -> Result<[u8; 20], ChainError> {
        let action = Action::Make { code: *code, contract: contract.to_owned() };
        let receipt = self.send(sender, action, args)?;
        match made(&receipt) {
            Some(address) => Ok(address),
            None => Err(failed(&receipt)),
        }
    }

    /// Calls an action of an instance; its receipt, whatever the action did.
    ///
    /// # Errors
    /// [`ChainError`].
    pub fn call(
        &mut self,
        sender: &Sender,
        target: &[u8; 20],
        action: &str,
        args: &[Data],
    ) -> Result<StoredReceipt, ChainError> {
        self.send(sender, Action::Call { target: *target, action: action.to_owned() }, args)
    }

    /// Runs a module; its receipt.
    ///
    /// # Errors
    /// [`ChainError`].
    pub fn run(&mut self, sender: &Sender, code: &Hash, args: &[Data]) -> Result<StoredReceipt, ChainError> {
        self.send(sender, Action::Run(*code), args)
    }

    /// The result of an action on the state as it is; nothing that it does stays.
    ///
    /// # Errors
    /// [`ChainError::Failed`] with the error that the action ended with; [`ChainError`].
    pub fn query(
        &mut self,
        sender: &Sender,
        target: &[u8; 20],
        action: &str,
        args: &[Data],
    ) -> Result<Data, ChainError> {
        let action = Action::Call { target: *target, action: action.to_owned() };
        let transaction = self.transaction(sender, action, args)?;
        let receipt = self.simulate(sender.facts, transaction)?;
        match receipt.receipt.status {
            Status::Ok => Ok(decode(&receipt.receipt.result).unwrap_or_default()),
            _ => Err(failed(&receipt)),
        }
    }
}

/// What must not come of a transaction that was executed: the receipt is refused after the state has changed.
fn broken(done: &Executed) -> Option<&Unacceptable> {
    match done {
        Err(why @ (Unacceptable::Outcome(_) | Unacceptable::Store(_))) => Some(why),
        _ => None,
    }
}

fn failed(receipt: &StoredReceipt) -> ChainError {
    ChainError::Failed { code: receipt.receipt.error.clone(), message: receipt.message.clone() }
}

/// The address that a transaction which makes an instance has as its result.
pub fn made(receipt: &StoredReceipt) -> Option<[u8; 20]> {
    match receipt.receipt.result.split_first() {
        Some((&zexus_verify::value::kind::CONTRACT, address)) => address.try_into().ok(),
        _ => None,
    }
}
