//! Programs and instances as an embedder uses them.
// Helpers of tests stand outside of the functions that the lints know as tests.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use num_bigint::BigInt;
use zexus::host::Captured;
use zexus::{Caps, Data, Engine, Error, Instance, Key, Limits, Program};

fn started(engine: &Engine, text: &str) -> Instance {
    let program = engine.compile(text).unwrap_or_else(|e| panic!("{e}"));
    let mut instance = engine.instance(&program);
    instance.run().unwrap_or_else(|e| panic!("{e}"));
    instance
}

#[track_caller]
fn fails(engine: &Engine, text: &str, expected: &str) {
    let program = engine.compile(text).unwrap_or_else(|e| panic!("{e}"));
    let error = engine.instance(&program).run().unwrap_err();
    assert_eq!(error.to_string(), expected);
}

#[test]
fn the_types_cross_threads() {
    fn is_send<T: Send>() {}
    fn is_sync<T: Sync>() {}
    is_send::<Instance>();
    is_send::<Program>();
    is_sync::<Program>();
    is_send::<Engine>();
    is_sync::<Engine>();
    is_send::<Error>();
}

#[test]
fn the_value_of_the_last_statement_comes_out() {
    let engine = Engine::new();
    for (text, expected) in [
        ("1 + 2", Data::Int(3)),
        ("2 ** 70", Data::Big(BigInt::from(1u128 << 70))),
        (
            "[1.5, \"a\", null, true]",
            Data::List(vec![Data::Float(1.5), Data::Str("a".into()), Data::Null, Data::Bool(true)]),
        ),
        ("let m = {\"k\": [1]}\nm", Data::record([("k", Data::List(vec![Data::Int(1)]))])),
        ("let x = 1", Data::Null),
    ] {
        let program = engine.compile(text).unwrap();
        assert_eq!(engine.instance(&program).run().unwrap(), expected, "{text}");
    }
}

#[test]
fn calls_and_variables() {
    let mut instance = started(
        &Engine::new(),
        "let count = 0\naction add(n, m = 1) { count += n * m\n return count }\naction fail() { throw {code: 7} }",
    );
    assert_eq!(instance.call::<i64>("add", (5,)).unwrap(), 5);
    assert_eq!(instance.call::<i64>("add", (2, 3)).unwrap(), 11);
    assert_eq!(instance.get::<i64>("count").unwrap(), 11);
    assert!(matches!(instance.get::<i64>("nothing"), Err(Error::NoSuchName(_))));
    assert!(matches!(instance.get::<String>("count"), Err(Error::Convert(_))));
    let error = instance.call::<Data>("fail", ()).unwrap_err().to_string();
    assert_eq!(error, "main.zx:4:17: error[E0428]: Uncaught: {code: 7}");
    let error = instance.call::<Data>("add", ()).unwrap_err();
    assert_eq!(error.diagnostics()[0].code().as_str(), "E0404");
    assert_eq!(instance.call::<i64>("add", (1,)).unwrap(), 12);
}

#[test]
fn values_go_in_and_come_out() {
    let mut instance =
        started(&Engine::new(), "action same(x) { return x }\naction kind(x) { return type(x) }");
    for data in [
        Data::Null,
        Data::Bool(false),
        Data::Int(i64::MIN),
        Data::Big(BigInt::from(u64::MAX)),
        Data::Float(0.5),
        Data::Str("ä\0".into()),
        Data::Bytes(vec![0, 255]),
        Data::DateTime(1),
        Data::List(vec![Data::List(vec![]), Data::Int(1)]),
        Data::Map(
            [(Key::Int(1), Data::Null), (Key::Bool(true), Data::Int(2)), ("1".into(), Data::Int(3))]
                .into_iter()
                .collect(),
        ),
    ] {
        assert_eq!(instance.call::<Data>("same", vec![data.clone()]).unwrap(), data);
    }
    for (data, reason) in [
        (Data::Float(f64::NAN), "NaN is no float of a program"),
        (Data::Big(BigInt::from(1) << 4096), "the integer has more than 4096 bits"),
        (
            Data::Opaque("function".into(), String::new()),
            "a value of kind function cannot be given to a program",
        ),
    ] {
        assert_eq!(instance.call::<Data>("same", vec![data]).unwrap_err().to_string(), reason);
    }
    assert_eq!(instance.call::<Data>("same", (BigInt::from(5),)).unwrap(), Data::Int(5));
}

#[test]
fn values_that_never_end_do_not_come_out() {
    let mut instance = started(&Engine::new(), "let own = [1]\nown.push(own)\nnull");
    let error = instance.get::<Data>("own").unwrap_err().to_string();
    assert_eq!(error, "the value is nested more than 64 levels deep");
}

#[test]
fn host_functions() {
    let engine = Engine::new()
        .function("m.add", |a: i64, b: i64| a + b)
        .function("m.half", |n: i64| if n % 2 == 0 { Ok(n / 2) } else { Err(format!("{n} is odd")) })
        .function("m.count", |words: Vec<String>| {
            words.into_iter().fold(BTreeMap::new(), |mut map, word| {
                *map.entry(word).or_insert(0i64) += 1;
                map
            })
        })
        .function("m.nothing", || ());
    let externals = "external action add(a, b) from \"m\"\nexternal action half(n) from \"m\"\n\
        external action count(l) from \"m\"\nexternal action nothing() from \"m\"\nexternal action gone() from \"m\"\n";
    let mut instance = started(
        &engine,
        &format!(
            "{externals}print(add(1, 2), half(4), count([\"a\", \"b\", \"a\"]), nothing())\n\
             try {{ half(3) }} catch (e) {{ print(e, e.code, e.kind) }}\n\
             try {{ add(1, \"x\") }} catch (e) {{ print(e, e.code) }}"
        ),
    );
    assert_eq!(
        instance.take_output(),
        "3 2 {a: 2, b: 1} null\n3 is odd E0423 host\nargument 2: expected int of 64 bits, got string E0423\n"
    );
    let program = engine.compile(&format!("{externals}gone()")).unwrap();
    let error = engine.instance(&program).run().unwrap_err();
    assert_eq!(error.diagnostics()[0].code().as_str(), "E0423");
}

#[test]
fn compile_errors_are_all_there() {
    let error = Engine::new().compile("print(a)\nprint(b)").unwrap_err();
    let Error::Compile(list) = &error else { panic!("{error:?}") };
    assert_eq!(list.len(), 2);
    assert_eq!(list[1].place().unwrap().to_string(), "main.zx:2:7");
    assert!(
        error.to_string().starts_with("main.zx:1:7: error[E0301]: Identifier 'a' not found\n"),
        "{error}"
    );
    let error = Engine::new().compile_bytes("a.zx", b"print(\xff)").unwrap_err();
    assert_eq!(error.diagnostics()[0].code().as_str(), "E0101");
}

#[test]
fn warnings_are_kept() {
    let program = Engine::new().compile("# @zexus speed=1\nprint(1)").unwrap();
    let codes: Vec<&str> = program.warnings().iter().map(|d| d.code().as_str()).collect();
    assert_eq!(codes, ["W0907"]);
}

#[test]
fn directives_yield_to_the_engine() {
    let text = "# @zexus gas_limit=500; strict_transactions=true\ngas.limit";
    let run = |engine: Engine| engine.instance(&engine.compile(text).unwrap()).run().unwrap();
    assert_eq!(run(Engine::new()), Data::Int(500));
    assert_eq!(run(Engine::new().limits(Limits { gas: Some(900), ..Limits::default() })), Data::Int(900));
}

#[test]
fn limits_hold_and_the_instance_stays_usable() {
    let limits = Limits { memory: 8 << 20, depth: 50, output: Some(100), ..Limits::default() };
    let mut instance = started(
        &Engine::new().limits(limits),
        "action deep(n) { return deep(n + 1) + 1 }\naction big() { let s = \"x\" while true { s = s + s } }\n\
         action loud() { while true { print(\"0123456789\") } }\naction fine() { return 1 }",
    );
    for (name, code) in [("deep", "E0429"), ("big", "E0430"), ("loud", "E0431")] {
        let args = if name == "deep" { vec![Data::Int(0)] } else { Vec::new() };
        let error = instance.call::<Data>(name, args).unwrap_err();
        assert_eq!(error.diagnostics()[0].code().as_str(), code);
        assert_eq!(instance.call::<i64>("fine", ()).unwrap(), 1);
    }
    assert!(instance.take_output().len() <= 100);
}

#[test]
fn many_calls_are_not_all_listed() {
    for (depth, rest) in [(100, "… 80 more"), (1000, "… at least 180 more")] {
        let engine = Engine::new().limits(Limits { depth, ..Limits::default() });
        let program = engine.compile("action f(n) {\n    return f(n + 1) + 1\n}\nf(0)").unwrap();
        let error = engine.instance(&program).run().unwrap_err();
        let notes = error.diagnostics()[0].notes();
        assert_eq!(notes.len(), 21, "{notes:?}");
        assert_eq!(notes[0], "called from main.zx:2:12 in f");
        assert_eq!(notes[20], rest);
    }
}

#[test]
fn interrupts_stop_a_run() {
    let engine = Engine::new();
    let mut instance = started(&engine, "action spin() { while true { } }\naction fine() { return 1 }");
    let handle = instance.interrupt_handle();
    let begin = Instant::now();
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        handle.interrupt();
    });
    let error = instance.call::<Data>("spin", ()).unwrap_err();
    stopper.join().unwrap();
    assert!(matches!(error, Error::Stopped(_)), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(5));
    assert_eq!(instance.call::<i64>("fine", ()).unwrap(), 1);
}

#[test]
fn instances_are_independent() {
    let engine = Engine::new();
    let program = engine.compile("let n = 0\naction add(k) { n += k\n return n }").unwrap();
    let threads: Vec<_> = [1i64, 10]
        .into_iter()
        .map(|step| {
            let mut instance = engine.instance(&program);
            std::thread::spawn(move || {
                instance.run().unwrap();
                (0..100).map(|_| instance.call::<i64>("add", (step,)).unwrap()).last().unwrap()
            })
        })
        .collect();
    let ends: Vec<i64> = threads.into_iter().map(|t| t.join().unwrap()).collect();
    assert_eq!(ends, [100, 1000]);
}

#[test]
fn exit_codes_are_errors_but_zero() {
    let engine = Engine::new();
    let run = |text: &str| engine.instance(&engine.compile(text).unwrap()).run();
    assert!(matches!(run("exit_program(3)"), Err(Error::Exit(3))));
    assert!(run("exit_program(0)").is_ok());
}

#[test]
fn capabilities_are_granted_by_the_engine() {
    fails(
        &Engine::new(),
        "timestamp()",
        "main.zx:1:1: error[E0426]: Builtin 'timestamp' needs the capability 'clock'",
    );
    let engine = Engine::new().grant(Caps::CLOCK);
    let program =
        engine.compile("let a = timestamp()\nsleep(5)\nprint(a, timestamp(), TX.timestamp)").unwrap();
    let host = Captured::new().time(1_700_000_000_000);
    engine.instance_on(&program, host.clone()).run().unwrap();
    assert_eq!(host.take_output(), "1700000000 1700000005 1700000000\n");
}

#[test]
fn modules_in_memory() {
    let engine = Engine::new()
        .module("lib/a.zx", "use \"./b\" as b\nexport let n = b.n + 1")
        .module("lib/b.zx", "export let n = 1");
    let program = engine.compile("use \"lib/a\" as a\na.n").unwrap();
    assert_eq!(engine.instance(&program).run().unwrap(), Data::Int(2));
    let error = engine.compile("use \"nothing\"").unwrap_err();
    assert_eq!(error.diagnostics()[0].message(), "Module not found: nothing");
    let error = engine.compile("use \"../x\"").unwrap_err();
    assert_eq!(error.diagnostics()[0].code().as_str(), "E0603");
}

#[test]
fn modules_in_files() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "app/main.zx",
        "use \"a\" as a\nuse \"pack\" as p\nuse \"shared\" as s\nuse \"inst\" as i\nprint(a.n, p.n, s.n, i.n)",
    );
    write("app/a.zx", "export let n = 1");
    write("app/pack/index.zx", "use \"../a\" as a\nexport let n = a.n + 1");
    write("app/zpm_modules/inst.zx", "export let n = 4");
    write("search/shared.zx", "use \"./more\" as m\nexport let n = m.n");
    write("search/more.zx", "export let n = 3");
    let engine = Engine::new().search_path(dir.path().join("search"));
    let program = engine.compile_file(dir.path().join("app/main.zx")).unwrap_or_else(|e| panic!("{e}"));
    let mut instance = engine.instance(&program);
    instance.run().unwrap();
    assert_eq!(instance.take_output(), "1 2 3 4\n");
    let error = Engine::new().compile_file(dir.path().join("none.zx")).unwrap_err();
    assert!(error.to_string().ends_with("none.zx: no such file or directory"), "{error}");
    let error = Engine::new()
        .root(dir.path().join("app"))
        .compile_file(dir.path().join("search/more.zx"))
        .unwrap_err();
    assert!(error.to_string().contains("it is not below the root"), "{error}");
}

#[test]
fn sessions_grow() {
    let host = Captured::new();
    let mut session = Engine::new().session_on(host.clone()).unwrap();
    let mut enter = |text: &str| {
        let entry = session.enter(text);
        let codes: Vec<&str> = entry.outcome.diagnostics.iter().map(|d| d.code().as_str()).collect();
        format!("{} {}", entry.shown.as_deref().unwrap_or("-"), codes.join(" ")).trim_end().to_owned()
    };
    assert_eq!(enter("let a = 1"), "-");
    assert_eq!(enter("a + 1"), "2");
    assert_eq!(enter("action f() { return g() }"), "-");
    assert_eq!(enter("f()"), "- E0301");
    assert_eq!(enter("action g() { return \"g\" }\nf()"), "\"g\"");
    assert_eq!(enter("let b = 2\nthrow 1"), "- E0428");
    assert_eq!(enter("b"), "2");
    assert_eq!(enter("1 +"), "- E0201");
    assert_eq!(enter("let a = \"new\"\na"), "\"new\"");
    assert_eq!(enter("let p = {\"key\": 1}"), "-");
    assert!(session.names().contains(&"p".to_string()));
    let members = session.members("p");
    assert!(members.contains(&"key".to_string()) && members.contains(&"merge".to_string()), "{members:?}");
    assert_eq!(session.members("nothing"), Vec::<String>::new());
}
