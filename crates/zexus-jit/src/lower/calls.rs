//! Calls of functions of the program: from native code to native code where nothing else is to be done.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, InstBuilder, Value, types};
use zexus_runtime::Tag;
use zexus_vm::native::{Insn, Op, WINDOW, at};

use super::{LAST_TICK, LEFT, Lower, Pointer, RAISED, TRUSTED, arg, signature};
use crate::shims::Shim;
use crate::state::Kind;
use crate::table::{self, Row};

impl Lower<'_, '_> {
    /// `a =` a call.
    pub(super) fn call(&mut self, pc: u32, i: Insn) {
        let a = usize::from(i.a);
        let (slow, done) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(slow);
        self.b.append_block_param(done, types::I64);
        self.b.append_block_param(done, types::I64);
        let (first, this) = match i.op {
            Op::CallMethod => (usize::from(i.b) + 1, Some(usize::from(i.b))),
            _ => (usize::from(i.b), None),
        };
        let function = self.callee(i, slow);
        let object = self.object(Pointer::Functions, function, at::FUNCTION_SIZE);
        let protection = self.load_ptr(object, at::FUNCTION_PROTECTION);
        let free = self.b.ins().icmp_imm(IntCC::Equal, protection, 0);
        self.or_else(free, slow);
        let code = self.b.ins().uload32(TRUSTED, object, at::FUNCTION_CODE as i32);
        let row = self.row(i, code, slow);
        let entry = self.load_ptr(row, table::ENTRY);
        let there = self.b.ins().icmp_imm(IntCC::NotEqual, entry, 0);
        self.or_else(there, slow);
        self.room(first, slow);

        // From here on nothing can go wrong before the callee runs.
        if let Some(ticks) = self.ticks {
            let t = self.b.use_var(ticks);
            let t = self.b.ins().iadd_imm(t, 1);
            self.b.def_var(ticks, t);
        }
        let live = self.live(pc);
        self.flush(live);
        self.store_counters();
        let window = self.pointer(Pointer::Window);
        let registers = self.b.ins().iadd_imm(window, first as i64 * 16);
        if let Some(this) = this {
            let (tag, bits) = (self.tag_of(this), self.bits_of(this));
            let register = self.b.ins().uload32(TRUSTED, row, table::THIS as i32);
            let offset = self.b.ins().ishl_imm(register, 4);
            let place = self.b.ins().iadd(registers, offset);
            self.store_parts(tag, bits, place, 0);
        }
        self.push_frame(pc, a, first, function, code, row);
        let sig = match self.native_sig {
            Some(sig) => sig,
            None => {
                let sig = self.b.import_signature(signature(self.conv));
                self.native_sig = Some(sig);
                sig
            }
        };
        let call = self.b.ins().call_indirect(sig, entry, &[self.exec, registers]);
        let results = self.b.inst_results(call).to_vec();
        self.reload_all();
        let [tag, bits] = results[..] else { return };
        let fine = self.b.ins().icmp_imm(IntCC::UnsignedLessThan, tag, LEFT);
        let ended = self.b.create_block();
        self.b.set_cold_block(ended);
        self.b.ins().brif(fine, done, &[arg(tag), arg(bits)], ended, &[]);
        self.b.switch_to_block(ended);
        self.b.seal_block(ended);
        self.left_by_callee(tag, done);

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

    /// The function object that is called; goes to `slow` if it is none, or if a method is not known.
    fn callee(&mut self, i: Insn, slow: Block) -> Value {
        match i.op {
            Op::CallGlobal => {
                let globals = self.pointer(Pointer::Globals);
                let (tag, bits) = self.load_value(globals, i.d as usize * 16);
                let is = self.b.ins().icmp_imm(IntCC::Equal, tag, Tag::Function as i64);
                self.or_else(is, slow);
                bits
            }
            Op::CallValue => {
                let r = usize::from(i.d as u8);
                self.ensure(r);
                if self.state.kind(r) != Kind::Is(Tag::Function) {
                    let tag = self.tag_of(r);
                    let is = self.b.ins().icmp_imm(IntCC::Equal, tag, Tag::Function as i64);
                    self.or_else(is, slow);
                }
                self.bits_of(r)
            }
            _ => {
                let r = usize::from(i.b);
                self.ensure(r);
                let site = self.site(i.d);
                self.instance(r, site, slow);
                let (tag, bits) = self.load_value(site, at::SITE_VALUE);
                let is = self.b.ins().icmp_imm(IntCC::Equal, tag, Tag::Function as i64);
                self.or_else(is, slow);
                bits
            }
        }
    }

    /// What is known of the function; goes to `slow` unless a call with these arguments needs nothing but a frame.
    fn row(&mut self, i: Insn, code: Value, slow: Block) -> Value {
        let offset = self.b.ins().imul_imm(code, size_of::<Row>() as i64);
        let row = self.b.ins().iadd_imm(offset, self.table as i64);
        let params = if i.op == Op::CallMethod { table::METHOD } else { table::PLAIN };
        let params = self.b.ins().load(types::I32, TRUSTED, row, params as i32);
        let fits = self.b.ins().icmp_imm(IntCC::Equal, params, i64::from(i.c));
        self.or_else(fits, slow);
        let module = self.b.ins().load(types::I32, TRUSTED, row, table::MODULE as i32);
        let same = self.b.ins().icmp_imm(IntCC::Equal, module, i64::from(self.know.unit.function.module));
        self.or_else(same, slow);
        row
    }

    /// Goes to `slow` unless there is room for a frame, and nothing is due.
    fn room(&mut self, first: usize, slow: Block) {
        let machine = self.pointer(Pointer::Machine);
        let len = self.load_ptr(self.exec, at::EXEC_FRAMES + self.vectors.len);
        let capacity = self.load_ptr(self.exec, at::EXEC_FRAMES + self.vectors.cap);
        let depth = self.b.ins().uload32(TRUSTED, machine, at::MACHINE_DEPTH as i32);
        let shallow = self.b.ins().icmp(IntCC::UnsignedLessThanOrEqual, len, depth);
        let room = self.b.ins().icmp(IntCC::UnsignedLessThan, len, capacity);
        let registers = self.load_ptr(self.exec, at::EXEC_REGISTERS + self.vectors.len);
        let have = self.b.ins().ishl_imm(registers, 4);
        let need = self.b.ins().iadd_imm(self.base, (first + 2 * WINDOW) as i64 * 16);
        let enough = self.b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, have, need);
        let full = self.heap_is_full();
        let stack = self.b.ins().get_stack_pointer(types::I64);
        let low = self.load_ptr(self.exec, at::EXEC_LOW);
        let high = self.b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, stack, low);
        for holds in [shallow, room, enough, high] {
            self.or_else(holds, slow);
        }
        let empty = self.b.ins().icmp_imm(IntCC::Equal, full, 0);
        self.or_else(empty, slow);
        if let Some(ticks) = self.ticks {
            let t = self.b.use_var(ticks);
            let early = self.b.ins().icmp_imm(IntCC::UnsignedLessThan, t, LAST_TICK - 1);
            self.or_else(early, slow);
        }
    }

    fn push_frame(&mut self, pc: u32, a: usize, first: usize, function: Value, code: Value, row: Value) {
        let len = self.load_ptr(self.exec, at::EXEC_FRAMES + self.vectors.len);
        let frames = self.load_ptr(self.exec, at::EXEC_FRAMES + self.vectors.ptr);
        let offset = self.b.ins().imul_imm(len, at::FRAME_SIZE as i64);
        let new = self.b.ins().iadd(frames, offset);
        let store32 = |me: &mut Self, v: Value, offset: i64| {
            me.b.ins().istore32(TRUSTED, v, new, offset as i32);
        };
        let after = self.b.ins().iconst(types::I64, i64::from(pc) + 1);
        store32(self, after, at::FRAME_PC as i64 - at::FRAME_SIZE as i64);
        let pointer = self.load_ptr(row, table::FUNCTION);
        self.b.ins().store(TRUSTED, pointer, new, at::FRAME_FUNCTION as i32);
        let tag = self.b.ins().iconst(types::I64, Tag::Function as i64);
        self.store_parts(tag, function, new, at::FRAME_CALLEE);
        store32(self, code, at::FRAME_FUNC as i64);
        let start = self.b.ins().uload32(TRUSTED, row, table::START as i32);
        store32(self, start, at::FRAME_PC as i64);
        let base = self.b.ins().ushr_imm(self.base, 4);
        let base = self.b.ins().iadd_imm(base, first as i64);
        store32(self, base, at::FRAME_BASE as i64);
        let dst = self.b.ins().iconst(types::I64, a as i64);
        store32(self, dst, at::FRAME_DST as i64);
        let zero = self.b.ins().iconst(types::I64, 0);
        self.b.ins().istore8(TRUSTED, zero, new, at::FRAME_FLAGS as i32);
        let more = self.b.ins().iadd_imm(len, 1);
        self.b.ins().store(TRUSTED, more, self.exec, (at::EXEC_FRAMES + self.vectors.len) as i32);
    }

    /// The callee did not end in native code: tier 1 ends it, or its error goes on.
    fn left_by_callee(&mut self, status: Value, done: Block) {
        let left = self.b.ins().icmp_imm(IntCC::UnsignedLessThan, status, RAISED);
        let (finish, out) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(out);
        self.b.set_cold_block(finish);
        self.b.append_block_param(out, types::I64);
        self.b.ins().brif(left, finish, &[], out, &[arg(status)]);
        self.b.switch_to_block(finish);
        self.b.seal_block(finish);
        let results = self.call_shim(Shim::Finish, &[self.exec, status]);
        self.reload_all();
        if let [tag, bits] = results[..] {
            let fine = self.b.ins().icmp_imm(IntCC::UnsignedLessThan, tag, LEFT);
            self.b.ins().brif(fine, done, &[arg(tag), arg(bits)], out, &[arg(tag)]);
        }
        self.b.switch_to_block(out);
        self.b.seal_block(out);
        let status = self.b.block_params(out).first().copied().unwrap_or(status);
        let zero = self.b.ins().iconst(types::I64, 0);
        self.b.ins().return_(&[status, zero]);
    }
}
