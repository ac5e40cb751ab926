//! Chains: a base with members, calls, indexes and slices.
//!
//! What is known of the base decides the first links: members of modules become the variables themselves, bare members
//! become members of `this`. All other links are kept.

use zexus_syntax::{Code, Span, ast};

use super::names::null;
use super::{Lowerer, WatchKey, expr_at};
use crate::binding::*;
use crate::ir::*;
use crate::names::Sym;
use crate::scope::Meaning;
use crate::suggest::nearest;

/// Methods that change their receiver (language.md chapter 19).
const MUTATING: &[&str] =
    &["push", "append", "insert", "pop", "remove_at", "removeAt", "remove", "clear", "set", "delete"];

/// The members of `TX` with the spelling that the core language uses (language.md 15.10).
const TX_MEMBERS: &[(&str, &str)] = &[
    ("caller", "caller"),
    ("sender", "caller"),
    ("origin", "origin"),
    ("value", "value"),
    ("timestamp", "timestamp"),
    ("height", "height"),
    ("block_hash", "block_hash"),
    ("id", "id"),
    ("gas_used", "gas_used"),
    ("gas_remaining", "gas_remaining"),
    ("gas_limit", "gas_limit"),
];

const GAS_MEMBERS: &[&str] = &["used", "remaining", "limit"];

/// The part of a chain that is done.
pub(crate) struct Start {
    expr: Expr,
    /// How many links it took.
    taken: usize,
    /// The variable that it is, for what changes it in place.
    root: Option<WatchKey>,
    ledger: bool,
}

impl Start {
    fn new(kind: ExprKind, span: Span, taken: usize) -> Start {
        Start { expr: expr_at(kind, span), taken, root: None, ledger: false }
    }
}

impl Lowerer<'_> {
    /// A chain with only its first `count` links.
    pub fn chain(&mut self, chain: &ast::Chain, count: usize) -> Expr {
        self.chain_with_root(chain, count).0
    }

    /// A chain with the variable that it begins at, if only members and indexes follow it.
    pub fn chain_with_root(&mut self, chain: &ast::Chain, count: usize) -> (Expr, Option<WatchKey>, bool) {
        let links = chain.links.get(..count).unwrap_or(&chain.links);
        let start = self.start(&chain.base, links);
        self.links(start, links)
    }

    fn start(&mut self, base: &ast::Expr, links: &[ast::Link]) -> Start {
        match &base.kind {
            ast::ExprKind::Name(name) => return self.start_name(name, links),
            ast::ExprKind::Print => {
                if let Some((args, span)) = call_link(links, 0) {
                    let name = ast::Name { text: "print".into(), span: base.span };
                    let kind = match self.builtin_of("print") {
                        Some(index) => self.builtin_call(index, &name, args),
                        None => self.undefined(&name, true),
                    };
                    return Start::new(kind, base.span.to(span), 1);
                }
            }
            _ => {}
        }
        let expr = self.expr(base);
        self.called(expr, base.span, links, 0)
    }

    /// A call right after a base becomes a call of it.
    fn called(&mut self, expr: Expr, span: Span, links: &[ast::Link], taken: usize) -> Start {
        let Some((args, end)) = call_link(links, taken) else {
            return Start { expr, taken, root: None, ledger: false };
        };
        let args = self.args(args);
        Start::new(ExprKind::Call { callee: Box::new(expr), args }, span.to(end), taken + 1)
    }

    fn start_name(&mut self, name: &ast::Name, links: &[ast::Link]) -> Start {
        let sym = self.names.sym(&name.text);
        match self.meaning(sym) {
            Meaning::Entry(entry) => self.start_binding(entry.binding, entry.declared, name, links, 0),
            Meaning::Member(ty, member) => self.start_member(ty, member, sym, name.span, links),
            Meaning::This => Start::new(ExprKind::This, name.span, 0),
            Meaning::Super => self.start_super(name.span, links),
            Meaning::Builtin(index) => self.start_builtin(index, sym, name, links),
            Meaning::Unknown => self.start_unknown(sym, name, links),
        }
    }

    fn start_member(
        &mut self,
        ty: TypeId,
        member: Member,
        sym: Sym,
        span: Span,
        links: &[ast::Link],
    ) -> Start {
        if let Some((args, end)) = call_link(links, 0) {
            let method = LinkKind::Method { name: self.text(sym), args: self.args(args), internal: true };
            let span = span.to(end);
            return Start::new(this_link(method, span), span, 1);
        }
        self.note_read(WatchKey::Member(ty, sym));
        let mut start = Start::new(self.own_member(sym, span), span, 0);
        start.root = Some(WatchKey::Member(ty, sym));
        start.ledger = member.kind == MemberKind::Ledger;
        start
    }

    fn start_super(&mut self, span: Span, links: &[ast::Link]) -> Start {
        if let Some((name, _)) = member_link(links, 0)
            && let Some((args, end)) = call_link(links, 1)
        {
            let orphan = self.fns.last().and_then(|f| f.this).is_some_and(|this| {
                let info = self.type_info(this.ty);
                info.parent.is_none() && !info.broken
            });
            if orphan {
                self.report(Code::E0314, span, "`super` in a type that extends nothing");
            }
            let args = self.args(args);
            return Start::new(
                ExprKind::Super { name: self.word(name), args: Box::new(args) },
                span.to(end),
                2,
            );
        }
        self.report_help(Code::E0314, span, "`super` is no value", "call an inherited method: `super.m()`");
        Start::new(null(), span, links.len())
    }

    fn start_builtin(&mut self, index: u32, sym: Sym, name: &ast::Name, links: &[ast::Link]) -> Start {
        if let Some((args, end)) = call_link(links, 0) {
            return Start::new(self.builtin_call(index, name, args), name.span.to(end), 1);
        }
        if sym == self.known.gas
            && let Some((member, span)) = member_link(links, 0)
        {
            return self.gas_member(member, name.span.to(span));
        }
        Start::new(ExprKind::Builtin(index), name.span, 0)
    }

    fn gas_member(&mut self, member: &ast::Name, span: Span) -> Start {
        if !GAS_MEMBERS.contains(&member.text.as_str()) {
            self.no_member(Code::E0311, member, "gas", GAS_MEMBERS.iter().copied());
            return Start::new(null(), span, 1);
        }
        Start::new(ExprKind::GasMember(self.word(member)), span, 1)
    }

    fn no_member<'s>(
        &mut self,
        code: Code,
        member: &ast::Name,
        of: &str,
        all: impl Iterator<Item = &'s str>,
    ) {
        let near = nearest(&member.text, all).map(|near| format!("did you mean `{near}`?"));
        let mut diagnostic =
            self.diagnostic(code, member.span, format!("{of} has no member '{}'", member.text));
        diagnostic.help = near;
        self.reports.add(diagnostic);
    }

    fn start_unknown(&mut self, sym: Sym, name: &ast::Name, links: &[ast::Link]) -> Start {
        if (sym == self.known.tx || sym == self.known.msg)
            && let Some((member, end)) = member_link(links, 0)
        {
            let span = name.span.to(end);
            let found = TX_MEMBERS.iter().find(|(word, _)| *word == member.text.as_str());
            let Some((_, word)) = found else {
                self.no_member(Code::E0311, member, &name.text, TX_MEMBERS.iter().map(|(word, _)| *word));
                return Start::new(null(), span, 1);
            };
            return Start::new(ExprKind::TxMember((*word).into()), span, 1);
        }
        if sym == self.known.gas
            && let Some((member, end)) = member_link(links, 0)
        {
            return self.gas_member(member, name.span.to(end));
        }
        if sym == self.known.parent {
            self.no_this("super", name.span);
            return Start::new(null(), name.span, 0);
        }
        if let Some((args, end)) = call_link(links, 0) {
            if let Some(this) = self.fns.last().and_then(|f| f.this)
                && self.is_builtin_method(this.ty, &name.text)
            {
                let method = LinkKind::Method { name: self.text(sym), args: self.args(args), internal: true };
                return Start::new(this_link(method, name.span.to(end)), name.span.to(end), 1);
            }
            let kind = self.undefined(name, true);
            return self.called(expr_at(kind, name.span), name.span, links, 0);
        }
        Start::new(self.name(name), name.span, 0)
    }

    /// Methods that every data and entity has (language.md 11.1).
    fn is_builtin_method(&self, ty: TypeId, name: &str) -> bool {
        matches!(self.type_info(ty).form, Form::Data | Form::Entity)
            && matches!(name, "toString" | "to_string" | "toJSON" | "clone" | "equals" | "verify" | "hash")
    }

    /// A chain that begins at a declared name; `name` is what messages show.
    fn start_binding(
        &mut self,
        id: BindingId,
        declared: bool,
        name: &ast::Name,
        links: &[ast::Link],
        taken: usize,
    ) -> Start {
        match self.binding(id).info {
            Info::Mod(module) if member_link(links, taken).is_some() => {
                return self.start_module(id, declared, module, name, links, taken);
            }
            Info::StdMod(module) if member_link(links, taken).is_some() => {
                return self.start_std(id, module, name, links, taken);
            }
            Info::Enum(id) => self.check_enum_member(id, links, taken),
            _ => {}
        }
        let place = self.binding(id).place.clone();
        if let (Place::Builtin(index), Some((args, end))) = (&place, call_link(links, taken)) {
            return Start::new(self.builtin_call(*index, name, args), name.span.to(end), taken + 1);
        }
        let ledger = matches!(self.binding(id).info, Info::Ledger);
        let value = expr_at(self.read(id, declared, name.span), name.span);
        let mut start = self.called(value, name.span, links, taken);
        if start.taken == taken {
            start.root = Some(WatchKey::Binding(id));
            start.ledger = ledger;
        }
        start
    }

    /// E0311 for `C.Wrong`, unless it is called.
    fn check_enum_member(&mut self, id: EnumId, links: &[ast::Link], taken: usize) {
        let Some((member, _)) = member_link(links, taken) else { return };
        if call_link(links, taken + 1).is_some() {
            return;
        }
        let info = &self.enums[id.0 as usize];
        if self.names.find(&member.text).is_some_and(|sym| info.index.contains_key(&sym)) {
            return;
        }
        let of = info.name.map_or_else(|| "enum".into(), |sym| self.text(sym));
        let members: Vec<Name> = info.members.iter().map(|sym| self.text(*sym)).collect();
        self.no_member(Code::E0311, member, &of, members.iter().map(|name| name.as_ref()));
    }

    fn start_module(
        &mut self,
        id: BindingId,
        declared: bool,
        module: ModId,
        name: &ast::Name,
        links: &[ast::Link],
        taken: usize,
    ) -> Start {
        let mut module = module;
        let mut taken = taken;
        let first = taken;
        while let Some((member, _)) = member_link(links, taken) {
            let sym = self.names.sym(&member.text);
            let info = &self.mods[module.0 as usize];
            let found = info.exports.get(&sym).map(|export| export.what);
            match found {
                Some(Exported::Binding(target)) => {
                    self.check_permitted(module, sym, member.span);
                    let member = ast::Name { text: member.text.clone(), span: name.span.to(member.span) };
                    return self.start_binding(target, true, &member, links, taken + 1);
                }
                Some(Exported::Mod(inner)) => {
                    module = inner;
                    taken += 1;
                }
                None if info.closed && !info.broken => {
                    self.not_exported(module, member);
                    return Start::new(null(), name.span, links.len());
                }
                None => {
                    // The next entry of the REPL may add it, so that it is looked up when it is read.
                    if !info.broken && !self.repl {
                        self.awaited.push((module, member.clone()));
                    }
                    break;
                }
            }
        }
        // The module value itself, or a member that may be added later.
        let value = expr_at(self.read(id, declared, name.span), name.span);
        let mut members = Vec::new();
        for link in links.get(first..taken).unwrap_or(&[]) {
            if let ast::LinkKind::Member(member) = &link.kind {
                let kind = LinkKind::Member(self.word(member));
                members.push(Link { kind, optional: false, span: link.span });
            }
        }
        if members.is_empty() {
            return Start::new(value.kind, name.span, taken);
        }
        Start::new(ExprKind::Chain { base: Box::new(value), links: members }, name.span, taken)
    }

    fn start_std(
        &mut self,
        id: BindingId,
        module: u32,
        name: &ast::Name,
        links: &[ast::Link],
        taken: usize,
    ) -> Start {
        if let Some((member, _)) = member_link(links, taken) {
            let sym = self.names.sym(&member.text);
            if let Some(target) = self.std_binding(module, sym) {
                let member = ast::Name { text: member.text.clone(), span: name.span.to(member.span) };
                return self.start_binding(target, true, &member, links, taken + 1);
            }
            self.not_exported_std(module, member);
            return Start::new(null(), name.span, links.len());
        }
        Start::new(self.read(id, true, name.span), name.span, taken)
    }

    /// The links after what the start took. The last part of the result tells whether the root is still reached.
    fn links(&mut self, start: Start, links: &[ast::Link]) -> (Expr, Option<WatchKey>, bool) {
        let Start { expr, taken, mut root, mut ledger } = start;
        let span = expr.span;
        let mut rest = links.get(taken..).unwrap_or(&[]);
        if rest.is_empty() {
            return (expr, root, ledger);
        }
        let (base, mut out) = match expr.kind {
            ExprKind::Chain { base, links } => (*base, links),
            kind => (expr_at(kind, span), Vec::with_capacity(steps(rest))),
        };
        let mut end = span;
        while let Some((link, after)) = rest.split_first() {
            rest = after;
            end = link.span;
            let mut span = link.span;
            let kind = match &link.kind {
                ast::LinkKind::Member(name) => match rest.split_first() {
                    Some((ast::Link { kind: ast::LinkKind::Call(args), span: call, .. }, after)) => {
                        rest = after;
                        end = *call;
                        span = span.to(end);
                        let internal = out.is_empty() && matches!(base.kind, ExprKind::This);
                        if MUTATING.contains(&name.text.as_str()) {
                            self.changes_in_place(root, ledger, name);
                        }
                        root = None;
                        ledger = false;
                        LinkKind::Method { name: self.word(name), args: self.args(args), internal }
                    }
                    _ => {
                        if out.is_empty() && matches!(base.kind, ExprKind::This) {
                            (root, ledger) = self.member_root(name);
                        }
                        LinkKind::Member(self.word(name))
                    }
                },
                ast::LinkKind::Index(index) => LinkKind::Index(self.expr(index)),
                ast::LinkKind::Slice(from, to) => {
                    root = None;
                    ledger = false;
                    let from = from.as_ref().map(|e| Box::new(self.expr(e)));
                    LinkKind::Slice(from, to.as_ref().map(|e| Box::new(self.expr(e))))
                }
                ast::LinkKind::Call(args) => {
                    root = None;
                    ledger = false;
                    LinkKind::Call(self.args(args))
                }
            };
            out.push(Link { kind, optional: link.optional, span });
        }
        let whole = span.to(end);
        (expr_at(ExprKind::Chain { base: Box::new(base), links: out }, whole), root, ledger)
    }

    /// `this.x` as a variable of the watches.
    fn member_root(&mut self, name: &ast::Name) -> (Option<WatchKey>, bool) {
        let sym = self.names.sym(&name.text);
        let found = self.fns.last().and_then(|f| f.this).and_then(|this| self.find_member(this.ty, sym));
        let Some((ty, member)) = found else { return (None, false) };
        self.note_read(WatchKey::Member(ty, sym));
        (Some(WatchKey::Member(ty, sym)), member.kind == MemberKind::Ledger)
    }

    fn changes_in_place(&mut self, root: Option<WatchKey>, ledger: bool, method: &ast::Name) {
        if let Some(root) = root {
            self.note_change(root);
        }
        if ledger {
            self.report_help(
                Code::E0514,
                method.span,
                format!("a ledger variable cannot be changed in place by '{}'", method.text),
                "assign a new value: `x = x + [v]`, `x[\"k\"] = v`",
            );
        }
    }

    /// A path of names as a value, for patterns and constructors.
    pub fn path(&mut self, path: &[ast::Name]) -> Expr {
        let Some((first, rest)) = path.split_first() else { return expr_at(null(), Span::default()) };
        let links: Vec<ast::Link> = rest
            .iter()
            .map(|name| ast::Link {
                kind: ast::LinkKind::Member(name.clone()),
                optional: false,
                span: name.span,
            })
            .collect();
        let start = self.start_name(first, &links);
        self.links(start, &links).0
    }
}

/// How many steps links become: a member and its call are one.
fn steps(links: &[ast::Link]) -> usize {
    let is_method = |pair: &[ast::Link]| {
        matches!(
            pair,
            [
                ast::Link { kind: ast::LinkKind::Member(_), .. },
                ast::Link { kind: ast::LinkKind::Call(_), .. }
            ]
        )
    };
    links.len() - links.windows(2).filter(|pair| is_method(pair)).count()
}

fn this_link(kind: LinkKind, span: Span) -> ExprKind {
    let base = Box::new(expr_at(ExprKind::This, span));
    ExprKind::Chain { base, links: vec![Link { kind, optional: false, span }] }
}

/// The arguments and place of the link, if it is a call.
fn call_link(links: &[ast::Link], index: usize) -> Option<(&[ast::Arg], Span)> {
    match links.get(index) {
        Some(ast::Link { kind: ast::LinkKind::Call(args), span, .. }) => Some((args, *span)),
        _ => None,
    }
}

/// The name and place of the link, if it is a member.
fn member_link(links: &[ast::Link], index: usize) -> Option<(&ast::Name, Span)> {
    match links.get(index) {
        Some(ast::Link { kind: ast::LinkKind::Member(name), span, .. }) => Some((name, *span)),
        _ => None,
    }
}
