//! Modules of the program as values, and the running of their bodies (language.md 14).

use std::sync::Arc;

use zexus_runtime::object::{Export, Names};
use zexus_runtime::{Kind, Trap, Value, builtins, declare, modules};

use crate::exec::Exec;
use crate::frame::{self, Frame};
use crate::program::{Exported, Program};

impl Program {
    /// The index of the module of this path.
    pub(crate) fn module_of(&self, path: &str) -> Option<u32> {
        self.paths.get(path).copied()
    }
}

/// The index of the standard module of this name.
pub(crate) fn standard(name: &str) -> Option<u32> {
    modules::MODULES.iter().position(|m| m.name == name).map(|i| i as u32)
}

impl Exec<'_> {
    /// `IMPORT`: the module of a path; its body runs the first time.
    ///
    /// # Errors
    /// E0601 for an unknown path, and what the body raises.
    pub fn import(&mut self, path: &str) -> Result<Value, Trap> {
        let Some(index) = self.program.module_of(path) else { return self.module_value(path) };
        let done = {
            let mut imported = self.shared.imported.borrow_mut();
            imported.get_mut(index as usize).map(|done| std::mem::replace(done, true))
        };
        if done == Some(false) {
            self.run_body(index)?;
        }
        self.module_value(path)
    }

    /// A module of the program or a standard module as a value, without running its body.
    ///
    /// # Errors
    /// E0601 for an unknown path, [`Trap::MemoryLimit`].
    pub fn module_value(&mut self, path: &str) -> Result<Value, Trap> {
        if let Some(index) = self.program.module_of(path) {
            return self.own_module(index);
        }
        match standard(path) {
            Some(index) => declare::std_module(&mut self.m, index),
            None => Err(self.m.error(601, format!("module '{path}' not found"))),
        }
    }

    fn own_module(&mut self, index: u32) -> Result<Value, Trap> {
        let key = declare::module_key(index);
        if let Some(v) = self.m.modules.get(&key) {
            return Ok(*v);
        }
        let Some(module) = self.program.modules.get(index as usize) else { return Ok(Value::NULL) };
        let mut exports = Names::default();
        for (name, exported) in &module.exports {
            let shown = self.shown(exported)?;
            exports.insert(name.clone(), shown);
        }
        let v = Value::module(declare::new_module(&mut self.m, module.name.clone(), exports)?);
        self.m.modules.insert(key, v);
        Ok(v)
    }

    fn shown(&mut self, exported: &Exported) -> Result<Export, Trap> {
        Ok(match exported {
            Exported::Global(index) => Export::Global(*index),
            Exported::State(key) => Export::State(self.state_index(key)),
            Exported::Builtin(index) => Export::Value(Value::builtin(*index)),
            Exported::Value(constant) => Export::Value(self.constant(constant)?),
            Exported::Module(path) => Export::Value(self.module_value(path)?),
        })
    }

    /// Runs the body of the main module: its frame is the lowest one.
    ///
    /// # Errors
    /// Whatever it raises.
    pub fn run_module(&mut self, module: u32) -> Result<Value, Trap> {
        self.frames.clear();
        let result = self.run_body(module);
        self.frames.insert(0, Exec::bottom(self.program));
        result
    }

    fn run_body(&mut self, module: u32) -> Result<Value, Trap> {
        if self.frames.len() > self.m.limits.depth as usize {
            return Err(Trap::StackOverflow);
        }
        let func = self.program.modules.get(module as usize).map_or(0, |m| m.first_function);
        let Some(function) = self.function(func) else { return Ok(Value::NULL) };
        let outer = self.frames.last().and_then(|f| self.function(f.func)).map(|f| f.module);
        let at = if self.frames.is_empty() { 0 } else { self.live_registers() };
        self.reserve(at + function.registers as usize);
        let flags = frame::ENTRY | if outer == Some(module) { 0 } else { frame::FOREIGN };
        self.enter_module(module);
        self.frames.push(Frame {
            function,
            callee: Value::UNDEF,
            func,
            pc: function.start,
            base: at as u32,
            dst: 0,
            flags,
        });
        // Variables of the top level that only its own code names are registers while it runs. The host may have given them values.
        for (register, global) in &function.promoted {
            let given = self.m.globals.get(*global as usize).copied();
            if let (Some(v), Some(place)) = (given, self.registers.get_mut(at + *register as usize)) {
                *place = v;
            }
        }
        if self.shared.traced {
            self.trace_call();
        }
        let result = self.run_natively(true);
        for (register, global) in &function.promoted {
            let v = self.registers.get(at + *register as usize).copied().unwrap_or(Value::UNDEF);
            if let Some(place) = self.m.globals.get_mut(*global as usize) {
                *place = v;
            }
        }
        result
    }

    /// A builtin of the outermost scope, or `module.name` of a standard module, by its name.
    pub fn builtin_named(name: &str) -> Option<u32> {
        let exported = |(module, name): (&str, &str)| {
            let exports = modules::lookup(module)?.exports();
            exports.into_iter().find(|(n, _)| n == name).and_then(|(_, v)| match v.kind() {
                Kind::Builtin(index) => Some(index),
                _ => None,
            })
        };
        builtins::lookup(name).or_else(|| name.split_once('.').and_then(exported))
    }

    /// The text of a string value; empty for another kind.
    pub fn text_of(&self, v: Value) -> Arc<str> {
        self.m.text(v).cloned().unwrap_or_default()
    }
}
