//! Step 2: operands are present, in range, and of the right kind.

use crate::constant::Const;
use crate::isa::{Instruction, Opcode, Operand, OperandKind};
use crate::module::Module;

use super::descriptor;
use super::pool::Pool;
use super::{Errors, counted};

/// Whether a text may be a name (bytecode.md 1.5).
pub(super) fn is_name(text: &str) -> bool {
    (1..=255).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// The constants as operands. A constant is looked at once for each kind, however often it is used.
pub(super) struct Constants<'m> {
    module: &'m Module,
    pool: &'m Pool,
    /// A bit for each kind of operand that the constant is known to suit.
    suits: Vec<u32>,
}

impl<'m> Constants<'m> {
    pub fn new(pool: &'m Pool, module: &'m Module) -> Constants<'m> {
        Constants { module, pool, suits: vec![0; module.constants.len()] }
    }

    fn check(&mut self, kind: OperandKind, index: u64) -> Result<(), String> {
        let Some(constant) = self.module.constant(index) else {
            let size = counted(self.module.constants.len() as u64, "constant");
            return Err(format!("constant {index} is out of range, the pool has {size}"));
        };
        let bit = 1_u32 << kind as u32;
        let suits = self.suits.get_mut(index as usize);
        if suits.as_ref().is_some_and(|suits| **suits & bit != 0) {
            return Ok(());
        }
        let holds_functions = self.pool.inside.contains_key(&(index as u32));
        suit(constant, kind, holds_functions).map_err(|what| format!("constant {index} is {what}"))?;
        if let Some(suits) = suits {
            *suits |= bit;
        }
        Ok(())
    }
}

fn suit(constant: &Const, kind: OperandKind, holds_functions: bool) -> Result<(), String> {
    let described = |what: &str, check: Result<(), String>| check.map_err(|why| format!("no {what}: {why}"));
    let when = |good: bool, what: &str| if good { Ok(()) } else { Err(what.to_owned()) };
    match kind {
        OperandKind::Const | OperandKind::Note => when(!holds_functions, "a value that holds functions"),
        OperandKind::Plain if constant.as_func().is_some() => Err("a function".to_owned()),
        OperandKind::Plain => when(!holds_functions, "a value that holds functions"),
        OperandKind::Name => when(constant.as_str().is_some_and(is_name), "no name"),
        OperandKind::Key => {
            when(constant.as_str().is_some_and(|key| (1..=1024).contains(&key.len())), "no key")
        }
        OperandKind::Func => when(constant.as_func().is_some(), "no function"),
        OperandKind::Message | OperandKind::Path => when(constant.as_str().is_some(), "no string"),
        OperandKind::Type => described("type", descriptor::type_of(constant)),
        OperandKind::Enum => described("enum", descriptor::enumeration(constant)),
        OperandKind::Protocol => described("protocol", descriptor::protocol(constant)),
        OperandKind::Contract => described("contract", descriptor::contract(constant)),
        OperandKind::Data => described("data type", descriptor::data(constant)),
        OperandKind::Label | OperandKind::Count | OperandKind::Args | OperandKind::Amount => Ok(()),
    }
}

pub(super) fn check(errors: &mut Errors<'_>, index: u32, constants: &mut Constants<'_>) {
    let Some(function) = errors.module.function(index) else { return };
    for (pc, &instruction) in (0..).zip(&function.code) {
        if let Err(message) = check_instruction(instruction, index, constants) {
            errors.add("E0704", index, Some(pc), message);
        }
        if errors.is_full() {
            return;
        }
    }
}

fn check_instruction(
    instruction: Instruction,
    function: u32,
    constants: &mut Constants<'_>,
) -> Result<(), String> {
    let op = instruction.op();
    if !instruction.is_well_formed() {
        return Err(match (instruction.operand(), op.info().operands.len()) {
            (Operand::Bad, _) => format!("the operand of {op} is neither a number nor a pair of numbers"),
            (_, 0) => format!("{op} takes no operand"),
            (_, 1) => format!("the operand of {op} is one number"),
            (_, _) => format!("the operand of {op} is a pair of numbers"),
        });
    }
    for (kind, n) in instruction.parts() {
        match kind {
            OperandKind::Label | OperandKind::Amount => (),
            OperandKind::Count if n > 65_535 => return Err(format!("count {n} of {op} is above 65535")),
            OperandKind::Args if n > 255 => return Err(format!("{n} arguments of {op} are above 255")),
            OperandKind::Count | OperandKind::Args => (),
            _ => constants.check(kind, n)?,
        }
    }
    let count = instruction.count();
    match op {
        Opcode::ForIter | Opcode::GetIter if !(1..=2).contains(&count) => {
            Err(format!("{op} takes 1 or 2 names, not {count}"))
        }
        Opcode::BuildRange if count > 1 => Err(format!("{op} takes 0 or 1, not {count}")),
        Opcode::Export if function != 0 => Err(format!("{op} outside the entry function")),
        _ => Ok(()),
    }
}
