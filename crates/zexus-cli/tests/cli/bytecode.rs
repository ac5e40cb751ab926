use super::*;

const LISTING: &str = "\
Bytecode Object (7 instructions, 4 constants)
============================================================

Constants:
    0: 10
    1: 'x'
    2: 20
    3: 'y'

Instructions:
     0  LOAD_CONST            0
     1  STORE_NAME            1
     2  LOAD_CONST            2
     3  STORE_NAME            3
     4  LOAD_NAME             1
     5  LOAD_NAME             3
     6  ADD                 
";

#[test]
fn the_listing_of_a_program() {
    let dir = files(&[("a.zx", "let x = 10; let y = 20; x + y")]);
    zexus_in(dir.path(), &["disasm", "a.zx"], b"").expect(0, LISTING, &[]);
    zexus_in(dir.path(), &["disasm", "-"], b"let x = 10; let y = 20; x + y").expect(0, LISTING, &[]);
}

#[test]
fn metered_code_has_charges() {
    let dir = files(&[("a.zx", "print(1)")]);
    let ran = zexus_in(dir.path(), &["disasm", "--metered", "a.zx"], b"");
    assert!(ran.out.contains("     0  GAS_CHARGE            11\n"), "{}", ran.out);
}

#[test]
fn a_program_is_built_and_run() {
    let dir = files(&[("a.zx", "let n = 6\nprint(n * 7, __ARGS__)")]);
    zexus_in(dir.path(), &["build", "a.zx"], b"").expect(0, "", &["a.zxc: ", " instructions, content hash "]);
    std::fs::remove_file(dir.path().join("a.zx")).unwrap();
    zexus_in(dir.path(), &["run", "a.zxc", "x"], b"").expect(0, "42 [x]\n", &[]);
    let listing = zexus_in(dir.path(), &["disasm", "a.zxc"], b"");
    assert!(listing.out.contains("MUL"), "{listing:?}");
}

#[test]
fn modules_are_built_beside_each_other() {
    let dir = files(&[
        ("main.zx", "use \"lib/m\" as m\nprint(m.twice(4))"),
        ("lib/m.zx", "export action twice(x) { return x * 2 }"),
    ]);
    zexus_in(dir.path(), &["build", "main.zx", "-o", "out/p.zxc"], b"").expect(0, "", &["p.zxc", "m.zxc"]);
    assert!(dir.path().join("out/p.zxc").exists() && dir.path().join("out/lib/m.zxc").exists());
    // What a module imports is found as for source text.
    std::fs::copy(dir.path().join("out/p.zxc"), dir.path().join("p.zxc")).unwrap();
    zexus_in(dir.path(), &["run", "p.zxc"], b"").expect(0, "8\n", &[]);
}

#[test]
fn an_error_in_a_module_has_its_place() {
    let dir = files(&[("a.zx", "let z = 0\nprint(1 / z)")]);
    zexus_in(dir.path(), &["build", "a.zx"], b"").expect(0, "", &["a.zxc"]);
    zexus_in(dir.path(), &["run", "a.zxc"], b"").expect(1, "", &["error[E0405]", "a.zx:2:7"]);
}

#[test]
fn text_is_assembled() {
    let text = ".zxasm 1\n.const 7\n.func \"main\"\n  LOAD_CONST 0\n  PRINT _\n.end\n";
    let dir = files(&[("a.zxasm", text), ("b.zx", "print(7)")]);
    let ran = zexus_in(dir.path(), &["asm", "a.zxasm"], b"");
    assert_eq!(ran.code, Some(2), "an operand that is none: {ran:?}");
    assert!(ran.err.contains("E0704") && ran.err.contains("line 5"), "{ran:?}");
    std::fs::write(dir.path().join("a.zxasm"), text.replace(" _", "")).unwrap();
    zexus_in(dir.path(), &["asm", "a.zxasm"], b"").expect(0, "", &["a.zxc: 2 instructions"]);
    zexus_in(dir.path(), &["run", "a.zxc"], b"").expect(0, "7\n", &[]);
    zexus_in(dir.path(), &["run", "a.zxasm"], b"").expect(0, "7\n", &[]);
    zexus_in(dir.path(), &["asm", "b.zx"], b"").expect(2, "", &["no assembler text", ".zxasm"]);
    let asm = zexus_in(dir.path(), &["disasm", "--asm", "b.zx"], b"");
    std::fs::write(dir.path().join("c.zxasm"), &asm.out).unwrap();
    zexus_in(dir.path(), &["run", "c.zxasm"], b"").expect(0, "7\n", &[]);
}

#[test]
fn code_that_is_wrong_is_refused_before_it_runs() {
    let head = ".zxasm 1\n.const 1\n.const \"x\"\n.func \"main\"\n  LOAD_CONST 0\n  PRINT\n";
    for (code, expected) in [
        ("  ADD\n", "error[E0705]: bad.zxasm: function 0 (main), pc 2: ADD needs 2 values, the stack has 0"),
        ("  JUMP 99\n", "error[E0706]"),
        ("  LOAD_CONST 9\n", "error[E0704]"),
        ("  GAS_CHARGE -5\n", "error[E0704]"),
        ("  FROBNICATE\n", "error[E0704]"),
        ("  POP_TRY\n", "error[E0705]"),
        ("  SETUP_TRY 0\n", "error[E0705]"),
    ] {
        let dir = files(&[("bad.zxasm", &format!("{head}{code}.end\n"))]);
        zexus_in(dir.path(), &["run", "bad.zxasm"], b"").expect(2, "", &[expected]);
    }
}

#[test]
fn damaged_files_are_refused() {
    let dir = files(&[("a.zx", "print(1 + 2)")]);
    zexus_in(dir.path(), &["build", "a.zx"], b"").expect(0, "", &["a.zxc"]);
    let good = std::fs::read(dir.path().join("a.zxc")).unwrap();
    let mut newer = good.clone();
    newer[8] = 2;
    let mut flipped = good.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 4;
    for (bytes, expected) in [
        (good[..good.len() - 1].to_vec(), "error[E0702]"),
        (good[..20].to_vec(), "error[E0702]"),
        (newer, "error[E0701]"),
        (flipped, "error[E0702]"),
        (Vec::new(), "error[E0701]"),
        (b"hello".to_vec(), "error[E0701]"),
    ] {
        std::fs::write(dir.path().join("b.zxc"), bytes).unwrap();
        zexus_in(dir.path(), &["run", "b.zxc"], b"").expect(2, "", &[expected, "b.zxc"]);
    }
}

#[test]
fn what_cannot_be_written_is_said() {
    let dir = files(&[("a.zx", "print(1)"), ("file", "")]);
    zexus_in(dir.path(), &["build", "a.zx", "-o", "file/x.zxc"], b"").expect(
        2,
        "",
        &["cannot write file/x.zxc"],
    );
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
}

const FOLDED: &str = "\
function 0 (main)
   0  LOAD_CONST 2                   |                                      | constant folding
   1  LOAD_CONST 3                   |                                      | constant folding
   2  ADD                            |    0  LOAD_CONST 5                   | constant folding
   3  STORE_NAME x                   |    1  STORE_NAME x                   |

";

#[test]
fn the_optimizer_shows_what_it_does() {
    let dir = files(&[("a.zx", "let x = 2 + 3")]);
    let stats = &["original_size: 4\noptimized_size: 2\nsize_reduction_pct: 50.0\nconstant_folds: 1\n"];
    zexus_in(dir.path(), &["optimize", "a.zx", "--diff"], b"").expect(0, FOLDED, stats);
    zexus_in(dir.path(), &["optimize", "a.zx"], b"").expect(0, "", stats);
    let combined = &["optimized_size: 1\n", "instructions_combined: 1\n"];
    zexus_in(dir.path(), &["optimize", "--level", "2", "a.zx"], b"").expect(0, "", combined);
    let metered = zexus_in(dir.path(), &["optimize", "--metered", "--diff", "--json", "-"], b"let x = 2 + 3");
    assert!(metered.out.contains("   0  GAS_CHARGE 8 "), "{metered:?}");
    assert!(metered.err.starts_with("{\"optimizer\":{\"common_subexpressions\":0,"), "{metered:?}");
}

#[test]
fn a_program_is_built_at_a_level() {
    let text = "let x = 2 + 3\nfor i in 0..2 { print(x + i) }";
    let dir = files(&[("a.zx", text)]);
    zexus_in(dir.path(), &["build", "a.zx"], b"").expect(0, "", &["a.zxc: 15 instructions"]);
    zexus_in(dir.path(), &["run", "--gas", "a.zx"], b"").expect(0, "5\n6\n", &["gas_used: 73\n"]);
    zexus_in(dir.path(), &["run", "--gas", "a.zxc"], b"").expect(0, "5\n6\n", &["gas_used: 73\n"]);
    let seen = &["a.zxc: 12 instructions", "original_size: 15\noptimized_size: 12\n"];
    zexus_in(dir.path(), &["build", "--opt-level", "2", "--stats", "a.zx"], b"").expect(0, "", seen);
    // The price is that of the code in the file.
    for level in ["0", "3"] {
        let ran = zexus_in(dir.path(), &["run", "--gas", "--opt-level", level, "a.zxc"], b"");
        ran.expect(0, "5\n6\n", &["gas_used: 69\n"]);
    }
}
