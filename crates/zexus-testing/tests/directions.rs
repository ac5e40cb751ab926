//! The directions between crates, as ARCHITECTURE.md states them. A new edge is added here on purpose or not at all.

use std::collections::{BTreeMap, BTreeSet};

/// Each crate with the crates of the workspace that its code may use.
const ALLOWED: &[(&str, &[&str])] = &[
    ("zexus-codes", &[]),
    ("zexus-syntax", &["zexus-codes"]),
    ("zexus-bytecode", &[]),
    ("zexus-crypto", &[]),
    ("zexus-verify", &[]),
    ("zexus-hir", &["zexus-syntax", "zexus-bytecode"]),
    ("zexus-compiler", &["zexus-hir", "zexus-bytecode", "zexus-syntax"]),
    ("zexus-optimizer", &["zexus-bytecode"]),
    ("zexus-runtime", &["zexus-codes", "zexus-bytecode", "zexus-crypto"]),
    ("zexus-eval", &["zexus-hir", "zexus-runtime", "zexus-bytecode", "zexus-syntax"]),
    ("zexus-vm", &["zexus-bytecode", "zexus-runtime"]),
    ("zexus-jit", &["zexus-bytecode", "zexus-runtime", "zexus-vm"]),
    (
        "zexus",
        &[
            "zexus-syntax",
            "zexus-hir",
            "zexus-compiler",
            "zexus-runtime",
            "zexus-eval",
            "zexus-optimizer",
            "zexus-vm",
            "zexus-jit",
            "zexus-bytecode",
        ],
    ),
    ("zexus-python", &["zexus", "zexus-chain", "zexus-syntax", "zexus-bytecode", "zexus-optimizer"]),
    ("zexus-chain", &["zexus-crypto", "zexus-verify", "zexus-runtime", "zexus-bytecode", "zexus"]),
    (
        "zexus-cli",
        &[
            "zexus",
            "zexus-chain",
            "zexus-crypto",
            "zexus-verify",
            "zexus-syntax",
            "zexus-hir",
            "zexus-runtime",
            "zexus-bytecode",
            "zexus-optimizer",
        ],
    ),
];

/// For development only: may use everything, and nothing but tests may use it.
const DEVELOPMENT: &str = "zexus-testing";

#[test]
fn crates_depend_only_on_what_the_architecture_allows() {
    let metadata = cargo_metadata::MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"))
        .no_deps()
        .exec()
        .unwrap();
    let names: BTreeSet<&str> = metadata.packages.iter().map(|p| p.name.as_str()).collect();
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        ALLOWED.iter().map(|(n, d)| (*n, d.iter().copied().collect())).collect();
    let mut wrong = Vec::new();
    for package in &metadata.packages {
        let name = package.name.as_str();
        if name == DEVELOPMENT {
            continue;
        }
        let Some(may) = allowed.get(name) else {
            wrong.push(format!("{name} has no row in this table"));
            continue;
        };
        for dependency in &package.dependencies {
            let used = dependency.name.as_str();
            let for_tests = dependency.kind == cargo_metadata::DependencyKind::Development;
            if names.contains(used) && !may.contains(used) && !(for_tests && used == DEVELOPMENT) {
                wrong.push(format!("{name} must not depend on {used}"));
            }
        }
    }
    for (name, _) in ALLOWED {
        if !names.contains(name) {
            wrong.push(format!("{name} is in this table but not in the workspace"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
