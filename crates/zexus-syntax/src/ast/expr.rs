//! Expressions and the patterns of `match`.

use std::sync::Arc;

use num_bigint::BigInt;

use super::{Block, Name, Stmt, Text, Type};
use crate::span::Span;

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What is written.
    pub kind: ExprKind,
    /// The place.
    pub span: Span,
}

impl Expr {
    /// The name, if the expression is just a name (not in parentheses).
    #[must_use]
    pub fn as_name(&self) -> Option<&Name> {
        match &self.kind {
            ExprKind::Name(name) => Some(name),
            _ => None,
        }
    }

    /// The expression without the parentheses around it.
    #[must_use]
    pub fn without_parens(&self) -> &Self {
        let mut expr = self;
        while let ExprKind::Paren(inner) = &expr.kind {
            expr = inner;
        }
        expr
    }
}

/// The forms of expressions.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// Broken; an error was reported.
    Error,
    /// A number, string without holes, boolean or null.
    Literal(Literal),
    /// A string with holes: `"a ${b} c"`.
    Template(Vec<TemplatePart>),
    /// A name, `self`, `super` and `_` included.
    Name(Name),
    /// `this`
    This,
    /// `print` as a value, nearly always the base of a [`Chain`] whose first link is a call.
    Print,
    /// `(e)`
    Paren(Box<Expr>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{k: v, name}`
    Map(Vec<MapItem>),
    /// `T{f: v}`, `T<int>(v)`, `T<int>{f: v}`
    Constructor(Box<Constructor>),
    /// `f(x)`, `a.b?.c[i][1:]`: a base and what follows it
    Chain(Box<Chain>),
    /// `-a`, `!a`, `not a`, `await a`, `async f(x)`, `spawn f(x)`
    Unary(Box<Unary>),
    /// `a + b - c`, `a and b`, `a ?? b`, `a ** b`
    Binary(Box<Binary>),
    /// `a..b`, `a..=b`
    Range(Box<RangeExpr>),
    /// `c ? a : b`, `if c then a else b`
    Conditional(Box<Conditional>),
    /// Every kind of function literal.
    Lambda(Box<Lambda>),
    /// `match v { … }`
    Match(Box<Match>),
    /// `sandbox { … }`
    Sandbox(Box<Sandbox>),
}

/// A value written down.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// An integer. In expressions it is never negative; in patterns and map keys the sign is part of it.
    Int(Int),
    /// A float; in patterns the sign is part of it.
    Float(f64),
    /// A string with its escapes resolved.
    Str(Arc<str>),
}

/// The value of an integer literal; the magnitude fits 4,096 bits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Int {
    /// Fits 64 bits.
    Small(i64),
    /// Does not fit 64 bits.
    Big(Box<BigInt>),
}

/// A piece of a string with holes. Texts are never empty; two texts never follow each other.
#[derive(Debug, Clone, PartialEq)]
pub enum TemplatePart {
    /// Characters with escapes resolved.
    Text(Text),
    /// The expression of a hole.
    Hole(Expr),
}

/// An item of a map literal.
#[derive(Debug, Clone, PartialEq)]
pub enum MapItem {
    /// `key: value`
    Pair {
        /// The key.
        key: MapKey,
        /// The value.
        value: Expr,
    },
    /// `name`, short for `name: name`
    Short(Name),
}

/// The key of a map item.
#[derive(Debug, Clone, PartialEq)]
pub enum MapKey {
    /// A bare word, reserved or not: a string key with its spelling.
    Word(Name),
    /// A string, or an integer with its sign, at its place.
    Literal(Literal, Span),
    /// A string with holes. The grammar allows STRING, of which this is one; it is a computed string key.
    Template(Expr),
    /// `[expr]`; the span includes the brackets.
    Computed(Expr, Span),
}

/// `geo.Box<int>{value: 5}` or `Box<int>(5)`
#[derive(Debug, Clone, PartialEq)]
pub struct Constructor {
    /// The name of the type and, after dots, its members; at least one.
    pub path: Vec<Name>,
    /// The types between `<` and `>`.
    pub type_args: Vec<Type>,
    /// What is given to it.
    pub args: ConstructorArgs,
}

/// What a constructor is given.
#[derive(Debug, Clone, PartialEq)]
pub enum ConstructorArgs {
    /// `{f: v}`; the key of a string field is its value.
    Fields(Vec<FieldValue>),
    /// `(args)`, only with type arguments: without them it is a call in a [`Chain`].
    Args(Vec<Arg>),
}

/// `name: value` of a constructor in braces.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldValue {
    /// The field.
    pub name: Name,
    /// Its value.
    pub value: Expr,
}

/// A base with at least one link. `(a?.b).c` is a chain whose base is [`ExprKind::Paren`], so a chain is exactly what
/// an optional link skips when its left side is null (language.md 5.8).
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// What the links are applied to; never itself a chain.
    pub base: Expr,
    /// The links from left to right.
    pub links: Vec<Link>,
}

/// One `.b`, `?.b`, `(args)`, `[i]`, `?.[i]` or `[i:j]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// What it does.
    pub kind: LinkKind,
    /// Whether it is written with `?.`; only members and indexes can be.
    pub optional: bool,
    /// The place of the link alone. The expression up to here spans from the start of the base to the end of this.
    pub span: Span,
}

/// The forms of links.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkKind {
    /// `.b`; the name is any word.
    Member(Name),
    /// `(args)`; a call of a method if the link before it is a member.
    Call(Vec<Arg>),
    /// `[i]`
    Index(Expr),
    /// `[i:j]`
    Slice(Option<Box<Expr>>, Option<Box<Expr>>),
}

/// An argument of a call. Named arguments stand after all others (else E0215 was reported).
#[derive(Debug, Clone, PartialEq)]
pub struct Arg {
    /// Positional, named or spread.
    pub kind: ArgKind,
    /// The value.
    pub value: Expr,
    /// The place, name or dots included.
    pub span: Span,
}

/// How an argument is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArgKind {
    /// `e`
    Positional,
    /// `name: e`
    Named(Name),
    /// `...e`
    Spread,
}

/// A prefix operator with its operand.
#[derive(Debug, Clone, PartialEq)]
pub struct Unary {
    /// The operator.
    pub op: UnaryOp,
    /// The place of the operator.
    pub op_span: Span,
    /// The operand.
    pub operand: Expr,
}

/// Prefix operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `-`
    Neg,
    /// `!`, `not`
    Not,
    /// `await`
    Await,
    /// `async`
    Async,
    /// `spawn`
    Spawn,
}

/// A row of operators of one level, applied from left to right: `a - b + c` is `(a - b) + c`.
///
/// All operators of a row are of one of these groups: `??`; `||`; `&&`; `==` `!=`; `<` `<=` `>` `>=` `in`; `+` `-`;
/// `*` `/` `%` `div`; `**`. Rows of `??` associate to the right by the grammar, which means the same. A row of `**`
/// always has one operator: its right operand may be another row.
#[derive(Debug, Clone, PartialEq)]
pub struct Binary {
    /// The leftmost operand.
    pub first: Expr,
    /// The operators with their right operands; at least one.
    pub rest: Vec<BinaryStep>,
}

/// An operator with its right operand.
#[derive(Debug, Clone, PartialEq)]
pub struct BinaryStep {
    /// The operator.
    pub op: BinaryOp,
    /// The place of the operator.
    pub op_span: Span,
    /// The right operand. The value up to here spans from the start of the row to the end of this.
    pub right: Expr,
}

/// Operators between two operands; `and` is [`BinaryOp::And`] like `&&`, `or` is [`BinaryOp::Or`] like `||`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `??`
    Coalesce,
    /// `||`, `or`
    Or,
    /// `&&`, `and`
    And,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `in`
    In,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Mod,
    /// `div`
    IntDiv,
    /// `**`
    Pow,
}

impl BinaryOp {
    /// The operator as messages show it; `&&` and `||` for both spellings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Coalesce => "??",
            Self::Or => "||",
            Self::And => "&&",
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::In => "in",
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Mod => "%",
            Self::IntDiv => "div",
            Self::Pow => "**",
        }
    }
}

/// `start..end`
#[derive(Debug, Clone, PartialEq)]
pub struct RangeExpr {
    /// The first integer.
    pub start: Expr,
    /// The end.
    pub end: Expr,
    /// Whether it is `..=`.
    pub inclusive: bool,
}

/// `condition ? then : otherwise`
#[derive(Debug, Clone, PartialEq)]
pub struct Conditional {
    /// What decides.
    pub condition: Expr,
    /// The value if it is true.
    pub then: Expr,
    /// The value if it is false.
    pub otherwise: Expr,
}

/// A function literal (language.md 9.2).
#[derive(Debug, Clone, PartialEq)]
pub struct Lambda {
    /// Whether `async` stands before or after `action` or `function`.
    pub is_async: bool,
    /// The parameters.
    pub params: Vec<Param>,
    /// The type after `->` of `action` and `function`.
    pub result: Option<Type>,
    /// The body.
    pub body: LambdaBody,
}

/// The body of a function literal.
#[derive(Debug, Clone, PartialEq)]
pub enum LambdaBody {
    /// An expression.
    Expr(Expr),
    /// A block, whose value is that of its last statement.
    Block(Block),
}

/// A parameter. Those with defaults stand after those without, `...rest` is last (else E0215 was reported).
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// The name.
    pub name: Name,
    /// The type.
    pub ty: Option<Type>,
    /// The default.
    pub default: Option<Expr>,
    /// Whether it is written `...name`.
    pub rest: bool,
    /// The place, type and default included.
    pub span: Span,
}

/// `match value { arms }`, also the body of the statement `pattern`.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// What is matched.
    pub value: Expr,
    /// The arms in order.
    pub arms: Vec<Arm>,
}

/// `pattern if guard => body`, `case pattern: body`, `default: body`
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// The pattern; `default` is [`PatternKind::Wildcard`].
    pub pattern: Pattern,
    /// The condition after `if`.
    pub guard: Option<Expr>,
    /// The body; one simple statement without braces is a block of one.
    pub body: Block,
    /// The place.
    pub span: Span,
}

/// A pattern of `match`.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    /// What is written.
    pub kind: PatternKind,
    /// The place.
    pub span: Span,
}

/// The forms of patterns (language.md 8.5).
///
/// The parser reports E0216 for alternatives that declare names and for intervals whose ends are not numbers of the
/// same kind; the number of fields of [`PatternKind::Instance`] is for whoever knows the types.
#[derive(Debug, Clone, PartialEq)]
pub enum PatternKind {
    /// Broken; an error was reported.
    Error,
    /// `_`, `default`
    Wildcard,
    /// `name`
    Name(Name),
    /// A number, possibly negative, a string, boolean or null.
    Literal(Literal),
    /// `1..10`, `1..=9`: both ends are integers or both are floats.
    Range {
        /// The lower end.
        start: Literal,
        /// The upper end.
        end: Literal,
        /// Whether it is `..=`.
        inclusive: bool,
    },
    /// `Color.Red`; at least two names, all after the first are any words.
    Path(Vec<Name>),
    /// `Point(p, q)`
    Instance {
        /// The name of the type.
        name: Name,
        /// The patterns of its fields in order.
        fields: Vec<Pattern>,
    },
    /// `[p, q, ...rest]`
    List {
        /// The patterns of the first items.
        items: Vec<Pattern>,
        /// The name for what is left, if it may be any number.
        rest: Option<Name>,
    },
    /// `{k: p, name}`; `{name}` is the key `name` with the pattern [`PatternKind::Name`].
    Map(Vec<MapPattern>),
    /// `p || q`; at least two.
    Or(Vec<Pattern>),
}

/// One key of a map pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct MapPattern {
    /// The key; the text of a string key is its value.
    pub key: Name,
    /// The pattern of its value.
    pub pattern: Pattern,
}

/// `sandbox { }`, `sandbox("policy") { }`, `sandbox(policy = "strict") { }`
#[derive(Debug, Clone, PartialEq)]
pub struct Sandbox {
    /// The name before `=`, which is for the reader only.
    pub label: Option<Name>,
    /// The policy.
    pub policy: Option<Expr>,
    /// The body.
    pub body: Block,
}

/// Where a single statement stands for a block, this makes the block.
impl From<Stmt> for Block {
    fn from(stmt: Stmt) -> Self {
        let span = stmt.span;
        Self { stmts: vec![stmt], span }
    }
}
