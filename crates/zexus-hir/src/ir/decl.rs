//! Declarations of functions and types.

use zexus_bytecode::operator::BinOp;
use zexus_syntax::Span;

use super::{Bind, Const, Expr, FuncId, Name, TypeRef};

/// A declaration that binds a constant name.
#[derive(Debug)]
pub struct Decl {
    /// Where the value goes.
    pub bind: Bind,
    /// What is declared.
    pub kind: DeclKind,
    /// The place.
    pub span: Span,
}

/// What is declared. Aliases of types, events and modifiers leave no declaration behind.
#[derive(Debug)]
pub enum DeclKind {
    /// A named function.
    Function(FuncId),
    /// `data` or `entity`.
    Data(Box<DataDecl>),
    /// `enum`
    Enum(Box<EnumDecl>),
    /// `protocol` or `interface`; what they demand was checked, so only the name and form remain.
    Protocol {
        /// Its name.
        name: Name,
        /// Whether it is `interface`.
        interface: bool,
    },
    /// `contract`
    Contract(Box<ContractDecl>),
    /// `external action`: a function whose body calls the host.
    External(FuncId),
}

/// `data` or `entity`. All functions in it are methods or field code: `this` is the instance.
#[derive(Debug)]
pub struct DataDecl {
    /// Its name.
    pub name: Name,
    /// Whether it is `entity`.
    pub entity: bool,
    /// `data immutable`
    pub immutable: bool,
    /// `data verified`
    pub verified: bool,
    /// Names of type parameters.
    pub type_params: Vec<Name>,
    /// Reads the parent.
    pub extends: Option<Expr>,
    /// Read the protocols and interfaces.
    pub implements: Vec<Expr>,
    /// Own fields in order.
    pub fields: Vec<FieldDecl>,
    /// Computed fields.
    pub computed: Vec<(Name, FuncId)>,
    /// Own methods.
    pub methods: Vec<(Name, FuncId)>,
    /// Overloaded operators, with one parameter.
    pub operators: Vec<(BinOp, FuncId)>,
}

/// A field.
#[derive(Debug)]
pub struct FieldDecl {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: Option<Box<TypeRef>>,
    /// Computes the default.
    pub default: Option<FuncId>,
    /// Gives the truth of the constraint.
    pub require: Option<FuncId>,
    /// Takes the registered dependency of its name if not given.
    pub inject: bool,
}

/// `enum`
#[derive(Debug)]
pub struct EnumDecl {
    /// Its name.
    pub name: Name,
    /// Members with their values: integers and strings.
    pub members: Vec<(Name, Const)>,
}

/// `contract`. All functions in it have a `this`, the instance.
#[derive(Debug)]
pub struct ContractDecl {
    /// Its name.
    pub name: Name,
    /// Reads the parent.
    pub extends: Option<Expr>,
    /// Read the protocols and interfaces.
    pub implements: Vec<Expr>,
    /// Own state variables in order.
    pub state: Vec<StateDecl>,
    /// Own actions, modifiers already around their bodies; `constructor` is called `init`.
    pub actions: Vec<(Name, FuncId)>,
}

/// A state variable of a contract.
#[derive(Debug)]
pub struct StateDecl {
    /// Its name.
    pub name: Name,
    /// Its type, checked at every assignment.
    pub ty: Option<Box<TypeRef>>,
    /// Computes the initial value.
    pub init: Option<FuncId>,
    /// Not readable from outside.
    pub private: bool,
    /// Keeps its history.
    pub ledger: bool,
}
