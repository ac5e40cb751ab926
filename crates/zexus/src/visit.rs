//! What crates above this one need of an instance: to call into it at the level of the runtime, many times at the price of one.

use std::cell::Cell;
use std::rc::Rc;

use zexus_runtime::Machine;
use zexus_runtime::interp::Interp;

use crate::diagnostic::Diagnostic;
use crate::error::Error;
use crate::instance::Instance;
use crate::program::Program;

impl Program {
    /// The module of the main file.
    ///
    /// # Errors
    /// [`Error::Compile`] with E0707 for a program that exceeds a limit of form.
    pub fn main_module(&self) -> Result<&zexus_bytecode::Module, Error> {
        let compiled = self.compiled()?;
        compiled.modules.get(compiled.main).map(|m| &m.module).ok_or(Error::Run(Vec::new()))
    }
}

impl Instance {
    /// Makes room for the program, which the first visit then runs.
    pub fn prepare(&mut self) {
        self.load();
    }

    /// Lets `visit` call what it likes in the program, which is prepared or has run. The instance must not be used further after an error of a call
    /// that was fatal.
    ///
    /// # Errors
    /// [`Error::Compile`] for a program that cannot run; [`Error::Run`] if there is no memory to begin.
    pub fn visit<T: 'static>(
        &mut self,
        visit: impl FnOnce(&mut dyn Interp) -> T + 'static,
    ) -> Result<T, Error> {
        let result = Rc::new(Cell::new(None));
        let out = result.clone();
        let ended = self.runner.visit(&self.program, Box::new(move |interp| out.set(Some(visit(interp)))));
        if !ended.refused.is_empty() {
            return Err(Error::Compile(ended.refused));
        }
        result.take().ok_or(Error::Run(Vec::<Diagnostic>::new()))
    }

    /// The machine under the instance: for crates that are a part of the language, such as the chain.
    pub fn machine_mut(&mut self) -> &mut Machine {
        self.runner.machine_mut()
    }
}
