//! What is done to a module.

use sha2::{Digest, Sha256};
use zexus_bytecode::{Const, Constants, Function, Instruction, Module, Opcode, Operand, Param, ParamKind};

use crate::generate::choice::Choices;

/// Bytes at the end of the binary form that hold its sum.
const SUM: usize = 32;

/// Numbers that are at a border of something.
const BORDERS: &[u64] = &[
    0,
    1,
    2,
    3,
    5,
    11,
    12,
    13,
    127,
    128,
    255,
    256,
    65_535,
    65_536,
    1 << 31,
    u32::MAX as u64,
    1 << 53,
    u64::MAX,
];

/// Changes one to four things of a module.
pub fn change_module(c: &mut Choices<'_>, module: &mut Module, others: &[Module]) {
    for _ in 0..1 + c.below(4) {
        match c.below(12) {
            0 => change_constant(c, module),
            1 => change_functions(c, module, others),
            2 => {
                let at = c.below(module.functions.len());
                if let Some(f) = module.functions.get_mut(at) {
                    change_head(c, f);
                }
            }
            _ => {
                let at = c.below(module.functions.len());
                let other = c.pick(others).and_then(|m| c.pick(&m.functions).cloned());
                if let Some(f) = module.functions.get_mut(at) {
                    change_code(c, f, other.as_ref());
                }
            }
        }
    }
}

fn number(c: &mut Choices<'_>, near: u64) -> u64 {
    match c.below(4) {
        0 => near.wrapping_add(1),
        1 => near.wrapping_sub(1),
        2 => c.below(40) as u64,
        _ => c.pick(BORDERS).copied().unwrap_or(0),
    }
}

fn operand(c: &mut Choices<'_>, old: Operand) -> Operand {
    match (old, c.below(8)) {
        (_, 0) => Operand::None,
        (_, 1) => Operand::Bad,
        (Operand::Two(a, b), 2..=4) => Operand::Two(number(c, a.into()) as u32, b),
        (Operand::Two(a, b), _) => Operand::Two(a, number(c, b.into()) as u32),
        (Operand::One(n), 2) => Operand::Two(n as u32, c.below(4) as u32),
        (Operand::One(n), _) => Operand::One(number(c, n)),
        (_, 2 | 3) => Operand::One(c.below(20) as u64),
        (old, _) => old,
    }
}

fn instruction(c: &mut Choices<'_>) -> Instruction {
    let op = c.pick(Opcode::ALL).copied().unwrap_or(Opcode::Nop);
    let operand = match op.info().operands.len() {
        0 => Operand::None,
        _ if op.info().optional && c.chance(30) => Operand::None,
        1 => Operand::One(c.below(14) as u64),
        _ => Operand::Two(c.below(14) as u32, c.below(4) as u32),
    };
    Instruction::new(op, operand)
}

fn change_code(c: &mut Choices<'_>, f: &mut Function, other: Option<&Function>) {
    let len = f.code.len();
    let at = c.below(len);
    let Some(old) = f.code.get(at).copied() else {
        f.code.push(instruction(c));
        return;
    };
    let new = match c.below(10) {
        0 | 1 => Instruction::new(old.op(), operand(c, old.operand())),
        2 => Instruction::new(c.pick(Opcode::ALL).copied().unwrap_or(Opcode::Nop), old.operand()),
        3 => Instruction::from_number(c.below(300) as u64, ()),
        4 => instruction(c),
        5 => old.with_label(c.below(len + 2) as u32),
        6 => {
            f.code.remove(at);
            return;
        }
        7 => {
            f.code.insert(at, instruction(c));
            return;
        }
        8 => {
            f.code.swap(at, c.below(len));
            return;
        }
        _ => {
            // Code of another function, or some of its own once more.
            let source: Vec<Instruction> = match other {
                Some(other) if c.chance(50) => other.code.clone(),
                _ => f.code.clone(),
            };
            let from = c.below(source.len());
            let piece = source.into_iter().skip(from).take(1 + c.below(6));
            f.code.splice(at..at, piece.collect::<Vec<_>>());
            return;
        }
    };
    if let Some(place) = f.code.get_mut(at) {
        *place = new;
    }
}

fn change_head(c: &mut Choices<'_>, f: &mut Function) {
    let name = ["x", "s", "", "f", "a#1", "#0", "this", "é"].get(c.below(8)).copied().unwrap_or("x");
    match c.below(9) {
        0 => f.flags.0 ^= 1 << c.below(16),
        1 => f.gas_limit = [None, Some(0), Some(u64::MAX)].get(c.below(3)).copied().flatten(),
        2 => {
            let at = c.below(f.entries.len() + 1);
            f.entries.insert(at, c.below(f.code.len() + 2) as u32);
        }
        3 => drop(f.entries.pop()),
        4 => {
            let at = c.below(f.params.len());
            if let Some(param) = f.params.get_mut(at) {
                param.kind = [ParamKind::Required, ParamKind::Optional, ParamKind::Rest]
                    .get(c.below(3))
                    .copied()
                    .unwrap_or(ParamKind::Rest);
            }
        }
        5 => f.params.push(Param::required(name)),
        6 => f.locals.push(name.into()),
        7 => f.captures.push(name.into()),
        _ => {
            f.locals.truncate(c.below(f.locals.len() + 1));
            f.captures.truncate(c.below(f.captures.len() + 1));
        }
    }
}

fn change_functions(c: &mut Choices<'_>, module: &mut Module, others: &[Module]) {
    let at = c.below(module.functions.len());
    match c.below(3) {
        0 if !module.functions.is_empty() => drop(module.functions.remove(at)),
        1 => {
            if let Some(f) = module.functions.get(at).cloned() {
                module.functions.push(f);
            }
        }
        _ => {
            if let Some(f) = c.pick(others).and_then(|m| c.pick(&m.functions)) {
                module.functions.push(f.clone());
            }
        }
    }
}

fn change_constant(c: &mut Choices<'_>, module: &mut Module) {
    let mut items: Vec<Const> = module.constants.to_vec();
    let at = c.below(items.len());
    let new = match (c.below(10), items.get(at)) {
        (0, _) => Const::Null,
        (1, _) => Const::Func(c.below(5) as u32),
        (2, _) => Const::from("x"),
        (3, _) => Const::from(f64::INFINITY),
        (4, _) => Const::from(number(c, 7)),
        (5, Some(old)) => Const::from(vec![old.clone(), old.clone()]),
        (6, Some(old)) => Const::from(vec![(old.clone(), Const::Null), (Const::from("k"), old.clone())]),
        (7, Some(Const::Map(entries))) => {
            let mut entries = entries.to_vec();
            let at = c.below(entries.len());
            if let Some(entry) = entries.get_mut(at) {
                entry.1 = Const::Func(1);
            }
            Const::from(entries)
        }
        (8, Some(Const::Map(entries))) => {
            let kept = c.below(entries.len() + 1);
            Const::from(entries.iter().take(kept).cloned().collect::<Vec<_>>())
        }
        (_, Some(Const::Str(text))) => Const::from(format!("{text}?")),
        _ => Const::from(true),
    };
    if let Some(place) = items.get_mut(at) {
        *place = new;
    }
    // Equal constants become one, so that indexes behind them mean something else.
    let mut pool = Constants::new();
    for item in items {
        pool.add(item);
    }
    module.constants = pool;
}

/// Changes some bytes of a binary form; most times its sum is made right again.
pub fn change_bytes(c: &mut Choices<'_>, bytes: &mut Vec<u8>) {
    let sealed = !c.chance(5);
    if sealed {
        bytes.truncate(bytes.len().saturating_sub(SUM));
    }
    for _ in 0..1 + c.below(3) {
        // The head is changed less often, because nothing behind it is looked at then.
        let from = if c.chance(3) { 0 } else { 12.min(bytes.len()) };
        let at = from + c.below(bytes.len() - from);
        let value = [0, 1, 0x7f, 0x80, 0xff].get(c.below(5)).copied().unwrap_or(0);
        match (c.below(8), bytes.get_mut(at)) {
            (0, Some(byte)) => *byte ^= 1 << c.below(8),
            (1, Some(byte)) => *byte = c.below(256) as u8,
            (2, Some(byte)) => *byte = value,
            (3, Some(byte)) => *byte = byte.wrapping_add(1),
            (4, Some(_)) => drop(bytes.remove(at)),
            (5, _) => bytes.truncate(at),
            (6, Some(_)) => {
                let piece: Vec<u8> = bytes.iter().skip(at).take(1 + c.below(16)).copied().collect();
                bytes.splice(at..at, piece);
            }
            _ => bytes.insert(at, value),
        }
    }
    if sealed {
        let sum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&sum);
    }
}
