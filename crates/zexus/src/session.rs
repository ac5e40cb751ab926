//! One lasting scope that grows entry by entry, as in the REPL (language.md 21.3).

use zexus_runtime::host::Host;
use zexus_runtime::{Kind, Value, builtins, display, kinds, methods};

use crate::diagnostic::Diagnostic;
use crate::engine::Engine;
use crate::error::Error;
use crate::instance::{Instance, Outcome};
use crate::program::Compiler;
use crate::tier::{Execution, Tier};

/// How many members of a value are offered for completion.
const MAX_MEMBERS: usize = 500;

/// A program that is entered piece by piece. What an entry has declared stays, also if the entry ends with an error.
#[derive(Debug)]
pub struct Session {
    compiler: Compiler,
    instance: Instance,
}

/// What came of an entry.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// The warnings of the compiler.
    pub warnings: Vec<Diagnostic>,
    /// How it ended; the errors of the compiler are among its diagnostics.
    pub outcome: Outcome,
    /// The value of its last statement in repr form, if it is not null.
    pub shown: Option<String>,
    /// The kind of that value, as `type(x)` names it.
    pub kind: String,
}

impl Engine {
    /// A session on a host.
    ///
    /// # Errors
    /// [`Error::File`] if the root or a search path cannot be opened.
    pub fn session_on(&self, host: impl Host + 'static) -> Result<Session, Error> {
        let compiler = Compiler::new(self)?;
        // Its programs grow entry by entry, which only tier 0 can follow.
        let execution = Execution { tier: Tier::Evaluator, metered: false, ..self.execution };
        let instance = self.clone().execution(execution).instance_on(&Compiler::empty(), host);
        Ok(Session { compiler, instance })
    }
}

impl Session {
    /// Compiles and runs an entry.
    pub fn enter(&mut self, text: &str) -> Entry {
        let program = match self.compiler.enter(text) {
            Ok(program) => program,
            Err(diagnostics) => {
                let outcome = Outcome { diagnostics, exit_code: 2, ..Outcome::default() };
                return Entry { outcome, ..Entry::default() };
            }
        };
        let warnings = program.warnings().to_vec();
        let (mut outcome, value) = self.instance.enter(program);
        let machine = self.instance.machine();
        let kind = kinds::type_name(machine, value).to_owned();
        let mut shown = None;
        if outcome.is_ok() && !outcome.exited && !value.is_null() {
            match display::repr(machine, value) {
                Ok(text) => shown = Some(text),
                Err(_) => outcome.exit_code = 1,
            }
        }
        Entry { warnings, outcome, shown, kind }
    }

    /// The names declared so far, sorted.
    pub fn names(&self) -> Vec<String> {
        self.compiler.names()
    }

    /// What can stand after `name.` for a variable: its fields, string keys, exports and methods, without running anything.
    pub fn members(&mut self, name: &str) -> Vec<String> {
        let Some(value) = self.instance.global(name) else { return Vec::new() };
        members(&mut self.instance, value)
    }

    /// The instance that runs the entries.
    pub fn instance(&mut self) -> &mut Instance {
        &mut self.instance
    }
}

fn members(instance: &mut Instance, value: Value) -> Vec<String> {
    let m = instance.machine();
    let mut names: Vec<String> = Vec::new();
    match value.kind() {
        Kind::Map(map) => {
            let keys = m.heap.map(map).map.keys().take(MAX_MEMBERS);
            names.extend(keys.filter_map(|key| match key {
                zexus_runtime::key::Key::Str(s) if is_name(s) => Some(s.to_string()),
                _ => None,
            }));
        }
        Kind::Instance(i) => {
            let ty = m.heap.ty(m.heap.instance(i).ty);
            names.extend(
                ty.fields.keys().chain(ty.computed.keys()).chain(ty.methods.keys()).map(|k| k.to_string()),
            );
        }
        Kind::Enum(e) => names.extend(m.heap.enumeration(e).members.keys().map(|k| k.to_string())),
        Kind::Module(module) => names.extend(m.heap.module(module).exports.keys().map(|k| k.to_string())),
        Kind::Contract(_) | Kind::ContractInstance(_) => {
            if let Some(c) = m.contract_of(value) {
                let contract = m.heap.contract(c);
                let state = contract.state.iter().filter(|(_, field)| !field.private).map(|(name, _)| name);
                names.extend(state.chain(contract.actions.keys()).map(|k| k.to_string()));
            }
        }
        _ => {}
    }
    if !value.is_null() && value.as_module().is_none() {
        let rows = (0u32..).zip(builtins::TABLE.iter()).filter(|(_, row)| row.module.starts_with('@'));
        let own = rows.filter(|(index, row)| methods::find(m, value, row.name()) == Some(*index));
        names.extend(own.map(|(_, row)| row.name().to_owned()));
    }
    names.sort_unstable();
    names.dedup();
    names.truncate(MAX_MEMBERS);
    names
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}
