//! Chains (python.md 7.9): transactions, receipts, proofs, on stores in memory and in one file.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::{PyKeyError, PyOSError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};
use zexus::{Data, Engine};
use zexus_chain::{
    Action, BlockFacts, Chain as Inner, ChainError, DiskStore, Entry, How, MemoryStore, Receipt, Sender,
    StateProof, Status, Store, StoreError, StoredReceipt, data, hash_from_hex, replay,
};

use crate::code::hex;
use crate::convert::{At, Out, to_data, to_python};
use crate::errors;
use crate::host::now;

/// A chain of the engine.
#[pyclass(frozen, module = "zexus._zexus")]
pub struct Chain(Mutex<Option<Inner>>);

#[pymethods]
impl Chain {
    /// Opens the chain in a file, or makes one in memory.
    #[new]
    #[pyo3(signature = (path = None, chain_id = "dev"))]
    fn new(py: Python<'_>, path: Option<PathBuf>, chain_id: &str) -> PyResult<Chain> {
        let store: Arc<dyn Store> = match path {
            Some(path) => Arc::new(DiskStore::open(path, chain_id).map_err(|e| of_store(py, &e))?),
            None => Arc::new(MemoryStore::new(chain_id)),
        };
        let chain = Inner::open(store, Engine::new()).map_err(|e| of_store(py, &e))?;
        Ok(Chain(Mutex::new(Some(chain))))
    }

    /// Publishes the module of a program; its content hash in hex.
    fn publish(&self, py: Python<'_>, source: &str) -> PyResult<String> {
        let program = py.detach(|| Engine::new().compile(source));
        let program = program.map_err(|e| errors::of_program(py, e))?;
        let module = program.main_module().map_err(|e| errors::of_program(py, e))?.clone();
        self.with(py, |chain| {
            let facts = facts(chain, None, None);
            chain.publish_module(facts, &module)
        })
        .map(|hash| hex(&hash))
    }

    /// Executes a transaction, given as a dict; its receipt as a dict.
    fn execute<'py>(&self, py: Python<'py>, tx: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyDict>> {
        let tx = Transaction::of(tx)?;
        let stored = self.with(py, |chain| {
            let mut sender = Sender::new(&tx.caller, facts(chain, tx.height, tx.time));
            sender.value = tx.value;
            if let Some(limit) = tx.gas_limit {
                sender.gas_limit = limit;
            }
            let mut transaction = chain.transaction(&sender, tx.action, &tx.args)?;
            if let Some(nonce) = tx.nonce {
                transaction.nonce = nonce;
            }
            let done = chain.execute(sender.facts, vec![transaction])?.pop();
            Ok(done.ok_or(StoreError::Failed)??)
        })?;
        receipt(py, &stored)
    }

    /// The record under a key of the state, decoded; None if there is none.
    fn state<'py>(&self, py: Python<'py>, key: Vec<u8>) -> PyResult<Bound<'py, PyAny>> {
        let record = self.with(py, move |chain| Ok(chain.snapshot()?.record(&key)?))?;
        match record {
            Some(record) => decoded(py, &record),
            None => Ok(py.None().into_bound(py)),
        }
    }

    /// A proof of what is, or is not, under a key.
    fn prove(&self, py: Python<'_>, key: Vec<u8>) -> PyResult<Proof> {
        self.with(py, |chain| {
            let snapshot = chain.snapshot()?;
            let (proof, root) = (snapshot.prove(&key), snapshot.head().state_root);
            let record = snapshot.record(&key)?;
            Ok(Proof { proof, root, key, record })
        })
    }

    /// The entries of the ledger, each a dict.
    fn ledger<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let entries = self.with(py, |chain| {
            let snapshot = chain.snapshot()?;
            let count = snapshot.head().entries;
            (0..count)
                .map(|index| Ok(snapshot.entry(index)?.unwrap_or_default()))
                .collect::<Result<Vec<_>, ChainError>>()
        })?;
        let list = PyList::empty(py);
        for bytes in entries {
            let entry = Entry::decode(&bytes).map_err(|e| PyValueError::new_err(e.to_string()))?;
            let dict = PyDict::new(py);
            dict.set_item("index", entry.index)?;
            dict.set_item("height", entry.height)?;
            dict.set_item("time", entry.time)?;
            dict.set_item("value", decoded(py, entry.payload)?)?;
            list.append(dict)?;
        }
        Ok(list)
    }

    /// The checkpoint: what it binds, and its hash.
    fn checkpoint<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let checkpoint = self.with(py, |chain| Ok(chain.snapshot()?.checkpoint()))?;
        let dict = PyDict::new(py);
        dict.set_item("chain", &checkpoint.chain)?;
        dict.set_item("height", checkpoint.height)?;
        dict.set_item("entries", checkpoint.entries)?;
        dict.set_item("receipts", checkpoint.receipts)?;
        dict.set_item("ledger_root", hex(&checkpoint.ledger_root))?;
        dict.set_item("receipt_root", hex(&checkpoint.receipt_root))?;
        dict.set_item("state_root", hex(&checkpoint.state_root))?;
        dict.set_item("hash", hex(&checkpoint.hash()))?;
        Ok(dict)
    }

    /// Checks the whole store.
    fn verify(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, |chain| Ok(chain.snapshot()?.verify()?))
    }

    /// Executes everything again and compares each receipt; how many there are.
    fn replay(&self, py: Python<'_>) -> PyResult<u64> {
        let snapshot = self.with(py, |chain| Ok(chain.snapshot()?))?;
        let done = py.detach(move || replay(&snapshot, Engine::new(), &How::Vm, u64::MAX, &mut |_| ()));
        done.map(|replayed| replayed.receipts).map_err(|e| PyValueError::new_err(e.to_string()))
    }

    /// Writes the chain to a file, from which it can be verified without the engine; the hash of the file in hex.
    fn export(&self, py: Python<'_>, path: PathBuf) -> PyResult<String> {
        let snapshot = self.with(py, |chain| Ok(chain.snapshot()?))?;
        let mut file = std::fs::File::create(&path).map_err(|e| PyOSError::new_err(e.to_string()))?;
        py.detach(move || snapshot.export(&mut file)).map(|hash| hex(&hash)).map_err(|e| of_store(py, &e))
    }

    /// Closes the store.
    fn close(&self) {
        *self.lock() = None;
    }
}

/// A proof of what is, or is not, under a key of the state.
#[pyclass(frozen, module = "zexus._zexus")]
pub struct Proof {
    proof: StateProof,
    root: [u8; 32],
    key: Vec<u8>,
    record: Option<Vec<u8>>,
}

#[pymethods]
impl Proof {
    /// The state root, in hex, against which it is.
    #[getter]
    fn root(&self) -> String {
        hex(&self.root)
    }

    /// The key.
    #[getter]
    fn key<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.key)
    }

    /// The record under the key; None if there is none.
    #[getter]
    fn record<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.record.as_ref().map(|record| PyBytes::new(py, record))
    }

    /// Whether it shows that in the state with this root, in hex, the key has this record, or none.
    #[pyo3(signature = (root, key, record = None))]
    fn verify(&self, root: &str, key: &[u8], record: Option<&[u8]>) -> bool {
        hash_from_hex(root).is_some_and(|root| self.proof.verify(&root, key, record))
    }
}

impl Chain {
    fn lock(&self) -> MutexGuard<'_, Option<Inner>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T: Send>(
        &self,
        py: Python<'_>,
        f: impl FnOnce(&mut Inner) -> Result<T, ChainError> + Send,
    ) -> PyResult<T> {
        let done = py.detach(|| self.lock().as_mut().map(f));
        match done {
            None => Err(PyValueError::new_err("the chain is closed")),
            Some(Ok(value)) => Ok(value),
            Some(Err(ChainError::Store(e))) => Err(of_store(py, &e)),
            Some(Err(ChainError::Argument(e))) => Err(PyTypeError::new_err(e.to_string())),
            Some(Err(e)) => Err(errors::plain(py, "ZexusError", &e.to_string())),
        }
    }
}

fn of_store(py: Python<'_>, error: &StoreError) -> PyErr {
    let made = || {
        let attributes = PyDict::new(py);
        attributes.set_item("in_use", matches!(error, StoreError::InUse(_)))?;
        attributes.set_item("damaged", matches!(error, StoreError::Damaged { .. }))?;
        if let StoreError::Version(version) = error {
            attributes.set_item("version", *version)?;
        }
        Ok(errors::make(py, "StoreError", &error.to_string(), &attributes))
    };
    made().unwrap_or_else(|e: PyErr| e)
}

/// The facts of the next block: as given, or one higher and now.
fn facts(chain: &Inner, height: Option<u64>, time: Option<i64>) -> BlockFacts {
    let height = height.unwrap_or_else(|| chain.head().height.saturating_add(1));
    chain.raise(BlockFacts { height, time: time.unwrap_or_else(now), ..BlockFacts::default() })
}

/// A transaction as Python gives it.
struct Transaction {
    caller: String,
    action: Action,
    args: Vec<Data>,
    value: u64,
    gas_limit: Option<u64>,
    nonce: Option<u64>,
    height: Option<u64>,
    time: Option<i64>,
}

impl Transaction {
    fn of(dict: &Bound<'_, PyDict>) -> PyResult<Transaction> {
        const KEYS: &[&str] = &[
            "caller",
            "code",
            "contract",
            "target",
            "action",
            "args",
            "value",
            "gas_limit",
            "nonce",
            "height",
            "time",
        ];
        for key in dict.keys() {
            let key: String = key.extract()?;
            if !KEYS.contains(&&*key) {
                return Err(PyValueError::new_err(format!("a transaction has no '{key}'")));
            }
        }
        let text = |key: &str| -> PyResult<Option<String>> {
            dict.get_item(key)?.filter(|v| !v.is_none()).map(|v| v.extract()).transpose()
        };
        let number = |key: &str| -> PyResult<Option<u64>> {
            dict.get_item(key)?.filter(|v| !v.is_none()).map(|v| v.extract()).transpose()
        };
        let code = |hex: String| {
            hash_from_hex(&hex).ok_or_else(|| PyValueError::new_err("a code hash has 64 hex digits"))
        };
        let action = match (text("target")?, text("action")?, text("code")?, text("contract")?) {
            (Some(target), Some(action), None, None) => {
                let target = data::address(&target).map_err(|e| PyValueError::new_err(e.to_string()))?;
                Action::Call { target, action }
            }
            (None, None, Some(hash), Some(contract)) => Action::Make { code: code(hash)?, contract },
            (None, None, Some(hash), None) => Action::Run(code(hash)?),
            _ => {
                return Err(PyValueError::new_err(
                    "a transaction has target and action, code and contract, or code alone",
                ));
            }
        };
        let at = At::new("args");
        let args = match dict.get_item("args")? {
            Some(args) => args
                .try_iter()?
                .enumerate()
                .map(|(i, arg)| to_data(&arg?, &at.index(i, &args), None))
                .collect(),
            None => Ok(Vec::new()),
        };
        let time = dict.get_item("time")?.map(|t| t.extract::<f64>()).transpose()?;
        Ok(Transaction {
            caller: text("caller")?.ok_or_else(|| PyKeyError::new_err("caller"))?,
            action,
            args: args?,
            value: number("value")?.unwrap_or_default(),
            gas_limit: number("gas_limit")?,
            nonce: number("nonce")?,
            height: number("height")?,
            time: time.map(|seconds| (seconds * 1000.0) as i64),
        })
    }
}

fn decoded<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    let value = data::decode(bytes).map_err(PyValueError::new_err)?;
    to_python(py, &value, &Out::default())
}

/// The fields of chain.md 8.4, and those outside the hash.
fn receipt<'py>(py: Python<'py>, stored: &StoredReceipt) -> PyResult<Bound<'py, PyDict>> {
    let r: &Receipt = &stored.receipt;
    let status = match r.status {
        Status::Ok => "ok",
        Status::Reverted => "reverted",
        Status::Error => "error",
        Status::OutOfGas => "out of gas",
        Status::Fatal => "fatal",
    };
    let dict = PyDict::new(py);
    dict.set_item("id", hex(&r.id))?;
    dict.set_item("height", r.height)?;
    dict.set_item("number", r.number)?;
    dict.set_item("time", r.time)?;
    dict.set_item("block_hash", hex(&r.block_hash))?;
    dict.set_item("status", status)?;
    dict.set_item("error", &r.error)?;
    dict.set_item("result", decoded(py, &r.result)?)?;
    dict.set_item("gas_used", r.gas_used)?;
    dict.set_item("gas_limit", r.gas_limit)?;
    dict.set_item("schedule", r.schedule)?;
    dict.set_item("semantics", r.semantics)?;
    dict.set_item("code", hex(&r.code))?;
    dict.set_item("state_before", hex(&r.state[0]))?;
    dict.set_item("state_after", hex(&r.state[1]))?;
    dict.set_item("ledger_before", hex(&r.ledger[0]))?;
    dict.set_item("ledger_after", hex(&r.ledger[1]))?;
    dict.set_item("first_entry", r.first_entry)?;
    dict.set_item("entries", r.entries)?;
    let events = PyList::empty(py);
    for event in &r.events {
        events.append((&event.name, decoded(py, &event.args)?))?;
    }
    dict.set_item("events", events)?;
    dict.set_item("hash", hex(&r.hash()))?;
    dict.set_item("message", &stored.message)?;
    dict.set_item("output", &stored.output)?;
    let address = zexus_chain::made(stored).map(|address| format!("0x{}", hex(&address)));
    dict.set_item("address", address)?;
    Ok(dict)
}
