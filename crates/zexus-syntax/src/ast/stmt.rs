//! Statements.

use super::{
    Action, Arg, Block, ContractDecl, DataDecl, EnumDecl, EventDecl, Expr, ExternalDecl, Literal, MapItem,
    Match, ModifierDecl, ModuleDecl, Name, PackageDecl, ProtocolDecl, Text, Type, TypeAlias,
};
use crate::span::Span;

/// A statement or declaration.
#[derive(Debug, Clone, PartialEq)]
pub struct Stmt {
    /// What is written.
    pub kind: StmtKind,
    /// The place, without a `;` after it.
    pub span: Span,
}

/// The forms of statements.
#[derive(Debug, Clone, PartialEq)]
pub enum StmtKind {
    /// Broken; an error was reported.
    Error,
    /// An expression, calls of `require(…)`, `debug(…)` and the like included (language.md 2.4, rule 3).
    Expr(Expr),
    /// `let`, `const`, `immutable x = v`
    Let(Let),
    /// `state`, `ledger`, `persistent storage` outside contracts
    State(Box<StateVar>),
    /// `target = value`, `target += value`
    Assign(Box<Assign>),
    /// `print(args)`, `print a, b`
    Print(Vec<Arg>),
    /// `debug e`
    Debug(Expr),
    /// `return`, `return a`, `return a, b`
    Return(Vec<Expr>),
    /// `break`
    Break,
    /// `continue`
    Continue,
    /// `throw e`
    Throw(Expr),
    /// `revert`, `revert e`
    Revert(Option<Expr>),
    /// `require c, m { }`, `verify c, m { }`
    Check(Box<Check>),
    /// `validate v, schema`
    Validate(Box<Validate>),
    /// `emit NAME(args)`
    Emit(Emit),
    /// `audit x, "action", time`
    Audit(Box<Audit>),
    /// `seal a.b`, `immutable a`
    Seal(MemberPath),
    /// `restrict obj.field = rule`; the path has at least one member
    Restrict {
        /// What the rule is for.
        target: MemberPath,
        /// The rule.
        rule: Expr,
    },
    /// `trail WHAT, "filter"`
    Trail {
        /// What to follow: any word, or `*`.
        what: Name,
        /// What the text must contain.
        filter: Option<Text>,
    },
    /// `capability c {…}`, `capability c = e`
    Capability {
        /// The constant that is declared.
        name: Name,
        /// Its description.
        value: Option<Expr>,
    },
    /// `grant who c, d`, `revoke who c`
    Grant(Grant),
    /// `protect f, rules, level`, `protect f {rules}, level`
    Protect(Box<Protect>),
    /// `inject NAME: type`
    Inject(Inject),
    /// `channel<type>[capacity] NAME = capacity`
    Channel(Box<ChannelDecl>),
    /// `use`, `import`, `from … import`
    Use(Use),
    /// `export …`
    Export(Box<Export>),
    /// `{ … }`
    Block(Block),
    /// `if`
    If(If),
    /// `while`
    While {
        /// The condition.
        condition: Expr,
        /// The body.
        body: Block,
    },
    /// `for x in v`, `for each i, x in v`, `for (x in v)`
    ForIn(Box<ForIn>),
    /// `for (init; condition; step)`
    ForC(Box<ForC>),
    /// `try`
    Try(Try),
    /// `pattern v { arms }`
    Pattern(Box<Match>),
    /// `tx { }`
    Tx(Block),
    /// `atomic { }`, `atomic(stmt)`
    Atomic(Block),
    /// `defer { }`, `defer stmt`
    Defer(Block),
    /// `watch e => { }`, `watch { }`
    Watch {
        /// What is watched; without it, what the block reads.
        value: Option<Expr>,
        /// The block.
        body: Block,
    },
    /// `stream NAME as ev => { }`
    Stream {
        /// The name of the events.
        event: Name,
        /// The variable for the event.
        binding: Name,
        /// The handler.
        body: Block,
    },
    /// `using (r = e) { }`
    Using {
        /// The variable.
        name: Name,
        /// The resource.
        value: Expr,
        /// The block.
        body: Block,
    },
    /// `exactly NAME { }`
    Exactly {
        /// The label.
        name: Name,
        /// The block.
        body: Block,
    },
    /// `action f(…) { }`
    Action(Box<Action>),
    /// `data T { }`, `entity T { }`
    Data(Box<DataDecl>),
    /// `enum E { }`
    Enum(EnumDecl),
    /// `protocol P { }`, `interface I { }`
    Protocol(ProtocolDecl),
    /// `contract C { }`
    Contract(Box<ContractDecl>),
    /// `modifier m { }`
    Modifier(Box<ModifierDecl>),
    /// `event E(…)`
    Event(EventDecl),
    /// `module M { }`
    Module(ModuleDecl),
    /// `package a.b { }`
    Package(PackageDecl),
    /// `type_alias T = type`
    TypeAlias(Box<TypeAlias>),
    /// `external action f(…)`
    External(Box<ExternalDecl>),
}

/// `let`, `const` or `immutable` with everything that it declares.
#[derive(Debug, Clone, PartialEq)]
pub struct Let {
    /// Which of the three.
    pub kind: LetKind,
    /// What is declared; a destructuring is always alone.
    pub bindings: Vec<Binding>,
}

/// The words that declare variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LetKind {
    /// `let`
    Let,
    /// `const`
    Const,
    /// `immutable`, with or without `let` or `const` after it: a constant whose value is sealed.
    Immutable,
}

/// One `target: type = value`.
#[derive(Debug, Clone, PartialEq)]
pub struct Binding {
    /// What is bound.
    pub target: BindingTarget,
    /// The type, only if the target is a name.
    pub ty: Option<Type>,
    /// The value. Missing only after `let`, or where E0211 or E0201 was reported.
    pub value: Option<Initializer>,
    /// The place.
    pub span: Span,
}

/// What a binding binds.
#[derive(Debug, Clone, PartialEq)]
pub enum BindingTarget {
    /// `x`
    Name(Name),
    /// `[a, b, ...rest]`
    List {
        /// The names of the first items.
        names: Vec<Name>,
        /// The name for what is left.
        rest: Option<Name>,
        /// The place, brackets included.
        span: Span,
    },
    /// `{a, key: b}`
    Map {
        /// Keys with the names that take their values; the same word twice for `{a}`.
        names: Vec<(Name, Name)>,
        /// The place, braces included.
        span: Span,
    },
}

/// What may stand after `=` of a declaration or assignment.
#[derive(Debug, Clone, PartialEq)]
pub struct Initializer {
    /// What is written.
    pub kind: InitializerKind,
    /// The place.
    pub span: Span,
}

/// The forms of initial values.
#[derive(Debug, Clone, PartialEq)]
pub enum InitializerKind {
    /// An expression, `sanitize(x)` included.
    Expr(Expr),
    /// `sanitize e, "mode"`
    Sanitize {
        /// The text.
        value: Expr,
        /// The mode.
        mode: Option<Text>,
    },
    /// `audit x, "action", time`: the value is the entry.
    Audit(Box<Audit>),
    /// `let s << "file.txt"`
    File(Text),
    /// `let s << path`
    FileName(Name),
}

/// A variable of the chain's state, at the top level or in a contract.
#[derive(Debug, Clone, PartialEq)]
pub struct StateVar {
    /// Which form.
    pub kind: StateKind,
    /// `public` or `private` before it; only in contracts.
    pub visibility: Option<Visibility>,
    /// The name.
    pub name: Name,
    /// The type.
    pub ty: Option<Type>,
    /// The initial value.
    pub value: Option<Initializer>,
    /// The place.
    pub span: Span,
}

/// The forms that declare state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StateKind {
    /// `state x`, an item of `state { }`
    State,
    /// `data x`, only in contracts
    Data,
    /// `x: type`, only in contracts
    Field,
    /// `ledger x`
    Ledger,
    /// `persistent storage x`
    Persistent,
}

/// `public` or `private`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Visibility {
    /// `public`
    Public,
    /// `private`
    Private,
}

/// `target op value`
#[derive(Debug, Clone, PartialEq)]
pub struct Assign {
    /// A name, or a chain that ends with a member or index that is not optional; else E0205 was reported and this is
    /// [`ExprKind::Error`](super::ExprKind::Error).
    pub target: Expr,
    /// The operator.
    pub op: AssignOp,
    /// The place of the operator.
    pub op_span: Span,
    /// The value.
    pub value: Initializer,
}

/// Assignment operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AssignOp {
    /// `=`
    Set,
    /// `+=`
    Add,
    /// `-=`
    Sub,
    /// `*=`
    Mul,
    /// `/=`
    Div,
    /// `%=`
    Mod,
    /// `**=`
    Pow,
}

/// The statement `require` or `verify`.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// Which of the two.
    pub kind: CheckKind,
    /// The condition.
    pub condition: Expr,
    /// The message.
    pub message: Option<Expr>,
    /// What runs on failure.
    pub block: Option<Block>,
}

/// Which check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckKind {
    /// `require`
    Require,
    /// `verify`
    Verify,
}

/// `validate value, schema`
#[derive(Debug, Clone, PartialEq)]
pub struct Validate {
    /// The value.
    pub value: Expr,
    /// The schema.
    pub schema: Expr,
}

/// `emit NAME …`
#[derive(Debug, Clone, PartialEq)]
pub struct Emit {
    /// The name of the event.
    pub name: Name,
    /// The values.
    pub args: EmitArgs,
}

/// The values of an event.
#[derive(Debug, Clone, PartialEq)]
pub enum EmitArgs {
    /// Nothing after the name.
    None,
    /// `(args)`
    Args(Vec<Arg>),
    /// `{k: v}` at its place
    Map(Vec<MapItem>, Span),
}

/// `audit NAME, action, time`
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// What is recorded.
    pub name: Name,
    /// The action.
    pub action: Expr,
    /// The time.
    pub time: Option<Expr>,
}

/// `a.b.c`
#[derive(Debug, Clone, PartialEq)]
pub struct MemberPath {
    /// The variable.
    pub name: Name,
    /// The members after it.
    pub members: Vec<Name>,
    /// The place.
    pub span: Span,
}

/// `grant who c, d` or `revoke who c, d`
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// Whether it is `revoke`.
    pub revoke: bool,
    /// Who gets or loses them.
    pub who: GrantWho,
    /// The capabilities; at least one.
    pub capabilities: Vec<Name>,
}

/// Who is granted something.
#[derive(Debug, Clone, PartialEq)]
pub enum GrantWho {
    /// A variable that holds a string.
    Name(Name),
    /// A string.
    Text(Text),
}

/// `protect target rules, level`
#[derive(Debug, Clone, PartialEq)]
pub struct Protect {
    /// The function.
    pub target: Name,
    /// The rules.
    pub rules: Expr,
    /// The level.
    pub level: Option<Expr>,
}

/// `inject NAME: type`
#[derive(Debug, Clone, PartialEq)]
pub struct Inject {
    /// The name of the dependency and of the constant.
    pub name: Name,
    /// The type.
    pub ty: Option<Type>,
}

/// `channel<type>[size] NAME = capacity`
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelDecl {
    /// The type of the values.
    pub ty: Option<Type>,
    /// The capacity in brackets.
    pub size: Option<Expr>,
    /// The variable.
    pub name: Name,
    /// The capacity after `=`.
    pub capacity: Option<Expr>,
}

/// An import in any of its spellings.
#[derive(Debug, Clone, PartialEq)]
pub struct Use {
    /// The path, or the spelling of a bare name.
    pub path: Text,
    /// Whether the path is a bare name (`use math`).
    pub bare: bool,
    /// What is brought into the scope.
    pub what: UseWhat,
}

/// What an import brings.
#[derive(Debug, Clone, PartialEq)]
pub enum UseWhat {
    /// All exports.
    All,
    /// The module under a name: `as m`.
    Module(Name),
    /// Some exports.
    Names(Vec<UseName>),
}

/// `name as alias`
#[derive(Debug, Clone, PartialEq)]
pub struct UseName {
    /// The name that is exported.
    pub name: Name,
    /// The name it gets here.
    pub alias: Option<Name>,
}

/// `export item to "file" with "capability"`
#[derive(Debug, Clone, PartialEq)]
pub struct Export {
    /// What is exported.
    pub item: ExportItem,
    /// The files that may import it; empty for all.
    pub to: Vec<Text>,
    /// The capability that an importer must hold.
    pub with: Option<Text>,
}

/// What is exported.
#[derive(Debug, Clone, PartialEq)]
pub enum ExportItem {
    /// A declaration, `let` or `const`.
    Decl(Stmt),
    /// Names.
    Names(Vec<Name>),
}

/// `if` with all its branches.
#[derive(Debug, Clone, PartialEq)]
pub struct If {
    /// `if` and all `elif`; at least one.
    pub branches: Vec<Branch>,
    /// `else`
    pub otherwise: Option<Block>,
}

/// A condition with its block.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// The condition.
    pub condition: Expr,
    /// The block.
    pub body: Block,
}

/// `for first, second in value { }`
#[derive(Debug, Clone, PartialEq)]
pub struct ForIn {
    /// The variable, or with two the position or key.
    pub first: Name,
    /// The second variable.
    pub second: Option<Name>,
    /// What is gone through.
    pub value: Expr,
    /// The body.
    pub body: Block,
}

/// `for (init; condition; step) { }`
#[derive(Debug, Clone, PartialEq)]
pub struct ForC {
    /// Runs once.
    pub init: Option<Stmt>,
    /// Decides before each step; true if missing.
    pub condition: Option<Expr>,
    /// Runs after each step.
    pub step: Option<Stmt>,
    /// The body.
    pub body: Block,
}

/// `try` with at least one of `catch` and `finally` (else E0213 was reported).
#[derive(Debug, Clone, PartialEq)]
pub struct Try {
    /// What may fail.
    pub body: Block,
    /// The clauses in order.
    pub catches: Vec<Catch>,
    /// What runs in any case.
    pub finally: Option<Block>,
}

/// `catch (name: type) { }`
#[derive(Debug, Clone, PartialEq)]
pub struct Catch {
    /// The variable; `error` if missing.
    pub name: Option<Name>,
    /// The type that the value must fit.
    pub ty: Option<Type>,
    /// The block.
    pub body: Block,
    /// The place.
    pub span: Span,
}

impl Literal {
    /// Whether this is a number.
    #[must_use]
    pub const fn is_number(&self) -> bool {
        matches!(self, Self::Int(_) | Self::Float(_))
    }
}
