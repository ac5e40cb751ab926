//! Branches, loops, `try`, `using` (language.md 8.2, 8.3, 8.7, 10.2).

use zexus_syntax::ast;

use super::Lowerer;
use crate::binding::Kind;
use crate::ir::*;

impl Lowerer<'_> {
    pub fn if_stmt(&mut self, i: &ast::If, used: bool) -> StmtKind {
        let mut branches = Vec::with_capacity(i.branches.len());
        for branch in &i.branches {
            let condition = self.expr(&branch.condition);
            branches.push((condition, self.block(&branch.body, used)));
        }
        let otherwise = i.otherwise.as_ref().map(|block| Box::new(self.block(block, used)));
        StmtKind::If { branches, otherwise }
    }

    pub fn while_stmt(&mut self, condition: &ast::Expr, body: &ast::Block) -> StmtKind {
        let condition = self.expr(condition);
        StmtKind::While { condition, body: Box::new(self.loop_body(body)) }
    }

    fn loop_body(&mut self, body: &ast::Block) -> Block {
        self.program.substantial = true;
        self.fun().loops += 1;
        let block = self.block(body, false);
        self.fun().loops -= 1;
        block
    }

    pub fn for_in(&mut self, f: &ast::ForIn) -> StmtKind {
        let value = self.expr(&f.value);
        self.open();
        let binds = std::iter::once(&f.first)
            .chain(&f.second)
            .map(|name| self.declare_bind(name, Kind::Let))
            .collect();
        let body = self.loop_body(&f.body);
        let early = self.close().early;
        StmtKind::ForEach(Box::new(ForEach { binds, early, value, body }))
    }

    pub fn for_c(&mut self, f: &ast::ForC) -> StmtKind {
        self.open();
        if let Some(ast::Stmt { kind: ast::StmtKind::Let(l), .. }) = &f.init {
            for binding in &l.bindings {
                if let ast::BindingTarget::Name(name) = &binding.target {
                    self.pend(name, Kind::Let);
                }
            }
        }
        let init = f.init.as_ref().and_then(|stmt| self.single(stmt));
        let condition = self.opt_expr(f.condition.as_ref());
        let step = f.step.as_ref().and_then(|stmt| self.single(stmt));
        let body = self.loop_body(&f.body);
        let closed = self.close();
        StmtKind::ForC(Box::new(ForC {
            init,
            early: closed.early,
            condition,
            step,
            body,
            carried: closed.cells,
        }))
    }

    pub fn try_stmt(&mut self, t: &ast::Try) -> StmtKind {
        // Whoever writes an expression into `try` wants to know whether it fails.
        let body = self.block(&t.body, true);
        let mut catches = Vec::with_capacity(t.catches.len());
        for catch in &t.catches {
            let ty = self.opt_type(catch.ty.as_ref());
            self.open();
            let name = match &catch.name {
                Some(name) => name.clone(),
                None => ast::Name { text: "error".into(), span: catch.span },
            };
            let bind = self.declare_bind(&name, Kind::Let);
            let body = self.block(&catch.body, true);
            let early = self.close().early;
            catches.push(Catch { bind, early, ty, body });
        }
        let finally = t.finally.as_ref().map(|block| self.block(block, false));
        StmtKind::Try(Box::new(Try { body, catches, finally }))
    }

    pub fn using_stmt(&mut self, name: &ast::Name, value: &ast::Expr, body: &ast::Block) -> StmtKind {
        let value = self.expr(value);
        self.open();
        let bind = self.declare_bind(name, Kind::Let);
        let body = self.block(body, false);
        let early = self.close().early;
        StmtKind::Using(Box::new(Using { bind, early, value, body }))
    }
}
