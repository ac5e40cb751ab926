//! Methods of lists (language.md 19.1); the module `list` has them as functions.

use zexus_bytecode::operator::BinOp;
use zexus_bytecode::schedule;

use super::{callbacks, sorting};
use crate::builtins::{arg, numbers, rows};
use crate::display;
use crate::heap::Ref;
use crate::machine::Machine;
use crate::object::ListObj;
use crate::ops::{self, out_of_range, place, position, sealed};
use crate::trap::Trap;
use crate::value::{Kind, Value};

rows! {
    ROWS in "@list";
    /// Appends an item; the list.
    ["push", "append"] (l: List, x: Any) changes l => Plain(push);
    /// Inserts an item at a position; the list.
    ["insert"] (l: List, i: Int, x: Any) gas Each changes l => Plain(insert);
    /// Removes the last item and gives it, or null.
    ["pop"] (l: List) changes l => Plain(pop);
    /// Removes the item at a position and gives it.
    ["remove_at"] (l: List, i: Int) gas Each changes l => Plain(remove_at);
    /// Removes the first item equal to `x`; whether there was one.
    ["remove"] (l: List, x: Any) gas Each changes l => Plain(remove);
    /// Removes all items; the list.
    ["clear"] (l: List) changes l => Plain(clear);
    /// The item at a position, or the default.
    ["get"] (l: List, i: Int, default: Any = "null") => Plain(get);
    /// The first item, or null.
    ["first"] (l: List) => Plain(first);
    /// The last item, or null.
    ["last"] (l: List) => Plain(last);
    /// The number of items.
    ["length", "size"] (l: List) => Plain(length);
    /// The number of items, or of those equal to `x`.
    ["count"] (l: List, x: Any = "") gas Each => Plain(count);
    /// Whether there are no items.
    ["is_empty"] (l: List) => Plain(is_empty);
    /// Whether an item equals `x`.
    ["contains", "includes"] (l: List, x: Any) gas Each => Plain(contains);
    /// The position of the first item equal to `x`, or -1.
    ["index_of"] (l: List, x: Any) gas Each => Plain(index_of);
    /// The items from `a` up to, not including, `b`, as a new list.
    ["slice"] (l: List, a: Int, b: Int = "null") gas Operation => Plain(slice);
    /// A new list with the items of both.
    ["concat"] (l: List, other: List) gas Operation => Plain(concat);
    /// A new list in the opposite order.
    ["reverse"] (l: List) gas Items => Plain(reverse);
    /// A new list with the items of the lists in `l` in their place, one level deep.
    ["flatten"] (l: List) gas Each => Plain(flatten);
    /// A new list with the first of equal items.
    ["unique"] (l: List) gas Pairs => Plain(unique);
    /// A new sorted list.
    ["sort"] (l: List, by: Any = "null", descending: Bool = "false") gas Sort => Calling(sorting::sort);
    /// The display forms of the items in one string.
    ["join"] (l: List, sep: Str = "\"\"") gas Text => Plain(join);
    /// The sum of the items.
    ["sum"] (l: List) gas Items => Plain(numbers::sum);
    /// The first least item, or null.
    ["min"] (l: List) gas Items => Plain(min);
    /// The first greatest item, or null.
    ["max"] (l: List) gas Items => Plain(max);
    /// The results of `f` for each item and its index.
    ["map"] (l: List, f: Callable) gas Each => Calling(callbacks::map);
    /// The items for which `f` is true.
    ["filter"] (l: List, f: Callable) gas Each => Calling(callbacks::filter);
    /// The last result of `f`, called with the result before, each item and its index.
    ["reduce"] (l: List, f: Callable, init: Any = "") gas Each => Calling(callbacks::reduce);
    /// Null; calls `f` with each item and its index.
    ["each"] (l: List, f: Callable) gas Each => Calling(callbacks::each);
    /// The first item for which `f` is true, or null.
    ["find"] (l: List, f: Callable) gas Each => Calling(callbacks::find);
    /// Whether `f` is true for some item.
    ["any"] (l: List, f: Callable) gas Each => Calling(callbacks::any);
    /// Whether `f` is true for all items.
    ["all"] (l: List, f: Callable) gas Each => Calling(callbacks::all);
    /// Pairs of the items of both, as long as the shorter one.
    ["zip"] (l: List, other: List) gas Each => Plain(zip);
}

/// The list of an argument whose kind was checked.
fn list(args: &[Value], i: usize) -> Ref<ListObj> {
    arg(args, i).as_list().unwrap_or(Ref::from_index(0))
}

/// The list of the first argument, which is not sealed.
fn open(m: &mut Machine, args: &[Value]) -> Result<Ref<ListObj>, Trap> {
    sealed(m, arg(args, 0))?;
    Ok(list(args, 0))
}

/// `l.push(x)`.
pub(crate) fn push(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let l = open(m, args)?;
    m.heap.charge(16)?;
    m.heap.list_mut(l).items.push(arg(args, 1));
    Ok(arg(args, 0))
}

/// The position that an integer argument names among `len` places, or E0410.
fn checked_place(m: &mut Machine, args: &[Value], len: u64) -> Result<usize, Trap> {
    match arg(args, 1).kind() {
        Kind::Int(i) => match place(i, len) {
            Some(at) => Ok(at as usize),
            None => Err(out_of_range(m, arg(args, 0), i)),
        },
        _ => {
            let shown = display::display(m, arg(args, 1))?;
            Err(out_of_range(m, arg(args, 0), shown))
        }
    }
}

fn insert(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let l = open(m, args)?;
    let len = m.heap.list(l).items.len();
    let at = match arg(args, 1).as_int() {
        Some(i) if i == len as i64 => len,
        _ => checked_place(m, args, len as u64)?,
    };
    m.charge_units(schedule::LIST_ITEM, len - at)?;
    m.heap.charge(16)?;
    m.heap.list_mut(l).items.insert(at, arg(args, 2));
    Ok(arg(args, 0))
}

fn pop(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let l = open(m, args)?;
    let last = m.heap.list_mut(l).items.pop();
    if last.is_some() {
        m.heap.release(16);
    }
    Ok(last.unwrap_or(Value::NULL))
}

fn remove_at(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let l = open(m, args)?;
    let len = m.heap.list(l).items.len() as u64;
    let at = checked_place(m, args, len)?;
    m.charge_units(schedule::LIST_ITEM, len as usize - 1 - at)?;
    m.heap.release(16);
    Ok(m.heap.list_mut(l).items.remove(at))
}

fn remove(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let l = open(m, args)?;
    let at = position(m, l, arg(args, 1))?;
    if let Some(at) = at {
        m.charge_units(schedule::LIST_ITEM, m.heap.list(l).items.len() - 1 - at)?;
        m.heap.list_mut(l).items.remove(at);
        m.heap.release(16);
    }
    Ok(Value::bool(at.is_some()))
}

fn clear(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let l = open(m, args)?;
    let old = std::mem::take(&mut m.heap.list_mut(l).items);
    m.heap.release(16 * old.len() as u64);
    Ok(arg(args, 0))
}

fn get(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let items = &m.heap.list(list(args, 0)).items;
    let at = arg(args, 1).as_int().and_then(|i| place(i, items.len() as u64));
    Ok(at.and_then(|at| items.get(at as usize).copied()).unwrap_or(arg(args, 2)))
}

/// `l.first()`.
pub(crate) fn first(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    Ok(m.heap.list(list(args, 0)).items.first().copied().unwrap_or(Value::NULL))
}

fn last(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    Ok(m.heap.list(list(args, 0)).items.last().copied().unwrap_or(Value::NULL))
}

fn length(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    Ok(Value::int(m.heap.list(list(args, 0)).items.len() as i64))
}

fn count(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let Some(x) = args.get(1).copied() else { return length(m, args) };
    let l = list(args, 0);
    let (mut n, mut i) = (0, 0);
    while let Some(v) = m.heap.list(l).items.get(i).copied() {
        m.charge_units(schedule::VALUE, 1)?;
        n += i64::from(ops::equal(m, v, x)?);
        i += 1;
    }
    Ok(Value::int(n))
}

fn is_empty(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    Ok(Value::bool(m.heap.list(list(args, 0)).items.is_empty()))
}

fn contains(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    Ok(Value::bool(position(m, list(args, 0), arg(args, 1))?.is_some()))
}

fn index_of(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    Ok(Value::int(position(m, list(args, 0), arg(args, 1))?.map_or(-1, |at| at as i64)))
}

/// `l.slice(a, b)`, for strings too.
pub(crate) fn slice(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    ops::slice(m, arg(args, 0), arg(args, 1), arg(args, 2))
}

fn concat(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    ops::add(m, arg(args, 0), arg(args, 1))
}

fn reverse(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let l = list(args, 0);
    m.heap.room(32 + 16 * m.heap.list(l).items.len() as u64)?;
    let items = m.heap.list(l).items.iter().rev().copied().collect();
    m.list(items)
}

fn flatten(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let mut out = Vec::new();
    let l = list(args, 0);
    let mut i = 0;
    while let Some(v) = m.heap.list(l).items.get(i).copied() {
        let v = match v.kind() {
            Kind::Live(place) if m.heap.live(place).list => crate::state::snapshot(m, place)?,
            _ => v,
        };
        match v.kind() {
            Kind::List(inner) => {
                let inner = &m.heap.list(inner).items;
                m.meter.charge_units(schedule::LIST_ITEM, inner.len())?;
                m.heap.room(16 * (out.len() + inner.len()) as u64)?;
                out.extend_from_slice(inner);
            }
            _ => {
                m.charge_units(schedule::LIST_ITEM, 1)?;
                out.push(v);
            }
        }
        i += 1;
    }
    m.list(out)
}

fn unique(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let mut out: Vec<Value> = Vec::new();
    let l = list(args, 0);
    let mut i = 0;
    'items: while let Some(v) = m.heap.list(l).items.get(i).copied() {
        i += 1;
        for seen in &out {
            m.charge_units(schedule::VALUE, 1)?;
            m.tick()?;
            if ops::equal(m, *seen, v)? {
                continue 'items;
            }
        }
        out.push(v);
    }
    m.list(out)
}

/// `l.join(sep)`.
pub(crate) fn join(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let sep = crate::builtins::text_of(m, args, 1);
    let mut text = display::Text::new(m);
    let l = list(args, 0);
    let mut i = 0;
    while let Some(v) = m.heap.list(l).items.get(i).copied() {
        if i > 0 {
            text.push(&sep)?;
        }
        display::write(m, &mut text, v)?;
        i += 1;
    }
    text.value(m)
}

fn extreme(m: &mut Machine, args: &[Value], op: BinOp) -> Result<Value, Trap> {
    let items = m.heap.list(list(args, 0)).items.clone();
    Ok(numbers::first_extreme(m, &items, op)?.unwrap_or(Value::NULL))
}

fn min(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    extreme(m, args, BinOp::Lt)
}

fn max(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    extreme(m, args, BinOp::Gt)
}

fn zip(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (a, b) = (&m.heap.list(list(args, 0)).items, &m.heap.list(list(args, 1)).items);
    m.meter.charge_units(schedule::LIST_ITEM, a.len().min(b.len()))?;
    m.heap.room(80 * a.len().min(b.len()) as u64)?;
    let pairs: Vec<[Value; 2]> = a.iter().zip(b).map(|(a, b)| [*a, *b]).collect();
    let mut out = Vec::with_capacity(pairs.len());
    for pair in pairs {
        out.push(m.list(pair.to_vec())?);
    }
    m.list(out)
}
