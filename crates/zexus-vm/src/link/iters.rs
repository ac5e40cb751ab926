//! Iterators of `for` whose state can be in registers: those that only `FOR_ITER` and `POP` touch.

use std::collections::HashMap;

use zexus_bytecode::{Function, Opcode};

/// No iterator.
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Node {
    parent: u32,
    position: u32,
    names: u64,
    depth: u32,
}

/// Where the state of each iterator is.
pub(crate) struct Iters {
    /// For each `GET_ITER` and `FOR_ITER`, how many iterators are around it.
    pub depths: HashMap<u32, u32>,
    /// The most that are alive at once.
    pub most: u32,
}

impl Iters {
    /// Finds the iterators of a function; `None` if something else touches one.
    pub fn new(function: &Function, heights: &[u32]) -> Option<Iters> {
        let mut nodes: Vec<Node> = Vec::new();
        let mut out = Iters { depths: HashMap::new(), most: 0 };
        if !function.code.iter().any(|i| i.op() == Opcode::GetIter) {
            return Some(out);
        }
        let mut states: Vec<Option<u32>> = vec![None; function.code.len()];
        let mut work: Vec<(u32, u32)> = function.entries.iter().map(|&entry| (entry, NONE)).collect();
        work.push((0, NONE));
        while let Some((pc, state)) = work.pop() {
            let at = pc as usize;
            let (Some(known), Some(instruction), Some(&height)) =
                (states.get_mut(at), function.code.get(at), heights.get(at))
            else {
                continue;
            };
            match known {
                Some(known) if *known == state => continue,
                Some(_) => return None,
                None => *known = Some(state),
            }
            let top = nodes.get(state as usize).copied();
            let low = u64::from(height).saturating_sub(instruction.pops());
            let touches = top.is_some_and(|top| instruction.pops() > 0 && low <= u64::from(top.position));
            let (mut next, mut far) = (state, state);
            match instruction.op() {
                Opcode::GetIter => {
                    let depth = top.map_or(0, |top| top.depth + 1);
                    if touches {
                        return None;
                    }
                    next = nodes.len() as u32;
                    nodes.push(Node {
                        parent: state,
                        position: height.checked_sub(1)?,
                        names: instruction.count(),
                        depth,
                    });
                    out.depths.insert(pc, depth);
                    out.most = out.most.max(depth + 1);
                }
                Opcode::ForIter => {
                    let top = top?;
                    if top.position != height.checked_sub(1)? || top.names != instruction.count() {
                        return None;
                    }
                    out.depths.insert(pc, top.depth);
                    far = top.parent;
                }
                Opcode::Pop if touches => next = top?.parent,
                Opcode::Return | Opcode::Throw | Opcode::Revert => (),
                _ if touches => return None,
                _ => (),
            }
            if let Some(label) = instruction.label() {
                work.push((label, far));
            }
            if !instruction.op().ends_block() {
                work.push((pc + 1, next));
            }
        }
        Some(out)
    }
}
