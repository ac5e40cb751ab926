//! Traces and profiles of runs (bytecode.md 9).

use std::sync::Arc;

use zexus_bytecode::Module;
use zexus_runtime::host::Quiet;
use zexus_runtime::{Limits, Machine};
use zexus_vm::{Lines, LinkMode, Program as Linked, Tracer};

use crate::error::Error;
use crate::instance::Instance;
use crate::pipeline::Form;
use crate::program::NotLinked;
use crate::runner::Runner;

pub use zexus_vm::{Clock, FunctionProfile, LineProfile, Profile, Profiler, UnitProfile};
pub use zexus_vm::{Filter as TraceFilter, FilterError as TraceFilterError};

impl Instance {
    /// Gives each line of the trace of the runs from now on to `sink`: JSON without the end of the line. The instance, which must not have
    /// run yet, is then run by the virtual machine; what it does and costs stays the same.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::sync::mpsc;
    /// use zexus::{Engine, Execution};
    ///
    /// let engine = Engine::new().execution(Execution { level: Some(0), ..Execution::default() });
    /// let mut instance = engine.instance(&engine.compile("let x = 6 * 7")?);
    /// let (sender, lines) = mpsc::channel();
    /// instance.trace("MUL".parse()?, move |line| drop(sender.send(line.to_owned())))?;
    /// instance.run()?;
    /// let seen: Vec<String> = lines.try_iter().collect();
    /// assert_eq!(seen[1], r#"{"t":"op","n":1,"pc":2,"op":"MUL","line":1,"height":2,"top":"42"}"#);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error::Compile`] for a program that cannot be compiled to bytecode (E0707) or linked.
    pub fn trace(
        &mut self,
        filter: TraceFilter,
        sink: impl FnMut(&str) + Send + 'static,
    ) -> Result<(), Error> {
        let compiled = self.program().compiled()?;
        let Some(main) = compiled.modules.get(compiled.main) else { return Ok(()) };
        let lines = Lines::new(&main.module, self.form.level, filter, sink);
        let linked = self.stepwise()?;
        self.set_tracer(linked, Box::new(lines));
        Ok(())
    }

    /// Counts what the runs from now on do: calls, instructions and gas by function, line, opcode and call path. The instance, which must
    /// not have run yet, is then run by the virtual machine; what it does and costs stays the same. Seconds are measured by the clock, if
    /// there is one; the counts never depend on it.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use zexus::Engine;
    ///
    /// let engine = Engine::new();
    /// let mut instance = engine.instance(&engine.compile("action f(n) { return n * 2 }\nf(1)\nf(2)")?);
    /// let profiler = instance.profile(None)?;
    /// instance.run()?;
    /// let profile = profiler.profile();
    /// assert_eq!((&*profile.functions[1].name, profile.functions[1].calls), ("f", 2));
    /// assert_eq!(profile.opcodes["MUL"], 2);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error::Compile`] for a program that cannot be compiled to bytecode (E0707) or linked.
    pub fn profile(&mut self, clock: Option<Clock>) -> Result<Profiler, Error> {
        let linked = self.stepwise()?;
        let compiled = self.program().compiled()?;
        let nothing = Module::default();
        let main = compiled.modules.get(compiled.main).map_or(&nothing, |main| &main.module);
        let profiler = Profiler::new(linked.clone(), main, clock);
        self.set_tracer(linked, Box::new(profiler.clone()));
        Ok(profiler)
    }

    /// The program as traced runs need it.
    fn stepwise(&self) -> Result<Arc<Linked>, Error> {
        let form = Form { mode: LinkMode::Stepwise, ..self.form };
        self.program().linked(form, &self.counters).map_err(|why| match why {
            NotLinked::TooLarge(why) => Error::Compile(vec![why]),
            NotLinked::Invalid(list) => Error::Compile(list),
        })
    }

    /// Lets the virtual machine run the instance, telling somebody what it does.
    fn set_tracer(&mut self, linked: Arc<Linked>, tracer: Box<dyn Tracer>) {
        let nothing = Machine::new(Box::new(Quiet::default()), Limits::default());
        let before = std::mem::replace(&mut self.runner, Runner::Refused(Box::new(nothing), Vec::new()));
        let mut vm = zexus_vm::Vm::new(before.into_machine());
        vm.set_metered(self.form.metered);
        vm.set_tracer(Some(tracer));
        self.runner = Runner::Vm(Box::new(vm), linked);
        self.runner.set_args(self.args.clone());
        if self.stress {
            self.runner.stress();
        }
        self.fallback = None;
        self.loaded = false;
    }
}
