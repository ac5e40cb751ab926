//! Every public instruction by itself, with its operands in the registers of the stack: for what is not hot, for functions with too many
//! registers, and for traces.

use std::sync::Arc;

use zexus_bytecode::operator::BinOp;
use zexus_bytecode::{Instruction, Opcode};
use zexus_runtime::object::MapObj;
use zexus_runtime::ordered::OrderedMap;
use zexus_runtime::{Trap, Value, args, builtins, calls, display, iterate, kinds, ops};

use super::slow::{Next, inner_name};
use crate::args::Args;
use crate::exec::Exec;
use crate::frame;

/// Arguments by position and by name.
pub(crate) type Spread = (Vec<Value>, Vec<(Arc<str>, Value)>);

/// The operators that have an opcode of their own.
fn operator(op: Opcode) -> Option<BinOp> {
    Some(match op {
        Opcode::Add => BinOp::Add,
        Opcode::Sub => BinOp::Sub,
        Opcode::Mul => BinOp::Mul,
        Opcode::Div => BinOp::Div,
        Opcode::Mod => BinOp::Mod,
        Opcode::Pow => BinOp::Pow,
        Opcode::IntDiv => BinOp::IntDiv,
        Opcode::Eq => BinOp::Eq,
        Opcode::Neq => BinOp::Ne,
        Opcode::Lt => BinOp::Lt,
        Opcode::Gt => BinOp::Gt,
        Opcode::Lte => BinOp::Le,
        Opcode::Gte => BinOp::Ge,
        Opcode::In => BinOp::In,
        _ => return None,
    })
}

impl Exec<'_> {
    /// Runs a public instruction whose first operand is in the register `first` of the running call; its results go there.
    #[inline(never)]
    pub fn step(&mut self, at: usize, first: u32) -> Result<Next, Trap> {
        let func = self.frame().func;
        let Some(ins) = self.public(func, at) else {
            // The end of the code: the top of the stack, if there is one.
            let v = if first == u32::MAX { Value::NULL } else { self.register(first) };
            return Ok(Next::Return(v));
        };
        let op = ins.op();
        if let Some(op) = operator(op) {
            let (x, y) = (self.register(first), self.register(first + 1));
            let v = calls::binary(self, op, x, y)?;
            self.set_register(first, v);
            return Ok(Next::On);
        }
        match op {
            Opcode::Jump
            | Opcode::JumpIfFalse
            | Opcode::JumpIfTrue
            | Opcode::JumpIfNull
            | Opcode::JumpIfNotNull => {
                let v = self.register(first);
                let jumps = match op {
                    Opcode::Jump => true,
                    Opcode::JumpIfFalse => !v.truthy(),
                    Opcode::JumpIfTrue => v.truthy(),
                    Opcode::JumpIfNull => v.is_null(),
                    _ => !v.is_null(),
                };
                Ok(if jumps { Next::Jump(self.jump_target(func, at)) } else { Next::On })
            }
            Opcode::Return => {
                Ok(Next::Return(if first == u32::MAX { Value::NULL } else { self.register(first) }))
            }
            Opcode::ForIter => self.step_for_iter(func, at, ins, first),
            Opcode::CallName | Opcode::CallFuncConst | Opcode::CallTop | Opcode::CallMethod => {
                self.step_call(func, ins, first)
            }
            Opcode::CallSpread | Opcode::CallMethodSpread => {
                self.step_spread(func, ins, first)?;
                Ok(Next::On)
            }
            Opcode::Throw => Err(self.throw(func, at, self.register(first))),
            Opcode::Revert => Err(self.revert(self.register(first))),
            Opcode::SetupTry
            | Opcode::SetupFinally
            | Opcode::PopTry
            | Opcode::Nop
            | Opcode::Pop
            | Opcode::Export => Ok(Next::On),
            _ => {
                if let Some(v) = self.step_value(func, at, ins, first)? {
                    self.set_register(first, v);
                }
                Ok(Next::On)
            }
        }
    }

    /// Instructions that give one value or none.
    fn step_value(
        &mut self,
        func: u32,
        at: usize,
        ins: Instruction,
        first: u32,
    ) -> Result<Option<Value>, Trap> {
        let (v, w, x) = (self.register(first), self.register(first + 1), self.register(first + 2));
        Ok(Some(match ins.op() {
            Opcode::LoadConst => self.load_const(func, ins.first())?,
            Opcode::LoadName => self.load_named(func, ins.first())?,
            Opcode::StoreName => return self.store_named(func, ins.first(), v).map(|()| None),
            Opcode::StoreFunc | Opcode::StoreConst => {
                let v = self.load_const(func, ins.second())?;
                return self.store_named(func, ins.first(), v).map(|()| None);
            }
            Opcode::Dup => {
                self.set_register(first + 1, v);
                return Ok(None);
            }
            Opcode::Inc => calls::binary(self, BinOp::Add, v, Value::int(1))?,
            Opcode::Dec => calls::binary(self, BinOp::Sub, v, Value::int(1))?,
            Opcode::Neg => ops::neg(&mut self.m, v)?,
            Opcode::Not => Value::bool(!v.truthy()),
            Opcode::And => Value::bool(v.truthy() && w.truthy()),
            Opcode::Or => Value::bool(v.truthy() || w.truthy()),
            Opcode::Index => calls::index(self, v, w)?,
            Opcode::Slice => ops::slice(&mut self.m, v, w, x)?,
            Opcode::GetAttr => {
                let name = self.text_constant(func, ins.first());
                let (name, internal) = inner_name(&name);
                let internal = internal && self.acts_for(v);
                calls::member(self, v, name, internal)?
            }
            Opcode::StoreIndex => {
                calls::set_index(self, v, w, x)?;
                return Ok(None);
            }
            Opcode::StoreAttr => {
                let name = self.text_constant(func, ins.first());
                let (short, internal) = inner_name(&name);
                let internal = internal && self.acts_for(v);
                let short: Arc<str> = if internal { short.into() } else { name.clone() };
                calls::set_member(self, v, &short, w, internal)?;
                return Ok(None);
            }
            Opcode::BuildList | Opcode::BuildMap | Opcode::BuildSet | Opcode::BuildString => {
                self.build(ins, first)?
            }
            Opcode::BuildRange => ops::range(&mut self.m, v, w, ins.count() == 1)?,
            Opcode::CheckType | Opcode::IsType => return self.step_type(func, at, ins, v),
            Opcode::GetIter => iterate::begin(&mut self.m, v, ins.count() as u8)?,
            Opcode::CallBuiltin => {
                let name = self.text_constant(func, ins.first());
                let args = self.stack_args(first, ins.count());
                self.call_by_name(&name, &args)?
            }
            Opcode::Spawn => {
                let args = self.stack_args(first + 1, ins.count());
                self.spawn(v, &args)?
            }
            Opcode::SpawnCall => {
                let f = self.load_named(func, ins.first())?;
                let args = self.stack_args(first, ins.count());
                self.spawn(f, &args)?
            }
            Opcode::Await => self.await_value(v)?,
            Opcode::Import => {
                let path = self.text_constant(func, ins.first());
                self.import(&path)?
            }
            _ => return self.step_effect(func, ins, first),
        }))
    }

    /// Declarations, the chain, events, output.
    fn step_effect(&mut self, func: u32, ins: Instruction, first: u32) -> Result<Option<Value>, Trap> {
        let (v, w, x) = (self.register(first), self.register(first + 1), self.register(first + 2));
        match ins.op() {
            Opcode::RegisterEvent => {
                let name = self.text_constant(func, ins.first());
                let f = self.load_const(func, ins.second())?;
                self.register_event(&name, f)?;
            }
            Opcode::EmitEvent => {
                let name = self.text_constant(func, ins.first());
                let args = self.stack_args(first, ins.count());
                self.emit_event(&name, &args)?;
            }
            Opcode::DefineEnum | Opcode::DefineProtocol | Opcode::DefineContract | Opcode::DefineEntity => {
                let name = self.text_constant(func, ins.first());
                let spot = self.spot(&name);
                let current = self.read_spot(spot);
                let program = self.program;
                let module =
                    program.functions.get(func as usize).and_then(|f| program.modules.get(f.module as usize));
                let Some(descriptor) = module.and_then(|m| m.module.constant(ins.second())) else {
                    return Ok(None);
                };
                let v = self.define(ins.op(), &name, current, descriptor)?;
                self.write_spot(spot, v);
            }
            Opcode::AssertProtocol => {
                let protocol = self.load_named(func, ins.first())?;
                self.assert_protocol(v, protocol)?;
            }
            Opcode::HashBlock => return self.hash_block(v).map(Some),
            Opcode::VerifySignature => {
                return self.verify_signature(v, w, x).map(Some);
            }
            Opcode::MerkleRoot => {
                let leaves = self.stack_args(first, ins.count());
                return self.merkle_root(&leaves).map(Some);
            }
            Opcode::StateRead => {
                let key = self.text_constant(func, ins.first());
                return self.state_read(&key).map(Some);
            }
            Opcode::StateWrite => {
                let key = self.text_constant(func, ins.first());
                self.state_write(&key, v)?;
            }
            Opcode::TxBegin => self.tx_begin()?,
            Opcode::TxCommit => self.tx_commit(),
            Opcode::TxRevert => self.tx_revert(),
            Opcode::GasCharge => self.m.charge(ins.first())?,
            Opcode::LedgerAppend => match ins.operand() {
                zexus_bytecode::Operand::None => self.ledger_append(None, v)?,
                _ => {
                    let key = self.text_constant(func, ins.first());
                    self.ledger_append(Some(&key), v)?;
                }
            },
            Opcode::GasLimit => {
                let depth = self.frames.len() as u32;
                self.m.lower_gas(v, depth)?;
                if let Some(frame) = self.frames.last_mut() {
                    frame.flags |= frame::LIMITED;
                }
            }
            Opcode::Require if !v.truthy() => return Err(self.require_failed(w)),
            Opcode::Print => {
                let values = self.stack_args(first, ins.count());
                let print = builtins::lookup("print").unwrap_or_default();
                builtins::call(self, print, &values)?;
            }
            _ => (),
        }
        Ok(None)
    }

    /// The values of `count` registers from `first` on.
    fn stack_args(&self, first: u32, count: u64) -> Args {
        let at = self.frame().base as usize + first as usize;
        Args::new(self.registers.get(at..at + count as usize).unwrap_or_default())
    }

    fn step_for_iter(&mut self, func: u32, at: usize, ins: Instruction, first: u32) -> Result<Next, Trap> {
        let Some(items) = self.next_of(self.register(first))? else {
            return Ok(Next::Jump(self.jump_target(func, at)));
        };
        for (at, v) in items.into_iter().take(ins.count() as usize).enumerate() {
            self.set_register(first + 1 + at as u32, v);
        }
        Ok(Next::On)
    }

    fn step_call(&mut self, func: u32, ins: Instruction, first: u32) -> Result<Next, Trap> {
        let at = self.frame().base as usize + first as usize;
        let count = ins.count() as usize;
        let started = match ins.op() {
            Opcode::CallName => {
                let f = self.load_named(func, ins.first())?;
                self.start_call(f, Value::UNDEF, at, count, first)?
            }
            Opcode::CallFuncConst => {
                let f = self.load_const(func, ins.first())?;
                self.start_call(f, Value::UNDEF, at, count, first)?
            }
            Opcode::CallTop => {
                let f = self.register(first);
                self.start_call(f, Value::UNDEF, at + 1, count, first)?
            }
            _ => {
                let name = self.text_constant(func, ins.first());
                self.call_method_from(&name, at, count, first, None)?
            }
        };
        Ok(match started {
            Some(v) => {
                self.set_register(first, v);
                Next::On
            }
            None => Next::Frame,
        })
    }

    fn step_spread(&mut self, func: u32, ins: Instruction, first: u32) -> Result<(), Trap> {
        let (target, list, map) = (self.register(first), self.register(first + 1), self.register(first + 2));
        let (positional, named) = self.spread_args(list, map)?;
        let v = match ins.op() {
            Opcode::CallSpread => self.call_named(target, &positional, &named)?,
            _ => {
                let name = self.text_constant(func, ins.first());
                let (short, internal) = inner_name(&name);
                let internal = internal && self.acts_for(target);
                let short: Arc<str> = if internal { short.into() } else { name.clone() };
                self.call_method_named(target, &short, &positional, &named, internal)?
            }
        };
        self.set_register(first, v);
        Ok(())
    }

    /// The operands of a call with spread and named arguments: a list or range, and a map from names or null.
    pub fn spread_args(&mut self, list: Value, map: Value) -> Result<Spread, Trap> {
        let positional = args::spread(&mut self.m, list)?;
        self.m.charge_units(zexus_bytecode::schedule::LIST_ITEM, positional.len())?;
        let mut named = Vec::new();
        if let Some(map) = map.as_map() {
            for (key, v) in self.m.heap.map(map).map.iter() {
                if let zexus_runtime::key::Key::Str(name) = key {
                    named.push((name.clone(), *v));
                }
            }
        }
        Ok((positional, named))
    }

    fn build(&mut self, ins: Instruction, first: u32) -> Result<Value, Trap> {
        let at = self.frame().base as usize + first as usize;
        let pops = ins.pops() as usize;
        match ins.op() {
            Opcode::BuildList => self.build_list(at, pops),
            Opcode::BuildString => {
                let mut text = display::Text::new(&self.m);
                for i in 0..pops {
                    let v = self.registers.get(at + i).copied().unwrap_or(Value::NULL);
                    display::write(&mut self.m, &mut text, v)?;
                }
                text.value(&mut self.m)
            }
            op => {
                let pairs = op == Opcode::BuildMap;
                let mut map = OrderedMap::with_capacity(ins.count() as usize);
                for i in (0..pops).step_by(if pairs { 2 } else { 1 }) {
                    let key = self.registers.get(at + i).copied().unwrap_or(Value::NULL);
                    let key = ops::key_of(&mut self.m, key)?;
                    let v = match pairs {
                        true => self.registers.get(at + i + 1).copied().unwrap_or(Value::NULL),
                        false => Value::TRUE,
                    };
                    map.insert(key, v);
                }
                Ok(Value::map(self.m.heap.alloc_map(MapObj { map, ..MapObj::default() })?))
            }
        }
    }

    /// `CHECK_TYPE` and `IS_TYPE`.
    pub fn step_type(
        &mut self,
        func: u32,
        at: usize,
        ins: Instruction,
        v: Value,
    ) -> Result<Option<Value>, Trap> {
        let program = self.program;
        let Some(function) = program.functions.get(func as usize) else { return Ok(None) };
        let ty = function.pcs.get(at).and_then(|pc| function.types.get(pc));
        let fits = match ty {
            Some(ty) => self.fits(v, ty)?,
            None => true,
        };
        if ins.op() == Opcode::IsType {
            return Ok(Some(Value::bool(fits)));
        }
        if fits {
            return Ok(None);
        }
        let message = self.text_constant(func, ins.second());
        let message = message.replacen("{}", kinds::type_name(&self.m, v), 1);
        Err(self.m.error(401, message))
    }
}
