//! Functions: parameters, modifiers, bodies (language.md chapter 9).

use zexus_bytecode::flags::FnFlags;
use zexus_syntax::{Code, Span, ast};

use super::{Lowerer, expr_at, stmt_at};
use crate::binding::*;
use crate::captures::{Fence, Head, Signature};
use crate::ir::*;

/// Where an action stands, which decides what its modifiers may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ActionPlace {
    /// In a block.
    Plain,
    /// In a data or entity.
    Method(TypeId),
    /// In a contract.
    Contract(TypeId),
}

impl Lowerer<'_> {
    /// The parameters, declared in the scope of the function that was begun.
    pub fn params(&mut self, params: &[ast::Param]) -> Vec<Param> {
        let mut list = Vec::with_capacity(params.len());
        for param in params {
            let default = self.opt_expr(param.default.as_ref());
            let ty = self.opt_type(param.ty.as_ref());
            let sym = self.names.sym(&param.name.text);
            if self.own_entry(sym).is_some() {
                self.twice("parameter", &param.name);
            }
            let id = self.declare(&param.name, Kind::Let);
            list.push(Param {
                name: self.word(&param.name),
                bind: self.bind(id),
                ty,
                default,
                rest: param.rest,
                span: param.name.span,
            });
        }
        list
    }

    /// An action, function or method.
    pub fn action(&mut self, action: &ast::Action, place: ActionPlace) -> FuncId {
        let flags = self.action_flags(action, place);
        let inside = self.fns.last().is_some_and(|f| f.this.is_some());
        let (role, this) = match place {
            // Like a literal it keeps the `this` around it.
            ActionPlace::Plain if inside => (Role::Literal, None),
            ActionPlace::Plain => (Role::Action, None),
            ActionPlace::Method(ty) => (Role::Method, Some((ty, u32::MAX))),
            ActionPlace::Contract(ty) => (Role::ContractAction, Some((ty, u32::MAX))),
        };
        let text = if place != ActionPlace::Plain && is_constructor(action) && role == Role::ContractAction {
            "init"
        } else {
            &action.name.text
        };
        let span = action.name.span;
        self.begin_function(Head { name: text.into(), role, flags, span }, this);
        let params = self.params(&action.params);
        let result = self.opt_type(action.result.as_ref());
        let limit = self.opt_expr(action.limit.as_ref());
        self.program.substantial |= limit.is_some() || action.body.stmts.len() > 5;
        let body = match place {
            ActionPlace::Contract(ty) => self.wrapped_body(action, ty),
            _ => self.block(&action.body, true),
        };
        self.end_function(Signature { params, result, limit }, body)
    }

    fn action_flags(&mut self, action: &ast::Action, place: ActionPlace) -> FnFlags {
        use ast::FnModifierKind as M;
        let mut flags = match place {
            ActionPlace::Plain => FnFlags::default(),
            ActionPlace::Method(_) => FnFlags::METHOD,
            ActionPlace::Contract(_) => FnFlags::METHOD | FnFlags::ACTION,
        };
        let contract = matches!(place, ActionPlace::Contract(_));
        for (kind, span) in builtin_modifiers(action) {
            match kind {
                M::Public | M::Sealed => {}
                M::Private => flags |= FnFlags::PRIVATE,
                M::Secure => flags |= FnFlags::SECURE,
                M::Pure => flags |= FnFlags::PURE,
                M::View => flags |= FnFlags::VIEW,
                M::Payable if contract => flags |= FnFlags::PAYABLE,
                M::Payable => self.not_here("payable", span),
                M::Async => flags |= FnFlags::ASYNC,
            }
        }
        for usage in &action.uses {
            if builtin_modifier(usage).is_some() {
                continue;
            }
            if !contract {
                self.not_here(&usage.name.text, usage.name.span);
            } else if &*usage.name.text == "reentrant" {
                flags |= FnFlags::REENTRANT;
            }
        }
        flags
    }

    /// E0217 for a modifier that stands in contracts only.
    fn not_here(&mut self, word: &str, span: Span) {
        if !word.is_empty() {
            self.report(
                Code::E0217,
                span,
                format!("the modifier '{word}' stands on actions of contracts only"),
            );
        }
    }

    /// A function literal.
    pub fn lambda(&mut self, lambda: &ast::Lambda, span: Span) -> ExprKind {
        let flags = if lambda.is_async { FnFlags::ASYNC } else { FnFlags::default() };
        self.begin_function(Head { name: "".into(), role: Role::Literal, flags, span }, None);
        let params = self.params(&lambda.params);
        let result = self.opt_type(lambda.result.as_ref());
        let body = match &lambda.body {
            ast::LambdaBody::Block(block) => {
                self.program.substantial |= block.stmts.len() > 5;
                self.block(block, true)
            }
            ast::LambdaBody::Expr(e) => self.expr_body(e),
        };
        ExprKind::Function(self.end_function(Signature { params, result, limit: None }, body))
    }

    /// A body that is one expression.
    pub fn expr_body(&mut self, e: &ast::Expr) -> Block {
        let value = self.expr(e);
        let mut block = Block { span: e.span, stmts: Vec::with_capacity(1), ..Block::default() };
        self.flush_unsealed(&mut block.stmts);
        block.stmts.push(stmt_at(StmtKind::Expr(value), e.span));
        block
    }

    /// A literal without parameters around a block.
    pub fn block_function(&mut self, body: &ast::Block, used: bool, fence: Fence) -> FuncId {
        self.begin_function(literal(body.span), None);
        self.fun().fence = fence;
        let block = self.block(body, used);
        self.end_function(Signature::default(), block)
    }

    /// A literal without parameters that gives the value of an expression.
    pub fn expr_function(&mut self, e: &ast::Expr) -> FuncId {
        self.begin_function(literal(e.span), None);
        let block = self.expr_body(e);
        self.end_function(Signature::default(), block)
    }

    /// `external action f(…)`: a function whose body calls the host.
    pub fn external(&mut self, external: &ast::ExternalDecl) -> FuncId {
        let mut flags = FnFlags::default();
        for modifier in &external.modifiers {
            match modifier.kind {
                ast::FnModifierKind::Async => flags |= FnFlags::ASYNC,
                ast::FnModifierKind::Payable => self.not_here("payable", modifier.span),
                ast::FnModifierKind::Secure => flags |= FnFlags::SECURE,
                ast::FnModifierKind::View => flags |= FnFlags::VIEW,
                ast::FnModifierKind::Pure => flags |= FnFlags::PURE,
                _ => {}
            }
        }
        let span = external.name.span;
        let name: Name = self.word(&external.name);
        self.begin_function(Head { name: name.clone(), role: Role::Action, flags, span }, None);
        let params = match &external.params {
            Some(params) => self.params(params),
            None => {
                let name = ast::Name { text: "args".into(), span };
                let rest = ast::Param { name, ty: None, default: None, rest: true, span };
                self.params(&[rest])
            }
        };
        let result = self.opt_type(external.result.as_ref());
        let list = params
            .iter()
            .map(|param| {
                let Bind::Local(slot) = param.bind else {
                    return Arg::Value(expr_at(super::names::null(), span));
                };
                let value = expr_at(ExprKind::Var(Var::Local(slot)), span);
                if param.rest { Arg::Spread(value) } else { Arg::Value(value) }
            })
            .collect::<Vec<_>>();
        let module: Name = external.from.as_ref().map_or("", |text| &text.value).into();
        let callee = ExprKind::External(std::sync::Arc::new(External { module, name }));
        let plain = list.iter().all(|arg| matches!(arg, Arg::Value(_)));
        let call = ExprKind::Call {
            callee: Box::new(expr_at(callee, span)),
            args: Args { list: list.into(), plain },
        };
        let stmts = vec![stmt_at(StmtKind::Expr(expr_at(call, span)), span)];
        let body = Block { stmts, span, ..Block::default() };
        self.end_function(Signature { params, result, limit: None }, body)
    }
}

/// What begins a literal.
pub(crate) fn literal(span: Span) -> Head {
    Head { name: "".into(), role: Role::Literal, flags: FnFlags::default(), span }
}

/// The builtin modifier that stands after the parameters, if it is one: `action f() payable { }`.
pub(crate) fn builtin_modifier(usage: &ast::ModifierUse) -> Option<ast::FnModifierKind> {
    use ast::FnModifierKind as M;
    [M::Public, M::Private, M::Sealed, M::Secure, M::Pure, M::View, M::Payable, M::Async]
        .into_iter()
        .find(|kind| kind.as_str() == &*usage.name.text)
}

/// All builtin modifiers of an action with their places.
fn builtin_modifiers(action: &ast::Action) -> impl Iterator<Item = (ast::FnModifierKind, Span)> {
    let after = action.uses.iter().filter_map(|usage| Some((builtin_modifier(usage)?, usage.span)));
    action.modifiers.iter().map(|m| (m.kind, m.span)).chain(after)
}

/// Whether an action has a builtin modifier.
pub(crate) fn has_modifier(action: &ast::Action, kind: ast::FnModifierKind) -> bool {
    // Most actions have none at all.
    !(action.modifiers.is_empty() && action.uses.is_empty())
        && builtin_modifiers(action).any(|(other, _)| other == kind)
}

/// Whether an action of a contract is its constructor, under either name.
pub(crate) fn is_constructor(action: &ast::Action) -> bool {
    matches!(&*action.name.text, "init" | "constructor")
}
