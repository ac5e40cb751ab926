//! Good modules to start from.

use zexus_bytecode::{AsmError, Instruction, Module, Opcode, Operand, OperandKind, meter, verify};

/// Loops, handlers, finally, calls, transactions, types.
const LOOPS: &str = r#".zxasm 1
.meta version "1.0"
.file "a.zx"
.const 0
.const "s"
.const [1, 2]
.const "x"
.const "err"
.const "f"
.const "no"
.const "total"
.const "int"
.const "must be int"
.const @1
.func "main" scoped
.local "s"
.local "x"
.local "err"
.local "f"
.line 0 1 1
STORE_FUNC 5 10
LOAD_CONST 0
STORE_NAME 1
LOAD_CONST 2
GET_ITER 1
H:
FOR_ITER E 1
STORE_NAME 3
SETUP_TRY C
.line 0 2 4
LOAD_NAME 1
LOAD_NAME 3
ADD
STORE_NAME 1
POP_TRY
JUMP H
C:
STORE_NAME 4
JUMP H
E:
LOAD_NAME 1
CALL_NAME 5 1
PRINT
TX_BEGIN
TX_REVERT 6
STATE_READ 7
JUMP_IF_NULL N
CHECK_TYPE 8 9
N:
GAS_CHARGE 300
RETURN
.end
.func "f" scoped
.param "a"
.param "b" optional
.param "r" rest
.entry L
.capture "s"
LOAD_NAME 1
POP
L:
SETUP_FINALLY F
LOAD_NAME 1
THROW
F:
THROW
.end
"#;

/// Declarations: a contract with state and an action that has a limit.
const CONTRACT: &str = r#".zxasm 1
.const "f"
.const @1
.const "v"
.const "C"
.const {"name": "C", "state": {"n": {"type": "int", "init": 0}}, "actions": {"go": @2}}
.func "main" scoped
.local "f"
.local "v"
.local "C"
STORE_FUNC 0 1
DEFINE_CONTRACT 3 4
LOAD_NAME 2
CALL_NAME 0 1
RETURN
.end
.func "f" scoped
.param "a"
.capture "v"
LOAD_NAME 2
RETURN
.end
.func "go" scoped action
.limit 1000
NOP
.end
"#;

/// Good modules: some that are written out, one for each opcode that can stand alone, and the metered form of all of them.
///
/// # Errors
/// A sample that does not read, which is a mistake here.
pub fn samples() -> Result<Vec<Module>, AsmError> {
    let mut out = vec![Module::from_asm(LOOPS)?, Module::from_asm(CONTRACT)?];
    out.extend(Opcode::ALL.iter().filter_map(|op| alone(*op)));
    let metered: Vec<Module> = out.iter().map(meter).collect();
    out.extend(metered);
    Ok(out)
}

/// A module that does little but this opcode, if the verifier accepts one of the simple ways to do so.
fn alone(op: Opcode) -> Option<Module> {
    let constants =
        [".const \"x\"", ".const 1", ".const @1", ".const {}", ".const [1, 2]", ".const \"int\""].join("\n");
    let text = format!(".zxasm 1\n{constants}\n.func \"main\"\n.end\n.func \"g\"\nNOP\n.end\n");
    let base = Module::from_asm(&text).ok()?;
    (0..6_u32).find_map(|constant| {
        let part = |kind: OperandKind| match kind {
            OperandKind::Label => 12,
            OperandKind::Count | OperandKind::Args => 2,
            OperandKind::Amount => 5,
            _ => constant,
        };
        let operand = match op.info().operands {
            [] => Operand::None,
            [kind] => Operand::One(part(*kind).into()),
            [first, second, ..] => Operand::Two(part(*first), part(*second)),
        };
        let mut module = base.clone();
        let code = &mut module.functions.first_mut()?.code;
        code.extend(std::iter::repeat_n(Instruction::new(Opcode::LoadConst, 1_u64), 11));
        code.push(Instruction::new(op, operand));
        code.push(Instruction::new(Opcode::Nop, ()));
        verify(module.clone()).is_ok().then_some(module)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_good_modules() {
        let samples = samples().unwrap();
        for module in &samples {
            assert!(verify(module.clone()).is_ok(), "{}", module.to_asm());
        }
        assert!(samples.len() > 2 * 60, "only {} samples", samples.len());
    }
}
