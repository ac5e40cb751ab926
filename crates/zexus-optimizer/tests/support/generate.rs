//! Random modules that verify: structured code with loops, regions, calls, dead code and chains of jumps, and variables that hold
//! values of all kinds, or none.

use zexus_bytecode::flags::FnFlags;
use zexus_bytecode::{Const, Function, FunctionBuilder, Module, Opcode, Param, Run};

/// A small generator of numbers; the same seed gives the same module.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n.max(1) as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

const NAMES: [&str; 6] = ["a", "b", "c", "i", "j", "p"];

struct Generator<'m> {
    numbers: Numbers,
    module: &'m mut Module,
    b: FunctionBuilder,
    /// How many more statements may be made.
    budget: usize,
}

/// A module of two functions; the entry calls the other one, which also stands for all other code.
pub fn module(seed: u64) -> Module {
    let mut module = Module::new();
    module.functions.clear();
    let mut numbers = Numbers(seed);
    for index in 0..2 {
        let mut f = Function::new(if index == 0 { "main" } else { "f" });
        if index == 0 || !numbers.one_in(3) {
            f.flags = FnFlags::SCOPED;
            // Names that are in no list are global.
            f.locals = NAMES
                .iter()
                .filter(|_| numbers.one_in(if index == 0 { 6 } else { 2 }))
                .map(|&n| n.into())
                .collect();
        }
        if index == 1 {
            f.locals.retain(|name| **name != *"p");
            f.params.push(Param::required("p"));
        }
        let seed = numbers.below(usize::MAX) as u64;
        let budget = if index == 0 { 14 } else { 4 };
        let mut g =
            Generator { numbers: Numbers(seed), module: &mut module, b: FunctionBuilder::of(f), budget };
        g.initial();
        g.statements(3);
        if g.numbers.one_in(2) {
            g.expression(2);
        }
        let (f, _) = g.b.finish().unwrap();
        // Every instruction has a line of its own, so that a wrong place shows.
        let runs = (0..f.code.len() as u32).map(|pc| Run::new(pc, 0, pc + 1 + 1000 * index, 1)).collect();
        module.add_function(f);
        module.source_map.set_runs(index, runs);
    }
    module.source_map.add_file("random.zx");
    module
}

impl Generator<'_> {
    fn emit(&mut self, op: Opcode) {
        self.b.emit(op, ());
    }

    fn constant(&mut self, constant: impl Into<Const>) {
        let at = self.module.add_constant(constant);
        self.b.emit(Opcode::LoadConst, at);
    }

    fn name(&mut self) -> u32 {
        let at = self.numbers.below(NAMES.len());
        self.module.add_constant(NAMES[at])
    }

    fn store(&mut self) {
        let name = self.name();
        self.b.emit(Opcode::StoreName, name);
    }

    fn load(&mut self) {
        let name = self.name();
        self.b.emit(Opcode::LoadName, name);
    }

    fn call(&mut self) {
        let f = self.module.add_constant("f");
        self.expression(1);
        self.b.emit(Opcode::CallName, (f, 1));
    }

    /// Leaves one value.
    fn expression(&mut self, depth: usize) {
        use Opcode::*;
        match self.numbers.below(if depth == 0 { 8 } else { 17 }) {
            0..=2 => self.load(),
            3 | 4 => {
                let n = [0, 1, 2, 2, 3, 7, -1, i64::MAX][self.numbers.below(8)];
                self.constant(n);
            }
            5 => {
                let f = [1.5, 0.5, 2.0, -0.0, 1e300][self.numbers.below(5)];
                self.constant(f);
            }
            6 => match self.numbers.below(6) {
                0 => self.constant(()),
                1 => self.constant(true),
                2 => self.constant(false),
                3 => self.constant("ab"),
                4 => self.constant(vec![Const::from(1), Const::from(2)]),
                _ => {
                    let name = self.module.add_constant("instance");
                    self.b.emit(CallBuiltin, (name, 0));
                }
            },
            7 => {
                let n = self.numbers.below(3) as i64;
                self.constant(n);
            }
            8 => {
                self.expression(depth - 1);
                let op = [Neg, Not, Inc, Dec][self.numbers.below(4)];
                self.emit(op);
            }
            9 => {
                // The same computation twice.
                let (x, y) = (self.name(), self.name());
                let op = [Add, Mul, Sub, Mod, Lt, Eq][self.numbers.below(6)];
                for _ in 0..2 {
                    self.b.emit(LoadName, x);
                    self.b.emit(LoadName, y);
                    self.emit(op);
                }
                self.b.emit(BuildList, 2);
            }
            10 => {
                self.expression(depth - 1);
                self.emit(Dup);
                let op = [Add, Pop, Eq, And][self.numbers.below(4)];
                self.emit(op);
            }
            11 => self.call(),
            12 => {
                self.expression(depth - 1);
                let two = self.module.add_constant(2);
                self.b.emit(LoadConst, two);
                let op = [Mul, Pow, Div][self.numbers.below(3)];
                self.emit(op);
            }
            13 => {
                // A value from one of two branches.
                let (other, end) = (self.b.label(), self.b.label());
                self.condition(depth - 1, other);
                self.expression(depth - 1);
                self.b.emit_to(Jump, end);
                self.b.mark(other);
                self.expression(depth - 1);
                self.b.mark(end);
            }
            14 => {
                let end = self.b.label();
                self.expression(depth - 1);
                self.b.emit_to(JumpIfNull, end);
                self.emit(Not);
                self.b.mark(end);
            }
            _ => {
                self.expression(depth - 1);
                self.expression(depth - 1);
                let ops = [Add, Add, Sub, Mul, Div, Mod, IntDiv, Eq, Neq, Lt, Gt, Lte, Gte, And, Or];
                let op = ops[self.numbers.below(ops.len())];
                self.emit(op);
            }
        }
    }

    /// Goes to the label under some condition.
    fn condition(&mut self, depth: usize, label: zexus_bytecode::Label) {
        self.expression(depth);
        if self.numbers.one_in(3) {
            self.emit(Opcode::Not);
        }
        let op = [Opcode::JumpIfFalse, Opcode::JumpIfTrue][self.numbers.below(2)];
        self.b.emit_to(op, label);
    }

    /// Gives most variables values of all kinds.
    fn initial(&mut self) {
        for name in NAMES {
            let at = self.module.add_constant(name);
            if self.numbers.one_in(4) || name == "p" {
                continue;
            }
            match self.numbers.below(3) {
                0 => {
                    let instance = self.module.add_constant("instance");
                    self.b.emit(Opcode::CallBuiltin, (instance, 0));
                }
                1 => self.constant(vec![Const::from(5)]),
                _ => self.constant(4),
            }
            self.b.emit(Opcode::StoreName, at);
            if self.numbers.one_in(3) {
                // What follows knows nothing of it.
                let next = self.b.label();
                self.b.emit(Opcode::LoadName, at);
                self.b.emit_to(Opcode::JumpIfFalse, next);
                self.b.mark(next);
            }
        }
    }

    fn statements(&mut self, depth: usize) {
        for _ in 0..=self.numbers.below(5) {
            if self.budget == 0 {
                return;
            }
            self.budget -= 1;
            self.statement(depth);
        }
    }

    fn statement(&mut self, depth: usize) {
        use Opcode::*;
        match self.numbers.below(if depth == 0 { 9 } else { 15 }) {
            0 | 1 => {
                self.expression(2);
                self.store();
            }
            2 => self.known(),
            3 => {
                self.expression(2);
                self.b.emit(Print, 1);
            }
            4 => {
                self.expression(2);
                self.emit(Pop);
            }
            5 => {
                let name = self.name();
                self.expression(1);
                self.b.emit(StoreName, name);
                self.b.emit(LoadName, name);
                self.b.emit(Print, ());
            }
            6 => self.emit(Nop),
            7 => {
                self.call();
                self.store();
            }
            8 => {
                self.load();
                self.constant(0);
                self.expression(0);
                self.emit(StoreIndex);
            }
            9 => {
                let (other, end) = (self.b.label(), self.b.label());
                self.condition(1, other);
                self.statements(depth - 1);
                self.b.emit_to(Jump, end);
                self.b.mark(other);
                self.statements(depth - 1);
                self.b.mark(end);
            }
            10 | 11 => self.counted(depth),
            12 => {
                let (handler, end) = (self.b.label(), self.b.label());
                self.b.emit_to(SetupTry, handler);
                self.statements(depth - 1);
                self.emit(PopTry);
                self.b.emit_to(Jump, end);
                self.b.mark(handler);
                if self.numbers.one_in(2) {
                    self.b.emit(Print, 1);
                } else {
                    self.store();
                }
                self.b.mark(end);
            }
            13 => {
                // Dead code, and a chain of jumps over it.
                let (first, second, end) = (self.b.label(), self.b.label(), self.b.label());
                self.b.emit_to(Jump, first);
                self.statements(depth - 1);
                self.b.mark(second);
                self.b.emit_to(Jump, end);
                self.b.mark(first);
                self.b.emit_to(Jump, second);
                self.b.mark(end);
            }
            _ => {
                let end = self.b.label();
                self.condition(1, end);
                self.expression(1);
                let op = [Return, Throw][self.numbers.below(2)];
                self.emit(op);
                self.statements(0);
                self.b.mark(end);
            }
        }
    }

    /// Known numbers in variables, perhaps changed by other code, and computations with them.
    fn known(&mut self) {
        use Opcode::*;
        let names = [self.name(), self.name()];
        for name in names.into_iter().take(1 + self.numbers.below(2)) {
            match self.numbers.below(6) {
                0 => self.constant(1.5),
                1 => self.constant(i64::MAX),
                2 => self.constant("ab"),
                n => self.constant(n as i64),
            }
            self.b.emit(StoreName, name);
        }
        let op = [Add, Sub, Mul, Div, Mod, Lt][self.numbers.below(6)];
        if self.numbers.one_in(2) {
            // Perhaps an operator of an instance, which may change any global.
            self.load();
            self.load();
            self.emit(op);
            self.b.emit(Print, 1);
        }
        for _ in 0..2 {
            self.b.emit(LoadName, names[0]);
            if self.numbers.one_in(2) {
                self.constant(2);
            } else {
                self.b.emit(LoadName, names[1]);
            }
            self.emit(op);
            self.store();
            match self.numbers.below(5) {
                0 => {
                    self.call();
                    self.emit(Pop);
                }
                1 => {
                    self.expression(1);
                    self.emit(Pop);
                }
                _ => (),
            }
        }
    }

    fn counted(&mut self, depth: usize) {
        use Opcode::*;
        let (head, end) = (self.b.label(), self.b.label());
        let (i, from, to) = (self.name(), self.numbers.below(3) as i64, self.numbers.below(7) as i64);
        self.constant(from);
        self.b.emit(StoreName, i);
        if self.numbers.one_in(4) {
            self.expression(1);
            self.emit(Pop);
        }
        self.b.mark(head);
        self.b.emit(LoadName, i);
        self.constant(to);
        let op = [Lt, Lte][self.numbers.below(2)];
        self.emit(op);
        self.b.emit_to(JumpIfFalse, end);
        match self.numbers.below(4) {
            0 | 1 => {
                self.expression(1);
                self.b.emit(Print, 1);
            }
            2 => {
                self.call();
                self.store();
            }
            _ => self.statements(depth - 1),
        }
        self.b.emit(LoadName, i);
        let step = 1 + self.numbers.below(2) as i64;
        self.constant(step);
        self.emit(Add);
        self.b.emit(StoreName, i);
        self.b.emit_to(Jump, head);
        self.b.mark(end);
    }
}
