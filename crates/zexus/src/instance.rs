//! A running program: its variables, objects and output.

use std::sync::Arc;

use zexus_eval::Evaluator;
use zexus_jit::{Jit, Stats as JitStats};
use zexus_optimizer::{DEFAULT_LEVEL, MAX_LEVEL};
use zexus_runtime::host::Host;
use zexus_runtime::{Machine, Value};
use zexus_vm::LinkMode;

use crate::convert::{FromData, IntoArgs};
use crate::data::Data;
use crate::diagnostic::{self, Diagnostic};
use crate::engine::Engine;
use crate::error::{Error, Stopped};
use crate::event::{self, Event};
use crate::exchange::{self, InError};
use crate::host::{Captured, Guard, InterruptHandle};
use crate::pipeline::Form;
use crate::program::{NotLinked, Program};
use crate::runner::{Ended, Runner, lines};
use crate::tier::{Counters, Tier};

/// The state of a program. It can move between threads; each instance is independent of all others.
#[derive(Debug)]
pub struct Instance {
    pub(crate) runner: Runner,
    pub(crate) form: Form,
    pub(crate) args: Vec<Arc<str>>,
    pub(crate) stress: bool,
    pub(crate) fallback: Option<Diagnostic>,
    jit: Option<Arc<Jit>>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) program: Program,
    interrupt: InterruptHandle,
    pub(crate) captured: Option<Captured>,
    /// Whether the program was loaded, so that variables may have values, and has not run since.
    pub(crate) loaded: bool,
    /// Whether what stays inside comes out as handles.
    pub(crate) handles: bool,
}

/// How a run ended.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The errors that nobody caught: that of the main program first, then those of tasks.
    pub diagnostics: Vec<Diagnostic>,
    /// Set if the host stopped the run, or failed.
    pub stopped: Option<Stopped>,
    /// The exit code of language.md 21.2.
    pub exit_code: u8,
    /// Whether `exit_program` ended the run.
    pub exited: bool,
}

impl Outcome {
    /// Whether nothing went wrong; `exit_program` counts as well.
    pub fn is_ok(&self) -> bool {
        self.diagnostics.is_empty() && self.stopped.is_none()
    }
}

impl Instance {
    pub(crate) fn new(engine: &Engine, program: Program, host: Box<dyn Host>) -> Instance {
        let interrupt = InterruptHandle::new();
        let guard = Guard {
            inner: host,
            interrupt: interrupt.clone(),
            granted: engine.granted,
            block: engine.block.clone(),
        };
        let mut limits = engine.limits.clone();
        let asked = program.directives();
        limits.gas = limits.gas.or(asked.gas_limit);
        if let Some(strict) = engine.strict.or(asked.strict_transactions) {
            limits.strict_transactions = strict;
        }
        let mut machine = Machine::new(Box::new(guard), limits);
        machine.host_functions.extend(engine.functions.iter().map(|(k, f)| (k.clone(), f.clone())));
        let metered = engine.execution.metered || machine.limits.gas.is_some();
        let level = engine.execution.level.or(asked.optimize).unwrap_or(DEFAULT_LEVEL).min(MAX_LEVEL);
        let form = Form { metered, mode: LinkMode::default(), level };
        let (runner, jit, fallback) = choose(engine, &program, machine, form);
        Instance {
            runner,
            form,
            args: Vec::new(),
            stress: false,
            fallback,
            jit,
            counters: engine.counters.clone(),
            program,
            interrupt,
            captured: None,
            loaded: false,
            handles: false,
        }
    }

    /// Sets the program arguments, `__ARGS__`.
    #[must_use]
    pub fn with_args<S: AsRef<str>>(mut self, args: impl IntoIterator<Item = S>) -> Instance {
        self.args = args.into_iter().map(|arg| arg.as_ref().into()).collect();
        self.runner.set_args(self.args.clone());
        self
    }

    /// Collects garbage wherever a collection may happen. Slow; for tests of whoever holds values across calls.
    pub fn collect_at_every_safe_point(&mut self) {
        self.stress = true;
        self.runner.stress();
    }

    /// Executes one opcode wrongly from now on if the program is compiled ([`LinkMode::Planted`]); for tests of those who look for
    /// differences between the tiers.
    #[doc(hidden)]
    pub fn plant_a_defect(&mut self) {
        self.form.mode = LinkMode::Planted;
        if let Runner::Vm(_, linked) = &mut self.runner
            && let Ok(planted) = self.program.linked(self.form, &self.counters)
        {
            *linked = planted;
        }
    }

    /// Runs the program and gives the value of its last statement.
    ///
    /// # Errors
    /// [`Error::Run`], [`Error::Stopped`], [`Error::Exit`], or [`Error::Out`] for a value that cannot leave the instance.
    pub fn run(&mut self) -> Result<Data, Error> {
        let ended = self.start();
        self.finish(ended)
    }

    /// Runs the program and says how it ended, for those who report to people.
    pub fn execute(&mut self) -> Outcome {
        let ended = self.start();
        self.outcome(&ended)
    }

    /// Calls a function that the program, which has run, holds in a variable of its top level.
    ///
    /// # Errors
    /// As [`Instance::run`]; [`Error::NoSuchName`]; [`Error::In`] and [`Error::Convert`] for values that do not fit.
    pub fn call<R: FromData>(&mut self, name: &str, args: impl IntoArgs) -> Result<R, Error> {
        let function = self.runner.global(name).ok_or_else(|| Error::NoSuchName(name.to_owned()))?;
        Ok(self.call_pinned(function, args.into_args())?.to()?)
    }

    pub(crate) fn call_pinned(&mut self, function: Value, args: Vec<Data>) -> Result<Data, Error> {
        let args = args.into_iter().map(|d| self.put(d)).collect::<Result<Vec<Value>, Error>>()?;
        let ended = self.runner.call_value(&self.program, function, &args);
        self.finish(ended)
    }

    /// The value of a variable of the top level.
    ///
    /// # Errors
    /// [`Error::NoSuchName`], [`Error::Out`], [`Error::Convert`].
    pub fn get<R: FromData>(&mut self, name: &str) -> Result<R, Error> {
        let value = self.runner.global(name).ok_or_else(|| Error::NoSuchName(name.to_owned()))?;
        Ok(self.take(value)?.to()?)
    }

    /// The events that the program has emitted, in order; those of transactions that were rolled back are not among them.
    ///
    /// ```
    /// # fn main() -> Result<(), zexus::Error> {
    /// use zexus::{Data, Engine};
    ///
    /// let engine = Engine::new();
    /// let program = engine.compile(r#"event Paid(who, amount); emit Paid("ann", 5); emit Done"#)?;
    /// let mut instance = engine.instance(&program);
    /// instance.run()?;
    /// let events = instance.events()?;
    /// assert_eq!(events.iter().map(|e| &*e.name).collect::<Vec<_>>(), ["Paid", "Done"]);
    /// assert_eq!(events[0].get("amount"), Some(&Data::Int(5)));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error::Out`] if there are more than can leave the instance at once.
    pub fn events(&mut self) -> Result<Vec<Event>, Error> {
        self.runner.machine_mut().uncharged(event::all)
    }

    /// Takes what was printed since the last time; empty on a host that is not [`Captured`] and the instance's own.
    pub fn take_output(&mut self) -> String {
        self.captured.as_ref().map(Captured::take_output).unwrap_or_default()
    }

    /// State, ledger entries and events as the run left them.
    pub fn journal(&self) -> &zexus_runtime::journal::Journal {
        &self.runner.machine().journal
    }

    /// A handle that stops this instance from elsewhere.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        self.interrupt.clone()
    }

    /// Runs a longer form of the program; the value is not kept beyond the next run.
    pub(crate) fn enter(&mut self, program: Program) -> (Outcome, Value) {
        self.program = program;
        let ended = self.runner.go_on(&self.program);
        (self.outcome(&ended), ended.value)
    }

    pub(crate) fn machine(&mut self) -> &mut Machine {
        self.runner.machine_mut()
    }

    pub(crate) fn global(&self, name: &str) -> Option<Value> {
        self.runner.global(name)
    }

    /// The program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    fn start(&mut self) -> Ended {
        match &self.runner {
            Runner::Evaluator(_) => Counters::count(&self.counters.direct),
            Runner::Vm(..) => Counters::count(&self.counters.vm),
            Runner::Refused(..) => {}
        }
        self.load();
        self.loaded = false;
        self.runner.run(&self.program)
    }

    /// Loads the program, if that was not done yet for the next run.
    pub(crate) fn load(&mut self) {
        if !std::mem::replace(&mut self.loaded, true) {
            self.runner.load(&self.program);
        }
    }

    /// Takes another program for the machine, which was renewed. A virtual machine stays what it is.
    pub(crate) fn switch(&mut self, engine: &Engine, program: &Program) {
        self.program = program.clone();
        if let Runner::Vm(_, linked) = &mut self.runner
            && let Ok(other) = program.linked(self.form, &self.counters)
        {
            *linked = other;
            return;
        }
        let nothing = Runner::Refused(zexus_runtime::driver::placeholder(), Vec::new());
        let machine = std::mem::replace(&mut self.runner, nothing).into_machine();
        (self.runner, self.jit, self.fallback) = choose(engine, program, machine, self.form);
        self.runner.set_args(self.args.clone());
    }

    /// The gas used so far; 0 in runs that are not metered and charge nothing themselves.
    pub fn gas_used(&self) -> u64 {
        self.runner.machine().meter.used()
    }

    /// The limit of form (E0707) for which the program is walked although it should have been compiled (bytecode.md 7.5).
    pub fn fallback(&self) -> Option<&Diagnostic> {
        self.fallback.as_ref()
    }

    /// What native code has done for it (bytecode.md 8.4); nothing on other tiers.
    pub fn jit_stats(&self) -> JitStats {
        self.jit.as_ref().map(|jit| jit.stats()).unwrap_or_default()
    }

    /// Which functions and loops became native code, and where and why it was left: a line for each.
    pub fn jit_log(&self) -> Vec<String> {
        self.jit.as_ref().map(|jit| jit.log()).unwrap_or_default()
    }

    /// The native code that was made, as text, if the engine keeps it ([`crate::Execution::jit_listing`]).
    pub fn jit_listing(&self) -> String {
        self.jit.as_ref().map(|jit| jit.listing()).unwrap_or_default()
    }

    /// Whether its runs are metered (bytecode.md 5.1).
    pub fn is_metered(&self) -> bool {
        self.runner.machine().meter.is_metered()
    }

    /// Whether the virtual machine runs it (tier 1), and not the evaluator (tier 0).
    pub fn is_compiled(&self) -> bool {
        matches!(self.runner, Runner::Vm(..))
    }

    pub(crate) fn put(&mut self, data: Data) -> Result<Value, Error> {
        exchange::value(self.runner.machine_mut(), data).map_err(|e| match e {
            InError::Refused(reason) => Error::In(reason),
            InError::Trap(_) => Error::In("the value does not fit the memory limit".into()),
        })
    }

    fn finish(&mut self, ended: Ended) -> Result<Data, Error> {
        let value = ended.value;
        if !ended.refused.is_empty() {
            return Err(Error::Compile(ended.refused));
        }
        let outcome = self.outcome(&ended);
        if let Some(stopped) = outcome.stopped {
            return Err(Error::Stopped(stopped));
        }
        if !outcome.diagnostics.is_empty() {
            return Err(Error::Run(outcome.diagnostics));
        }
        if outcome.exit_code != 0 {
            return Err(Error::Exit(outcome.exit_code));
        }
        self.take(value)
    }

    fn outcome(&mut self, ended: &Ended) -> Outcome {
        self.interrupt.clear();
        let sources = self.program.sources();
        let mut outcome = Outcome { exit_code: ended.exit_code, exited: ended.exited, ..Outcome::default() };
        outcome.diagnostics.extend_from_slice(&ended.refused);
        for fault in &ended.faults {
            match diagnostic::of_fault(fault, sources) {
                Some(diagnostic) => outcome.diagnostics.push(diagnostic),
                None => {
                    outcome.stopped = Some(Stopped {
                        message: fault.message.to_string(),
                        place: fault.at.as_ref().and_then(|at| at.place(sources)),
                        calls: diagnostic::calls(fault, sources),
                    });
                }
            }
        }
        outcome
    }
}

/// What runs a program (bytecode.md 7.4), and the limit of form for which it is not the virtual machine.
fn choose(
    engine: &Engine,
    program: &Program,
    machine: Machine,
    form: Form,
) -> (Runner, Option<Arc<Jit>>, Option<Diagnostic>) {
    let how = engine.execution;
    let walk = !form.metered
        && match how.tier {
            Tier::Evaluator => !program.is_code(),
            Tier::Vm | Tier::Native => false,
            Tier::Auto => how.use_hybrid_compiler && program.is_small(how.compiler_line_threshold),
        };
    let walker = |machine| Runner::Evaluator(Box::new(Evaluator::new(machine, lines(program.sources()))));
    if walk {
        return (walker(machine), None, None);
    }
    match program.linked(form, &engine.counters) {
        Ok(linked) => {
            let mut vm = zexus_vm::Vm::new(machine);
            vm.set_metered(form.metered);
            let jit = engine.execution.jit(engine.clock).map(|options| Arc::new(Jit::new(options)));
            vm.set_native(jit.clone().map(|jit| jit as Arc<dyn zexus_vm::native::Native>));
            (Runner::Vm(Box::new(vm), linked), jit, None)
        }
        Err(NotLinked::TooLarge(why)) if how.fallback_to_interpreter && !form.metered => {
            Counters::count(&engine.counters.fallbacks);
            (walker(machine), None, Some(why))
        }
        Err(NotLinked::TooLarge(why)) => (Runner::Refused(Box::new(machine), vec![why]), None, None),
        Err(NotLinked::Invalid(why)) => (Runner::Refused(Box::new(machine), why), None, None),
    }
}
