//! Support functions, declarations and the borders of contracts on hand-written modules.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "common/run.rs"]
mod run;

use run::{Setup, run};
use zexus_bytecode::Module;
use zexus_vm::LinkMode;

/// A module from functions in short: after `NAME FLAGS:` one instruction a line, or several between `;`. A word in the place of a
/// constant is its literal.
fn assemble(text: &str) -> Module {
    let mut constants: Vec<String> = Vec::new();
    let mut functions = String::new();
    let mut open = false;
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        if let Some(head) = line.strip_suffix(':') {
            let (name, flags) = head.split_once(' ').unwrap_or((head, ""));
            functions += if open { ".end\n" } else { "" };
            functions += &format!(".func \"{name}\" {flags}\n");
            open = true;
            continue;
        }
        for part in line.split(';').map(str::trim) {
            let (op, operands) = part.split_once(' ').unwrap_or((part, ""));
            functions += op;
            for operand in operands.split('|').map(str::trim).filter(|o| !o.is_empty()) {
                match operand.strip_prefix('#') {
                    Some(number) => functions += &format!(" {number}"),
                    None if op.starts_with('.') => functions += &format!(" {operand}"),
                    None => {
                        let at = constants.iter().position(|c| c == operand).unwrap_or_else(|| {
                            constants.push(operand.to_owned());
                            constants.len() - 1
                        });
                        functions += &format!(" {at}");
                    }
                }
            }
            functions.push('\n');
        }
    }
    let constants: String = constants.iter().map(|c| format!(".const {c}\n")).collect();
    let text = format!(".zxasm 1\n{constants}{functions}.end\n");
    Module::from_asm(&text).unwrap_or_else(|e| panic!("{e:?}\n{text}"))
}

/// What a program prints, and the error that ends it.
fn outcome(text: &str, mode: LinkMode) -> String {
    let (_, ended, log) = run(assemble(text), Setup { mode, ..Setup::default() });
    let failure = ended.failures.first().map(|f| format!(" E{:04} {}", f.code, f.message));
    format!("{}{}", log.printed(), failure.unwrap_or_default()).trim().to_owned()
}

fn check_program(text: &str, expected: &str) {
    assert_eq!(outcome(text, LinkMode::Fused), expected, "{text}");
    assert_eq!(outcome(text, LinkMode::Stepwise), expected, "stepwise: {text}");
}

/// The result of instructions of the entry function is printed.
fn check(code: &str, expected: &str) {
    check_program(&format!("main scoped:\n{code}\nPRINT"), expected);
}

#[test]
fn lists_and_maps_that_grow() {
    check("LOAD_CONST [1]; LOAD_CONST 2; LOAD_CONST 3; CALL_BUILTIN \"@append\" | #3", "[1, 2, 3]");
    check("LOAD_CONST [1]; LOAD_CONST [2, 3]; CALL_BUILTIN \"@extend\" | #2", "[1, 2, 3]");
    check(
        "LOAD_CONST [1]; LOAD_CONST 2; CALL_BUILTIN \"@extend\" | #2",
        "E0402 Type mismatch: cannot spread Integer",
    );
    check("LOAD_CONST 1; LOAD_CONST 4; BUILD_RANGE #0; CALL_BUILTIN \"@spread\" | #1", "[1, 2, 3]");
    check("LOAD_CONST {}; LOAD_CONST \"a\"; LOAD_CONST 1; CALL_BUILTIN \"@insert\" | #3", "{a: 1}");
    check(
        "LOAD_CONST [1]; CALL_BUILTIN \"@seal\" | #1; LOAD_CONST 2; CALL_BUILTIN \"@append\" | #2",
        "E0417 Cannot modify sealed list",
    );
}

#[test]
fn destructuring_and_patterns() {
    check("LOAD_CONST [1, 2]; LOAD_CONST 1; CALL_BUILTIN \"@item\" | #2", "2");
    check("LOAD_CONST [1, 2]; LOAD_CONST 2; CALL_BUILTIN \"@item\" | #2", "null");
    check("LOAD_CONST 1; LOAD_CONST 4; BUILD_RANGE #0; LOAD_CONST 2; CALL_BUILTIN \"@item\" | #2", "3");
    check("LOAD_CONST [1, 2, 3]; LOAD_CONST 1; CALL_BUILTIN \"@rest\" | #2", "[2, 3]");
    check(
        "LOAD_CONST 1; CALL_BUILTIN \"@list_parts\" | #1",
        "E0402 Type mismatch: cannot destructure Integer",
    );
    check("LOAD_CONST {\"a\": 1}; LOAD_CONST \"a\"; CALL_BUILTIN \"@entry\" | #2", "1");
    check("LOAD_CONST {\"a\": 1}; LOAD_CONST \"b\"; CALL_BUILTIN \"@entry\" | #2", "null");
    check("LOAD_CONST {\"a\": 1}; LOAD_CONST \"b\"; CALL_BUILTIN \"@has\" | #2", "false");
    let list = |fewest: &str, exact: &str| {
        format!(
            "LOAD_CONST [1, 2]; LOAD_CONST {fewest}; LOAD_CONST {exact}; CALL_BUILTIN \"@match_list\" | #3"
        )
    };
    check(&list("2", "true"), "[1, 2]");
    check(&list("1", "true"), "null");
    check(&list("1", "false"), "[1, 2]");
    let interval = |v: &str| {
        format!(
            "LOAD_CONST {v}; LOAD_CONST 1; LOAD_CONST 3; LOAD_CONST false; CALL_BUILTIN \"@in_interval\" | #4"
        )
    };
    check(&interval("2.5"), "true");
    check(&interval("3"), "false");
    check(&interval("\"2\""), "false");
    check("CALL_BUILTIN \"@match_error\" | #0", "E0418 Match expression: no pattern matched");
}

#[test]
fn declarations_with_constants_for_code() {
    let point = "{\"name\": \"Point\", \"kind\": \"data\", \"fields\": \
                 {\"x\": {\"type\": \"int\"}, \"tags\": {\"default\": [1]}}}";
    let program = |rest: &str| format!("main scoped:\nDEFINE_ENTITY \"Point\" | {point}\n{rest}\nPRINT");
    check_program(&program("LOAD_CONST 1; CALL_NAME \"Point\" | #1; GET_ATTR \"tags\""), "[1]");
    check_program(
        &program("LOAD_CONST \"a\"; CALL_NAME \"Point\" | #1"),
        "E0401 Type mismatch for field 'x': expected int, got String",
    );
    // Each instance has its own copy of a default.
    check_program(
        &program(
            "LOAD_CONST 1; CALL_NAME \"Point\" | #1; GET_ATTR \"tags\"; LOAD_CONST 2; CALL_BUILTIN \"@append\" | #2; POP
             LOAD_CONST 1; CALL_NAME \"Point\" | #1; GET_ATTR \"tags\"",
        ),
        "[1]",
    );
    // A type that mentions itself, and a value that does not fit it.
    let node = "{\"name\": \"Node\", \"kind\": \"data\", \"fields\": {\"next\": {\"type\": \":Node?\"}}}";
    let program = |next: &str| {
        format!(
            "main scoped:\nDEFINE_ENTITY \"Node\" | {node}
             LOAD_CONST {next}; CALL_NAME \"Node\" | #1; CALL_NAME \"Node\" | #1; GET_ATTR \"next\"; GET_ATTR \"next\"; PRINT"
        )
    };
    check_program(&program("null"), "null");
    check_program(&program("1"), "E0401 Type mismatch for field 'next': expected Node?, got Integer");
    check_program(
        "main scoped:\nDEFINE_ENUM \"Color#1\" | {\"Red\": 0, \"Blue\": \"b\"}
         LOAD_NAME \"Color#1\"; PRINT; LOAD_NAME \"Color#1\"; GET_ATTR \"Blue\"; PRINT",
        "{Red: 0, Blue: b} b",
    );
    check_program(
        "main scoped:\nDEFINE_PROTOCOL \"P\" | {\"name\": \"P\"}; LOAD_CONST 1; ASSERT_PROTOCOL \"P\"",
        "E0402 Type mismatch: expected P, got Integer",
    );
}

/// A type that says it implements a protocol, and what the machine says to that.
#[test]
fn who_says_implements_must_have_what_is_asked_for() {
    let program = |asked: &str, members: &str| {
        format!(
            "main scoped:\nDEFINE_PROTOCOL \"P\" | {{\"name\": \"P\", {asked}}}
             DEFINE_ENTITY \"E\" | {{\"name\": \"E\", \"kind\": \"entity\", \"implements\": [\"P\"], {members}}}
             CALL_NAME \"E\" | #0; ASSERT_PROTOCOL \"P\"; LOAD_CONST \"good\"; PRINT
             go scoped method:\nLOAD_CONST 1; RETURN
             own scoped method private:\nLOAD_CONST 1; RETURN
             all scoped method:\n.param \"a\" | rest; LOAD_CONST 1; RETURN"
        )
    };
    let mismatch = "E0402 Type mismatch: expected P, got E";
    let fields = r#""fields": ["x"]"#;
    check_program(&program(fields, r#""fields": {"x": {}}"#), "good");
    check_program(&program(fields, r#""fields": {"y": {}}"#), mismatch);
    let methods = r#""methods": {"go": @1, "own": @2, "all": @3}"#;
    let asks = |name: &str, counts: &str| format!("\"actions\": {{\"{name}\": {counts}}}");
    check_program(&program(&asks("go", "[0, 0]"), methods), "good");
    check_program(&program(&asks("go", "[0, 1]"), methods), mismatch);
    check_program(&program(&asks("go", "[1, 1]"), methods), mismatch);
    check_program(&program(&asks("all", "[1, 3]"), methods), "good");
    check_program(&program(&asks("own", "[0, 0]"), methods), mismatch);
    check_program(&program(&asks("stop", "[0, 0]"), methods), mismatch);
}

#[test]
fn modules_of_files_show_what_they_show() {
    let show = |module: &str| {
        format!(
            "main scoped:\n{module}; DUP; LOAD_CONST \"x\"; LOAD_CONST 1; CALL_BUILTIN \"@show_value\" | #3; POP; GET_ATTR \"x\"; PRINT"
        )
    };
    check_program(&show("LOAD_CONST [\"M\"]; LOAD_CONST \"M\"; CALL_BUILTIN \"@define_module\" | #2"), "1");
    check_program(&show("IMPORT \"math\""), "E0417 Cannot modify sealed module");
}

/// The gas that instructions of the entry function cost.
fn check_gas(code: &str, gas: u64) {
    let module = assemble(&format!("main scoped:\n{code}"));
    let (vm, ended, _) = run(module, Setup { metered: true, ..Setup::default() });
    assert!(ended.failures.is_empty(), "{code}: {ended:?}");
    assert_eq!(vm.machine().meter.used(), gas, "{code}");
}

#[test]
fn sizes_of_support_functions_are_paid() {
    // The constant: 1, and its three items. The call: 8. Values visited: the list, its two items, the item inside.
    check_gas("LOAD_CONST [1, [2]]; CALL_BUILTIN \"@seal\" | #1", 4 + 8 + 4);
    check_gas("LOAD_CONST [1]; LOAD_CONST [2, 3]; CALL_BUILTIN \"@extend\" | #2", 2 + 3 + 8 + 2);
    // The key has 3 bytes, the record 3; there was none before.
    check_gas(
        "LOAD_CONST 5; LOAD_CONST \"state\"; LOAD_CONST \"x\"; CALL_BUILTIN \"@state_init\" | #3; POP",
        3 + 8 + 1 + 300 + 4 * (3 + 3),
    );
    check_gas("LOAD_CONST \"x\"; CALL_BUILTIN \"@state_missing\" | #1", 1 + 8 + 3);
    check_gas("LOAD_CONST \"x\"; CALL_BUILTIN \"@state_read\" | #1", 1 + 8 + 100 + 3);
    // An event: its base price is that of the call; the encoded list of an integer has 2 + 3 bytes.
    check_gas(
        "LOAD_CONST \"E\"; LOAD_CONST [\"a\"]; LOAD_CONST [1]; CALL_BUILTIN \"@emit\" | #3; POP",
        1 + 2 + 2 + 8 + 1 + 2 * 5,
    );
}

/// Two contracts: `Bank` keeps a balance; what `Thief` does to an instance of it stands in `steal`.
fn theft(steal: &str) -> String {
    let bank = "{\"name\": \"Bank\", \"state\": {\"balance\": {\"init\": 5, \"private\": true}}, \
                \"actions\": {\"get\": @1, \"mint\": @2}}";
    let thief = "{\"name\": \"Thief\", \"actions\": {\"steal\": @3}}";
    format!(
        "main scoped:
         DEFINE_CONTRACT \"Bank\" | {bank}; DEFINE_CONTRACT \"Thief\" | {thief}
         CALL_NAME \"Bank\" | #0; STORE_NAME \"bank\"
         CALL_NAME \"Thief\" | #0; LOAD_NAME \"bank\"; CALL_METHOD \"steal\" | #1; PRINT
         LOAD_NAME \"bank\"; CALL_METHOD \"get\" | #0; PRINT
         get scoped method action:
         .local \"this\"; STATE_READ \"balance\"
         mint scoped method action private:
         .local \"this\"; LOAD_CONST 9; STATE_WRITE \"balance\"
         steal scoped method action:
         .param \"bank\"; .local \"this\"
         {steal}"
    )
}

#[test]
fn only_code_of_a_contract_reaches_into_its_instances() {
    check_program(&theft("LOAD_CONST 0"), "0 5");
    check_program(
        &theft("LOAD_NAME \"bank\"; GET_ATTR \"@balance\""),
        "E0506 state variable 'balance' is private",
    );
    check_program(
        &theft("LOAD_NAME \"bank\"; LOAD_CONST 9; STORE_ATTR \"@balance\""),
        "E0509 state of Bank can only be changed by its actions",
    );
    check_program(
        &theft("LOAD_NAME \"bank\"; CALL_METHOD \"@mint\" | #0"),
        "E0515 Action '@mint' not found in contract Bank",
    );
    check_program(
        &theft("LOAD_NAME \"bank\"; LOAD_CONST \"mint\"; CALL_BUILTIN \"@super\" | #2"),
        "E0413 Method 'mint' not supported for CONTRACT",
    );
    // `this` is a variable that anything can be stored in. Then keys are no longer fields.
    check_program(
        &theft(
            "LOAD_NAME \"bank\"; STORE_NAME \"this\"; LOAD_CONST 9; STATE_WRITE \"balance\"; LOAD_CONST 0",
        ),
        "0 5",
    );
}

#[test]
fn a_sandbox_is_left_only_by_the_call_that_entered_it() {
    let enter = "LOAD_CONST null; CALL_BUILTIN \"@sandbox_enter\" | #1; POP";
    let leave = "CALL_BUILTIN \"@sandbox_leave\" | #0; POP";
    let program = |before: &str, inside: &str, after: &str| {
        format!(
            "main scoped:
             {before}; CALL_FUNC_CONST @1 | #0; POP; {after}; CALL_BUILTIN \"crypto_random\" | #0; PRINT
             f scoped:
             {inside}"
        )
    };
    let sandboxed = "E0426 Builtin 'crypto_random' not allowed inside sandbox policy 'default'";
    let free = outcome(&program("NOP", "NOP", "NOP"), LinkMode::Fused);
    assert_ne!(free, sandboxed);
    check_program(&program(enter, "NOP", "NOP"), sandboxed);
    check_program(&program(enter, "NOP", leave), &free);
    check_program(&program(enter, leave, "NOP"), sandboxed);
    check_program(&program("NOP", enter, "NOP"), sandboxed);
    // Leaving also ends what a call has forgotten to leave.
    check_program(&program(enter, enter, leave), &free);
}

#[test]
fn atomic_belongs_to_its_call() {
    let program = |main: &str, f: &str| {
        let wait = "LOAD_CONST 0; CALL_BUILTIN \"sleep\" | #1; POP; LOAD_CONST \"waited\"; PRINT";
        format!("main scoped:\n{main}\nCALL_FUNC_CONST @1 | #0; POP\n{wait}\nf:\n{f}\nLOAD_CONST 1; RETURN")
    };
    let (enter, leave) =
        ("CALL_BUILTIN \"@atomic_enter\" | #0; POP", "CALL_BUILTIN \"@atomic_leave\" | #0; POP");
    let refused = "E0422 cannot wait inside atomic";
    check_program(&program(enter, "NOP"), refused);
    // What another call has entered is not left here.
    check_program(&program(enter, leave), refused);
    check_program(&program(&format!("{enter}; {enter}; {leave}"), leave), refused);
    // What a call has entered ends with it.
    check_program(&program("NOP", enter), "waited");
    // Leaving what was not entered does nothing.
    check_program(&program(&format!("{leave}; {enter}; {leave}; {leave}"), leave), "waited");
}
