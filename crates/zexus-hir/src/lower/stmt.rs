//! Statements.

use zexus_syntax::{Code, Span, ast};

use super::{Lowerer, expr_at, intrinsic, stmt_at};
use crate::binding::*;
use crate::captures::Fence;
use crate::ir::*;
use crate::scope::Meaning;

impl Lowerer<'_> {
    /// A statement that is no hoisted declaration. `used`: whether its value is.
    pub fn stmt(&mut self, stmt: &ast::Stmt, used: bool, out: &mut Vec<Stmt>) {
        let span = stmt.span;
        match &stmt.kind {
            ast::StmtKind::Error => {}
            ast::StmtKind::Expr(e) => self.expr_stmt(e, span, out),
            ast::StmtKind::Let(l) => self.let_stmt(l, span, out),
            ast::StmtKind::State(state) => self.state_stmt(state, span, out),
            ast::StmtKind::Assign(assign) => self.assign_stmt(assign, span, out),
            ast::StmtKind::Use(import) => self.use_stmt(import, span, out),
            ast::StmtKind::Export(export) => self.export_stmt(export, span, used, out),
            ast::StmtKind::Module(module) => self.module_stmt(module, span, out),
            ast::StmtKind::Package(package) => self.package_stmt(package, span, out),
            ast::StmtKind::Seal(path) => self.seal_stmt(path, span, out),
            ast::StmtKind::Grant(grant) => self.grant_stmt(grant, span, out),
            ast::StmtKind::Capability { name, value } => {
                self.capability_stmt(name, value.as_ref(), span, out)
            }
            ast::StmtKind::Inject(inject) => self.inject_stmt(inject, span, out),
            ast::StmtKind::Channel(channel) => self.channel_stmt(channel, span, out),
            _ => {
                let kind = self.stmt_kind(stmt, used);
                out.push(stmt_at(kind, span));
            }
        }
    }

    /// Statements that become exactly one.
    fn stmt_kind(&mut self, stmt: &ast::Stmt, used: bool) -> StmtKind {
        let span = stmt.span;
        match &stmt.kind {
            ast::StmtKind::Print(args) => self.print_stmt(args, span),
            ast::StmtKind::Debug(e) => self.debug_stmt(e, span),
            ast::StmtKind::Return(values) => self.return_stmt(values, span),
            ast::StmtKind::Break => self.leave_loop("break", StmtKind::Break, span),
            ast::StmtKind::Continue => self.leave_loop("continue", StmtKind::Continue, span),
            ast::StmtKind::Throw(e) => StmtKind::Throw(self.expr(e)),
            ast::StmtKind::Revert(e) => StmtKind::Revert(self.opt_expr(e.as_ref())),
            ast::StmtKind::Check(check) => self.check_stmt(check),
            ast::StmtKind::Validate(validate) => self.validate_stmt(validate, span),
            ast::StmtKind::Emit(emit) => self.emit_stmt(emit, span),
            ast::StmtKind::Audit(audit) => StmtKind::Expr(expr_at(self.audit(audit), span)),
            ast::StmtKind::Restrict { target, rule } => self.restrict_stmt(target, rule, span),
            ast::StmtKind::Trail { what, filter } => trail_stmt(what, filter.as_ref(), span),
            ast::StmtKind::Protect(protect) => self.protect_stmt(protect, span),
            ast::StmtKind::Block(b) => StmtKind::Block(Box::new(self.block(b, used))),
            ast::StmtKind::If(i) => self.if_stmt(i, used),
            ast::StmtKind::While { condition, body } => self.while_stmt(condition, body),
            ast::StmtKind::ForIn(f) => self.for_in(f),
            ast::StmtKind::ForC(f) => self.for_c(f),
            ast::StmtKind::Try(t) => self.try_stmt(t),
            ast::StmtKind::Pattern(m) => StmtKind::Pattern(Box::new(self.matching(m, false, used))),
            ast::StmtKind::Tx(b) => StmtKind::Tx(Box::new(self.block(b, used))),
            ast::StmtKind::Atomic(b) => StmtKind::Atomic(Box::new(self.block(b, used))),
            ast::StmtKind::Defer(b) => StmtKind::Defer(self.block_function(b, false, Fence::Defer)),
            ast::StmtKind::Watch { value, body } => self.watch_stmt(value.as_ref(), body),
            ast::StmtKind::Stream { event, binding, body } => self.stream_stmt(event, binding, body),
            ast::StmtKind::Using { name, value, body } => self.using_stmt(name, value, body),
            ast::StmtKind::Exactly { body, .. } => self.exactly_stmt(body, span),
            // Hoisted declarations and those of `stmt` do not come here.
            _ => StmtKind::Block(Box::default()),
        }
    }

    fn expr_stmt(&mut self, e: &ast::Expr, span: Span, out: &mut Vec<Stmt>) {
        if let ast::ExprKind::Name(name) = &e.kind
            && &*name.text == "_"
            && self.rest_of_action(out)
        {
            return;
        }
        let kind = match self.word_call(e) {
            Some(kind) => kind,
            None => StmtKind::Expr(self.expr(e)),
        };
        out.push(stmt_at(kind, span));
    }

    /// `revert(…)`, `require(…)` and the like, if the program declares nothing of this name (language.md 2.4, rule 3).
    fn word_call(&mut self, e: &ast::Expr) -> Option<StmtKind> {
        let ast::ExprKind::Chain(chain) = &e.kind else { return None };
        let name = chain.base.as_name()?;
        if !matches!(&*name.text, "revert" | "require" | "verify" | "protect" | "debug") {
            return None;
        }
        let [ast::Link { kind: ast::LinkKind::Call(args), .. }] = chain.links.as_slice() else { return None };
        if args.iter().any(|arg| arg.kind != ast::ArgKind::Positional) {
            return None;
        }
        let sym = self.names.sym(&name.text);
        let builtin = match self.meaning(sym) {
            Meaning::Builtin(_) => true,
            Meaning::Unknown => false,
            _ => return None,
        };
        let value = |me: &mut Self, index: usize| args.get(index).map(|arg| me.expr(&arg.value));
        match (&*name.text, args.len()) {
            ("revert", 0 | 1) => Some(StmtKind::Revert(value(self, 0))),
            (word @ ("require" | "verify"), 1 | 2) if !builtin => {
                let condition = value(self, 0)?;
                let message = value(self, 1);
                Some(StmtKind::Check(Box::new(Check {
                    verify: word == "verify",
                    condition,
                    message,
                    block: None,
                })))
            }
            ("debug", 1) if !builtin => {
                let list = vec![value(self, 0)?];
                Some(StmtKind::Expr(expr_at(intrinsic(Intrinsic::Debug, list), e.span)))
            }
            ("protect", 2 | 3) if !builtin => {
                let target = args.first()?.value.as_name().map_or("", |name| &name.text).into();
                let list = args.iter().map(|arg| self.expr(&arg.value)).collect();
                Some(StmtKind::Expr(expr_at(intrinsic(Intrinsic::Protect(target), list), e.span)))
            }
            _ => None,
        }
    }

    fn print_stmt(&mut self, args: &[ast::Arg], span: Span) -> StmtKind {
        let name = ast::Name { text: "print".into(), span };
        let kind = match self.builtin_of("print") {
            Some(index) => self.builtin_call(index, &name, args),
            None => {
                self.args(args);
                self.undefined(&name, true)
            }
        };
        StmtKind::Expr(expr_at(kind, span))
    }

    fn debug_stmt(&mut self, e: &ast::Expr, span: Span) -> StmtKind {
        let operand = vec![self.expr(e)];
        StmtKind::Expr(expr_at(intrinsic(Intrinsic::Debug, operand), span))
    }

    fn return_stmt(&mut self, values: &[ast::Expr], span: Span) -> StmtKind {
        if self.fun().fence != Fence::None {
            self.cannot_leave("return", span);
        }
        StmtKind::Return(match values {
            [] => None,
            [value] => Some(self.expr(value)),
            values => Some(expr_at(ExprKind::List(self.exprs(values)), span)),
        })
    }

    fn leave_loop(&mut self, word: &str, kind: StmtKind, span: Span) -> StmtKind {
        let fun = self.fun();
        if fun.loops == 0 {
            if fun.fence == Fence::Defer {
                self.cannot_leave(word, span);
            } else {
                self.report(Code::E0209, span, format!("`{word}` outside a loop"));
            }
        }
        kind
    }

    fn cannot_leave(&mut self, word: &str, span: Span) {
        self.report(Code::E0210, span, format!("`{word}` cannot leave this block"));
    }

    fn check_stmt(&mut self, check: &ast::Check) -> StmtKind {
        let condition = self.expr(&check.condition);
        let message = self.opt_expr(check.message.as_ref());
        let block = check.block.as_ref().map(|block| self.block(block, true));
        let verify = check.kind == ast::CheckKind::Verify;
        StmtKind::Check(Box::new(Check { verify, condition, message, block }))
    }

    fn validate_stmt(&mut self, validate: &ast::Validate, span: Span) -> StmtKind {
        let args = vec![self.expr(&validate.value), self.expr(&validate.schema)];
        StmtKind::Expr(expr_at(self.call_builtin("validate", args, span), span))
    }

    fn watch_stmt(&mut self, value: Option<&ast::Expr>, body: &ast::Block) -> StmtKind {
        let outer = self.reads.replace(Vec::new());
        let (value, body) = match value {
            Some(value) => {
                let value = self.expr_function(value);
                let reads = self.reads.take();
                let body = self.block_function(body, false, Fence::None);
                self.reads = reads;
                (Some(value), body)
            }
            None => (None, self.block_function(body, false, Fence::None)),
        };
        let reads = std::mem::replace(&mut self.reads, outer).unwrap_or_default();
        StmtKind::Watch { value, body, watched: self.watched(&reads) }
    }

    fn exactly_stmt(&mut self, body: &ast::Block, span: Span) -> StmtKind {
        let next = u32::try_from(self.exactly_ids.len()).unwrap_or(u32::MAX);
        let id = *self.exactly_ids.entry((self.current.file, span)).or_insert(next);
        StmtKind::Exactly { id, body: Box::new(self.block(body, false)) }
    }

    fn inject_stmt(&mut self, inject: &ast::Inject, span: Span, out: &mut Vec<Stmt>) {
        let ty = inject.ty.as_ref().map(|ty| self.decl_type(ty));
        let id = self.declare(&inject.name, Kind::Fixed);
        let binding = self.binding_mut(id);
        binding.info = Info::Inject(ty);
        // Its first read assigns it.
        binding.assigned = true;
        out.push(stmt_at(StmtKind::Let { bind: self.bind(id), ty: None, value: None }, span));
    }

    fn capability_stmt(
        &mut self,
        name: &ast::Name,
        value: Option<&ast::Expr>,
        span: Span,
        out: &mut Vec<Stmt>,
    ) {
        if let Some(value) = self.opt_expr(value) {
            out.push(stmt_at(StmtKind::Expr(value), span));
        }
        let id = self.declare(name, Kind::Const);
        let value = Some(expr_at(ExprKind::Const(Const::Str(self.word(name))), name.span));
        out.push(stmt_at(StmtKind::Let { bind: self.bind(id), ty: None, value }, span));
    }

    /// A statement where the form has room for one; several become a block, whose scope is the one around it.
    pub fn single(&mut self, stmt: &ast::Stmt) -> Option<Stmt> {
        let mut out = Vec::new();
        let outer = std::mem::take(&mut self.changed);
        self.stmt(stmt, false, &mut out);
        let changed = std::mem::replace(&mut self.changed, outer);
        self.flush_unsealed(&mut out);
        if !changed.is_empty()
            && let Some(last) = out.pop()
        {
            let changed = self.watched(&changed);
            let span = last.span;
            out.push(stmt_at(StmtKind::Watched { stmt: Box::new(last), changed }, span));
        }
        if out.len() > 1 {
            let block = Block { stmts: out, span: stmt.span, ..Block::default() };
            return Some(stmt_at(StmtKind::Block(Box::new(block)), stmt.span));
        }
        out.pop()
    }

    /// An intrinsic as a statement.
    pub fn intrinsic(&self, what: Intrinsic, operands: Vec<Expr>, span: Span) -> Stmt {
        stmt_at(StmtKind::Expr(expr_at(intrinsic(what, operands), span)), span)
    }
}

fn trail_stmt(what: &ast::Name, filter: Option<&ast::Text>, span: Span) -> StmtKind {
    let filter = filter.map(|text| text.value.as_ref().into());
    let trail = Intrinsic::Trail(what.text.as_str().into(), filter);
    StmtKind::Expr(expr_at(intrinsic(trail, Vec::new()), span))
}
