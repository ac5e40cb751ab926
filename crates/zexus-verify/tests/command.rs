//! The `zexus-verify` command.

#![allow(clippy::unwrap_used)]

use std::process::Command;

use zexus_verify::{Place, to_hex};

/// The exit code, and what was written to either stream.
fn run(args: &[&str]) -> (i32, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_zexus-verify")).args(args).output().unwrap();
    let text = [out.stdout, out.stderr].concat();
    (out.status.code().unwrap(), String::from_utf8(text).unwrap())
}

#[test]
fn verdicts_are_exit_codes() {
    let root = to_hex(&Place::new(b"\x01\x01x", b"\x03\x01\x01").hash());
    let verified = (0, "verified\n".to_owned());
    let refused = (1, "refused: the proof does not hold\n".to_owned());
    assert_eq!(run(&["present", &root, "010178", "030101"]), verified);
    assert_eq!(run(&["present", &root, "010178", "030102"]), refused);
    assert_eq!(run(&["absent", &"00".repeat(32), "010178", "-", "-"]), verified);
    assert_eq!(run(&["absent", &root, "010178", "-", "-"]), refused);
    assert_eq!(run(&["inclusion", "0", "1", &root, &root]), verified);
    assert_eq!(run(&["inclusion", "1", "1", &root, &root]), refused);
    assert_eq!(run(&["consistency", "2", "2", &root, &root]), verified);
    assert_eq!(run(&["inclusion", "x", "1", &root, &root]), (2, "\"x\" is no number\n".to_owned()));
    assert_eq!(run(&[]).0, 2);
    assert_eq!(run(&["export", "/no/such/file"]).0, 2);
}

#[test]
fn exports() {
    // The empty chain `t`.
    let mut file = b"ZXEX\x01\x01t".to_vec();
    file.extend_from_slice(&[0; 12]);
    file.extend_from_slice(&zexus_verify::sha256(&[&file]));
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("empty.zxex");
    std::fs::write(&path, &file).unwrap();
    let path = path.to_str().unwrap();
    let (code, text) = run(&["export", path]);
    assert_eq!((code, text.starts_with("verified\nchain       \"t\"\nheight      0\n")), (0, true), "{text}");
    let checkpoint = text.lines().find_map(|line| line.strip_prefix("checkpoint  ")).unwrap();
    assert_eq!(run(&["export", path, checkpoint]).0, 0);
    let other = checkpoint.replace("0174", "0175");
    assert_eq!(
        run(&["export", path, &other]),
        (1, "refused: checkpoint: it is of another chain\n".to_owned())
    );
    file[7] ^= 1;
    std::fs::write(path, &file).unwrap();
    assert_eq!(run(&["export", path]), (1, "refused: export: its hash is wrong\n".to_owned()));
}
