//! Small functions that the arms of the loop have inside them.

use std::cell::Cell;

use zexus_runtime::{Machine, Tag, Value};

use crate::exec::{Exec, WINDOW};
use crate::frame::Frame;
use crate::run::Site;
use crate::run::insn::Insn;

/// The registers that a frame sees. There are always that many: see [`Exec::reserve`].
#[inline(always)]
pub(super) fn window(registers: &mut [Value], base: usize) -> &mut [Value; WINDOW] {
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

/// Whether two values that need no look at the heap are equal; `None` for all else.
#[inline(always)]
pub(super) fn plainly_equal(x: Value, y: Value) -> Option<bool> {
    match (x.tag(), y.tag()) {
        (Tag::Int | Tag::Bool | Tag::Null, _) if x.tag() == y.tag() => Some(x.bits() == y.bits()),
        (Tag::Null | Tag::Bool, _) => Some(false),
        (Tag::Instance, _) => None,
        (_, Tag::Null | Tag::Bool) => Some(false),
        _ => None,
    }
}

/// `x * x` without the heap.
#[inline]
pub(super) fn square(x: Value) -> Option<Value> {
    match (x.as_int(), x.as_float()) {
        (Some(n), _) => n.checked_mul(n).map(Value::int),
        (_, Some(f)) => Some(Value::float(f * f)),
        _ => None,
    }
}

/// `x % y` for a positive `y`.
#[inline(always)]
pub(super) fn floored_rest(x: i64, y: i64) -> i64 {
    // Division of numbers of 32 bits is faster where numbers of 64 bits are not needed.
    if (x | y) as u64 >> 31 == 0 { i64::from(x as u32 % y as u32) } else { x.rem_euclid(y) }
}

/// `x div y` for a positive `y`.
#[inline(always)]
pub(super) fn floored_quotient(x: i64, y: i64) -> i64 {
    if (x | y) as u64 >> 31 == 0 { i64::from(x as u32 / y as u32) } else { x.div_euclid(y) }
}

/// What the running function captured.
#[inline(always)]
pub(super) fn captured(frames: &[Frame<'_>], m: &Machine, index: u32) -> Value {
    let f = frames.last().and_then(|top| top.callee.as_function());
    let v = f.and_then(|f| m.heap.function(f).captures.get(index as usize).copied());
    v.unwrap_or(Value::UNDEF)
}

/// What a cell holds.
#[inline(always)]
pub(super) fn opened(m: &Machine, cell: Value) -> Value {
    cell.as_cell().map_or(Value::UNDEF, |c| m.heap.cell(c).0)
}

/// The code of a function that nothing protects.
#[inline(always)]
pub(super) fn unprotected(m: &Machine, f: Value) -> Option<u32> {
    let object = m.heap.function(f.as_function()?);
    object.protection.is_none().then_some(object.code)
}

/// The field of an instance of the type that the site has seen.
#[inline(always)]
pub(super) fn field(m: &Machine, v: Value, site: &Cell<Site>) -> Option<Value> {
    let (object, site) = (m.heap.instance(v.as_instance()?), site.get());
    if object.ty.index() != site.ty || object.restricted.is_some() {
        return None;
    }
    object.fields.get(site.slot as usize).copied()
}

/// The field of an instance of the type that the site has seen, if it may become `x`.
#[inline(always)]
pub(super) fn open_field<'m>(
    m: &'m mut Machine,
    v: Value,
    x: Value,
    site: &Cell<Site>,
) -> Option<&'m mut Value> {
    let (object, site) = (m.heap.instance_mut(v.as_instance()?), site.get());
    if object.ty.index() != site.ty || !site.accepts(x) || object.sealed || object.restricted.is_some() {
        return None;
    }
    object.fields.get_mut(site.slot as usize)
}

/// Takes the next number of a range, if an iterator goes through one; whether there was one.
#[inline(always)]
pub(super) fn next_of_range(r: &mut [Value; WINDOW], i: Insn) -> Option<bool> {
    let (n, end) = (r[i.b as usize].as_int()?, r[(i.b as usize + 1) & 255].as_int()?);
    if n < end {
        r[i.b as usize] = Value::int(n + 1);
        r[i.a as usize] = Value::int(n);
    }
    Some(n < end)
}

/// The item of a list.
#[inline(always)]
pub(super) fn item(m: &Machine, v: Value, k: Value) -> Option<Value> {
    let (l, n) = (v.as_list()?, k.as_int()?);
    m.heap.list(l).items.get(n as usize).copied()
}

/// The item of a list that may be changed.
#[inline(always)]
pub(super) fn open_item(m: &mut Machine, v: Value, k: Value) -> Option<&mut Value> {
    let (l, n) = (v.as_list()?, k.as_int()?);
    let list = m.heap.list_mut(l);
    if list.sealed { None } else { list.items.get_mut(n as usize) }
}

impl Exec<'_> {
    /// Notes where the running frame goes on.
    #[inline(always)]
    pub(super) fn save(&mut self, pc: usize) {
        if let Some(top) = self.frames.last_mut() {
            top.pc = pc as u32;
        }
    }
}
