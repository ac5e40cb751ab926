//! What is known of names and declared types before the program runs.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use zexus_bytecode::prim::Prim;
use zexus_syntax::{FileId, Span, ast};

use crate::ir::{Const, GlobalId, ModuleId, Name, StateId};
use crate::names::Sym;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        $( $(#[$doc])*
           #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
           pub(crate) struct $name(pub u32); )*
    };
}

ids! {
    /// A declared name.
    BindingId,
    /// A data, entity, protocol, interface or contract.
    TypeId,
    /// An enum.
    EnumId,
    /// What a module shows.
    ModId,
    /// A declared event.
    EventId,
    /// A declared modifier.
    ModifierId,
    /// A type alias.
    AliasId,
}

/// Where the value of a name is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// A slot of the function at this level of the stack of functions; `depth` is that of the scope.
    Slot {
        level: u32,
        slot: u32,
        depth: u32,
    },
    Global(GlobalId),
    State(StateId),
    Builtin(u32),
    Const(Const),
    Module(ModuleId),
    StdModule(u32),
    /// It has no value while the program runs: events, modifiers, aliases, broken declarations.
    None,
}

/// How a name was declared, which decides whether it can be assigned and declared again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Let,
    Const,
    /// Functions, types, modules, imports, `inject`.
    Fixed,
}

/// What is known of a name's value.
#[derive(Clone, Debug)]
pub(crate) enum Info {
    None,
    /// Nothing is reported about it: an error was.
    Broken,
    Type(TypeId),
    Enum(EnumId),
    Mod(ModId),
    StdMod(u32),
    Event(EventId),
    Modifier(ModifierId),
    Alias(AliasId),
    Action {
        private: bool,
        sealed: bool,
    },
    /// A dependency of this type.
    Inject(Option<Arc<DeclType>>),
    /// A ledger variable.
    Ledger,
}

/// A declared name.
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    pub name: Sym,
    pub file: FileId,
    pub span: Span,
    pub place: Place,
    pub kind: Kind,
    pub info: Info,
    /// Checked at every assignment.
    pub ty: Option<Arc<DeclType>>,
    /// Some function captures it.
    pub captured: bool,
    /// It is assigned after its declaration.
    pub assigned: bool,
    /// It may be read or captured before its declaration is reached.
    pub early: bool,
    /// The hidden variable that tells whether `seal` made it a constant.
    pub sealed: Option<BindingId>,
}

impl Binding {
    /// Whether it lives in a cell.
    pub fn is_cell(&self) -> bool {
        self.early || (self.captured && self.assigned)
    }
}

/// A type annotation whose names are resolved, usable in any function below their scope.
#[derive(Debug)]
pub(crate) struct DeclType {
    pub text: Name,
    pub kind: DeclTypeKind,
}

#[derive(Clone, Debug)]
pub(crate) enum DeclTypeKind {
    Prim(Prim),
    Named(BindingId),
    /// A member of a module whose members are not known.
    Path(BindingId, Vec<Name>),
    Optional(Box<DeclTypeKind>),
    Record(Vec<(Name, DeclTypeKind)>),
    Param(u16),
}

impl DeclTypeKind {
    /// Number of nodes and height.
    pub fn measure(&self) -> (usize, usize) {
        match self {
            Self::Optional(inner) => {
                let (size, height) = inner.measure();
                (size + 1, height + 1)
            }
            Self::Record(fields) => fields.iter().fold((1, 1), |(size, height), (_, kind)| {
                let (s, h) = kind.measure();
                (size + s, height.max(h + 1))
            }),
            _ => (1, 1),
        }
    }
}

/// A type alias, resolved when it is first needed.
#[derive(Clone, Debug)]
pub(crate) struct AliasInfo {
    pub ty: Arc<ast::Type>,
    /// The scope that declares it.
    pub depth: u32,
    pub state: AliasState,
}

#[derive(Clone, Debug)]
pub(crate) enum AliasState {
    Unresolved,
    Resolving,
    /// With the number of its nodes.
    Done(DeclTypeKind, usize),
}

/// The forms of declared types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Data,
    Entity,
    Protocol,
    Interface,
    Contract,
}

/// How many arguments something takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Arity {
    pub min: usize,
    pub max: Option<usize>,
}

impl Arity {
    pub fn of(params: &[ast::Param]) -> Arity {
        let min = params.iter().filter(|p| p.default.is_none() && !p.rest).count();
        let max = if params.iter().any(|p| p.rest) { None } else { Some(params.len()) };
        Arity { min, max }
    }

    pub fn accepts(self, count: usize) -> bool {
        count >= self.min && self.max.is_none_or(|max| count <= max)
    }

    /// `2 arguments`, `1 to 2 arguments`, `at least 1 argument`.
    pub fn text(self) -> String {
        let (count, plural) = match self.max {
            None => (format!("at least {}", self.min), self.min),
            Some(max) if max == self.min => (max.to_string(), max),
            Some(max) => (format!("{} to {max}", self.min), max),
        };
        format!("{count} argument{}", if plural == 1 { "" } else { "s" })
    }
}

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MemberKind {
    Field,
    Computed,
    Method,
    State,
    Ledger,
}

/// A member of a type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub kind: MemberKind,
    /// Its position among the own members.
    pub index: u32,
    pub span: Span,
    pub private: bool,
    pub sealed: bool,
    pub arity: Arity,
}

/// A declared type; its members are its own.
#[derive(Debug, Clone)]
pub(crate) struct TypeInfo {
    pub form: Form,
    pub name: Sym,
    pub parent: Option<TypeId>,
    /// The name that the parent has here.
    pub parent_binding: Option<BindingId>,
    /// Protocols and interfaces, with the names that they have here.
    pub implements: Vec<(BindingId, TypeId)>,
    /// Its parents are not known, so nothing is said of missing members.
    pub broken: bool,
    pub sealed: bool,
    pub members: FxHashMap<Sym, Member>,
    /// Number of own fields.
    pub fields: usize,
    /// What a protocol or interface demands, in order.
    pub demands: Vec<(Sym, Demand)>,
    pub events: FxHashMap<Sym, EventId>,
    pub modifiers: FxHashMap<Sym, ModifierId>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Demand {
    Action(usize),
    Field,
}

/// A declared event.
#[derive(Debug, Clone, Default)]
pub(crate) struct EventInfo {
    pub names: Vec<Name>,
    pub types: Vec<Option<Arc<DeclType>>>,
}

/// A declared modifier.
#[derive(Debug, Clone)]
pub(crate) struct ModifierInfo {
    pub decl: Arc<ast::ModifierDecl>,
    /// The module that declares it.
    pub module: ModuleId,
    pub used: bool,
}

/// An enum.
#[derive(Debug, Clone, Default)]
pub(crate) struct EnumInfo {
    pub name: Option<Sym>,
    pub members: Vec<Sym>,
    pub index: FxHashMap<Sym, u32>,
}

/// What a module shows, as the compiler sees it.
#[derive(Debug, Clone)]
pub(crate) struct ModInfo {
    /// For messages.
    pub name: Name,
    pub exports: FxHashMap<Sym, ExportInfo>,
    /// Names in order.
    pub order: Vec<Sym>,
    /// Whether no name can be added later.
    pub closed: bool,
    /// Whether errors in it make what it shows unknown.
    pub broken: bool,
}

impl ModInfo {
    pub fn new(name: Name) -> ModInfo {
        ModInfo { name, exports: FxHashMap::default(), order: Vec::new(), closed: false, broken: false }
    }
}

/// An export, as the compiler sees it.
#[derive(Debug, Clone)]
pub(crate) struct ExportInfo {
    pub what: Exported,
    pub to: Vec<Name>,
    pub with: Option<Name>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Exported {
    Binding(BindingId),
    /// A package inside a package.
    Mod(ModId),
}
