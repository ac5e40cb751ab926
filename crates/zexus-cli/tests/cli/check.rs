use super::*;

#[test]
fn a_good_file_is_silent() {
    let dir = files(&[("a.zx", "print(1)")]);
    zexus_in(dir.path(), &["check", "a.zx"], b"").expect(0, "", &[]);
}

#[test]
fn nothing_runs_and_all_files_are_checked() {
    let dir = files(&[("a.zx", "print(a)"), ("b.zx", "print(1)\nprint(b)")]);
    let ran = zexus_in(dir.path(), &["check", "a.zx", "b.zx", "c.zx"], b"");
    ran.expect(
        2,
        "",
        &["a.zx:1:7", "b.zx:2:7", "cannot read c.zx: no such file or directory", "3 errors, 0 warnings"],
    );
}

#[test]
fn warnings_alone_are_no_failure() {
    let dir = files(&[("a.zx", "# @zexus speed=9\nprint(1)")]);
    zexus_in(dir.path(), &["check", "a.zx"], b"").expect(0, "", &["W0907", "0 errors, 1 warning"]);
}

#[test]
fn standard_input_can_be_checked() {
    zexus_in(Path::new("."), &["check", "--json", "-"], b"1 +").expect(2, "", &["\"E0201\""]);
}
