//! Declarations.

use super::{Arg, Block, Expr, Inject, Name, Param, StateVar, Text, Type};
use crate::span::Span;

/// An action, function or method.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// The name; any word.
    pub name: Name,
    /// The builtin modifiers, from before and after `action`, in order.
    pub modifiers: Vec<FnModifier>,
    /// The declared modifiers that apply, from before the name and after the parameters, in order. `reentrant`,
    /// `nonReentrant` and `non_reentrant` stand here too.
    pub uses: Vec<ModifierUse>,
    /// The parameters.
    pub params: Vec<Param>,
    /// The type after `->`.
    pub result: Option<Type>,
    /// The gas limit after `limit`.
    pub limit: Option<Expr>,
    /// The body.
    pub body: Block,
    /// The place, modifiers included.
    pub span: Span,
}

/// A builtin modifier of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FnModifier {
    /// Which one.
    pub kind: FnModifierKind,
    /// The place of the word.
    pub span: Span,
}

/// The builtin modifiers of actions (language.md 9.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FnModifierKind {
    /// `public`
    Public,
    /// `private`
    Private,
    /// `sealed`
    Sealed,
    /// `secure`
    Secure,
    /// `pure`
    Pure,
    /// `view`
    View,
    /// `payable`
    Payable,
    /// `async`
    Async,
}

impl FnModifierKind {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Sealed => "sealed",
            Self::Secure => "secure",
            Self::Pure => "pure",
            Self::View => "view",
            Self::Payable => "payable",
            Self::Async => "async",
        }
    }
}

/// `NAME(args)` between the parameters and the body of an action.
#[derive(Debug, Clone, PartialEq)]
pub struct ModifierUse {
    /// The name of the modifier.
    pub name: Name,
    /// The arguments; empty without parentheses.
    pub args: Vec<Arg>,
    /// The place.
    pub span: Span,
}

/// `data` or `entity`.
#[derive(Debug, Clone, PartialEq)]
pub struct DataDecl {
    /// Which of the two.
    pub kind: DataKind,
    /// Whether `sealed` stands before it.
    pub sealed: bool,
    /// Whether it is `data immutable`.
    pub immutable: bool,
    /// Whether it is `data verified`.
    pub verified: bool,
    /// The name.
    pub name: Name,
    /// The type parameters.
    pub type_params: Vec<Name>,
    /// The parent.
    pub extends: Option<Name>,
    /// The protocols and interfaces.
    pub implements: Vec<Name>,
    /// The members in order.
    pub members: Vec<DataMember>,
    /// The place.
    pub span: Span,
}

/// `data` or `entity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DataKind {
    /// `data`
    Data,
    /// `entity`
    Entity,
}

/// A member of `data` or `entity`.
#[derive(Debug, Clone, PartialEq)]
pub enum DataMember {
    /// `name: type = default require condition`
    Field(Field),
    /// `computed name => value`
    Computed {
        /// The name.
        name: Name,
        /// The value.
        value: Expr,
        /// The place.
        span: Span,
    },
    /// `method m() { }`, `action m() { }`
    Method(Action),
    /// `operator +(other) { }`
    Operator(Operator),
    /// `inject name: type` at its place; allowed by the grammar in both, by language.md 11.2 only in `entity`.
    Inject(Inject, Span),
}

/// A field.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The name.
    pub name: Name,
    /// The type.
    pub ty: Option<Type>,
    /// The default.
    pub default: Option<Expr>,
    /// The constraint after `require`.
    pub constraint: Option<Expr>,
    /// The place.
    pub span: Span,
}

/// An overloaded operator.
#[derive(Debug, Clone, PartialEq)]
pub struct Operator {
    /// Which one.
    pub op: OperatorSymbol,
    /// The place of the symbol.
    pub op_span: Span,
    /// The right operand.
    pub param: Param,
    /// The body.
    pub body: Block,
    /// The place.
    pub span: Span,
}

/// The operators that can be overloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperatorSymbol {
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
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `>`
    Gt,
    /// `<=`
    Le,
    /// `>=`
    Ge,
}

impl OperatorSymbol {
    /// The symbol.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Mod => "%",
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Gt => ">",
            Self::Le => "<=",
            Self::Ge => ">=",
        }
    }
}

/// `enum NAME { items }`
#[derive(Debug, Clone, PartialEq)]
pub struct EnumDecl {
    /// The name.
    pub name: Name,
    /// The members in order.
    pub items: Vec<EnumItem>,
}

/// A member of an enum.
#[derive(Debug, Clone, PartialEq)]
pub struct EnumItem {
    /// The name; any word.
    pub name: Name,
    /// The value.
    pub value: Option<Expr>,
}

/// `protocol` or `interface`.
#[derive(Debug, Clone, PartialEq)]
pub struct ProtocolDecl {
    /// Whether it is `interface`.
    pub is_interface: bool,
    /// The name.
    pub name: Name,
    /// The actions.
    pub signatures: Vec<Signature>,
    /// The fields with their types; only in `interface`.
    pub fields: Vec<(Name, Type)>,
}

/// The head of an action without its body.
#[derive(Debug, Clone, PartialEq)]
pub struct Signature {
    /// The name; any word.
    pub name: Name,
    /// The builtin modifiers.
    pub modifiers: Vec<FnModifier>,
    /// The parameters.
    pub params: Vec<Param>,
    /// The type after `->`.
    pub result: Option<Type>,
    /// The place.
    pub span: Span,
}

/// `contract NAME { members }`
#[derive(Debug, Clone, PartialEq)]
pub struct ContractDecl {
    /// Whether `sealed` stands before it.
    pub sealed: bool,
    /// The name.
    pub name: Name,
    /// The parent.
    pub extends: Option<Name>,
    /// The protocols and interfaces.
    pub implements: Vec<Name>,
    /// The members in order; the items of `state { }` are members one by one.
    pub members: Vec<ContractMember>,
    /// The place.
    pub span: Span,
}

/// A member of a contract.
#[derive(Debug, Clone, PartialEq)]
pub enum ContractMember {
    /// A state variable.
    State(StateVar),
    /// `event E(…)`
    Event(EventDecl),
    /// `modifier m { }`
    Modifier(ModifierDecl),
    /// `action a() { }`
    Action(Action),
}

/// `event NAME(params)`, `event NAME { params }`
#[derive(Debug, Clone, PartialEq)]
pub struct EventDecl {
    /// The name.
    pub name: Name,
    /// The names and types of the values.
    pub params: Vec<Param>,
    /// The place.
    pub span: Span,
}

/// `modifier NAME(params) { }`; the statement `_` in it is an expression statement with the name `_`.
#[derive(Debug, Clone, PartialEq)]
pub struct ModifierDecl {
    /// The name.
    pub name: Name,
    /// The parameters.
    pub params: Vec<Param>,
    /// The body.
    pub body: Block,
    /// The place.
    pub span: Span,
}

/// `module NAME { }`
#[derive(Debug, Clone, PartialEq)]
pub struct ModuleDecl {
    /// The name.
    pub name: Name,
    /// The body.
    pub body: Block,
}

/// `package a.b { }`
#[derive(Debug, Clone, PartialEq)]
pub struct PackageDecl {
    /// The names; at least one.
    pub path: Vec<Name>,
    /// The body.
    pub body: Block,
}

/// `type_alias NAME = type`
#[derive(Debug, Clone, PartialEq)]
pub struct TypeAlias {
    /// The name.
    pub name: Name,
    /// What it stands for.
    pub ty: Type,
}

/// `external action NAME(params) -> type from "module"`, `external NAME from "module"`
#[derive(Debug, Clone, PartialEq)]
pub struct ExternalDecl {
    /// The name.
    pub name: Name,
    /// The builtin modifiers.
    pub modifiers: Vec<FnModifier>,
    /// The parameters; `None` in the form without `action`, which takes any.
    pub params: Option<Vec<Param>>,
    /// The type after `->`.
    pub result: Option<Type>,
    /// The module of the host.
    pub from: Option<Text>,
}
