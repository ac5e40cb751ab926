use super::*;

/// A session with entries from a pipe.
fn session(entries: &str) -> Ran {
    let dir = files(&[("lib.zx", "let loaded = 7\nprint(\"loading\")")]);
    zexus_in(dir.path(), &["repl"], entries.as_bytes())
}

#[test]
fn values_that_are_not_null_are_shown() {
    session("1 + 2\n\"text\"\nnull\nlet x = 5\nx * 2\n").expect(0, "3\n\"text\"\n10\n", &[]);
}

#[test]
fn an_open_entry_goes_on() {
    session("action f(n) {\n  return n * 2\n}\nf(\n  4\n)\n").expect(0, "8\n", &[]);
}

#[test]
fn an_error_ends_only_its_entry() {
    let ran = session("let a = 1\nlet b = 2 let c = 1 / 0\nb\nprint(nowhere)\na\n");
    ran.expect(0, "2\n1\n", &["E0405", "E0301"]);
}

#[test]
fn functions_see_what_is_declared_later() {
    session("action f() { return g() }\naction g() { return 3 }\nf()\n").expect(0, "3\n", &[]);
}

#[test]
fn commands() {
    session(":type [1]\n:type 1.5\n").expect(0, "List\nFloat\n", &[]);
    session(":load lib.zx\nloaded\n").expect(0, "loading\n7\n", &[]);
    session(":load nothing.zx\n").expect(
        0,
        "",
        &["error: cannot read nothing.zx: no such file or directory"],
    );
    session(":jump\n").expect(0, "", &["there is no command ':jump'"]);
    assert!(session(":doc sqrt\n").out.starts_with("sqrt("));
    assert!(session(":help\n").out.contains(":load FILE"));
}

#[test]
fn leaving() {
    for word in ["exit", "quit", ":quit"] {
        session(&format!("1\n{word}\n2\n")).expect(0, "1\n", &[]);
    }
    session("exit_program(3)\n1\n").expect(3, "", &[]);
}

#[test]
fn an_entry_that_never_closes_is_reported() {
    session("1\nprint((\n").expect(0, "1\n", &["E0201", "<entry 2>:1:8"]);
}
