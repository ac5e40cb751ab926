//! The loop that runs linked code.
//!
//! The arms hold what is hot; they name registers by bytes in a window of 256, so nothing is checked there. All else is out of line
//! and gets the whole task, after which the window is taken anew. An arm that fails leaves the inner loop with its trap.

use zexus_bytecode::operator::BinOp;
use zexus_runtime::{Tag, Trap, Value};

use crate::exec::{Exec, WINDOW};
use crate::frame::Frame;
use crate::native::Went;
use crate::program::Function;
use hot::{
    captured, field, floored_quotient, floored_rest, item, next_of_range, open_field, open_item, opened,
    plainly_equal, unprotected, window,
};
use insn::Op;

mod hot;
pub mod insn;
mod rare;
pub(crate) mod sites;
pub(crate) mod slow;
mod step;
mod unwind;
mod variables;

pub(crate) use sites::{Site, tags_of};

/// Calls and back-edges between two questions to the host whether to stop.
pub const TICKS: u32 = 1024;

impl<'p> Exec<'p> {
    /// Runs until the frame with the flag [`frame::ENTRY`] ends, or an error is raised, whose instruction is then the one before the
    /// top frame's [`Frame::pc`].
    ///
    /// There are three loops in one another: over frames, over what changes registers from outside, and over instructions. In the
    /// innermost one the window stands still, so that it stays in a register of the machine.
    ///
    /// With `ONE` a single instruction is run, which is how native code has done what it does not do itself; a call that it begins is
    /// then the frame on top, and [`Frame::pc`] says where that frame goes on.
    #[allow(clippy::indexing_slicing, clippy::too_many_lines)]
    pub(crate) fn run_frames<const ONE: bool>(&mut self, mut fresh: bool) -> Result<Value, Trap> {
        let Some(&Frame { mut function, pc, base, .. }) = self.frames.last() else { return Ok(Value::NULL) };
        let (mut pc, mut base) = (pc as usize, base as usize);
        let mut done = false;
        loop {
            if !ONE && fresh {
                fresh = false;
                match self.hot_call()? {
                    Went::Cold => (),
                    Went::Ended(v) => return Ok(v),
                    Went::On => {
                        let Some(top) = self.frames.last() else { return Ok(Value::NULL) };
                        (function, pc, base) = (top.function, top.pc as usize, top.base as usize);
                    }
                }
            }
            let code = &function.code[..];
            'window: loop {
                let r = window(&mut self.registers, base);

                /// Leaves the loop with a trap of the instruction that runs.
                macro_rules! raise {
                    ($trap:expr) => {{
                        let trap = $trap;
                        self.save(pc);
                        return Err(trap);
                    }};
                }
                /// What a function out of line gives. The window is void then.
                macro_rules! slow {
                    ($call:expr) => {
                        match $call {
                            Ok(v) => v,
                            Err(trap) => raise!(trap),
                        }
                    };
                }
                /// A function out of line gives the result.
                macro_rules! slow_result {
                    ($i:ident, $call:expr) => {{
                        let v = slow!($call);
                        self.registers[base + $i.a as usize] = v;
                        continue 'window;
                    }};
                }
                /// Goes on in the frame that is on top now.
                macro_rules! reload {
                    () => {{
                        let Some(top) = self.frames.last() else { return Ok(Value::NULL) };
                        (function, pc, base) = (top.function, top.pc as usize, top.base as usize);
                        break 'window;
                    }};
                }
                /// Native code takes over a loop, unless it cannot; if it leaves, the frame on top goes on.
                macro_rules! hot_loop {
                    ($to:expr) => {{
                        self.save($to);
                        match self.hot_loop($to)? {
                            Went::Cold => (),
                            Went::Ended(v) => return Ok(v),
                            Went::On => reload!(),
                        }
                    }};
                }
                /// Goes on elsewhere; backward it is a safe point.
                macro_rules! jump {
                    ($to:expr) => {{
                        let to = $to as usize;
                        if to < pc {
                            self.ticks += 1;
                            if self.ticks >= TICKS || self.m.heap.wants_collection() {
                                slow!(self.safe_point(base + function.registers as usize));
                                pc = to;
                                if !ONE && self.shared.heat.is_hot_loop(function, to) {
                                    hot_loop!(to);
                                }
                                continue 'window;
                            }
                            if !ONE && self.shared.heat.is_hot_loop(function, to) {
                                pc = to;
                                hot_loop!(to);
                                continue 'window;
                            }
                        }
                        pc = to;
                    }};
                }
                macro_rules! jump_if {
                    ($i:ident, $condition:expr) => {
                        if $condition {
                            jump!($i.d);
                        }
                    };
                }
                macro_rules! arith {
                ($i:ident, $op:ident, $int:ident, $float:tt) => {{
                    let (x, y) = (r[$i.b as usize], r[$i.c as usize]);
                    if let (Some(n), Some(m)) = (x.as_int(), y.as_int()) {
                        if let Some(n) = n.$int(m) {
                            r[$i.a as usize] = Value::int(n);
                            continue;
                        }
                    } else if let (Some(n), Some(m)) = (x.as_float(), y.as_float()) {
                        r[$i.a as usize] = Value::float(n $float m);
                        continue;
                    }
                    slow_result!($i, self.binary(BinOp::$op, x, y))
                }};
            }
                macro_rules! divide {
                    ($i:ident, $op:ident, $y:expr, $f:ident) => {{
                        let (x, y) = (r[$i.b as usize], $y);
                        if let (Some(n), Some(m)) = (x.as_int(), y.as_int())
                            && m > 0
                        {
                            r[$i.a as usize] = Value::int($f(n, m));
                            continue;
                        }
                        slow_result!($i, self.binary(BinOp::$op, x, y))
                    }};
                }
                macro_rules! index {
                    ($i:ident, $k:expr) => {{
                        let (v, k) = (r[$i.b as usize], $k);
                        if let Some(item) = item(&self.m, v, k) {
                            r[$i.a as usize] = item;
                            continue;
                        }
                        slow_result!($i, self.index(v, k))
                    }};
                }
                macro_rules! load_cell {
                    ($i:ident, $cell:expr) => {{
                        let v = opened(&self.m, $cell);
                        if v.is_undef() {
                            raise!(self.undefined_at(pc - 1));
                        }
                        r[$i.a as usize] = v;
                    }};
                }
                macro_rules! arith_int {
                    ($i:ident, $op:ident, $int:ident) => {{
                        let x = r[$i.b as usize];
                        if let Some(n) = x.as_int().and_then(|n| n.$int($i.signed())) {
                            r[$i.a as usize] = Value::int(n);
                            continue;
                        }
                        let y = Value::int($i.signed());
                        let (x, y) = if $i.c == 0 { (x, y) } else { (y, x) };
                        slow_result!($i, self.binary(BinOp::$op, x, y))
                    }};
                }
                /// An operator with a constant float.
                macro_rules! arith_float {
                    ($i:ident, $op:ident, |$x:ident, $k:ident| $result:expr, $left:literal) => {{
                        let (v, k) = (r[$i.b as usize], self.shared.consts[$i.d as usize]);
                        if let (Some($x), Some($k)) = (v.as_float(), k.as_float()) {
                            r[$i.a as usize] = Value::float($result);
                            continue;
                        }
                        let (x, y) = if $left { (k, v) } else { (v, k) };
                        slow_result!($i, self.binary(BinOp::$op, x, y))
                    }};
                }
                /// A jump on what a function out of line gives.
                macro_rules! slow_jump {
                    ($i:ident, $op:ident, $x:expr, $y:expr, $when:literal) => {{
                        let holds = slow!(self.compare(pc - 1, BinOp::$op, $x, $y)).truthy();
                        if holds == $when {
                            jump!($i.d);
                        }
                        continue 'window;
                    }};
                }
                macro_rules! charge {
                    ($gas:expr) => {
                        if let Err(trap) = self.m.meter.charge(u64::from($gas)) {
                            raise!(trap);
                        }
                    };
                }
                /// A jump back to the body of a loop, after paying for its head; the body is paid for at once. The place of the code
                /// behind says the prices: that of the head and that of both.
                macro_rules! paid_jump {
                    ($i:ident, $op:ident, $tok:tt, $y:expr) => {{
                        let prices = code[pc];
                        pc += 1;
                        let (x, y) = (r[$i.a as usize], $y);
                        let holds = if let (Some(n), Some(m)) = (x.as_int(), y.as_int()) {
                            n $tok m
                        } else if let (Some(n), Some(m)) = (x.as_float(), y.as_float()) {
                            n $tok m
                        } else {
                            charge!(prices.price());
                            pc -= 1;
                            let holds = slow!(self.compare(pc - 1, BinOp::$op, x, y)).truthy();
                            pc += 1;
                            if holds {
                                jump!($i.d);
                            }
                            continue 'window;
                        };
                        if holds {
                            self.ticks += 1;
                            let stop = self.ticks >= TICKS || self.m.heap.wants_collection();
                            let hot = !ONE && self.shared.heat.is_hot_loop(function, $i.d as usize);
                            if !ONE && !stop && !hot && self.m.meter.pay(u64::from(prices.d)) {
                                pc = $i.d as usize + 1;
                                continue;
                            }
                            charge!(prices.price());
                            if stop {
                                slow!(self.safe_point(base + function.registers as usize));
                            }
                            // The charge that stands there pays for the body, or fails.
                            pc = $i.d as usize;
                            if hot {
                                hot_loop!(pc);
                            }
                            continue 'window;
                        }
                        charge!(prices.price());
                        continue;
                    }};
                }
                macro_rules! jump_compare {
                ($i:ident, $op:ident, $tok:tt, $when:literal) => {{
                    let (x, y) = (r[$i.a as usize], r[$i.b as usize]);
                    if let (Some(n), Some(m)) = (x.as_int(), y.as_int()) {
                        if (n $tok m) == $when {
                            jump!($i.d);
                        }
                        continue;
                    }
                    if let (Some(n), Some(m)) = (x.as_float(), y.as_float()) {
                        if (n $tok m) == $when {
                            jump!($i.d);
                        }
                        continue;
                    }
                    slow_jump!($i, $op, x, y, $when)
                }};
            }
                macro_rules! jump_equal {
                    ($i:ident, $op:ident, $when:literal) => {{
                        let (x, y) = (r[$i.a as usize], r[$i.b as usize]);
                        if let Some(b) = plainly_equal(x, y) {
                            if b == $when {
                                jump!($i.d);
                            }
                            continue;
                        }
                        slow_jump!($i, $op, x, y, true)
                    }};
                }
                macro_rules! jump_short {
                ($i:ident, $op:ident, $tok:tt, $when:literal) => {{
                    let x = r[$i.a as usize];
                    if let Some(n) = x.as_int() {
                        if (n $tok $i.short()) == $when {
                            jump!($i.d);
                        }
                        continue;
                    }
                    if let Some(f) = x.as_float() {
                        if (f $tok ($i.short() as f64)) == $when {
                            jump!($i.d);
                        }
                        continue;
                    }
                    slow_jump!($i, $op, x, Value::int($i.short()), $when)
                }};
            }
                /// A jump on the comparison with a constant float.
                macro_rules! jump_float {
                ($i:ident, $op:ident, $tok:tt, $when:literal) => {{
                    let (x, k) = (r[$i.a as usize], self.shared.consts[$i.index() as usize]);
                    if let (Some(n), Some(m)) = (x.as_float(), k.as_float()) {
                        if (n $tok m) == $when {
                            jump!($i.d);
                        }
                        continue;
                    }
                    slow_jump!($i, $op, x, k, $when)
                }};
            }
                /// Goes on in the frame of a call, or with its result.
                macro_rules! called {
                    ($i:ident, $call:expr) => {{
                        self.save(pc);
                        match slow!($call) {
                            Some(v) => self.registers[base + $i.a as usize] = v,
                            None => {
                                fresh = !ONE && self.is_hot_top();
                                reload!();
                            }
                        }
                        continue 'window;
                    }};
                }
                /// Enters a function that needs nothing but a frame; its arguments start at the register `$at`.
                macro_rules! enter {
                    ($i:ident, $f:expr, $code:expr, $params:ident, $at:expr) => {{
                        let callee: &'p Function = &self.program.functions[$code as usize];
                        if callee.$params == u32::from($i.c) && callee.module == function.module {
                            let at = base + $at;
                            self.ticks += 1;
                            if self.ticks < TICKS
                                && self.frames.len() <= self.m.limits.depth as usize
                                && self.registers.len() >= at + 2 * WINDOW
                                && !self.m.heap.wants_collection()
                                && !self.m.policy.trails("call")
                            {
                                self.save(pc);
                                self.frames.push(Frame {
                                    function: callee,
                                    callee: $f,
                                    func: $code,
                                    pc: callee.start,
                                    base: at as u32,
                                    dst: u32::from($i.a),
                                    flags: 0,
                                });
                                (function, pc, base) = (callee, callee.start as usize, at);
                                fresh = !ONE && self.is_hot_call($code);
                                if callee.entry_gas != 0 && !fresh && !ONE {
                                    pc += 1;
                                    charge!(callee.entry_gas);
                                }
                                break 'window;
                            }
                        }
                    }};
                }
                macro_rules! end_call {
                    ($v:expr) => {{
                        let v = $v;
                        let Some(top) = self.frames.last() else { return Ok(v) };
                        if top.flags != 0 {
                            self.save(pc);
                            if self.leave(v)? {
                                return Ok(v);
                            }
                            reload!();
                        }
                        let dst = top.dst as usize;
                        self.frames.pop();
                        let Some(top) = self.frames.last() else { return Ok(v) };
                        (function, pc, base) = (top.function, top.pc as usize, top.base as usize);
                        self.registers[base + dst] = v;
                        break 'window;
                    }};
                }

                loop {
                    if ONE {
                        if done {
                            self.save(pc);
                            return Ok(Value::UNDEF);
                        }
                        done = true;
                    }
                    let i = &code[pc];
                    pc += 1;
                    match i.op {
                        Op::Nop => (),
                        Op::Move => r[i.a as usize] = r[i.b as usize],
                        Op::Check => {
                            if r[i.a as usize].is_undef() {
                                raise!(self.undefined_at(pc - 1));
                            }
                        }
                        Op::LoadK => r[i.a as usize] = self.shared.consts[i.d as usize],
                        Op::LoadInt => r[i.a as usize] = Value::int(i.signed()),
                        Op::LoadNull => r[i.a as usize] = Value::NULL,
                        Op::LoadBool => r[i.a as usize] = Value::bool(i.b != 0),
                        Op::LoadGlobal => {
                            let v = self.m.globals[i.d as usize];
                            if v.is_undef() {
                                if i.b == 0 {
                                    slow_result!(i, self.read_global(i.d));
                                }
                                raise!(self.undefined_at(pc - 1));
                            }
                            r[i.a as usize] = v;
                        }
                        Op::StoreGlobal => self.m.globals[i.d as usize] = r[i.a as usize],
                        Op::LoadCell => load_cell!(i, r[i.b as usize]),
                        Op::StoreCell => {
                            if let Some(c) = r[i.a as usize].as_cell() {
                                self.m.heap.cell_mut(c).0 = r[i.b as usize];
                            }
                        }
                        Op::LoadCapture => r[i.a as usize] = captured(&self.frames, &self.m, i.d),
                        Op::LoadCaptureCell => load_cell!(i, captured(&self.frames, &self.m, i.d)),
                        Op::StoreCaptureCell => {
                            if let Some(c) = captured(&self.frames, &self.m, i.d).as_cell() {
                                self.m.heap.cell_mut(c).0 = r[i.a as usize];
                            }
                        }

                        Op::Add => arith!(i, Add, checked_add, +),
                        Op::Sub => arith!(i, Sub, checked_sub, -),
                        Op::Mul => arith!(i, Mul, checked_mul, *),
                        Op::Div => {
                            let (x, y) = (r[i.b as usize], r[i.c as usize]);
                            if let (Some(n), Some(m)) = (x.as_float(), y.as_float())
                                && m != 0.0
                            {
                                r[i.a as usize] = Value::float(n / m);
                                continue;
                            }
                            slow_result!(i, self.binary(BinOp::Div, x, y))
                        }
                        Op::Mod => divide!(i, Mod, r[i.c as usize], floored_rest),
                        Op::IntDiv => divide!(i, IntDiv, r[i.c as usize], floored_quotient),
                        Op::AddI => arith_int!(i, Add, checked_add),
                        Op::SubI => arith_int!(i, Sub, checked_sub),
                        Op::MulI => arith_int!(i, Mul, checked_mul),
                        Op::ModI => divide!(i, Mod, Value::int(i.signed()), floored_rest),
                        Op::IntDivI => divide!(i, IntDiv, Value::int(i.signed()), floored_quotient),
                        Op::AddK => arith_float!(i, Add, |x, k| x + k, false),
                        Op::SubK => arith_float!(i, Sub, |x, k| x - k, false),
                        Op::MulK => arith_float!(i, Mul, |x, k| x * k, false),
                        Op::DivK => arith_float!(i, Div, |x, k| x / k, false),
                        Op::KAdd => arith_float!(i, Add, |x, k| k + x, true),
                        Op::KSub => arith_float!(i, Sub, |x, k| k - x, true),
                        Op::KMul => arith_float!(i, Mul, |x, k| k * x, true),
                        Op::Not => r[i.a as usize] = Value::bool(!r[i.b as usize].truthy()),

                        Op::Jump => pc = i.d as usize,
                        Op::Loop => jump!(i.d),
                        Op::JumpFalse => jump_if!(i, !r[i.a as usize].truthy()),
                        Op::JumpTrue => jump_if!(i, r[i.a as usize].truthy()),
                        Op::JumpNull => jump_if!(i, r[i.a as usize].is_null()),
                        Op::JumpNotNull => jump_if!(i, !r[i.a as usize].is_null()),
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
                                Tag::Instance => {
                                    if slow!(self.equals_null(pc - 1, x)) == (i.op == Op::JumpEqNull) {
                                        jump!(i.d);
                                    }
                                    continue 'window;
                                }
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
                        Op::JumpLtK => jump_float!(i, Lt, <, true),
                        Op::JumpNotLtK => jump_float!(i, Lt, <, false),
                        Op::JumpLeK => jump_float!(i, Le, <=, true),
                        Op::JumpNotLeK => jump_float!(i, Le, <=, false),
                        Op::JumpGtK => jump_float!(i, Gt, >, true),
                        Op::JumpNotGtK => jump_float!(i, Gt, >, false),
                        Op::JumpGeK => jump_float!(i, Ge, >=, true),
                        Op::JumpNotGeK => jump_float!(i, Ge, >=, false),

                        Op::PaidLt => paid_jump!(i, Lt, <, r[i.b as usize]),
                        Op::PaidLe => paid_jump!(i, Le, <=, r[i.b as usize]),
                        Op::PaidLtI => paid_jump!(i, Lt, <, Value::int(i.short())),
                        Op::PaidLeI => paid_jump!(i, Le, <=, Value::int(i.short())),
                        Op::PaidGtI => paid_jump!(i, Gt, >, Value::int(i.short())),
                        Op::PaidGeI => paid_jump!(i, Ge, >=, Value::int(i.short())),

                        Op::IterNext => {
                            if let Some(more) = next_of_range(r, *i) {
                                if !more {
                                    pc = i.d as usize;
                                }
                                continue;
                            }
                            if !slow!(self.next_item(base, *i)) {
                                pc = i.d as usize;
                            }
                            continue 'window;
                        }
                        Op::IterLoop => {
                            if let Some(more) = next_of_range(r, *i) {
                                if more {
                                    jump!(i.d);
                                }
                                continue;
                            }
                            if slow!(self.next_item(base, *i)) {
                                jump!(i.d);
                            }
                            continue 'window;
                        }

                        Op::Index => index!(i, r[i.c as usize]),
                        Op::IndexI => index!(i, Value::int(i.signed())),
                        Op::IndexK => {
                            let (v, k) = (r[i.b as usize], self.shared.consts[i.d as usize]);
                            slow_result!(i, self.index(v, k))
                        }
                        Op::SetIndex => {
                            let (v, k, x) = (r[i.a as usize], r[i.b as usize], r[i.c as usize]);
                            if let Some(place) = open_item(&mut self.m, v, k) {
                                *place = x;
                                continue;
                            }
                            slow!(self.set_index(v, k, x));
                            continue 'window;
                        }
                        Op::Field => {
                            let v = r[i.b as usize];
                            if let Some(field) = field(&self.m, v, &self.shared.sites[i.d as usize]) {
                                r[i.a as usize] = field;
                                continue;
                            }
                            slow_result!(i, self.field(pc - 1, i.d, v))
                        }
                        Op::SetField => {
                            let (v, x) = (r[i.a as usize], r[i.b as usize]);
                            if let Some(field) =
                                open_field(&mut self.m, v, x, &self.shared.sites[i.d as usize])
                            {
                                *field = x;
                                continue;
                            }
                            slow!(self.set_field(pc - 1, i.d, v, x));
                            continue 'window;
                        }
                        Op::List => {
                            let first = base + i.b as usize;
                            slow_result!(i, self.build_list(first, i.d as usize))
                        }

                        Op::CallGlobal => {
                            let f = self.m.globals[i.d as usize];
                            if let Some(code) = unprotected(&self.m, f) {
                                enter!(i, f, code, plain_params, i.b as usize);
                            }
                            called!(i, self.call_global(i.d, base + i.b as usize, i.c.into(), i.a.into()));
                        }
                        Op::CallValue => {
                            let f = r[i.d as u8 as usize];
                            if let Some(code) = unprotected(&self.m, f) {
                                enter!(i, f, code, plain_params, i.b as usize);
                            }
                            let at = base + i.b as usize;
                            called!(i, self.start_call(f, Value::UNDEF, at, i.c.into(), i.a.into()));
                        }
                        Op::CallMethod => {
                            let v = r[i.b as usize];
                            if let Some(o) = v.as_instance() {
                                let site = self.shared.sites[i.d as usize].get();
                                if self.m.heap.instance(o).ty.index() == site.ty
                                    && let Some(f) = site.value.as_function()
                                {
                                    let code = self.m.heap.function(f).code;
                                    let this = self.program.functions[code as usize].this_register as usize;
                                    let at = i.b as usize + 1;
                                    if let Some(place) = r.get_mut(at + this) {
                                        *place = v;
                                        enter!(i, site.value, code, method_params, at);
                                    }
                                }
                            }
                            called!(i, self.call_method_at(pc - 1, *i, base));
                        }
                        Op::CallBuiltin => {
                            let (from, count) = (base + i.b as usize, usize::from(i.c));
                            slow_result!(i, self.call_builtin(i.d, from, count))
                        }
                        Op::Len => {
                            let v = r[i.b as usize];
                            match v.as_list() {
                                Some(l) => {
                                    r[i.a as usize] = Value::int(self.m.heap.list(l).items.len() as i64)
                                }
                                None => slow_result!(i, self.builtin_with(i.d, &[v])),
                            }
                        }
                        Op::Append => {
                            let (v, x) = (r[i.b as usize], r[i.c as usize]);
                            if let Some(l) = v.as_list()
                                && !self.m.heap.list(l).sealed
                            {
                                if let Err(trap) = self.m.heap.charge(16) {
                                    raise!(trap);
                                }
                                self.m.heap.list_mut(l).items.push(x);
                                r[i.a as usize] = v;
                                continue;
                            }
                            slow_result!(i, self.builtin_with(i.d, &[v, x]))
                        }
                        Op::Sqrt => {
                            let v = r[i.b as usize];
                            match v.as_float() {
                                Some(f) if f >= 0.0 => r[i.a as usize] = Value::float(f.sqrt()),
                                _ => slow_result!(i, self.builtin_with(i.d, &[v])),
                            }
                        }
                        Op::CheckTags => {
                            if i.d >> (r[i.a as usize].tag() as u32) & 1 == 0 {
                                slow!(self.check_type(pc - 1, i.a.into()));
                                continue 'window;
                            }
                        }
                        Op::Return => end_call!(r[i.a as usize]),
                        Op::ReturnNull => end_call!(Value::NULL),

                        Op::Gas => charge!(i.d),
                        Op::Step => {
                            self.save(pc);
                            match slow!(self.step(pc - 1, i.d)) {
                                slow::Next::On => continue 'window,
                                slow::Next::Jump(to) => {
                                    jump!(to);
                                    continue 'window;
                                }
                                slow::Next::Frame => {
                                    fresh = !ONE && self.is_hot_top();
                                    reload!();
                                }
                                slow::Next::Return(v) => end_call!(v),
                            }
                        }
                        _ => {
                            self.save(pc);
                            if let Some(to) = slow!(self.rare(*i, base)) {
                                pc = to as usize;
                            }
                            continue 'window;
                        }
                    }
                }
            }
        }
    }
}
