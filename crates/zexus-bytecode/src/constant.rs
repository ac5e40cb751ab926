//! Constants and the pool that holds them (bytecode.md 1.3).

use std::collections::HashMap;
use std::sync::Arc;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use crate::encode;

/// A constant of a module.
///
/// Two constants are equal if their encodings (chain.md 2.2) are: `1`, `1.0` and `true` differ, `0.0` and `-0.0` differ, two
/// maps are equal only if their entries stand in the same order, and there is one NaN. Valid ones are nested at most
/// [`MAX_DEPTH`](encode::MAX_DEPTH) deep; who builds them from data bounds the depth first. Cloning is cheap.
#[derive(Clone, Debug)]
pub enum Const {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer of 64 bits.
    Int(i64),
    /// An integer that does not fit 64 bits, of at most 4,096.
    Big(Arc<BigInt>),
    /// A float.
    Float(f64),
    /// A string.
    Str(Arc<str>),
    /// Bytes, which only a host can supply.
    Bytes(Arc<[u8]>),
    /// A list.
    List(Arc<[Const]>),
    /// A map, its entries in order of insertion.
    Map(Arc<[(Const, Const)]>),
    /// A function of the module, by its index.
    Func(u32),
}

impl PartialEq for Const {
    fn eq(&self, other: &Const) -> bool {
        match (self, other) {
            (Const::Null, Const::Null) => true,
            (Const::Bool(a), Const::Bool(b)) => a == b,
            (Const::Int(a), Const::Int(b)) => a == b,
            (Const::Big(a), Const::Big(b)) => a == b,
            (Const::Int(a), Const::Big(b)) | (Const::Big(b), Const::Int(a)) => b.to_i64() == Some(*a),
            (Const::Float(a), Const::Float(b)) => encode::float_bits(*a) == encode::float_bits(*b),
            (Const::Str(a), Const::Str(b)) => a == b,
            (Const::Bytes(a), Const::Bytes(b)) => a == b,
            (Const::List(a), Const::List(b)) => a == b,
            (Const::Map(a), Const::Map(b)) => a == b,
            (Const::Func(a), Const::Func(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Const {}

impl Const {
    /// The text, if it is a string.
    #[inline]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Const::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The index of the function, if it is one.
    #[inline]
    pub fn as_func(&self) -> Option<u32> {
        match self {
            Const::Func(index) => Some(*index),
            _ => None,
        }
    }

    /// Whether it is false in conditions: null and `false`.
    #[inline]
    pub fn is_falsy(&self) -> bool {
        matches!(self, Const::Null | Const::Bool(false))
    }

    /// The value that a string key of a map has; `None` if it is no map or lacks the key.
    pub fn get(&self, key: &str) -> Option<&Const> {
        match self {
            Const::Map(entries) => entries.iter().find(|(k, _)| k.as_str() == Some(key)).map(|(_, v)| v),
            _ => None,
        }
    }
}

macro_rules! const_from {
    ($( $from:ty => |$value:ident| $make:expr; )*) => { $(
        impl From<$from> for Const {
            fn from($value: $from) -> Const {
                $make
            }
        }
    )* };
}

const_from! {
    () => |_unit| Const::Null;
    bool => |b| Const::Bool(b);
    i32 => |i| Const::Int(i.into());
    u32 => |i| Const::Int(i.into());
    i64 => |i| Const::Int(i);
    u64 => |i| i64::try_from(i).map_or_else(|_| Const::Big(Arc::new(i.into())), Const::Int);
    BigInt => |i| i.to_i64().map_or_else(|| Const::Big(Arc::new(i)), Const::Int);
    f64 => |f| Const::Float(f);
    &str => |s| Const::Str(s.into());
    &String => |s| Const::Str(s.as_str().into());
    String => |s| Const::Str(s.into());
    Arc<str> => |s| Const::Str(s);
    &Arc<str> => |s| Const::Str(s.clone());
    &[u8] => |b| Const::Bytes(b.into());
    Vec<Const> => |items| Const::List(items.into());
    Vec<(Const, Const)> => |entries| Const::Map(entries.into());
    &Const => |constant| constant.clone();
}

impl<T: Into<Const>> From<Option<T>> for Const {
    fn from(value: Option<T>) -> Const {
        value.map_or(Const::Null, Into::into)
    }
}

/// The pool of constants of a module; no two of them are equal.
#[derive(Default)]
pub struct Constants {
    items: Vec<Const>,
    /// The first `indexed` constants by their encoding; the rest are entered by the next `add`.
    index: HashMap<Box<[u8]>, u32>,
    indexed: usize,
    buffer: Vec<u8>,
}

impl Constants {
    /// An empty pool.
    pub fn new() -> Constants {
        Constants::default()
    }

    /// The index of an equal constant, which is appended if there is none.
    pub fn add(&mut self, constant: impl Into<Const>) -> u32 {
        self.insert(constant.into()).0
    }

    /// As [`Constants::add`], and whether the constant is new.
    pub(crate) fn insert(&mut self, constant: Const) -> (u32, bool) {
        while let Some(item) = self.items.get(self.indexed) {
            self.index.insert(encode::encode(item).into(), self.indexed as u32);
            self.indexed += 1;
        }
        self.buffer.clear();
        encode::put_const(&mut self.buffer, &constant);
        if let Some(&at) = self.index.get(self.buffer.as_slice()) {
            return (at, false);
        }
        let at = self.items.len() as u32;
        self.index.insert(self.buffer.as_slice().into(), at);
        self.items.push(constant);
        self.indexed = self.items.len();
        (at, true)
    }

    /// A pool of constants of which the caller knows that no two are equal.
    pub(crate) fn from_distinct(items: Vec<Const>) -> Constants {
        Constants { items, ..Constants::default() }
    }

    /// The constant at `index`.
    #[inline]
    pub fn get(&self, index: u64) -> Option<&Const> {
        usize::try_from(index).ok().and_then(|i| self.items.get(i))
    }
}

impl std::ops::Deref for Constants {
    type Target = [Const];
    fn deref(&self) -> &[Const] {
        &self.items
    }
}

impl Clone for Constants {
    /// The copy makes its index when it needs one.
    fn clone(&self) -> Constants {
        Constants::from_distinct(self.items.clone())
    }
}

impl PartialEq for Constants {
    fn eq(&self, other: &Constants) -> bool {
        self.items == other.items
    }
}

impl Eq for Constants {}

impl std::fmt::Debug for Constants {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.items.fmt(f)
    }
}
