//! Scopes and what names mean in them (language.md chapter 6).

use zexus_syntax::{Code, Span, ast};

use crate::binding::*;
use crate::ir::{Bind, Global, GlobalId, Slot};
use crate::lower::Lowerer;
use crate::names::Sym;

/// A declaration in sight.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// The scope, by its height on the stack.
    pub scope: u32,
    pub binding: BindingId,
    /// Whether its declaration was reached; hoisted ones always are.
    pub declared: bool,
    /// Whether an import brought it.
    pub imported: bool,
}

/// A scope that is open.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// Names with an entry of this scope.
    pub syms: Vec<Sym>,
    /// Variables of this scope that have slots.
    pub slots: Vec<BindingId>,
    /// Whether its variables are globals.
    pub globals: bool,
    /// Hoisted declarations of this scope.
    pub hoisted: rustc_hash::FxHashMap<Sym, BindingId>,
    /// Types that wait for modules.
    pub late: crate::lower::late::Late,
    /// Prefix of the keys of state variables, where they may be declared.
    pub state: Option<Box<str>>,
}

/// What is known when a scope ends.
#[derive(Debug, Default)]
pub(crate) struct Closed {
    /// Slots whose cells are made when the scope is entered.
    pub early: Vec<Slot>,
    /// All slots with cells.
    pub cells: Vec<Slot>,
}

/// What a name means.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Meaning {
    Entry(Entry),
    /// A member of `this`, with the type that declares it.
    Member(TypeId, Member),
    /// `self`
    This,
    /// `super`
    Super,
    Builtin(u32),
    Unknown,
}

impl Lowerer<'_> {
    /// The height of the scope that is open.
    pub fn depth(&self) -> u32 {
        u32::try_from(self.scopes.len()).unwrap_or(u32::MAX).saturating_sub(1)
    }

    pub fn open(&mut self) {
        let scope = self.spare_scopes.pop().unwrap_or_default();
        self.scopes.push(scope);
    }

    /// Ends a scope: its names are no longer known.
    pub fn close(&mut self) -> Closed {
        let Some(mut scope) = self.scopes.pop() else { return Closed::default() };
        for sym in scope.syms.drain(..) {
            if let Some(entry) = self.entries(sym).pop() {
                let binding = self.binding(entry.binding);
                let place = (binding.file, binding.span);
                self.ended.insert(sym, place);
            }
        }
        let mut closed = Closed::default();
        for id in scope.slots.drain(..) {
            let binding = self.binding(id);
            if let Place::Slot { slot, .. } = binding.place
                && binding.is_cell()
            {
                closed.cells.push(Slot(slot));
                if binding.early {
                    closed.early.push(Slot(slot));
                }
            }
        }
        // The room of its lists serves the next scope.
        let (syms, slots) = (scope.syms, scope.slots);
        self.spare_scopes.push(Scope { syms, slots, ..Scope::default() });
        closed
    }

    pub fn entries(&mut self, sym: Sym) -> &mut Vec<Entry> {
        let index = sym.0 as usize;
        if index >= self.table.len() {
            self.table.resize_with(self.names.len().max(index + 1), Vec::new);
        }
        let entries = &mut self.table[index];
        if let Some(undo) = &mut self.undo {
            undo.note_entries(sym, entries);
        }
        entries
    }

    fn entries_of(&self, sym: Sym) -> &[Entry] {
        self.table.get(sym.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// The entry that the open scope itself has for a name.
    pub fn own_entry(&mut self, sym: Sym) -> Option<&mut Entry> {
        let depth = self.depth();
        self.entries(sym).last_mut().filter(|entry| entry.scope == depth)
    }

    /// Enters a binding into the open scope, or replaces the one of its name there.
    pub fn enter(&mut self, sym: Sym, binding: BindingId, declared: bool, imported: bool) {
        let scope = self.depth();
        let entry = Entry { scope, binding, declared, imported };
        if let Some(own) = self.own_entry(sym) {
            *own = entry;
            return;
        }
        self.entries(sym).push(entry);
        if let Some(open) = self.scopes.last_mut() {
            open.syms.push(sym);
        }
    }

    /// A binding that is no variable of the open scope.
    pub fn fixed(&mut self, name: Sym, span: Span, place: Place, info: Info) -> BindingId {
        let id = BindingId(u32::try_from(self.bindings.len()).unwrap_or(u32::MAX));
        self.bindings.push(Binding {
            name,
            file: self.current.file,
            span,
            place,
            kind: Kind::Fixed,
            info,
            ty: None,
            captured: false,
            assigned: false,
            early: false,
            sealed: None,
        });
        id
    }

    /// A new variable of the open scope: a global or a slot.
    pub fn variable(&mut self, name: Sym, span: Span, kind: Kind) -> BindingId {
        let id = self.fixed(name, span, Place::None, Info::None);
        let globals = self.scopes.last().is_some_and(|scope| scope.globals);
        let place = if globals {
            let global = GlobalId(u32::try_from(self.program.globals.len()).unwrap_or(u32::MAX));
            self.program.globals.push(Global { name: self.text(name), unknown: false });
            Place::Global(global)
        } else {
            let level = self.level();
            let depth = self.depth();
            let slots = &mut self.fun().slots;
            let slot = u32::try_from(slots.len()).unwrap_or(u32::MAX);
            slots.push(id);
            if let Some(scope) = self.scopes.last_mut() {
                scope.slots.push(id);
            }
            Place::Slot { level, slot, depth }
        };
        let binding = self.binding_mut(id);
        binding.place = place;
        binding.kind = kind;
        id
    }

    /// Enters a variable that the block declares further down.
    pub fn pend(&mut self, name: &ast::Name, kind: Kind) {
        if name.text.is_empty() {
            return;
        }
        let sym = self.names.sym(&name.text);
        if self.own_entry(sym).is_none() {
            let id = self.variable(sym, name.span, kind);
            self.enter(sym, id, false, false);
        }
    }

    /// Declares a variable where its declaration is reached.
    pub fn declare(&mut self, name: &ast::Name, kind: Kind) -> BindingId {
        let sym = self.names.sym(&name.text);
        let span = name.span;
        if name.text.is_empty() {
            return self.fixed(sym, span, Place::None, Info::Broken);
        }
        if let Some(own) = self.own_entry(sym) {
            let id = own.binding;
            if !own.declared && !own.imported {
                own.declared = true;
                return self.arrive(id, span, kind);
            }
            self.check_again(id, sym, span);
        }
        let id = self.variable(sym, span, kind);
        self.enter(sym, id, true, false);
        self.add_seal_flag(id, sym);
        id
    }

    /// The declaration of a pending variable is reached.
    fn arrive(&mut self, id: BindingId, span: Span, kind: Kind) -> BindingId {
        let file = self.current.file;
        let binding = self.binding_mut(id);
        binding.kind = kind;
        binding.span = span;
        binding.file = file;
        let (name, place) = (binding.name, binding.place.clone());
        if let Place::Global(global) = place {
            self.know_global(global);
        }
        self.add_seal_flag(id, name);
        id
    }

    /// E0305 and E0309: what cannot be declared again in its scope.
    pub fn check_again(&mut self, id: BindingId, sym: Sym, span: Span) {
        let binding = self.binding(id);
        let (file, before) = (binding.file, binding.span);
        let text = self.names.str(sym).to_owned();
        let (code, message) = match (binding.kind, &binding.info) {
            (Kind::Const, _) => {
                (Code::E0305, format!("'{text}' is a constant and cannot be declared again here"))
            }
            (_, Info::Action { sealed: true, .. }) => {
                (Code::E0309, format!("'{text}' is sealed and cannot be declared again"))
            }
            _ => return,
        };
        let diagnostic = self.diagnostic(code, span, message).with_label(file, before, "declared here");
        self.reports.add(diagnostic);
    }

    /// Gives a variable that `seal` makes a constant somewhere its hidden flag.
    fn add_seal_flag(&mut self, id: BindingId, sym: Sym) {
        if self.binding(id).kind != Kind::Let || !self.current.sealed.contains(&sym) {
            return;
        }
        let span = self.binding(id).span;
        let flag = self.variable(sym, span, Kind::Let);
        self.binding_mut(flag).assigned = true;
        self.binding_mut(id).sealed = Some(flag);
        self.unsealed.push(flag);
    }

    /// How the declaration of a variable stores its value.
    pub fn bind(&self, id: BindingId) -> Bind {
        match self.binding(id).place {
            Place::Slot { slot, .. } => Bind::Local(Slot(slot)),
            Place::Global(global) => Bind::Global(global),
            // Only where an error was reported.
            _ => Bind::Local(Slot(0)),
        }
    }

    fn is_hidden(&self, scope: u32) -> bool {
        self.hidden.is_some_and(|(from, to)| scope >= from && scope < to)
            || self.foreign.is_some_and(|(from, _)| scope < from)
    }

    /// What a name means here (language.md 6.5).
    pub fn meaning(&self, sym: Sym) -> Meaning {
        let entries = self.entries_of(sym);
        let declared = entries.iter().rev().find(|entry| entry.declared && !self.is_hidden(entry.scope));
        if let Some(this) = self.fns.last().and_then(|f| f.this)
            && declared.is_none_or(|entry| entry.scope < this.depth)
        {
            if let Some((ty, member)) = self.find_member(this.ty, sym)
                && (ty != this.ty || member.index < this.limit)
            {
                return Meaning::Member(ty, member);
            }
            if sym == self.known.own {
                return Meaning::This;
            }
            if sym == self.known.parent {
                return Meaning::Super;
            }
        }
        if let Some(entry) = declared {
            return Meaning::Entry(*entry);
        }
        if self.in_function()
            && let Some(entry) =
                entries.iter().rev().find(|entry| !entry.declared && !self.is_hidden(entry.scope))
        {
            return Meaning::Entry(*entry);
        }
        if let Some((_, module)) = self.foreign
            && let Some(entry) = self.tops.get(&module).and_then(|top| top.get(&sym))
        {
            return Meaning::Entry(*entry);
        }
        match self.builtins.get(&sym) {
            Some(&index) => Meaning::Builtin(index),
            None => Meaning::Unknown,
        }
    }

    /// A member of a type or its parents, with the type that declares it.
    pub fn find_member(&self, ty: TypeId, sym: Sym) -> Option<(TypeId, Member)> {
        let mut ty = ty;
        loop {
            let info = self.type_info(ty);
            if let Some(member) = info.members.get(&sym) {
                return Some((ty, *member));
            }
            ty = info.parent?;
        }
    }

    /// The declaration in sight that a type, event or modifier of this name has; variables do not hide it.
    pub fn declared_as(&self, sym: Sym, wanted: impl Fn(&Info) -> bool) -> Option<BindingId> {
        let limit = self.type_limit.unwrap_or(u32::MAX);
        let fits = |entry: &&Entry| {
            entry.scope <= limit
                && !self.is_hidden(entry.scope)
                && (wanted(&self.binding(entry.binding).info))
        };
        if let Some(entry) = self.entries_of(sym).iter().rev().find(fits) {
            return Some(entry.binding);
        }
        let (_, module) = self.foreign?;
        let entry = self.tops.get(&module)?.get(&sym)?;
        wanted(&self.binding(entry.binding).info).then_some(entry.binding)
    }
}
