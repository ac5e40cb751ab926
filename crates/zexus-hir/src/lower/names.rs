//! Names as values, and names that mean nothing (language.md 6.5, 12.6, 22).

use zexus_syntax::{Code, ForeignWord, Span, ast};

use super::{Lowerer, WatchKey, expr_at};
use crate::binding::*;
use crate::ir::*;
use crate::names::Sym;
use crate::scope::{Entry, Meaning};
use crate::suggest::nearest;

impl Lowerer<'_> {
    /// A name as a value.
    pub fn name(&mut self, name: &ast::Name) -> ExprKind {
        let sym = self.names.sym(&name.text);
        match self.meaning(sym) {
            Meaning::Entry(entry) => self.read(entry.binding, entry.declared, name.span),
            Meaning::Member(ty, _) => {
                self.note_read(WatchKey::Member(ty, sym));
                self.own_member(sym, name.span)
            }
            Meaning::This => ExprKind::This,
            Meaning::Super => {
                self.report_help(
                    Code::E0314,
                    name.span,
                    "`super` is no value",
                    "call an inherited method: `super.m()`",
                );
                null()
            }
            Meaning::Builtin(index) => ExprKind::Builtin(index),
            Meaning::Unknown => {
                self.special_name(sym, name.span).unwrap_or_else(|| self.undefined(name, false))
            }
        }
    }

    /// The spelling of a name, shared with all its other places.
    pub fn word(&mut self, name: &ast::Name) -> Name {
        let sym = self.names.sym(&name.text);
        self.text(sym)
    }

    /// `this.name`
    pub fn own_member(&mut self, sym: Sym, span: Span) -> ExprKind {
        let link = Link { kind: LinkKind::Member(self.text(sym)), optional: false, span };
        ExprKind::Chain { base: Box::new(expr_at(ExprKind::This, span)), links: vec![link] }
    }

    /// The value of a declared name.
    pub fn read(&mut self, id: BindingId, declared: bool, span: Span) -> ExprKind {
        let binding = self.binding(id);
        match (&binding.place, &binding.info) {
            (Place::Builtin(index), _) => ExprKind::Builtin(*index),
            (Place::Const(value), _) => ExprKind::Const(value.clone()),
            (Place::Module(module), _) => ExprKind::Module(*module),
            (Place::StdModule(index), _) => ExprKind::StdModule(*index),
            (Place::None, info) => {
                if !matches!(info, Info::Broken) {
                    let message = format!("'{}' is no value", self.names.str(binding.name));
                    self.report(Code::E0301, span, message);
                }
                null()
            }
            (_, Info::Inject(ty)) => {
                let (name, ty) = (self.text(binding.name), ty.clone());
                let ty = ty.map(|ty| self.type_ref(&ty, span));
                let var = self.var(id, declared);
                ExprKind::Injected(Box::new(Injected { var, name, ty }))
            }
            _ => {
                self.note_read(WatchKey::Binding(id));
                ExprKind::Var(self.var(id, declared))
            }
        }
    }

    /// A watch that is being lowered looks at this variable.
    pub fn note_read(&mut self, key: WatchKey) {
        if let Some(reads) = &mut self.reads {
            reads.push(key);
        }
    }

    /// The statement that is being lowered changes this variable.
    pub fn note_change(&mut self, key: WatchKey) {
        if self.current.watches {
            self.changed.push(key);
        }
    }

    /// The numbers that the watches know variables by, each once.
    pub fn watched(&mut self, keys: &[WatchKey]) -> Vec<WatchedId> {
        let mut seen = rustc_hash::FxHashSet::default();
        let mut list = Vec::new();
        for key in keys {
            let next = u32::try_from(self.watch_ids.len()).unwrap_or(u32::MAX);
            let id = WatchedId(*self.watch_ids.entry(*key).or_insert(next));
            if seen.insert(id) {
                list.push(id);
            }
        }
        list
    }

    /// What a call of a builtin of language.md 18.7 gives that only asks where it stands.
    pub fn program_fact(&self, builtin: &str) -> Option<Const> {
        Some(match builtin {
            "is_main" | "isMain" => Const::Bool(&*self.current.name == "__main__"),
            "get_module_name" | "getModuleName" => Const::Str(self.current.name.clone()),
            "get_module_path" | "getModulePath" => Const::Str(self.current.path.clone()),
            _ => return None,
        })
    }

    /// Names that are there without a declaration (language.md 12.6, 15.10).
    fn special_name(&mut self, sym: Sym, span: Span) -> Option<ExprKind> {
        if sym == self.known.tx || sym == self.known.msg {
            let builtin = *self.builtins.get(&self.names.find("tx")?)?;
            return Some(ExprKind::CallBuiltin { builtin, args: Args { list: Box::default(), plain: true } });
        }
        if sym == self.known.own || sym == self.known.parent {
            self.no_this(self.names.text(sym).as_ref(), span);
            return Some(null());
        }
        let text = |name: &Name| ExprKind::Const(Const::Str(name.clone()));
        Some(match self.names.str(sym) {
            "__MODULE__" => text(&self.current.name),
            "__FILE__" | "__file__" => text(&self.current.path),
            "__DIR__" => {
                let path = &self.current.path;
                text(&path.rsplit_once('/').map_or(".", |(directory, _)| directory).into())
            }
            "__PACKAGE__" => self.current.package.as_ref().map_or_else(null, text),
            "__ARGS__" | "__ARGV__" => ExprKind::Args,
            _ => return None,
        })
    }

    /// E0314.
    pub fn no_this(&mut self, word: &str, span: Span) {
        self.report(Code::E0314, span, format!("`{word}` outside a method or action"));
    }

    /// A name that nothing declares: E0220 and E0606 for calls, else E0301; in the REPL, or if the host may give it, a global that may
    /// come.
    pub fn undefined(&mut self, name: &ast::Name, called: bool) -> ExprKind {
        let text: &str = &name.text;
        if text.is_empty() || self.is_excused(text) {
            return null();
        }
        if called && let Some(row) = ForeignWord::find(text) {
            self.report_help(Code::E0220, name.span, ForeignWord::message(text), row.alternative);
            return null();
        }
        if called && let Some(module) = self.host_module_of(text) {
            self.report(Code::E0606, name.span, host_module_message(module));
            return null();
        }
        if let Some(id) = self.given_variable(name) {
            return self.read(id, true, name.span);
        }
        if self.repl && !self.reports.mute_names {
            self.unknown_global(name, false);
            return ExprKind::Var(Var::Global(self.last_global()));
        }
        let mut diagnostic =
            self.diagnostic(Code::E0301, name.span, format!("Identifier '{text}' not found"));
        if let Some(near) = self.nearest_name(text) {
            diagnostic = diagnostic.with_help(format!("did you mean `{near}`?"));
        }
        if let Some((file, span)) = self.names.find(text).and_then(|sym| self.ended.get(&sym)) {
            diagnostic = diagnostic
                .with_label(*file, *span, "declared here")
                .with_note(format!("a block that has ended declared '{text}'; a name ends with its block"));
        }
        self.reports.add(diagnostic);
        null()
    }

    /// Whether a name may come from something that is broken, so that nothing is said about it.
    pub fn is_excused(&self, text: &str) -> bool {
        self.current.broken_import || self.current.broken_words.contains(text)
    }

    fn host_module_of(&self, text: &str) -> Option<&'static str> {
        self.externs.host_modules.iter().copied().find(|module| {
            text.strip_prefix(module)
                .and_then(|rest| rest.chars().next())
                .is_some_and(|c| c == '_' || c.is_uppercase())
        })
    }

    /// A variable of the top level that nothing declares, if the host may give it. From here on it is declared.
    pub fn given_variable(&mut self, name: &ast::Name) -> Option<BindingId> {
        let given = self.externs.variables.iter().any(|variable| *variable == *name.text);
        (given && !self.reports.mute_names).then(|| self.unknown_global(name, true))
    }

    fn unknown_global(&mut self, name: &ast::Name, declared: bool) -> BindingId {
        let sym = self.names.sym(&name.text);
        let id = self.fixed(sym, name.span, Place::None, Info::None);
        self.program.globals.push(Global { name: self.text(sym), unknown: true });
        let global = self.last_global();
        let binding = self.binding_mut(id);
        binding.place = Place::Global(global);
        binding.kind = Kind::Let;
        let scope = 0;
        self.entries(sym).insert(0, Entry { scope, binding: id, declared, imported: false });
        if let Some(top) = self.scopes.first_mut() {
            top.syms.push(sym);
        }
        id
    }

    fn last_global(&self) -> GlobalId {
        GlobalId(u32::try_from(self.program.globals.len().saturating_sub(1)).unwrap_or(u32::MAX))
    }

    /// The nearest spelling among everything in sight.
    pub fn nearest_name(&self, text: &str) -> Option<Name> {
        if !self.reports.has_room() || self.reports.mute_names {
            return None;
        }
        let in_sight = (0..self.table.len())
            .filter(|index| self.table.get(*index).is_some_and(|entries| entries.iter().any(|e| e.declared)))
            .map(|index| Sym(u32::try_from(index).unwrap_or(0)));
        let mut members = Vec::new();
        let mut ty = self.fns.last().and_then(|f| f.this).map(|this| this.ty);
        while let Some(id) = ty {
            let info = self.type_info(id);
            members.extend(info.members.iter().map(|(sym, member)| (member.index, *sym)));
            ty = info.parent;
        }
        members.sort_unstable_by_key(|(index, sym)| (*index, sym.0));
        let builtins = {
            let mut list: Vec<Sym> = self.builtins.keys().copied().collect();
            list.sort_unstable();
            list
        };
        let all = in_sight.chain(members.into_iter().map(|(_, sym)| sym)).chain(builtins);
        nearest(text, all.map(|sym| self.names.str(sym))).map(Name::from)
    }
}

/// The wording of E0606.
pub(crate) fn host_module_message(module: &str) -> String {
    format!("'{module}' is a host module; register it with the host or use external action")
}

/// What stands for an expression that was reported.
pub(crate) fn null() -> ExprKind {
    ExprKind::Const(Const::Null)
}
