//! Typed conversions between [`Data`] and the types of Rust.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use indexmap::IndexMap;
use num_bigint::BigInt;
use num_traits::ToPrimitive;

use crate::data::{Data, Key};

/// Why a value did not fit a type of Rust.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, got {found}")]
pub struct ConvertError {
    /// What was wanted, in words.
    pub expected: &'static str,
    /// The kind of the value.
    pub found: String,
}

impl ConvertError {
    fn new(expected: &'static str, found: &Data) -> ConvertError {
        ConvertError { expected, found: found.kind().to_owned() }
    }
}

/// A type that values of a program can be turned into.
pub trait FromData: Sized {
    /// Converts.
    ///
    /// # Errors
    /// [`ConvertError`] if the value is of another kind or out of range.
    fn from_data(data: Data) -> Result<Self, ConvertError>;
}

/// A type that can be given to a program.
pub trait IntoData {
    /// Converts.
    fn into_data(self) -> Data;
}

impl Data {
    /// Converts to a type of Rust.
    ///
    /// # Errors
    /// [`ConvertError`] if the value is of another kind or out of range.
    pub fn to<T: FromData>(self) -> Result<T, ConvertError> {
        T::from_data(self)
    }
}

impl FromData for Data {
    fn from_data(data: Data) -> Result<Self, ConvertError> {
        Ok(data)
    }
}
impl IntoData for Data {
    fn into_data(self) -> Data {
        self
    }
}

macro_rules! from_data {
    ($( $ty:ty, $expected:literal: $data:ident => $( $pattern:pat => $result:expr ),+; )*) => {
        $( impl FromData for $ty {
            fn from_data($data: Data) -> Result<Self, ConvertError> {
                match $data {
                    $( $pattern => Ok($result), )+
                    #[allow(unreachable_patterns)]
                    other => Err(ConvertError::new($expected, &other)),
                }
            }
        } )*
    };
}

from_data! {
    (), "null": data => _ => ();
    bool, "bool": data => Data::Bool(b) => b;
    f64, "number": data => Data::Float(f) => f, Data::Int(i) => i as f64;
    String, "string": data => Data::Str(s) => s;
    BigInt, "int": data => Data::Int(i) => i.into(), Data::Big(b) => b;
}

macro_rules! integers {
    ($( $ty:ty, $expected:literal, $narrow:ident; )*) => { $(
        impl FromData for $ty {
            fn from_data(data: Data) -> Result<Self, ConvertError> {
                let number = match &data {
                    Data::Int(i) => i.$narrow(),
                    Data::Big(b) => b.$narrow(),
                    _ => None,
                };
                number.ok_or_else(|| ConvertError::new($expected, &data))
            }
        }
        impl IntoData for $ty {
            fn into_data(self) -> Data {
                match i64::try_from(self) {
                    Ok(i) => Data::Int(i),
                    Err(_) => Data::Big(self.into()),
                }
            }
        }
    )* };
}

integers! {
    i32, "int of 32 bits", to_i32;
    i64, "int of 64 bits", to_i64;
    i128, "int of 128 bits", to_i128;
    u8, "int from 0 to 255", to_u8;
    u32, "int of 32 bits, not below 0", to_u32;
    u64, "int of 64 bits, not below 0", to_u64;
    u128, "int of 128 bits, not below 0", to_u128;
}

macro_rules! into_data {
    ($( $ty:ty: $value:ident => $data:expr; )*) => {
        $( impl IntoData for $ty {
            fn into_data(self) -> Data { let $value = self; $data }
        } )*
    };
}

into_data! {
    (): _unit => Data::Null;
    bool: b => Data::Bool(b);
    f64: f => Data::Float(f);
    &str: s => Data::Str(s.to_owned());
    String: s => Data::Str(s);
    BigInt: b => b.to_i64().map_or(Data::Big(b), Data::Int);
}

impl<T: FromData> FromData for Option<T> {
    fn from_data(data: Data) -> Result<Self, ConvertError> {
        if data == Data::Null { Ok(None) } else { T::from_data(data).map(Some) }
    }
}
impl<T: IntoData> IntoData for Option<T> {
    fn into_data(self) -> Data {
        self.map_or(Data::Null, T::into_data)
    }
}

impl<T: FromData> FromData for Vec<T> {
    fn from_data(data: Data) -> Result<Self, ConvertError> {
        match data {
            Data::List(items) => items.into_iter().map(T::from_data).collect(),
            Data::Range(start, end) => (start..end).map(|i| T::from_data(Data::Int(i))).collect(),
            other => Err(ConvertError::new("list", &other)),
        }
    }
}
impl<T: IntoData> IntoData for Vec<T> {
    fn into_data(self) -> Data {
        Data::List(self.into_iter().map(T::into_data).collect())
    }
}

/// A type that keys of maps can be turned into, and back.
pub trait MapKey: Sized {
    /// Converts from a key.
    ///
    /// # Errors
    /// [`ConvertError`] if the key is of another kind.
    fn from_key(key: Key) -> Result<Self, ConvertError>;
    /// Converts to a key.
    fn into_key(self) -> Key;
}

macro_rules! map_keys {
    ($( $ty:ty, $expected:literal, $variant:ident; )*) => { $(
        impl MapKey for $ty {
            fn from_key(key: Key) -> Result<Self, ConvertError> {
                match key {
                    Key::$variant(k) => Ok(k),
                    other => Err(ConvertError::new($expected, &other.into())),
                }
            }
            fn into_key(self) -> Key { Key::$variant(self) }
        }
    )* };
}

map_keys! {
    String, "string as key", Str;
    i64, "int of 64 bits as key", Int;
    bool, "bool as key", Bool;
}

impl MapKey for Key {
    fn from_key(key: Key) -> Result<Self, ConvertError> {
        Ok(key)
    }
    fn into_key(self) -> Key {
        self
    }
}

impl From<&str> for Data {
    fn from(text: &str) -> Data {
        Data::Str(text.to_owned())
    }
}

impl From<Key> for Data {
    fn from(key: Key) -> Data {
        match key {
            Key::Str(s) => Data::Str(s),
            Key::Int(i) => Data::Int(i),
            Key::Bool(b) => Data::Bool(b),
            Key::Big(b) => Data::Big(b),
        }
    }
}

macro_rules! maps {
    ($( [$($bound:tt)*] $ty:ty; )*) => { $(
        impl<$($bound)*> FromData for $ty where K: MapKey, V: FromData {
            fn from_data(data: Data) -> Result<Self, ConvertError> {
                match data {
                    Data::Map(map) => map.into_iter().map(|(k, v)| Ok((K::from_key(k)?, V::from_data(v)?))).collect(),
                    other => Err(ConvertError::new("map", &other)),
                }
            }
        }
    )* };
}

maps! {
    [K: Ord, V] BTreeMap<K, V>;
    [K: Hash + Eq, V, S: BuildHasher + Default] IndexMap<K, V, S>;
    [K: Hash + Eq, V, S: BuildHasher + Default] HashMap<K, V, S>;
}

// A `HashMap` has no order that is the same in every run, so it cannot go into a program.
impl<K: MapKey, V: IntoData> IntoData for BTreeMap<K, V> {
    fn into_data(self) -> Data {
        Data::Map(self.into_iter().map(|(k, v)| (k.into_key(), v.into_data())).collect())
    }
}
impl<K: MapKey, V: IntoData, S> IntoData for IndexMap<K, V, S> {
    fn into_data(self) -> Data {
        Data::Map(self.into_iter().map(|(k, v)| (k.into_key(), v.into_data())).collect())
    }
}

/// Arguments of a call: a tuple of up to eight values, or a vector of [`Data`].
pub trait IntoArgs {
    /// Converts.
    fn into_args(self) -> Vec<Data>;
}

impl IntoArgs for Vec<Data> {
    fn into_args(self) -> Vec<Data> {
        self
    }
}

macro_rules! tuples {
    ($( ($($name:ident)*) )*) => { $(
        impl<$($name: IntoData),*> IntoArgs for ($($name,)*) {
            fn into_args(self) -> Vec<Data> {
                #[allow(non_snake_case)]
                let ($($name,)*) = self;
                vec![$($name.into_data()),*]
            }
        }
    )* };
}

tuples! { () (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) }
