//! Reading, declaring and assigning variables (language.md chapter 6).

use zexus_hir::ir::{Bind, GlobalId, Span, Var};
use zexus_runtime::{Trap, Value};

use crate::eval::Eval;

impl Eval<'_> {
    /// Reads a variable.
    #[inline]
    pub fn read(&mut self, var: Var, span: Span) -> Result<Value, Trap> {
        let v = match var {
            Var::Local(slot) => return Ok(self.slot(slot)),
            Var::Global(id) => self.m.globals[id.index()],
            Var::Capture(_) | Var::Cell(_) | Var::CaptureCell(_) => self.captured(var),
            Var::State(id) => {
                return zexus_runtime::state::read_variable(&mut self.m, id.0).map_err(|t| self.at(t, span));
            }
        };
        if v.is_undef() { Err(self.undefined(var, span)) } else { Ok(v) }
    }

    fn captured(&self, var: Var) -> Value {
        match var {
            Var::Cell(slot) => self.in_cell(self.slot(slot)),
            Var::Capture(id) => self.capture(id.index()),
            Var::CaptureCell(id) => self.in_cell(self.capture(id.index())),
            _ => Value::UNDEF,
        }
    }

    fn in_cell(&self, cell: Value) -> Value {
        cell.as_cell().map_or(Value::UNDEF, |c| self.m.heap.cell(c).0)
    }

    /// What the running function captured.
    pub fn capture(&self, index: usize) -> Value {
        match self.callee().as_function() {
            Some(f) => self.m.heap.function(f).captures.get(index).copied().unwrap_or(Value::UNDEF),
            None => Value::UNDEF,
        }
    }

    #[cold]
    fn undefined(&mut self, var: Var, span: Span) -> Trap {
        let name = self.name_of(var);
        match var {
            Var::Global(id) if self.program.globals[id.index()].unknown => {
                self.error(301, format!("Identifier '{name}' not found"), span)
            }
            _ => self.error(302, format!("'{name}' is used before its declaration is reached"), span),
        }
    }

    fn name_of(&self, var: Var) -> std::sync::Arc<str> {
        let name = match var {
            Var::Local(slot) | Var::Cell(slot) => self.func.slot_names.get(slot.index()).cloned(),
            Var::Capture(id) | Var::CaptureCell(id) => {
                self.func.captures.get(id.index()).map(|c| c.name.clone())
            }
            Var::Global(id) => self.program.globals.get(id.index()).map(|g| g.name.clone()),
            Var::State(id) => self.program.states.get(id.index()).map(|s| s.name.clone()),
        };
        name.unwrap_or_default()
    }

    /// Gives a variable another value; its type is checked.
    #[inline]
    pub fn write(&mut self, var: Var, v: Value) -> Result<(), Trap> {
        match var {
            Var::Local(slot) => self.set_slot(slot, v),
            Var::Global(id) => self.set_global(id, v),
            Var::Cell(slot) => self.set_cell(self.slot(slot), v),
            Var::CaptureCell(id) => self.set_cell(self.capture(id.index()), v),
            // A captured value is never assigned.
            Var::Capture(_) => (),
            Var::State(id) => return zexus_runtime::state::write_variable(&mut self.m, id.0, v),
        }
        Ok(())
    }

    #[inline]
    fn set_global(&mut self, id: GlobalId, v: Value) {
        self.m.globals[id.index()] = v;
    }

    fn set_cell(&mut self, cell: Value, v: Value) {
        if let Some(c) = cell.as_cell() {
            self.m.heap.cell_mut(c).0 = v;
        }
    }

    /// Declares a variable.
    #[inline]
    pub fn bind(&mut self, bind: Bind, v: Value) -> Result<(), Trap> {
        match bind {
            Bind::Local(slot) => self.set_slot(slot, v),
            Bind::Global(id) => self.set_global(id, v),
            Bind::NewCell(slot) => {
                let cell = self.new_cell(v)?;
                self.set_slot(slot, cell);
            }
            Bind::EarlyCell(slot) => self.set_cell(self.slot(slot), v),
        }
        Ok(())
    }

    /// The value of a declared variable.
    pub fn bound(&self, bind: Bind) -> Value {
        match bind {
            Bind::Local(slot) => self.slot(slot),
            Bind::Global(id) => self.m.globals[id.index()],
            Bind::NewCell(slot) | Bind::EarlyCell(slot) => self.in_cell(self.slot(slot)),
        }
    }
}
