//! What can be said of statements from their form alone: without effect (W0902), never passed (W0906).

use zexus_syntax::ast::*;

/// Whether evaluating does nothing but give a value, or an error for operands of the wrong kind.
pub(crate) fn effect_free(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Literal(_) | ExprKind::This | ExprKind::Print | ExprKind::Lambda(_) => true,
        // The place of the rest of an action in a modifier.
        ExprKind::Name(name) => &*name.text != "_",
        ExprKind::Template(parts) => parts.iter().all(|part| match part {
            TemplatePart::Text(_) => true,
            TemplatePart::Hole(e) => effect_free(e),
        }),
        ExprKind::Paren(e) => effect_free(e),
        ExprKind::List(list) => list.iter().all(effect_free),
        ExprKind::Map(items) => items.iter().all(|item| match item {
            MapItem::Pair { key, value } => {
                !matches!(key, MapKey::Template(_) | MapKey::Computed(..)) && effect_free(value)
            }
            MapItem::Short(_) => true,
        }),
        ExprKind::Unary(u) => matches!(u.op, UnaryOp::Neg | UnaryOp::Not) && effect_free(&u.operand),
        ExprKind::Binary(b) => effect_free(&b.first) && b.rest.iter().all(|step| effect_free(&step.right)),
        ExprKind::Range(r) => effect_free(&r.start) && effect_free(&r.end),
        ExprKind::Conditional(c) => {
            effect_free(&c.condition) && effect_free(&c.then) && effect_free(&c.otherwise)
        }
        ExprKind::Chain(c) => {
            effect_free(&c.base)
                && c.links.iter().all(|link| match &link.kind {
                    LinkKind::Member(_) => true,
                    LinkKind::Index(e) => effect_free(e),
                    LinkKind::Slice(..) | LinkKind::Call(_) => false,
                })
        }
        ExprKind::Error | ExprKind::Constructor(_) | ExprKind::Match(_) | ExprKind::Sandbox(_) => false,
    }
}

/// Whether what follows the statement in its block can never be reached.
pub(crate) fn diverges(stmt: &Stmt) -> bool {
    match &stmt.kind {
        StmtKind::Return(_)
        | StmtKind::Break
        | StmtKind::Continue
        | StmtKind::Throw(_)
        | StmtKind::Revert(_) => true,
        StmtKind::If(i) => {
            i.otherwise.as_ref().is_some_and(ends) && i.branches.iter().all(|branch| ends(&branch.body))
        }
        StmtKind::Block(b) | StmtKind::Tx(b) | StmtKind::Atomic(b) => ends(b),
        StmtKind::Try(t) => {
            t.finally.as_ref().is_some_and(ends) || (ends(&t.body) && t.catches.iter().all(|c| ends(&c.body)))
        }
        _ => false,
    }
}

fn ends(block: &Block) -> bool {
    block.stmts.iter().any(diverges)
}
