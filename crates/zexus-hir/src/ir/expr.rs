//! Expressions and patterns.

use std::sync::Arc;

use num_bigint::BigInt;
use zexus_bytecode::operator::BinOp;
use zexus_syntax::Span;

use super::{Bind, Block, FuncId, ModuleId, Name, Slot, TypeRef, Var};

/// An expression.
#[derive(Debug)]
pub struct Expr {
    /// What it does.
    pub kind: ExprKind,
    /// The place that errors of this expression mark.
    pub span: Span,
}

/// A value known before the program runs.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Const {
    Null,
    Bool(bool),
    Int(i64),
    Big(Arc<BigInt>),
    Float(f64),
    Str(Name),
}

/// The forms of expressions.
#[derive(Debug)]
pub enum ExprKind {
    /// Gives the constant.
    Const(Const),
    /// Reads a variable. A state variable that holds a container gives a live value, a ledger variable a copy of its latest value.
    Var(Var),
    /// A builtin function as a value.
    Builtin(u32),
    /// A module as a value.
    Module(ModuleId),
    /// A standard module as a value, by its index in [`crate::Externs::modules`].
    StdModule(u32),
    /// `this` of the running function.
    This,
    /// A closure over the current variables; it keeps the running function's `this` if it is a literal.
    Function(FuncId),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{k: v}`; a computed key is evaluated before its value; E0411 if it is no key.
    Map(Vec<(MapKey, Expr)>),
    /// Joins the display forms.
    Template(Vec<Expr>),
    /// `lo..hi`, or `lo..=hi` if `inclusive`.
    Range {
        /// The first integer.
        lo: Box<Expr>,
        /// The end.
        hi: Box<Expr>,
        /// Whether the end belongs to it.
        inclusive: bool,
    },
    /// One binary operator; an operator method of an instance on the left comes first.
    Binary(BinOp, Box<(Expr, Expr)>),
    /// A row of left-associative operators: `a + b - c`. The first operand, then operators with their right operands and the places
    /// that errors mark.
    Row(Box<Expr>, Vec<(BinOp, Expr, Span)>),
    /// `a ** b ** c`: all operands are evaluated from left to right, then combined from the right.
    Power(Vec<Expr>),
    /// `a and b and c` (`and`), `a or b or c`: evaluated only as far as needed; a boolean.
    Logic {
        /// Which of the two.
        and: bool,
        /// At least two.
        operands: Vec<Expr>,
    },
    /// `a ?? b ?? c`: the first that is not null, else the last.
    Coalesce(Vec<Expr>),
    /// `-a`
    Neg(Box<Expr>),
    /// `!a`
    Not(Box<Expr>),
    /// `c ? a : b`
    If(Box<(Expr, Expr, Expr)>),
    /// A base and what follows it. If a link is `optional` and the value before it is null, the value of the whole chain is null and
    /// the rest is not evaluated.
    Chain {
        /// What the links apply to.
        base: Box<Expr>,
        /// The links in order; at least one.
        links: Vec<Link>,
    },
    /// A call of what an expression gives (function, builtin, declared type, contract). The function is evaluated first.
    Call {
        /// What is called.
        callee: Box<Expr>,
        /// The arguments.
        args: Args,
    },
    /// A call of a builtin by its name; the number of arguments was checked unless there is a spread.
    CallBuiltin {
        /// The builtin.
        builtin: u32,
        /// Positional arguments and spreads.
        args: Args,
    },
    /// `super.m(args)`: the method or action that the parent of the declaring type has.
    Super {
        /// Its name.
        name: Name,
        /// The arguments.
        args: Box<Args>,
    },
    /// `T<int>(…)`, `T<int>{…}`
    Construct(Box<Construct>),
    /// `await e`
    Await(Box<Expr>),
    /// `async f(x)`, `spawn x.m(y)`: the operand is [`ExprKind::Call`], [`ExprKind::CallBuiltin`], [`ExprKind::Super`],
    /// [`ExprKind::Construct`] or a chain that ends with a call.
    /// Function and arguments are evaluated at once, then a task is made; inside a transaction the call runs at once.
    Spawn(Box<Expr>),
    /// `async t`, `spawn t` without a call: the task itself; E0402 for anything else.
    SpawnValue(Box<Expr>),
    /// `match`
    Match(Box<Match>),
    /// `TX.caller` and the like; the name is one of language.md 15.10.
    TxMember(Name),
    /// `gas.used`, `gas.remaining`, `gas.limit`
    GasMember(Name),
    /// A dependency declared with `inject`: looked up when it is first read, then kept in the variable.
    Injected(Box<Injected>),
    /// `sandbox(policy) { … }`: calls the function, a literal without parameters, without capabilities that the policy lacks.
    Sandbox {
        /// The policy; `'default'` if missing.
        policy: Option<Box<Expr>>,
        /// The literal.
        body: FuncId,
    },
    /// `__ARGS__`: the list of the program's arguments.
    Args,
    /// `external action f(…)` as a value: a function that checks its parameters and calls the host.
    External(Arc<External>),
    /// Something the runtime does with evaluated operands.
    Intrinsic(Box<Intrinsic>, Vec<Expr>),
}

/// `T<int>(…)`, `T<int>{…}`
#[derive(Debug)]
pub struct Construct {
    /// The declared type.
    pub callee: Expr,
    /// The type arguments.
    pub type_args: Vec<TypeRef>,
    /// The arguments.
    pub args: Args,
}

/// A dependency that is looked up when it is first read.
#[derive(Debug)]
pub struct Injected {
    /// Where it is kept.
    pub var: Var,
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: Option<Box<TypeRef>>,
}

/// A function that the host supplies (language.md 16.11).
#[derive(Debug)]
pub struct External {
    /// The module, or empty.
    pub module: Name,
    /// Its name.
    pub name: Name,
}

/// What the runtime does; operands in the order given.
#[derive(Clone, Debug, PartialEq)]
pub enum Intrinsic {
    /// `debug x`: one line on the diagnostic stream; gives null.
    Debug,
    /// `audit NAME, action[, time]`: operands value, action and perhaps time; gives the entry.
    Audit(Name),
    /// Seals the value and all that is reached from it; gives the value.
    Seal,
    /// `seal a.b`: operand a; seals the value of the member and makes the member read-only.
    SealMember(Name),
    /// `restrict obj.field = rule`: operands obj and rule.
    Restrict(Name),
    /// `trail WHAT[, filter]`: no operands.
    Trail(Name, Option<Name>),
    /// `grant who c`: operand who.
    Grant(Name),
    /// `revoke who c`: operand who.
    Revoke(Name),
    /// `protect f, rules[, level]`: operands f, rules and perhaps level. Gives null.
    Protect(Name),
    /// A new channel: operand the capacity, if any; the type of values.
    Channel(Option<ChannelType>),
    /// Raises E0501 with the message (operands: message or null).
    RequireFailed,
    /// Raises E0502 likewise.
    VerifyFailed,
}

/// The declared type of a channel's values.
#[derive(Clone, Debug)]
pub struct ChannelType(pub Arc<TypeRef>);

impl PartialEq for ChannelType {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The key of a map item.
#[derive(Debug)]
pub enum MapKey {
    /// Known: a string or an integer.
    Const(Const),
    /// Computed.
    Expr(Box<Expr>),
}

/// A step of a chain.
#[derive(Debug)]
pub struct Link {
    /// What is done with the value before it.
    pub kind: LinkKind,
    /// Whether it is skipped, with the rest of the chain, if the value before it is null.
    pub optional: bool,
    /// The place that errors of this step mark.
    pub span: Span,
}

/// The steps.
#[derive(Debug)]
pub enum LinkKind {
    /// `.name`
    Member(Name),
    /// `[i]`
    Index(Expr),
    /// `[a:b]`
    Slice(Option<Box<Expr>>, Option<Box<Expr>>),
    /// `(args)` after something that is no name or member
    Call(Args),
    /// `.name(args)`. `internal`: the base is `this`, so a contract's action is called without copies and may be private.
    Method {
        /// Its name.
        name: Name,
        /// The arguments.
        args: Args,
        /// Whether the base is `this`.
        internal: bool,
    },
}

/// The arguments of a call.
#[derive(Debug, Default)]
pub struct Args {
    /// In order: positional and spreads, then named.
    pub list: Box<[Arg]>,
    /// Whether all are positional, the common case.
    pub plain: bool,
}

/// An argument.
#[derive(Debug)]
pub enum Arg {
    /// By position.
    Value(Expr),
    /// By name.
    Named(Name, Box<Expr>),
    /// `...e`: the items of a list or range by position.
    Spread(Expr),
}

/// `match` and `pattern`.
#[derive(Debug)]
pub struct Match {
    /// What is matched.
    pub value: Expr,
    /// The arms from top to bottom.
    pub arms: Vec<Arm>,
    /// Whether it is E0418 if nothing fits; otherwise the value is null.
    pub must_fit: bool,
}

/// An arm.
#[derive(Debug)]
pub struct Arm {
    /// The pattern.
    pub pattern: Pattern,
    /// The condition.
    pub guard: Option<Expr>,
    /// What runs; its value is the value of the match.
    pub body: Block,
    /// Slots that get a new undefined cell before the pattern binds them; see [`Block::early`].
    pub early: Vec<Slot>,
}

/// A pattern (language.md 8.5).
#[derive(Debug)]
pub enum Pattern {
    /// Fits everything.
    Any,
    /// Fits everything and declares a variable.
    Bind(Bind),
    /// Fits what is `==`.
    Const(Const),
    /// Fits numbers (or, with strings as ends, strings) in the interval.
    Interval {
        /// The first.
        lo: Const,
        /// The end.
        hi: Const,
        /// Whether the end belongs to it.
        inclusive: bool,
    },
    /// Fits what is `==` to the value of the path.
    Path(Box<Expr>),
    /// Fits instances of the type; the patterns fit its fields in order (their number was checked where the type is known).
    Type {
        /// Reads the type.
        ty: Box<Expr>,
        /// One for each field.
        fields: Vec<Pattern>,
        /// The place.
        span: Span,
    },
    /// Fits lists of this length; with a rest, of at least this length.
    List {
        /// The first items.
        items: Vec<Pattern>,
        /// `...rest` or `..rest`.
        rest: Option<Bind>,
    },
    /// Fits maps and instances that have these keys or fields.
    Map(Vec<(Name, Pattern)>),
    /// Fits what one of them fits.
    Or(Vec<Pattern>),
}
