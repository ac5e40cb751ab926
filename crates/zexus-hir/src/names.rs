//! Names as numbers: each spelling once.

use rustc_hash::FxHashMap;

use crate::ir::Name;

/// A spelling, as an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Sym(pub u32);

/// All spellings seen so far.
#[derive(Debug, Default, Clone)]
pub(crate) struct Names {
    texts: Vec<Name>,
    index: FxHashMap<Name, Sym>,
}

impl Names {
    /// The number of a spelling.
    pub fn sym(&mut self, text: &str) -> Sym {
        if let Some(&sym) = self.index.get(text) {
            return sym;
        }
        let sym = Sym(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        let name: Name = text.into();
        self.texts.push(name.clone());
        self.index.insert(name, sym);
        sym
    }

    /// The number of a spelling that was seen before.
    pub fn find(&self, text: &str) -> Option<Sym> {
        self.index.get(text).copied()
    }

    /// The spelling.
    pub fn text(&self, sym: Sym) -> Name {
        self.texts.get(sym.0 as usize).cloned().unwrap_or_else(|| "".into())
    }

    /// The spelling for a look.
    pub fn str(&self, sym: Sym) -> &str {
        self.texts.get(sym.0 as usize).map_or("", |name| name)
    }

    /// How many spellings there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }
}
