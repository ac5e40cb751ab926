//! A small machine for a part of the bytecode: enough to tell whether two modules do the same, with output, errors and their lines, and
//! gas, sizes included.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use zexus_bytecode::num::{self, Num, NumError, NumResult};
use zexus_bytecode::{Const, Function, Module, Opcode, OperandKind};

/// A value. Lists are shared; an instance runs function 1 for every operator.
#[derive(Clone, Debug)]
pub enum Value {
    Plain(Const),
    List(Rc<RefCell<Vec<Value>>>),
    Instance,
    Error(String),
}

/// Why a function ends early.
#[derive(Clone, Debug, PartialEq)]
enum Stop {
    /// An error that a region may take.
    Error(String),
    OutOfGas(String),
    /// More steps than allowed: the run says nothing.
    TooLong,
}

/// What a run shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub output: Vec<String>,
    pub result: Result<String, String>,
    pub gas: u64,
    /// The globals at the end.
    pub globals: Vec<String>,
}

pub struct Machine<'m> {
    module: &'m Module,
    metered: bool,
    limit: u64,
    gas: u64,
    steps: u64,
    depth: u32,
    output: Vec<String>,
    globals: HashMap<u64, Value>,
    stored: BTreeSet<u64>,
}

/// Runs a module; `None` if it takes more steps than allowed.
pub fn run(module: &Module, metered: bool, limit: u64, steps: u64) -> Option<Outcome> {
    let mut machine = Machine {
        module,
        metered,
        limit,
        gas: 0,
        steps,
        depth: 0,
        output: Vec::new(),
        globals: HashMap::new(),
        stored: BTreeSet::new(),
    };
    for (index, f) in module.functions.iter().enumerate() {
        let own = own_names(module, index, f);
        let names = f.code.iter().filter(|i| i.op().flags().writes()).map(|i| i.first());
        machine.stored.extend(names.filter(|name| !own.contains(name)));
    }
    let result = match machine.call(0, Vec::new()) {
        Ok(value) => Ok(show(&value)),
        Err(Stop::Error(text) | Stop::OutOfGas(text)) => Err(text),
        Err(Stop::TooLong) => return None,
    };
    let name = |at: &u64| module.constant(*at).and_then(Const::as_str).unwrap_or_default().to_owned();
    let mut globals: Vec<String> =
        machine.globals.iter().map(|(at, value)| format!("{} = {}", name(at), show(value))).collect();
    globals.sort();
    Some(Outcome { output: machine.output, result, gas: machine.gas, globals })
}

fn own_names(module: &Module, index: usize, f: &Function) -> BTreeSet<u64> {
    let at = |name: &str| module.constants.iter().position(|c| c.as_str() == Some(name)).map(|at| at as u64);
    let mut own: BTreeSet<u64> = f.params.iter().filter_map(|p| at(&p.name)).collect();
    if f.flags.is_scoped() {
        own.extend(f.locals.iter().filter_map(|name| at(name)));
    } else if index != 0 {
        own.extend(f.code.iter().filter(|i| i.op().flags().writes()).map(|i| i.first()));
    }
    own
}

pub fn show(value: &Value) -> String {
    match value {
        Value::Plain(Const::Float(f)) => num::format_float(*f),
        Value::Plain(Const::Str(text)) => text.to_string(),
        Value::Plain(Const::Null) => "null".to_owned(),
        Value::Plain(Const::Bool(b)) => b.to_string(),
        Value::Plain(Const::Int(i)) => i.to_string(),
        Value::Plain(Const::Big(b)) => b.to_string(),
        Value::Plain(c) => format!("{c:?}"),
        Value::List(items) => {
            format!("[{}]", items.borrow().iter().map(shallow).collect::<Vec<_>>().join(", "))
        }
        Value::Instance => "instance".to_owned(),
        Value::Error(text) => format!("error {text}"),
    }
}

/// Lists may contain themselves.
fn shallow(value: &Value) -> String {
    match value {
        Value::List(items) => format!("list of {}", items.borrow().len()),
        other => show(other),
    }
}

fn number(value: &Value) -> Option<Num<'_>> {
    match value {
        Value::Plain(Const::Int(i)) => Some(Num::Int(*i)),
        Value::Plain(Const::Big(b)) => Some(Num::Big(b)),
        Value::Plain(Const::Float(f)) => Some(Num::Float(*f)),
        _ => None,
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Plain(c) => c.as_str(),
        _ => None,
    }
}

fn truth(value: &Value) -> bool {
    !matches!(value, Value::Plain(c) if c.is_falsy())
}

fn plain(c: impl Into<Const>) -> Value {
    Value::Plain(c.into())
}

impl Machine<'_> {
    fn pay(&mut self, gas: u64, place: &str) -> Result<(), Stop> {
        if gas > self.limit - self.gas {
            self.gas = self.limit;
            return Err(Stop::OutOfGas(format!("E0504 {place}")));
        }
        self.gas += gas;
        Ok(())
    }

    fn sizes(&mut self, gas: usize, place: &str) -> Result<(), Stop> {
        if self.metered { self.pay(gas as u64, place) } else { Ok(()) }
    }

    fn call(&mut self, index: usize, args: Vec<Value>) -> Result<Value, Stop> {
        self.depth += 1;
        let result = if self.depth > 20 {
            Err(Stop::Error("E0430".to_owned()))
        } else {
            let mut locals = HashMap::new();
            let f = &self.module.functions[index];
            let own = own_names(self.module, index, f);
            for (param, value) in f.params.iter().zip(args) {
                let at = self.module.constants.iter().position(|c| c.as_str() == Some(&param.name));
                // A parameter that no instruction names.
                if let Some(at) = at {
                    locals.insert(at as u64, value);
                }
            }
            self.body(index, f, &own, locals)
        };
        self.depth -= 1;
        result
    }

    fn body(
        &mut self,
        index: usize,
        f: &Function,
        own: &BTreeSet<u64>,
        mut locals: HashMap<u64, Value>,
    ) -> Result<Value, Stop> {
        let (mut pc, mut stack, mut regions) = (0, Vec::new(), Vec::new());
        while let Some(&i) = f.code.get(pc) {
            self.steps = self.steps.checked_sub(1).ok_or(Stop::TooLong)?;
            let place = self.module.source_map.find(index as u32, pc as u32);
            let place = place.map_or(String::new(), |run| format!("line {}", run.line));
            let label = i.label().unwrap_or_default() as usize;
            pc += 1;
            let done = match i.op() {
                Opcode::Jump => {
                    pc = label;
                    Ok(())
                }
                Opcode::JumpIfFalse | Opcode::JumpIfTrue => {
                    if truth(&stack.pop().unwrap()) == (i.op() == Opcode::JumpIfTrue) {
                        pc = label;
                    }
                    Ok(())
                }
                Opcode::JumpIfNull => {
                    if matches!(stack.last().unwrap(), Value::Plain(Const::Null)) {
                        pc = label;
                    }
                    Ok(())
                }
                Opcode::Return => break,
                Opcode::SetupTry => {
                    regions.push((label, stack.len()));
                    Ok(())
                }
                Opcode::PopTry => {
                    regions.pop().unwrap();
                    Ok(())
                }
                Opcode::LoadName => {
                    let found = if own.contains(&i.first()) {
                        locals.get(&i.first())
                    } else {
                        self.globals.get(&i.first())
                    };
                    match found {
                        Some(value) => {
                            stack.push(value.clone());
                            Ok(())
                        }
                        None => {
                            let stored = own.contains(&i.first()) || self.stored.contains(&i.first());
                            Err(Stop::Error(format!("{} {place}", if stored { "E0302" } else { "E0301" })))
                        }
                    }
                }
                Opcode::StoreName | Opcode::StoreConst => {
                    let value = match i.op() {
                        Opcode::StoreName => Ok(stack.pop().unwrap()),
                        _ => self.constant(i.second(), &place),
                    };
                    value.map(|value| {
                        let names = if own.contains(&i.first()) { &mut locals } else { &mut self.globals };
                        names.insert(i.first(), value);
                    })
                }
                _ => self.plain(i, &mut stack, &place),
            };
            match done {
                Ok(()) => (),
                Err(Stop::Error(text)) if !regions.is_empty() => {
                    let (handler, height) = regions.pop().unwrap();
                    stack.truncate(height);
                    stack.push(Value::Error(text));
                    pc = handler;
                }
                Err(stop) => return Err(stop),
            }
        }
        Ok(stack.pop().unwrap_or(plain(())))
    }

    fn constant(&mut self, at: u64, place: &str) -> Result<Value, Stop> {
        match self.module.constant(at).unwrap() {
            Const::List(items) => {
                self.sizes(items.len(), place)?;
                Ok(Value::List(Rc::new(RefCell::new(items.iter().cloned().map(Value::Plain).collect()))))
            }
            constant => Ok(Value::Plain(constant.clone())),
        }
    }

    /// Instructions that go on with the next one.
    fn plain(
        &mut self,
        i: zexus_bytecode::Instruction,
        stack: &mut Vec<Value>,
        place: &str,
    ) -> Result<(), Stop> {
        let mut pops: Vec<Value> = stack.split_off(stack.len() - i.pops() as usize);
        match i.op() {
            Opcode::LoadConst => stack.push(self.constant(i.first(), place)?),
            Opcode::Pop | Opcode::Nop => (),
            Opcode::Dup => stack.extend([pops[0].clone(), pops[0].clone()]),
            Opcode::GasCharge => self.pay(i.first(), place)?,
            Opcode::Print => {
                let line = pops.iter().map(show).collect::<Vec<_>>().join(" ");
                self.sizes(line.len().div_ceil(8), place)?;
                self.output.push(line);
            }
            Opcode::Throw => return Err(Stop::Error(format!("thrown {} {place}", show(&pops[0])))),
            Opcode::BuildList => stack.push(Value::List(Rc::new(RefCell::new(pops)))),
            Opcode::StoreIndex => match (&pops[0], &pops[1]) {
                (Value::List(items), Value::Plain(Const::Int(at)))
                    if (*at as usize) < items.borrow().len() =>
                {
                    items.borrow_mut()[*at as usize] = pops[2].clone();
                }
                _ => return Err(Stop::Error(format!("E0410 {place}"))),
            },
            Opcode::CallName => {
                self.output.push(format!("call {place}"));
                stack.push(self.call(1, pops)?);
            }
            Opcode::CallBuiltin => stack.push(Value::Instance),
            Opcode::And => stack.push(plain(truth(&pops[0]) && truth(&pops[1]))),
            Opcode::Or => stack.push(plain(truth(&pops[0]) || truth(&pops[1]))),
            Opcode::Not => stack.push(plain(!truth(&pops[0]))),
            op => {
                let (op, right) = match op {
                    Opcode::Inc => (Opcode::Add, plain(1)),
                    Opcode::Dec => (Opcode::Sub, plain(1)),
                    Opcode::Neg => (Opcode::Neg, plain(0)),
                    op => (op, pops.pop().unwrap()),
                };
                let left = pops.pop().unwrap();
                if matches!(left, Value::Instance) {
                    self.output.push(format!("{op} {}", show(&right)));
                    let result = self.call(1, vec![right])?;
                    stack.push(result);
                } else {
                    stack.push(self.operator(op, &left, &right, place)?);
                }
            }
        }
        debug_assert!(i.info().operands.first() != Some(&OperandKind::Label));
        Ok(())
    }

    fn operator(&mut self, op: Opcode, a: &Value, b: &Value, place: &str) -> Result<Value, Stop> {
        let fail = |code: &str| Stop::Error(format!("{code} {op} {place}"));
        match op {
            Opcode::Eq | Opcode::Neq => {
                let equal = match (number(a), number(b)) {
                    (Some(x), Some(y)) => num::equal(x, y),
                    _ => {
                        number(a).is_none() && number(b).is_none() && show(a) == show(b) && text(a) == text(b)
                    }
                };
                self.sizes(text(a).map_or(0, |t| t.len().div_ceil(32)), place)?;
                return Ok(plain(equal == (op == Opcode::Eq)));
            }
            Opcode::Lt | Opcode::Gt | Opcode::Lte | Opcode::Gte => {
                let order = match (number(a).zip(number(b)), text(a).zip(text(b))) {
                    (Some((x, y)), _) => num::compare(x, y),
                    (_, Some((x, y))) => Some(x.cmp(y)),
                    _ => return Err(fail("E0409")),
                };
                let holds = match op {
                    Opcode::Lt => order == Some(Ordering::Less),
                    Opcode::Gt => order == Some(Ordering::Greater),
                    Opcode::Lte => matches!(order, Some(Ordering::Less | Ordering::Equal)),
                    _ => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
                };
                return Ok(plain(holds));
            }
            _ => (),
        }
        if let (Some(x), Some(y)) = (number(a), number(b)) {
            let integers = x.integer().zip(y.integer());
            let result = match op {
                Opcode::Neg => num::neg(x),
                Opcode::Add => num::add(x, y),
                Opcode::Sub => num::sub(x, y),
                Opcode::Mul => num::mul(x, y),
                Opcode::Div => num::div(x, y).map(NumResult::Float),
                Opcode::Mod => num::modulo(x, y),
                Opcode::Pow => num::pow(x, y),
                _ => match integers {
                    Some((x, y)) => num::int_div(x, y),
                    None => return Err(fail("E0402")),
                },
            };
            let big = matches!(result, Ok(NumResult::Big(_)))
                || matches!(x, Num::Big(_))
                || matches!(y, Num::Big(_)) && op != Opcode::Neg;
            if big {
                self.sizes(op.number() as usize, place)?;
            }
            return match result {
                Ok(NumResult::Int(i)) => Ok(plain(i)),
                Ok(NumResult::Big(b)) => Ok(plain(b)),
                Ok(NumResult::Float(f)) => Ok(plain(f)),
                Err(NumError::TooLarge) => Err(fail("E0407").without_operator()),
                Err(e) => Err(fail(e.code())),
            };
        }
        let joined = match (op, a, b) {
            (Opcode::Add, Value::List(x), Value::List(y)) => {
                let items: Vec<Value> = x.borrow().iter().chain(y.borrow().iter()).cloned().collect();
                self.sizes(items.len(), place)?;
                return Ok(Value::List(Rc::new(RefCell::new(items))));
            }
            (Opcode::Add, ..) if text(a).is_some() || text(b).is_some() => show(a) + &show(b),
            (Opcode::Mul, Value::Plain(Const::Str(t)), Value::Plain(Const::Int(n)))
            | (Opcode::Mul, Value::Plain(Const::Int(n)), Value::Plain(Const::Str(t))) => {
                t.repeat((*n).clamp(0, 50) as usize)
            }
            _ => return Err(fail("E0402")),
        };
        self.sizes(joined.len().div_ceil(8), place)?;
        if joined.len() > 100_000 {
            return Err(Stop::TooLong);
        }
        Ok(plain(joined))
    }
}

impl Stop {
    /// The message of this error does not name the operator.
    fn without_operator(self) -> Stop {
        match self {
            Stop::Error(text) => {
                let words: Vec<&str> = text.split(' ').collect();
                Stop::Error(format!("{} {}", words[0], words[2..].join(" ")))
            }
            other => other,
        }
    }
}
