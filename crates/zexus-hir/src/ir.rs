//! The core language: what a program is after names are resolved and sugar is gone.
//!
//! All tiers agree on this form, so each form's meaning is written beside it. Rules that hold everywhere:
//!
//! 1. Every name is resolved to a [`Var`], a builtin, a constant or a member of `this`. No tier looks up a name in a scope.
//! 2. Operands, arguments and items are evaluated from left to right.
//! 3. The height of the tree is bounded (language.md 3.8). What a program may repeat without nesting is flat: [`ExprKind::Row`],
//!    [`ExprKind::Logic`], [`ExprKind::Coalesce`], [`ExprKind::Power`], [`ExprKind::Chain`], [`StmtKind::If`].
//! 4. A tree that is lowered has no static errors: what language.md marks with C in chapter 23 was reported before.

mod decl;
mod expr;
mod stmt;

use std::sync::Arc;

pub use decl::*;
pub use expr::*;
pub use stmt::*;
use zexus_bytecode::flags::FnFlags;
use zexus_bytecode::prim::Prim;
pub use zexus_syntax::{FileId, Span};

/// Names are shared, never copied.
pub type Name = Arc<str>;

macro_rules! ids {
    ($( $(#[$doc:meta])* $name:ident ),* $(,)?) => {
        $( $(#[$doc])*
           #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
           pub struct $name(pub u32);

           impl $name {
               /// As an index.
               #[inline]
               pub const fn index(self) -> usize { self.0 as usize }
           } )*
    };
}

ids! {
    /// A function of [`Program::functions`].
    FuncId,
    /// A module of [`Program::modules`].
    ModuleId,
    /// A variable of a top level: index into [`Program::globals`] and into the machine's globals.
    GlobalId,
    /// A state variable of a top level: index into [`Program::states`] and into the machine's states.
    StateId,
    /// A slot of the running function's frame.
    Slot,
    /// An entry of the running function's captures.
    CaptureId,
    /// A variable as the watches know it (language.md 14.3): unique in the program, whatever it is stored in.
    WatchedId,
}

/// All modules of a program. Cheap to clone; the REPL makes a longer one for each entry.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The modules; those that are imported stand before those that import them.
    pub modules: Vec<Arc<Module>>,
    /// The functions of all modules.
    pub functions: Vec<Arc<Function>>,
    /// The variables of all top levels.
    pub globals: Vec<Global>,
    /// The state variables of all top levels.
    pub states: Vec<State>,
    /// The module to run; in the REPL, that of the last entry.
    pub main: Option<ModuleId>,
    /// Whether `auto` compiles it rather than walking it (bytecode.md 7.4): it has a loop, a function of more than 5 or a block of
    /// more than 10 statements, a contract, an import or a gas limit.
    pub substantial: bool,
}

/// A file of the program, or an entry of the REPL.
#[derive(Debug)]
pub struct Module {
    /// Its path relative to the root, such as `lib/math.zx`; what `__FILE__` gives.
    pub path: Name,
    /// What `__MODULE__` gives: `__main__` or the path.
    pub name: Name,
    /// The file.
    pub file: FileId,
    /// The function that runs its body; without parameters, its locals are those of blocks of the top level.
    pub body: FuncId,
    /// What it exports, in order.
    pub exports: Vec<Export>,
}

/// What a module or `module M { }` shows.
#[derive(Clone, Debug)]
pub struct Export {
    /// The name it is imported by.
    pub name: Name,
    /// What it stands for: a global, a state variable, or a builtin or constant that is exported again.
    pub value: ExportValue,
    /// The files that may import it; empty for all.
    pub to: Vec<Name>,
    /// The capability that the program must hold to import it.
    pub with: Option<Name>,
}

/// What an export stands for.
#[derive(Clone, Debug)]
pub enum ExportValue {
    /// The current value of a variable ([`Var::Global`] or [`Var::State`]).
    Var(Var),
    /// A builtin.
    Builtin(u32),
    /// A constant.
    Const(Const),
    /// A module.
    Module(ModuleId),
    /// A standard module, by its index in [`crate::Externs::modules`].
    StdModule(u32),
}

/// A variable of a top level.
#[derive(Clone, Debug)]
pub struct Global {
    /// Its name in the source.
    pub name: Name,
    /// Only in the REPL: nothing declares it yet; reading it while it has no value is E0301 instead of E0302.
    pub unknown: bool,
}

/// A state variable of a top level.
#[derive(Clone, Debug)]
pub struct State {
    /// Its name in the source.
    pub name: Name,
    /// The name in its key (chain.md 4.1): `~x`, `x`, `path:x`.
    pub key: Name,
    /// How it is declared.
    pub kind: StateKind,
    /// Its declared type, checked at every assignment.
    pub ty: Option<Box<TypeRef>>,
}

/// The forms of state variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateKind {
    /// `state x`: for this run.
    Run,
    /// `persistent storage x`: outlives the run.
    Persistent,
    /// `ledger x`: keeps its history, outlives the run.
    Ledger,
}

/// Where a variable is stored. Decided once, here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Var {
    /// A slot of the frame that holds the value; never undefined when it is read.
    Local(Slot),
    /// A slot of the frame that holds a cell: the variable is captured, and assigned later or captured before its declaration.
    /// Reading it while it is undefined is E0302.
    Cell(Slot),
    /// A captured value: the variable is never assigned after it was captured.
    Capture(CaptureId),
    /// A captured cell.
    CaptureCell(CaptureId),
    /// A variable of a top level; reading it while it is undefined is E0302.
    Global(GlobalId),
    /// A state variable of a top level: reads and writes go through the journal.
    State(StateId),
}

/// How a declaration stores its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bind {
    /// Into the slot.
    Local(Slot),
    /// Into a new cell, which goes into the slot: each time it is reached it is a new variable.
    NewCell(Slot),
    /// Into the cell that the block made at its start ([`Block::early`]).
    EarlyCell(Slot),
    /// Into the global.
    Global(GlobalId),
}

/// A function: action, literal, method, module body, default value, constraint.
#[derive(Debug)]
pub struct Function {
    /// Its name; empty for literals.
    pub name: Name,
    /// What it is.
    pub role: Role,
    /// The module it stands in.
    pub module: ModuleId,
    /// Its modifiers.
    pub flags: FnFlags,
    /// The parameters in order.
    pub params: Vec<Param>,
    /// The result's type.
    pub result: Option<Box<TypeRef>>,
    /// The gas limit of each call.
    pub limit: Option<Expr>,
    /// How many slots its frame has; parameters have the first ones.
    pub slots: u32,
    /// Names of the slots, for traces and later tiers.
    pub slot_names: Vec<Name>,
    /// What it captures when it is made, in order of [`CaptureId`].
    pub captures: Vec<Capture>,
    /// The body. Its value is the result if nothing returns.
    pub body: Block,
    /// The declaration, for reports.
    pub span: Span,
    /// The package that encloses it (`__PACKAGE__`).
    pub package: Option<Name>,
}

/// What a function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The body of a module.
    Module,
    /// A named function.
    Action,
    /// A literal, and what is lowered to one (`defer`, `watch`, `stream`, `sandbox`, a named function inside a method or
    /// action): it keeps the `this` around it.
    Literal,
    /// A method, operator or computed field of a type; it has a `this`.
    Method,
    /// An action of a contract; it has a `this`.
    ContractAction,
    /// A default, constraint or initial value: evaluated with `this` the instance.
    FieldCode,
}

/// A captured variable: where the enclosing function finds it when it makes the closure.
#[derive(Clone, Debug)]
pub struct Capture {
    /// Its name.
    pub name: Name,
    /// [`Var::Local`] and [`Var::Capture`] copy the value, [`Var::Cell`] and [`Var::CaptureCell`] share the cell.
    pub from: Var,
}

/// A parameter.
#[derive(Debug)]
pub struct Param {
    /// Its name.
    pub name: Name,
    /// Where the argument goes: [`Bind::Local`] or [`Bind::NewCell`].
    pub bind: Bind,
    /// Its type.
    pub ty: Option<Box<TypeRef>>,
    /// Its default, evaluated in the function's own frame with the parameters before it.
    pub default: Option<Expr>,
    /// Takes all arguments that are left, as a list.
    pub rest: bool,
    /// The name's place.
    pub span: Span,
}

/// A type annotation.
#[derive(Clone, Debug)]
pub struct TypeRef {
    /// As written, for messages.
    pub text: Name,
    /// What it accepts.
    pub kind: TypeKind,
}

/// What a type accepts. Aliases are expanded; unknown names are [`Prim::Any`] (W0901 was reported).
#[derive(Clone, Debug)]
pub enum TypeKind {
    /// A built-in name.
    Prim(Prim),
    /// A declared data, entity, protocol, interface, contract or enum: the expression that reads its name.
    Named(Arc<Expr>),
    /// null, and what the inner type accepts.
    Optional(Box<TypeKind>),
    /// Maps with these string keys whose values fit.
    Record(Vec<(Name, TypeKind)>),
    /// A type parameter of the `data` that is declared, by position.
    Param(u16),
}

/// Statements with a scope of their own.
#[derive(Debug, Default)]
pub struct Block {
    /// Slots that get a new undefined cell when the block is entered: variables that are captured before they are declared.
    pub early: Vec<Slot>,
    /// Declarations known from the start of the block. First the objects of all of them are made and bound, then filled in.
    pub hoisted: Vec<Decl>,
    /// The statements in order. The block's value is that of the last one (language.md 8.4).
    pub stmts: Vec<Stmt>,
    /// Whether a statement of this very block sets a watch, which ends with the block.
    pub watches: bool,
    /// The place, braces included.
    pub span: Span,
}
