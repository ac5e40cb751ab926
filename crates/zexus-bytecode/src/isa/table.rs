//! The rows of the opcode table (bytecode.md, chapter 2).

/// Calls the macro `$use` with the table of all opcodes, one row each:
///
/// ```text
/// /// Meaning; errors.
/// RustName "TEXT_NAME" emit_method number (operand kinds; required | optional)
///     "stack before → after" [pops, pops per count => pushes, pushes per count] gas [base, per count] "FLAGS";
/// ```
///
/// The *count* of a row is its operand of kind `Count` or `Args`. Operand kinds are those of
/// [`OperandKind`](crate::OperandKind), flags the letters of bytecode.md 2.1.
#[macro_export]
macro_rules! for_each_opcode {
    ($use:path) => {
        $use! {
            /// Pushes the constant. A list or map is copied, all of it, each time (A M); a function becomes a closure over the current variables (A R).
            LoadConst "LOAD_CONST" emit_load_const 1 (Const; required) "→ v" [0, 0 => 1, 0] gas [1, 0] "P";
            /// Pushes the variable; E0301, E0302.
            LoadName "LOAD_NAME" emit_load_name 2 (Name; required) "→ v" [0, 0 => 1, 0] gas [2, 0] "R T";
            /// Assigns the variable, creating a global if need be.
            StoreName "STORE_NAME" emit_store_name 3 (Name; required) "v →" [1, 0 => 0, 0] gas [3, 0] "W";
            /// As `LOAD_CONST f`, `STORE_NAME n`.
            StoreFunc "STORE_FUNC" emit_store_func 4 (Name Func; required) "→" [0, 0 => 0, 0] gas [4, 0] "W A";
            /// Drops the top.
            Pop "POP" emit_pop 5 (; required) "v →" [1, 0 => 0, 0] gas [1, 0] "P";
            /// Pushes the top again; a list or map is shared, not copied.
            Dup "DUP" emit_dup 6 (; required) "v → v v" [1, 0 => 2, 0] gas [1, 0] "P";
            /// As `LOAD_CONST k`, `STORE_NAME n`; `k` is no function (A M for lists and maps).
            StoreConst "STORE_CONST" emit_store_const 7 (Name Plain; required) "→" [0, 0 => 0, 0] gas [4, 0] "W";
            /// As `LOAD_CONST 1`, `ADD`, for every kind of a.
            Inc "INC" emit_inc 8 (; required) "a → r" [1, 0 => 1, 0] gas [4, 0] "T A M C";
            /// As `LOAD_CONST 1`, `SUB`, for every kind of a.
            Dec "DEC" emit_dec 9 (; required) "a → r" [1, 0 => 1, 0] gas [4, 0] "T A M C";
            /// `a + b`: numbers; joins if either is a string; lists; E0402, E0407.
            Add "ADD" emit_add 10 (; required) "a b → r" [2, 0 => 1, 0] gas [3, 0] "T A M C";
            /// `a - b`; E0402, E0407.
            Sub "SUB" emit_sub 11 (; required) "a b → r" [2, 0 => 1, 0] gas [3, 0] "T A M C";
            /// `a * b`; repeats strings; E0402, E0407, E0419.
            Mul "MUL" emit_mul 12 (; required) "a b → r" [2, 0 => 1, 0] gas [5, 0] "T A M C";
            /// `a / b`, true division: always a float, `20 / 4` is `5.0`; E0402, E0405, E0407.
            Div "DIV" emit_div 13 (; required) "a b → r" [2, 0 => 1, 0] gas [10, 0] "T A M C";
            /// `a % b`, floored: `-7 % 3` is 2; E0402, E0406.
            Mod "MOD" emit_mod 14 (; required) "a b → r" [2, 0 => 1, 0] gas [10, 0] "T A M C";
            /// `a ** b`; with the integer 2 as exponent it is exactly one multiplication `a * a`, for floats too; E0402, E0405, E0407, E0408.
            Pow "POW" emit_pow 15 (; required) "a b → r" [2, 0 => 1, 0] gas [20, 0] "T A M C";
            /// `-a`; E0402.
            Neg "NEG" emit_neg 16 (; required) "a → r" [1, 0 => 1, 0] gas [2, 0] "T A M C";
            /// `a div b`: integers, rounded toward negative infinity; E0402, E0405.
            IntDiv "INT_DIV" emit_int_div 17 (; required) "a b → r" [2, 0 => 1, 0] gas [10, 0] "T A M C";
            /// `a == b`; never fails by itself.
            Eq "EQ" emit_eq 20 (; required) "a b → r" [2, 0 => 1, 0] gas [2, 0] "M C";
            /// `a != b`.
            Neq "NEQ" emit_neq 21 (; required) "a b → r" [2, 0 => 1, 0] gas [2, 0] "M C";
            /// `a < b`; E0409.
            Lt "LT" emit_lt 22 (; required) "a b → r" [2, 0 => 1, 0] gas [2, 0] "T M C";
            /// `a > b`; E0409.
            Gt "GT" emit_gt 23 (; required) "a b → r" [2, 0 => 1, 0] gas [2, 0] "T M C";
            /// `a <= b`; E0409.
            Lte "LTE" emit_lte 24 (; required) "a b → r" [2, 0 => 1, 0] gas [2, 0] "T M C";
            /// `a >= b`; E0409.
            Gte "GTE" emit_gte 25 (; required) "a b → r" [2, 0 => 1, 0] gas [2, 0] "T M C";
            /// `x in c`; E0402, E0411.
            In "IN" emit_in 26 (; required) "x c → r" [2, 0 => 1, 0] gas [3, 0] "T M";
            /// True if both are true, else false; always a boolean.
            And "AND" emit_and 30 (; required) "a b → r" [2, 0 => 1, 0] gas [2, 0] "P";
            /// True if one of them is true, else false; always a boolean.
            Or "OR" emit_or 31 (; required) "a b → r" [2, 0 => 1, 0] gas [2, 0] "P";
            /// The opposite of a's truth; always a boolean.
            Not "NOT" emit_not 32 (; required) "a → r" [1, 0 => 1, 0] gas [2, 0] "P";

            /// Goes to L.
            Jump "JUMP" emit_jump 40 (Label; required) "→" [0, 0 => 0, 0] gas [2, 0] "B";
            /// Goes to L if c is `null` or `false`.
            JumpIfFalse "JUMP_IF_FALSE" emit_jump_if_false 41 (Label; required) "c →" [1, 0 => 0, 0] gas [3, 0] "B";
            /// Goes to L if c is anything else.
            JumpIfTrue "JUMP_IF_TRUE" emit_jump_if_true 42 (Label; required) "c →" [1, 0 => 0, 0] gas [3, 0] "B";
            /// Ends the function with the top, or with null if the stack is empty; what lies below is dropped.
            Return "RETURN" emit_return 43 (; required) "v? →" [0, 0 => 0, 0] gas [2, 0] "B";
            /// Goes to L if the top is null; keeps it.
            JumpIfNull "JUMP_IF_NULL" emit_jump_if_null 44 (Label; required) "v → v" [1, 0 => 1, 0] gas [3, 0] "B";
            /// Goes to L if the top is not null; keeps it.
            JumpIfNotNull "JUMP_IF_NOT_NULL" emit_jump_if_not_null 45 (Label; required) "v → v" [1, 0 => 1, 0] gas [3, 0] "B";
            /// Calls what the variable, or else the builtin, `n` holds; E0301, E0403, E0404.
            CallName "CALL_NAME" emit_call_name 50 (Name Args; required) "args → r" [0, 1 => 1, 0] gas [10, 0] "R T A H M C";
            /// Calls the function constant, closed over the current variables; E0404.
            CallFuncConst "CALL_FUNC_CONST" emit_call_func_const 51 (Func Args; required) "args → r" [0, 1 => 1, 0] gas [10, 0] "T A H M C";
            /// Calls the value below the arguments; E0403, E0404.
            CallTop "CALL_TOP" emit_call_top 52 (Args; required) "f args → r" [1, 1 => 1, 0] gas [10, 0] "T A H M C";
            /// Calls the builtin `n`, whatever variables exist.
            CallBuiltin "CALL_BUILTIN" emit_call_builtin 53 (Name Args; required) "args → r" [0, 1 => 1, 0] gas [8, 0] "T A H M C";
            /// `o.n(args)` in the order of `language.md` 5.9; E0412, E0413, E0515.
            CallMethod "CALL_METHOD" emit_call_method 54 (Name Args; required) "o args → r" [1, 1 => 1, 0] gas [10, 0] "T A H M C";
            /// Calls f with the items of list or range l and, unless m is null, the named arguments of map m.
            CallSpread "CALL_SPREAD" emit_call_spread 55 (; required) "f l m → r" [3, 0 => 1, 0] gas [10, 0] "T A H M C";
            /// The same as `CALL_SPREAD` for a method.
            CallMethodSpread "CALL_METHOD_SPREAD" emit_call_method_spread 56 (Name; required) "o l m → r" [3, 0 => 1, 0] gas [10, 0] "T A H M C";

            /// The top c values in the order they were pushed.
            BuildList "BUILD_LIST" emit_build_list 60 (Count; required) "v… → list" [0, 1 => 1, 0] gas [5, 1] "A";
            /// c pairs, key pushed first; entries in the order of the source, a key given twice keeps its first place and takes the last value; E0411.
            BuildMap "BUILD_MAP" emit_build_map 61 (Count; required) "k v … → map" [0, 2 => 1, 0] gas [5, 4] "T A";
            /// A map from each value to `true`, in order of first appearance; E0411.
            BuildSet "BUILD_SET" emit_build_set 62 (Count; required) "v… → map" [0, 1 => 1, 0] gas [5, 4] "T A";
            /// `o[i]`: item (E0410), character, value or null, field; E0402, E0412.
            Index "INDEX" emit_index 63 (; required) "o i → v" [2, 0 => 1, 0] gas [3, 0] "T A H M C";
            /// `o[a:b]`; null leaves a side open; E0402, E0412.
            Slice "SLICE" emit_slice 64 (; required) "o a b → r" [3, 0 => 1, 0] gas [5, 0] "T A H M";
            /// `o.n`; E0412, E0413, E0416.
            GetAttr "GET_ATTR" emit_get_attr 65 (Name; required) "o → v" [1, 0 => 1, 0] gas [3, 0] "T A H M C";
            /// `o[i] = v`; E0410, E0411, E0417.
            StoreIndex "STORE_INDEX" emit_store_index 66 (; required) "o i v →" [3, 0 => 0, 0] gas [5, 0] "T A H M";
            /// `o.n = v`; E0413, E0416, E0417, E0509.
            StoreAttr "STORE_ATTR" emit_store_attr 67 (Name; required) "o v →" [2, 0 => 0, 0] gas [5, 0] "T A H M";
            /// Joins the display forms of the top c values.
            BuildString "BUILD_STRING" emit_build_string 68 (Count; required) "v… → s" [0, 1 => 1, 0] gas [5, 1] "T A M";
            /// `a..b` for 0, `a..=b` for 1; E0402, E0407.
            BuildRange "BUILD_RANGE" emit_build_range 69 (Count; required) "a b → r" [2, 0 => 1, 0] gas [3, 0] "T A";

            /// A task at the end of the ready queue; inside a transaction the call runs at once and r is its result.
            Spawn "SPAWN" emit_spawn 70 (Args; required) "f args → t" [1, 1 => 1, 0] gas [15, 0] "T A H M C";
            /// The result of a task, waiting for it if need be; any other value is itself; E0420, E0511.
            Await "AWAIT" emit_await 71 (; required) "v → r" [1, 0 => 1, 0] gas [10, 0] "T A H M C";
            /// `SPAWN` of what `n` holds.
            SpawnCall "SPAWN_CALL" emit_spawn_call 72 (Name Args; required) "args → t" [0, 1 => 1, 0] gas [15, 0] "R T A H M C";
            /// The function handles events called n from now on.
            RegisterEvent "REGISTER_EVENT" emit_register_event 80 (Name Func; required) "→" [0, 0 => 0, 0] gas [10, 0] "A H";
            /// Appends the event and runs its handlers.
            EmitEvent "EMIT_EVENT" emit_emit_event 81 (Name Args; required) "args →" [0, 1 => 0, 0] gas [20, 0] "T A H M C";
            /// The module of that path; its body runs the first time.
            Import "IMPORT" emit_import 90 (Path; required) "→ m" [0, 0 => 1, 0] gas [50, 0] "T H C";
            /// The variable is an export of this module; only in the entry function.
            Export "EXPORT" emit_export 91 (Name; required) "→" [0, 0 => 0, 0] gas [1, 0] "R";

            /// Binds n to an enum; k maps member names to integers or strings.
            DefineEnum "DEFINE_ENUM" emit_define_enum 100 (Name Enum; required) "→" [0, 0 => 0, 0] gas [10, 0] "W A";
            /// Binds n to a protocol or interface.
            DefineProtocol "DEFINE_PROTOCOL" emit_define_protocol 101 (Name Protocol; required) "→" [0, 0 => 0, 0] gas [10, 0] "W A";
            /// E0402 unless v implements the protocol n.
            AssertProtocol "ASSERT_PROTOCOL" emit_assert_protocol 102 (Name; required) "v →" [1, 0 => 0, 0] gas [5, 0] "R T";
            /// E0401 unless v fits the type descriptor; the second constant is the message, `{}` in it stands for the kind of v.
            CheckType "CHECK_TYPE" emit_check_type 103 (Type Message; required) "v → v" [1, 0 => 1, 0] gas [2, 0] "T";
            /// Whether v fits the type descriptor.
            IsType "IS_TYPE" emit_is_type 104 (Type; required) "v → r" [1, 0 => 1, 0] gas [2, 0] "P";

            /// SHA-256 of the hash input of v, 64 lower-case hex digits; E0510.
            HashBlock "HASH_BLOCK" emit_hash_block 110 (; required) "v → s" [1, 0 => 1, 0] gas [50, 0] "T A H M";
            /// Whether sig is key's signature of msg; malformed text is false; E0402 if sig or key is neither a string nor bytes.
            VerifySignature "VERIFY_SIGNATURE" emit_verify_signature 111 (; required) "sig msg key → r" [3, 0 => 1, 0] gas [100, 0] "T A M";
            /// Root over the top c values in the order pushed; `""` for c = 0; E0510.
            MerkleRoot "MERKLE_ROOT" emit_merkle_root 112 (Count; required) "v… → s" [0, 1 => 1, 0] gas [30, 150] "T A H M";
            /// The state value under the key, null if there is none; in an action, and in functions inside one, the key is a field of `this`; E0507.
            StateRead "STATE_READ" emit_state_read 113 (Key; required) "→ v" [0, 0 => 1, 0] gas [100, 0] "T A H M";
            /// Sets it; outside a transaction the write commits by itself, or is E0516 in strict mode; E0507, E0510.
            StateWrite "STATE_WRITE" emit_state_write 114 (Key; required) "v →" [1, 0 => 0, 0] gas [300, 0] "T H M";
            /// Opens a transaction, or a savepoint inside one.
            TxBegin "TX_BEGIN" emit_tx_begin 115 (; required) "→" [0, 0 => 0, 0] gas [20, 0] "A H";
            /// Commits the innermost transaction that this function call has opened; none: nothing happens.
            TxCommit "TX_COMMIT" emit_tx_commit 116 (; required) "→" [0, 0 => 0, 0] gas [30, 0] "H";
            /// Undoes and closes it; none: nothing happens. Execution goes on with the next instruction. The constant is a note for traces.
            TxRevert "TX_REVERT" emit_tx_revert 117 (Note; optional) "→" [0, 0 => 0, 0] gas [20, 0] "H";
            /// Takes u gas, or ends the run with E0504.
            GasCharge "GAS_CHARGE" emit_gas_charge 118 (Amount; required) "→" [0, 0 => 0, 0] gas [0, 0] "M";
            /// Appends an entry; with a key, a new version of that ledger variable; E0507, E0510.
            LedgerAppend "LEDGER_APPEND" emit_ledger_append 119 (Key; optional) "v →" [1, 0 => 0, 0] gas [200, 0] "T H M";
            /// At most n more gas for the rest of this function call; E0505.
            GasLimit "GAS_LIMIT" emit_gas_limit 120 (; required) "n →" [1, 0 => 0, 0] gas [5, 0] "T M";
            /// E0501 with message m (null: the default one) if c is false.
            Require "REQUIRE" emit_require 130 (; required) "c m →" [2, 0 => 0, 0] gas [5, 0] "T";

            /// Binds n to a contract.
            DefineContract "DEFINE_CONTRACT" emit_define_contract 131 (Name Contract; required) "→" [0, 0 => 0, 0] gas [20, 0] "W A";
            /// Binds n to a `data` or `entity` type.
            DefineEntity "DEFINE_ENTITY" emit_define_entity 132 (Name Data; required) "→" [0, 0 => 0, 0] gas [20, 0] "W A";

            /// Opens a region whose errors go to L, where the stack is as it is here and the error on top.
            SetupTry "SETUP_TRY" emit_setup_try 140 (Label; required) "→" [0, 0 => 0, 0] gas [1, 0] "B";
            /// Closes the innermost region.
            PopTry "POP_TRY" emit_pop_try 141 (; required) "→" [0, 0 => 0, 0] gas [1, 0] "";
            /// Raises v; an error object goes on as it is.
            Throw "THROW" emit_throw 142 (; required) "v → ⊥" [1, 0 => 0, 0] gas [5, 0] "T B";
            /// Raises E0503 with reason v (none if null), bound to the innermost open transaction, if any.
            Revert "REVERT" emit_revert 143 (; required) "v → ⊥" [1, 0 => 0, 0] gas [20, 0] "T H B";
            /// As `SETUP_TRY`, for code that runs however the region fails.
            SetupFinally "SETUP_FINALLY" emit_setup_finally 144 (Label; required) "→" [0, 0 => 0, 0] gas [1, 0] "B";

            /// Pushes the next item (c = 1) or position and item (c = 2); at the end it drops the iterator and goes to L.
            ForIter "FOR_ITER" emit_for_iter 150 (Label Count; required) "it → it v…" [1, 0 => 1, 1] gas [3, 0] "T A H M B";
            /// An iterator over v as `for` takes it, for c = 1 or 2 names; E0402.
            GetIter "GET_ITER" emit_get_iter 151 (Count; required) "v → it" [1, 0 => 1, 0] gas [5, 0] "T A H M";

            /// Writes the display forms of the top c (1) values, separated by spaces, and a line end; E0431.
            Print "PRINT" emit_print 250 (Count; optional) "v… →" [0, 1 => 0, 0] gas [10, 0] "T H M";
            /// Nothing.
            Nop "NOP" emit_nop 255 (; required) "→" [0, 0 => 0, 0] gas [1, 0] "P";
        }
    };
}
