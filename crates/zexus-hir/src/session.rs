//! The REPL: entries in one lasting scope (language.md 21.3).

use std::sync::Arc;

use zexus_syntax::FileId;

use crate::externs::{Externs, Loaded, Loader};
use crate::lower::{Lowerer, Shared};
use crate::program::{Graph, Lowered, lower_files};

/// Lowers one entry after the other into one growing program.
///
/// Each entry is a module of its own; the names of all entries are in one scope. A name that nothing declares is a global
/// that is marked unknown, and becomes known when an entry declares it. An entry with errors leaves nothing behind.
///
/// ```
/// use zexus_hir::{Externs, Loaded, NoFiles, Session};
/// use zexus_syntax::FileId;
/// let mut session = Session::new(Externs::default());
/// let entry = |n: u32, text: &str| Loaded { path: "repl".into(), text: text.into(), file: FileId(n) };
/// assert!(session.enter(entry(0, "let x = 1"), &mut NoFiles).program.is_some());
/// assert!(session.enter(entry(1, "x = 2"), &mut NoFiles).program.is_some());
/// ```
pub struct Session {
    lowerer: Lowerer<'static>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("modules", &self.lowerer.program.modules.len())
            .finish_non_exhaustive()
    }
}

impl Session {
    /// A session without entries.
    pub fn new(externs: Externs) -> Session {
        let mut lowerer = Lowerer::new(Shared::Owned(Arc::new(externs)));
        lowerer.repl = true;
        Session { lowerer }
    }

    /// Lowers an entry. The program holds everything so far; its main module is the entry. The file of each entry needs its own
    /// number.
    pub fn enter(&mut self, entry: Loaded, loader: &mut dyn Loader) -> Lowered {
        let lowerer = &mut self.lowerer;
        lowerer.begin_entry();
        let mut lowered = Lowered::default();
        let graph = Graph::load(entry, lowerer, loader);
        lower_files(lowerer, graph, &mut lowered);
        lowerer.end_entry(!lowered.has_errors());
        if !lowered.has_errors() {
            lowered.program = Some(lowerer.program.clone());
        }
        lowered
    }

    /// The names that the entries so far have declared, in order of spelling, for completion.
    pub fn names(&self) -> Vec<String> {
        let lowerer = &self.lowerer;
        let mut names: Vec<String> = (0u32..)
            .zip(&lowerer.table)
            .filter(|(_, entries)| entries.iter().any(|entry| entry.declared))
            .map(|(index, _)| lowerer.text(crate::names::Sym(index)).to_string())
            .collect();
        names.sort_unstable();
        names
    }

    /// The file of the last entry, if there was one.
    pub fn last_file(&self) -> Option<FileId> {
        self.lowerer.program.modules.last().map(|module| module.file)
    }
}
