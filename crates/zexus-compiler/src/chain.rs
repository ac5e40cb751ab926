//! Chains: a base and the members, indexes and calls that follow it (bytecode.md 7.3).

use zexus_bytecode::{Label, Opcode, Support};
use zexus_hir::ir::{Const, Expr, ExprKind, Link, LinkKind, StateKind, Var};

use crate::expr::opcode_gives_integer;
use crate::function::FnCompiler;

impl<'p> FnCompiler<'_, 'p> {
    /// A chain: `a?.b.c` is `a, JUMP_IF_NULL E, GET_ATTR b, GET_ATTR c, E:`
    pub fn chain(&mut self, base: &'p Expr, links: &'p [Link]) {
        let end = self.b.label();
        self.links(base, links, end);
        self.b.mark(end);
    }

    /// The value of a base with links; goes to `end` with null on the stack where the rest is skipped.
    pub fn links(&mut self, base: &'p Expr, links: &'p [Link], end: Label) {
        let mut rest = links;
        match (&base.kind, links) {
            (ExprKind::Var(Var::State(id)), [link, after @ ..])
                if is_history(link) && self.state_kind(*id) == Some(StateKind::Ledger) =>
            {
                let key = self.state_key(*id);
                self.emit(Opcode::LoadConst, key);
                self.at(link.span);
                self.support(Support::History, 1);
                rest = after;
            }
            (ExprKind::This, [Link { kind: LinkKind::Member(name), span, .. }, after @ ..])
                if self.field(name).is_some() =>
            {
                self.at(*span);
                match after.split_first() {
                    Some((link, after)) if is_history(link) && self.field(name) == Some(true) => {
                        self.load_this();
                        self.load_text(name);
                        self.at(*span);
                        self.support(Support::FieldHistory, 2);
                        rest = after;
                    }
                    _ => {
                        self.load_field(name);
                        rest = after;
                    }
                }
            }
            _ => self.expr(base),
        }
        let mut through_this = matches!(base.kind, ExprKind::This) && rest.len() == links.len();
        for link in rest {
            if link.optional {
                self.jump(Opcode::JumpIfNull, end);
            }
            self.link(link, through_this);
            through_this = false;
        }
    }

    /// One link, without the test for null.
    pub fn link(&mut self, link: &'p Link, through_this: bool) {
        match &link.kind {
            LinkKind::Member(name) => {
                self.at(link.span);
                self.member(Opcode::GetAttr, name, through_this, None);
            }
            LinkKind::Index(e) => {
                self.expr(e);
                self.at(link.span);
                self.emit(Opcode::Index, ());
            }
            LinkKind::Slice(a, b) => {
                self.slice_end(a.as_deref());
                self.slice_end(b.as_deref());
                self.at(link.span);
                self.emit(Opcode::Slice, ());
            }
            LinkKind::Call(args) => self.call_value(args, link.span),
            LinkKind::Method { name, args, internal } => self.call_method(name, args, *internal, link.span),
        }
    }

    /// A side of a slice: null leaves it open, so that a null that is written must be refused.
    fn slice_end(&mut self, e: Option<&'p Expr>) {
        self.value_or_null(e);
        if let Some(e) = e
            && !opcode_gives_integer(e)
        {
            self.at(e.span);
            self.support(Support::SliceEnd, 1);
        }
    }

    /// The ledger variable that an object is part of, if it is one: reading it gives a copy, which must be stored again.
    pub fn ledger_of(&self, object: &'p Expr) -> Option<Ledger<'p>> {
        match &object.kind {
            ExprKind::Var(Var::State(id)) if self.state_kind(*id) == Some(StateKind::Ledger) => {
                Some(Ledger { root: Root::Variable(Var::State(*id)), links: &[] })
            }
            ExprKind::Chain { base, links } => match (&base.kind, links.as_slice()) {
                (ExprKind::Var(Var::State(_)), _) => Some(Ledger { links, ..self.ledger_of(base)? }),
                (ExprKind::This, [Link { kind: LinkKind::Member(name), .. }, links @ ..]) => {
                    self.field(name).filter(|keeps| *keeps)?;
                    Some(Ledger { root: Root::Field(name), links })
                }
                _ => None,
            },
            _ => None,
        }
    }
}

fn is_history(link: &Link) -> bool {
    matches!(&link.kind, LinkKind::Method { name, .. } if &**name == "history")
}

/// A place in a ledger variable.
pub(crate) struct Ledger<'p> {
    pub root: Root<'p>,
    pub links: &'p [Link],
}

/// A ledger variable: of a top level, or of the running contract.
#[derive(Clone, Copy)]
pub(crate) enum Root<'p> {
    Variable(Var),
    Field(&'p zexus_hir::ir::Name),
}

/// Whether a literal is an integer.
pub(crate) fn is_integer(c: &Const) -> bool {
    matches!(c, Const::Int(_) | Const::Big(_))
}
