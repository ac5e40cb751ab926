//! What is counted of call paths, for flame graphs.

use rustc_hash::FxHashMap;

use crate::program::Program;

/// Calls of a path that are told apart; what deeper ones do is counted for the last of them, so that a text of all paths is not quadratic in
/// the depth of a recursion.
const DEEPEST: u32 = 128;

/// Paths that are told apart. What further ones do is counted for their callers.
const MOST: usize = 1 << 16;

/// A call path.
struct Node {
    caller: Option<u32>,
    function: u32,
    depth: u32,
    instructions: u64,
    gas: u64,
}

/// The call paths of a run, in the order of their first calls.
#[derive(Default)]
pub(super) struct Paths {
    nodes: Vec<Node>,
    next: FxHashMap<(Option<u32>, u32), u32>,
}

impl Paths {
    /// The path of a call of a function, from another path or from none.
    pub fn enter(&mut self, caller: Option<u32>, function: u32) -> u32 {
        if let Some(known) = self.next.get(&(caller, function)) {
            return *known;
        }
        let depth = caller.and_then(|at| self.nodes.get(at as usize)).map_or(1, |node| node.depth + 1);
        if let Some(caller) = caller.filter(|_| depth > DEEPEST || self.nodes.len() >= MOST) {
            return caller;
        }
        let path = self.nodes.len() as u32;
        self.nodes.push(Node { caller, function, depth, instructions: 0, gas: 0 });
        self.next.insert((caller, function), path);
        path
    }

    /// An instruction has ended.
    pub fn instruction(&mut self, path: u32) {
        if let Some(node) = self.nodes.get_mut(path as usize) {
            node.instructions += 1;
        }
    }

    /// Gas was taken.
    pub fn gas(&mut self, path: u32, gas: u64) {
        if let Some(node) = self.nodes.get_mut(path as usize) {
            node.gas = node.gas.saturating_add(gas);
        }
    }

    /// Gives a line for each path that did something.
    pub fn folded(&self, program: &Program, metered: bool, mut line: impl FnMut(&str)) {
        for node in &self.nodes {
            let count = if metered { node.gas } else { node.instructions };
            if count == 0 {
                continue;
            }
            let mut names = vec![name(program, node.function)];
            let mut at = node.caller;
            while let Some(caller) = at.and_then(|at| self.nodes.get(at as usize)) {
                names.push(name(program, caller.function));
                at = caller.caller;
            }
            names.reverse();
            line(&format!("{} {count}", names.join(";")));
        }
    }
}

/// The name of a function in a path, with its module if that is not the main one. Hand-written modules may use names that would end it.
fn name(program: &Program, number: u32) -> String {
    let (module, name) = program.function_name(number);
    let name = if name.is_empty() { "lambda" } else { name };
    let full = match module {
        Some(module) => format!("{module}:{name}"),
        None => name.to_owned(),
    };
    full.replace(|c: char| c == ';' || c.is_whitespace() || c.is_control(), "_")
}
