//! The objects of the heap, one struct per kind.

use std::collections::VecDeque;
use std::sync::Arc;

use indexmap::IndexMap;
use num_bigint::BigInt;
use zexus_bytecode::flags::FnFlags;
use zexus_bytecode::operator::BinOp;

use crate::heap::{Object, Ref};
use crate::key::Key;
use crate::ordered::OrderedMap;
use crate::trap::Loc;
use crate::types::TypeSpec;
use crate::value::Value;

mod strings;

pub use strings::StrObj;

/// A table by name, in order of declaration.
pub type Names<T> = IndexMap<Arc<str>, T, rustc_hash::FxBuildHasher>;

/// An integer beyond 64 bits; smaller ones are never stored so.
#[derive(Debug, Default)]
pub struct BigIntObj(pub BigInt);

/// Bytes that a host supplied.
#[derive(Debug, Default)]
pub struct BytesObj(pub Arc<[u8]>);

/// A list.
#[derive(Debug, Default)]
pub struct ListObj {
    /// The items.
    pub items: Vec<Value>,
    /// Read-only for every holder (language.md 16.1).
    pub sealed: bool,
}

/// Rules of `restrict`, and fields made read-only by `seal a.b`. A field may have both rules.
#[derive(Clone, Debug, Default)]
pub struct Restrictions {
    fields: Names<Rules>,
}

#[derive(Clone, Debug, Default)]
struct Rules {
    read_only: bool,
    redact: bool,
}

/// What `restrict` does with a field (language.md 16.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restriction {
    /// Assignment is an error.
    ReadOnly,
    /// Reading gives `"***"`.
    Redact,
}

/// A map.
#[derive(Debug, Default)]
pub struct MapObj {
    /// The entries in order of insertion.
    pub map: OrderedMap<Key, Value>,
    /// Read-only for every holder.
    pub sealed: bool,
    /// Rules for some of its string keys.
    pub restricted: Option<Box<Restrictions>>,
}

/// The integers from `start` up to, not including, `end`.
#[derive(Debug, Default, Clone, Copy)]
pub struct RangeObj {
    /// The first.
    pub start: i64,
    /// One after the last; not below `start`.
    pub end: i64,
}

/// What is known of a function without its code.
#[derive(Debug, Default)]
pub struct FunctionInfo {
    /// Its name; empty for a literal.
    pub name: Arc<str>,
    /// Its parameters in order.
    pub params: Vec<ParamInfo>,
    /// Its modifiers.
    pub flags: FnFlags,
    /// Path of the module that declares it.
    pub module: Arc<str>,
}

/// A parameter, as callers see it.
#[derive(Debug, Clone)]
pub struct ParamInfo {
    /// Its name.
    pub name: Arc<str>,
    /// Whether an argument must be given.
    pub required: bool,
    /// Whether it takes all that are left.
    pub rest: bool,
}

/// A function with what it captured.
#[derive(Debug)]
pub struct FunctionObj {
    /// The code: an index that only the tiers understand.
    pub code: u32,
    /// Captured values, or cells of captured variables.
    pub captures: Box<[Value]>,
    /// `this` of a literal made inside a method, else [`Value::UNDEF`].
    pub this: Value,
    /// The type or contract that declares this method, for `super`, else [`Value::UNDEF`].
    pub home: Value,
    /// Name and parameters.
    pub info: Arc<FunctionInfo>,
    /// What each `protect` of it asks for, in order.
    pub protection: Option<Box<Protections>>,
}

/// The protections of a function: each has its own level and counts (language.md 16.4).
#[derive(Debug, Default)]
pub struct Protections(pub Vec<Protection>);

/// Rules that are checked before each call (language.md 16.4).
#[derive(Debug, Default)]
pub struct Protection {
    /// The rules in the order written.
    pub rules: Vec<(Arc<str>, Value)>,
    /// `"strict"`, `"warn"` or `"audit"`.
    pub level: Arc<str>,
    /// Calls made.
    pub calls: u64,
    /// Times of calls, in milliseconds, for `rate_limit`.
    pub times: VecDeque<i64>,
    /// What the sandboxes leave in which it was made: a `check` has no more.
    pub confined: crate::policy::Confined,
}

/// An instance of `data` or `entity`.
#[derive(Debug)]
pub struct InstanceObj {
    /// Its type.
    pub ty: Ref<TypeObj>,
    /// The fields, in the order of [`TypeObj::fields`].
    pub fields: Box<[Value]>,
    /// What type arguments say of fields, by type parameter; empty without arguments.
    pub type_args: Box<[TypeSpec]>,
    /// Read-only for every holder.
    pub sealed: bool,
    /// Rules for some of its fields.
    pub restricted: Option<Box<Restrictions>>,
}

/// What a declared type is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum TypeForm {
    #[default]
    Data,
    Entity,
    Protocol,
    Interface,
}

/// A declared type. Inherited members are copied in, parents first.
#[derive(Debug, Default)]
pub struct TypeObj {
    /// Its name.
    pub name: Arc<str>,
    /// Path of the module that declares it.
    pub module: Arc<str>,
    /// What it is.
    pub form: TypeForm,
    /// The type it extends.
    pub parent: Option<Ref<TypeObj>>,
    /// The protocols that it says it implements (its parents' too).
    pub implements: Vec<Value>,
    /// Fields in order.
    pub fields: Names<FieldObj>,
    /// Computed fields: functions without parameters.
    pub computed: Names<Value>,
    /// Methods.
    pub methods: Names<Value>,
    /// Overloaded operators.
    pub operators: Vec<(BinOp, Value)>,
    /// `data immutable`.
    pub immutable: bool,
    /// `data verified`.
    pub verified: bool,
    /// Names of the type parameters.
    pub type_params: Vec<Arc<str>>,
    /// What a protocol or interface asks for, as far as that was not checked before the run.
    pub demands: Vec<Demand>,
}

/// A member that a protocol or interface asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Its name.
    pub name: Arc<str>,
    /// The fewest and the most arguments that an action must take; nothing for a field.
    pub arguments: Option<(usize, usize)>,
}

/// A field of a declared type.
#[derive(Debug, Clone)]
pub struct FieldObj {
    /// Its declared type.
    pub ty: Option<TypeSpec>,
    /// A function that computes the default with `this` the unfinished instance; a constant, of which each instance gets a copy; or
    /// `UNDEF`.
    pub default: Value,
    /// A function that gives the truth of the constraint, a constant that is it, or `UNDEF`.
    pub require: Value,
    /// Takes the registered dependency of its name if not given.
    pub inject: bool,
}

/// An enum.
#[derive(Debug, Default)]
pub struct EnumObj {
    /// Its name.
    pub name: Arc<str>,
    /// Members in order: integers and strings.
    pub members: Names<Value>,
}

/// A contract (the declaration). Inherited members are copied in, parents first.
#[derive(Debug, Default)]
pub struct ContractObj {
    /// Its name.
    pub name: Arc<str>,
    /// Path of the module that declares it.
    pub module: Arc<str>,
    /// The contract it extends.
    pub parent: Option<Ref<ContractObj>>,
    /// The protocols that it says it implements.
    pub implements: Vec<Value>,
    /// State variables in order.
    pub state: Names<StateField>,
    /// Actions; `constructor` is stored as `init`.
    pub actions: Names<Value>,
    /// The default instance, made on first use.
    pub default_instance: Option<u32>,
}

/// A state variable of a contract.
#[derive(Debug, Clone)]
pub struct StateField {
    /// Its declared type.
    pub ty: Option<TypeSpec>,
    /// A function that computes the initial value with `this` the new instance, a constant, or `UNDEF`.
    pub init: Value,
    /// Not readable from outside.
    pub private: bool,
    /// Keeps its history (language.md 15.9).
    pub ledger: bool,
}

/// A module value.
#[derive(Debug, Default)]
pub struct ModuleObj {
    /// Its name, for display.
    pub name: Arc<str>,
    /// What it shows.
    pub exports: Names<Export>,
}

/// What an export stands for.
#[derive(Clone, Copy, Debug)]
pub enum Export {
    /// The current value of a global.
    Global(u32),
    /// The current value of a state variable ([`crate::Machine::states`]).
    State(u32),
    /// A constant, builtin or module.
    Value(Value),
}

/// A task.
#[derive(Debug, Default)]
pub struct TaskObj {
    /// Its number, from 1, for display.
    pub id: u64,
    /// Its result, its error, or neither yet.
    pub outcome: Outcome,
    /// Tasks that wait for its end, in order.
    pub waiters: Vec<u64>,
    /// Whether somebody has awaited it, so that its error is not reported at the end.
    pub awaited: bool,
    /// Slots that it takes while it waits to start: the function and the arguments.
    pub slots: usize,
}

/// How a task stands.
#[derive(Debug, Default)]
pub enum Outcome {
    /// Not ended.
    #[default]
    Running,
    /// Its result.
    Done(Value),
    /// Its error.
    Failed(Box<crate::trap::Pending>),
}

/// A channel.
#[derive(Debug, Default)]
pub struct Channel {
    /// The declared type of values.
    pub ty: Option<TypeSpec>,
    /// Values it holds before `send` waits.
    pub capacity: usize,
    /// Values sent and not received.
    pub queue: VecDeque<Value>,
    /// Waiting senders with their values, in order.
    pub senders: VecDeque<(u64, Value)>,
    /// Waiting receivers, in order.
    pub receivers: VecDeque<u64>,
    /// No more values come.
    pub closed: bool,
}

/// A counter that tasks wait for.
#[derive(Debug, Default)]
pub struct WaitGroup {
    /// What is still to be done.
    pub count: i64,
    /// Waiting tasks, in order.
    pub waiters: Vec<u64>,
}

/// A barrier.
#[derive(Debug, Default)]
pub struct Barrier {
    /// How many tasks it waits for.
    pub parties: usize,
    /// Waiting tasks, in order.
    pub waiters: Vec<u64>,
}

/// An error object of the run time (language.md 10.1).
#[derive(Debug, Default)]
pub struct ErrorObj {
    /// Its code, such as 405.
    pub code: u16,
    /// Its message.
    pub message: Arc<str>,
    /// The line where it was raised, from 1; 0 if unknown.
    pub line: u32,
    /// The place where it was raised.
    pub at: Option<Loc>,
    /// Active calls, innermost first.
    pub trace: Vec<crate::trap::Call>,
}

/// A list or map that is a place of the state.
#[derive(Debug, Default)]
pub struct LiveObj {
    /// The key of the place (chain.md 4.1).
    pub place: Arc<[u8]>,
    /// Whether it was a list when it was read; a map otherwise.
    pub list: bool,
}

/// A captured variable.
#[derive(Debug, Clone, Copy)]
pub struct Cell(pub Value);

/// An iterator, as `for` makes it.
#[derive(Debug)]
pub struct IterObj {
    /// What it goes through; kept alive by it.
    pub source: Value,
    /// The position of the next step.
    pub position: u64,
    /// How far it has got in a string, in bytes.
    pub byte: usize,
    /// The keys at the start, for maps and enums.
    pub keys: Vec<Key>,
    /// One or two names.
    pub names: u8,
}

impl Default for FunctionObj {
    fn default() -> Self {
        FunctionObj {
            code: 0,
            captures: Box::default(),
            this: Value::UNDEF,
            home: Value::UNDEF,
            info: Arc::default(),
            protection: None,
        }
    }
}
impl Default for InstanceObj {
    fn default() -> Self {
        InstanceObj {
            ty: Ref::from_index(0),
            fields: Box::default(),
            type_args: Box::default(),
            sealed: false,
            restricted: None,
        }
    }
}
impl Default for Cell {
    fn default() -> Self {
        Cell(Value::UNDEF)
    }
}
impl Default for IterObj {
    fn default() -> Self {
        IterObj { source: Value::NULL, position: 0, byte: 0, keys: Vec::new(), names: 1 }
    }
}

impl Restrictions {
    /// Adds a rule for a field; whether it is the first for this field.
    pub fn add(&mut self, name: Arc<str>, rule: Restriction) -> bool {
        let before = self.fields.len();
        let rules = self.fields.entry(name).or_default();
        match rule {
            Restriction::ReadOnly => rules.read_only = true,
            Restriction::Redact => rules.redact = true,
        }
        self.fields.len() > before
    }

    /// Whether the field is read-only.
    pub fn read_only(&self, name: &str) -> bool {
        self.fields.get(name).is_some_and(|r| r.read_only)
    }

    /// Whether reading the field gives `"***"`.
    pub fn redacts(&self, name: &str) -> bool {
        self.fields.get(name).is_some_and(|r| r.redact)
    }

    /// The first field that is read-only.
    pub fn any_read_only(&self) -> Option<&Arc<str>> {
        self.fields.iter().find(|(_, r)| r.read_only).map(|(name, _)| name)
    }
}

impl RangeObj {
    /// How many integers it counts.
    #[inline]
    pub fn len(&self) -> u64 {
        self.end.wrapping_sub(self.start) as u64
    }

    /// Whether it counts none.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// The integer at a position below [`RangeObj::len`].
    #[inline]
    pub fn at(&self, position: u64) -> i64 {
        self.start.wrapping_add(position as i64)
    }
}

impl FunctionInfo {
    /// The most positional arguments it accepts; `None` with a rest parameter.
    pub fn most(&self) -> Option<usize> {
        if self.params.last().is_some_and(|p| p.rest) { None } else { Some(self.params.len()) }
    }

    /// The fewest arguments it accepts.
    pub fn fewest(&self) -> usize {
        self.params.iter().filter(|p| p.required).count()
    }
}

macro_rules! objects {
    ($( $ty:ty { size: |$a:ident| $size:expr $(, trace: |$b:ident, $visit:ident| $trace:expr)? $(, tidy: $tidy:expr)? } )*) => {
        $( impl Object for $ty {
            fn size(&self) -> u64 { let $a = self; ($size) as u64 }
            $(
                const HOLDS: bool = true;
                fn trace(&self, $visit: &mut dyn FnMut(Value)) { let $b = self; $trace }
            )?
            $( fn tidy(&mut self) { $tidy(self) } )?
        } )*
    };
}

// The formulas of chain.md 12; kinds it does not name are counted like instances.
objects! {
    BigIntObj { size: |o| 32 + 8 * o.0.bits().div_ceil(64) }
    StrObj { size: |o| 32 + o.len(), tidy: StrObj::tidy }
    BytesObj { size: |o| 32 + o.0.len() }
    ListObj { size: |o| 32 + 16 * o.items.len(), trace: |o, visit| o.items.iter().filter(|v| v.is_heap()).for_each(|v| visit(*v)) }
    MapObj { size: |o| 64 + 48 * o.map.len() as u64 + o.map.keys().map(Key::excess).sum::<u64>(), trace: |o, visit| o.map.iter().filter(|(_, v)| v.is_heap()).for_each(|(_, v)| visit(*v)) }
    RangeObj { size: |_o| 48 }
    FunctionObj { size: |o| 32 + 16 * o.captures.len(), trace: |o, visit| {
        o.captures.iter().for_each(|v| visit(*v));
        visit(o.this);
        visit(o.home);
        if let Some(p) = &o.protection { p.0.iter().flat_map(|p| &p.rules).for_each(|(_, v)| visit(*v)); }
    } }
    InstanceObj { size: |o| 48 + 16 * o.fields.len(), trace: |o, visit| {
        visit(Value::ty(o.ty));
        o.fields.iter().for_each(|v| visit(*v));
        o.type_args.iter().for_each(|t| t.trace(visit));
    } }
    EnumObj { size: |o| 64 + 48 * o.members.len(), trace: |o, visit| o.members.values().for_each(|v| visit(*v)) }
    TypeObj { size: |o| 64 + 48 * (o.fields.len() + o.methods.len()), trace: |o, visit| {
        if let Some(p) = o.parent { visit(Value::ty(p)); }
        o.implements.iter().for_each(|v| visit(*v));
        for f in o.fields.values() {
            visit(f.default);
            visit(f.require);
            if let Some(t) = &f.ty { t.trace(visit); }
        }
        o.computed.values().for_each(|v| visit(*v));
        o.methods.values().for_each(|v| visit(*v));
        o.operators.iter().for_each(|(_, v)| visit(*v));
    } }
    ContractObj { size: |o| 64 + 48 * (o.state.len() + o.actions.len()), trace: |o, visit| {
        if let Some(p) = o.parent { visit(Value::contract(p)); }
        o.implements.iter().for_each(|v| visit(*v));
        for f in o.state.values() {
            visit(f.init);
            if let Some(t) = &f.ty { t.trace(visit); }
        }
        o.actions.values().for_each(|v| visit(*v));
    } }
    ModuleObj { size: |o| 64 + 48 * o.exports.len(), trace: |o, visit| {
        for e in o.exports.values() { if let Export::Value(v) = e { visit(*v); } }
    } }
    TaskObj { size: |o| 512 + 16 * o.slots, trace: |o, visit| match &o.outcome {
        Outcome::Running => (),
        Outcome::Done(v) => visit(*v),
        Outcome::Failed(p) => p.trace(visit),
    } }
    Channel { size: |o| 64 + 16 * o.queue.len(), trace: |o, visit| {
        o.queue.iter().for_each(|v| visit(*v));
        o.senders.iter().for_each(|(_, v)| visit(*v));
        if let Some(t) = &o.ty { t.trace(visit); }
    } }
    WaitGroup { size: |_o| 64 }
    Barrier { size: |_o| 64 }
    ErrorObj { size: |o| 64 + o.message.len() }
    LiveObj { size: |o| 32 + o.place.len() }
    Cell { size: |_o| 32, trace: |o, visit| visit(o.0) }
    IterObj { size: |o| 64 + 16 * o.keys.len(), trace: |o, visit| visit(o.source) }
}
