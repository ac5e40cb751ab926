//! The value: two words, `Copy`, without lifetimes or reference counts.

use crate::heap::Ref;
use crate::object::{
    Barrier, BigIntObj, BytesObj, Cell, Channel, ContractObj, EnumObj, ErrorObj, FunctionObj, InstanceObj,
    IterObj, ListObj, LiveObj, MapObj, ModuleObj, RangeObj, StrObj, TaskObj, TypeObj, WaitGroup,
};

macro_rules! tags {
    ($( $(#[$doc:meta])* $name:ident ),* $(,)?) => {
        /// What the bits of a [`Value`] are.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Tag { $( $(#[$doc])* $name ),* }

        impl Tag {
            /// The tag of a number.
            pub const fn from_number(number: u8) -> Option<Tag> {
                const ALL: &[Tag] = &[$( Tag::$name ),*];
                if (number as usize) < ALL.len() { Some(ALL[number as usize]) } else { None }
            }
        }
    };
}

tags! {
    /// A variable whose declaration has not been reached; never visible to a program.
    Undef,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// An integer of 64 bits.
    Int,
    /// A binary64 float.
    Float,
    /// Microseconds since 1970, UTC.
    DateTime,
    /// The index of a builtin in the table of builtins.
    Builtin,
    /// An address of a contract instance: index into [`crate::Machine::addresses`].
    Instance20,
    /// An integer beyond 64 bits.
    BigInt,
    /// A string.
    Str,
    /// Bytes that a host supplied.
    Bytes,
    /// A list.
    List,
    /// A map.
    Map,
    /// A range of integers.
    Range,
    /// A function of the program with what it captured.
    Function,
    /// An instance of a `data` or `entity` type.
    Instance,
    /// An enum.
    Enum,
    /// A declared type: data, entity, protocol or interface.
    Type,
    /// A contract (the declaration).
    Contract,
    /// A module.
    Module,
    /// A task.
    Task,
    /// A channel.
    Channel,
    /// A wait group.
    WaitGroup,
    /// A barrier.
    Barrier,
    /// An error object of the run time.
    Error,
    /// A list or map that is a place of the state ([`crate::state`]).
    Live,
    /// A captured variable; never visible to a program.
    Cell,
    /// An iterator; a value without operations.
    Iter,
}

/// Two words: what kind of value this is, and its bits or the index of its heap object.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Value {
    tag: Tag,
    bits: u64,
}

/// Where the tag lies in a [`Value`], in bytes.
pub const VALUE_TAG: usize = std::mem::offset_of!(Value, tag);
/// Where the bits lie in a [`Value`], in bytes.
pub const VALUE_BITS: usize = std::mem::offset_of!(Value, bits);

/// The full view of a value, for matching off the hot path.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum Kind {
    Undef,
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    DateTime(i64),
    Builtin(u32),
    ContractInstance(u32),
    BigInt(Ref<BigIntObj>),
    Str(Ref<StrObj>),
    Bytes(Ref<BytesObj>),
    List(Ref<ListObj>),
    Map(Ref<MapObj>),
    Range(Ref<RangeObj>),
    Function(Ref<FunctionObj>),
    Instance(Ref<InstanceObj>),
    Enum(Ref<EnumObj>),
    Type(Ref<TypeObj>),
    Contract(Ref<ContractObj>),
    Module(Ref<ModuleObj>),
    Task(Ref<TaskObj>),
    Channel(Ref<Channel>),
    WaitGroup(Ref<WaitGroup>),
    Barrier(Ref<Barrier>),
    Error(Ref<ErrorObj>),
    Live(Ref<LiveObj>),
    Cell(Ref<Cell>),
    Iter(Ref<IterObj>),
}

macro_rules! heap_values {
    ($( $tag:ident, $obj:ty, $make:ident, $as:ident; )*) => {
        $(
            #[doc = concat!("A value of kind `", stringify!($tag), "`.")]
            #[inline]
            pub const fn $make(r: Ref<$obj>) -> Value { Value { tag: Tag::$tag, bits: r.index() as u64 } }

            #[doc = concat!("The object, if this is of kind `", stringify!($tag), "`.")]
            #[inline]
            pub const fn $as(self) -> Option<Ref<$obj>> {
                match self.tag { Tag::$tag => Some(Ref::from_index(self.bits as u32)), _ => None }
            }
        )*

        /// The full view.
        #[inline]
        pub const fn kind(self) -> Kind {
            match self.tag {
                Tag::Undef => Kind::Undef,
                Tag::Null => Kind::Null,
                Tag::Bool => Kind::Bool(self.bits != 0),
                Tag::Int => Kind::Int(self.bits as i64),
                Tag::Float => Kind::Float(f64::from_bits(self.bits)),
                Tag::DateTime => Kind::DateTime(self.bits as i64),
                Tag::Builtin => Kind::Builtin(self.bits as u32),
                Tag::Instance20 => Kind::ContractInstance(self.bits as u32),
                $( Tag::$tag => Kind::$tag(Ref::from_index(self.bits as u32)), )*
            }
        }
    };
}

impl Value {
    /// The value of a tag and bits that belong together; null for a number that is no tag.
    pub const fn from_parts(tag: u8, bits: u64) -> Value {
        match Tag::from_number(tag) {
            Some(tag) => Value { tag, bits },
            None => Value::NULL,
        }
    }

    /// A variable whose declaration has not been reached.
    pub const UNDEF: Value = Value { tag: Tag::Undef, bits: 0 };
    /// `null`.
    pub const NULL: Value = Value { tag: Tag::Null, bits: 0 };
    /// `true`.
    pub const TRUE: Value = Value { tag: Tag::Bool, bits: 1 };
    /// `false`.
    pub const FALSE: Value = Value { tag: Tag::Bool, bits: 0 };

    /// A boolean.
    #[inline]
    pub const fn bool(b: bool) -> Value {
        Value { tag: Tag::Bool, bits: b as u64 }
    }

    /// An integer of 64 bits.
    #[inline]
    pub const fn int(i: i64) -> Value {
        Value { tag: Tag::Int, bits: i as u64 }
    }

    /// A float.
    #[inline]
    pub const fn float(f: f64) -> Value {
        Value { tag: Tag::Float, bits: f.to_bits() }
    }

    /// An instant, in microseconds since 1970.
    #[inline]
    pub const fn datetime(micros: i64) -> Value {
        Value { tag: Tag::DateTime, bits: micros as u64 }
    }

    /// The builtin with this index.
    #[inline]
    pub const fn builtin(index: u32) -> Value {
        Value { tag: Tag::Builtin, bits: index as u64 }
    }

    /// The contract instance with this entry in [`crate::Machine::addresses`].
    #[inline]
    pub const fn contract_instance(index: u32) -> Value {
        Value { tag: Tag::Instance20, bits: index as u64 }
    }

    /// What the bits are.
    #[inline]
    pub const fn tag(self) -> Tag {
        self.tag
    }

    /// The bits; what they mean depends on the tag.
    #[inline]
    pub const fn bits(self) -> u64 {
        self.bits
    }

    /// The integer, if this is one of 64 bits.
    #[inline]
    pub const fn as_int(self) -> Option<i64> {
        match self.tag {
            Tag::Int => Some(self.bits as i64),
            _ => None,
        }
    }

    /// The float, if this is one.
    #[inline]
    pub const fn as_float(self) -> Option<f64> {
        match self.tag {
            Tag::Float => Some(f64::from_bits(self.bits)),
            _ => None,
        }
    }

    /// The boolean, if this is one.
    #[inline]
    pub const fn as_bool(self) -> Option<bool> {
        match self.tag {
            Tag::Bool => Some(self.bits != 0),
            _ => None,
        }
    }

    /// Whether this is `null`.
    #[inline]
    pub const fn is_null(self) -> bool {
        matches!(self.tag, Tag::Null)
    }

    /// Whether this is the mark of a variable that has no value yet.
    #[inline]
    pub const fn is_undef(self) -> bool {
        matches!(self.tag, Tag::Undef)
    }

    /// Truth as in language.md 4.2: everything but `null` and `false`.
    #[inline]
    pub const fn truthy(self) -> bool {
        match self.tag {
            Tag::Null => false,
            Tag::Bool => self.bits != 0,
            _ => true,
        }
    }

    /// Whether the bits are the index of a heap object.
    #[inline]
    pub const fn is_heap(self) -> bool {
        self.tag as u8 >= Tag::BigInt as u8
    }

    /// Whether two values are the same bits: for references, the same object.
    #[inline]
    pub const fn same(self, other: Value) -> bool {
        self.tag as u8 == other.tag as u8 && self.bits == other.bits
    }

    heap_values! {
        BigInt, BigIntObj, bigint, as_bigint;
        Str, StrObj, str, as_str;
        Bytes, BytesObj, bytes, as_bytes;
        List, ListObj, list, as_list;
        Map, MapObj, map, as_map;
        Range, RangeObj, range, as_range;
        Function, FunctionObj, function, as_function;
        Instance, InstanceObj, instance, as_instance;
        Enum, EnumObj, enumeration, as_enum;
        Type, TypeObj, ty, as_type;
        Contract, ContractObj, contract, as_contract;
        Module, ModuleObj, module, as_module;
        Task, TaskObj, task, as_task;
        Channel, Channel, channel, as_channel;
        WaitGroup, WaitGroup, wait_group, as_wait_group;
        Barrier, Barrier, barrier, as_barrier;
        Error, ErrorObj, error, as_error;
        Live, LiveObj, live, as_live;
        Cell, Cell, cell, as_cell;
        Iter, IterObj, iter, as_iter;
    }

    /// The entry in [`crate::Machine::addresses`], if this is a contract instance.
    #[inline]
    pub const fn as_contract_instance(self) -> Option<u32> {
        match self.tag {
            Tag::Instance20 => Some(self.bits as u32),
            _ => None,
        }
    }
}

impl Default for Value {
    /// `null`.
    fn default() -> Value {
        Value::NULL
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.kind())
    }
}
