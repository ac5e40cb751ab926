//! Every program under `examples/` prints what `examples/expected/` says, and the README shows what is true.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};

use zexus::Engine;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn output(program: &Path) -> String {
    let engine = Engine::new();
    let program = engine.compile_file(program).unwrap_or_else(|e| panic!("{}: {e}", program.display()));
    let mut instance = engine.instance(&program);
    let ended = instance.execute();
    assert!(ended.is_ok(), "{:?}", ended.diagnostics);
    instance.take_output()
}

fn expected(name: &str) -> String {
    std::fs::read_to_string(root().join("examples/expected").join(format!("{name}.txt"))).unwrap()
}

#[test]
fn examples_print_what_they_should() {
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("examples")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "zx") {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            assert_eq!(output(&path), expected(&name), "{name}");
            count += 1;
        }
    }
    assert_eq!(output(&root().join("examples/modules/main.zx")), expected("modules"));
    assert!(count >= 12, "only {count} examples");
}

#[test]
fn the_readme_shows_real_output() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    assert!(
        readme.contains(&format!("```text\n{}```", expected("token"))),
        "the output of token.zx has changed"
    );
    let taste = zexus_testing::corpus::examples("README.md", &root().join("README.md")).unwrap();
    assert_eq!(taste.len(), 1);
    for case in &taste {
        let outcome = zexus_testing::engine::execute(case, zexus_testing::engine::Config::default());
        assert_eq!(zexus_testing::corpus::compare(case, "tier 0", &outcome), None);
    }
}
