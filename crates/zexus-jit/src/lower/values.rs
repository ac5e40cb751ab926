//! Values of registers: variables, memory, guards.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use zexus_bytecode::Const;
use zexus_runtime::Tag;
use zexus_vm::native::at;

use super::{Lower, Pointer, TRUSTED};
use crate::options::Defect;
use crate::set::Set;
use crate::state::Kind;

impl Lower<'_, '_> {
    pub(super) fn bits_var(&mut self, r: usize) -> cranelift_frontend::Variable {
        Self::variable(&mut self.bits, &mut self.b, r, types::I64)
    }

    pub(super) fn float_var(&mut self, r: usize) -> cranelift_frontend::Variable {
        Self::variable(&mut self.floats, &mut self.b, r, types::F64)
    }

    pub(super) fn tag_var(&mut self, r: usize) -> cranelift_frontend::Variable {
        Self::variable(&mut self.tags, &mut self.b, r, types::I64)
    }

    /// Loads a register that is in memory.
    pub(super) fn ensure(&mut self, r: usize) {
        if self.state.kind(r) != Kind::Memory {
            return;
        }
        let window = self.pointer(Pointer::Window);
        let (tag, bits) = self.load_value(window, r * 16);
        self.def_any(r, tag, bits);
        self.state.load(r);
    }

    /// The tag of a register.
    pub(super) fn tag_of(&mut self, r: usize) -> Value {
        self.ensure(r);
        match self.state.kind(r) {
            Kind::Is(tag) => self.b.ins().iconst(types::I64, tag as i64),
            _ => {
                let v = self.tag_var(r);
                self.b.use_var(v)
            }
        }
    }

    /// The bits of a register.
    pub(super) fn bits_of(&mut self, r: usize) -> Value {
        self.ensure(r);
        if self.state.kind(r) == Kind::Is(Tag::Float) {
            let v = self.float_var(r);
            let f = self.b.use_var(v);
            return self.b.ins().bitcast(types::I64, cranelift_codegen::ir::MemFlags::new(), f);
        }
        let v = self.bits_var(r);
        self.b.use_var(v)
    }

    /// The float in a register that is known to hold one.
    pub(super) fn float_of(&mut self, r: usize) -> Value {
        let v = self.float_var(r);
        self.b.use_var(v)
    }

    pub(super) fn def_bits(&mut self, r: usize, v: Value) {
        let var = self.bits_var(r);
        self.b.def_var(var, v);
    }

    pub(super) fn def_float(&mut self, r: usize, v: Value) {
        let var = self.float_var(r);
        self.b.def_var(var, v);
    }

    /// Gives a register a truth value of eight bits.
    pub(super) fn def_bool(&mut self, r: usize, v: Value) {
        let v = self.b.ins().uextend(types::I64, v);
        self.def_bits(r, v);
    }

    pub(super) fn def_any(&mut self, r: usize, tag: Value, bits: Value) {
        let var = self.tag_var(r);
        self.b.def_var(var, tag);
        self.def_bits(r, bits);
    }

    /// `a = b`
    pub(super) fn copy(&mut self, a: usize, b: usize) {
        self.ensure(b);
        match self.state.kind(b) {
            Kind::Is(Tag::Float) => {
                let v = self.float_of(b);
                self.def_float(a, v);
            }
            Kind::Is(_) => {
                let v = self.bits_of(b);
                self.def_bits(a, v);
            }
            _ => {
                let (tag, bits) = (self.tag_of(b), self.bits_of(b));
                self.def_any(a, tag, bits);
            }
        }
    }

    /// `a = k[d]`
    pub(super) fn constant(&mut self, a: usize, d: u32) {
        match self.know.program.consts.get(d as usize) {
            Some(Const::Int(n)) => {
                let v = self.b.ins().iconst(types::I64, *n);
                self.def_bits(a, v);
            }
            Some(Const::Bool(b)) => {
                let v = self.b.ins().iconst(types::I64, i64::from(*b));
                self.def_bits(a, v);
            }
            Some(Const::Float(f)) => {
                let v = self.b.ins().f64const(*f);
                self.def_float(a, v);
            }
            Some(Const::Str(_)) => {
                let consts = self.pointer(Pointer::Consts);
                let v = self.b.ins().load(types::I64, TRUSTED, consts, d as i32 * 16 + at::VALUE_BITS as i32);
                self.def_bits(a, v);
            }
            _ => {
                let consts = self.pointer(Pointer::Consts);
                let (tag, bits) = self.load_value(consts, d as usize * 16);
                self.def_any(a, tag, bits);
            }
        }
    }

    /// Native code leaves at `pc` unless a register holds a value of this kind.
    pub(super) fn guard(&mut self, r: usize, tag: Tag, pc: u32) {
        self.ensure(r);
        match self.state.kind(r) {
            Kind::Is(t) if t == tag => return,
            Kind::Is(_) => {
                let never = self.b.ins().iconst(types::I8, 0);
                self.exit_unless(never, pc);
            }
            _ => {
                let blind = self.planted == Some(Defect::WrongGuard) && matches!(tag, Tag::Int | Tag::Float);
                if !blind {
                    let found = self.tag_of(r);
                    let fits = self.b.ins().icmp_imm(IntCC::Equal, found, tag as i64);
                    self.exit_unless(fits, pc);
                }
            }
        }
        if tag == Tag::Float {
            let bits = self.bits_of(r);
            let f = self.b.ins().bitcast(types::F64, cranelift_codegen::ir::MemFlags::new(), bits);
            self.def_float(r, f);
        }
        self.state.learn(r, tag);
    }

    /// Whether a register is true, in eight bits.
    pub(super) fn truthy(&mut self, r: usize) -> Value {
        self.ensure(r);
        match self.state.kind(r) {
            Kind::Is(Tag::Null) => self.b.ins().iconst(types::I8, 0),
            Kind::Is(Tag::Bool) => {
                let bits = self.bits_of(r);
                self.b.ins().icmp_imm(IntCC::NotEqual, bits, 0)
            }
            Kind::Is(_) => self.b.ins().iconst(types::I8, 1),
            _ => {
                let (tag, bits) = (self.tag_of(r), self.bits_of(r));
                let is_bool = self.b.ins().icmp_imm(IntCC::Equal, tag, Tag::Bool as i64);
                let yes = self.b.ins().icmp_imm(IntCC::NotEqual, bits, 0);
                let value = self.b.ins().icmp_imm(IntCC::NotEqual, tag, Tag::Null as i64);
                self.b.ins().select(is_bool, yes, value)
            }
        }
    }

    pub(super) fn not_undefined(&mut self, pc: u32, r: usize) {
        self.ensure(r);
        match self.state.kind(r) {
            Kind::Is(Tag::Undef) | Kind::Any => {
                let tag = self.tag_of(r);
                self.exit_unless_value(pc, tag);
            }
            _ => (),
        }
    }

    /// Leaves if a tag is that of a missing value.
    pub(super) fn exit_unless_value(&mut self, pc: u32, tag: Value) {
        let fine = self.b.ins().icmp_imm(IntCC::NotEqual, tag, Tag::Undef as i64);
        self.exit_unless(fine, pc);
    }

    pub(super) fn check_tags(&mut self, pc: u32, r: usize, accepted: u32) {
        self.ensure(r);
        match self.state.kind(r) {
            Kind::Is(tag) if accepted >> tag as u32 & 1 != 0 => (),
            _ => {
                let tag = self.tag_of(r);
                let mask = self.b.ins().iconst(types::I64, i64::from(accepted));
                let shifted = self.b.ins().ushr(mask, tag);
                let fits = self.b.ins().band_imm(shifted, 1);
                let fits = self.b.ins().icmp_imm(IntCC::NotEqual, fits, 0);
                self.exit_unless(fits, pc);
            }
        }
    }

    /// Brings memory up to date for these registers; what is known does not change.
    pub(super) fn flush(&mut self, live: Set) {
        let dirty: Vec<usize> =
            (0..self.state.0.len()).filter(|r| self.state.get(*r).dirty && live.has(*r)).collect();
        if dirty.is_empty() {
            return;
        }
        let window = self.pointer(Pointer::Window);
        for r in dirty {
            self.store_value(r, window, r * 16);
        }
    }
}
