//! What the generator knows of the program so far: names in sight, declarations, and where it stands.

use super::tree::Ty;

/// A variable in sight.
#[derive(Clone, Debug)]
pub struct Var {
    /// How it is written, such as `v3`.
    pub name: String,
    /// What it holds.
    pub ty: Ty,
    /// Whether the program may assign it.
    pub assignable: bool,
    /// Whether it is a state variable, which some places must not touch.
    pub state: bool,
}

/// An action of the top level, an async one, or an action of a contract.
#[derive(Clone, Debug)]
pub struct Func {
    /// Its name.
    pub name: String,
    /// Names and types of its parameters.
    pub params: Vec<(String, Ty)>,
    /// How many of them have defaults; these are the last ones.
    pub defaults: usize,
    /// Whether it takes further arguments, integers.
    pub rest: bool,
    /// What it gives.
    pub ret: Ty,
    /// About how many statements a call runs.
    pub cost: u32,
    /// Whether it calls function values, so that a function value that calls it may call itself.
    pub calls_values: bool,
    /// Whether it may not be called from a place that reads state only.
    pub writes: bool,
}

/// A `data` or `entity` type.
#[derive(Clone, Debug)]
pub struct Type {
    /// Its name.
    pub name: String,
    /// The fields in order; the first is an integer.
    pub fields: Vec<(String, Ty)>,
    /// Names of methods that take and give an integer.
    pub methods: Vec<String>,
    /// Names of computed fields that are integers.
    pub computed: Vec<String>,
    /// Whether its instances can be added.
    pub plus: bool,
    /// Whether its fields can be assigned.
    pub mutable: bool,
}

/// A contract.
#[derive(Clone, Debug, Default)]
pub struct Contract {
    /// Its name.
    pub name: String,
    /// Its public actions.
    pub actions: Vec<Func>,
    /// A state variable that is an integer and can be read from outside.
    pub counter: String,
    /// An action that calls one of a contract given to it.
    pub via: Option<String>,
    /// An action without parameters that may be paid.
    pub pay: Option<String>,
    /// Whether another contract may extend it.
    pub extendable: bool,
}

/// An enum: its name and the names of its members that are integers.
#[derive(Clone, Debug)]
pub struct Enum {
    /// Its name.
    pub name: String,
    /// Members that are integers.
    pub members: Vec<String>,
}

/// A declared event: its name and the types of its values.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// The types of its values.
    pub types: Vec<Ty>,
}

/// Where the generator stands.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// In a loop of this function.
    pub in_loop: bool,
    /// What the function around gives, if `return` may be used.
    pub ret: Option<Ty>,
    /// In a function value: may call only what cannot call it back.
    pub in_value: bool,
    /// In a transaction.
    pub in_tx: bool,
    /// Tasks may be made and waited for.
    pub tasks: bool,
    /// At the top level of the program, outside blocks.
    pub top: bool,
    /// State may be written.
    pub writes: bool,
    /// State may be read.
    pub reads: bool,
    /// In the contract with this number.
    pub contract: Option<u8>,
    /// Members of a contract or type are known by their bare names; a type that is declared here does not see them.
    pub bare: bool,
    /// Inside `try`, so that errors are rather welcome.
    pub in_try: bool,
    /// About how often the code here runs for one run of the function around.
    pub mult: u32,
}

impl Default for Place {
    fn default() -> Place {
        Place {
            in_loop: false,
            ret: None,
            in_value: false,
            in_tx: false,
            tasks: true,
            top: true,
            writes: true,
            reads: true,
            contract: None,
            bare: false,
            in_try: false,
            mult: 1,
        }
    }
}

/// All of it.
#[derive(Debug, Default)]
pub struct Scope {
    /// Variables in sight, the innermost last.
    pub vars: Vec<Var>,
    /// Actions that may be called.
    pub funcs: Vec<Func>,
    /// Async actions that take and give an integer.
    pub workers: Vec<Func>,
    /// Types.
    pub types: Vec<Type>,
    /// Contracts.
    pub contracts: Vec<Contract>,
    /// Enums.
    pub enums: Vec<Enum>,
    /// Events.
    pub events: Vec<Event>,
    /// Where the generator stands.
    pub place: Place,
    /// About how many statements the function that is being made runs.
    pub cost: u32,
    /// Whether the function that is being made calls function values.
    pub calls_values: bool,
}
