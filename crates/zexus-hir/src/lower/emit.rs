//! `event` and `emit` (language.md 14.1).

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use zexus_syntax::{Code, Span, ast};

use super::Lowerer;
use crate::binding::*;
use crate::ir::*;

impl Lowerer<'_> {
    /// The names and types of the values of an event.
    pub fn event_info(&mut self, decl: &ast::EventDecl) -> EventInfo {
        let mut info = EventInfo::default();
        let mut seen = FxHashSet::default();
        for param in &decl.params {
            let name: Name = self.word(&param.name);
            if !seen.insert(name.clone()) {
                self.twice("parameter", &param.name);
            }
            info.names.push(name);
            let ty = param.ty.as_ref().map(|ty| self.decl_type(ty));
            info.types.push(ty);
        }
        info
    }

    /// The declaration that an event has here: of the contract or its parents, else in sight.
    fn event_of(&self, name: &str) -> Option<EventId> {
        let sym = self.names.find(name)?;
        let mut ty = self.fns.last().and_then(|f| f.this).map(|this| this.ty);
        while let Some(id) = ty {
            let info = self.type_info(id);
            if let Some(event) = info.events.get(&sym) {
                return Some(*event);
            }
            ty = info.parent;
        }
        let found = self.declared_as(sym, |info| matches!(info, Info::Event(_)))?;
        match self.binding(found).info {
            Info::Event(event) => Some(event),
            _ => None,
        }
    }

    pub fn emit_stmt(&mut self, emit: &ast::Emit, span: Span) -> StmtKind {
        let event = self.event_of(&emit.name.text);
        let (args, keys) = match &emit.args {
            ast::EmitArgs::None => (Args { list: Box::default(), plain: true }, Vec::new()),
            ast::EmitArgs::Args(args) => self.emit_args(args),
            ast::EmitArgs::Map(items, _) => self.emit_map(items),
        };
        let info = event.and_then(|id| self.events.get(id.0 as usize)).cloned();
        let mut types = Vec::new();
        let mut names = keys;
        if let Some(info) = info {
            if args.plain && args.list.len() != info.names.len() {
                let arity = Arity { min: info.names.len(), max: Some(info.names.len()) };
                let expects = arity.text().replace("argument", "value");
                let message = format!("{} expects {expects}, got {}", emit.name.text, args.list.len());
                self.report(Code::E0310, emit.name.span, message);
            }
            if names.is_empty() {
                types = info.types.iter().map(|ty| ty.as_ref().map(|ty| self.type_ref(ty, span))).collect();
                names = info.names;
            } else {
                let declared: FxHashMap<&Name, &Option<Arc<DeclType>>> =
                    info.names.iter().zip(&info.types).collect();
                for name in &names {
                    if !declared.contains_key(name) {
                        let message = format!("event {} has no value '{name}'", emit.name.text);
                        let help = format!("it declares {}", info.names.join(", "));
                        self.report_help(Code::E0310, emit.name.span, message, help);
                    }
                    let ty = declared.get(name).and_then(|ty| (*ty).clone());
                    types.push(ty.map(|ty| self.type_ref(&ty, span)));
                }
            }
        }
        StmtKind::Emit(Box::new(Emit { name: self.word(&emit.name), args, names, types }))
    }

    /// Values in parentheses; if all are named they are like a map.
    fn emit_args(&mut self, args: &[ast::Arg]) -> (Args, Vec<Name>) {
        let mut names = Vec::new();
        let mut seen = FxHashSet::default();
        for arg in args {
            if let ast::ArgKind::Named(name) = &arg.kind {
                if !seen.insert(name.text.as_str()) {
                    self.twice("key", name);
                }
                names.push(self.word(name));
            }
        }
        let mut lowered = self.args(args);
        if !names.is_empty() {
            if names.len() < args.len() {
                let span = args.first().map_or_else(Span::default, |arg| arg.span);
                self.report(Code::E0215, span, "either all values of an event are named or none");
            }
            for arg in &mut lowered.list {
                if let Arg::Named(_, value) = arg {
                    let null = super::expr_at(super::names::null(), value.span);
                    *arg = Arg::Value(std::mem::replace(&mut **value, null));
                }
            }
            lowered.plain = true;
        }
        (lowered, names)
    }

    fn emit_map(&mut self, items: &[ast::MapItem]) -> (Args, Vec<Name>) {
        let mut names = Vec::with_capacity(items.len());
        let mut list = Vec::with_capacity(items.len());
        let mut seen: FxHashSet<Name> = FxHashSet::default();
        for item in items {
            let (name, value) = match item {
                ast::MapItem::Short(name) => {
                    let value = super::expr_at(self.name(name), name.span);
                    (name.clone(), value)
                }
                ast::MapItem::Pair { key, value } => (self.emit_key(key, value.span), self.expr(value)),
            };
            let text: Name = self.word(&name);
            if !seen.insert(text.clone()) {
                self.twice("key", &name);
            }
            names.push(text);
            list.push(Arg::Value(value));
        }
        (Args { list: list.into(), plain: true }, names)
    }

    fn emit_key(&mut self, key: &ast::MapKey, span: Span) -> ast::Name {
        match key {
            ast::MapKey::Word(name) => name.clone(),
            ast::MapKey::Literal(ast::Literal::Str(text), span) => {
                ast::Name { text: (&**text).into(), span: *span }
            }
            _ => {
                let span = match key {
                    ast::MapKey::Literal(_, span) | ast::MapKey::Computed(_, span) => *span,
                    _ => span,
                };
                self.report(Code::E0201, span, "the values of an event are named by words or strings");
                ast::Name { text: "".into(), span }
            }
        }
    }
}
