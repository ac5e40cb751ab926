//! Takes back what an entry of the REPL with errors has changed.
//!
//! It costs what the entry changes, not what the entries before it have declared.

use rustc_hash::FxHashMap;

use crate::ir::{GlobalId, ModuleId};
use crate::lower::Lowerer;
use crate::names::Sym;
use crate::scope::Entry;

/// What was before the entry.
#[derive(Debug, Default)]
pub(crate) struct Undo {
    /// The declarations of the names that the entry touches.
    entries: FxHashMap<Sym, Vec<Entry>>,
    /// Globals that were unknown.
    unknown: Vec<GlobalId>,
    /// Whether the scope of all entries was there, and the number of its names.
    names: Option<usize>,
    modules: usize,
    functions: usize,
    globals: usize,
    states: usize,
    main: Option<ModuleId>,
}

impl Undo {
    /// The declarations of a name are about to change.
    pub fn note_entries(&mut self, sym: Sym, entries: &[Entry]) {
        self.entries.entry(sym).or_insert_with(|| entries.to_vec());
    }
}

impl Lowerer<'_> {
    /// Begins an entry.
    pub fn begin_entry(&mut self) {
        self.undo = Some(Undo {
            names: self.scopes.first().map(|scope| scope.syms.len()),
            modules: self.program.modules.len(),
            functions: self.program.functions.len(),
            globals: self.program.globals.len(),
            states: self.program.states.len(),
            main: self.program.main,
            ..Undo::default()
        });
    }

    /// Ends the entry; it leaves nothing behind unless it is kept.
    pub fn end_entry(&mut self, keep: bool) {
        let Some(undo) = self.undo.take() else { return };
        if keep {
            return;
        }
        for (sym, entries) in undo.entries {
            if let Some(place) = self.table.get_mut(sym.0 as usize) {
                *place = entries;
            }
        }
        for id in undo.unknown {
            if let Some(global) = self.program.globals.get_mut(id.index()) {
                global.unknown = true;
            }
        }
        self.scopes.truncate(usize::from(undo.names.is_some()));
        if let (Some(top), Some(names)) = (self.scopes.first_mut(), undo.names) {
            top.syms.truncate(names);
        }
        self.program.modules.truncate(undo.modules);
        self.program.functions.truncate(undo.functions);
        self.program.globals.truncate(undo.globals);
        self.program.states.truncate(undo.states);
        self.program.main = undo.main;
        self.loaded.retain(|_, (_, module)| module.index() < undo.modules);
        self.module_errors.clear();
    }

    /// A global is declared that may have been read before.
    pub fn know_global(&mut self, id: GlobalId) {
        if let Some(global) = self.program.globals.get_mut(id.index())
            && std::mem::replace(&mut global.unknown, false)
            && let Some(undo) = &mut self.undo
        {
            undo.unknown.push(id);
        }
    }
}
