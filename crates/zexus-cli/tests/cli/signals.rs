use std::io::{BufRead, BufReader, Read};
use std::time::{Duration, Instant};

use super::*;

const ENDLESS: &str = "print(\"on\")\nlet n = 0\nwhile true { n = n + 1 if n == 1 { n = 0 } }";

#[test]
fn the_time_is_bounded() {
    for text in
        ["while true { }", "sleep(100)", "let f = null f = () => f() while true { try { f() } catch { } }"]
    {
        let begin = Instant::now();
        let ran = program(text, &["--timeout", "0.3"]);
        assert_eq!(ran.code, Some(1), "{text}: {ran:?}");
        assert!(begin.elapsed() < Duration::from_secs(5), "{text}");
        assert!(
            ran.err.contains("E0429") || ran.err.contains("longer than --timeout 0.3 s"),
            "{text}: {}",
            ran.err
        );
    }
}

#[test]
fn input_that_does_not_come_is_not_waited_for() {
    let dir = files(&[("a.zx", "input()\nwhile true { }")]);
    let child = start(dir.path(), &["run", "--timeout", "0.3", "a.zx"]);
    // The pipe stays open: `wait_with_output` would close it.
    let mut child = child;
    let pipe = child.stdin.take();
    let ran: Ran = child.wait_with_output().unwrap().into();
    drop(pipe);
    ran.expect(1, "", &["longer than --timeout 0.3 s"]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_a_program() {
    for text in [ENDLESS, "print(\"on\")\nsleep(100)\nwhile true { }"] {
        let dir = files(&[("a.zx", &format!("{text}\n"))]);
        let mut child = start(dir.path(), &["run", "a.zx"]);
        std::thread::sleep(Duration::from_millis(400));
        interrupt(&child);
        let begin = Instant::now();
        let mut out = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut out).unwrap();
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        let status = child.wait().unwrap();
        assert!(begin.elapsed() < Duration::from_secs(5));
        assert_eq!((status.code(), out.as_str()), (Some(130), "on\n"), "{err}");
        assert!(err.starts_with("error: interrupted"), "{err}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_an_entry_and_not_the_repl() {
    let dir = files(&[]);
    let mut child = start(dir.path(), &["repl"]);
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(b"1 + 1\nwhile true { }\n").unwrap();
    std::thread::sleep(Duration::from_millis(500));
    interrupt(&child);
    pipe.write_all(b"2 + 2\n").unwrap();
    drop(pipe);
    let ran: Ran = child.wait_with_output().unwrap().into();
    ran.expect(0, "2\n4\n", &["interrupted"]);
}

#[cfg(unix)]
fn interrupt(child: &Child) {
    let done = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(done.success());
}

#[test]
fn a_reader_that_has_seen_enough() {
    let dir = files(&[("a.zx", "while true { print(\"0123456789\") }")]);
    let mut child = start(dir.path(), &["run", "a.zx"]);
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ran: Ran = child.wait_with_output().unwrap().into();
    assert_eq!((line.as_str(), ran.code, ran.err.as_str()), ("0123456789\n", Some(1), ""));
}
