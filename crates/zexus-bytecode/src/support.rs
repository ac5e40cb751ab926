//! The support functions: builtins that the compiler calls for what has no opcode (bytecode.md 7.1).
//!
//! `CALL_BUILTIN ("@name", count)` calls one; no source text can spell it. It costs what `CALL_BUILTIN` costs, and the sizes that
//! its row names. Those that give nothing worth mentioning give null.
//!
//! Conventions that hold for the whole of compiled code:
//!
//! 1. *Names.* A name with a colon is a variable of a top level, whatever variables the function has: `:x` is the global `x` of this
//!    module, `lib/math.zx:add` what that module exports as `add`. Reading it never runs the module; while it has no value, reading
//!    is E0302. Names stand so in `LOAD_NAME`, `STORE_NAME`, `CALL_NAME`, `SPAWN_CALL`, in type descriptors, and under `"extends"` and
//!    `"implements"` of declarations. `x#1` is shown as `x` in messages, and a parameter `x#1` is given by the name `x`.
//! 2. *Constants that the linker looks at* stand in a `LOAD_CONST` immediately before the `CALL_BUILTIN`. In the rows they are
//!    called `NAME` (a variable, resolved in the scope of the function), `TYPE` (a type descriptor, likewise), `KEY` (of a top
//!    level's state variable) and `EXPORT`, and are the last operands.
//! 3. *Type descriptors* are texts: a name as in 1 (first a builtin type name, then a variable), `M.P` for member `P` of the variable
//!    `M`, a trailing `?` for null besides; or for a record a map from keys to types. A type parameter of the declaration stands
//!    before builtin names. `{"?": type}`, the only form with this one key, is an optional record. A name whose variable has no value
//!    accepts nothing. A leading `@` means the variable even if a builtin type has the name, too.
//! 4. *Members through `this`* have a leading `@`: `GET_ATTR "@x"`, `STORE_ATTR "@x"`, `CALL_METHOD ("@m", 1)`: private members
//!    are allowed, values cross no border.
//! 5. *State.* In a function with the flag `action`, `STATE_READ`, `STATE_WRITE` and `LEDGER_APPEND` with a key go to the field of
//!    `this`; the compiler sets this flag (without `method`) on literals inside actions, too, which capture `this` if they do so. State variables of a top level
//!    are there reached by `@state_read` and so on.
//! 6. *Handlers.* A label of `SETUP_FINALLY` is also reached by `exit_program`, with a value that only `THROW` understands. A
//!    `THROW` whose run has line 0 raises again what the handler was given: place, trace and binding to a transaction stay.
//! 7. *Places.* A run with line 0 has no place: an error raised there is marked at the call of the function, and a call that is made
//!    there is not part of traces.
//! 8. *Types that mention themselves.* `DEFINE_ENTITY` and `DEFINE_CONTRACT` bind the object before they look up the names in their
//!    descriptors; with `"forward"` the object stays empty until a second one with the same name and kind fills it. The names of
//!    enums in descriptors are missing: an enum is called like its variable, without a suffix.
//! 9. *Defaults.* A call by name may leave out an optional parameter and give a later one: the code of a default, from its entry to
//!    the next one, is skipped if its parameter is given.

/// Calls the macro `$use` with the table of all support functions, one row each:
///
/// ```text
/// /// operands → result: meaning; errors. Sizes.
/// RustName "@name" fewest..most;
/// ```
#[macro_export]
macro_rules! for_each_support {
    ($use:path) => {
        $use! {
            /// `NAME → null`: from here on the variable is a new one, without a value: closures made before keep the old one.
            New "@new" 1..1;
            /// `NAME → null`: from here on the variable is a new one with the value (or the lack of one) that the old one has.
            Copy "@copy" 1..1;
            /// `NAME → v`: the variable's value, null if it has none; never fails.
            Peek "@peek" 1..1;
            /// `NAME → boolean`: whether the variable has a value; for parameters: whether the call gave it.
            Given "@given" 1..1;
            /// `name → ⊥`: raises E0304 `Cannot reassign const variable 'name'`.
            SealedError "@sealed_error" 1..1;
            /// `name → f`: the builtin function as a value, whatever variables exist; `json.parse` for one that only a module exports.
            Builtin "@builtin" 1..1;
            /// `name → v`: the dependency registered under the name; the error of `inject` if there is none.
            Dependency "@dependency" 1..1;
            /// `path → module`: the module of the program as a value, without running its body.
            Module "@module" 1..1;
            /// `→ list`: a new list of the program's arguments.
            Args "@args" 0..0;

            /// `KEY → boolean`: whether the store holds no value of this state variable yet. Sizes of `STATE_READ`.
            StateMissing "@state_missing" 1..1;
            /// `v kind KEY → null`: gives a state variable its first value, exempt from strict mode; kind is `"state"`, `"storage"` or `"ledger"`; for a ledger variable it appends a version; E0507, E0510. Sizes of `STATE_WRITE` or `LEDGER_APPEND`, 300 more.
            StateInit "@state_init" 3..3;
            /// `KEY → v`: inside an action, `STATE_READ` of a state variable of a top level. Sizes of `STATE_READ`, 100 more.
            StateRead "@state_read" 1..1;
            /// `v KEY → null`: inside an action, `STATE_WRITE` of a state variable of a top level. Sizes of `STATE_WRITE`, 300 more.
            StateWrite "@state_write" 2..2;
            /// `v KEY → null`: inside an action, `LEDGER_APPEND` to a ledger variable of a top level. Sizes of `LEDGER_APPEND`, 200 more.
            LedgerWrite "@ledger_write" 2..2;
            /// `KEY → list`: all versions of a ledger variable of a top level. Items and entries made, bytes read as `STATE_READ`.
            History "@history" 1..1;
            /// `this name → list`: all versions of a ledger field of a contract instance. Sizes of `@history`.
            FieldHistory "@field_history" 2..2;

            /// `l v… → l`: appends the values to the list, which is the result.
            Append "@append" 2..255;
            /// `l v → l`: appends the items of the list or range v, of state too; E0402 `Type mismatch: cannot spread Kind`. Items made.
            Extend "@extend" 2..2;
            /// `v → l`: a list with the items of the list or range v, which is only read: v itself if it is a list; E0402 as `@extend`. Items made.
            Spread "@spread" 1..1;
            /// `m k v … → m`: sets the entries in the map, which is the result; E0411.
            Insert "@insert" 3..255;
            /// `k → k`: E0411 unless k can be the key of a map.
            Key "@key" 1..1;
            /// `v → v`: E0402 `Type mismatch: a slice takes integers, got Null` if v is null.
            SliceEnd "@slice_end" 1..1;
            /// `v → l`: v for destructuring by position: a list or range, a list of state as a plain one; else E0402 `Type mismatch: cannot destructure Kind`.
            ListParts "@list_parts" 1..1;
            /// `v → m`: v for destructuring by key: a map or an instance, a map of state as a plain one; else E0402 `Type mismatch: cannot destructure Kind`.
            MapParts "@map_parts" 1..1;
            /// `l i → v`: item i of a list or range, null beyond its end.
            Item "@item" 2..2;
            /// `l i → list`: the items of a list or range from i on, as `l[i:]`. Sizes of `SLICE`.
            Rest "@rest" 2..2;
            /// `m name → v`: what a map has under the key, or the field or computed field of an instance, as from outside; null if there is none.
            Entry "@entry" 2..2;
            /// `m name → boolean`: whether a map has the key, or an instance the field or computed field.
            Has "@has" 2..2;

            /// `v fewest exact → l`: v if it is a list (one of state as a plain one) with at least `fewest` items, and no more if `exact` is true; else null.
            MatchList "@match_list" 3..3;
            /// `v → m`: v if it is a map (one of state as a plain one) or an instance; else null.
            MatchMap "@match_map" 1..1;
            /// `v lo hi inclusive → boolean`: whether a number or string v lies in the interval; false for other kinds.
            InInterval "@in_interval" 4..4;
            /// `v t n → boolean`: whether v fits the declared type t; E0216 `the type has N fields` if it does and t is a data type or entity with other than n fields; for other forms of types n must be 0.
            IsInstance "@is_instance" 3..3;
            /// `v t i → v`: the field of instance v that stands at place i in the data type t, read from outside.
            FieldAt "@field_at" 3..3;
            /// `→ ⊥`: raises E0418 `Match expression: no pattern matched`.
            MatchError "@match_error" 0..0;

            /// `this name args → r`: the method or action that the parent of the running function's home has, with this `this`; else an automatic method; E0413, E0515.
            Super "@super" 2..255;
            /// `this name l m → r`: `@super` with the items of list l and the named arguments of map m, or null.
            SuperSpread "@super_spread" 4..4;
            /// `t l m TYPE → r`: an instance of t with type arguments; l and m as for `CALL_SPREAD`; TYPE is a list of pairs of descriptor and text, as written. If t is no declared type it is called.
            Construct "@construct" 4..4;
            /// `o name args → t`: `SPAWN` of the method; a leading `@` as in `CALL_METHOD`.
            SpawnMethod "@spawn_method" 2..255;
            /// `f l m → t`: `SPAWN` with the operands of `CALL_SPREAD`.
            SpawnSpread "@spawn_spread" 3..3;
            /// `o name l m → t`: `@spawn_method` with the operands of `CALL_METHOD_SPREAD`.
            SpawnMethodSpread "@spawn_method_spread" 4..4;
            /// `this name l m → t`: `SPAWN` with the operands of `@super_spread`.
            SpawnSuper "@spawn_super" 4..4;
            /// `t l m TYPE → t`: `SPAWN` with the operands of `@construct`.
            SpawnConstruct "@spawn_construct" 4..4;
            /// `v → v`: the task itself, inside a transaction anything; else E0402 `Type mismatch: expected a task, got Kind`.
            Task "@task" 1..1;
            /// `key l → r`: the host's function `module.name` or `name` with the items of list l as arguments; E0423.
            External "@external" 2..2;

            /// `m → ⊥`: raises E0501 with message m, null: the default one.
            RequireFailed "@require_failed" 1..1;
            /// `m → ⊥`: raises E0502 with message m, null: the default one.
            VerifyFailed "@verify_failed" 1..1;
            /// `name → v`: `TX.caller` and the other members of language.md 15.10.
            Tx "@tx" 1..1;
            /// `name → v`: `gas.used`, `gas.remaining`, `gas.limit`.
            Gas "@gas" 1..1;

            /// `→ null`: from here on no other task gets a turn, until `@atomic_leave` or the end of the call.
            AtomicEnter "@atomic_enter" 0..0;
            /// `→ null`: ends the innermost `@atomic_enter` of its own call; nothing if there is none.
            AtomicLeave "@atomic_leave" 0..0;
            /// `i → boolean`: true the first time in a run; i is unique in the module.
            Exactly "@exactly" 1..1;
            /// `l → f`: takes the last item out of the list of deferred functions; null if it is empty.
            NextDeferred "@next_deferred" 1..1;
            /// `f → null`: the function is one of the deferred blocks of the main program, which run after its tasks have ended, the last one first (language.md 13.4).
            AtEnd "@at_end" 1..1;
            /// `r → null`: calls `close`, or else `cleanup`, of the resource if it has it, as from outside.
            Close "@close" 1..1;

            /// `l f b ids → null`: sets a watch with expression f (or null) and block b on the variables whose numbers are in list `ids`, and appends its number to list l. Without f it runs b at once.
            WatchSet "@watch_set" 4..4;
            /// `i… → null`: runs the watches on the variables with these numbers, if there are any. The numbers are those of the whole program.
            Watch "@watch" 1..255;
            /// `l → null`: ends the watches in the list.
            WatchEnd "@watch_end" 1..1;

            /// `v → null`: writes `DEBUG: ` and the value to the diagnostic stream; notes it in the trail. Text made.
            Debug "@debug" 1..1;
            /// `name v action [time] → entry`: appends an audit entry; action must be a string (E0402). Sizes of `LEDGER_APPEND`.
            Audit "@audit" 3..4;
            /// `v → v`: seals the value and all that is reached from it. Values visited.
            Seal "@seal" 1..1;
            /// `name o → null`: seals the value of the member and makes the member read-only.
            SealMember "@seal_member" 2..2;
            /// `name o rule → null`: restricts the member; rule must be a string (E0402).
            Restrict "@restrict" 3..3;
            /// `what filter → null`: starts a trail; filter may be null.
            Trail "@trail" 2..2;
            /// `capability who → null`: grants it to a string or contract instance. Sizes of `STATE_WRITE`, 300 more.
            Grant "@grant" 2..2;
            /// `capability who → null`: takes it away. Sizes of `STATE_WRITE`, 300 more.
            Revoke "@revoke" 2..2;
            /// `f rules [level] → null`: protects the function; level must be a string (E0402).
            Protect "@protect" 2..3;
            /// `[capacity] text TYPE → channel`: a new channel for values of the type, whose text as written is `text`; both null without one; E0402, E0415.
            Channel "@channel" 2..3;
            /// `policy → null`: what runs from here on lacks the capabilities that the policy does not have; null: the policy `default`; E0402 if it is no string.
            SandboxEnter "@sandbox_enter" 1..1;
            /// `→ null`: ends the innermost `@sandbox_enter`.
            SandboxLeave "@sandbox_leave" 0..0;
            /// `name names l → null`: `EMIT_EVENT` with the items of list l, and a list of their names. Sizes of `EMIT_EVENT`.
            Emit "@emit" 3..3;

            /// `path NAME → m`: the module value at the path (a list of names, the first one that of the variable), below the module that the variable holds; what is missing is made and bound.
            DefineModule "@define_module" 2..2;
            /// `m name NAME → null`: module m shows the variable, a global, under the name.
            ShowVariable "@show_variable" 3..3;
            /// `m name KEY → null`: module m shows the state variable under the name.
            ShowState "@show_state" 3..3;
            /// `m name v → null`: module m shows the value under the name.
            ShowValue "@show_value" 3..3;
            /// `EXPORT → null`: an export that `EXPORT` cannot say; only in the entry function, and like `EXPORT` it counts whether or not it is reached. A map of `"name"`; one of `"variable"`, `"state"` (its key), `"builtin"` (as in `@builtin`), `"value"`, `"module"` (a path or the name of a standard module); perhaps `"to"` (a list of paths) and `"with"` (a capability).
            Export "@export" 1..1;
        }
    };
}

macro_rules! support_enum {
    ($( $(#[doc = $doc:literal])+ $name:ident $text:literal $fewest:literal .. $most:literal; )*) => {
        /// A support function.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Support {
            $( $(#[doc = $doc])+ $name, )*
        }

        impl Support {
            /// All support functions in the order of the table.
            pub const ALL: &'static [Support] = &[ $( Support::$name ),* ];

            /// The support function of this name, such as `@new`; `None` if there is none.
            pub fn from_name(name: &str) -> Option<Support> {
                match name { $( $text => Some(Support::$name), )* _ => None }
            }

            /// The name, with its `@`.
            pub const fn name(self) -> &'static str {
                match self { $( Support::$name => $text ),* }
            }

            /// The fewest and the most operands.
            pub const fn arity(self) -> (u8, u8) {
                match self { $( Support::$name => ($fewest, $most) ),* }
            }

            /// Operands, result, meaning, errors and sizes.
            pub const fn doc(self) -> &'static str {
                match self { $( Support::$name => concat!($($doc),+) ),* }
            }
        }
    };
}

crate::for_each_support!(support_enum);
