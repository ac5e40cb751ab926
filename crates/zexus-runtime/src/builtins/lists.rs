//! Lists and maps (language.md 18.3).

use super::{arg, rows};
use crate::machine::Machine;
use crate::methods::{self, list, map};
use crate::ops;
use crate::trap::Trap;
use crate::value::{Kind, Value};
use zexus_bytecode::schedule;

rows! {
    ROWS in "";
    /// A new list with `x` at the end.
    ["push"] (l: List, x: Any) gas Each => Plain(push);
    /// Appends `x` to the list and gives it.
    ["append"] (l: List, x: Any) changes l => Plain(list::push);
    /// Appends the items of `m` to the list and gives it.
    ["extend"] (l: List, m: List) gas Each changes l => Plain(extend);
    /// The first item, or null.
    ["first"] (l: List) => Plain(list::first);
    /// All items but the first.
    ["rest"] (l: List) gas Operation => Plain(rest);
    /// The part from `a` up to, not including, `b`.
    ["slice"] (l: Sliceable, a: Int, b: Int = "null") gas Operation => Plain(list::slice);
    /// A new sorted list: by a key, by a function of two items, or by the items themselves.
    ["sort"] (l: List, by: Any = "null", descending: Bool = "false") gas Sort => Calling(methods::sort);
    /// The results of `f` for each item and its index.
    ["map"] (l: Sequence, f: Callable) gas Each => Calling(methods::map);
    /// The items for which `f` is true.
    ["filter"] (l: Sequence, f: Callable) gas Each => Calling(methods::filter);
    /// The last result of `f`, called with the result before, each item and its index.
    ["reduce"] (l: Sequence, f: Callable, init: Any = "") gas Each => Calling(methods::reduce);
    /// The keys in order.
    ["keys"] (m: Map) gas Items => Plain(map::keys);
    /// The values in order.
    ["values"] (m: Map) gas Items => Plain(map::values);
    /// The entries in order, as `[key, value]`.
    ["entries"] (m: Map) gas Items => Plain(map::entries);
}

fn push(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let Kind::List(l) = arg(args, 0).kind() else { return Ok(Value::NULL) };
    let len = m.heap.list(l).items.len();
    m.charge_units(schedule::LIST_ITEM, len + 1)?;
    m.heap.room(48 + 16 * len as u64)?;
    let mut items = Vec::with_capacity(len + 1);
    items.extend_from_slice(&m.heap.list(l).items);
    items.push(arg(args, 1));
    m.list(items)
}

fn extend(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    ops::sealed(m, arg(args, 0))?;
    let (Kind::List(l), Kind::List(more)) = (arg(args, 0).kind(), arg(args, 1).kind()) else {
        return Ok(Value::NULL);
    };
    m.charge_units(schedule::LIST_ITEM, m.heap.list(more).items.len())?;
    m.heap.charge(16 * m.heap.list(more).items.len() as u64)?;
    let more = m.heap.list(more).items.clone();
    m.heap.list_mut(l).items.extend(more);
    Ok(arg(args, 0))
}

fn rest(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    ops::slice(m, arg(args, 0), Value::int(1), Value::NULL)
}
