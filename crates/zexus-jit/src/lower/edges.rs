//! How control leaves an instruction: edges between blocks, safe points, exits, shims, the end of the call.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, InstBuilder, Value, types};
use zexus_runtime::Tag;
use zexus_vm::native::{Insn, at};

use super::{LAST_TICK, LEFT, Lower, PAUSED, Pointer, TRUSTED, arg};
use crate::set::Set;
use crate::shims::Shim;
use crate::state::{Kind, State};

/// An edge that needs code of its own, or none.
pub(super) struct Edge {
    pub block: Block,
    to: Option<(u32, u32, State, bool)>,
}

impl Lower<'_, '_> {
    /// The block to jump to for an instruction, given what is known now. [`Lower::finish_edges`] follows after the jump.
    pub(super) fn edge(&mut self, from: u32, to: u32, back: bool) -> Edge {
        let Some(target) = self.blocks.get(&to).copied() else {
            // Never reached by the analysis: leave there.
            let block = self.b.create_block();
            return Edge { block, to: Some((from, to, self.state.clone(), back)) };
        };
        if !back && self.conversions(to).is_empty() {
            return Edge { block: target, to: None };
        }
        let block = self.b.create_block();
        Edge { block, to: Some((from, to, self.state.clone(), back)) }
    }

    /// Registers whose variables are not those that the block expects.
    fn conversions(&self, to: u32) -> Vec<usize> {
        let Some(wanted) = self.states.get(&to) else { return Vec::new() };
        let live = self.know.unit.live.get(to as usize).copied().unwrap_or(Set::ALL);
        let differs = |r: &usize| {
            let (have, want) = (self.state.get(*r), wanted.get(*r));
            live.has(*r)
                && match want.kind {
                    Kind::Memory => have.dirty,
                    Kind::Any => have.kind != Kind::Any,
                    Kind::Is(_) => false,
                }
        };
        (0..wanted.0.len()).filter(differs).collect()
    }

    /// Emits the code of edges.
    pub(super) fn finish_edges(&mut self, edges: Vec<Edge>) {
        let kept = self.state.clone();
        for edge in edges {
            let Some((from, to, state, back)) = edge.to else { continue };
            self.state = state;
            self.b.switch_to_block(edge.block);
            self.b.seal_block(edge.block);
            let Some(target) = self.blocks.get(&to).copied() else {
                self.exit(to);
                continue;
            };
            self.convert(to);
            if back {
                self.safe_point(from, to);
            }
            self.b.ins().jump(target, &[]);
        }
        self.state = kept;
    }

    fn convert(&mut self, to: u32) {
        let Some(wanted) = self.states.get(&to) else { return };
        for r in self.conversions(to) {
            match wanted.kind(r) {
                Kind::Memory => {
                    let window = self.pointer(Pointer::Window);
                    self.store_value(r, window, r * 16);
                }
                _ => {
                    let (tag, bits) = (self.tag_of(r), self.bits_of(r));
                    self.def_any(r, tag, bits);
                }
            }
        }
    }

    /// Goes on at an instruction.
    pub(super) fn goto(&mut self, from: u32, to: u32) {
        let edge = self.edge(from, to, to <= from);
        self.b.ins().jump(edge.block, &[]);
        self.finish_edges(vec![edge]);
    }

    /// Goes on at one of two instructions.
    pub(super) fn branch(&mut self, from: u32, condition: Value, when: bool, to: u32, next: u32) {
        let taken = self.edge(from, to, to <= from);
        let fell = self.edge(from, next, false);
        let (yes, no) = if when { (taken.block, fell.block) } else { (fell.block, taken.block) };
        self.b.ins().brif(condition, yes, &[], no, &[]);
        self.finish_edges(vec![taken, fell]);
    }

    /// Counts a jump back. Where tier 1 has more to do there, it makes the jump itself and comes back to native code.
    fn safe_point(&mut self, from: u32, to: u32) {
        let Some(ticks) = self.ticks else { return };
        let t = self.b.use_var(ticks);
        let t = self.b.ins().iadd_imm(t, 1);
        let due = self.b.ins().icmp_imm(IntCC::UnsignedGreaterThanOrEqual, t, LAST_TICK);
        self.pause_if(due, from);
        if self.allocates(from, to) {
            let full = self.heap_is_full();
            self.pause_if(full, from);
        }
        self.b.def_var(ticks, t);
    }

    /// Leaves before the jump at `pc` if something holds.
    fn pause_if(&mut self, holds: Value, pc: u32) {
        let (out, on) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(out);
        self.b.ins().brif(holds, out, &[], on, &[]);
        self.b.switch_to_block(out);
        self.b.seal_block(out);
        if let (Some((used, _)), true) = (self.gas, self.paid > 0) {
            // The jump pays itself when it is made.
            let now = self.b.use_var(used);
            let before = self.b.ins().iadd_imm(now, -i64::from(self.paid));
            self.b.def_var(used, before);
        }
        self.exit_with(pc, PAUSED);
        self.b.switch_to_block(on);
        self.b.seal_block(on);
    }

    /// Whether the heap wants a collection.
    pub(super) fn heap_is_full(&mut self) -> Value {
        let machine = self.pointer(Pointer::Machine);
        let bytes = self.load_ptr(machine, at::MACHINE_HEAP + at::HEAP_BYTES);
        let threshold = self.load_ptr(machine, at::MACHINE_HEAP + at::HEAP_THRESHOLD);
        self.b.ins().icmp(IntCC::UnsignedGreaterThan, bytes, threshold)
    }

    /// Ends native code with the status that a shim gave, negated, if it gave one.
    pub(super) fn return_if_negative(&mut self, result: Option<Value>) {
        let Some(result) = result else { return };
        let bad = self.b.ins().icmp_imm(IntCC::SignedLessThan, result, 0);
        let (out, on) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(out);
        self.b.ins().brif(bad, out, &[], on, &[]);
        self.b.switch_to_block(out);
        self.b.seal_block(out);
        let status = self.b.ins().ineg(result);
        let zero = self.b.ins().iconst(types::I64, 0);
        self.b.ins().return_(&[status, zero]);
        self.b.switch_to_block(on);
        self.b.seal_block(on);
    }

    /// Leaves at `pc` if something holds.
    pub(super) fn exit_if(&mut self, holds: Value, pc: u32) {
        self.exit_when(holds, true, pc);
    }

    /// Leaves at `pc` if something does not hold.
    pub(super) fn exit_unless(&mut self, holds: Value, pc: u32) {
        self.exit_when(holds, false, pc);
    }

    fn exit_when(&mut self, condition: Value, when: bool, pc: u32) {
        let (out, on) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(out);
        let (yes, no) = if when { (out, on) } else { (on, out) };
        self.b.ins().brif(condition, yes, &[], no, &[]);
        self.b.switch_to_block(out);
        self.b.seal_block(out);
        self.exit(pc);
        self.b.switch_to_block(on);
        self.b.seal_block(on);
    }

    /// Leaves at `pc`.
    pub(super) fn exit(&mut self, pc: u32) {
        self.exit_with(pc, LEFT);
    }

    fn exit_with(&mut self, pc: u32, status: i64) {
        let live = self.live(pc);
        self.flush(live);
        self.store_counters();
        let pc = self.b.ins().iconst(types::I64, i64::from(pc));
        let status = self.b.ins().iconst(types::I64, status);
        self.b.ins().jump(self.leave, &[arg(pc), arg(status)]);
    }

    /// Runs an instruction by the shim, in place of its lowering.
    pub(super) fn shim_step(&mut self, pc: u32, i: Insn, target: Option<u32>, next: Option<u32>, last: bool) {
        let result = self.step(pc);
        self.know.apply(pc, i, crate::plan::Plan::Shim, &mut self.state);
        let Some(next) = next else {
            self.unexpected(result);
            return;
        };
        let came = self.b.ins().icmp_imm(IntCC::Equal, result, i64::from(next));
        let other = self.b.create_block();
        self.b.set_cold_block(other);
        if !last {
            let on = self.b.create_block();
            self.b.ins().brif(came, on, &[], other, &[]);
            self.b.switch_to_block(other);
            self.b.seal_block(other);
            self.unexpected(result);
            self.b.switch_to_block(on);
            self.b.seal_block(on);
            return;
        }
        let on = self.edge(pc, next, false);
        self.b.ins().brif(came, on.block, &[], other, &[]);
        self.finish_edges(vec![on]);
        self.b.switch_to_block(other);
        self.b.seal_block(other);
        match target {
            Some(target) => {
                let came = self.b.ins().icmp_imm(IntCC::Equal, result, i64::from(target));
                let nowhere = self.b.create_block();
                // The shim has done what a jump back does.
                let to = self.edge(pc, target, false);
                self.b.ins().brif(came, to.block, &[], nowhere, &[]);
                self.finish_edges(vec![to]);
                self.b.switch_to_block(nowhere);
                self.b.seal_block(nowhere);
                self.unexpected(result);
            }
            None => self.unexpected(result),
        }
    }

    /// Brings memory up to date and calls the shim for the instruction at `pc`; gives where to go on.
    pub(super) fn step(&mut self, pc: u32) -> Value {
        let live = self.live(pc);
        self.flush(live);
        self.store_counters();
        let at = self.b.ins().iconst(types::I64, i64::from(pc));
        let result = self.call_shim(Shim::Step, &[self.exec, at]);
        self.reload_all();
        result.first().copied().unwrap_or(at)
    }

    /// In a cold block: the shim for an instruction that gives a value to a register; tag and bits of it.
    pub(super) fn step_for_value(&mut self, pc: u32, r: usize) -> (Value, Value) {
        self.step_on(pc);
        let window = self.pointer(Pointer::Window);
        self.load_value(window, r * 16)
    }

    /// In a cold block: the shim for an instruction after which the next one follows.
    pub(super) fn step_on(&mut self, pc: u32) {
        let result = self.step(pc);
        let came = self.b.ins().icmp_imm(IntCC::Equal, result, i64::from(pc) + 1);
        let (out, on) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(out);
        self.b.ins().brif(came, on, &[], out, &[]);
        self.b.switch_to_block(out);
        self.b.seal_block(out);
        self.unexpected(result);
        self.b.switch_to_block(on);
        self.b.seal_block(on);
    }

    /// Ends native code: the shim raised, or went where native code has nothing.
    fn unexpected(&mut self, result: Value) {
        let raised = self.b.ins().icmp_imm(IntCC::SignedLessThan, result, 0);
        let status = self.b.ins().ineg(result);
        let left = self.b.ins().iconst(types::I64, LEFT);
        let status = self.b.ins().select(raised, status, left);
        let zero = self.b.ins().iconst(types::I64, 0);
        self.b.ins().return_(&[status, zero]);
    }

    /// Ends the call with a value.
    pub(super) fn give_back(&mut self, pc: u32, tag: Value, bits: Value) {
        let top = self.top_frame();
        let flags = self.b.ins().uload8(types::I64, TRUSTED, top, at::FRAME_FLAGS as i32);
        let (slow, fast) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(slow);
        self.b.ins().brif(flags, slow, &[], fast, &[]);
        self.b.switch_to_block(slow);
        self.b.seal_block(slow);
        let live = self.live(pc);
        self.flush(live);
        self.store_counters();
        let at_ = self.b.ins().iconst(types::I64, i64::from(pc) + 1);
        let status = self.call_shim(Shim::Leave, &[self.exec, at_, tag, bits]);
        self.return_if_negative(status.first().copied());
        self.b.ins().return_(&[tag, bits]);
        self.b.switch_to_block(fast);
        self.b.seal_block(fast);
        let len = self.load_ptr(self.exec, at::EXEC_FRAMES + self.vectors.len);
        let len = self.b.ins().iadd_imm(len, -1);
        self.b.ins().store(TRUSTED, len, self.exec, (at::EXEC_FRAMES + self.vectors.len) as i32);
        self.store_counters();
        self.b.ins().return_(&[tag, bits]);
    }

    /// `for` over a range: the next integer, or the end.
    pub(super) fn next_integer(&mut self, pc: u32, i: Insn) {
        let (a, b) = (usize::from(i.a), usize::from(i.b));
        self.guard(b, Tag::Int, pc);
        self.guard(b + 1, Tag::Int, pc);
        let (n, end) = (self.bits_of(b), self.bits_of(b + 1));
        let more = self.b.ins().icmp(IntCC::SignedLessThan, n, end);
        let (item, over) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(more, item, &[], over, &[]);
        let back = i.op == zexus_vm::native::Op::IterLoop;
        let (with, without) = if back { (i.d, pc + 1) } else { (pc + 1, i.d) };
        self.b.switch_to_block(over);
        self.b.seal_block(over);
        self.goto(pc, without);
        self.b.switch_to_block(item);
        self.b.seal_block(item);
        if with <= pc {
            self.safe_point(pc, with);
        }
        let next = self.b.ins().iadd_imm(n, 1);
        self.def_bits(a, n);
        self.def_bits(b, next);
        self.state.define(b, Kind::Is(Tag::Int));
        self.state.define(a, Kind::Is(Tag::Int));
        let edge = self.edge(pc, with, false);
        self.b.ins().jump(edge.block, &[]);
        self.finish_edges(vec![edge]);
    }
}
