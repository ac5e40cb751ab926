//! What a host gives to a run and takes from it: variables, state, gas, ledger entries, values that stay inside.

use indexmap::IndexMap;
use zexus_runtime::meter::Meter;
use zexus_runtime::state::variables;
use zexus_runtime::{Machine, Trap, Value, display, encode};

use crate::convert::IntoData;
use crate::data::{Data, Handle};
use crate::engine::Engine;
use crate::error::Error;
use crate::exchange;
use crate::instance::Instance;
use crate::program::Program;

/// A variable of the top level of a program's main module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Whether the program stores it somewhere.
    pub stored: bool,
}

impl Instance {
    /// Makes the instance as it was when it was new. Native stacks, caches and what was counted about hot code stay, so that many
    /// short runs cost little.
    pub fn renew(&mut self) {
        self.loaded = false;
        self.machine().renew();
    }

    /// [`Instance::renew`] for another program, with the settings of the engine that made the instance.
    pub fn renew_for(&mut self, engine: &Engine, program: &Program) {
        self.renew();
        if !self.program().is(program) {
            self.switch(engine, program);
        }
    }

    /// The variables of the top level of the main module, sorted by name.
    pub fn variables(&self) -> Vec<Variable> {
        let mut list = self.runner.variables(self.program());
        list.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        list
    }

    /// Gives a variable of the top level a value for the next run. False if the program names no such variable.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use zexus::{Bytecode, Data, Engine};
    /// use zexus_bytecode::BytecodeBuilder;
    ///
    /// let mut b = BytecodeBuilder::new();
    /// b.emit_load("x");
    /// b.emit_inc();
    /// b.emit_store("x");
    /// let engine = Engine::new();
    /// let program = engine.load("count", b.build()?)?;
    /// let mut instance = engine.instance(&program);
    /// for x in [1_i64, 41] {
    ///     instance.renew();
    ///     assert!(instance.set("x", x)?);
    ///     instance.run()?;
    ///     assert_eq!(instance.get::<i64>("x")?, x + 1);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error::In`] for a value that cannot be given to a program.
    pub fn set(&mut self, name: &str, value: impl IntoData) -> Result<bool, Error> {
        self.load();
        let value = self.put(value.into_data())?;
        Ok(self.runner.set_global(name, value))
    }

    /// The value of a variable of the top level, if it has one.
    ///
    /// # Errors
    /// [`Error::Out`].
    pub fn variable(&mut self, name: &str) -> Result<Option<Data>, Error> {
        let value = self.runner.global(name);
        value.map(|value| self.take(value)).transpose()
    }

    /// The value of a state variable by its key (chain.md 4.1), with what committed transactions have written. None if it has none.
    ///
    /// # Errors
    /// [`Error::Out`].
    pub fn state(&mut self, key: &str) -> Result<Option<Data>, Error> {
        let m = self.machine();
        let value = match variables::is_missing(m, key) {
            Ok(true) => return Ok(None),
            Ok(false) => variables::get(m, key),
            Err(trap) => Err(trap),
        };
        let value = value.map_err(|trap| refused(self.machine(), trap))?;
        self.take(value).map(Some)
    }

    /// Gives a state variable a value, as if an earlier run had left it.
    ///
    /// # Errors
    /// [`Error::In`] for a value that cannot be given to a program or kept in the state.
    pub fn set_state(&mut self, key: &str, value: impl IntoData) -> Result<(), Error> {
        let value = self.put(value.into_data())?;
        let m = self.machine();
        variables::initialize(m, key, false, value).map_err(|trap| refused(m, trap))
    }

    /// The ledger entries of the last run, oldest first: for each what was appended, or a map of what it tells.
    ///
    /// # Errors
    /// [`Error::Out`].
    pub fn ledger(&mut self) -> Result<Vec<Data>, Error> {
        let entries = self.machine().journal.entries().iter();
        let payloads: Vec<_> = entries.map(|entry| entry.payload.clone()).collect();
        let mut list = Vec::with_capacity(payloads.len());
        for payload in payloads {
            let m = self.machine();
            let value = encode::decode(m, &payload).map_err(|trap| refused(m, trap))?;
            list.push(self.take(value)?);
        }
        Ok(list)
    }

    /// What the error that ended the last run or call has thrown, if the program threw it itself.
    ///
    /// # Errors
    /// [`Error::Out`].
    pub fn thrown(&mut self) -> Result<Option<Data>, Error> {
        let value = self.machine().thrown;
        if value.is_undef() { Ok(None) } else { self.take(value).map(Some) }
    }

    /// Sets the gas that the next run may use, and nothing else: whether it is metered was decided by the engine.
    pub fn set_gas_limit(&mut self, limit: Option<u64>) {
        let m = self.machine();
        m.limits.gas = limit;
        m.meter = Meter::new(limit);
    }

    /// The gas that is left; none without a limit.
    pub fn gas_remaining(&mut self) -> Option<u64> {
        self.machine().meter.remaining()
    }

    /// Whether functions, instances of types, tasks and the like come out as [`Data::Handle`], instead of copies or [`Data::Opaque`].
    pub fn keep_handles(&mut self, on: bool) {
        self.handles = on;
    }

    /// How many values have a handle since the instance was new, or was renewed.
    pub fn handles(&mut self) -> usize {
        self.machine().pins.len()
    }

    /// The display form of a value inside.
    ///
    /// # Errors
    /// [`Error::In`] for a handle of another instance, [`Error::Out`] for a text that does not fit the limits.
    pub fn inspect(&mut self, handle: &Handle) -> Result<String, Error> {
        let value = self.pinned(handle)?;
        let m = self.machine();
        display::display(m, value).map_err(|trap| refused(m, trap))
    }

    /// The fields of an instance of `data` or `entity`; none for a value of another kind.
    ///
    /// # Errors
    /// As [`Instance::inspect`].
    pub fn fields(&mut self, handle: &Handle) -> Result<Option<IndexMap<String, Data>>, Error> {
        let value = self.pinned(handle)?;
        Ok(exchange::fields(self.machine(), value)?)
    }

    /// Whether the value can be called.
    pub fn is_callable(&mut self, handle: &Handle) -> bool {
        self.pinned(handle).is_ok_and(zexus_runtime::calls::is_callable)
    }

    /// Calls a value inside.
    ///
    /// # Errors
    /// As [`Instance::call`].
    pub fn call_handle(&mut self, handle: &Handle, args: Vec<Data>) -> Result<Data, Error> {
        let function = self.pinned(handle)?;
        self.call_pinned(function, args)
    }

    fn pinned(&mut self, handle: &Handle) -> Result<Value, Error> {
        let found = self.machine().pins.get(handle.pin as usize).copied();
        found.ok_or_else(|| Error::In(format!("a {} of another instance", handle.kind)))
    }

    /// A copy for the host of a value that the run left. The run is over, so it pays nothing for that.
    pub(crate) fn take(&mut self, value: Value) -> Result<Data, Error> {
        let handles = self.handles;
        let copy = |m: &mut Machine| {
            if handles { exchange::data_with_handles(m, value) } else { exchange::data(m, value) }
        };
        Ok(self.machine().uncharged(copy)?)
    }
}

/// An error that the machine raised while the host gave or took a value.
fn refused(m: &mut Machine, trap: Trap) -> Error {
    let pending = m.pending.take();
    let message = match pending.map(|p| p.raised) {
        Some(zexus_runtime::trap::Raised::Error { message, .. }) => message.to_string(),
        _ => m.fatal_message(trap).to_string(),
    };
    Error::In(message)
}

impl Program {
    /// The keys of state variables that the code of its modules names, without those of its own `state` declarations; sorted.
    ///
    /// # Errors
    /// E0707 for a program that exceeds a limit of form.
    pub fn state_keys(&self) -> Result<Vec<String>, Error> {
        use zexus_bytecode::{Const, Opcode};
        let mut keys = std::collections::BTreeSet::new();
        for module in &self.compiled()?.modules {
            let module = &module.module;
            for instruction in module.functions.iter().flat_map(|f| &f.code) {
                if matches!(instruction.op(), Opcode::StateRead | Opcode::StateWrite | Opcode::LedgerAppend)
                    && let Some((_, k)) = instruction.parts().next()
                    && let Some(Const::Str(key)) = module.constant(k)
                    && !key.starts_with('~')
                {
                    keys.insert(key.to_string());
                }
            }
        }
        Ok(keys.into_iter().collect())
    }
}
