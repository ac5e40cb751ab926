use super::*;

/// The program of bytecode.md 5.2.
const SUM: &str = "let i = 0  let s = 0  while i < 3 { s = s + i  i = i + 1 }  s";

/// The lines of a trace on standard error, without their heads and the numbers of lines.
#[track_caller]
fn check(text: &str, options: &[&str], expected: &[&str]) {
    let ran = program(text, &[&["--trace", "--opt-level", "0"], options].concat());
    let lines: Vec<String> = ran
        .err
        .lines()
        .filter(|line| line.starts_with("{\"t\""))
        .map(|line| {
            let (kind, rest) = line.trim_start_matches("{\"t\":\"").split_once("\",\"n\":").unwrap();
            format!("{kind} {}", rest.split_once(',').unwrap().1.trim_end_matches('}'))
        })
        .collect();
    assert_eq!(lines, expected, "{ran:?}");
}

#[test]
fn the_example_of_the_specification() {
    let ran = program(SUM, &["--trace", "--gas-limit", "1000", "--opt-level", "0"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""));
    let lines: Vec<&str> = ran.err.lines().collect();
    let (head, rest) = lines[0].split_at(r#"{"zexus_trace":1,"module":""#.len() + 64);
    assert!(head.starts_with(r#"{"zexus_trace":1,"module":""#), "{head}");
    assert_eq!(rest, r#"","level":0,"metered":true}"#);
    let expected = [
        r#"{"t":"call","n":1,"fn":0,"name":"main","depth":0,"gas":1000}"#,
        r#"{"t":"op","n":2,"pc":0,"op":"GAS_CHARGE","operand":8,"line":1,"height":0,"gas":1000}"#,
        r#"{"t":"op","n":3,"pc":1,"op":"LOAD_CONST","operand":0,"height":0,"gas":992,"top":"0"}"#,
    ];
    assert_eq!(lines[1..4], expected);
    let end = [
        r#"{"t":"op","n":58,"pc":21,"op":"LOAD_NAME","operand":2,"height":0,"gas":895,"top":"3"}"#,
        r#"{"t":"return","n":59,"fn":0,"name":"main","depth":0,"value":"3"}"#,
        r#"{"t":"end","n":60,"status":"ok","gas_used":105}"#,
    ];
    assert_eq!(lines[58..], end);
}

#[test]
fn without_a_limit_no_gas_is_left_to_be_shown() {
    check(
        "let x = \"a\" + \"b\"",
        &[],
        &[
            r#"call "fn":0,"name":"main","depth":0"#,
            r#"op "pc":0,"op":"LOAD_CONST","operand":0,"line":1,"height":0,"top":"\"a\"""#,
            r#"op "pc":1,"op":"LOAD_CONST","operand":1,"height":1,"top":"\"b\"""#,
            r#"op "pc":2,"op":"ADD","height":2,"top":"\"ab\"""#,
            r#"op "pc":3,"op":"STORE_NAME","operand":2,"height":1"#,
            r#"return "fn":0,"name":"main","depth":0,"value":"null""#,
            r#"end "status":"ok","gas_used":0"#,
        ],
    );
}

#[test]
fn errors_end_instructions_and_functions() {
    let text = "action f(n) { return 1 / n }\ntry { f(0) } catch (e) { throw \"no\" }";
    check(
        text,
        &["--trace-filter", "call,return,throw,catch"],
        &[
            r#"call "fn":0,"name":"main","depth":0"#,
            r#"call "fn":1,"name":"f","depth":1"#,
            r#"throw "code":"E0405","message":"Division by zero""#,
            r#"return "fn":1,"name":"f","depth":1"#,
            r#"catch "code":"E0405","message":"Division by zero","pc":6"#,
            r#"throw "code":"E0428","message":"no""#,
            r#"return "fn":0,"name":"main","depth":0"#,
            r#"end "status":"E0428","gas_used":0"#,
        ],
    );
    check(
        text,
        &["--trace-filter", "DIV,CALL_NAME,THROW"],
        &[
            r#"op "pc":2,"op":"DIV","line":1,"height":2"#,
            r#"op "pc":3,"op":"CALL_NAME","operand":[0,1],"line":2,"height":1"#,
            r#"op "pc":8,"op":"THROW","height":1"#,
            r#"end "status":"E0428","gas_used":0"#,
        ],
    );
}

#[test]
fn running_out_of_gas_is_an_error_of_the_charge() {
    check(
        SUM,
        &["--gas-limit", "50", "--trace-filter", "throw,return"],
        &[
            r#"throw "code":"E0504","message":"Out of gas: used 66/50""#,
            r#"return "fn":0,"name":"main","depth":0"#,
            r#"end "status":"E0504","gas_used":50"#,
        ],
    );
}

#[test]
fn state_transactions_events_and_ledger() {
    let text = "persistent storage n = 1\npersistent storage xs = {}\n\
                tx { n = n + 1\nxs[\"ann\"] = 5 }\n\
                try { tx { n = 9\nrevert(\"why\") } } catch (e) { }\nemit Paid(n)\nledger_append(n)";
    check(
        text,
        &["--trace-filter", "tx,state,event,ledger"],
        &[
            r#"state "what":"write","key":"n","value":"1""#,
            r#"state "what":"write","key":"xs","value":"{}""#,
            r#"tx "what":"begin","level":1"#,
            r#"state "what":"read","key":"n","value":"1""#,
            r#"state "what":"write","key":"n","value":"2""#,
            r#"state "what":"read","key":"xs","value":"{...}""#,
            r#"state "what":"write","key":"xs[\"ann\"]","value":"5""#,
            r#"tx "what":"commit","level":1"#,
            r#"tx "what":"begin","level":1"#,
            r#"state "what":"write","key":"n","value":"9""#,
            r#"tx "what":"revert","level":1"#,
            r#"state "what":"read","key":"n","value":"2""#,
            r#"event "name":"Paid""#,
            r#"state "what":"read","key":"n","value":"2""#,
            r#"ledger "index":0"#,
            r#"end "status":"ok","gas_used":0"#,
        ],
    );
}

#[test]
fn a_filter_names_functions() {
    let text = "action f(n) { return n }\naction g(n) { return f(n) }\nprint(g([1]))";
    check(
        text,
        &["--trace-filter", "fn:f"],
        &[
            r#"call "fn":1,"name":"f","depth":2"#,
            r#"op "pc":0,"op":"LOAD_NAME","operand":5,"line":1,"height":0,"top":"[1]""#,
            r#"op "pc":1,"op":"RETURN","height":1"#,
            r#"return "fn":1,"name":"f","depth":2,"value":"[1]""#,
            r#"end "status":"ok","gas_used":0"#,
        ],
    );
    program(text, &["--trace", "--trace-filter", "fn:f,LOAD"]).expect(2, "", &["'LOAD' is no kind of line"]);
}

#[test]
fn values_are_cut_at_80_characters() {
    let text = "let s = \"é\" * 1000\nlet xs = []\nxs.push(xs)";
    let ran = program(text, &["--trace", "--trace-filter", "MUL,CALL_METHOD"]);
    let long = format!(r#""op":"MUL","line":1,"height":2,"top":"\"{}"}}"#, "é".repeat(79));
    assert!(ran.err.contains(&long), "{}", ran.err);
}

#[test]
fn a_trace_goes_to_a_file_and_output_stays_output() {
    let dir = files(&[
        ("a.zx", "use \"lib.zx\" as lib\nprint(lib.twice(2))"),
        ("lib.zx", "export action twice(n) { return n * 2 }"),
    ]);
    let ran = zexus_in(dir.path(), &["run", "--trace=out.jsonl", "--trace-filter=call", "a.zx"], b"");
    ran.expect(0, "4\n", &[]);
    let text = std::fs::read_to_string(dir.path().join("out.jsonl")).unwrap();
    let lines: Vec<&str> = text.lines().skip(1).collect();
    let expected = [
        r#"{"t":"call","n":1,"fn":0,"name":"main","depth":0}"#,
        r#"{"t":"call","n":2,"fn":0,"name":"main","depth":1,"module":"lib.zx"}"#,
        r#"{"t":"call","n":3,"fn":1,"name":"twice","depth":1,"module":"lib.zx"}"#,
        r#"{"t":"end","n":4,"status":"ok","gas_used":0}"#,
    ];
    assert_eq!(lines, expected);
    let ran = zexus_in(dir.path(), &["run", "--trace=no/out.jsonl", "a.zx"], b"");
    ran.expect(2, "", &["no/out.jsonl"]);
}

#[test]
fn a_program_asks_for_its_trace() {
    let ran = program("// @zexus trace=true\nprint(1)", &[]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "1\n"));
    assert!(ran.err.starts_with("{\"zexus_trace\":1,"), "{}", ran.err);
    assert!(ran.err.contains("\"op\":\"PRINT\""), "{}", ran.err);
}
