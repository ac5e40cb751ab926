use super::*;

/// The program of bytecode.md 5.2.
const SUM: &str = "let i = 0  let s = 0  while i < 3 { s = s + i  i = i + 1 }  s";

/// Profiles a program; the profile, in which seconds are 0, after its head.
fn profile(text: &str, options: &[&str]) -> String {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("demo.zx"), text).unwrap();
    std::fs::write(dir.path().join("lib.zx"), "export action twice(n) { return n * 2 }").unwrap();
    let ran = zexus_in(dir.path(), &[&["profile"], options, &["-o", "out", "demo.zx"]].concat(), b"");
    assert!(ran.err.is_empty() || ran.code == Some(1), "{ran:?}");
    let text = std::fs::read_to_string(dir.path().join("out")).unwrap();
    let mut out = String::new();
    for (n, part) in text.split("\"seconds\":").enumerate() {
        let (seconds, rest) = if n == 0 { ("", part) } else { part.split_at(part.find('}').unwrap()) };
        assert!(n == 0 || seconds.parse::<f64>().unwrap() >= 0.0, "{text}");
        out = if n == 0 { rest.to_owned() } else { out + "\"seconds\":0.0" + rest };
    }
    out
}

#[track_caller]
fn check(text: &str, options: &[&str], expected: &str) {
    let all = profile(text, &[&["--json"], options].concat());
    assert_eq!(profile(text, &[&["--json"], options].concat()), all, "a second run");
    let (head, rest) = all.split_at(r#"{"zexus_profile":1,"module":""#.len() + 64);
    assert!(head.starts_with(r#"{"zexus_profile":1,"module":""#), "{head}");
    assert_eq!(rest, format!("\",{}\n", expected.replace('\n', "")), "{text}");
}

#[test]
fn the_example_of_the_specification() {
    check(
        SUM,
        &["--gas-limit", "1000"],
        r#""gas_used":105,
"functions":[{"fn":0,"name":"main","calls":1,"instructions":57,"gas":105,"back_edges":3,"tier2_calls":0,"seconds":0.0}],
"lines":[{"file":"demo.zx","line":1,"instructions":57,"gas":105}],
"opcodes":{"ADD":6,"GAS_CHARGE":9,"JUMP":3,"JUMP_IF_FALSE":4,"LOAD_CONST":9,"LOAD_NAME":14,"LT":4,"STORE_NAME":8},
"units":[{"fn":0,"loop":5,"count":3,"hot":false}]}"#,
    );
}

#[test]
fn gas_that_runs_out_is_booked() {
    check(
        SUM,
        &["--gas-limit", "50"],
        r#""gas_used":50,
"functions":[{"fn":0,"name":"main","calls":1,"instructions":26,"gas":50,"back_edges":1,"tier2_calls":0,"seconds":0.0}],
"lines":[{"file":"demo.zx","line":1,"instructions":26,"gas":50}],
"opcodes":{"ADD":2,"GAS_CHARGE":5,"JUMP":1,"JUMP_IF_FALSE":2,"LOAD_CONST":5,"LOAD_NAME":5,"LT":2,"STORE_NAME":4},
"units":[{"fn":0,"loop":5,"count":1,"hot":false}]}"#,
    );
}

#[test]
fn blocks_that_errors_leave_are_booked_on_their_first_line() {
    check(
        "let a = 1\nlet b = a / 0\nlet c = 2\nlet d = 3",
        &["--gas"],
        r#""gas_used":28,
"functions":[{"fn":0,"name":"main","calls":1,"instructions":6,"gas":28,"back_edges":0,"tier2_calls":0,"seconds":0.0}],
"lines":[{"file":"demo.zx","line":1,"instructions":3,"gas":28},{"file":"demo.zx","line":2,"instructions":3,"gas":0}],
"opcodes":{"DIV":1,"GAS_CHARGE":1,"LOAD_CONST":2,"LOAD_NAME":1,"STORE_NAME":1},
"units":[]}"#,
    );
}

#[test]
fn functions_of_modules_and_hot_units() {
    check(
        "use { twice } from \"./lib.zx\"\nlet i = 0\nwhile i < 1000 {\ni = i + 1\nif i <= 100 { twice(i) } }",
        &[],
        r#""gas_used":0,
"functions":[
{"fn":0,"name":"main","calls":1,"instructions":13308,"gas":0,"back_edges":1000,"tier2_calls":0,"seconds":0.0},
{"module":"lib.zx","fn":0,"name":"main","calls":1,"instructions":2,"gas":0,"back_edges":0,"tier2_calls":0,"seconds":0.0},
{"module":"lib.zx","fn":1,"name":"twice","calls":100,"instructions":400,"gas":0,"back_edges":0,"tier2_calls":0,"seconds":0.0}],
"lines":[
{"file":"demo.zx","line":1,"instructions":2,"gas":0},{"file":"demo.zx","line":2,"instructions":2,"gas":0},
{"file":"demo.zx","line":3,"instructions":4004,"gas":0},{"file":"demo.zx","line":4,"instructions":4000,"gas":0},
{"file":"demo.zx","line":5,"instructions":5300,"gas":0},
{"file":"lib.zx","line":0,"instructions":2,"gas":0},{"file":"lib.zx","line":1,"instructions":400,"gas":0}],
"opcodes":{"ADD":1000,"CALL_NAME":100,"EXPORT":1,"IMPORT":1,"JUMP":1000,"JUMP_IF_FALSE":2001,"LOAD_CONST":3102,
"LOAD_NAME":3201,"LT":1001,"LTE":1000,"MUL":100,"POP":101,"RETURN":100,"STORE_FUNC":1,"STORE_NAME":1001},
"units":[{"fn":0,"loop":4,"count":1000,"hot":true},{"module":"lib.zx","fn":1,"count":100,"hot":true}]}"#,
    );
}

/// Gas of every function and line adds up, whatever ends the run.
#[test]
fn all_gas_is_booked() {
    let text =
        "async action w(n) { return n * 2 }\naction bad(x) {\n  let y = x\n  return y / 0\n}\nlet s = 0
for each i in [1, 2, 3] { s = s + await w(i) }\ntry { bad(1) } catch (e) { s = \"\" + e }\nprint(s * 100)
[3, 1].map(x => bad(x))";
    let sum = |json: &str, list: &str, end: &str| -> u64 {
        let part = json.split(&format!("\"{list}\":[")).nth(1).unwrap().split(end).next().unwrap();
        part.split("\"gas\":")
            .skip(1)
            .map(|n| n.split([',', '}']).next().unwrap().parse::<u64>().unwrap())
            .sum()
    };
    for (limit, level) in (0..300).step_by(7).chain([10_000]).zip(["0", "1", "2", "3"].into_iter().cycle()) {
        let json = profile(text, &["--json", "--gas-limit", &limit.to_string(), "--opt-level", level]);
        let used = json.split("\"gas_used\":").nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
        assert_eq!((sum(&json, "functions", "]"), sum(&json, "lines", "]")), (used, used), "{limit}: {json}");
        assert!(used == limit || limit == 10_000, "{json}");
    }
}

#[test]
fn call_paths_count_what_is_their_own() {
    let text = "action g() { return 1 }\naction f() { return g() + g() }\nf()\ng()\n[1].map(x => x)";
    assert_eq!(profile(text, &["--folded"]), "main 10\nmain;f 4\nmain;f;g 4\nmain;g 2\nmain;lambda 1\n");
    assert_eq!(
        profile(text, &["--folded", "--gas"]),
        "main 49\nmain;f 25\nmain;f;g 6\nmain;g 3\nmain;lambda 2\n"
    );
}

#[test]
fn a_recursion_is_cut_at_128_calls() {
    let text = "action f(n) { if n == 0 { return 0 } return f(n - 1) }\nf(1000)";
    let folded = profile(text, &["--folded"]);
    assert_eq!(folded.lines().count(), 128);
    let deepest = folded.lines().last().unwrap();
    assert_eq!(deepest.matches(";f").count(), 127, "{deepest}");
}

#[test]
fn tables_are_for_people() {
    let all = profile(
        "action f(n) { return n + 1 }\nlet i = 0\nwhile i < 3 {\ni = f(i)\n}",
        &["--gas", "--top", "2"],
    );
    let shown: Vec<String> = all
        .lines()
        .map(|line| match line.split_whitespace().collect::<Vec<_>>()[..] {
            [calls, instructions, gas, jumps, seconds, name] if seconds.contains('.') => {
                format!("{calls} {instructions} {gas} {jumps} s {name}")
            }
            ref words => words.join(" "),
        })
        .collect();
    let expected = [
        "gas used: 115",
        "",
        "calls instructions gas jumps back seconds function",
        "1 39 91 3 s main",
        "3 15 24 0 s f",
        "",
        "instructions gas line",
        "15 51 demo.zx:4",
        "20 32 demo.zx:3",
        "… 2 more; --top 4 shows all",
        "",
        "jumps back hot loop",
        "3 no demo.zx:3",
        "",
        "instructions opcode",
        "11 GAS_CHARGE",
        "10 LOAD_NAME",
        "… 9 more; --top 11 shows all",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn the_profile_is_on_standard_error_and_the_output_stays() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("demo.zx"), "print(\"hi\", __ARGS__)").unwrap();
    let run = |args: &[&str]| zexus_in(dir.path(), &[&["profile"], args].concat(), b"");
    let ran = run(&["demo.zx", "a"]);
    ran.expect(0, "hi [a]\n", &["calls  instructions  jumps back", "demo.zx:1"]);
    let ran = run(&["--svg", "graph.svg", "demo.zx"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "hi []\n"));
    let svg = std::fs::read_to_string(dir.path().join("graph.svg")).unwrap();
    assert!(svg.contains("<title>main: "), "{svg}");
    run(&["-o", "no/such", "demo.zx"]).expect(1, "hi []\n", &["error: ", "no/such"]);
    run(&["none.zx"]).expect(2, "", &["none.zx"]);
}
