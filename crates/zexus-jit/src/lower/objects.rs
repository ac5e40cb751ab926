//! Lists, fields of instances, captured variables.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use zexus_runtime::Tag;
use zexus_vm::native::{Insn, Op, at};

use super::{Lower, Pointer, TRUSTED, arg};
use crate::state::Kind;

impl Lower<'_, '_> {
    /// The list in a register: the address of its object.
    fn list(&mut self, r: usize) -> Value {
        let index = self.bits_of(r);
        self.object(Pointer::Lists, index, at::LIST_SIZE)
    }

    /// The address of an item; leaves if there is none.
    fn item(&mut self, pc: u32, list: Value, n: Value) -> Value {
        let len = self.load_ptr(list, at::LIST_ITEMS + self.vectors.len);
        let inside = self.b.ins().icmp(IntCC::UnsignedLessThan, n, len);
        self.exit_unless(inside, pc);
        let items = self.load_ptr(list, at::LIST_ITEMS + self.vectors.ptr);
        let offset = self.b.ins().ishl_imm(n, 4);
        self.b.ins().iadd(items, offset)
    }

    /// `a = b[c]`, `a = b[#d]`
    pub(super) fn index(&mut self, pc: u32, i: Insn) {
        let (a, b, c) = (usize::from(i.a), usize::from(i.b), usize::from(i.c));
        self.guard(b, Tag::List, pc);
        let n = if i.op == Op::IndexI {
            self.b.ins().iconst(types::I64, i.signed())
        } else {
            self.guard(c, Tag::Int, pc);
            self.bits_of(c)
        };
        let list = self.list(b);
        let item = self.item(pc, list, n);
        let (tag, bits) = self.load_value(item, 0);
        self.def_any(a, tag, bits);
    }

    /// `a[b] = c`
    pub(super) fn set_index(&mut self, pc: u32, i: Insn) {
        let (a, b, c) = (usize::from(i.a), usize::from(i.b), usize::from(i.c));
        self.guard(a, Tag::List, pc);
        self.guard(b, Tag::Int, pc);
        let n = self.bits_of(b);
        let list = self.list(a);
        self.not_sealed(pc, list);
        let item = self.item(pc, list, n);
        self.store_value(c, item, 0);
    }

    fn not_sealed(&mut self, pc: u32, list: Value) {
        let sealed = self.b.ins().uload8(types::I64, TRUSTED, list, at::LIST_SEALED as i32);
        let open = self.b.ins().icmp_imm(IntCC::Equal, sealed, 0);
        self.exit_unless(open, pc);
    }

    /// `a = len(b)`
    pub(super) fn len(&mut self, pc: u32, i: Insn) {
        let (a, b) = (usize::from(i.a), usize::from(i.b));
        self.guard(b, Tag::List, pc);
        let list = self.list(b);
        let len = self.load_ptr(list, at::LIST_ITEMS + self.vectors.len);
        self.def_bits(a, len);
    }

    /// `a = append(b, c)`
    pub(super) fn append(&mut self, pc: u32, i: Insn) {
        let (a, b, c) = (usize::from(i.a), usize::from(i.b), usize::from(i.c));
        self.guard(b, Tag::List, pc);
        self.ensure(c);
        let list = self.list(b);
        self.not_sealed(pc, list);
        let len = self.load_ptr(list, at::LIST_ITEMS + self.vectors.len);
        let capacity = self.load_ptr(list, at::LIST_ITEMS + self.vectors.cap);
        let machine = self.pointer(Pointer::Machine);
        let bytes = self.load_ptr(machine, at::MACHINE_HEAP + at::HEAP_BYTES);
        let limit = self.load_ptr(machine, at::MACHINE_HEAP + at::HEAP_LIMIT);
        let more = self.b.ins().iadd_imm(bytes, 16);
        let room = self.b.ins().icmp(IntCC::UnsignedLessThan, len, capacity);
        let paid = self.b.ins().icmp(IntCC::UnsignedLessThanOrEqual, more, limit);
        let fits = self.b.ins().band(room, paid);
        let (fast, slow, done) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        self.b.append_block_param(done, types::I64);
        self.b.set_cold_block(slow);
        let bits = self.bits_of(b);
        self.b.ins().brif(fits, fast, &[], slow, &[]);
        self.b.switch_to_block(fast);
        self.b.seal_block(fast);
        self.b.ins().store(TRUSTED, more, machine, (at::MACHINE_HEAP + at::HEAP_BYTES) as i32);
        let items = self.load_ptr(list, at::LIST_ITEMS + self.vectors.ptr);
        let offset = self.b.ins().ishl_imm(len, 4);
        let place = self.b.ins().iadd(items, offset);
        self.store_value(c, place, 0);
        let longer = self.b.ins().iadd_imm(len, 1);
        self.b.ins().store(TRUSTED, longer, list, (at::LIST_ITEMS + self.vectors.len) as i32);
        self.b.ins().jump(done, &[arg(bits)]);
        self.b.switch_to_block(slow);
        self.b.seal_block(slow);
        let (_, bits) = self.step_for_value(pc, a);
        self.b.ins().jump(done, &[arg(bits)]);
        self.b.switch_to_block(done);
        self.b.seal_block(done);
        if let [bits] = *self.b.block_params(done) {
            self.def_bits(a, bits);
        }
    }

    /// What a site knows of a member: its address.
    pub(super) fn site(&mut self, d: u32) -> Value {
        let sites = self.pointer(Pointer::Sites);
        self.b.ins().iadd_imm(sites, i64::from(d) * at::SITE_SIZE as i64)
    }

    /// The instance in a register if it is one of the type that a site knows: goes to `slow` if not.
    pub(super) fn instance(&mut self, r: usize, site: Value, slow: cranelift_codegen::ir::Block) -> Value {
        if self.state.kind(r) != Kind::Is(Tag::Instance) {
            let tag = self.tag_of(r);
            let is = self.b.ins().icmp_imm(IntCC::Equal, tag, Tag::Instance as i64);
            self.or_else(is, slow);
        }
        let index = self.bits_of(r);
        let object = self.object(Pointer::Instances, index, at::INSTANCE_SIZE);
        let ty = self.b.ins().load(types::I32, TRUSTED, object, at::INSTANCE_TYPE as i32);
        let known = self.b.ins().load(types::I32, TRUSTED, site, at::SITE_TYPE as i32);
        let same = self.b.ins().icmp(IntCC::Equal, ty, known);
        self.or_else(same, slow);
        object
    }

    /// Goes to a cold block unless something holds.
    pub(super) fn or_else(&mut self, holds: Value, slow: cranelift_codegen::ir::Block) {
        let on = self.b.create_block();
        self.b.ins().brif(holds, on, &[], slow, &[]);
        self.b.switch_to_block(on);
        self.b.seal_block(on);
    }

    /// The address of the field that a site knows.
    fn field_place(&mut self, object: Value, site: Value, slow: cranelift_codegen::ir::Block) -> Value {
        let restricted = self.load_ptr(object, at::INSTANCE_RESTRICTED);
        let free = self.b.ins().icmp_imm(IntCC::Equal, restricted, 0);
        self.or_else(free, slow);
        let fields = self.load_ptr(object, at::INSTANCE_FIELDS + self.vectors.slice_ptr);
        let len = self.load_ptr(object, at::INSTANCE_FIELDS + self.vectors.slice_len);
        let slot = self.b.ins().uload32(TRUSTED, site, at::SITE_SLOT as i32);
        let inside = self.b.ins().icmp(IntCC::UnsignedLessThan, slot, len);
        self.or_else(inside, slow);
        let offset = self.b.ins().ishl_imm(slot, 4);
        self.b.ins().iadd(fields, offset)
    }

    /// `a = b.name`
    pub(super) fn field(&mut self, pc: u32, i: Insn) {
        let (a, b) = (usize::from(i.a), usize::from(i.b));
        self.ensure(b);
        let (slow, done) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(slow);
        self.b.append_block_param(done, types::I64);
        self.b.append_block_param(done, types::I64);
        let site = self.site(i.d);
        let object = self.instance(b, site, slow);
        let place = self.field_place(object, site, slow);
        let (tag, bits) = self.load_value(place, 0);
        self.b.ins().jump(done, &[arg(tag), arg(bits)]);
        self.b.switch_to_block(slow);
        self.b.seal_block(slow);
        let (tag, bits) = self.step_for_value(pc, a);
        self.b.ins().jump(done, &[arg(tag), arg(bits)]);
        self.b.switch_to_block(done);
        self.b.seal_block(done);
        if let [tag, bits] = *self.b.block_params(done) {
            self.def_any(a, tag, bits);
        }
    }

    /// `a.name = b`
    pub(super) fn set_field(&mut self, pc: u32, i: Insn) {
        let (a, b) = (usize::from(i.a), usize::from(i.b));
        self.ensure(a);
        self.ensure(b);
        let (slow, done) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(slow);
        let site = self.site(i.d);
        let object = self.instance(a, site, slow);
        let accepts = self.b.ins().load(types::I32, TRUSTED, site, at::SITE_ACCEPTS as i32);
        let tag = self.tag_of(b);
        let shifted = self.b.ins().ushr(accepts, tag);
        let bit = self.b.ins().band_imm(shifted, 1);
        let fits = self.b.ins().icmp_imm(IntCC::NotEqual, bit, 0);
        self.or_else(fits, slow);
        let sealed = self.b.ins().uload8(types::I64, TRUSTED, object, at::INSTANCE_SEALED as i32);
        let open = self.b.ins().icmp_imm(IntCC::Equal, sealed, 0);
        self.or_else(open, slow);
        let place = self.field_place(object, site, slow);
        self.store_value(b, place, 0);
        self.b.ins().jump(done, &[]);
        self.b.switch_to_block(slow);
        self.b.seal_block(slow);
        self.step_on(pc);
        self.b.ins().jump(done, &[]);
        self.b.switch_to_block(done);
        self.b.seal_block(done);
    }

    /// A captured value of the running function.
    pub(super) fn capture(&mut self, pc: u32, index: u32) -> (Value, Value) {
        let top = self.top_frame();
        let (tag, function) = self.load_value(top, at::FRAME_CALLEE);
        let is = self.b.ins().icmp_imm(IntCC::Equal, tag, Tag::Function as i64);
        self.exit_unless(is, pc);
        let object = self.object(Pointer::Functions, function, at::FUNCTION_SIZE);
        let captures = self.load_ptr(object, at::FUNCTION_CAPTURES + self.vectors.slice_ptr);
        let len = self.load_ptr(object, at::FUNCTION_CAPTURES + self.vectors.slice_len);
        let inside = self.b.ins().icmp_imm(IntCC::UnsignedGreaterThan, len, i64::from(index));
        self.exit_unless(inside, pc);
        self.load_value(captures, index as usize * 16)
    }

    pub(super) fn captured_cell(&mut self, pc: u32, index: u32) -> Value {
        let (tag, bits) = self.capture(pc, index);
        let is = self.b.ins().icmp_imm(IntCC::Equal, tag, Tag::Cell as i64);
        self.exit_unless(is, pc);
        bits
    }

    pub(super) fn load_cell(&mut self, pc: u32, a: usize, cell: Value) {
        let place = self.object(Pointer::Cells, cell, at::VALUE_SIZE);
        let (tag, bits) = self.load_value(place, 0);
        self.exit_unless_value(pc, tag);
        self.def_any(a, tag, bits);
    }

    pub(super) fn store_cell(&mut self, r: usize, cell: Value) {
        let place = self.object(Pointer::Cells, cell, at::VALUE_SIZE);
        self.store_value(r, place, 0);
    }
}
