//! Lists and maps that grow while they are built, and destructuring (language.md 6.3).

use zexus_bytecode::schedule;
use zexus_runtime::{Kind, Trap, Value, args as arguments, ops, shapes, state};

use super::{after, arg, count};
use crate::exec::Exec;

impl Exec<'_> {
    /// `l v… → l`
    pub(super) fn support_append(&mut self, args: &[Value]) -> Result<Value, Trap> {
        self.grow_list(arg(args, 0), after(args, 1))
    }

    /// `l v → l`
    pub(super) fn support_extend(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let items = arguments::spread(&mut self.m, arg(args, 1))?;
        self.m.charge_units(schedule::LIST_ITEM, items.len())?;
        self.grow_list(arg(args, 0), &items)
    }

    fn grow_list(&mut self, list: Value, items: &[Value]) -> Result<Value, Trap> {
        ops::sealed(&mut self.m, list)?;
        if let Some(l) = list.as_list() {
            self.m.heap.charge(16 * items.len() as u64)?;
            self.m.heap.list_mut(l).items.extend_from_slice(items);
        }
        Ok(list)
    }

    /// `v → l`
    pub(super) fn support_spread(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let v = arg(args, 0);
        let items = match v.as_list() {
            Some(l) => {
                let len = self.m.heap.list(l).items.len();
                self.m.charge_units(schedule::LIST_ITEM, len)?;
                return Ok(v);
            }
            None => arguments::spread(&mut self.m, v)?,
        };
        self.m.charge_units(schedule::LIST_ITEM, items.len())?;
        self.m.list(items)
    }

    /// `m k v … → m`
    pub(super) fn support_insert(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let map = arg(args, 0);
        let Some(r) = map.as_map() else { return Ok(map) };
        for entry in after(args, 1).chunks(2) {
            let key = ops::key_of(&mut self.m, arg(entry, 0))?;
            ops::insert(&mut self.m, r, key, arg(entry, 1))?;
        }
        Ok(map)
    }

    /// `k → k`
    pub(super) fn support_key(&mut self, args: &[Value]) -> Result<Value, Trap> {
        ops::key_of(&mut self.m, arg(args, 0)).map(|_| arg(args, 0))
    }

    /// `v → v`
    pub(super) fn support_slice_end(&mut self, args: &[Value]) -> Result<Value, Trap> {
        match arg(args, 0) {
            v if v.is_null() => Err(self.m.error(402, "Type mismatch: a slice takes integers, got Null")),
            v => Ok(v),
        }
    }

    /// `v → l`
    pub(super) fn support_list_parts(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let v = state::plain(&mut self.m, arg(args, 0))?;
        match v.kind() {
            Kind::List(_) | Kind::Range(_) => Ok(v),
            _ => Err(shapes::cannot_destructure(&mut self.m, v)),
        }
    }

    /// `v → m`
    pub(super) fn support_map_parts(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let v = state::plain(&mut self.m, arg(args, 0))?;
        match v.kind() {
            Kind::Map(_) | Kind::Instance(_) => Ok(v),
            _ => Err(shapes::cannot_destructure(&mut self.m, v)),
        }
    }

    /// `l i → v`
    pub(super) fn support_item(&mut self, args: &[Value]) -> Value {
        let at = count(args, 1);
        match arg(args, 0).kind() {
            Kind::Range(r) => {
                let range = self.m.heap.range(r);
                if (at as u64) < range.len() { Value::int(range.at(at as u64)) } else { Value::NULL }
            }
            _ => shapes::item(&self.m, arg(args, 0), at),
        }
    }

    /// `l i → list`
    pub(super) fn support_rest(&mut self, args: &[Value]) -> Result<Value, Trap> {
        shapes::rest(&mut self.m, arg(args, 0), count(args, 1))
    }

    /// `m name → v`
    pub(super) fn support_entry(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let name = self.text_at(args, 1);
        shapes::entry(self, arg(args, 0), &name)
    }

    /// `m name → boolean`
    pub(super) fn support_has(&mut self, args: &[Value]) -> Value {
        let name = self.text_at(args, 1);
        Value::bool(shapes::has(&self.m, arg(args, 0), &name))
    }
}
