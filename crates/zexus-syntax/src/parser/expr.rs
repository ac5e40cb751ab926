//! Operators (language.md 5.1).

use super::Parser;
use super::stmt::{assign_op, begins_expression};
use crate::ast::{Binary, BinaryOp, BinaryStep, Conditional, Expr, ExprKind, RangeExpr, Unary, UnaryOp};
use crate::keywords::Keyword;
use crate::span::Span;
use crate::token::TokenKind;
use zexus_codes::Code;

/// The level of `..` and `..=`, the only operators that do not associate.
const RANGE: u8 = 6;

/// An operator between two operands.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Infix {
    Binary(BinaryOp),
    Range {
        inclusive: bool,
    },
    /// `++` or `--`, of which the sign is taken.
    Doubled(BinaryOp),
}

/// Operands and operators of one level that wait for a right operand.
pub(super) struct Row {
    level: u8,
    first: Expr,
    rest: Vec<BinaryStep>,
    op: Infix,
    op_span: Span,
}

impl Parser<'_> {
    /// An `expression` of the grammar where assignment is an error.
    pub(super) fn expression(&mut self) -> Expr {
        let expr = self.unchecked_expression();
        if assign_op(self.kind()).is_some() && !self.lost {
            self.assignment_in_expression();
        }
        expr
    }

    /// An `expression` of the grammar; what follows is not looked at.
    pub(super) fn unchecked_expression(&mut self) -> Expr {
        let start = self.span();
        match self.special_expression() {
            Some(kind) => Expr { kind, span: self.since(start) },
            None => self.conditional(start),
        }
    }

    /// Function literals and `if … then … else …`.
    fn special_expression(&mut self) -> Option<ExprKind> {
        match self.kind() {
            TokenKind::Name | TokenKind::ParenOpen => {}
            TokenKind::Keyword(Keyword::Lambda) => return Some(self.lambda_function()),
            TokenKind::Keyword(Keyword::If) => {
                self.bump();
                let condition = self.nested(Self::expression);
                return Some(self.then_else(condition));
            }
            TokenKind::Keyword(Keyword::Action | Keyword::Function | Keyword::Async)
                if self.begins_function_literal() =>
            {
                return Some(self.function_literal());
            }
            TokenKind::Keyword(_) => {}
            _ => return None,
        }
        self.begins_arrow().then(|| self.arrow_function())
    }

    fn conditional(&mut self, start: Span) -> Expr {
        let condition = self.infix_expression();
        if !self.is(TokenKind::Question) {
            return condition;
        }
        self.bump();
        let then = self.nested(Self::expression);
        if !self.eat(TokenKind::Colon) {
            self.expected("`:` of `? :`");
            return Expr { kind: ExprKind::Error, span: self.since(start) };
        }
        let otherwise = self.nested(Self::expression);
        let kind = ExprKind::Conditional(Box::new(Conditional { condition, then, otherwise }));
        Expr { kind, span: self.since(start) }
    }

    /// Operands with operators between them. The rows that are open are on a stack of our own, one for each level.
    fn infix_expression(&mut self) -> Expr {
        let outer = self.pending.rows.len();
        let mut operand = self.unary();
        while let Some((op, level)) = self.infix() {
            let op_span = self.span();
            self.operator(op);
            while self.open_row(outer).is_some_and(|row| row.level > level)
                && let Some(row) = self.pending.rows.pop()
            {
                operand = self.close_row(row, operand);
            }
            if level == RANGE && self.open_row(outer).is_some_and(|row| row.level == RANGE) {
                self.error_at(Code::E0201, op_span, "ranges cannot be chained");
            }
            match self.open_row(outer) {
                Some(row) if row.level == level => {
                    row.rest.push(BinaryStep { op: row.op.binary(), op_span: row.op_span, right: operand });
                    (row.op, row.op_span) = (op, op_span);
                }
                _ => self.pending.rows.push(Row { level, first: operand, rest: Vec::new(), op, op_span }),
            }
            operand = self.unary();
        }
        while self.pending.rows.len() > outer
            && let Some(row) = self.pending.rows.pop()
        {
            operand = self.close_row(row, operand);
        }
        operand
    }

    /// The innermost row that is open, of those above `outer`, which belong to the expression here.
    fn open_row(&mut self, outer: usize) -> Option<&mut Row> {
        self.pending.rows.get_mut(outer..).and_then(<[Row]>::last_mut)
    }

    /// Consumes an operator.
    fn operator(&mut self, op: Infix) {
        if let Infix::Doubled(_) = op {
            self.doubled_sign();
        } else if op == Infix::Binary(BinaryOp::IntDiv) {
            self.keyword();
            return;
        }
        self.bump();
    }

    /// Makes an expression of a row and its last operand.
    fn close_row(&mut self, mut row: Row, right: Expr) -> Expr {
        let span = row.first.span.to(right.span);
        if let Infix::Range { inclusive } = row.op {
            let range = RangeExpr { start: row.first, end: right, inclusive };
            return Expr { kind: ExprKind::Range(Box::new(range)), span };
        }
        row.rest.reserve_exact(1);
        row.rest.push(BinaryStep { op: row.op.binary(), op_span: row.op_span, right });
        self.warn_about_not(&row);
        Expr { kind: ExprKind::Binary(Box::new(Binary { first: row.first, rest: row.rest })), span }
    }

    /// W0905: `not a == b` is `(not a) == b`.
    fn warn_about_not(&mut self, row: &Row) {
        let Some(step) = row.rest.first() else { return };
        let compares = matches!(
            step.op,
            BinaryOp::Eq
                | BinaryOp::Ne
                | BinaryOp::Lt
                | BinaryOp::Le
                | BinaryOp::Gt
                | BinaryOp::Ge
                | BinaryOp::In
        );
        if let ExprKind::Unary(unary) = &row.first.kind
            && unary.op == UnaryOp::Not
            && compares
        {
            let word = self.quote(unary.op_span);
            let op = step.op.as_str();
            let message = format!("`{word}` applies to the left operand of `{op}` only");
            let gap = if word == "!" { "" } else { " " };
            let help = format!("write `{word}{gap}(a {op} b)`, or `({word}{gap}a) {op} b` if that is meant");
            self.warning(Code::W0905, row.first.span, message, &help);
        }
    }

    /// The operator here with its level, from loose to tight.
    fn infix(&self) -> Option<(Infix, u8)> {
        use BinaryOp as B;
        let lexeme = self.lexeme();
        let (op, level) = match lexeme.kind {
            TokenKind::QuestionQuestion => (B::Coalesce, 1),
            TokenKind::OrOr | TokenKind::Keyword(Keyword::Or) => (B::Or, 2),
            TokenKind::AndAnd | TokenKind::Keyword(Keyword::And) => (B::And, 3),
            TokenKind::EqEq => (B::Eq, 4),
            TokenKind::NotEq => (B::Ne, 4),
            TokenKind::Lt => (B::Lt, 5),
            TokenKind::LtEq => (B::Le, 5),
            TokenKind::Gt => (B::Gt, 5),
            TokenKind::GtEq => (B::Ge, 5),
            TokenKind::Keyword(Keyword::In) => (B::In, 5),
            TokenKind::DotDot => return Some((Infix::Range { inclusive: false }, RANGE)),
            TokenKind::DotDotEq => return Some((Infix::Range { inclusive: true }, RANGE)),
            TokenKind::Plus => (B::Add, 7),
            TokenKind::Minus => (B::Sub, 7),
            TokenKind::Star => (B::Mul, 8),
            TokenKind::Slash => (B::Div, 8),
            TokenKind::Percent => (B::Mod, 8),
            TokenKind::Keyword(Keyword::Div) if !lexeme.line_before && begins_expression(self.kind_at(1)) => {
                (B::IntDiv, 8)
            }
            TokenKind::PlusPlus if self.doubled_between() => return Some((Infix::Doubled(B::Add), 7)),
            TokenKind::MinusMinus if self.doubled_between() => return Some((Infix::Doubled(B::Sub), 7)),
            _ => return None,
        };
        Some((Infix::Binary(op), level))
    }

    /// Whether `++` or `--` here stands between two operands on one line.
    fn doubled_between(&self) -> bool {
        self.same_line() && self.same_line_at(1) && begins_expression(self.kind_at(1))
    }

    /// E0207 for the `++` or `--` here.
    #[cold]
    pub(super) fn doubled_sign(&mut self) {
        let sign = self.quote(self.span());
        let one = sign.get(..1).unwrap_or("+").to_owned();
        self.error_with(Code::E0207, self.span(), format!("`{sign}` does not exist"), |d| {
            d.with_help(format!("write `x {one}= 1`; two signs in a row need a space between them"))
        });
    }

    /// Prefix operators and `**`.
    fn unary(&mut self) -> Expr {
        let start = self.span();
        let op = match self.kind() {
            TokenKind::Minus => UnaryOp::Neg,
            TokenKind::Bang | TokenKind::Keyword(Keyword::Not) => UnaryOp::Not,
            TokenKind::PlusPlus | TokenKind::MinusMinus => {
                self.doubled_sign();
                UnaryOp::Neg
            }
            _ => return self.power(start),
        };
        self.bump();
        let operand = self.nested(Self::unary);
        self.unary_node(op, start, operand)
    }

    fn unary_node(&self, op: UnaryOp, op_span: Span, operand: Expr) -> Expr {
        let span = self.since(op_span);
        Expr { kind: ExprKind::Unary(Box::new(Unary { op, op_span, operand })), span }
    }

    fn power(&mut self, start: Span) -> Expr {
        let base = self.task();
        if !self.is(TokenKind::StarStar) {
            return base;
        }
        let op_span = self.span();
        self.bump();
        let right = self.nested(Self::unary);
        let rest = vec![BinaryStep { op: BinaryOp::Pow, op_span, right }];
        Expr { kind: ExprKind::Binary(Box::new(Binary { first: base, rest })), span: self.since(start) }
    }

    /// `await`, `async` and `spawn`.
    fn task(&mut self) -> Expr {
        let op = match self.kind() {
            TokenKind::Keyword(Keyword::Await) => UnaryOp::Await,
            TokenKind::Keyword(Keyword::Async) if self.async_arrow_follows() => return self.async_arrow(),
            TokenKind::Keyword(Keyword::Async) if self.task_operand_follows() => UnaryOp::Async,
            TokenKind::Keyword(Keyword::Spawn) if self.task_operand_follows() => UnaryOp::Spawn,
            _ => return self.postfix(),
        };
        let start = self.span();
        if op == UnaryOp::Await {
            self.bump()
        } else {
            self.keyword()
        }
        let operand = self.nested(Self::task);
        self.unary_node(op, start, operand)
    }

    /// Whether `async () =>` or `async x =>` stands here, which other languages have.
    fn async_arrow_follows(&self) -> bool {
        let arrow = match self.kind_at(1) {
            TokenKind::ParenOpen => self.partners.of(self.at + 1).map(|partner| partner + 1),
            kind if kind.is_name() => Some(self.at + 2),
            _ => None,
        };
        self.same_line_at(1) && arrow.is_some_and(|at| self.lexeme_at(at).kind == TokenKind::FatArrow)
    }

    #[cold]
    fn async_arrow(&mut self) -> Expr {
        self.error_with(Code::E0201, self.span(), "`async` does not stand before an arrow function", |d| {
            d.with_help("write `async action() { … }`")
        });
        self.keyword();
        self.nested(Self::expression)
    }

    /// Whether `async` or `spawn` is an operator here: before a name or `(` on its line.
    fn task_operand_follows(&self) -> bool {
        let fits = match self.kind_at(1) {
            TokenKind::ParenOpen | TokenKind::Keyword(Keyword::This | Keyword::Await) => true,
            kind => kind.is_name(),
        };
        fits && self.same_line_at(1)
    }
}

impl Infix {
    const fn binary(self) -> BinaryOp {
        match self {
            Self::Binary(op) | Self::Doubled(op) => op,
            Self::Range { .. } => BinaryOp::Add,
        }
    }
}
