//! What the arms of the loop leave to functions out of line: the general case of what they do.

use std::sync::Arc;

use zexus_bytecode::operator::BinOp;
use zexus_bytecode::support::Support;
use zexus_bytecode::{Instruction, Opcode};
use zexus_runtime::object::Cell;
use zexus_runtime::ops::{self, Member};
use zexus_runtime::{Kind, Tag, Trap, Value, builtins, calls, iterate};

use super::insn::{Insn, Op};
use super::sites::Site;
use crate::args::Args;
use crate::exec::{Exec, WINDOW};
use crate::program::{Clear, Function};

/// How execution goes on after a public instruction that ran out of line.
pub enum Next {
    /// With the next instruction.
    On,
    /// At this internal instruction.
    Jump(usize),
    /// In a new frame.
    Frame,
    /// The call ends with this value.
    Return(Value),
}

/// The operator of a public instruction that compares.
fn compared(op: Opcode) -> BinOp {
    match op {
        Opcode::Lt => BinOp::Lt,
        Opcode::Gt => BinOp::Gt,
        Opcode::Lte => BinOp::Le,
        Opcode::Gte => BinOp::Ge,
        Opcode::Neq => BinOp::Ne,
        _ => BinOp::Eq,
    }
}

impl Exec<'_> {
    /// The public instruction that an internal one belongs to.
    pub fn public(&self, func: u32, at: usize) -> Option<Instruction> {
        let function = self.function(func)?;
        let pc = *function.pcs.get(at)?;
        self.program
            .modules
            .get(function.module as usize)?
            .module
            .function(function.index)?
            .code
            .get(pc as usize)
            .copied()
    }

    /// A string constant of the module of a function.
    pub fn text_constant(&self, func: u32, index: u64) -> Arc<str> {
        let module = self.function(func).and_then(|f| self.program.modules.get(f.module as usize));
        match module.and_then(|m| m.module.constant(index)) {
            Some(zexus_bytecode::Const::Str(text)) => text.clone(),
            _ => Arc::from(""),
        }
    }

    /// Where the label of a step leads to, as an internal instruction.
    pub fn jump_target(&self, func: u32, at: usize) -> usize {
        let target = |f: &Function| f.step_targets.get(f.pcs.get(at)?).copied();
        self.function(func).and_then(target).unwrap_or_default() as usize
    }

    /// Where code goes back: collects if it is time to, and asks the host now and then whether to stop. Registers below `live` are alive.
    #[cold]
    pub fn safe_point(&mut self, live: usize) -> Result<(), Trap> {
        if self.ticks >= super::TICKS {
            self.ticks = 0;
            if self.m.host.interrupted() {
                return Err(Trap::Interrupted);
            }
        }
        if self.m.heap.wants_collection() { self.collect(live) } else { Ok(()) }
    }

    /// Collects. Registers from `live` on, which no frame uses, lose their values, so that nothing stale is ever seen there, and what
    /// deep calls have left of them goes.
    #[cold]
    pub fn collect(&mut self, live: usize) -> Result<(), Trap> {
        self.registers.truncate(live + 2 * WINDOW);
        if let Some(dead) = self.registers.get_mut(live..) {
            dead.fill(Value::UNDEF);
        }
        for site in &self.shared.sites {
            site.set(Site::EMPTY);
        }
        let mut heap = std::mem::take(&mut self.m.heap);
        let result = heap.collect(self.m.outside(), &mut |visit| {
            self.m.roots(visit);
            self.roots(visit);
            self.registers.iter().take(live).for_each(|v| visit(*v));
        });
        self.m.heap = heap;
        result
    }

    /// E0301 or E0302 for the variable that the instruction names, or that a call names.
    #[cold]
    #[inline(never)]
    pub fn undefined_at(&mut self, at: usize) -> Trap {
        let func = self.frame().func;
        let name = match self.public(func, at) {
            Some(i) => self.text_constant(func, i.first()),
            None => Arc::from(""),
        };
        self.undefined(&name, true)
    }

    /// What the beginning of a call does to registers.
    #[inline(never)]
    pub fn clear_registers(&mut self, base: usize, function: &Function) -> Result<(), Trap> {
        for (register, clear) in &function.clears {
            let at = base + *register as usize;
            let old = self.registers.get(at).copied().unwrap_or(Value::UNDEF);
            let v = match clear {
                Clear::Undef => Value::UNDEF,
                Clear::Cell => self.new_cell(Value::UNDEF)?,
                Clear::Wrap => self.new_cell(old)?,
            };
            if let Some(place) = self.registers.get_mut(at) {
                *place = v;
            }
        }
        Ok(())
    }

    /// Calls a builtin.
    #[inline(never)]
    pub fn builtin_with(&mut self, index: u32, args: &[Value]) -> Result<Value, Trap> {
        builtins::call(self, index, args)
    }

    /// `CHECK_TYPE` of a register.
    #[inline(never)]
    pub fn check_type(&mut self, at: usize, register: u32) -> Result<(), Trap> {
        let func = self.frame().func;
        match self.public(func, at) {
            Some(i) => self.step_type(func, at, i, self.register(register)).map(drop),
            None => Ok(()),
        }
    }

    /// A new cell.
    pub fn new_cell(&mut self, v: Value) -> Result<Value, Trap> {
        Ok(Value::cell(self.m.heap.alloc_cell(Cell(v))?))
    }

    /// `x op y`
    #[inline(never)]
    pub fn binary(&mut self, op: BinOp, x: Value, y: Value) -> Result<Value, Trap> {
        calls::binary(self, op, x, y)
    }

    /// `x op y`, where the public instruction may be that of the operands the other way round, or the opposite of `==`.
    #[inline(never)]
    pub fn compare(&mut self, at: usize, op: BinOp, x: Value, y: Value) -> Result<Value, Trap> {
        let func = self.frame().func;
        let public = self.public(func, at).map_or(op, |i| compared(i.op()));
        let result = match (op, public) {
            _ if op == public => return calls::binary(self, op, x, y),
            (BinOp::Eq, BinOp::Ne) | (BinOp::Ne, BinOp::Eq) => {
                let v = calls::binary(self, public, x, y)?;
                Value::bool(!v.truthy())
            }
            _ => return calls::binary(self, public, y, x),
        };
        Ok(result)
    }

    /// Whether an instance is equal to null, by its operator if it has one.
    #[inline(never)]
    pub fn equals_null(&mut self, at: usize, x: Value) -> Result<bool, Trap> {
        Ok(self.compare(at, BinOp::Eq, x, Value::NULL)?.truthy())
    }

    /// `v[k]`
    #[inline(never)]
    pub fn index(&mut self, v: Value, k: Value) -> Result<Value, Trap> {
        if let Some(value) = ops::entry(&self.m, v, k) {
            return Ok(value);
        }
        match ops::index(&mut self.m, v, k)? {
            Member::Value(v) => Ok(v),
            member => calls::indexed(self, v, k, member),
        }
    }

    /// `v[k] = x`
    #[inline(never)]
    pub fn set_index(&mut self, v: Value, k: Value, x: Value) -> Result<(), Trap> {
        match v.as_instance() {
            None => ops::set_index(&mut self.m, v, k, x).map(drop),
            Some(_) => calls::set_index(self, v, k, x),
        }
    }

    /// `v.name`; notes the field in the site.
    #[inline(never)]
    pub fn field(&mut self, at: usize, site: u32, v: Value) -> Result<Value, Trap> {
        let func = self.frame().func;
        let name = self.public(func, at).map_or(0, |i| i.first());
        let name = self.text_constant(func, name);
        let (name, internal) = inner_name(&name);
        let internal = internal && self.acts_for(v);
        if let Some(i) = v.as_instance() {
            let object = self.m.heap.instance(i);
            if let Some(slot) = self.m.heap.ty(object.ty).fields.get_index_of(name)
                && let Some(site) = self.shared.sites.get(site as usize)
            {
                site.set(Site::field(object.ty.index(), slot));
            }
        }
        calls::member(self, v, name, internal)
    }

    /// `v.name = x`; notes the field in the site.
    #[inline(never)]
    pub fn set_field(&mut self, at: usize, site: u32, v: Value, x: Value) -> Result<(), Trap> {
        let func = self.frame().func;
        let name = self.public(func, at).map_or(0, |i| i.first());
        let name = self.text_constant(func, name);
        let (short, internal) = inner_name(&name);
        let internal = internal && self.acts_for(v);
        if let Some(i) = v.as_instance() {
            let ty = self.m.heap.instance(i).ty;
            let object = self.m.heap.ty(ty);
            if let Some((slot, _, field)) = object.fields.get_full(short)
                && let Some(site) = self.shared.sites.get(site as usize)
            {
                site.set(Site::assigned(ty.index(), slot, object, field));
            }
        }
        let short: Arc<str> = if internal { short.into() } else { name };
        calls::set_member(self, v, &short, x, internal)
    }

    /// A list of the values from the register `first` on.
    #[inline(never)]
    pub fn build_list(&mut self, first: usize, count: usize) -> Result<Value, Trap> {
        let items = self.registers.get(first..first + count).unwrap_or_default().to_vec();
        self.m.list(items)
    }

    /// Calls a builtin with the values from the register `first` on.
    #[inline(never)]
    pub fn call_builtin(&mut self, index: u32, first: usize, count: usize) -> Result<Value, Trap> {
        let args = self.registers.get(first..first + count).unwrap_or_default();
        if let Ok(&[a]) = <&[Value; 1]>::try_from(args) {
            return builtins::call(self, index, &[a]);
        }
        let args = Args::new(args);
        builtins::call(self, index, &args)
    }

    /// Calls a support function with the values from the register `first` on.
    #[inline(never)]
    pub fn support_at(&mut self, index: usize, first: usize, count: usize) -> Result<Value, Trap> {
        let args = Args::new(self.registers.get(first..first + count).unwrap_or_default());
        match Support::ALL.get(index) {
            Some(support) => self.call_support(*support, &args),
            None => Ok(Value::NULL),
        }
    }

    /// The state of an iteration: for a range with one name the next and the last integer, for a list the list and the position, for
    /// all else `UNDEF` and an iterator of the runtime. The iterator on the stack is in the register `a`.
    #[inline(never)]
    pub fn start_iteration(&mut self, base: usize, i: Insn, v: Value) -> Result<(), Trap> {
        let (first, second) = match v.kind() {
            Kind::Range(range) if i.c == 1 => {
                let range = *self.m.heap.range(range);
                (Value::int(range.start), Value::int(range.end))
            }
            Kind::List(_) => (v, Value::int(0)),
            _ => (Value::UNDEF, iterate::begin(&mut self.m, v, i.c)?),
        };
        let state = base + usize::from(i.b);
        if let Some(places) = self.registers.get_mut(state..state + 2) {
            places.copy_from_slice(&[first, second]);
        }
        Ok(())
    }

    /// The next item of an iteration; false at the end.
    #[inline(never)]
    pub fn next_item(&mut self, base: usize, i: Insn) -> Result<bool, Trap> {
        let state = base + usize::from(i.b);
        let two = i.op == Op::IterNext2;
        let (first, second) = match self.registers.get(state..state + 2) {
            Some(&[first, second]) => (first, second),
            _ => return Ok(false),
        };
        let items = if let (Tag::List, Some(list), Some(n)) = (first.tag(), first.as_list(), second.as_int())
        {
            let Some(item) = self.m.heap.list(list).items.get(n as usize).copied() else { return Ok(false) };
            if let Some(place) = self.registers.get_mut(state + 1) {
                *place = Value::int(n + 1);
            }
            if two { [Value::int(n), item] } else { [item, Value::NULL] }
        } else {
            let Some(items) = self.next_of(second)? else { return Ok(false) };
            items
        };
        let to = base + usize::from(i.a);
        for (at, v) in items.into_iter().take(1 + usize::from(two)).enumerate() {
            if let Some(place) = self.registers.get_mut(to + at) {
                *place = v;
            }
        }
        Ok(true)
    }

    /// The next step of an iterator of the runtime, or the next value received from a channel.
    pub fn next_of(&mut self, iter: Value) -> Result<Option<[Value; 2]>, Trap> {
        let Some(iter) = iter.as_iter() else {
            return Err(self.m.error(402, "Type mismatch: not an iterator"));
        };
        if let Kind::Channel(channel) = self.m.heap.iter(iter).source.kind() {
            let received = zexus_runtime::tasks::channels::receive(self, channel)?;
            return Ok(received.map(|v| [v, Value::NULL]));
        }
        iterate::next(&mut self.m, iter)
    }
}

/// A member's name without the `@` that marks members through `this`, and whether it was there.
pub(crate) fn inner_name(name: &str) -> (&str, bool) {
    match name.strip_prefix('@') {
        Some(rest) => (rest, true),
        None => (name, false),
    }
}
