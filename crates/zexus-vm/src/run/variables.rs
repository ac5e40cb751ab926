//! Constants and variables by what public instructions call them.

use zexus_bytecode::Const;
use zexus_runtime::object::MapObj;
use zexus_runtime::ordered::OrderedMap;
use zexus_runtime::{Trap, Value, ops};

use crate::exec::Exec;
use crate::program::Spot;

impl Exec<'_> {
    /// `LOAD_CONST`: a constant as a new value; a function becomes a closure.
    pub fn load_const(&mut self, func: u32, index: u64) -> Result<Value, Trap> {
        let program = self.program;
        let Some(module) =
            program.functions.get(func as usize).and_then(|f| program.modules.get(f.module as usize))
        else {
            return Ok(Value::NULL);
        };
        match module.module.constant(index) {
            Some(Const::Func(f)) => self.closure(module.first_function + f),
            Some(constant) => {
                self.charge_copy(constant)?;
                self.constant(constant)
            }
            None => Ok(Value::NULL),
        }
    }

    /// Sizes of a list or map constant that is copied (bytecode.md 5.3).
    fn charge_copy(&mut self, constant: &Const) -> Result<(), Trap> {
        if !self.m.meter.is_metered() {
            return Ok(());
        }
        let (mut items, mut entries) = (0, 0);
        let mut work = vec![constant];
        while let Some(c) = work.pop() {
            match c {
                Const::List(list) => {
                    items += list.len();
                    work.extend(list.iter());
                }
                Const::Map(map) => {
                    entries += map.len();
                    work.extend(map.iter().map(|(_, v)| v));
                }
                _ => (),
            }
        }
        self.m.charge_units(zexus_bytecode::schedule::LIST_ITEM, items)?;
        self.m.charge_units(zexus_bytecode::schedule::MAP_ENTRY, entries)
    }

    /// A constant as a new value. Constants are nested at most 64 deep.
    pub fn constant(&mut self, constant: &Const) -> Result<Value, Trap> {
        Ok(match constant {
            Const::Null => Value::NULL,
            Const::Bool(b) => Value::bool(*b),
            Const::Int(i) => Value::int(*i),
            Const::Float(f) => Value::float(*f),
            Const::Big(b) => {
                let object = zexus_runtime::object::BigIntObj((**b).clone());
                Value::bigint(self.m.heap.alloc_bigint(object)?)
            }
            Const::Str(s) => self.m.string(s.clone())?,
            Const::Bytes(b) => {
                Value::bytes(self.m.heap.alloc_bytes(zexus_runtime::object::BytesObj(b.clone()))?)
            }
            Const::List(items) => {
                let items: Result<Vec<Value>, Trap> = items.iter().map(|c| self.constant(c)).collect();
                self.m.list(items?)?
            }
            Const::Map(entries) => {
                let mut map = OrderedMap::with_capacity(entries.len());
                for (k, v) in entries.iter() {
                    let key = self.constant(k)?;
                    let key = ops::key_of(&mut self.m, key)?;
                    map.insert(key, self.constant(v)?);
                }
                Value::map(self.m.heap.alloc_map(MapObj { map, ..MapObj::default() })?)
            }
            Const::Func(_) => Value::NULL,
        })
    }

    /// The variable of a name, as the running function sees it.
    pub fn spot(&self, name: &str) -> Spot {
        match self.running() {
            Some(f) => f.scope.get(name).copied().unwrap_or_else(|| self.program.resolve(f.module, name)),
            None => Spot::Nothing,
        }
    }

    /// What a name of the running function holds.
    pub fn load_named(&mut self, func: u32, name: u64) -> Result<Value, Trap> {
        let name = self.text_constant(func, name);
        self.read_name(&name)
    }

    /// Gives the variable of a name a value.
    pub fn store_named(&mut self, func: u32, name: u64, v: Value) -> Result<(), Trap> {
        let name = self.text_constant(func, name);
        let spot = self.spot(&name);
        self.write_spot(spot, v);
        Ok(())
    }

    /// Changes what a variable holds.
    pub fn write_spot(&mut self, spot: Spot, v: Value) {
        let cell = match spot {
            Spot::Register(r) => return self.set_register(r, v),
            Spot::Global(g) => {
                if let Some(place) = self.m.globals.get_mut(g as usize) {
                    *place = v;
                }
                return;
            }
            Spot::Cell(r) => self.register(r),
            Spot::CaptureCell(c) => self.capture(c),
            Spot::Capture(_) | Spot::Builtin(_) | Spot::Nothing => return,
        };
        if let Some(cell) = cell.as_cell() {
            self.m.heap.cell_mut(cell).0 = v;
        }
    }

    /// Calls the builtin or support function of a name.
    pub fn call_by_name(&mut self, name: &str, args: &[Value]) -> Result<Value, Trap> {
        match name {
            "@new" | "@copy" => {
                let variable = args.first().map(|v| self.text_of(*v)).unwrap_or_default();
                self.renew(&variable, name == "@copy")
            }
            _ => self.call_builtin_named(name, args),
        }
    }

    /// `@new`, `@copy`: the variable is a new one, without a value or with the old one's.
    fn renew(&mut self, name: &str, copy: bool) -> Result<Value, Trap> {
        let spot = self.spot(name);
        let v = if copy { self.read_spot(spot) } else { Value::UNDEF };
        match spot {
            Spot::Cell(r) => {
                let cell = self.new_cell(v)?;
                self.set_register(r, cell);
            }
            _ => self.write_spot(spot, v),
        }
        Ok(Value::NULL)
    }
}
