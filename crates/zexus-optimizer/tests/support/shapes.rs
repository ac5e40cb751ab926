//! Large modules: ordinary code, and code made to keep an optimizer busy.

use zexus_bytecode::{Const, Function, Instruction, Module, Opcode, Operand, Run};

fn op(op: Opcode, operand: impl Into<Operand>) -> Instruction {
    Instruction::new(op, operand)
}

/// A module of so many instructions that repeats a piece of code, whose labels count from the start of the piece.
fn repeated(size: usize, constants: &[Const], piece: &[Instruction]) -> Module {
    let mut module = Module::new();
    for constant in constants {
        module.add_constant(constant);
    }
    let code = &mut module.functions[0].code;
    while code.len() + piece.len() <= size {
        let start = code.len() as u32;
        code.extend(piece.iter().map(|i| i.label().map_or(*i, |label| i.with_label(start + label))));
    }
    module
}

/// Assignments, a condition, a common subexpression, constants, a jump over nothing.
pub fn ordinary(size: usize) -> Module {
    use Opcode::*;
    let constants = [Const::from("x"), Const::from(1), Const::from("y"), Const::from(2), Const::from(1.5)];
    let piece = [
        op(LoadConst, 1),
        op(StoreName, 0),
        op(LoadName, 0),
        op(LoadConst, 3),
        op(Add, ()),
        op(StoreName, 2),
        op(LoadName, 2),
        op(Not, ()),
        op(JumpIfFalse, 11),
        op(LoadConst, 4),
        op(Print, 1),
        op(LoadName, 0),
        op(LoadName, 2),
        op(Mul, ()),
        op(LoadName, 0),
        op(LoadName, 2),
        op(Mul, ()),
        op(Add, ()),
        op(Pop, ()),
        op(LoadConst, 1),
        op(LoadConst, 3),
        op(Add, ()),
        op(Pop, ()),
        op(Jump, 24),
    ];
    repeated(size, &constants, &piece)
}

/// Every jump leads to the next but one, so chains are as long as the code.
pub fn chains(size: usize) -> Module {
    jumps(size, |at| (at + 2).min(size as u32))
}

/// Jumps backwards, and all in one circle.
pub fn circle(size: usize) -> Module {
    jumps(size, |at| at.saturating_sub(1))
}

fn jumps(size: usize, label: impl Fn(u32) -> u32) -> Module {
    let mut module = Module::new();
    module.functions[0].code = (0..size as u32).map(|at| op(Opcode::Jump, label(at))).collect();
    module
}

/// As many loads as a stack may hold, and as many `POP`, over and over.
pub fn nested_pairs(size: usize) -> Module {
    let mut module = Module::new();
    let one = module.add_constant(1);
    let depth = (size / 2).min(60_000);
    let code = &mut module.functions[0].code;
    while code.len() + 2 * depth <= size {
        code.extend((0..depth).map(|_| op(Opcode::LoadConst, one)));
        code.extend((0..depth).map(|_| op(Opcode::Pop, ())));
    }
    module
}

/// One sum of strings: every fold makes a new constant, up to the longest string.
pub fn growing_sum(size: usize) -> Module {
    let mut module = Module::new();
    let (a, b) = (module.add_constant("a"), module.add_constant("b"));
    module.add_instruction(Opcode::LoadConst, a);
    while module.len() + 2 <= size {
        module.add_instruction(Opcode::LoadConst, b);
        module.add_instruction(Opcode::Add, ());
    }
    module
}

/// Different strings of a kilobyte each; their number.
pub fn large_sums(size: usize) -> (Module, usize) {
    let mut module = Module::new();
    let long = module.add_constant("x".repeat(1000));
    let mut n = 0;
    while module.len() + 4 <= size {
        module.add_instruction(Opcode::LoadConst, long);
        let other = module.add_constant(n);
        module.add_instruction(Opcode::LoadConst, other);
        module.add_instruction(Opcode::Add, ());
        module.add_instruction(Opcode::Pop, ());
        n += 1;
    }
    (module, n as usize)
}

/// Loops of eight passes, one after the other.
pub fn counted_loops(size: usize) -> Module {
    use Opcode::*;
    let constants = [Const::from("i"), Const::from(0), Const::from(8), Const::from(1)];
    let piece = [
        op(StoreConst, (0_u32, 1)),
        op(LoadName, 0),
        op(LoadConst, 2),
        op(Lt, ()),
        op(JumpIfFalse, 12),
        op(LoadName, 0),
        op(Print, 1),
        op(LoadName, 0),
        op(LoadConst, 3),
        op(Add, ()),
        op(StoreName, 0),
        op(Jump, 1),
    ];
    repeated(size, &constants, &piece)
}

/// Small functions that share a large pool; only the last one knows its place.
pub fn many_functions(size: usize) -> Module {
    let mut module = Module::new();
    for n in 0..size as i64 / 20 {
        module.add_constant(n);
    }
    let function = module.functions[0].clone();
    let count = (size / 20).min(60_000);
    for _ in 0..count {
        module.add_function(Function {
            code: vec![
                op(Opcode::LoadConst, 7),
                op(Opcode::LoadConst, 8),
                op(Opcode::Add, ()),
                op(Opcode::Return, ()),
            ],
            ..function.clone()
        });
    }
    let file = module.source_map.add_file("a.zx");
    module.source_map.set_runs(count as u32, vec![Run::new(0, file, 1, 1)]);
    module
}
