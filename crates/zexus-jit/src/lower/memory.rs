//! Memory of the task: addresses, counters, values of two words.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use cranelift_frontend::Variable;
use zexus_runtime::Tag;
use zexus_vm::native::at;

use super::{Lower, Pointer, TRUSTED};
use crate::options::Defect;
use crate::state::Kind;

impl Lower<'_, '_> {
    pub(super) fn load_ptr(&mut self, from: Value, offset: usize) -> Value {
        self.b.ins().load(types::I64, TRUSTED, from, offset as i32)
    }

    /// Tag and bits of a value in memory.
    pub(super) fn load_value(&mut self, from: Value, offset: usize) -> (Value, Value) {
        let tag = self.b.ins().uload8(types::I64, TRUSTED, from, (offset + at::VALUE_TAG) as i32);
        let bits = self.b.ins().load(types::I64, TRUSTED, from, (offset + at::VALUE_BITS) as i32);
        (tag, bits)
    }

    /// Stores a register.
    pub(super) fn store_value(&mut self, r: usize, to: Value, offset: usize) {
        self.ensure(r);
        let tag = self.tag_of(r);
        self.b.ins().istore8(TRUSTED, tag, to, (offset + at::VALUE_TAG) as i32);
        let payload =
            if self.state.kind(r) == Kind::Is(Tag::Float) { self.float_of(r) } else { self.bits_of(r) };
        self.b.ins().store(TRUSTED, payload, to, (offset + at::VALUE_BITS) as i32);
    }

    pub(super) fn store_parts(&mut self, tag: Value, bits: Value, to: Value, offset: usize) {
        self.b.ins().istore8(TRUSTED, tag, to, (offset + at::VALUE_TAG) as i32);
        self.b.ins().store(TRUSTED, bits, to, (offset + at::VALUE_BITS) as i32);
    }

    pub(super) fn pointer_var(&self, pointer: Pointer) -> Option<Variable> {
        self.pointers.iter().find(|(p, _)| *p == pointer).map(|(_, v)| *v)
    }

    /// An address that the unit keeps; loaded here if it does not.
    pub(super) fn pointer(&mut self, pointer: Pointer) -> Value {
        match self.pointer_var(pointer) {
            Some(v) => self.b.use_var(v),
            None => self.fresh(pointer),
        }
    }

    fn fresh(&mut self, pointer: Pointer) -> Value {
        let ptr = self.vectors.ptr;
        match pointer {
            Pointer::Window => {
                let first = self.load_ptr(self.exec, at::EXEC_REGISTERS + ptr);
                self.b.ins().iadd(first, self.base)
            }
            Pointer::Machine => self.load_ptr(self.exec, at::EXEC_MACHINE),
            Pointer::Consts | Pointer::Sites => {
                let shared = self.load_ptr(self.exec, at::EXEC_SHARED);
                let at = if pointer == Pointer::Consts { at::SHARED_CONSTS } else { at::SHARED_SITES };
                self.load_ptr(shared, at + ptr)
            }
            _ => {
                let machine = self.pointer(Pointer::Machine);
                let offset = match pointer {
                    Pointer::Globals => at::MACHINE_GLOBALS,
                    Pointer::Lists => at::MACHINE_HEAP + at::HEAP_LISTS,
                    Pointer::Functions => at::MACHINE_HEAP + at::HEAP_FUNCTIONS,
                    Pointer::Instances => at::MACHINE_HEAP + at::HEAP_INSTANCES,
                    _ => at::MACHINE_HEAP + at::HEAP_CELLS,
                };
                self.load_ptr(machine, offset + ptr)
            }
        }
    }

    /// After a shim: what may have moved or changed is loaded anew.
    pub(super) fn reload_all(&mut self) {
        for (pointer, var) in self.pointers.clone() {
            let v = self.fresh(pointer);
            self.b.def_var(var, v);
        }
        self.reload_counters();
    }

    pub(super) fn reload_counters(&mut self) {
        if let Some(ticks) = self.ticks {
            let v = self.b.ins().load(types::I32, TRUSTED, self.exec, at::EXEC_TICKS as i32);
            self.b.def_var(ticks, v);
        }
        if let Some((used, limit)) = self.gas {
            let machine = self.pointer(Pointer::Machine);
            let v = self.load_ptr(machine, at::MACHINE_METER + at::METER_USED);
            self.b.def_var(used, v);
            let v = self.load_ptr(machine, at::MACHINE_METER + at::METER_LIMIT);
            self.b.def_var(limit, v);
        }
    }

    /// Before anything else can look: what native code has counted.
    pub(super) fn store_counters(&mut self) {
        if let Some(ticks) = self.ticks {
            let v = self.b.use_var(ticks);
            self.b.ins().store(TRUSTED, v, self.exec, at::EXEC_TICKS as i32);
        }
        if let Some((used, _)) = self.gas {
            let machine = self.pointer(Pointer::Machine);
            let v = self.b.use_var(used);
            self.b.ins().store(TRUSTED, v, machine, (at::MACHINE_METER + at::METER_USED) as i32);
        }
    }

    /// Pays; leaves before it if it cannot be paid.
    pub(super) fn charge(&mut self, pc: u32, gas: u32) {
        let Some((used_var, limit)) = self.gas else { return };
        if self.planted == Some(Defect::LostCharge) {
            return;
        }
        let (used, limit) = (self.b.use_var(used_var), self.b.use_var(limit));
        let sum = self.b.ins().iadd_imm(used, i64::from(gas));
        let fits = self.b.ins().icmp(IntCC::UnsignedLessThanOrEqual, sum, limit);
        self.exit_unless(fits, pc);
        self.b.def_var(used_var, sum);
    }

    /// The address of the frame on top.
    pub(super) fn top_frame(&mut self) -> Value {
        let frames = self.load_ptr(self.exec, at::EXEC_FRAMES + self.vectors.ptr);
        let len = self.load_ptr(self.exec, at::EXEC_FRAMES + self.vectors.len);
        let end = self.b.ins().imul_imm(len, at::FRAME_SIZE as i64);
        let end = self.b.ins().iadd(frames, end);
        self.b.ins().iadd_imm(end, -(at::FRAME_SIZE as i64))
    }

    /// The address of an object in a pool.
    pub(super) fn object(&mut self, pool: Pointer, index: Value, size: usize) -> Value {
        let pool = self.pointer(pool);
        let offset = self.b.ins().imul_imm(index, size as i64);
        self.b.ins().iadd(pool, offset)
    }
}
