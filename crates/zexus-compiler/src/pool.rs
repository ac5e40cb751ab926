//! The pool of constants, with short ways to those that are used again and again.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use zexus_bytecode::{Const, Constants, Support, encode, limits};
use zexus_hir::ir;

/// No constant yet.
const NONE: u32 = u32::MAX;

/// Constants in the order of their first use.
pub(crate) struct Pool {
    constants: Constants,
    texts: FxHashMap<Arc<str>, u32>,
    members: FxHashMap<Arc<str>, u32>,
    ints: FxHashMap<i64, u32>,
    functions: Vec<u32>,
    temps: Vec<u32>,
    support: Vec<u32>,
    /// The first constant that is too large, or that no instruction may name.
    pub error: Option<String>,
}

impl Pool {
    pub fn new(functions: usize) -> Pool {
        Pool {
            constants: Constants::new(),
            texts: FxHashMap::default(),
            members: FxHashMap::default(),
            ints: FxHashMap::default(),
            functions: vec![NONE; functions],
            temps: Vec::new(),
            support: vec![NONE; Support::ALL.len()],
            error: None,
        }
    }

    /// The number of constants.
    pub fn len(&self) -> usize {
        self.constants.len()
    }

    pub fn finish(self) -> Constants {
        self.constants
    }

    /// Any constant.
    pub fn add(&mut self, constant: Const) -> u32 {
        let size = match &constant {
            Const::Str(text) => text.len() + 4,
            Const::List(_) | Const::Map(_) => encode::encode(&constant).len(),
            _ => 0,
        };
        if size > limits::CONSTANT_BYTES {
            self.fail(format!("a constant of more than {} bytes", limits::CONSTANT_BYTES));
        }
        self.constants.add(constant)
    }

    fn fail(&mut self, what: String) {
        self.error.get_or_insert(what);
    }

    /// A string.
    pub fn text(&mut self, text: &Arc<str>) -> u32 {
        if let Some(&at) = self.texts.get(text) {
            return at;
        }
        let at = self.add(Const::Str(text.clone()));
        self.texts.insert(text.clone(), at);
        at
    }

    /// A name, which has a limit of its own.
    pub fn name(&mut self, name: &Arc<str>) -> u32 {
        self.check_name(name);
        self.text(name)
    }

    /// Notes an error if no instruction may use the name.
    pub fn check_name(&mut self, name: &str) {
        if !(1..=255).contains(&name.len()) || name.chars().any(char::is_control) {
            self.fail("a name of more than 255 bytes".to_owned());
        }
    }

    /// The key of a state variable.
    pub fn key(&mut self, key: &Arc<str>) -> u32 {
        if !(1..=1024).contains(&key.len()) {
            self.fail("a key of more than 1024 bytes".to_owned());
        }
        self.text(key)
    }

    /// The name of a member that is reached through `this`.
    pub fn own_member(&mut self, name: &Arc<str>) -> u32 {
        if let Some(&at) = self.members.get(name) {
            return at;
        }
        let marked: Arc<str> = format!("@{name}").into();
        let at = self.name(&marked);
        self.members.insert(name.clone(), at);
        at
    }

    /// The name of a temporary.
    pub fn temp(&mut self, number: u32) -> u32 {
        let at = number as usize;
        if self.temps.len() <= at {
            self.temps.resize(at + 1, NONE);
        }
        match self.temps.get(at) {
            Some(&known) if known != NONE => known,
            _ => {
                let made = self.text(&format!("#{number}").into());
                if let Some(slot) = self.temps.get_mut(at) {
                    *slot = made;
                }
                made
            }
        }
    }

    /// A function of the module.
    pub fn function(&mut self, number: u32) -> u32 {
        match self.functions.get(number as usize) {
            Some(&known) if known != NONE => known,
            _ => {
                let made = self.constants.add(Const::Func(number));
                if let Some(slot) = self.functions.get_mut(number as usize) {
                    *slot = made;
                }
                made
            }
        }
    }

    /// The name of a support function.
    pub fn support(&mut self, support: Support) -> u32 {
        match self.support.get(support as usize) {
            Some(&known) if known != NONE => known,
            _ => {
                let made = self.constants.add(support.name());
                if let Some(slot) = self.support.get_mut(support as usize) {
                    *slot = made;
                }
                made
            }
        }
    }

    /// A 64-bit integer.
    pub fn int(&mut self, value: i64) -> u32 {
        if let Some(&at) = self.ints.get(&value) {
            return at;
        }
        let at = self.constants.add(value);
        self.ints.insert(value, at);
        at
    }

    /// A literal.
    pub fn literal(&mut self, c: &ir::Const) -> u32 {
        match c {
            ir::Const::Int(i) => self.int(*i),
            ir::Const::Str(s) => self.text(s),
            other => self.add(constant(other)),
        }
    }
}

/// A literal as a constant.
pub(crate) fn constant(c: &ir::Const) -> Const {
    match c {
        ir::Const::Null => Const::Null,
        ir::Const::Bool(b) => Const::Bool(*b),
        ir::Const::Int(i) => Const::Int(*i),
        ir::Const::Big(b) => Const::Big(b.clone()),
        ir::Const::Float(f) => Const::Float(*f),
        ir::Const::Str(s) => Const::Str(s.clone()),
    }
}
