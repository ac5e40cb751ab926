//! Modules of a chain as they run: loaded once, used by many transactions.
//!
//! 1. Loading runs the top level of a module, metered, on an empty state, with no capability; what it does to state, ledger and events
//!    is dropped. So what loading gives depends on the module alone.
//! 2. Each transaction finds the module as it was loaded. Where that cannot be seen to hold, it is loaded again.
//! 3. Types of the module are known to encodings under its content hash in hex, which stands for the path of its file.

use zexus::host::Captured;
use zexus::{Engine, Error, Execution, Instance, Limits, Program, Tier};
use zexus_runtime::Trap;
use zexus_runtime::driver::failure;
use zexus_runtime::host::Block;
use zexus_runtime::machine::Base;
use zexus_verify::Hash;

/// Gas that the top level of a module may use when it is loaded.
const LOAD_GAS: u64 = 10_000_000;

/// Why a module is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// It is no module, or one that the verifier refuses.
    #[error("the module is refused: {0}")]
    Invalid(String),
    /// Its top level ends with an error.
    #[error("the top level of the module fails: {code}: {message}")]
    Fails {
        /// `E0405` and the like.
        code: String,
        /// Its message.
        message: String,
    },
    /// The chain has no such module.
    #[error("the chain has no module {}", zexus_crypto::hex::encode(.0))]
    Unknown(Hash),
}

/// An instance in which one module is loaded.
pub(crate) struct Loaded {
    pub instance: Instance,
    /// What it prints.
    pub output: Captured,
    /// What to go back to after a visit; without it one visit is all.
    pub base: Option<Base>,
}

/// The settings of chain.md 12 for chains.
pub(crate) fn engine(engine: Engine, walk: bool) -> Engine {
    let limits = Limits {
        memory: 64 << 20,
        output: Some(1 << 20),
        events: 10_000,
        ledger_entries: 10_000,
        metered: !walk,
        ..Limits::default()
    };
    let tier = if walk { Tier::Evaluator } else { Tier::Vm };
    engine.limits(limits).strict_transactions(false).execution(Execution {
        tier,
        metered: !walk,
        ..Execution::default()
    })
}

/// The name under which a module is compiled and loaded.
pub(crate) fn name_of(code: &Hash) -> String {
    zexus_crypto::hex::encode(code)
}

fn refused(error: &Error) -> CodeError {
    CodeError::Invalid(error.to_string())
}

/// The program of a module.
pub(crate) fn program(engine: &Engine, code: &Hash, module: &[u8]) -> Result<Program, CodeError> {
    engine.load_bytes(&name_of(code), module).map_err(|e| refused(&e))
}

/// An instance in which nothing has run yet.
pub(crate) fn fresh(engine: &Engine, code: &Hash, program: &Program) -> Loaded {
    let output = Captured::new();
    let mut instance = engine.instance_on(program, output.clone());
    instance.machine_mut().code = Some(*code);
    instance.prepare();
    Loaded { instance, output, base: None }
}

/// An instance in which the top level of the module has run.
pub(crate) fn load(engine: &Engine, code: &Hash, program: &Program) -> Result<Loaded, CodeError> {
    let mut loaded = fresh(engine, code, program);
    let metered = loaded.instance.is_metered() || loaded.instance.is_compiled();
    let ended = loaded.instance.visit(move |interp| {
        interp.machine().begin_run(Block::default(), metered.then_some(LOAD_GAS));
        let result = interp.run_main();
        let m = interp.machine();
        m.journal.revert_all(&mut m.heap);
        match result {
            Ok(_) | Err(Trap::Exit) => None,
            Err(trap) => Some(describe(m, trap)),
        }
    });
    match ended {
        Err(error) => return Err(refused(&error)),
        Ok(Some((code, message))) => return Err(CodeError::Fails { code: format!("E{code:04}"), message }),
        Ok(None) => {}
    }
    loaded.output.take_output();
    let m = loaded.instance.machine_mut();
    m.journal = zexus_runtime::journal::Journal::new();
    loaded.base = m.base();
    Ok(loaded)
}

/// Code and message of an error.
pub(crate) fn describe(m: &mut zexus_runtime::Machine, trap: Trap) -> (u16, String) {
    match (trap, m.pending.take()) {
        (Trap::Raised, Some(pending)) => {
            let failure = failure(m, &pending);
            (failure.code, failure.message.to_string())
        }
        _ => (trap.code(), m.fatal_message(trap).to_string()),
    }
}
