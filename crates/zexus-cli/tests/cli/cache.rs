use super::*;

/// Runs with a cache in `dir/cache`; standard error has the statistics.
fn cached(dir: &Path, args: &[&str]) -> Ran {
    command(dir, args).env("ZEXUS_CACHE", dir.join("cache")).output().unwrap().into()
}

const LOOP: &str = "let s = 0\nfor i in 0..5 { s = s + i }\nprint(s)\n";

#[test]
fn a_program_is_compiled_once() {
    let dir = files(&[("a.zx", LOOP)]);
    let compiles = |n: &str| format!("bytecode_compiles: {n}");
    let run = || cached(dir.path(), &["run", "--stats", "a.zx"]);
    run().expect(0, "10\n", &[&compiles("1"), "vm_executions: 1"]);
    run().expect(0, "10\n", &[&compiles("0"), "vm_executions: 1"]);
    cached(dir.path(), &["run", "--stats", "--no-cache", "a.zx"]).expect(0, "10\n", &[&compiles("1")]);
    std::fs::write(dir.path().join("a.zx"), LOOP.replace('5', "6")).unwrap();
    run().expect(0, "15\n", &[&compiles("1")]);
    let info = cached(dir.path(), &["cache", "info"]);
    assert!(info.out.contains("holds 2 programs, "), "{info:?}");
    let cleared = cached(dir.path(), &["cache", "clear"]);
    assert!(cleared.out.contains("deleted 2 programs, "), "{cleared:?}");
    run().expect(0, "15\n", &[&compiles("1")]);
}

#[test]
fn an_imported_module_is_part_of_the_key() {
    let dir = files(&[("a.zx", "use \"m\" as m\nprint(m.f())"), ("m.zx", "export action f() { return 1 }")]);
    let run = || cached(dir.path(), &["run", "--stats", "a.zx"]);
    run().expect(0, "1\n", &["bytecode_compiles: 1"]);
    run().expect(0, "1\n", &["bytecode_compiles: 0"]);
    std::fs::write(dir.path().join("m.zx"), "export action f() { return 2 }").unwrap();
    run().expect(0, "2\n", &["bytecode_compiles: 1"]);
}

#[test]
fn an_entry_that_is_damaged_is_made_anew() {
    let dir = files(&[("a.zx", LOOP)]);
    cached(dir.path(), &["run", "a.zx"]).expect(0, "10\n", &[]);
    let entry = std::fs::read_dir(dir.path().join("cache")).unwrap().next().unwrap().unwrap().path();
    let good = std::fs::read(&entry).unwrap();
    for bad in [good[..good.len() / 2].to_vec(), b"no module".to_vec(), Vec::new()] {
        std::fs::write(&entry, bad).unwrap();
        cached(dir.path(), &["run", "--stats", "a.zx"]).expect(0, "10\n", &["bytecode_compiles: 1"]);
        assert_eq!(std::fs::read(&entry).unwrap(), good);
    }
}

#[test]
fn errors_are_reported_alike() {
    let dir = files(&[("a.zx", "let z = 0\nfor i in 0..1 {\n    print(\"é\", i / z)\n}")]);
    let first = cached(dir.path(), &["run", "a.zx"]);
    let second = cached(dir.path(), &["run", "a.zx"]);
    first.expect(1, "", &["error[E0405]", "a.zx:3:16", "^^^^^"]);
    assert_eq!(first.err, second.err);
}

#[test]
fn warnings_are_not_lost() {
    let dir = files(&[("a.zx", "for i in 0..1 { }\nlet x: Unknown = 1\nprint(x)")]);
    for _ in 0..2 {
        cached(dir.path(), &["run", "a.zx"]).expect(0, "1\n", &["warning[W0901]"]);
    }
}

#[test]
fn a_cache_that_cannot_be_written_is_only_a_warning() {
    let dir = files(&[("a.zx", LOOP), ("cache", "a file")]);
    cached(dir.path(), &["run", "a.zx"]).expect(
        0,
        "10\n",
        &["warning: the cache cannot be written", "--no-cache"],
    );
}
