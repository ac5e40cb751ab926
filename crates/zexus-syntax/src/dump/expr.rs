//! Expressions and patterns.

use super::Dump;
use crate::ast::{
    Arg, ArgKind, Arm, ConstructorArgs, Expr, ExprKind, Int, Lambda, LambdaBody, Link, LinkKind, Literal,
    MapItem, MapKey, Param, Pattern, PatternKind, TemplatePart, UnaryOp,
};

impl Dump {
    pub(super) fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Error => self.word("<error>"),
            ExprKind::Literal(literal) => self.literal(literal),
            ExprKind::Template(parts) => self.node("str", |d| {
                for part in parts {
                    match part {
                        TemplatePart::Text(text) => d.text(&text.value),
                        TemplatePart::Hole(expr) => d.expr(expr),
                    }
                }
            }),
            ExprKind::Name(name) => self.name(name),
            ExprKind::This => self.word("this"),
            ExprKind::Print => self.word("print"),
            ExprKind::Paren(inner) => self.node("paren", |d| d.expr(inner)),
            ExprKind::List(items) => self.node("list", |d| d.exprs(items)),
            ExprKind::Map(items) => self.map(items),
            ExprKind::Constructor(constructor) => self.node("new", |d| {
                d.path(&constructor.path);
                if !constructor.type_args.is_empty() {
                    d.node("of", |d| constructor.type_args.iter().for_each(|ty| d.bare_type(ty)));
                }
                match &constructor.args {
                    ConstructorArgs::Args(args) => d.args(args),
                    ConstructorArgs::Fields(fields) => {
                        for field in fields {
                            d.node(format_args!("{}:", field.name.text), |d| d.expr(&field.value));
                        }
                    }
                }
            }),
            ExprKind::Chain(chain) => self.node("chain", |d| {
                d.expr(&chain.base);
                chain.links.iter().for_each(|link| d.link(link));
            }),
            ExprKind::Unary(unary) => {
                let op = match unary.op {
                    UnaryOp::Neg => "neg",
                    UnaryOp::Not => "not",
                    UnaryOp::Await => "await",
                    UnaryOp::Async => "async",
                    UnaryOp::Spawn => "spawn",
                };
                self.node(op, |d| d.expr(&unary.operand));
            }
            ExprKind::Binary(binary) => {
                let first = binary.rest.first().map_or("?", |step| step.op.as_str());
                self.node(first, |d| {
                    d.expr(&binary.first);
                    for (index, step) in binary.rest.iter().enumerate() {
                        d.flag(index > 0, step.op.as_str());
                        d.expr(&step.right);
                    }
                });
            }
            ExprKind::Range(range) => self.node(if range.inclusive { "..=" } else { ".." }, |d| {
                d.expr(&range.start);
                d.expr(&range.end);
            }),
            ExprKind::Conditional(conditional) => self.node("?:", |d| {
                d.expr(&conditional.condition);
                d.expr(&conditional.then);
                d.expr(&conditional.otherwise);
            }),
            ExprKind::Lambda(lambda) => self.lambda(lambda),
            ExprKind::Match(found) => self.node("match", |d| {
                d.expr(&found.value);
                found.arms.iter().for_each(|arm| d.arm(arm));
            }),
            ExprKind::Sandbox(sandbox) => self.node("sandbox", |d| {
                if let Some(policy) = &sandbox.policy {
                    d.expr(policy);
                }
                d.block(&sandbox.body);
            }),
        }
    }

    pub(super) fn exprs(&mut self, exprs: &[Expr]) {
        exprs.iter().for_each(|expr| self.expr(expr));
    }

    pub(super) fn literal(&mut self, literal: &Literal) {
        match literal {
            Literal::Null => self.word("null"),
            Literal::Bool(value) => self.word(value),
            Literal::Int(Int::Small(value)) => self.word(value),
            Literal::Int(Int::Big(value)) => self.word(value),
            Literal::Float(value) => self.word(format_args!("{value:?}")),
            Literal::Str(value) => self.text(value),
        }
    }

    pub(super) fn map(&mut self, items: &[MapItem]) {
        self.node("map", |d| {
            for item in items {
                match item {
                    MapItem::Short(name) => d.name(name),
                    MapItem::Pair { key, value } => d.node("pair", |d| {
                        match key {
                            MapKey::Word(name) => d.name(name),
                            MapKey::Literal(literal, _) => d.literal(literal),
                            MapKey::Template(expr) => d.expr(expr),
                            MapKey::Computed(expr, _) => d.node("computed", |d| d.expr(expr)),
                        }
                        d.expr(value);
                    }),
                }
            }
        });
    }

    fn link(&mut self, link: &Link) {
        let mark = if link.optional { "?" } else { "" };
        match &link.kind {
            LinkKind::Member(name) => self.word(format_args!("{mark}.{}", name.text)),
            LinkKind::Call(args) => self.node("call", |d| d.args(args)),
            LinkKind::Index(index) => self.node(format_args!("{mark}index"), |d| d.expr(index)),
            LinkKind::Slice(from, to) => self.node("slice", |d| {
                match from {
                    Some(from) => d.expr(from),
                    None => d.word("_"),
                }
                match to {
                    Some(to) => d.expr(to),
                    None => d.word("_"),
                }
            }),
        }
    }

    pub(super) fn args(&mut self, args: &[Arg]) {
        for arg in args {
            match &arg.kind {
                ArgKind::Positional => self.expr(&arg.value),
                ArgKind::Named(name) => self.node(format_args!("{}:", name.text), |d| d.expr(&arg.value)),
                ArgKind::Spread => self.node("...", |d| d.expr(&arg.value)),
            }
        }
    }

    pub(super) fn params(&mut self, params: &[Param]) {
        self.node("params", |d| {
            for param in params {
                if param.ty.is_none() && param.default.is_none() {
                    d.word(format_args!("{}{}", if param.rest { "..." } else { "" }, param.name.text));
                    continue;
                }
                d.node("param", |d| {
                    d.name(&param.name);
                    if let Some(ty) = &param.ty {
                        d.ty(ty);
                    }
                    if let Some(default) = &param.default {
                        d.expr(default);
                    }
                });
            }
        });
    }

    fn lambda(&mut self, lambda: &Lambda) {
        self.node("fn", |d| {
            d.flag(lambda.is_async, "async");
            d.params(&lambda.params);
            if let Some(ty) = &lambda.result {
                d.ty(ty);
            }
            match &lambda.body {
                LambdaBody::Expr(expr) => d.expr(expr),
                LambdaBody::Block(block) => d.block(block),
            }
        });
    }

    pub(super) fn arm(&mut self, arm: &Arm) {
        self.node("arm", |d| {
            d.pattern(&arm.pattern);
            if let Some(guard) = &arm.guard {
                d.node("if", |d| d.expr(guard));
            }
            d.block(&arm.body);
        });
    }

    fn pattern(&mut self, pattern: &Pattern) {
        match &pattern.kind {
            PatternKind::Error => self.word("<error>"),
            PatternKind::Wildcard => self.word("_"),
            PatternKind::Name(name) => self.node("bind", |d| d.name(name)),
            PatternKind::Literal(literal) => self.literal(literal),
            PatternKind::Range { start, end, inclusive } => {
                self.node(if *inclusive { "..=" } else { ".." }, |d| {
                    d.literal(start);
                    d.literal(end);
                });
            }
            PatternKind::Path(path) => self.path(path),
            PatternKind::Instance { name, fields } => {
                self.node(&name.text, |d| fields.iter().for_each(|field| d.pattern(field)));
            }
            PatternKind::List { items, rest } => self.node("list", |d| {
                items.iter().for_each(|item| d.pattern(item));
                if let Some(rest) = rest {
                    d.word(format_args!("...{}", rest.text));
                }
            }),
            PatternKind::Map(keys) => self.node("map", |d| {
                for key in keys {
                    d.node(format_args!("{}:", key.key.text), |d| d.pattern(&key.pattern));
                }
            }),
            PatternKind::Or(alternatives) => {
                self.node("or", |d| alternatives.iter().for_each(|one| d.pattern(one)));
            }
        }
    }
}
