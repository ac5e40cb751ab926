//! The verifier: the only way from a module to something that may run (bytecode.md, chapter 4).
//!
//! 1. The steps of 4.1 run in order, each over the whole module; a function that fails one is left out of those after it.
//! 2. Every step takes time and memory linear in the size of the module, whatever it contains.
//! 3. What one step has shown, later steps and everything behind [`Verified`] take for granted.

mod descriptor;
mod flow;
mod functions;
mod operands;
mod pool;

use std::fmt;

use crate::cfg::Cfg;
use crate::isa::Opcode;
use crate::limits;
use crate::listing::listing_line;
use crate::module::Module;

pub use flow::{Facts, NO_REGION, Region, UNREACHED};

/// How many violations are reported.
const MOST_ERRORS: usize = 20;

/// A violation of a rule of the verifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyError {
    /// The code of the error in language.md chapter 23.
    pub code: &'static str,
    /// The function, by index and name; `None` for the module as a whole.
    pub function: Option<(u32, String)>,
    /// The instruction; `None` for the function as a whole.
    pub pc: Option<u32>,
    /// What is wrong.
    pub message: String,
    /// The line of the listing that shows the instruction.
    pub listing: Option<String>,
}

impl fmt::Display for VerifyError {
    /// Writes place and message, such as `function 0 (main), pc 1: ADD needs 2 values, the stack has 1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.function {
            Some((index, name)) => write!(f, "function {index} ({name})")?,
            None => write!(f, "module")?,
        }
        if let Some(pc) = self.pc {
            write!(f, ", pc {pc}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for VerifyError {}

impl VerifyError {
    /// The error as bytecode.md 4.2 shows it, with code and listing line.
    pub fn report(&self) -> String {
        match &self.listing {
            Some(line) => format!("error[{}]: {self}\n  {line}", self.code),
            None => format!("error[{}]: {self}", self.code),
        }
    }
}

/// A module that keeps all rules, and what the verifier found out about its functions.
#[derive(Clone, Debug)]
pub struct Verified {
    module: Module,
    facts: Vec<Facts>,
}

impl Verified {
    /// The module.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// What is known about each function, by index.
    pub fn facts(&self) -> &[Facts] {
        &self.facts
    }

    /// The module, which is unverified again.
    pub fn into_module(self) -> Module {
        self.module
    }
}

/// Verifies a module.
///
/// Fails with the violations of the first failing step of each function, by step, function and instruction, at most 20.
pub fn verify(module: Module) -> Result<Verified, Vec<VerifyError>> {
    match check(&module) {
        Ok(facts) => Ok(Verified { module, facts }),
        Err(errors) => Err(errors),
    }
}

/// As [`verify`], without taking the module: for code that is verified before it is metered and optimized.
pub fn check(module: &Module) -> Result<Vec<Facts>, Vec<VerifyError>> {
    let mut errors = Errors::new(module);
    if module.functions.is_empty() {
        errors.module("E0704", "there is no entry function");
        return Err(errors.list);
    }
    errors.step(|e, f| opcodes(e, f));
    let pool = pool::check(&mut errors);
    if let Some(pool) = &pool {
        let mut constants = operands::Constants::new(pool, module);
        errors.step(|e, f| operands::check(e, f, &mut constants));
        let mut scopes = functions::Scopes::new(module, pool);
        errors.step(|e, f| functions::check(e, f, &mut scopes));
    }
    errors.step(labels);
    module_limits(&mut errors);
    errors.step(function_limits);
    if !errors.list.is_empty() && pool.is_none() {
        return Err(errors.list);
    }
    let mut facts = Vec::with_capacity(module.functions.len());
    let mut late = Vec::new();
    for (index, function) in module.functions.iter().enumerate() {
        if errors.failed.get(index) == Some(&false) {
            let (found, violations) = flow::analyse(function);
            facts.push(found);
            late.push((index as u32, violations));
        }
    }
    // The limits of stack and regions belong to step 5, so they are reported before the rest.
    late.sort_by_key(|(_, violations)| violations.first().map(|v| v.step));
    for (index, violations) in late {
        for v in violations {
            errors.add(v.code(), index, Some(v.pc), v.message);
        }
    }
    if errors.list.is_empty() { Ok(facts) } else { Err(errors.list) }
}

/// The violations so far.
struct Errors<'m> {
    module: &'m Module,
    failed: Vec<bool>,
    list: Vec<VerifyError>,
}

impl<'m> Errors<'m> {
    fn new(module: &'m Module) -> Errors<'m> {
        Errors { module, failed: vec![false; module.functions.len()], list: Vec::new() }
    }

    fn is_full(&self) -> bool {
        self.list.len() >= MOST_ERRORS
    }

    /// Runs a step on every function that has not failed in an earlier one.
    fn step(&mut self, mut check: impl FnMut(&mut Errors<'m>, u32)) {
        for index in 0..self.module.functions.len() {
            if self.failed.get(index) == Some(&false) && !self.is_full() {
                check(self, index as u32);
            }
        }
    }

    fn add(&mut self, code: &'static str, function: u32, pc: Option<u32>, message: String) {
        if let Some(failed) = self.failed.get_mut(function as usize) {
            *failed = true;
        }
        if self.is_full() {
            return;
        }
        let found = self.module.function(function);
        let instruction = found.zip(pc).and_then(|(f, pc)| f.code.get(pc as usize).copied());
        self.list.push(VerifyError {
            code,
            function: found.map(|f| (function, f.name.to_string())),
            pc,
            message,
            listing: instruction.zip(pc).map(|(instruction, pc)| listing_line(pc, instruction)),
        });
    }

    fn module(&mut self, code: &'static str, message: impl Into<String>) {
        if !self.is_full() {
            let message = message.into();
            self.list.push(VerifyError { code, function: None, pc: None, message, listing: None });
        }
    }
}

/// `n` and a noun, in the plural unless n is 1.
fn counted(n: u64, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// Step 1: numbers outside the tables.
fn opcodes(errors: &mut Errors<'_>, index: u32) {
    let Some(function) = errors.module.function(index) else { return };
    for (pc, instruction) in (0..).zip(&function.code) {
        if instruction.op() == Opcode::Invalid {
            errors.add("E0703", index, Some(pc), format!("unknown opcode {}", instruction.first()));
        }
        if errors.is_full() {
            return;
        }
    }
}

/// Step 4: labels are in the code or at its end.
fn labels(errors: &mut Errors<'_>, index: u32) {
    let Some(function) = errors.module.function(index) else { return };
    let len = function.code.len();
    let length = counted(len as u64, "instruction");
    for &entry in &function.entries {
        if entry as usize > len {
            errors.add("E0706", index, None, format!("an entry is at {entry}, the code has {length}"));
        }
    }
    for (pc, instruction) in (0..).zip(&function.code) {
        if instruction.label().is_some_and(|label| label as usize > len) {
            let message =
                format!("{} leads to {}, the code has {length}", instruction.op(), instruction.first());
            errors.add("E0706", index, Some(pc), message);
        }
        if errors.is_full() {
            return;
        }
    }
}

/// Step 5 for the module as a whole.
fn module_limits(errors: &mut Errors<'_>) {
    let module = errors.module;
    let instructions = module.functions.iter().map(|f| f.code.len()).sum();
    let counts = [
        (module.functions.len(), limits::FUNCTIONS, "functions"),
        (instructions, limits::MODULE_INSTRUCTIONS, "instructions"),
    ];
    for (n, limit, what) in counts {
        if n > limit {
            errors.module("E0707", format!("{n} {what}, the limit is {limit}"));
        }
    }
}

/// Step 5 for the lists of a function.
fn function_limits(errors: &mut Errors<'_>, index: u32) {
    let Some(function) = errors.module.function(index) else { return };
    let counts = [
        (function.code.len(), limits::FUNCTION_INSTRUCTIONS, "instructions"),
        (function.params.len(), limits::PARAMS, "parameters"),
        (function.locals.len() + function.captures.len(), limits::NAMES, "locals and captures"),
    ];
    for (n, limit, what) in counts {
        if n > limit {
            errors.add("E0707", index, None, format!("{n} {what}, the limit is {limit}"));
        }
    }
}

/// The first instruction of each block, for the linker.
fn block_starts(function: &crate::module::Function) -> Vec<u32> {
    Cfg::new(function).starts().to_vec()
}
