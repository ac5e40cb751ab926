//! What parameters of builtins and methods accept.

use crate::machine::Machine;
use crate::value::{Kind, Value};

macro_rules! accepted {
    ($( $(#[$doc:meta])* $name:ident $text:literal: $pattern:pat, )*) => {
        /// What a parameter accepts. A place of the state counts as the list or map that it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Accept { $( $(#[$doc])* $name ),* }

        impl Accept {
            /// What is accepted, in words, for messages and documentation.
            pub const fn text(self) -> &'static str {
                match self { $( Accept::$name => $text ),* }
            }

            /// Whether `v` is accepted.
            #[inline]
            pub fn accepts(self, m: &Machine, v: Value) -> bool {
                let kind = match v.kind() {
                    Kind::Live(l) if m.heap.live(l).list => return self.accepts_list(),
                    Kind::Live(_) => return self.accepts_map(),
                    kind => kind,
                };
                match self { $( Accept::$name => matches!(kind, $pattern) ),* }
            }
        }
    };
}

accepted! {
    /// Everything.
    Any "any value": _,
    /// Everything, any number of times; only for the last parameter.
    Many "any values": _,
    /// Integers and floats.
    Number "number": Kind::Int(_) | Kind::BigInt(_) | Kind::Float(_),
    /// Integers of any size.
    Int "int": Kind::Int(_) | Kind::BigInt(_),
    /// Strings.
    Str "string": Kind::Str(_),
    /// Strings and bytes.
    Data "string or bytes": Kind::Str(_) | Kind::Bytes(_),
    /// Strings, and contract instances for their address.
    Address "string": Kind::Str(_) | Kind::ContractInstance(_),
    /// Booleans.
    Bool "bool": Kind::Bool(_),
    /// Lists.
    List "list": Kind::List(_),
    /// Lists and ranges.
    Sequence "list or range": Kind::List(_) | Kind::Range(_),
    /// Lists, ranges and strings.
    Sliceable "list or string": Kind::List(_) | Kind::Range(_) | Kind::Str(_),
    /// Maps.
    Map "map": Kind::Map(_),
    /// Maps and enums.
    Entries "map": Kind::Map(_) | Kind::Enum(_),
    /// Whatever can be called.
    Callable "function": Kind::Function(_) | Kind::Builtin(_) | Kind::Type(_) | Kind::Contract(_),
    /// Functions declared in the program.
    Function "function": Kind::Function(_),
    /// Instants.
    DateTime "datetime": Kind::DateTime(_),
    /// Channels.
    Channel "channel": Kind::Channel(_),
    /// Tasks.
    Task "task": Kind::Task(_),
    /// Wait groups.
    WaitGroup "waitgroup": Kind::WaitGroup(_),
    /// Barriers.
    Barrier "barrier": Kind::Barrier(_),
}

impl Accept {
    fn accepts_list(self) -> bool {
        matches!(self, Accept::Any | Accept::Many | Accept::List | Accept::Sequence | Accept::Sliceable)
    }

    fn accepts_map(self) -> bool {
        matches!(self, Accept::Any | Accept::Many | Accept::Map | Accept::Entries)
    }
}
