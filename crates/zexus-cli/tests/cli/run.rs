use super::*;

#[test]
fn output_is_all_there_is() {
    program("print(1 + 2)\nprint(\"a\", [1, \"b\"])", &[]).expect(0, "3\na [1, b]\n", &[]);
}

#[test]
fn a_file_with_arguments() {
    let dir = files(&[("a.zx", "print(__ARGS__, __FILE__)")]);
    zexus_in(dir.path(), &["run", "a.zx", "one", "--two", "-3"], b"").expect(
        0,
        "[one, --two, -3] a.zx\n",
        &[],
    );
}

#[test]
fn modules_and_files_are_below_the_root() {
    let dir = files(&[
        (
            "app/main.zx",
            "use \"lib/math2\" as m\nprint(m.twice(4))\nprint(read_file(\"note.txt\"))\nread_file(\"../secret\")",
        ),
        ("app/lib/math2.zx", "export action twice(x) { return x * 2 }"),
        ("app/note.txt", "hello"),
        ("secret", "no"),
    ]);
    zexus_in(dir.path(), &["run", "app/main.zx"], b"").expect(
        1,
        "8\nhello\n",
        &["error[E0603]", "app/main.zx:4:1"],
    );
    let dir = files(&[("app/main.zx", "use \"../x\""), ("x.zx", "print(1)")]);
    zexus_in(dir.path(), &["run", "app/main.zx"], b"").expect(2, "", &["error[E0603]"]);
    zexus_in(dir.path(), &["run", "--root", ".", "app/main.zx"], b"").expect(0, "1\n", &[]);
}

#[cfg(unix)]
#[test]
fn links_do_not_leave_the_root() {
    let dir = files(&[
        ("app/main.zx", "print(file_exists(\"in\"))\nread_file(\"out\")"),
        ("secret", "no"),
        ("app/real", ""),
    ]);
    std::os::unix::fs::symlink(dir.path().join("secret"), dir.path().join("app/out")).unwrap();
    std::os::unix::fs::symlink("real", dir.path().join("app/in")).unwrap();
    zexus_in(dir.path(), &["run", "app/main.zx"], b"").expect(1, "true\n", &["E0603"]);
}

#[test]
fn files_are_written_whole() {
    let dir = files(&[(
        "a.zx",
        "file_write_text(\"b.txt\", \"one\")\nfile_append(\"b.txt\", \" two\")\nprint(file_list_dir(\".\"))",
    )]);
    zexus_in(dir.path(), &["run", "a.zx"], b"").expect(0, "[a.zx, b.txt]\n", &[]);
    assert_eq!(std::fs::read_to_string(dir.path().join("b.txt")).unwrap(), "one two");
}

#[test]
fn an_uncaught_error_shows_the_calls() {
    let dir = files(&[("demo.zx", "action half(a, b) {\n    return a / b\n}\nprint(half(1, 0))\n")]);
    let ran = zexus_in(dir.path(), &["run", "demo.zx"], b"");
    ran.expect(
        1,
        "",
        &[
            "error[E0405]: Division by zero",
            "--> demo.zx:2:12",
            "return a / b",
            "called from demo.zx:4:7 in the main program",
        ],
    );
}

#[test]
fn a_thrown_value_is_shown() {
    program("throw {code: 7}", &[]).expect(1, "", &["error[E0428]: Uncaught: {code: 7}"]);
}

#[test]
fn exit_codes() {
    program("exit_program(42)", &[]).expect(42, "", &[]);
    program("print(nowhere)", &[]).expect(2, "", &["error[E0301]: Identifier 'nowhere' not found"]);
    zexus(&["run", "missing.zx"]).expect(
        2,
        "",
        &["error: cannot read missing.zx: no such file or directory"],
    );
    zexus(&["run", "src"]).expect(2, "", &["error: cannot read src: it is a directory"]);
    zexus(&["run"]).expect(2, "", &["Usage: zexus run"]);
    zexus(&["jump"]).expect(2, "", &["jump"]);
    zexus(&["run", "--timeout", "never", "x"]).expect(2, "", &["not a number of seconds"]);
    zexus(&["run", "--allow", "clok", "x"]).expect(2, "", &["'clok' is no capability"]);
}

#[test]
fn a_file_that_is_not_utf8() {
    let dir = files(&[]);
    std::fs::write(dir.path().join("a.zx"), b"print(\"\xff\")").unwrap();
    zexus_in(dir.path(), &["run", "a.zx"], b"").expect(2, "", &["error[E0101]"]);
}

#[test]
fn warnings_go_to_standard_error() {
    program("# @zexus speed=9\nprint(1)", &[]).expect(0, "1\n", &["warning[W0907]"]);
}

#[test]
fn json_is_one_object_a_line() {
    let ran = program("print(a)\nprint(b)", &["--json"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    let codes: Vec<String> = ran
        .err
        .lines()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            format!("{} {}", value["code"].as_str().unwrap(), value["message"].as_str().unwrap())
        })
        .collect();
    assert_eq!(codes, ["E0301 Identifier 'a' not found", "E0301 Identifier 'b' not found"]);
}

#[test]
fn diagnostics_are_bounded() {
    let ran = program("print(a)\nprint(b)\nprint(c)", &["--max-errors", "1"]);
    ran.expect(2, "", &["'a'", "… 2 more; --max-errors 3 shows all"]);
    assert!(!ran.err.contains("'b'"), "{}", ran.err);
    let ran = program("print(a)\nprint(b)", &["--max-errors", "1", "--json"]);
    let last = ran.err.lines().last().unwrap();
    assert_eq!(last, r#"{"message":"… 1 more; --max-errors 2 shows all","severity":"note"}"#);
}

#[test]
fn capabilities_are_granted_or_not() {
    program("print(now() > 0 or true)", &["--allow", "none"]).expect(
        1,
        "",
        &["E0426", "Builtin 'now' needs the capability 'clock'"],
    );
    program("print(random(1))", &["--allow", "clock,random"]).expect(0, "0\n", &[]);
    program("print(random(1), timestamp() > 1700000000, env_get(\"NOT_THERE\", 5))", &[]).expect(
        0,
        "0 true 5\n",
        &[],
    );
}

#[test]
fn block_data_comes_from_the_command_line() {
    program(
        "print(TX.caller, TX.timestamp, TX.height)",
        &["--caller", "ada", "--time", "1700000000000", "--height", "7"],
    )
    .expect(0, "ada 1700000000 7\n", &[]);
}

#[test]
fn input_is_standard_input() {
    let dir = files(&[("a.zx", "print(input(\"name? \"), input(), input())")]);
    zexus_in(dir.path(), &["run", "a.zx"], b"Ada\nlast").expect(0, "name? Ada last null\n", &[]);
}

#[test]
fn limits_end_a_run() {
    program("let s = \"x\"\nwhile true { s = s + s }", &["--memory-limit", "4M"]).expect(
        1,
        "",
        &["error[E0430]"],
    );
    program("action f() { return f() + 1 }\nf()", &["--depth-limit", "100"]).expect(1, "", &["error[E0429]"]);
    program("while true { print(1) }", &["--output-limit", "5"]).expect(1, "1\n1\n", &["error[E0431]"]);
}

#[test]
fn debug_goes_to_standard_error() {
    program("print(1)\ndebug 2\nprint(3)", &[]).expect(0, "1\n3\n", &["2"]);
}

#[test]
fn colors_are_for_terminals() {
    assert!(!program("print(a)", &[]).err.contains('\u{1b}'));
    assert!(program("print(a)", &["--color", "always"]).err.contains('\u{1b}'));
}
