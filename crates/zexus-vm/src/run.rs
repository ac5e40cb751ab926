//! The loop that runs linked code.
//!
//! The arms hold what is hot; they name registers by bytes in a window of 256, so nothing is checked there. All else is out of line
//! and gets the whole task, after which the window is taken anew. An arm that fails leaves the inner loop with its trap.

use zexus_bytecode::operator::BinOp;
use zexus_runtime::{Tag, Trap, Value};

use crate::exec::{Exec, WINDOW};
use crate::frame::{self, Frame};
use insn::Op;

pub(crate) mod insn;
mod sites;
pub(crate) mod slow;
mod step;
mod unwind;

pub(crate) use sites::{Site, tags_of};

/// Calls and back-edges between two questions to the host whether to stop.
const TICKS: u32 = 1024;

/// The registers that a frame sees. There are always that many: see [`Exec::reserve`].
#[inline(always)]
fn window(registers: &mut [Value], base: usize) -> &mut [Value; WINDOW] {
    match registers.get_mut(base..).and_then(|rest| rest.first_chunk_mut()) {
        Some(window) => window,
        None => no_window(),
    }
}

#[cold]
#[allow(clippy::panic)]
fn no_window() -> ! {
    panic!("a frame without registers")
}

/// The sum, difference or product of two values of 64 bits or floats; `None` for all else.
macro_rules! fast {
    ($x:expr, $y:expr, $int:ident, $float:tt) => {{
        let (x, y): (Value, Value) = ($x, $y);
        if let (Some(i), Some(j)) = (x.as_int(), y.as_int()) {
            i.$int(j).map(Value::int)
        } else if let (Some(i), Some(j)) = (x.as_float(), y.as_float()) {
            Some(Value::float(i $float j))
        } else {
            None
        }
    }};
}

/// Whether `x $op y` for two integers of 64 bits or two floats; `None` for all else.
macro_rules! ordered {
    ($x:expr, $y:expr, $op:tt) => {{
        let (x, y): (Value, Value) = ($x, $y);
        if let (Some(i), Some(j)) = (x.as_int(), y.as_int()) {
            Some(i $op j)
        } else if let (Some(i), Some(j)) = (x.as_float(), y.as_float()) {
            Some(i $op j)
        } else {
            None
        }
    }};
}

/// Whether two values that need no look at the heap are equal; `None` for all else.
#[inline(always)]
fn plainly_equal(x: Value, y: Value) -> Option<bool> {
    match (x.tag(), y.tag()) {
        (Tag::Int | Tag::Bool | Tag::Null, _) if x.tag() == y.tag() => Some(x.bits() == y.bits()),
        (Tag::Null | Tag::Bool, _) => Some(false),
        (Tag::Instance, _) => None,
        (_, Tag::Null | Tag::Bool) => Some(false),
        _ => None,
    }
}

impl Exec<'_> {
    /// Runs the frame on top until it ends. Its frame has the flag [`frame::ENTRY`].
    pub(crate) fn run(&mut self) -> Result<Value, Trap> {
        loop {
            let trap = match self.run_frames() {
                Ok(v) => return Ok(v),
                Err(trap) => trap,
            };
            if !self.unwind(trap)? {
                return Err(trap);
            }
        }
    }

    /// Runs until the frame with the flag [`frame::ENTRY`] ends, or an error is raised, whose instruction is then the one before the
    /// top frame's [`Frame::pc`].
    #[allow(clippy::indexing_slicing, clippy::too_many_lines)]
    fn run_frames(&mut self) -> Result<Value, Trap> {
        let program = self.program;
        'frame: loop {
            let top = self.frames.len() - 1;
            let Frame { func, pc, base, .. } = self.frames[top];
            let (function, base) = (&program.functions[func as usize], base as usize);
            let code = &function.code[..];
            let mut pc = pc as usize;
            let mut r = window(&mut self.registers, base);

            /// Leaves the loop with a trap of the instruction that runs.
            macro_rules! raise {
                ($trap:expr) => {{
                    let trap = $trap;
                    self.frames[top].pc = pc as u32;
                    return Err(trap);
                }};
            }
            /// What a function out of line gives; the window is taken anew.
            macro_rules! slow {
                ($call:expr) => {{
                    let result = $call;
                    r = window(&mut self.registers, base);
                    match result {
                        Ok(v) => v,
                        Err(trap) => raise!(trap),
                    }
                }};
            }
            /// Between two rounds of a loop, and before a call.
            macro_rules! safe_point {
                () => {
                    self.ticks += 1;
                    if self.ticks >= TICKS || self.m.heap.wants_collection() {
                        slow!(self.safe_point(base + function.registers as usize));
                    }
                };
            }
            /// Goes on elsewhere; backward it is a safe point.
            macro_rules! jump {
                ($to:expr) => {{
                    let to = $to as usize;
                    if to < pc {
                        safe_point!();
                    }
                    pc = to;
                }};
            }
            macro_rules! arith {
                ($i:ident, $x:expr, $y:expr, $op:ident, $int:ident, $float:tt) => {{
                    let (x, y) = ($x, $y);
                    r[$i.a as usize] = match fast!(x, y, $int, $float) {
                        Some(v) => v,
                        None => slow!(self.binary(BinOp::$op, x, y)),
                    };
                }};
            }
            macro_rules! arith_int {
                ($i:ident, $op:ident, $int:ident) => {{
                    let x = r[$i.b as usize];
                    r[$i.a as usize] = match x.as_int().and_then(|n| n.$int($i.signed())) {
                        Some(v) => Value::int(v),
                        None => {
                            let y = Value::int($i.signed());
                            let (x, y) = if $i.c == 0 { (x, y) } else { (y, x) };
                            slow!(self.binary(BinOp::$op, x, y))
                        }
                    };
                }};
            }
            /// An operator with a constant float.
            macro_rules! arith_float {
                ($i:ident, $op:ident, |$x:ident, $k:ident| $result:expr, $left:literal) => {{
                    let (v, k) = (r[$i.b as usize], self.shared.consts[$i.d as usize]);
                    r[$i.a as usize] = match (v.as_float(), k.as_float()) {
                        (Some($x), Some($k)) => Value::float($result),
                        _ if $left => slow!(self.binary(BinOp::$op, k, v)),
                        _ => slow!(self.binary(BinOp::$op, v, k)),
                    };
                }};
            }
            macro_rules! compare {
                ($i:ident, $op:ident, $tok:tt) => {{
                    let (x, y) = (r[$i.b as usize], r[$i.c as usize]);
                    r[$i.a as usize] = match ordered!(x, y, $tok) {
                        Some(b) => Value::bool(b),
                        None => slow!(self.compare(func, pc - 1, BinOp::$op, x, y)),
                    };
                }};
            }
            macro_rules! jump_compare {
                ($i:ident, $op:ident, $tok:tt, $when:literal) => {{
                    let (x, y) = (r[$i.a as usize], r[$i.b as usize]);
                    let holds = match ordered!(x, y, $tok) {
                        Some(b) => b,
                        None => slow!(self.compare(func, pc - 1, BinOp::$op, x, y)).truthy(),
                    };
                    if holds == $when {
                        jump!($i.d);
                    }
                }};
            }
            macro_rules! jump_equal {
                ($i:ident, $op:ident, $when:literal) => {{
                    let (x, y) = (r[$i.a as usize], r[$i.b as usize]);
                    let equal = match plainly_equal(x, y) {
                        Some(b) => b == $when,
                        None => slow!(self.compare(func, pc - 1, BinOp::$op, x, y)).truthy(),
                    };
                    if equal {
                        jump!($i.d);
                    }
                }};
            }
            macro_rules! jump_short {
                ($i:ident, $op:ident, $tok:tt, $when:literal) => {{
                    let x = r[$i.a as usize];
                    let holds = match x.as_int() {
                        Some(n) => n $tok $i.short(),
                        None => match x.as_float() {
                            Some(f) => f $tok ($i.short() as f64),
                            None => {
                                let y = Value::int($i.short());
                                slow!(self.compare(func, pc - 1, BinOp::$op, x, y)).truthy()
                            }
                        },
                    };
                    if holds == $when {
                        jump!($i.d);
                    }
                }};
            }
            /// Goes on in the frame of a call, or with its result.
            macro_rules! called {
                ($i:ident, $call:expr) => {{
                    self.frames[top].pc = pc as u32;
                    match slow!($call) {
                        Some(v) => r[$i.a as usize] = v,
                        None => continue 'frame,
                    }
                }};
            }
            /// Enters a function that needs nothing but a frame; its arguments start at the register `$at`.
            macro_rules! enter {
                ($i:ident, $callee:expr, $code:expr, $plain:ident, $at:expr) => {{
                    let callee = &program.functions[$code as usize];
                    if callee.$plain && callee.params == u32::from($i.c) {
                        let at = base + $at;
                        if self.frames.len() <= self.m.limits.depth as usize
                            && callee.module == function.module
                            && self.registers.len() >= at + 2 * WINDOW
                            && !self.m.policy.trails("call")
                        {
                            self.ticks += 1;
                            if self.ticks < TICKS && !self.m.heap.wants_collection() {
                                self.frames[top].pc = pc as u32;
                                self.frames.push(Frame {
                                    callee: $callee,
                                    func: $code,
                                    pc: callee.start,
                                    base: at as u32,
                                    dst: u32::from($i.a),
                                    flags: 0,
                                });
                                continue 'frame;
                            }
                        }
                    }
                }};
            }
            macro_rules! end_call {
                ($v:expr) => {{
                    let v = $v;
                    if self.frames[top].flags != 0 {
                        self.frames[top].pc = pc as u32;
                        if self.leave(v)? {
                            return Ok(v);
                        }
                        continue 'frame;
                    }
                    let dst = self.frames[top].dst;
                    self.frames.pop();
                    let to = self.frames[top - 1].base as usize + dst as usize;
                    self.registers[to] = v;
                    continue 'frame;
                }};
            }

            loop {
                let i = code[pc];
                pc += 1;
                match i.op {
                    Op::Nop => (),
                    Op::Move => r[i.a as usize] = r[i.b as usize],
                    Op::LoadChecked => {
                        let v = r[i.b as usize];
                        if v.is_undef() {
                            raise!(self.undefined_at(func, pc - 1));
                        }
                        r[i.a as usize] = v;
                    }
                    Op::Check => {
                        if r[i.a as usize].is_undef() {
                            raise!(self.undefined_at(func, pc - 1));
                        }
                    }
                    Op::LoadK => r[i.a as usize] = self.shared.consts[i.d as usize],
                    Op::LoadInt => r[i.a as usize] = Value::int(i.signed()),
                    Op::LoadNull => r[i.a as usize] = Value::NULL,
                    Op::LoadBool => r[i.a as usize] = Value::bool(i.b != 0),
                    Op::Undef => r[i.a as usize] = Value::UNDEF,
                    Op::LoadGlobal => {
                        let v = self.m.globals[i.d as usize];
                        r[i.a as usize] = match v.is_undef() {
                            true if i.b == 0 => slow!(self.read_global(i.d)),
                            true => raise!(self.undefined_at(func, pc - 1)),
                            false => v,
                        };
                    }
                    Op::StoreGlobal => self.m.globals[i.d as usize] = r[i.a as usize],
                    Op::LoadCell => {
                        let v = r[i.b as usize].as_cell().map_or(Value::UNDEF, |c| self.m.heap.cell(c).0);
                        if v.is_undef() {
                            raise!(self.undefined_at(func, pc - 1));
                        }
                        r[i.a as usize] = v;
                    }
                    Op::StoreCell => {
                        if let Some(c) = r[i.a as usize].as_cell() {
                            self.m.heap.cell_mut(c).0 = r[i.b as usize];
                        }
                    }
                    Op::LoadCapture => {
                        let f = self.frames[top].callee.as_function();
                        let v = f.and_then(|f| self.m.heap.function(f).captures.get(i.d as usize).copied());
                        r[i.a as usize] = v.unwrap_or(Value::UNDEF);
                    }
                    Op::LoadCaptureCell => {
                        let f = self.frames[top].callee.as_function();
                        let v = f.and_then(|f| self.m.heap.function(f).captures.get(i.d as usize).copied());
                        let cell = v.and_then(Value::as_cell);
                        let v = cell.map_or(Value::UNDEF, |c| self.m.heap.cell(c).0);
                        if v.is_undef() {
                            raise!(self.undefined_at(func, pc - 1));
                        }
                        r[i.a as usize] = v;
                    }
                    Op::StoreCaptureCell => {
                        let f = self.frames[top].callee.as_function();
                        let v = f.and_then(|f| self.m.heap.function(f).captures.get(i.d as usize).copied());
                        if let Some(c) = v.and_then(Value::as_cell) {
                            self.m.heap.cell_mut(c).0 = r[i.a as usize];
                        }
                    }
                    Op::Enter => slow!(self.clear_registers(base, function)),
                    Op::RenewCell => r[i.a as usize] = slow!(self.new_cell(Value::UNDEF)),
                    Op::CopyCell => {
                        let old = r[i.a as usize].as_cell().map_or(Value::UNDEF, |c| self.m.heap.cell(c).0);
                        r[i.a as usize] = slow!(self.new_cell(old));
                    }

                    Op::Add => arith!(i, r[i.b as usize], r[i.c as usize], Add, checked_add, +),
                    Op::Sub => arith!(i, r[i.b as usize], r[i.c as usize], Sub, checked_sub, -),
                    Op::Mul => arith!(i, r[i.b as usize], r[i.c as usize], Mul, checked_mul, *),
                    Op::Div => {
                        let (x, y) = (r[i.b as usize], r[i.c as usize]);
                        r[i.a as usize] = match (x.as_float(), y.as_float()) {
                            (Some(x), Some(y)) if y != 0.0 => Value::float(x / y),
                            _ => slow!(self.binary(BinOp::Div, x, y)),
                        };
                    }
                    Op::Mod => {
                        let (x, y) = (r[i.b as usize], r[i.c as usize]);
                        r[i.a as usize] = match (x.as_int(), y.as_int()) {
                            (Some(x), Some(y)) if y > 0 => Value::int(floored_rest(x, y)),
                            _ => slow!(self.binary(BinOp::Mod, x, y)),
                        };
                    }
                    Op::IntDiv => {
                        let (x, y) = (r[i.b as usize], r[i.c as usize]);
                        r[i.a as usize] = match (x.as_int(), y.as_int()) {
                            (Some(x), Some(y)) if y > 0 => Value::int(floored_quotient(x, y)),
                            _ => slow!(self.binary(BinOp::IntDiv, x, y)),
                        };
                    }
                    Op::Pow => {
                        let (x, y) = (r[i.b as usize], r[i.c as usize]);
                        let square = if y.as_int() == Some(2) { fast!(x, x, checked_mul, *) } else { None };
                        r[i.a as usize] = match square {
                            Some(v) => v,
                            None => slow!(self.binary(BinOp::Pow, x, y)),
                        };
                    }
                    Op::Neg => {
                        let x = r[i.b as usize];
                        r[i.a as usize] = match x.as_float() {
                            Some(f) => Value::float(-f),
                            None => slow!(zexus_runtime::ops::neg(&mut self.m, x)),
                        };
                    }
                    Op::AddI => arith_int!(i, Add, checked_add),
                    Op::SubI => arith_int!(i, Sub, checked_sub),
                    Op::MulI => arith_int!(i, Mul, checked_mul),
                    Op::ModI => {
                        let x = r[i.b as usize];
                        r[i.a as usize] = match x.as_int() {
                            Some(n) => Value::int(floored_rest(n, i.signed())),
                            None => slow!(self.binary(BinOp::Mod, x, Value::int(i.signed()))),
                        };
                    }
                    Op::IntDivI => {
                        let x = r[i.b as usize];
                        r[i.a as usize] = match x.as_int() {
                            Some(n) => Value::int(floored_quotient(n, i.signed())),
                            None => slow!(self.binary(BinOp::IntDiv, x, Value::int(i.signed()))),
                        };
                    }
                    Op::AddK => arith_float!(i, Add, |x, k| x + k, false),
                    Op::SubK => arith_float!(i, Sub, |x, k| x - k, false),
                    Op::MulK => arith_float!(i, Mul, |x, k| x * k, false),
                    Op::DivK => arith_float!(i, Div, |x, k| x / k, false),
                    Op::KAdd => arith_float!(i, Add, |x, k| k + x, true),
                    Op::KSub => arith_float!(i, Sub, |x, k| k - x, true),
                    Op::KMul => arith_float!(i, Mul, |x, k| k * x, true),
                    Op::KDiv => {
                        let (v, k) = (r[i.b as usize], self.shared.consts[i.d as usize]);
                        r[i.a as usize] = match (v.as_float(), k.as_float()) {
                            (Some(x), Some(k)) if x != 0.0 => Value::float(k / x),
                            _ => slow!(self.binary(BinOp::Div, k, v)),
                        };
                    }
                    Op::Lt => compare!(i, Lt, <),
                    Op::Le => compare!(i, Le, <=),
                    Op::Eq | Op::Ne => {
                        let (x, y) = (r[i.b as usize], r[i.c as usize]);
                        r[i.a as usize] = match plainly_equal(x, y) {
                            Some(b) => Value::bool(b == (i.op == Op::Eq)),
                            None => {
                                let op = if i.op == Op::Eq { BinOp::Eq } else { BinOp::Ne };
                                slow!(self.binary(op, x, y))
                            }
                        };
                    }
                    Op::Not => r[i.a as usize] = Value::bool(!r[i.b as usize].truthy()),
                    Op::And => {
                        r[i.a as usize] = Value::bool(r[i.b as usize].truthy() && r[i.c as usize].truthy());
                    }
                    Op::Or => {
                        r[i.a as usize] = Value::bool(r[i.b as usize].truthy() || r[i.c as usize].truthy());
                    }
                    Op::In => {
                        let (x, y) = (r[i.b as usize], r[i.c as usize]);
                        r[i.a as usize] = slow!(self.binary(BinOp::In, x, y));
                    }

                    Op::Jump => pc = i.d as usize,
                    Op::Loop => {
                        safe_point!();
                        pc = i.d as usize;
                    }
                    Op::JumpFalse => {
                        if !r[i.a as usize].truthy() {
                            jump!(i.d);
                        }
                    }
                    Op::JumpTrue => {
                        if r[i.a as usize].truthy() {
                            jump!(i.d);
                        }
                    }
                    Op::JumpNull => {
                        if r[i.a as usize].is_null() {
                            jump!(i.d);
                        }
                    }
                    Op::JumpNotNull => {
                        if !r[i.a as usize].is_null() {
                            jump!(i.d);
                        }
                    }
                    Op::JumpLt => jump_compare!(i, Lt, <, true),
                    Op::JumpNotLt => jump_compare!(i, Lt, <, false),
                    Op::JumpLe => jump_compare!(i, Le, <=, true),
                    Op::JumpNotLe => jump_compare!(i, Le, <=, false),
                    Op::JumpEq => jump_equal!(i, Eq, true),
                    Op::JumpNe => jump_equal!(i, Ne, false),
                    Op::JumpEqNull | Op::JumpNeNull => {
                        let x = r[i.a as usize];
                        let equal = match x.tag() {
                            Tag::Null => true,
                            Tag::Instance => slow!(self.equals_null(func, pc - 1, x)),
                            _ => false,
                        };
                        if equal == (i.op == Op::JumpEqNull) {
                            jump!(i.d);
                        }
                    }
                    Op::JumpLtI => jump_short!(i, Lt, <, true),
                    Op::JumpNotLtI => jump_short!(i, Lt, <, false),
                    Op::JumpLeI => jump_short!(i, Le, <=, true),
                    Op::JumpNotLeI => jump_short!(i, Le, <=, false),
                    Op::JumpGtI => jump_short!(i, Gt, >, true),
                    Op::JumpNotGtI => jump_short!(i, Gt, >, false),
                    Op::JumpGeI => jump_short!(i, Ge, >=, true),
                    Op::JumpNotGeI => jump_short!(i, Ge, >=, false),
                    Op::JumpEqI => jump_short!(i, Eq, ==, true),
                    Op::JumpNeI => jump_short!(i, Ne, !=, true),

                    Op::IterStart => {
                        let v = r[i.a as usize];
                        slow!(self.start_iteration(base, i, v));
                    }
                    Op::IterNext => {
                        let (state, limit) = (r[i.b as usize], r[i.b as usize + 1]);
                        if let (Some(n), Some(end)) = (state.as_int(), limit.as_int()) {
                            if n >= end {
                                pc = i.d as usize;
                            } else {
                                r[i.b as usize] = Value::int(n + 1);
                                r[i.a as usize] = Value::int(n);
                            }
                        } else if !slow!(self.next_item(base, i)) {
                            pc = i.d as usize;
                        }
                    }
                    Op::IterLoop => {
                        safe_point!();
                        let (state, limit) = (r[i.b as usize], r[i.b as usize + 1]);
                        if let (Some(n), Some(end)) = (state.as_int(), limit.as_int()) {
                            if n < end {
                                r[i.b as usize] = Value::int(n + 1);
                                r[i.a as usize] = Value::int(n);
                                pc = i.d as usize;
                            }
                        } else if slow!(self.next_item(base, i)) {
                            pc = i.d as usize;
                        }
                    }
                    Op::IterNext2 => {
                        if !slow!(self.next_item(base, i)) {
                            pc = i.d as usize;
                        }
                    }

                    Op::Index => {
                        let (v, k) = (r[i.b as usize], r[i.c as usize]);
                        if let (Some(l), Some(n)) = (v.as_list(), k.as_int())
                            && let Some(item) = self.m.heap.list(l).items.get(n as usize)
                        {
                            r[i.a as usize] = *item;
                        } else {
                            r[i.a as usize] = slow!(self.index(v, k));
                        }
                    }
                    Op::IndexI => {
                        let v = r[i.b as usize];
                        if let Some(l) = v.as_list()
                            && let Some(item) = self.m.heap.list(l).items.get(i.d as usize)
                        {
                            r[i.a as usize] = *item;
                        } else {
                            r[i.a as usize] = slow!(self.index(v, Value::int(i.signed())));
                        }
                    }
                    Op::IndexK => {
                        let (v, k) = (r[i.b as usize], self.shared.consts[i.d as usize]);
                        r[i.a as usize] = slow!(self.index(v, k));
                    }
                    Op::SetIndex => {
                        let (v, k, x) = (r[i.a as usize], r[i.b as usize], r[i.c as usize]);
                        let place = match (v.as_list(), k.as_int()) {
                            (Some(l), Some(n)) => {
                                let list = self.m.heap.list_mut(l);
                                if list.sealed { None } else { list.items.get_mut(n as usize) }
                            }
                            _ => None,
                        };
                        match place {
                            Some(place) => *place = x,
                            None => slow!(self.set_index(v, k, x)),
                        }
                    }
                    Op::Field => {
                        let v = r[i.b as usize];
                        let site = self.shared.sites[i.d as usize].get();
                        if let Some(o) = v.as_instance() {
                            let object = self.m.heap.instance(o);
                            if object.ty.index() == site.ty
                                && object.restricted.is_none()
                                && let Some(field) = object.fields.get(site.slot as usize)
                            {
                                r[i.a as usize] = *field;
                                continue;
                            }
                        }
                        r[i.a as usize] = slow!(self.field(func, pc - 1, i.d, v));
                    }
                    Op::SetField => {
                        let (v, x) = (r[i.a as usize], r[i.b as usize]);
                        let site = self.shared.sites[i.d as usize].get();
                        if let Some(o) = v.as_instance() {
                            let object = self.m.heap.instance_mut(o);
                            if object.ty.index() == site.ty
                                && site.accepts(x)
                                && !object.sealed
                                && object.restricted.is_none()
                                && let Some(field) = object.fields.get_mut(site.slot as usize)
                            {
                                *field = x;
                                continue;
                            }
                        }
                        slow!(self.set_field(func, pc - 1, i.d, v, x));
                    }
                    Op::List => {
                        let first = base + i.b as usize;
                        r[i.a as usize] = slow!(self.build_list(first, i.d as usize));
                    }

                    Op::CallGlobal => {
                        let f = self.m.globals[i.d as usize];
                        if let Some(o) = f.as_function() {
                            let object = self.m.heap.function(o);
                            if object.protection.is_none() {
                                enter!(i, f, object.code, plain, i.b as usize);
                            }
                        }
                        called!(i, self.call_global(i.d, base + i.b as usize, i.c.into(), i.a.into()));
                    }
                    Op::CallValue => {
                        let f = r[i.d as u8 as usize];
                        if let Some(o) = f.as_function() {
                            let object = self.m.heap.function(o);
                            if object.protection.is_none() {
                                enter!(i, f, object.code, plain, i.b as usize);
                            }
                        }
                        let at = base + i.b as usize;
                        called!(i, self.start_call(f, Value::UNDEF, at, i.c.into(), i.a.into()));
                    }
                    Op::CallMethod => {
                        let v = r[i.b as usize];
                        let site = self.shared.sites[i.d as usize].get();
                        if let Some(o) = v.as_instance()
                            && self.m.heap.instance(o).ty.index() == site.ty
                            && let Some(f) = site.value.as_function()
                        {
                            let code = self.m.heap.function(f).code;
                            let this = program.functions[code as usize].this_register as usize;
                            let at = i.b as usize + 1;
                            if let Some(place) = r.get_mut(at + this) {
                                *place = v;
                                enter!(i, site.value, code, plain_method, at);
                            }
                        }
                        called!(i, self.call_method_at(func, pc - 1, i, base));
                    }
                    Op::CallBuiltin => {
                        let (from, count) = (base + i.b as usize, usize::from(i.c));
                        self.frames[top].pc = pc as u32;
                        r[i.a as usize] = slow!(self.call_builtin(i.d, from, count));
                    }
                    Op::Len => {
                        let v = r[i.b as usize];
                        r[i.a as usize] = match v.as_list() {
                            Some(l) => Value::int(self.m.heap.list(l).items.len() as i64),
                            None => slow!(self.builtin_with(i.d, &[v])),
                        };
                    }
                    Op::Append => {
                        let (v, x) = (r[i.b as usize], r[i.c as usize]);
                        r[i.a as usize] = match v.as_list() {
                            Some(l) if !self.m.heap.list(l).sealed => {
                                if let Err(trap) = self.m.heap.charge(16) {
                                    raise!(trap);
                                }
                                self.m.heap.list_mut(l).items.push(x);
                                v
                            }
                            _ => slow!(self.builtin_with(i.d, &[v, x])),
                        };
                    }
                    Op::Sqrt => {
                        let v = r[i.b as usize];
                        r[i.a as usize] = match v.as_float() {
                            Some(f) if f >= 0.0 => Value::float(f.sqrt()),
                            _ => slow!(self.builtin_with(i.d, &[v])),
                        };
                    }
                    Op::CheckTags => {
                        if i.d >> (r[i.a as usize].tag() as u32) & 1 == 0 {
                            slow!(self.check_type(func, pc - 1, i.a.into()));
                        }
                    }
                    Op::Return => end_call!(r[i.a as usize]),
                    Op::ReturnNull => end_call!(Value::NULL),
                    Op::SkipGiven => {
                        if self.frames[top].flags & frame::GAPS != 0 {
                            let v = r[i.a as usize];
                            let v = v.as_cell().map_or(v, |c| self.m.heap.cell(c).0);
                            if !v.is_undef() {
                                pc = i.d as usize;
                            }
                        }
                    }

                    Op::Gas => {
                        if let Err(trap) = self.m.meter.charge(u64::from(i.d)) {
                            raise!(trap);
                        }
                    }
                    Op::Step => {
                        self.frames[top].pc = pc as u32;
                        match slow!(self.step(func, pc - 1, i.d)) {
                            slow::Next::On => (),
                            slow::Next::Jump(to) => jump!(to),
                            slow::Next::Frame => continue 'frame,
                            slow::Next::Return(v) => end_call!(v),
                        }
                    }
                }
            }
        }
    }
}

/// `x % y` for a positive `y`.
#[inline(always)]
fn floored_rest(x: i64, y: i64) -> i64 {
    // Division of numbers of 32 bits is faster where numbers of 64 bits are not needed.
    if (x | y) as u64 >> 31 == 0 { i64::from(x as u32 % y as u32) } else { x.rem_euclid(y) }
}

/// `x div y` for a positive `y`.
#[inline(always)]
fn floored_quotient(x: i64, y: i64) -> i64 {
    if (x | y) as u64 >> 31 == 0 { i64::from(x as u32 / y as u32) } else { x.div_euclid(y) }
}
