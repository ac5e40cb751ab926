//! Walks over the core language to change places, variables and how declarations store values.

use std::sync::Arc;

use crate::ir::*;

/// What is done at each spot. Functions that a literal or declaration refers to are not entered.
pub(crate) trait Patch {
    /// A variable that is read or assigned.
    fn var(&mut self, _var: &mut Var) {}
    /// A variable that is declared.
    fn bind(&mut self, _bind: &mut Bind) {}
    /// A place.
    fn span(&mut self, _span: &mut Span) {}
    /// Whether the bodies of actions inside modifiers are entered.
    fn enters_body(&self) -> bool {
        true
    }
}

pub(crate) fn block(b: &mut Block, p: &mut dyn Patch) {
    p.span(&mut b.span);
    for d in &mut b.hoisted {
        decl(d, p);
    }
    for s in &mut b.stmts {
        stmt(s, p);
    }
}

pub(crate) fn ty(t: &mut Option<Box<TypeRef>>, p: &mut dyn Patch) {
    if let Some(t) = t {
        type_kind(&mut t.kind, p);
    }
}

fn type_kind(kind: &mut TypeKind, p: &mut dyn Patch) {
    match kind {
        TypeKind::Named(e) => {
            // Each use of a type has an expression of its own until the function is finished.
            if let Some(e) = Arc::get_mut(e) {
                expr(e, p);
            }
        }
        TypeKind::Optional(inner) => type_kind(inner, p),
        TypeKind::Record(fields) => fields.iter_mut().for_each(|(_, kind)| type_kind(kind, p)),
        TypeKind::Prim(_) | TypeKind::Param(_) => {}
    }
}

pub(crate) fn params(list: &mut [Param], p: &mut dyn Patch) {
    for param in list {
        p.span(&mut param.span);
        p.bind(&mut param.bind);
        ty(&mut param.ty, p);
        opt(&mut param.default, p);
    }
}

fn opt(e: &mut Option<Expr>, p: &mut dyn Patch) {
    if let Some(e) = e {
        expr(e, p);
    }
}

fn all(list: &mut [Expr], p: &mut dyn Patch) {
    for e in list {
        expr(e, p);
    }
}

fn args(args: &mut Args, p: &mut dyn Patch) {
    for arg in &mut args.list {
        match arg {
            Arg::Value(e) | Arg::Spread(e) => expr(e, p),
            Arg::Named(_, e) => expr(e, p),
        }
    }
}

pub(crate) fn expr(e: &mut Expr, p: &mut dyn Patch) {
    p.span(&mut e.span);
    match &mut e.kind {
        ExprKind::Const(_)
        | ExprKind::Builtin(_)
        | ExprKind::Module(_)
        | ExprKind::StdModule(_)
        | ExprKind::This
        | ExprKind::Function(_)
        | ExprKind::TxMember(_)
        | ExprKind::GasMember(_)
        | ExprKind::Args
        | ExprKind::External(_) => {}
        ExprKind::Var(var) => p.var(var),
        ExprKind::List(list)
        | ExprKind::Template(list)
        | ExprKind::Power(list)
        | ExprKind::Coalesce(list)
        | ExprKind::Logic { operands: list, .. } => all(list, p),
        ExprKind::Intrinsic(what, list) => {
            if let Intrinsic::Channel(Some(channel)) = &mut **what
                && let Some(t) = Arc::get_mut(&mut channel.0)
            {
                type_kind(&mut t.kind, p);
            }
            all(list, p);
        }
        ExprKind::Map(items) => map_items(items, p),
        ExprKind::Range { lo, hi, .. } => {
            expr(lo, p);
            expr(hi, p);
        }
        ExprKind::Binary(_, pair) => {
            expr(&mut pair.0, p);
            expr(&mut pair.1, p);
        }
        ExprKind::Row(first, rest) => {
            expr(first, p);
            for (_, right, span) in rest {
                p.span(span);
                expr(right, p);
            }
        }
        ExprKind::Neg(e)
        | ExprKind::Not(e)
        | ExprKind::Await(e)
        | ExprKind::Spawn(e)
        | ExprKind::SpawnValue(e) => {
            expr(e, p);
        }
        ExprKind::If(parts) => {
            expr(&mut parts.0, p);
            expr(&mut parts.1, p);
            expr(&mut parts.2, p);
        }
        ExprKind::Chain { base, links } => {
            expr(base, p);
            links.iter_mut().for_each(|l| link(l, p));
        }
        ExprKind::Call { callee, args: list } => {
            expr(callee, p);
            args(list, p);
        }
        ExprKind::CallBuiltin { args: list, .. } => args(list, p),
        ExprKind::Super { args: list, .. } => args(list, p),
        ExprKind::Construct(c) => {
            expr(&mut c.callee, p);
            c.type_args.iter_mut().for_each(|t| type_kind(&mut t.kind, p));
            args(&mut c.args, p);
        }
        ExprKind::Match(m) => matching(m, p),
        ExprKind::Injected(injected) => {
            p.var(&mut injected.var);
            ty(&mut injected.ty, p);
        }
        ExprKind::Sandbox { policy, .. } => {
            if let Some(policy) = policy {
                expr(policy, p);
            }
        }
    }
}

fn map_items(items: &mut [(MapKey, Expr)], p: &mut dyn Patch) {
    for (key, value) in items {
        if let MapKey::Expr(key) = key {
            expr(key, p);
        }
        expr(value, p);
    }
}

fn link(l: &mut Link, p: &mut dyn Patch) {
    p.span(&mut l.span);
    match &mut l.kind {
        LinkKind::Member(_) => {}
        LinkKind::Index(e) => expr(e, p),
        LinkKind::Slice(a, b) => {
            for e in [a, b].into_iter().flatten() {
                expr(e, p);
            }
        }
        LinkKind::Call(list) | LinkKind::Method { args: list, .. } => args(list, p),
    }
}

fn matching(m: &mut Match, p: &mut dyn Patch) {
    expr(&mut m.value, p);
    for arm in &mut m.arms {
        pattern(&mut arm.pattern, p);
        opt(&mut arm.guard, p);
        block(&mut arm.body, p);
    }
}

fn pattern(pat: &mut Pattern, p: &mut dyn Patch) {
    match pat {
        Pattern::Any | Pattern::Const(_) | Pattern::Interval { .. } => {}
        Pattern::Bind(b) => p.bind(b),
        Pattern::Path(e) => expr(e, p),
        Pattern::Type { ty, fields, span } => {
            p.span(span);
            expr(ty, p);
            fields.iter_mut().for_each(|f| pattern(f, p));
        }
        Pattern::List { items, rest } => {
            items.iter_mut().for_each(|f| pattern(f, p));
            if let Some(rest) = rest {
                p.bind(rest);
            }
        }
        Pattern::Map(items) => items.iter_mut().for_each(|(_, f)| pattern(f, p)),
        Pattern::Or(list) => list.iter_mut().for_each(|f| pattern(f, p)),
    }
}

fn decl(d: &mut Decl, p: &mut dyn Patch) {
    p.span(&mut d.span);
    p.bind(&mut d.bind);
    match &mut d.kind {
        DeclKind::Function(_) | DeclKind::Enum(_) | DeclKind::Protocol { .. } | DeclKind::External(_) => {}
        DeclKind::Data(data) => {
            opt(&mut data.extends, p);
            all(&mut data.implements, p);
            data.fields.iter_mut().for_each(|f| ty(&mut f.ty, p));
        }
        DeclKind::Contract(contract) => {
            opt(&mut contract.extends, p);
            all(&mut contract.implements, p);
            contract.state.iter_mut().for_each(|f| ty(&mut f.ty, p));
        }
    }
}

pub(crate) fn stmt(s: &mut Stmt, p: &mut dyn Patch) {
    p.span(&mut s.span);
    match &mut s.kind {
        StmtKind::Expr(e) | StmtKind::Throw(e) => expr(e, p),
        StmtKind::Let { bind, ty: t, value } => {
            p.bind(bind);
            ty(t, p);
            opt(value, p);
        }
        StmtKind::InitState { value, .. } | StmtKind::Return(value) | StmtKind::Revert(value) => {
            opt(value, p)
        }
        StmtKind::Destructure(d) => destructure(d, p),
        StmtKind::Assign(a) => assign(a, p),
        StmtKind::If { branches, otherwise } => {
            for (condition, body) in branches {
                expr(condition, p);
                block(body, p);
            }
            if let Some(body) = otherwise {
                block(body, p);
            }
        }
        StmtKind::While { condition, body } => {
            expr(condition, p);
            block(body, p);
        }
        StmtKind::ForEach(f) => {
            f.binds.iter_mut().for_each(|b| p.bind(b));
            expr(&mut f.value, p);
            block(&mut f.body, p);
        }
        StmtKind::ForC(f) => for_c(f, p),
        StmtKind::Break
        | StmtKind::Continue
        | StmtKind::Defer(_)
        | StmtKind::Watch { .. }
        | StmtKind::Stream { .. }
        | StmtKind::Import(_) => {}
        StmtKind::Check(check) => {
            expr(&mut check.condition, p);
            opt(&mut check.message, p);
            if let Some(body) = &mut check.block {
                block(body, p);
            }
        }
        StmtKind::Try(t) => try_stmt(t, p),
        StmtKind::Block(b) | StmtKind::Tx(b) | StmtKind::Atomic(b) => block(b, p),
        StmtKind::Body(b) => {
            if p.enters_body() {
                block(b, p);
            }
        }
        StmtKind::Exactly { body, .. } => block(body, p),
        StmtKind::Using(using) => {
            p.bind(&mut using.bind);
            expr(&mut using.value, p);
            block(&mut using.body, p);
        }
        StmtKind::Watched { stmt: inner, .. } => stmt(inner, p),
        StmtKind::Emit(e) => {
            args(&mut e.args, p);
            e.types.iter_mut().for_each(|t| ty(t, p));
        }
        StmtKind::Declare(d) => decl(d, p),
        StmtKind::DefineModule(module) => {
            p.bind(&mut module.bind);
            block(&mut module.body, p);
            for export in &mut module.exports {
                if let ExportValue::Var(var) = &mut export.value {
                    p.var(var);
                }
            }
        }
        StmtKind::Pattern(m) => matching(m, p),
    }
}

fn destructure(d: &mut Destructure, p: &mut dyn Patch) {
    p.span(&mut d.span);
    expr(&mut d.value, p);
    match &mut d.shape {
        Shape::List { items, rest } => {
            items.iter_mut().for_each(|b| p.bind(b));
            if let Some(rest) = rest {
                p.bind(rest);
            }
        }
        Shape::Map(items) => items.iter_mut().for_each(|(_, b)| p.bind(b)),
    }
}

fn assign(a: &mut Assign, p: &mut dyn Patch) {
    p.span(&mut a.span);
    match &mut a.target {
        Target::Var { var, ty: t, sealed, .. } => {
            p.var(var);
            ty(t, p);
            if let Some(sealed) = sealed {
                p.var(sealed);
            }
        }
        Target::Member { object, .. } => expr(object, p),
        Target::Index { object, index } => {
            expr(object, p);
            expr(index, p);
        }
    }
    expr(&mut a.value, p);
}

fn for_c(f: &mut ForC, p: &mut dyn Patch) {
    for part in [&mut f.init, &mut f.step].into_iter().flatten() {
        stmt(part, p);
    }
    opt(&mut f.condition, p);
    block(&mut f.body, p);
}

fn try_stmt(t: &mut Try, p: &mut dyn Patch) {
    block(&mut t.body, p);
    for catch in &mut t.catches {
        p.bind(&mut catch.bind);
        ty(&mut catch.ty, p);
        block(&mut catch.body, p);
    }
    if let Some(finally) = &mut t.finally {
        block(finally, p);
    }
}
