//! Type annotations (language.md chapter 7).

use std::sync::Arc;

use zexus_bytecode::prim::Prim;
use zexus_syntax::{Code, Span, ast};

use super::{Lowerer, expr_at};
use crate::binding::*;
use crate::ir::*;
use crate::suggest::nearest;

/// Aliases may not make a type larger or deeper than this (E0218).
const MAX_TYPE_SIZE: usize = 2_000;
const MAX_TYPE_HEIGHT: usize = 200;
const MAX_ALIAS_DEPTH: u32 = 100;
/// All uses of aliases together may have this many parts (E0218).
const MAX_ALIAS_NODES: usize = 2_000_000;

impl Lowerer<'_> {
    /// A type for use in the function that is lowered, if it is written.
    pub fn opt_type(&mut self, ty: Option<&ast::Type>) -> Option<Box<TypeRef>> {
        ty.map(|ty| self.type_of(ty, ty.span))
    }

    /// A type for use in the function that is lowered.
    pub fn type_of(&mut self, ty: &ast::Type, span: Span) -> Box<TypeRef> {
        let decl = self.decl_type(ty);
        self.type_ref(&decl, span)
    }

    /// A type with its names resolved.
    pub fn decl_type(&mut self, ty: &ast::Type) -> Arc<DeclType> {
        let text = match &ty.kind {
            ast::TypeKind::Named { path, args } if path.len() == 1 && args.is_empty() => self.word(&path[0]),
            _ => {
                let mut text = String::new();
                write_type(&mut text, ty);
                text.into()
            }
        };
        let kind = self.resolve_type(ty);
        Arc::new(DeclType { text, kind })
    }

    /// A resolved type for use in the function that is lowered.
    pub fn type_ref(&mut self, ty: &DeclType, span: Span) -> Box<TypeRef> {
        Box::new(TypeRef { text: ty.text.clone(), kind: self.type_kind(&ty.kind, span) })
    }

    fn type_kind(&mut self, kind: &DeclTypeKind, span: Span) -> TypeKind {
        match kind {
            DeclTypeKind::Prim(prim) => TypeKind::Prim(*prim),
            DeclTypeKind::Param(index) => TypeKind::Param(*index),
            DeclTypeKind::Optional(inner) => TypeKind::Optional(Box::new(self.type_kind(inner, span))),
            DeclTypeKind::Record(fields) => TypeKind::Record(
                fields.iter().map(|(name, kind)| (name.clone(), self.type_kind(kind, span))).collect(),
            ),
            DeclTypeKind::Named(id) => {
                self.note_need(*id);
                let kind = self.read(*id, true, span);
                TypeKind::Named(Arc::new(expr_at(kind, span)))
            }
            DeclTypeKind::Path(id, members) => {
                self.note_need(*id);
                let base = Box::new(expr_at(self.read(*id, true, span), span));
                let links = members
                    .iter()
                    .map(|name| Link { kind: LinkKind::Member(name.clone()), optional: false, span })
                    .collect();
                TypeKind::Named(Arc::new(expr_at(ExprKind::Chain { base, links }, span)))
            }
        }
    }

    fn resolve_type(&mut self, ty: &ast::Type) -> DeclTypeKind {
        match &ty.kind {
            ast::TypeKind::Error => DeclTypeKind::Prim(Prim::Any),
            ast::TypeKind::List(item) => {
                self.resolve_type(item);
                DeclTypeKind::Prim(Prim::List)
            }
            ast::TypeKind::Optional(inner) => match self.resolve_type(inner) {
                optional @ DeclTypeKind::Optional(_) => optional,
                kind => DeclTypeKind::Optional(Box::new(kind)),
            },
            ast::TypeKind::Record(fields) => self.resolve_record(fields, ty.span),
            ast::TypeKind::Named { path, args } => {
                for arg in args {
                    self.resolve_type(arg);
                }
                self.resolve_path(path, ty.span)
            }
        }
    }

    fn resolve_record(&mut self, fields: &[ast::RecordField], span: Span) -> DeclTypeKind {
        let mut list: Vec<(Name, DeclTypeKind)> = Vec::with_capacity(fields.len());
        let mut seen = rustc_hash::FxHashSet::default();
        for field in fields {
            if !seen.insert(field.key.text.as_str()) {
                self.twice("key", &field.key);
            }
            let kind = self.resolve_type(&field.ty);
            list.push((self.word(&field.key), kind));
        }
        let kind = DeclTypeKind::Record(list);
        let (size, height) = kind.measure();
        if size > MAX_TYPE_SIZE || height > MAX_TYPE_HEIGHT {
            self.report(Code::E0218, span, "this type is nested too deeply");
            return DeclTypeKind::Prim(Prim::Any);
        }
        kind
    }

    fn resolve_path(&mut self, path: &[ast::Name], span: Span) -> DeclTypeKind {
        let Some((first, rest)) = path.split_first() else { return DeclTypeKind::Prim(Prim::Any) };
        let sym = self.names.sym(&first.text);
        if rest.is_empty()
            && let Some(index) = self.type_params.iter().position(|param| *param == sym)
        {
            return DeclTypeKind::Param(u16::try_from(index).unwrap_or(u16::MAX));
        }
        let found = if rest.is_empty() {
            self.declared_as(sym, |info| {
                matches!(info, Info::Type(_) | Info::Enum(_) | Info::Alias(_) | Info::Broken)
            })
        } else {
            self.declared_as(sym, |info| matches!(info, Info::Mod(_) | Info::Broken))
        };
        match found {
            Some(id) if rest.is_empty() => self.type_binding(id),
            Some(id) => self.resolve_member_type(id, rest, span),
            None => {
                if rest.is_empty()
                    && let Some(prim) = Prim::from_name(&first.text)
                {
                    return DeclTypeKind::Prim(prim);
                }
                self.unknown_type(path, span)
            }
        }
    }

    fn type_binding(&mut self, id: BindingId) -> DeclTypeKind {
        match self.binding(id).info {
            Info::Alias(alias) => self.resolve_alias(alias),
            Info::Broken => DeclTypeKind::Prim(Prim::Any),
            _ => DeclTypeKind::Named(id),
        }
    }

    fn resolve_member_type(&mut self, id: BindingId, rest: &[ast::Name], span: Span) -> DeclTypeKind {
        let mut info = self.binding(id).info.clone();
        for (index, name) in rest.iter().enumerate() {
            let Info::Mod(module) = info else { break };
            let sym = self.names.sym(&name.text);
            let exports = &self.mods[module.0 as usize];
            match exports.exports.get(&sym).map(|export| export.what) {
                Some(Exported::Mod(inner)) => info = Info::Mod(inner),
                Some(Exported::Binding(target)) => {
                    info = self.binding(target).info.clone();
                    let is_type = matches!(info, Info::Type(_) | Info::Enum(_) | Info::Alias(_));
                    if is_type && index + 1 == rest.len() {
                        return self.type_binding(target);
                    }
                }
                None if exports.closed => break,
                None => {
                    return DeclTypeKind::Path(id, rest.iter().map(|name| self.word(name)).collect());
                }
            }
        }
        if matches!(info, Info::Broken) {
            return DeclTypeKind::Prim(Prim::Any);
        }
        self.unknown_type(rest, span)
    }

    /// W0901: accepts everything.
    fn unknown_type(&mut self, path: &[ast::Name], span: Span) -> DeclTypeKind {
        let text = path.iter().map(|name| &*name.text).collect::<Vec<_>>().join(".");
        if !text.is_empty() && !self.is_excused(&text) {
            let mut diagnostic =
                self.diagnostic(Code::W0901, span, format!("unknown type '{text}' accepts everything"));
            let near = nearest(&text, Prim::NAMES.iter().copied()).map(Name::from);
            if let Some(near) = near.or_else(|| self.nearest_name(&text)) {
                diagnostic = diagnostic.with_help(format!("did you mean `{near}`?"));
            }
            self.reports.add(diagnostic);
        }
        DeclTypeKind::Prim(Prim::Any)
    }

    /// What an alias stands for; its names are those of its own scope.
    pub fn resolve_alias(&mut self, id: AliasId) -> DeclTypeKind {
        let alias = &mut self.aliases[id.0 as usize];
        match &alias.state {
            AliasState::Done(kind, size) => {
                // Each use is a copy, so many uses of large aliases are refused.
                self.alias_nodes = self.alias_nodes.saturating_add(*size);
                if self.alias_nodes > MAX_ALIAS_NODES {
                    let span = alias.ty.span;
                    self.report(Code::E0218, span, "the uses of this type are too many");
                    return DeclTypeKind::Prim(Prim::Any);
                }
                return kind.clone();
            }
            AliasState::Resolving => return DeclTypeKind::Prim(Prim::Any),
            AliasState::Unresolved => {}
        }
        alias.state = AliasState::Resolving;
        let (ty, depth) = (alias.ty.clone(), alias.depth);
        let kind = if self.alias_depth >= MAX_ALIAS_DEPTH {
            self.report(Code::E0218, ty.span, "this type is nested too deeply");
            DeclTypeKind::Prim(Prim::Any)
        } else {
            self.alias_depth += 1;
            let limit = self.type_limit.replace(depth);
            let kind = self.resolve_type(&ty);
            self.type_limit = limit;
            self.alias_depth -= 1;
            kind
        };
        self.aliases[id.0 as usize].state = AliasState::Done(kind.clone(), kind.measure().0);
        kind
    }
}

/// The type as it is written, with one way of spacing.
fn write_type(out: &mut String, ty: &ast::Type) {
    match &ty.kind {
        ast::TypeKind::Error => out.push('?'),
        ast::TypeKind::List(item) => {
            write_type(out, item);
            out.push_str("[]");
        }
        ast::TypeKind::Optional(inner) => {
            write_type(out, inner);
            out.push('?');
        }
        ast::TypeKind::Record(fields) => {
            out.push('{');
            for (index, field) in fields.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                out.push_str(&field.key.text);
                out.push_str(": ");
                write_type(out, &field.ty);
            }
            out.push('}');
        }
        ast::TypeKind::Named { path, args } => {
            for (index, name) in path.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "." });
                out.push_str(&name.text);
            }
            if !args.is_empty() {
                out.push('<');
                for (index, arg) in args.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { ", " });
                    write_type(out, arg);
                }
                out.push('>');
            }
        }
    }
}
