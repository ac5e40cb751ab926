//! Shrinking: the smallest program that still shows a failure, found by leaving parts of the tree out.

use std::collections::HashSet;

use crate::generate::tree::{Sort, Tree};

/// A shrunk program.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// What is left.
    pub tree: Tree,
    /// How many programs were tried.
    pub tried: usize,
}

/// Shrinks a tree as long as `fails` says that what is left still fails in the same way, with at most `budget` tries.
///
/// The same tree and the same answers give the same result. What is left fails; removing one more part, or replacing one more
/// expression by something simpler, does not, unless the budget ran out.
pub fn shrink(tree: Tree, budget: usize, fails: &mut dyn FnMut(&Tree) -> bool) -> Shrunk {
    let mut state = State { tree, left: budget, tried: HashSet::new(), fails };
    loop {
        let before = state.tree.size();
        state.walk(&mut Vec::new());
        if state.left == 0 || state.tree.size() >= before {
            break;
        }
    }
    Shrunk { tried: budget - state.left, tree: state.tree }
}

struct State<'f> {
    tree: Tree,
    left: usize,
    /// Texts that were tried, because many ways lead to the same program.
    tried: HashSet<u64>,
    fails: &'f mut dyn FnMut(&Tree) -> bool,
}

impl State<'_> {
    /// The tree at a path.
    fn at(&self, path: &[usize]) -> Option<&Tree> {
        path.iter().try_fold(&self.tree, |tree, i| tree.children.get(*i))
    }

    /// Puts something else at a path if the program still fails then.
    fn replace(&mut self, path: &[usize], new: Tree) -> bool {
        if self.left == 0 {
            return false;
        }
        let mut next = self.tree.clone();
        let Some(place) = path.iter().try_fold(&mut next, |tree, i| tree.children.get_mut(*i)) else {
            return false;
        };
        *place = new;
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in next.text().bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if !self.tried.insert(hash) {
            return false;
        }
        self.left -= 1;
        let fails = (self.fails)(&next);
        if fails {
            self.tree = next;
        }
        fails
    }

    /// Shrinks what is at a path: first itself, then its parts.
    fn walk(&mut self, path: &mut Vec<usize>) {
        self.simplify(path);
        let Some(here) = self.at(path) else { return };
        if here.sort.is_list() {
            self.remove_children(path);
            self.hoist(path);
        }
        let mut i = 0;
        while self.at(path).is_some_and(|tree| i < tree.children.len()) {
            path.push(i);
            self.walk(path);
            path.pop();
            i += 1;
        }
    }

    /// Replaces an expression by a constant or by one inside it, as often as that goes.
    fn simplify(&mut self, path: &[usize]) {
        'again: loop {
            let Some(here) = self.at(path) else { return };
            let Sort::Expr(ty) = here.sort else { return };
            let size = here.size();
            let mut candidates: Vec<Tree> = Vec::new();
            for constant in ty.constants() {
                if here.template == *constant {
                    break;
                }
                candidates.push(crate::generate::tree::expr(ty, *constant, []));
            }
            if size > 1 {
                inner(here, 3, &mut candidates);
            }
            for candidate in candidates {
                let smaller = candidate.size() < size;
                if self.replace(path, candidate) {
                    match smaller {
                        true => continue 'again,
                        false => return,
                    }
                }
            }
            return;
        }
    }

    /// Leaves out children of a list: all, halves, quarters, and so on down to single ones.
    fn remove_children(&mut self, path: &[usize]) {
        let Some(mut n) = self.at(path).map(|tree| tree.children.len()) else { return };
        let mut chunk = n;
        while chunk > 0 && n > 0 {
            // From the end, because what comes later depends on what comes before.
            let mut end = n;
            while end > 0 {
                let start = end.saturating_sub(chunk);
                let Some(here) = self.at(path) else { return };
                let mut fewer = here.clone();
                fewer.children.drain(start..end);
                if self.replace(path, fewer) {
                    n -= end - start;
                }
                end = start;
            }
            chunk = if chunk == 1 { 0 } else { chunk.min(n.max(1)).div_ceil(2) };
        }
    }

    /// Replaces a statement by the statements inside it.
    fn hoist(&mut self, path: &[usize]) {
        let mut i = 0;
        while let Some(here) = self.at(path) {
            let Some(child) = here.children.get(i) else { return };
            let mut blocks = Vec::new();
            statements(child, &mut blocks);
            let done = blocks.into_iter().any(|block| {
                let Some(here) = self.at(path) else { return false };
                let mut next = here.clone();
                next.children.splice(i..=i, block);
                self.replace(path, next)
            });
            if !done {
                i += 1;
            }
        }
    }
}

/// Expressions inside a tree, the outermost first, down to `depth` expressions.
fn inner(tree: &Tree, depth: usize, out: &mut Vec<Tree>) {
    if depth == 0 {
        return;
    }
    for child in &tree.children {
        match child.sort {
            Sort::Expr(_) => {
                out.push(child.clone());
                inner(child, depth - 1, out);
            }
            _ => inner(child, depth, out),
        }
    }
}

/// The blocks inside a statement, without those inside these.
fn statements(tree: &Tree, out: &mut Vec<Vec<Tree>>) {
    for child in &tree.children {
        match child.sort {
            Sort::Block => out.push(child.children.clone()),
            Sort::Glue | Sort::Parts | Sort::Stmt => statements(child, out),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Program;

    #[test]
    fn what_is_left_fails_and_is_small() {
        // A "failure" that any program with a division in a `print` has.
        let mut fails =
            |tree: &Tree| tree.text().lines().any(|l| l.contains("print(") && l.contains(" div "));
        let seed = (0..).find(|seed| fails(&Program::from_seed(*seed).tree)).unwrap();
        let shrunk = shrink(Program::from_seed(seed).tree, 5000, &mut fails);
        assert_eq!(shrunk.tree.text(), "print((0 div 1))\n");
        let again = shrink(Program::from_seed(seed).tree, 5000, &mut fails);
        assert_eq!(shrunk.tree, again.tree);
    }
}
