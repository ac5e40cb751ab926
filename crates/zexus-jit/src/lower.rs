//! From a unit to Cranelift's intermediate code.
//!
//! Each register of the frame has up to three variables: bits, float, tag. [`State`] says which of them hold the value, and whether
//! memory has an older one. Memory is brought up to date only where something else can look: at exits, shims, calls and safe points.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    AbiParam, Block, BlockArg, InstBuilder, MemFlags, SigRef, Signature, Type, Value, types,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::{FunctionBuilder, Variable};
use rustc_hash::FxHashMap;
use zexus_runtime::Tag;
use zexus_vm::native::{Insn, Op, TICKS, at};

use crate::layout::Vectors;
use crate::options::Defect;
use crate::plan::{Knowledge, Plan};
use crate::set::Set;
use crate::shims::{self, Shim};
use crate::state::{Kind, State};

mod calls;
mod edges;
mod memory;
mod numbers;
mod objects;
mod values;

/// What native code returns besides a tag: it left, tier 1 goes on at the frame's pc.
pub(crate) const LEFT: i64 = 0x100;
/// What native code returns besides a tag: as [`LEFT`], but tier 1 has something to do where code goes back; nothing was wrong.
pub(crate) const PAUSED: i64 = 0x101;
/// What native code returns besides a tag: an error, whose number is in the low byte.
pub(crate) const RAISED: i64 = 0x200;

/// Addresses that change only where shims run, kept in variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Pointer {
    Window,
    Machine,
    Globals,
    Lists,
    Functions,
    Instances,
    Cells,
    Consts,
    Sites,
}

/// The translation of a unit.
pub(crate) struct Lower<'l, 'f> {
    pub b: FunctionBuilder<'f>,
    pub know: &'l Knowledge<'l>,
    pub states: &'l FxHashMap<u32, State>,
    pub vectors: Vectors,
    /// What is known at the instruction that is lowered.
    pub state: State,
    blocks: FxHashMap<u32, Block>,
    /// How instructions are lowered.
    plans: FxHashMap<u32, Plan>,
    exec: Value,
    /// The distance of the frame's registers from the first register, in bytes.
    base: Value,
    bits: Vec<Option<Variable>>,
    floats: Vec<Option<Variable>>,
    tags: Vec<Option<Variable>>,
    pointers: Vec<(Pointer, Variable)>,
    ticks: Option<Variable>,
    gas: Option<(Variable, Variable)>,
    /// What the jump that is lowered has paid.
    paid: u32,
    leave: Block,
    signatures: FxHashMap<Shim, SigRef>,
    conv: CallConv,
    /// Where native code of functions starts, by function; 0 without.
    pub table: usize,
    pub native_sig: Option<SigRef>,
    /// What is done wrong on purpose.
    pub planted: Option<Defect>,
}

const TRUSTED: MemFlags = MemFlags::trusted();

/// The signature of native code: the task and the registers of the frame; a tag or status, and bits.
pub(crate) fn signature(conv: CallConv) -> Signature {
    let mut signature = Signature::new(conv);
    signature.params.extend([AbiParam::new(types::I64), AbiParam::new(types::I64)]);
    signature.returns.extend([AbiParam::new(types::I64), AbiParam::new(types::I64)]);
    signature
}

impl<'l, 'f> Lower<'l, 'f> {
    /// Translates a whole unit.
    pub fn run(
        mut b: FunctionBuilder<'f>,
        know: &'l Knowledge<'l>,
        states: &'l FxHashMap<u32, State>,
        vectors: Vectors,
        conv: CallConv,
        table: usize,
        planted: Option<Defect>,
    ) {
        let entry = b.create_block();
        b.append_block_params_for_function_params(entry);
        b.switch_to_block(entry);
        b.seal_block(entry);
        let (exec, window) = match b.block_params(entry) {
            [exec, window] => (*exec, *window),
            _ => return,
        };
        let leave = b.create_block();
        b.append_block_param(leave, types::I64);
        b.append_block_param(leave, types::I64);
        b.set_cold_block(leave);
        let n = know.unit.function.registers.min(256) as usize;
        let blocks = states.keys().map(|at| (*at, b.create_block())).collect();
        let mut lower = Lower {
            b,
            know,
            states,
            vectors,
            state: State::new(n),
            blocks,
            plans: FxHashMap::default(),
            exec,
            base: exec,
            bits: vec![None; n],
            floats: vec![None; n],
            tags: vec![None; n],
            pointers: Vec::new(),
            ticks: None,
            gas: None,
            paid: 0,
            leave,
            signatures: FxHashMap::default(),
            conv,
            table,
            native_sig: None,
            planted,
        };
        lower.prologue(window);
        lower.plan_all();
        let mut order: Vec<u32> = states.keys().copied().collect();
        order.sort_unstable();
        for at in order {
            lower.block(at);
        }
        lower.leave_block();
        lower.b.seal_all_blocks();
        lower.b.finalize();
    }

    fn prologue(&mut self, window: Value) {
        let first = self.load_ptr(self.exec, at::EXEC_REGISTERS + self.vectors.ptr);
        self.base = self.b.ins().isub(window, first);
        self.scan();
        self.reload_all();
        if let Some(v) = self.pointer_var(Pointer::Window) {
            self.b.def_var(v, window);
        }
        let entry = self.know.unit.entry;
        let Some(wanted) = self.states.get(&entry).cloned() else { return };
        self.state = State::new(wanted.0.len());
        for (r, reg) in wanted.0.iter().enumerate() {
            if reg.kind == Kind::Memory {
                continue;
            }
            self.ensure(r);
            if let Kind::Is(tag) = reg.kind {
                self.guard(r, tag, entry);
            }
        }
        let block = self.edge(entry, entry, false);
        self.b.ins().jump(block.block, &[]);
        self.finish_edges(vec![block]);
    }

    /// Which addresses and counters the unit needs.
    fn scan(&mut self) {
        use Op::*;
        let unit = self.know.unit;
        let mut wanted = vec![Pointer::Machine, Pointer::Window];
        let (mut ticks, mut gas) = (false, false);
        for at in (0..unit.reached.len()).filter(|at| unit.reached[*at]) {
            let i = unit.function.code[at];
            if unit.effects[at].target.is_some_and(|to| to as usize <= at) {
                ticks = true;
            }
            match i.op {
                Gas | PaidLt | PaidLe | PaidLtI | PaidLeI | PaidGtI | PaidGeI => gas = true,
                LoadGlobal | StoreGlobal => wanted.push(Pointer::Globals),
                LoadK => wanted.push(Pointer::Consts),
                LoadCell | StoreCell => wanted.push(Pointer::Cells),
                LoadCapture => wanted.push(Pointer::Functions),
                LoadCaptureCell | StoreCaptureCell => wanted.extend([Pointer::Functions, Pointer::Cells]),
                Index | IndexI | SetIndex | Len | Append => wanted.push(Pointer::Lists),
                Field | SetField => wanted.extend([Pointer::Instances, Pointer::Sites]),
                CallGlobal => wanted.extend([Pointer::Globals, Pointer::Functions]),
                CallMethod => wanted.extend([Pointer::Instances, Pointer::Sites, Pointer::Functions]),
                CallValue => wanted.push(Pointer::Functions),
                _ => (),
            }
            ticks |= matches!(i.op, CallGlobal | CallMethod | CallValue);
        }
        for pointer in wanted {
            if self.pointer_var(pointer).is_none() {
                let v = self.b.declare_var(types::I64);
                self.pointers.push((pointer, v));
            }
        }
        if ticks {
            self.ticks = Some(self.b.declare_var(types::I32));
        }
        if gas {
            self.gas = Some((self.b.declare_var(types::I64), self.b.declare_var(types::I64)));
        }
    }

    /// Whether something between a jump back and where it leads can make the heap want a collection: shims, calls, lists that grow.
    fn allocates(&self, from: u32, to: u32) -> bool {
        let unit = self.know.unit;
        (to..=from).filter(|at| unit.reached[*at as usize]).any(|at| {
            let i = unit.function.code[at as usize];
            let grows = matches!(i.op, Op::Append | Op::CallGlobal | Op::CallMethod | Op::CallValue);
            grows || !matches!(self.known_plan(at), Some(Plan::Inline | Plan::Numbers(..)))
        })
    }

    /// Finds how each instruction is lowered.
    fn plan_all(&mut self) {
        for (at, state) in self.states {
            let mut state = state.clone();
            for pc in *at..self.know.unit.end(*at) {
                let i = self.know.unit.function.code[pc as usize];
                let plan = self.know.plan(pc, i, &state);
                self.plans.insert(pc, plan);
                self.know.apply(pc, i, plan, &mut state);
            }
        }
    }

    /// How an instruction is lowered.
    fn known_plan(&self, at: u32) -> Option<Plan> {
        self.plans.get(&at).copied()
    }

    fn block(&mut self, at: u32) {
        let (Some(block), Some(state)) = (self.blocks.get(&at).copied(), self.states.get(&at)) else {
            return;
        };
        self.b.switch_to_block(block);
        self.state = state.clone();
        let unit = self.know.unit;
        let end = unit.end(at);
        for pc in at..end {
            let i = unit.function.code[pc as usize];
            let plan = self.know.plan(pc, i, &self.state);
            if plan == Plan::Leave {
                self.exit(pc);
                return;
            }
            let last = pc + 1 == end;
            self.insn(pc, i, plan, last);
        }
    }

    /// Lowers an instruction; the last one of a block ends it.
    fn insn(&mut self, pc: u32, i: Insn, plan: Plan, last: bool) {
        let e = self.know.unit.effects[pc as usize];
        match plan {
            Plan::Leave => return,
            Plan::Shim => {
                self.shim_step(pc, i, e.target, e.next, last);
                return;
            }
            Plan::Numbers(p, q) => {
                if self.numbers(pc, i, p, q) {
                    return;
                }
            }
            Plan::Inline => {
                if self.inline(pc, i) {
                    return;
                }
            }
        }
        self.know.apply(pc, i, plan, &mut self.state);
        if last && let Some(next) = e.next {
            self.goto(pc, next);
        }
    }

    /// Lowers what is no operator on numbers; whether it has ended the block.
    fn inline(&mut self, pc: u32, i: Insn) -> bool {
        use Op::*;
        let (a, b, c) = (usize::from(i.a), usize::from(i.b), usize::from(i.c));
        match i.op {
            Move => self.copy(a, b),
            LoadK => self.constant(a, i.d),
            LoadInt => {
                let v = self.b.ins().iconst(types::I64, i.signed());
                self.def_bits(a, v);
            }
            LoadNull | Undef => {
                let v = self.b.ins().iconst(types::I64, 0);
                self.def_bits(a, v);
            }
            LoadBool => {
                let v = self.b.ins().iconst(types::I64, i64::from(i.b != 0));
                self.def_bits(a, v);
            }
            Check => self.not_undefined(pc, a),
            CheckTags => self.check_tags(pc, a, i.d),
            LoadGlobal => {
                let globals = self.pointer(Pointer::Globals);
                let (tag, bits) = self.load_value(globals, i.d as usize * 16);
                self.exit_unless_value(pc, tag);
                self.def_any(a, tag, bits);
            }
            StoreGlobal => {
                let globals = self.pointer(Pointer::Globals);
                self.store_value(a, globals, i.d as usize * 16);
            }
            LoadCell => {
                self.guard(b, Tag::Cell, pc);
                let cell = self.bits_of(b);
                self.load_cell(pc, a, cell);
            }
            StoreCell => {
                self.guard(a, Tag::Cell, pc);
                let cell = self.bits_of(a);
                self.store_cell(b, cell);
            }
            LoadCapture => {
                let (tag, bits) = self.capture(pc, i.d);
                self.def_any(a, tag, bits);
            }
            LoadCaptureCell => {
                let cell = self.captured_cell(pc, i.d);
                self.load_cell(pc, a, cell);
            }
            StoreCaptureCell => {
                let cell = self.captured_cell(pc, i.d);
                self.store_cell(a, cell);
            }
            Not => {
                let t = self.truthy(b);
                let one = self.b.ins().bxor_imm(t, 1);
                self.def_bool(a, one);
            }
            And => {
                let (x, y) = (self.truthy(b), self.truthy(c));
                let v = self.b.ins().band(x, y);
                self.def_bool(a, v);
            }
            Or => {
                let (x, y) = (self.truthy(b), self.truthy(c));
                let v = self.b.ins().bor(x, y);
                self.def_bool(a, v);
            }
            Gas => self.charge(pc, i.d),
            Jump | Loop => {
                self.goto(pc, i.d);
                return true;
            }
            JumpFalse | JumpTrue => {
                let t = self.truthy(a);
                self.state.load(a);
                self.branch(pc, t, i.op == JumpTrue, i.d, pc + 1);
                return true;
            }
            JumpNull | JumpNotNull => {
                let tag = self.tag_of(a);
                let null = self.b.ins().icmp_imm(IntCC::Equal, tag, Tag::Null as i64);
                self.branch(pc, null, i.op == JumpNull, i.d, pc + 1);
                return true;
            }
            IterNext | IterLoop => {
                self.next_integer(pc, i);
                return true;
            }
            Index | IndexI => self.index(pc, i),
            SetIndex => self.set_index(pc, i),
            Len => self.len(pc, i),
            Append => self.append(pc, i),
            Sqrt => {
                self.guard(b, Tag::Float, pc);
                let x = self.float_of(b);
                let zero = self.b.ins().f64const(0.0);
                let fine =
                    self.b.ins().fcmp(cranelift_codegen::ir::condcodes::FloatCC::GreaterThanOrEqual, x, zero);
                self.exit_unless(fine, pc);
                let v = self.b.ins().sqrt(x);
                self.def_float(a, v);
            }
            Field => self.field(pc, i),
            SetField => self.set_field(pc, i),
            CallGlobal | CallValue | CallMethod => self.call(pc, i),
            Return => {
                self.ensure(a);
                let (tag, bits) = (self.tag_of(a), self.bits_of(a));
                self.give_back(pc, tag, bits);
                return true;
            }
            ReturnNull => {
                let tag = self.b.ins().iconst(types::I64, Tag::Null as i64);
                let bits = self.b.ins().iconst(types::I64, 0);
                self.give_back(pc, tag, bits);
                return true;
            }
            _ => (),
        }
        false
    }

    /// The block that all exits go to: the frame gets the pc.
    fn leave_block(&mut self) {
        self.b.switch_to_block(self.leave);
        let [pc, status] = *self.b.block_params(self.leave) else { return };
        let top = self.top_frame();
        let pc = self.b.ins().ireduce(types::I32, pc);
        self.b.ins().store(TRUSTED, pc, top, at::FRAME_PC as i32);
        let zero = self.b.ins().iconst(types::I64, 0);
        self.b.ins().return_(&[status, zero]);
    }

    /// Calls a function of this crate.
    fn call_shim(&mut self, shim: Shim, args: &[Value]) -> Vec<Value> {
        let conv = self.conv;
        let sig = match self.signatures.get(&shim) {
            Some(sig) => *sig,
            None => {
                let sig = self.b.import_signature(shim.signature(conv));
                self.signatures.insert(shim, sig);
                sig
            }
        };
        let callee = self.b.ins().iconst(types::I64, shims::address(shim) as i64);
        let call = self.b.ins().call_indirect(sig, callee, args);
        self.b.inst_results(call).to_vec()
    }

    fn variable(list: &mut [Option<Variable>], b: &mut FunctionBuilder<'_>, r: usize, ty: Type) -> Variable {
        match list.get(r).copied().flatten() {
            Some(v) => v,
            None => {
                let v = b.declare_var(ty);
                if let Some(place) = list.get_mut(r) {
                    *place = Some(v);
                }
                v
            }
        }
    }

    /// Registers that are alive before an instruction or that it needs.
    fn live(&self, pc: u32) -> Set {
        let unit = self.know.unit;
        let live = unit.live.get(pc as usize).copied().unwrap_or(Set::ALL);
        live.or(unit.effects.get(pc as usize).map(|e| e.uses).unwrap_or_default())
    }
}

/// An argument of a block.
fn arg(v: Value) -> BlockArg {
    BlockArg::Value(v)
}

/// [`TICKS`] as an immediate.
const LAST_TICK: i64 = TICKS as i64;
