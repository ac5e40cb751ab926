//! Expressions.
//!
//! Each form has a function of its own, so that the frames of the recursion stay small.

use zexus_bytecode::operator::BinOp;
use zexus_syntax::{Span, ast};

use super::names::null;
use super::{Lowerer, expr_at};
use crate::ir::*;

impl Lowerer<'_> {
    /// An expression.
    pub fn expr(&mut self, e: &ast::Expr) -> Expr {
        match &e.kind {
            ast::ExprKind::Paren(inner) => self.expr(inner),
            ast::ExprKind::Chain(chain) => {
                let mut expr = self.chain(chain, chain.links.len());
                expr.span = e.span;
                expr
            }
            _ => {
                let kind = self.expr_kind(e);
                expr_at(kind, e.span)
            }
        }
    }

    /// An expression if there is one.
    pub fn opt_expr(&mut self, e: Option<&ast::Expr>) -> Option<Expr> {
        e.map(|e| self.expr(e))
    }

    fn boxed(&mut self, e: &ast::Expr) -> Box<Expr> {
        Box::new(self.expr(e))
    }

    fn expr_kind(&mut self, e: &ast::Expr) -> ExprKind {
        match &e.kind {
            ast::ExprKind::Literal(literal) => ExprKind::Const(constant(literal)),
            ast::ExprKind::Name(name) => self.name(name),
            ast::ExprKind::This => self.this(e.span),
            ast::ExprKind::Print => self.print_value(e.span),
            ast::ExprKind::Binary(binary) => self.binary(binary, e.span),
            ast::ExprKind::Unary(unary) => self.unary(unary),
            ast::ExprKind::Template(parts) => self.template(parts),
            ast::ExprKind::List(items) => self.list(items),
            ast::ExprKind::Map(items) => ExprKind::Map(self.map_items(items)),
            ast::ExprKind::Constructor(c) => self.constructor(c, e.span),
            ast::ExprKind::Range(range) => self.range(range),
            ast::ExprKind::Conditional(c) => self.conditional(c),
            ast::ExprKind::Lambda(lambda) => self.lambda(lambda, e.span),
            ast::ExprKind::Match(m) => self.match_expr(m),
            ast::ExprKind::Sandbox(s) => self.sandbox(s, e.span),
            ast::ExprKind::Error | ast::ExprKind::Paren(_) | ast::ExprKind::Chain(_) => null(),
        }
    }

    fn this(&mut self, span: Span) -> ExprKind {
        if self.fns.last().is_some_and(|f| f.this.is_some()) {
            return ExprKind::This;
        }
        self.no_this("this", span);
        null()
    }

    fn print_value(&mut self, span: Span) -> ExprKind {
        match self.builtin_of("print") {
            Some(index) => ExprKind::Builtin(index),
            None => self.undefined(&ast::Name { text: "print".into(), span }, false),
        }
    }

    fn list(&mut self, items: &[ast::Expr]) -> ExprKind {
        ExprKind::List(self.exprs(items))
    }

    /// Expressions in order.
    pub fn exprs(&mut self, items: &[ast::Expr]) -> Vec<Expr> {
        items.iter().map(|item| self.expr(item)).collect()
    }

    fn template(&mut self, parts: &[ast::TemplatePart]) -> ExprKind {
        let mut list = Vec::with_capacity(parts.len());
        for part in parts {
            list.push(match part {
                ast::TemplatePart::Text(text) => {
                    expr_at(ExprKind::Const(Const::Str(text.value.clone())), text.span)
                }
                ast::TemplatePart::Hole(e) => self.expr(e),
            });
        }
        ExprKind::Template(list)
    }

    /// The items of a map literal.
    pub fn map_items(&mut self, items: &[ast::MapItem]) -> Vec<(MapKey, Expr)> {
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            list.push(match item {
                ast::MapItem::Pair { key, value } => {
                    let key = self.map_key(key);
                    (key, self.expr(value))
                }
                ast::MapItem::Short(name) => {
                    let key = MapKey::Const(Const::Str(self.word(name)));
                    (key, expr_at(self.name(name), name.span))
                }
            });
        }
        list
    }

    fn map_key(&mut self, key: &ast::MapKey) -> MapKey {
        match key {
            ast::MapKey::Word(name) => MapKey::Const(Const::Str(self.word(name))),
            ast::MapKey::Literal(literal, _) => MapKey::Const(constant(literal)),
            ast::MapKey::Template(e) | ast::MapKey::Computed(e, _) => MapKey::Expr(Box::new(self.expr(e))),
        }
    }

    fn range(&mut self, range: &ast::RangeExpr) -> ExprKind {
        let lo = self.boxed(&range.start);
        let hi = self.boxed(&range.end);
        ExprKind::Range { lo, hi, inclusive: range.inclusive }
    }

    fn conditional(&mut self, c: &ast::Conditional) -> ExprKind {
        let condition = self.expr(&c.condition);
        let then = self.expr(&c.then);
        let otherwise = self.expr(&c.otherwise);
        ExprKind::If(Box::new((condition, then, otherwise)))
    }

    fn binary(&mut self, b: &ast::Binary, span: Span) -> ExprKind {
        let Some(first) = b.rest.first() else { return self.expr(&b.first).kind };
        match first.op {
            ast::BinaryOp::Coalesce => ExprKind::Coalesce(self.operands(b)),
            ast::BinaryOp::Or => ExprKind::Logic { and: false, operands: self.operands(b) },
            ast::BinaryOp::And => ExprKind::Logic { and: true, operands: self.operands(b) },
            ast::BinaryOp::Pow => self.power(b),
            op if b.rest.len() == 1 => {
                let left = self.expr(&b.first);
                let right = self.expr(&first.right);
                ExprKind::Binary(bin_op(op), Box::new((left, right)))
            }
            _ => self.row(b, span),
        }
    }

    fn operands(&mut self, b: &ast::Binary) -> Vec<Expr> {
        let mut list = Vec::with_capacity(b.rest.len() + 1);
        list.push(self.expr(&b.first));
        for step in &b.rest {
            list.push(self.expr(&step.right));
        }
        list
    }

    fn row(&mut self, b: &ast::Binary, span: Span) -> ExprKind {
        let first = self.boxed(&b.first);
        let mut rest = Vec::with_capacity(b.rest.len());
        for step in &b.rest {
            let right = self.expr(&step.right);
            rest.push((bin_op(step.op), right, Span::new(span.start, step.right.span.end)));
        }
        ExprKind::Row(first, rest)
    }

    fn power(&mut self, b: &ast::Binary) -> ExprKind {
        let mut list = Vec::new();
        let mut row = b;
        loop {
            list.push(self.expr(&row.first));
            let Some(step) = row.rest.first() else { break };
            match &step.right.kind {
                ast::ExprKind::Binary(inner)
                    if inner.rest.first().is_some_and(|s| s.op == ast::BinaryOp::Pow) =>
                {
                    row = inner;
                }
                _ => {
                    list.push(self.expr(&step.right));
                    break;
                }
            }
        }
        ExprKind::Power(list)
    }

    fn unary(&mut self, u: &ast::Unary) -> ExprKind {
        match u.op {
            ast::UnaryOp::Neg => ExprKind::Neg(self.boxed(&u.operand)),
            ast::UnaryOp::Not => ExprKind::Not(self.boxed(&u.operand)),
            ast::UnaryOp::Await => ExprKind::Await(self.boxed(&u.operand)),
            ast::UnaryOp::Async | ast::UnaryOp::Spawn => self.spawn(&u.operand),
        }
    }

    fn constructor(&mut self, c: &ast::Constructor, span: Span) -> ExprKind {
        let callee = self.path(&c.path);
        let args = match &c.args {
            ast::ConstructorArgs::Fields(fields) => self.field_values(fields),
            ast::ConstructorArgs::Args(args) => self.args(args),
        };
        if c.type_args.is_empty() {
            return ExprKind::Call { callee: Box::new(callee), args };
        }
        let type_args = c.type_args.iter().map(|ty| *self.type_of(ty, span)).collect();
        ExprKind::Construct(Box::new(Construct { callee, type_args, args }))
    }

    fn field_values(&mut self, fields: &[ast::FieldValue]) -> Args {
        let mut list = Vec::with_capacity(fields.len());
        let mut seen = rustc_hash::FxHashSet::default();
        for field in fields {
            if !seen.insert(field.name.text.as_str()) {
                self.twice("field", &field.name);
            }
            let value = self.expr(&field.value);
            list.push(Arg::Named(self.word(&field.name), Box::new(value)));
        }
        Args { plain: list.is_empty(), list: list.into() }
    }

    /// E0214.
    pub fn twice(&mut self, what: &str, name: &ast::Name) {
        if !name.text.is_empty() {
            let message = format!("{what} '{}' is given twice", name.text);
            self.report(zexus_syntax::Code::E0214, name.span, message);
        }
    }
}

/// The value of a literal.
pub(crate) fn constant(literal: &ast::Literal) -> Const {
    match literal {
        ast::Literal::Null => Const::Null,
        ast::Literal::Bool(b) => Const::Bool(*b),
        ast::Literal::Int(ast::Int::Small(n)) => Const::Int(*n),
        ast::Literal::Int(ast::Int::Big(n)) => Const::Big(std::sync::Arc::new((**n).clone())),
        ast::Literal::Float(x) => Const::Float(*x),
        ast::Literal::Str(s) => Const::Str(s.clone()),
    }
}

/// The operator, for those whose operands are both evaluated.
fn bin_op(op: ast::BinaryOp) -> BinOp {
    match op {
        ast::BinaryOp::Eq => BinOp::Eq,
        ast::BinaryOp::Ne => BinOp::Ne,
        ast::BinaryOp::Lt => BinOp::Lt,
        ast::BinaryOp::Le => BinOp::Le,
        ast::BinaryOp::Gt => BinOp::Gt,
        ast::BinaryOp::Ge => BinOp::Ge,
        ast::BinaryOp::In => BinOp::In,
        ast::BinaryOp::Sub => BinOp::Sub,
        ast::BinaryOp::Mul => BinOp::Mul,
        ast::BinaryOp::Div => BinOp::Div,
        ast::BinaryOp::Mod => BinOp::Mod,
        ast::BinaryOp::IntDiv => BinOp::IntDiv,
        ast::BinaryOp::Pow => BinOp::Pow,
        // The others have forms of their own.
        ast::BinaryOp::Add | ast::BinaryOp::Coalesce | ast::BinaryOp::Or | ast::BinaryOp::And => BinOp::Add,
    }
}
