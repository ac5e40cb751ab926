//! Assignments, and expressions as statements.

use super::Parser;
use super::stmt::assign_op;
use crate::ast::{Assign, Expr, ExprKind, LinkKind, StmtKind};
use crate::span::Span;
use zexus_codes::Code;

impl Parser<'_> {
    /// An expression, or an assignment if an operator for that follows.
    pub(super) fn expression_statement(&mut self) -> StmtKind {
        let target = self.unchecked_expression();
        let Some(op) = assign_op(self.kind()) else { return StmtKind::Expr(target) };
        let op_span = self.span();
        let target = self.assignable(target, op_span);
        self.bump();
        let value = self.initializer();
        StmtKind::Assign(Box::new(Assign { target, op, op_span, value }))
    }

    /// Checks that an expression can be assigned to (E0205).
    fn assignable(&mut self, target: Expr, op_span: Span) -> Expr {
        let problem = match &target.kind {
            ExprKind::Name(_) | ExprKind::Error => return target,
            ExprKind::Chain(chain) => match chain.links.last() {
                Some(link) if link.optional => "a place behind `?.` may not exist",
                Some(link) => match link.kind {
                    LinkKind::Member(_) | LinkKind::Index(_) => return target,
                    LinkKind::Call(_) => "the result of a call is no place",
                    LinkKind::Slice(..) => "slices are new lists or strings",
                },
                None => return target,
            },
            ExprKind::Paren(_) => "parentheses make a value of it",
            ExprKind::List(_) | ExprKind::Map(_) => {
                "several variables are declared with `let [a, b] = v`, not assigned"
            }
            ExprKind::This => "`this` always is the instance",
            _ => "only variables, members and items can be assigned",
        };
        let file = self.file;
        self.error_with(Code::E0205, target.span, "this cannot be assigned to", |d| {
            d.with_label(file, op_span, "assigned here").with_note(problem)
        });
        Expr { kind: ExprKind::Error, span: target.span }
    }

    /// E0206 for an assignment that stands where a value is needed; its right side is read and dropped.
    #[cold]
    pub(super) fn assignment_in_expression(&mut self) {
        let op = self.quote(self.span());
        let help = if op == "=" {
            "compare with `==`; write assignments as statements of their own, in braces in the body of a function"
        } else {
            "write assignments as statements of their own, in braces in the body of a function"
        };
        self.error_with(Code::E0206, self.span(), "assignment is a statement, not an expression", |d| {
            d.with_help(help)
        });
        self.bump();
        self.nested(|p| {
            p.expression();
        });
    }
}
