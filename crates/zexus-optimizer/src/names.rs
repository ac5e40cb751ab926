//! What the names of a module mean, as far as passes need to know (bytecode.md 1.5 and 6.3).

use std::collections::HashMap;
use std::sync::Arc;

use zexus_bytecode::{Const, Function, Instruction, Module, Opcode, OperandKind, ParamKind};

/// What is known about a name in all of its module.
#[derive(Clone, Copy, Default)]
struct Known {
    /// Some function has it among its captures.
    captured: bool,
    /// A function other than the entry stores a global of this name.
    stored_elsewhere: bool,
    /// It is exported, or a support function looks at it.
    shown: bool,
    /// Some instruction reads a variable of this name.
    read: bool,
    /// It has a colon: a variable of a top level, whatever variables the function has.
    far: bool,
}

/// What a name is in the function that is optimized, valid while `stamp` is that of the function.
#[derive(Clone, Copy, Default)]
struct Own {
    stamp: u32,
    /// A parameter or local, not a capture.
    local: bool,
    /// A parameter that has a value from the start of every call.
    given: bool,
}

/// The names of a module, by the index of their constant.
pub(crate) struct Names {
    /// A fragment: all names are bound and private.
    fragment: bool,
    index: HashMap<Arc<str>, u32>,
    known: Vec<Known>,
    own: Vec<Own>,
    stamp: u32,
    entry: bool,
    scoped: bool,
}

/// The name of a variable that an instruction has as its operand, by its constant.
pub(crate) fn variable(instruction: Instruction) -> Option<u64> {
    let flags = instruction.op().flags();
    if !flags.reads() && !flags.writes() {
        return None;
    }
    instruction.parts().find(|(kind, _)| *kind == OperandKind::Name).map(|(_, n)| n)
}

impl Names {
    /// For a fragment of instructions.
    pub fn fragment() -> Names {
        Names {
            fragment: true,
            index: HashMap::new(),
            known: Vec::new(),
            own: Vec::new(),
            stamp: 0,
            entry: true,
            scoped: false,
        }
    }

    /// Looks through a module; takes time linear in its size.
    pub fn new(module: &Module) -> Names {
        let mut names = Names { fragment: false, ..Names::fragment() };
        for (at, constant) in (0..).zip(module.constants.iter()) {
            let mut known = Known::default();
            if let Const::Str(text) = constant {
                known.far = text.contains(':');
                names.index.insert(text.clone(), at);
            }
            names.known.push(known);
        }
        names.own = vec![Own::default(); names.known.len()];
        for (index, function) in module.functions.iter().enumerate() {
            names.enter(function, index == 0);
            for capture in &function.captures {
                names.mark(Some(capture), |known| known.captured = true);
            }
            for (pc, &instruction) in function.code.iter().enumerate() {
                names.look(module, function, pc, instruction);
            }
        }
        names
    }

    fn mark(&mut self, name: Option<&str>, set: impl Fn(&mut Known)) {
        let at = name.and_then(|name| self.index.get(name)).copied();
        if let Some(known) = at.and_then(|at| self.known.get_mut(at as usize)) {
            set(known);
        }
    }

    fn look(&mut self, module: &Module, function: &Function, pc: usize, instruction: Instruction) {
        let op = instruction.op();
        if op == Opcode::CallBuiltin {
            // Support functions are told variables by a constant, which is loaded last.
            let before = pc.checked_sub(1).and_then(|pc| function.code.get(pc));
            let before = before.filter(|i| i.op() == Opcode::LoadConst);
            let constant = before.and_then(|i| module.constant(i.first()));
            let named = constant.and_then(|c| c.as_str().or_else(|| c.get("variable")?.as_str()));
            let plain = named.map(|name| name.strip_prefix(':').unwrap_or(name));
            self.mark(plain, |known| (known.shown, known.read) = (true, true));
            return;
        }
        let Some(at) = variable(instruction) else { return };
        let name = module.constant(at).and_then(Const::as_str);
        let plain = name.and_then(|name| name.strip_prefix(':'));
        if op.flags().writes() && !self.entry {
            if plain.is_some() {
                self.mark(plain, |known| known.stored_elsewhere = true);
            } else if !self.is_own(at) {
                self.mark(name, |known| known.stored_elsewhere = true);
            }
        }
        if op.flags().reads() {
            self.mark(plain.or(name), |known| known.read = true);
        }
        if op == Opcode::Export {
            self.mark(plain.or(name), |known| known.shown = true);
        }
    }

    /// Starts with a function.
    pub fn enter(&mut self, function: &Function, entry: bool) {
        self.stamp += 1;
        self.entry = entry;
        self.scoped = function.flags.is_scoped();
        for param in &function.params {
            self.declare(&param.name, true, param.kind != ParamKind::Optional);
        }
        if self.scoped {
            function.locals.iter().for_each(|name| self.declare(name, true, false));
            function.captures.iter().for_each(|name| self.declare(name, false, false));
        } else if !entry {
            let stores = function.code.iter().filter(|i| i.op().flags().writes());
            for at in stores.filter_map(|&i| variable(i)) {
                let stamp = self.stamp;
                if let Some(own) = self.own.get_mut(at as usize).filter(|own| own.stamp != stamp) {
                    *own = Own { stamp, local: true, given: false };
                }
            }
        }
    }

    fn declare(&mut self, name: &str, local: bool, given: bool) {
        let own = self.index.get(name).and_then(|&at| self.own.get_mut(at as usize));
        if let Some(own) = own {
            *own = Own { stamp: self.stamp, local, given };
        }
    }

    /// The name as a parameter, local or capture of the function.
    fn found(&self, at: u64) -> Option<Own> {
        let own = usize::try_from(at).ok().and_then(|at| self.own.get(at));
        own.filter(|own| own.stamp == self.stamp).copied()
    }

    fn is_own(&self, at: u64) -> bool {
        self.found(at).is_some()
    }

    fn known(&self, at: u64) -> Known {
        let known = usize::try_from(at).ok().and_then(|at| self.known.get(at));
        known.copied().unwrap_or_default()
    }

    /// Whether no other code can store the variable: a local that is not captured, or a global that only the entry function, which
    /// runs once, stores, and that is not exported.
    pub fn is_private(&self, at: u64) -> bool {
        if self.fragment {
            return true;
        }
        let known = self.known(at);
        if known.far || known.shown {
            return false;
        }
        match self.found(at) {
            Some(own) => own.local && !known.captured,
            // A function that may be called again meanwhile counts as another one.
            None => !known.stored_elsewhere,
        }
    }

    /// Whether the variable has a value wherever the function runs.
    pub fn is_given(&self, at: u64) -> bool {
        // A support function may make a new variable of a parameter, without a value.
        self.fragment || !self.known(at).shown && self.found(at).is_some_and(|own| own.given)
    }

    /// Whether the name is that of a variable of a top level in another spelling than the plain one.
    pub fn is_far(&self, at: u64) -> bool {
        self.known(at).far
    }

    /// Whether the mere presence of a store, even of one that never runs, means something: which functions of an unscoped module have
    /// the variable, and whether reading a missing global is E0302 or E0301.
    pub fn store_matters(&self, at: u64) -> bool {
        !self.fragment && self.known(at).read && !(self.scoped && self.is_own(at))
    }

    /// Whether a fragment is optimized.
    pub fn is_fragment(&self) -> bool {
        self.fragment
    }

    /// Whether the function is the entry.
    pub fn is_entry(&self) -> bool {
        self.entry
    }
}
