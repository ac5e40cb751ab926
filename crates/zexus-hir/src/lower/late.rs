//! Types that need an import or module of their own block.
//!
//! Hoisted declarations are made when their block is entered. A type that extends or names a type of a module cannot be
//! made before the `use` or `module` that brings it has run. It is made right after that statement instead, together
//! with the types of the block that need it in turn; whoever uses it before gets E0302.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::{Lowerer, Source, stmt_at};
use crate::binding::*;
use crate::ir::*;

/// What the making of hoisted types waits for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Late {
    /// Whether the block declares types that may wait.
    pub wanted: bool,
    /// By binding: the number of statements after which its module has run.
    bound_at: FxHashMap<BindingId, usize>,
    /// Types: their place in the list of hoisted declarations, and what they need.
    types: Vec<(usize, BindingId, Vec<BindingId>)>,
}

impl Lowerer<'_> {
    /// A declared type that is needed where the declaration being lowered is made.
    pub fn note_need(&mut self, id: BindingId) {
        let level = self.fns.len();
        if let Some((own, needs)) = &mut self.needs
            && *own == level
        {
            needs.push(id);
        }
    }

    /// An import has run after `count` statements.
    pub fn note_import(&mut self, source: &Source, brought: &[BindingId], count: usize) {
        let all = match source {
            Source::File(module, _) if self.types_wait() => self.exported_bindings(*module),
            _ => return,
        };
        if let Some(scope) = self.scopes.last_mut() {
            for id in all.iter().chain(brought) {
                scope.late.bound_at.entry(*id).or_insert(count);
            }
        }
    }

    /// A `module` or `package` has run after `count` statements. A package is complete with its last part.
    pub fn note_module(&mut self, binding: BindingId, module: ModId, count: usize) {
        if !self.types_wait() {
            return;
        }
        let all = self.exported_bindings(module);
        if let Some(scope) = self.scopes.last_mut() {
            scope.late.bound_at.insert(binding, count);
            for id in all {
                scope.late.bound_at.entry(id).or_insert(count);
            }
        }
    }

    fn types_wait(&self) -> bool {
        self.scopes.last().is_some_and(|scope| scope.late.wanted)
    }

    fn exported_bindings(&self, module: ModId) -> Vec<BindingId> {
        let info = &self.mods[module.0 as usize];
        let mut list = Vec::new();
        for sym in &info.order {
            if let Some(Exported::Binding(id)) = info.exports.get(sym).map(|export| export.what)
                && matches!(self.binding(id).info, Info::Type(_) | Info::Enum(_))
            {
                list.push(id);
            }
        }
        list
    }

    /// A type was appended to the hoisted declarations.
    pub fn note_type(&mut self, index: usize, binding: BindingId, needs: Vec<BindingId>) {
        if !needs.is_empty()
            && let Some(scope) = self.scopes.last_mut()
        {
            scope.late.types.push((index, binding, needs));
        }
    }

    /// Moves types that need modules behind the statements that run these.
    pub fn place_late_types(&mut self, block: &mut Block) {
        let Some(late) = self.scopes.last_mut().map(|scope| std::mem::take(&mut scope.late)) else { return };
        if late.types.is_empty() || late.bound_at.is_empty() {
            return;
        }
        let mut needed_by: FxHashMap<BindingId, Vec<usize>> = FxHashMap::default();
        let mut first: Vec<(usize, usize)> = Vec::new();
        for (index, (_, _, needs)) in late.types.iter().enumerate() {
            for need in needs {
                needed_by.entry(*need).or_default().push(index);
            }
            if let Some(at) = needs.iter().filter_map(|need| late.bound_at.get(need)).max() {
                first.push((*at, index));
            }
        }
        // The latest first, so that the first place a type gets is the one it keeps.
        first.sort_unstable_by(|a, b| b.cmp(a));
        let mut place: Vec<Option<usize>> = vec![None; late.types.len()];
        for (at, index) in first {
            let mut work = vec![index];
            while let Some(index) = work.pop() {
                let Some(slot @ None) = place.get_mut(index) else { continue };
                *slot = Some(at);
                if let Some((_, binding, _)) = late.types.get(index) {
                    work.extend(needed_by.get(binding).into_iter().flatten());
                }
            }
        }
        let mut moved: FxHashMap<usize, usize> = FxHashMap::default();
        for ((index, binding, _), place) in late.types.iter().zip(&place) {
            if let Some(at) = place {
                moved.insert(*index, *at);
                self.binding_mut(*binding).early = true;
            }
        }
        regroup(block, &moved);
    }
}

/// Takes the hoisted declarations with a place out and puts them into blocks before the statement of that number.
fn regroup(block: &mut Block, moved: &FxHashMap<usize, usize>) {
    if moved.is_empty() {
        return;
    }
    let mut groups: BTreeMap<usize, Vec<Decl>> = BTreeMap::new();
    for (index, decl) in std::mem::take(&mut block.hoisted).into_iter().enumerate() {
        match moved.get(&index) {
            Some(at) => groups.entry(*at).or_default().push(decl),
            None => block.hoisted.push(decl),
        }
    }
    let count = block.stmts.len();
    let mut stmts = std::mem::take(&mut block.stmts).into_iter();
    for index in 0..=count {
        if let Some(hoisted) = groups.remove(&index) {
            let span = hoisted.first().map_or(block.span, |decl| decl.span);
            let group = Block { hoisted, span, ..Block::default() };
            block.stmts.push(stmt_at(StmtKind::Block(Box::new(group)), span));
        }
        block.stmts.extend(stmts.next());
    }
}
