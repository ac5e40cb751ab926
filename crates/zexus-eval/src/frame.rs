//! Frames: the function, its `this` and its deferred blocks, then slots, then temporaries.

use zexus_hir::ir::Slot;
use zexus_runtime::object::Cell;
use zexus_runtime::{Ref, Trap, Value};

use crate::eval::Eval;

/// Values before the first slot: the function, `this`, the list of deferred blocks.
pub(crate) const HEADER: usize = 3;

impl Eval<'_> {
    /// Makes the head of a frame; arguments are pushed next.
    #[inline]
    pub fn push_header(&mut self, callee: Value, this: Value) {
        self.m.stack.extend_from_slice(&[callee, this, Value::UNDEF]);
    }

    /// Protects a value, or adds an argument.
    #[inline]
    pub fn push(&mut self, v: Value) {
        self.m.stack.push(v);
    }

    /// The height of the stack, to which [`Self::cut`] goes back.
    #[inline]
    pub fn height(&self) -> usize {
        self.m.stack.len()
    }

    /// Forgets temporaries.
    #[inline]
    pub fn cut(&mut self, height: usize) {
        self.m.stack.truncate(height);
    }

    /// What a slot holds.
    #[inline]
    pub fn slot(&self, slot: Slot) -> Value {
        self.m.stack[self.base + slot.index()]
    }

    /// Changes what a slot holds.
    #[inline]
    pub fn set_slot(&mut self, slot: Slot, v: Value) {
        let at = self.base + slot.index();
        self.m.stack[at] = v;
    }

    /// The running function's value.
    #[inline]
    pub fn callee(&self) -> Value {
        self.m.stack[self.base - 3]
    }

    /// The running function's `this`.
    #[inline]
    pub fn this(&self) -> Value {
        self.m.stack[self.base - 2]
    }

    /// The list of the running function's deferred blocks, or `UNDEF`.
    #[inline]
    pub fn deferred(&self) -> Value {
        self.m.stack[self.base - 1]
    }

    /// Notes the list of deferred blocks.
    pub fn set_deferred(&mut self, v: Value) {
        let at = self.base - 1;
        self.m.stack[at] = v;
    }

    /// The cell that a slot holds.
    #[inline]
    pub fn cell_in(&self, slot: Slot) -> Option<Ref<Cell>> {
        self.slot(slot).as_cell()
    }

    /// A new cell.
    pub fn new_cell(&mut self, v: Value) -> Result<Value, Trap> {
        Ok(Value::cell(self.m.heap.alloc_cell(Cell(v))?))
    }

    /// Puts new undefined cells into slots: variables that are captured before they are declared.
    #[inline]
    pub fn early(&mut self, slots: &[Slot]) -> Result<(), Trap> {
        for slot in slots {
            let cell = self.new_cell(Value::UNDEF)?;
            self.set_slot(*slot, cell);
        }
        Ok(())
    }
}
