//! Statements.

use zexus_bytecode::operator::BinOp;
use zexus_syntax::Span;

use super::{
    Args, Bind, Block, Decl, Export, Expr, FuncId, Match, ModuleId, Name, Slot, TypeRef, Var, WatchedId,
};

/// A statement.
#[derive(Debug)]
pub struct Stmt {
    /// What it does.
    pub kind: StmtKind,
    /// The place.
    pub span: Span,
}

/// The forms of statements. Where nothing is said the value of the statement is null.
#[derive(Debug)]
pub enum StmtKind {
    /// Evaluates; the value is that of the expression.
    Expr(Expr),
    /// Declares a variable. Without a value it is null and unchecked.
    Let {
        /// How it is stored.
        bind: Bind,
        /// Its type; the message of a mismatch is `Type mismatch: cannot assign String to int`.
        ty: Option<Box<TypeRef>>,
        /// Its value.
        value: Option<Expr>,
    },
    /// Gives a state variable its initial value: for [`super::StateKind::Persistent`] only if the store holds none. Exempt from strict mode.
    InitState {
        /// The variable.
        state: super::StateId,
        /// Its value, null if missing.
        value: Option<Expr>,
    },
    /// Declares the variables of a destructuring.
    Destructure(Box<Destructure>),
    /// Assigns. With an operator: the target is read, then the value evaluated, combined and stored.
    Assign(Box<Assign>),
    /// The first condition that is true decides; the value is that of the block that ran.
    If {
        /// Conditions with blocks.
        branches: Vec<(Expr, Block)>,
        /// Otherwise.
        otherwise: Option<Box<Block>>,
    },
    /// Runs the block while the condition is true.
    While {
        /// The condition.
        condition: Expr,
        /// The body.
        body: Box<Block>,
    },
    /// Goes through a value as language.md 8.3 says; each iteration has its own variables.
    ForEach(Box<ForEach>),
    /// The C form. The variables of `init` are in the scope of the statement; those that live in cells get new cells with the same
    /// values before each `step`.
    ForC(Box<ForC>),
    /// Ends the function.
    Return(Option<Expr>),
    /// Ends the innermost loop.
    Break,
    /// Goes on with the next iteration.
    Continue,
    /// Raises the value; an error object as it is.
    Throw(Expr),
    /// Raises E0503, bound to the innermost open transaction.
    Revert(Option<Expr>),
    /// `require c, m { }` (`verify` likewise) with a block. If the condition is false the block runs; unless its value is true, the
    /// error with the message, evaluated then, follows.
    Check(Box<Check>),
    /// `try`; the value is that of the body or of the clause that ran.
    Try(Box<Try>),
    /// A bare block; its value.
    Block(Box<Block>),
    /// A transaction; the value of its block.
    Tx(Box<Block>),
    /// Runs without any other task getting a turn; the value of its block.
    Atomic(Box<Block>),
    /// Registers a function (a literal without parameters) that runs when the running function is left.
    Defer(FuncId),
    /// Runs its block the first time this statement is reached in a run. `id` is unique in the program.
    Exactly {
        /// Which statement.
        id: u32,
        /// The block.
        body: Box<Block>,
    },
    /// Binds a resource for the block and closes it when the block is left.
    Using(Box<Using>),
    /// Sets a watch: functions without parameters.
    Watch {
        /// The expression; without it the block runs at once and after each change.
        value: Option<FuncId>,
        /// The block.
        body: FuncId,
        /// The variables that are looked at.
        watched: Vec<WatchedId>,
    },
    /// Runs the inner statement, then the watches on these variables. Only in modules that contain `watch`.
    Watched {
        /// The statement.
        stmt: Box<Stmt>,
        /// The variables it changes.
        changed: Vec<WatchedId>,
    },
    /// Subscribes a function with one parameter to events of this name.
    Stream {
        /// The events.
        event: Name,
        /// The handler.
        handler: FuncId,
    },
    /// Appends an event and runs its handlers.
    Emit(Box<Emit>),
    /// A declaration that is not hoisted because its block declares the name before: replaces it here.
    Declare(Decl),
    /// `module M { }`, `package a.b { }`: runs the block, whose variables are globals, and binds or extends the module value.
    DefineModule(Box<DefineModule>),
    /// Runs the body of the module if it has not run yet.
    Import(ModuleId),
    /// `pattern v { }`; the value of the arm that ran.
    Pattern(Box<Match>),
    /// The body of an action inside its modifiers, where `_` stands. A `return` in it ends only this block; its value (or that of the
    /// return) becomes the result of the action, whatever the modifiers do afterwards.
    Body(Box<Block>),
}

/// `require` or `verify` with all they may have.
#[derive(Debug)]
pub struct Check {
    /// Whether it is `verify`.
    pub verify: bool,
    /// The condition.
    pub condition: Expr,
    /// The message.
    pub message: Option<Expr>,
    /// What runs on failure.
    pub block: Option<Block>,
}

/// `using`
#[derive(Debug)]
pub struct Using {
    /// The variable.
    pub bind: Bind,
    /// Slots that get a new undefined cell first; see [`Block::early`].
    pub early: Vec<Slot>,
    /// The resource.
    pub value: Expr,
    /// The block.
    pub body: Block,
}

/// `module M { }`, `package a.b { }`
#[derive(Debug)]
pub struct DefineModule {
    /// Where the outermost module value goes.
    pub bind: Bind,
    /// `M`, or `a.b` in parts.
    pub path: Vec<Name>,
    /// The block.
    pub body: Block,
    /// What is visible.
    pub exports: Vec<Export>,
}

/// `let [a, b] = v`, `let {k: a} = v`
#[derive(Debug)]
pub struct Destructure {
    /// Names by position or by key.
    pub shape: Shape,
    /// The value; a missing item or key gives null; E0402 for other kinds.
    pub value: Expr,
    /// The place of the target, which errors mark.
    pub span: Span,
}

/// What is destructured.
#[derive(Debug)]
pub enum Shape {
    /// Lists and ranges.
    List {
        /// The first items.
        items: Vec<Bind>,
        /// The rest, as a list.
        rest: Option<Bind>,
    },
    /// Maps and instances.
    Map(Vec<(Name, Bind)>),
}

/// `target op= value`
#[derive(Debug)]
pub struct Assign {
    /// What is assigned.
    pub target: Target,
    /// The operator of a compound assignment.
    pub op: Option<BinOp>,
    /// The value.
    pub value: Expr,
    /// The place of the target, which errors mark.
    pub span: Span,
}

/// What can be assigned.
#[derive(Debug)]
pub enum Target {
    /// A variable.
    Var {
        /// Which.
        var: Var,
        /// Its declared type.
        ty: Option<Box<TypeRef>>,
        /// Its name, for messages.
        name: Name,
        /// A hidden boolean variable that says that `seal` made it a constant: E0304 if true. While it is undefined it counts as
        /// false.
        sealed: Option<Var>,
    },
    /// `object.name`; for a bare name of a member the object is [`super::ExprKind::This`].
    Member {
        /// The object.
        object: Box<Expr>,
        /// The member.
        name: Name,
        /// Whether the object is `this`, whose own methods and actions may assign state and read-only views of it.
        internal: bool,
    },
    /// `object[index]`
    Index {
        /// The object.
        object: Box<Expr>,
        /// The index.
        index: Box<Expr>,
    },
}

/// `for`
#[derive(Debug)]
pub struct ForEach {
    /// One variable, or two: position or key, and item or value.
    pub binds: Vec<Bind>,
    /// Slots that get a new undefined cell in each iteration first; see [`Block::early`].
    pub early: Vec<Slot>,
    /// What is gone through.
    pub value: Expr,
    /// The body.
    pub body: Block,
}

/// `for (init; condition; step)`
#[derive(Debug)]
pub struct ForC {
    /// Runs once.
    pub init: Option<Stmt>,
    /// Slots that get a new undefined cell before `init`; see [`Block::early`].
    pub early: Vec<Slot>,
    /// True if missing.
    pub condition: Option<Expr>,
    /// Runs after each iteration.
    pub step: Option<Stmt>,
    /// The body.
    pub body: Block,
    /// Slots with cells whose value is carried over into a new cell before `step`.
    pub carried: Vec<Slot>,
}

/// `try`
#[derive(Debug)]
pub struct Try {
    /// What may fail.
    pub body: Block,
    /// The clauses in order.
    pub catches: Vec<Catch>,
    /// What runs in any case short of a fatal error.
    pub finally: Option<Block>,
}

/// A clause.
#[derive(Debug)]
pub struct Catch {
    /// The variable.
    pub bind: Bind,
    /// Slots that get a new undefined cell first; see [`Block::early`].
    pub early: Vec<Slot>,
    /// The values it takes.
    pub ty: Option<Box<TypeRef>>,
    /// The block.
    pub body: Block,
}

/// `emit`
#[derive(Debug)]
pub struct Emit {
    /// The event.
    pub name: Name,
    /// The values in order. Only positional arguments and spreads; for the map form the values of its items.
    pub args: Args,
    /// The names of the values: declared by `event`, or the keys of the map form; empty if there are none.
    pub names: Vec<Name>,
    /// The declared types, by position; messages as for parameters of the event.
    pub types: Vec<Option<Box<TypeRef>>>,
}
