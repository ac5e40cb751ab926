//! Methods of ranges, instants, enums and instances, and the one of every value (language.md 11.1, 11.3, 19.4).

use super::callbacks;
use crate::builtins::{arg, rows, text_of};
use crate::datetime::{self, Civil};
use crate::machine::Machine;
use crate::object::RangeObj;
use crate::ops::{self, contains, place};
use crate::trap::Trap;
use crate::value::{Kind, Value};
use crate::{copy, display, json};

rows! {
    ANY in "@any";
    /// The display form.
    ["to_string"] (x: Any) gas Text => Plain(to_string);
}

rows! {
    INSTANCE in "@instance";
    /// The fields as JSON.
    ["to_json", "toJSON"] (x: Any) gas Text => Plain(to_json);
    /// A deep copy.
    ["clone"] (x: Any) gas Deep => Plain(clone);
    /// Whether both have the same type and equal fields.
    ["equals"] (x: Any, y: Any) gas Operation => Plain(equals);
}

rows! {
    RANGE in "@range";
    /// The number of integers.
    ["length"] (r: Any) => Plain(crate::builtins::convert::len);
    /// The integer at a position, or the default.
    ["get"] (r: Any, i: Int, default: Any = "null") => Plain(range_get);
    /// Whether `x` is one of the integers.
    ["contains"] (r: Any, x: Any) => Plain(range_contains);
    /// The first integer, or null.
    ["first"] (r: Any) => Plain(range_first);
    /// The last integer, or null.
    ["last"] (r: Any) => Plain(range_last);
    /// The integers as a list.
    ["to_list"] (r: Any) gas Operation => Plain(range_to_list);
    /// The results of `f` for each integer and its position.
    ["map"] (r: Any, f: Callable) gas Each => Calling(callbacks::map);
    /// The integers for which `f` is true.
    ["filter"] (r: Any, f: Callable) gas Each => Calling(callbacks::filter);
    /// The last result of `f`, called with the result before, each integer and its position.
    ["reduce"] (r: Any, f: Callable, init: Any = "") gas Each => Calling(callbacks::reduce);
    /// Null; calls `f` with each integer and its position.
    ["each"] (r: Any, f: Callable) gas Each => Calling(callbacks::each);
}

rows! {
    DATETIME in "@datetime";
    /// The year.
    ["year"] (dt: DateTime) => Plain(year);
    /// The month, from 1.
    ["month"] (dt: DateTime) => Plain(month);
    /// The day of the month, from 1.
    ["day"] (dt: DateTime) => Plain(day);
    /// The hour.
    ["hour"] (dt: DateTime) => Plain(hour);
    /// The minute.
    ["minute"] (dt: DateTime) => Plain(minute);
    /// The whole seconds of the minute.
    ["second"] (dt: DateTime) => Plain(second);
    /// The day of the week; Monday is 1.
    ["weekday"] (dt: DateTime) => Plain(weekday);
    /// The whole seconds since 1970.
    ["timestamp"] (dt: DateTime) => Plain(timestamp);
    /// The text that a format with `%Y %m %d %H %M %S %f %j %a %b %%` gives.
    ["format"] (dt: DateTime, f: Str) gas TextMade => Plain(format);
}

rows! {
    ENUM in "@enum";
    /// The names of the members in order.
    ["keys"] (e: Any) gas Items => Plain(enum_keys);
    /// The values of the members in order.
    ["values"] (e: Any) gas Items => Plain(enum_values);
    /// The name of the first member with this value, or null.
    ["name"] (e: Any, v: Any) => Plain(enum_name);
}

fn to_string(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    display::display_value(m, arg(args, 0))
}

fn to_json(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let text = json::stringify(m, arg(args, 0), None)?;
    m.string(text)
}

fn clone(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    copy::deep(m, arg(args, 0))
}

fn equals(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    Ok(Value::bool(ops::equal(m, arg(args, 0), arg(args, 1))?))
}

fn range(m: &Machine, args: &[Value]) -> RangeObj {
    arg(args, 0).as_range().map(|r| *m.heap.range(r)).unwrap_or_default()
}

fn range_get(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let r = range(m, args);
    let at = arg(args, 1).as_int().and_then(|i| place(i, r.len()));
    Ok(at.map_or(arg(args, 2), |at| Value::int(r.at(at))))
}

fn range_contains(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    Ok(Value::bool(contains(m, arg(args, 1), arg(args, 0))?))
}

fn range_first(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let r = range(m, args);
    Ok(if r.is_empty() { Value::NULL } else { Value::int(r.start) })
}

fn range_last(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let r = range(m, args);
    Ok(if r.is_empty() { Value::NULL } else { Value::int(r.end - 1) })
}

fn range_to_list(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    ops::slice(m, arg(args, 0), Value::NULL, Value::NULL)
}

fn instant(args: &[Value]) -> i64 {
    match arg(args, 0).kind() {
        Kind::DateTime(t) => t,
        _ => 0,
    }
}

macro_rules! parts {
    ($( $name:ident: |$c:ident| $part:expr; )*) => { $(
        fn $name(_: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
            let $c = Civil::of(instant(args));
            Ok(Value::int($part))
        }
    )* };
}

parts! {
    year: |c| c.year;
    month: |c| c.month;
    day: |c| c.day;
    hour: |c| c.hour;
    minute: |c| c.minute;
    second: |c| c.second;
    weekday: |c| c.weekday();
}

fn timestamp(_: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    Ok(Value::int(instant(args).div_euclid(1_000_000)))
}

/// `dt.format(f)`.
pub(crate) fn format(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let format = text_of(m, args, 1);
    // A part becomes at most 6 characters for its two.
    m.heap.room(3 * format.len() as u64)?;
    m.string(datetime::format(instant(args), &format))
}

fn enum_keys(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let Kind::Enum(e) = arg(args, 0).kind() else { return Ok(Value::NULL) };
    let names: Vec<_> = m.heap.enumeration(e).members.keys().cloned().collect();
    let mut items = Vec::with_capacity(names.len());
    for name in names {
        items.push(m.string(name)?);
    }
    m.list(items)
}

fn enum_values(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let Kind::Enum(e) = arg(args, 0).kind() else { return Ok(Value::NULL) };
    let values = m.heap.enumeration(e).members.values().copied().collect();
    m.list(values)
}

fn enum_name(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let Kind::Enum(e) = arg(args, 0).kind() else { return Ok(Value::NULL) };
    let mut i = 0;
    while let Some((name, v)) = m.heap.enumeration(e).members.get_index(i) {
        let (name, v) = (name.clone(), *v);
        if ops::equal(m, v, arg(args, 1))? {
            return m.string(name);
        }
        i += 1;
    }
    Ok(Value::NULL)
}
