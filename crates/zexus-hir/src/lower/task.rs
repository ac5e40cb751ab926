//! `async`, `spawn`, channels, streams (language.md chapters 13 and 14).

use zexus_syntax::{Span, ast};

use super::{Lowerer, expr_at, intrinsic, stmt_at};
use crate::binding::Kind;
use crate::captures::Signature;
use crate::ir::*;
use crate::lower::function::literal;

impl Lowerer<'_> {
    /// `async e`, `spawn e`
    pub fn spawn(&mut self, operand: &ast::Expr) -> ExprKind {
        let lowered = Box::new(self.expr(operand));
        let call = match &lowered.kind {
            ExprKind::Call { .. }
            | ExprKind::CallBuiltin { .. }
            | ExprKind::Super { .. }
            | ExprKind::Construct { .. } => true,
            ExprKind::Chain { links, .. } => {
                links.last().is_some_and(|l| matches!(l.kind, LinkKind::Call(_) | LinkKind::Method { .. }))
            }
            _ => false,
        };
        if call { ExprKind::Spawn(lowered) } else { ExprKind::SpawnValue(lowered) }
    }

    /// `channel<type>[capacity] NAME = capacity`
    pub fn channel_stmt(&mut self, channel: &ast::ChannelDecl, span: Span, out: &mut Vec<Stmt>) {
        let ty = self.opt_type(channel.ty.as_ref()).map(|ty| ChannelType(std::sync::Arc::new(*ty)));
        let size = self.opt_expr(channel.size.as_ref());
        let capacity = self.opt_expr(channel.capacity.as_ref());
        let operands = capacity.or(size).into_iter().collect();
        let value = Some(expr_at(intrinsic(Intrinsic::Channel(ty), operands), span));
        let bind = self.declare_bind(&channel.name, Kind::Let);
        out.push(stmt_at(StmtKind::Let { bind, ty: None, value }, span));
    }

    /// `stream NAME as ev => { }`
    pub fn stream_stmt(&mut self, event: &ast::Name, binding: &ast::Name, body: &ast::Block) -> StmtKind {
        self.begin_function(literal(body.span), None);
        let name: Name = self.word(binding);
        let bind = self.declare_bind(binding, Kind::Let);
        let block = self.block(body, false);
        let param = Param { name, bind, ty: None, default: None, rest: false, span: binding.span };
        let handler = self.end_function(Signature { params: vec![param], ..Signature::default() }, block);
        StmtKind::Stream { event: self.word(event), handler }
    }
}
