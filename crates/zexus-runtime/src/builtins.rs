//! Builtins: one row each, in the table of the file that implements it (language.md chapters 18 and 20).
//!
//! 1. A builtin value is an index into [`TABLE`]. The functions of the standard modules are rows too, with their module's name.
//! 2. [`call`] checks the count, the kinds and the capability of a call before the function of the row runs, so the functions
//!    only see arguments that fit. Arguments that are missing are not filled in: see [`given`].
//! 3. A [`Run::Plain`] function never runs code of the program and never collects. A [`Run::Calling`] function may: its arguments
//!    are rooted by [`call`], whatever else must live through a callback it pushes to `m.stack`. [`call`] cuts the stack back when
//!    the function returns, also with an error.
//! 4. A list or map of the state is read whole before the function runs, and written back after it if the row says `changes`,
//!    except for parameters of kind `Any` and `Many`, which get the live value.
//! 5. Methods are rows too, whose first parameter is the receiver, of modules that no program can name: see [`crate::methods`].
//!
//! To add a builtin, write a row in the `rows!` of a file below; to add a file, name it in `GROUPS`.

use std::sync::{Arc, LazyLock};

use rustc_hash::FxHashMap;

use crate::host::Caps;
use crate::interp::Interp;
use crate::machine::Machine;
use crate::trap::Trap;
use crate::value::{Kind, Value};
use crate::{methods, modules};

mod accept;
mod enter;
mod price;

pub mod chain;
mod checks;
pub mod convert;
pub mod crypto;
pub mod files;
pub mod lists;
pub mod numbers;
pub mod policy;
pub mod program;
mod sanitize;
pub mod tasks;
pub mod text;

pub use accept::Accept;

/// A function that runs no code of the program.
pub type Plain = fn(&mut Machine, &[Value]) -> Result<Value, Trap>;
/// A function that may run code of the program.
pub type Calling = fn(&mut dyn Interp, &[Value]) -> Result<Value, Trap>;

/// How a builtin or method runs.
#[derive(Clone, Copy)]
pub enum Run {
    /// Without callbacks.
    Plain(Plain),
    /// With callbacks or suspension.
    Calling(Calling),
}

/// By what sizes a call is priced (chain.md 6.6). What the arguments and the result show is charged by [`call`], in metered runs;
/// the rest by the function, before it does the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gas {
    /// The base price only.
    Base,
    /// Text read: of all arguments that are texts. The function pays for what it makes as it grows.
    Text,
    /// Text read, and the text of the result, which is never much more.
    TextMade,
    /// Text read, and the items of the result.
    Parts,
    /// Items of the first argument, or the arguments if there are several.
    Items,
    /// The function: items or entries, as they are made, visited or moved.
    Each,
    /// The function: values visited, items and entries made.
    Deep,
    /// The function: as the operation of the same meaning, such as `+` or a slice.
    Operation,
    /// Bytes of the text by the length of the pattern.
    Pattern,
    /// The function: pairs of items compared.
    Pairs,
    /// Comparisons of sorting.
    Sort,
    /// The function: canonical JSON and bytes hashed.
    Hash,
    /// The function: keys and signatures.
    Signature,
    /// The function: records of state, ledger entries or events.
    State,
    /// A record of the state read; the bytes are charged where it is.
    StateRead,
    /// A record of the state written; the bytes are charged where it is.
    StateWrite,
}

/// A parameter of a builtin.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it accepts.
    pub accept: Accept,
    /// Its default as written in the documentation; `""` for one that may be left out without a default value. `None`: required.
    pub default: Option<&'static str>,
}

/// A row of the table.
#[derive(Clone, Copy)]
pub struct Row {
    /// The standard module that it is reached through; `""` for the outermost scope.
    pub module: &'static str,
    /// Its names as `snake_case`; the first is the one that messages and displays use.
    pub names: &'static [&'static str],
    /// Its parameters in order.
    pub params: &'static [Param],
    /// The capability that every call needs.
    pub caps: Caps,
    /// By what a call is priced.
    pub gas: Gas,
    /// Whether it changes its first argument.
    pub changes: bool,
    /// What it gives, in a sentence.
    pub doc: &'static str,
    /// The function.
    pub run: Run,
}

impl Row {
    /// The name in messages.
    pub fn name(&self) -> &'static str {
        self.names.first().copied().unwrap_or_default()
    }

    /// The fewest arguments.
    pub fn min(&self) -> usize {
        self.params.iter().filter(|p| p.default.is_none() && p.accept != Accept::Many).count()
    }

    /// The most arguments; `None` if there is no bound.
    pub fn max(&self) -> Option<usize> {
        if self.params.last().is_some_and(|p| p.accept == Accept::Many) {
            None
        } else {
            Some(self.params.len())
        }
    }
}

/// Declares a `pub const` table of rows of a module, `rows! { ROWS in "math"; … }`. A row reads
/// `/// Doc.` `["name", "other"] (a: Kind, b: Kind = "default", rest: Many) needs CAPS gas Class => Plain(function);`
/// where `needs`, `gas` and defaults may be left out. `changes first` before `=>` marks a function that changes its first argument.
macro_rules! rows {
    ($table:ident in $module:literal;
     $( #[doc = $doc:literal] [$($name:literal),+]
        ($( $param:ident : $accept:ident $(= $default:literal)? ),*)
        $(needs $caps:ident)? $(gas $gas:ident)? $(changes $changes:ident)? => $run:ident($function:expr); )*) => {
        #[doc = concat!("Builtins of the module `", $module, "`.")]
        pub const $table: &[$crate::builtins::Row] = &[ $( $crate::builtins::Row {
            module: $module,
            names: &[$($name),+],
            params: &[ $( $crate::builtins::Param {
                name: stringify!($param),
                accept: $crate::builtins::Accept::$accept,
                default: $crate::builtins::rows!(@default $($default)?),
            } ),* ],
            caps: $crate::builtins::rows!(@caps $($caps)?),
            gas: $crate::builtins::rows!(@gas $($gas)?),
            changes: $crate::builtins::rows!(@changes $($changes)?),
            doc: $doc,
            run: $crate::builtins::Run::$run($function),
        } ),* ];
    };
    (@default) => { None };
    (@default $text:literal) => { Some($text) };
    (@caps) => { $crate::host::Caps::NONE };
    (@caps $caps:ident) => { $crate::host::Caps::$caps };
    (@changes) => { false };
    (@changes $first:ident) => { true };
    (@gas) => { $crate::builtins::Gas::Base };
    (@gas $gas:ident) => { $crate::builtins::Gas::$gas };
}
pub(crate) use rows;

const GROUPS: &[&[Row]] = &[
    convert::ROWS,
    numbers::ROWS,
    lists::ROWS,
    text::ROWS,
    methods::list::ROWS,
    methods::string::ROWS,
    methods::map::ROWS,
    methods::others::ANY,
    methods::others::INSTANCE,
    methods::others::RANGE,
    methods::others::DATETIME,
    methods::others::ENUM,
    modules::math::ROWS,
    modules::datetime::ROWS,
    modules::data::JSON,
    modules::data::LIST,
    modules::data::STRING,
    crypto::ROWS,
    crypto::MODULE_ROWS,
    program::ROWS,
    files::ROWS,
    chain::ROWS,
    policy::ROWS,
    chain::MODULE_ROWS,
    tasks::ROWS,
    tasks::TASK,
    tasks::CHANNEL,
    tasks::WAIT_GROUP,
    tasks::BARRIER,
];

const COUNT: usize = {
    let (mut n, mut g) = (0, 0);
    while g < GROUPS.len() {
        n += GROUPS[g].len();
        g += 1;
    }
    n
};

/// All builtins; the index in this table is what a builtin value holds.
pub static TABLE: [&Row; COUNT] = {
    let mut table: [&Row; COUNT] = [&EMPTY; COUNT];
    let (mut n, mut g) = (0, 0);
    while g < GROUPS.len() {
        let mut i = 0;
        while i < GROUPS[g].len() {
            table[n] = &GROUPS[g][i];
            n += 1;
            i += 1;
        }
        g += 1;
    }
    table
};

const EMPTY: Row = Row {
    module: "",
    names: &[],
    params: &[],
    caps: Caps::NONE,
    gas: Gas::Base,
    changes: false,
    doc: "",
    run: Run::Plain(|_, _| Ok(Value::NULL)),
};

type Indexes = FxHashMap<String, u32>;

static NAMES: LazyLock<FxHashMap<&'static str, Indexes>> = LazyLock::new(|| {
    let mut modules: FxHashMap<&'static str, Indexes> = FxHashMap::default();
    for (i, row) in TABLE.iter().enumerate() {
        let names = modules.entry(row.module).or_default();
        for name in row.names {
            names.insert((*name).to_owned(), i as u32);
            names.entry(camel_case(name)).or_insert(i as u32);
        }
    }
    modules
});

/// The index of a builtin of the outermost scope, by any of its names.
pub fn lookup(name: &str) -> Option<u32> {
    lookup_in("", name)
}

/// The index of a function of a standard module (`""`: the outermost scope), by any of its names.
pub fn lookup_in(module: &str, name: &str) -> Option<u32> {
    NAMES.get(module)?.get(name).copied()
}

/// All names of the builtins of a module (`""`: the outermost scope) with their indexes, in the order of the table; both spellings.
pub fn names(module: &str) -> Vec<(String, u32)> {
    let mut out = Vec::new();
    for (i, row) in TABLE.iter().enumerate().filter(|(_, row)| row.module == module) {
        for name in row.names {
            out.push(((*name).to_owned(), i as u32));
            let camel = camel_case(name);
            if camel != *name {
                out.push((camel, i as u32));
            }
        }
    }
    out
}

/// `to_hex` as `toHex`; only letters after an underscore are joined.
pub(crate) fn camel_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(next) if c == '_' && next.is_ascii_lowercase() => {
                out.push(next.to_ascii_uppercase());
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}

/// The row of a builtin value.
#[inline]
pub fn row(index: u32) -> &'static Row {
    TABLE.get(index as usize).copied().unwrap_or(&EMPTY)
}

/// Values of kind `Builtin` from this index on are functions of the host ([`Machine::host_value`]).
pub const FIRST_HOST_VALUE: u32 = 1 << 24;

/// The name of a builtin or of a function of the host.
pub fn name(m: &Machine, index: u32) -> Arc<str> {
    m.host_value_at(index).map_or_else(|| row(index).name().into(), |(name, _)| name.clone())
}

/// Calls a builtin with everything checked.
///
/// # Errors
/// E0404 for a wrong count, E0402 for an argument of the wrong kind, E0426 for a missing capability, and what the builtin raises.
pub fn call(interp: &mut dyn Interp, index: u32, args: &[Value]) -> Result<Value, Trap> {
    if index >= FIRST_HOST_VALUE {
        let m = interp.machine();
        return match m.host_value_at(index).map(|(_, function)| function.clone()) {
            Some(function) => function(m, args),
            None => Err(m.error(423, "The host has no such function")),
        };
    }
    enter::enter(interp, row(index), args, 0)
}

/// Calls a method with its receiver as the first of `args`; counts in messages leave it out.
pub(crate) fn call_method(interp: &mut dyn Interp, index: u32, args: &[Value]) -> Result<Value, Trap> {
    enter::enter(interp, row(index), args, 1)
}

/// E0402 for an argument of the wrong kind.
#[cold]
pub fn kind_error(m: &mut Machine, name: &str, param: &Param, found: Value) -> Trap {
    let found = crate::kinds::type_name(m, found).to_owned();
    let (param, expected) = (param.name, param.accept.text());
    m.error(402, format!("Type mismatch: parameter '{param}' of {name} expects {expected}, got {found}"))
}

/// E0404 for a call with a wrong number of arguments (language.md 9.3).
#[cold]
pub fn arity_error(m: &mut Machine, name: &str, min: usize, max: Option<usize>, got: usize) -> Trap {
    let expected = match max {
        Some(max) if max == min => format!("{min} argument{}", if min == 1 { "" } else { "s" }),
        Some(max) => format!("{min} to {max} arguments"),
        None => format!("at least {min} argument{}", if min == 1 { "" } else { "s" }),
    };
    m.error(404, format!("{name} expects {expected}, got {got}"))
}

/// Checks a capability for a builtin; for those whose need depends on their arguments.
///
/// # Errors
/// E0426 with the wording of language.md 16.8 and chapter 17.
pub fn need(m: &mut Machine, row: &Row, caps: Caps) -> Result<(), Trap> {
    if m.caps().contains(caps) { Ok(()) } else { Err(denied(m, row, caps)) }
}

/// [`need`] for a builtin of the outermost scope given by its name.
///
/// # Errors
/// E0426.
pub fn need_named(m: &mut Machine, name: &str, caps: Caps) -> Result<(), Trap> {
    if m.caps().contains(caps) {
        return Ok(());
    }
    Err(denied(m, lookup(name).map_or(&EMPTY, row), caps))
}

#[cold]
fn denied(m: &mut Machine, row: &Row, caps: Caps) -> Trap {
    let name = row.name();
    let message = if let Some(policy) = m.policy.sandbox() {
        format!("Builtin '{name}' not allowed inside sandbox policy '{policy}'")
    } else {
        match caps {
            Caps::IO_WRITE => format!("File write access denied: missing '{}' capability", caps.name()),
            Caps::IO_READ if name != "input" => {
                format!("File read access denied: missing '{}' capability", caps.name())
            }
            _ => format!("Builtin '{name}' needs the capability '{}'", caps.name()),
        }
    };
    m.error(426, message)
}

/// The argument at `i`, if it was given and is not null: for parameters whose default is null or nothing.
#[inline]
pub fn given(args: &[Value], i: usize) -> Option<Value> {
    args.get(i).copied().filter(|v| !v.is_null())
}

/// Calls back with as many values of `row`, from the left, as `f` accepts (language.md 9.5). A builtin gets only the first
/// `for_builtin`. The values need not be rooted.
///
/// # Errors
/// Whatever the call raises; E0403 if `f` cannot be called.
pub fn callback(interp: &mut dyn Interp, f: Value, row: &[Value], for_builtin: usize) -> Result<Value, Trap> {
    let m = interp.machine();
    // A callback that is a builtin asks nobody itself.
    m.tick()?;
    let most = match f.kind() {
        Kind::Function(f) => m.heap.function(f).info.most().unwrap_or(row.len()),
        Kind::Builtin(_) => for_builtin,
        Kind::Type(t) => m.heap.ty(t).fields.len(),
        Kind::Contract(c) => match m.heap.contract(c).actions.get("init").map(|f| f.kind()) {
            Some(Kind::Function(f)) => m.heap.function(f).info.most().unwrap_or(row.len()),
            _ => 0,
        },
        _ => row.len(),
    };
    let row = row.get(..most).unwrap_or(row);
    interp.call(f, row)
}

/// The text of a string argument.
pub(crate) fn text_of(m: &Machine, args: &[Value], i: usize) -> std::sync::Arc<str> {
    args.get(i).and_then(|v| m.text(*v)).cloned().unwrap_or_default()
}

/// The argument at `i`; null if it was not given.
#[inline]
pub(crate) fn arg(args: &[Value], i: usize) -> Value {
    args.get(i).copied().unwrap_or(Value::NULL)
}

#[cfg(test)]
mod tests;
