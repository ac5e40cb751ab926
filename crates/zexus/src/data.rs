//! Values outside of an instance: owned, and free of any heap.

use std::sync::Arc;

use indexmap::IndexMap;
use num_bigint::BigInt;
use zexus_runtime::host::HostFunction;

use crate::function;

/// A value that goes into a program or comes out of it.
///
/// Lists, maps and what is in them are copied at this border. Values that only mean something inside an instance, such as functions
/// and tasks, come out as [`Data::Opaque`] and cannot go in.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Data {
    /// `null`.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer of 64 bits.
    Int(i64),
    /// An integer beyond 64 bits, of at most 4096 bits.
    Big(BigInt),
    /// A binary64 float; a program never sees an infinity or a NaN.
    Float(f64),
    /// A string.
    Str(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// An instant: microseconds since 1970, UTC.
    DateTime(i64),
    /// A list.
    List(Vec<Data>),
    /// A map, in order of insertion.
    Map(IndexMap<Key, Data>),
    /// The integers from the first to just before the second.
    Range(i64, i64),
    /// A function of the host, which a program can call.
    Function(Callable),
    /// A value that stays in its instance, if that keeps handles ([`crate::Instance::keep_handles`]). It goes in only there.
    Handle(Handle),
    /// An instance of `data` or `entity`: the name of its type and its fields in order. It cannot go in.
    Instance(String, IndexMap<String, Data>),
    /// Anything else: the name of its kind and its display form. It cannot go in.
    Opaque(String, String),
}

/// A function of the host as a value. Two are equal if they are clones of one.
#[derive(Clone)]
pub struct Callable {
    pub(crate) name: Arc<str>,
    pub(crate) function: HostFunction,
}

impl Callable {
    /// A function with a name for messages. What it gives as error is the message of E0423 in the program.
    pub fn new(
        name: &str,
        call: impl Fn(Vec<Data>) -> Result<Data, String> + Send + Sync + 'static,
    ) -> Callable {
        Callable { name: name.into(), function: function::of_closure(call) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl PartialEq for Callable {
    fn eq(&self, other: &Callable) -> bool {
        Arc::ptr_eq(&self.function, &other.function)
    }
}

impl std::fmt::Debug for Callable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<function {}>", self.name)
    }
}

/// What stands outside for a value that stays in its instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handle {
    pub(crate) pin: u32,
    pub(crate) kind: String,
}

impl Handle {
    /// The kind of the value, as `type(x)` names it.
    pub fn kind(&self) -> &str {
        &self.kind
    }
}

/// A key of a map; keys of different kinds are different.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A string.
    Str(String),
    /// An integer of 64 bits.
    Int(i64),
    /// A boolean.
    Bool(bool),
    /// An integer beyond 64 bits.
    Big(BigInt),
}

impl Data {
    /// What kind of value this is, in a word, for messages.
    pub fn kind(&self) -> &str {
        match self {
            Data::Null => "null",
            Data::Bool(_) => "bool",
            Data::Int(_) | Data::Big(_) => "int",
            Data::Float(_) => "float",
            Data::Str(_) => "string",
            Data::Bytes(_) => "bytes",
            Data::DateTime(_) => "datetime",
            Data::List(_) => "list",
            Data::Range(..) => "range",
            Data::Function(_) => "function of the host",
            Data::Handle(handle) => &handle.kind,
            Data::Map(_) => "map",
            Data::Instance(name, _) => name,
            Data::Opaque(kind, _) => kind,
        }
    }

    /// The item of a map under a string key, or the field of an instance.
    pub fn get(&self, name: &str) -> Option<&Data> {
        match self {
            Data::Map(map) => map.get(&Key::Str(name.to_owned())),
            Data::Instance(_, fields) => fields.get(name),
            _ => None,
        }
    }

    /// A map with string keys.
    pub fn record<K: Into<String>>(entries: impl IntoIterator<Item = (K, Data)>) -> Data {
        Data::Map(entries.into_iter().map(|(k, v)| (Key::Str(k.into()), v)).collect())
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Key {
        Key::Str(text.to_owned())
    }
}
impl From<String> for Key {
    fn from(text: String) -> Key {
        Key::Str(text)
    }
}
impl From<i64> for Key {
    fn from(i: i64) -> Key {
        Key::Int(i)
    }
}
impl From<bool> for Key {
    fn from(b: bool) -> Key {
        Key::Bool(b)
    }
}
