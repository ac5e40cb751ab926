//! The tables of before and after in `tests/passes/`, one file for each pass.
//!
//! A case is a group of lines `key: value`, groups are separated by empty lines, `#` starts a comment line:
//!
//! | key | value |
//! |---|---|
//! | `case` | what it shows |
//! | `level` | the levels, separated by spaces |
//! | `mode` | `module`: the code is a function of a module, not a fragment; `method`: that of a function other than the entry |
//! | `params`, `locals`, `captures` | names of that function, separated by spaces; a parameter `x?` is optional and starts at 0 |
//! | `unscoped` | the function has no lists of names |
//! | `other` | the code of another function of the module |
//! | `before`, `after` | code; `after: unchanged` |
//! | `stats` | statistics that are not 0, such as `constant_folds 1`; the passes run are left out |

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;

use zexus_bytecode::flags::FnFlags;
use zexus_bytecode::{Const, Function, Module, Param, verify};
use zexus_optimizer::{BytecodeOptimizer, Pass, Stats};

#[path = "support/listing.rs"]
mod listing;

type Case = BTreeMap<String, String>;

fn cases(text: &str) -> Vec<Case> {
    let mut cases = vec![Case::new()];
    for line in text.lines().chain([""]) {
        if line.trim().is_empty() {
            cases.push(Case::new());
        } else if !line.starts_with('#') {
            let (key, value) = line.split_once(':').unwrap_or_else(|| panic!("no key: {line}"));
            cases.last_mut().unwrap().insert(key.trim().to_owned(), value.trim().to_owned());
        }
    }
    cases.retain(|case| !case.is_empty());
    cases
}

fn function(case: &Case, name: &str) -> Function {
    let names = |key: &str| case.get(key).map_or(Vec::new(), |names| names.split(' ').collect());
    let mut f = Function::new(name);
    if !case.contains_key("unscoped") {
        f.flags = FnFlags::SCOPED;
    }
    for param in names("params") {
        match param.strip_suffix('?') {
            Some(optional) => {
                f.params.push(Param::optional(optional));
                f.entries.push(0);
            }
            None => f.params.push(Param::required(param)),
        }
    }
    f.locals = names("locals").into_iter().map(Into::into).collect();
    f.captures = names("captures").into_iter().map(Into::into).collect();
    f
}

/// The code after, and the statistics.
fn run(case: &Case, level: u8) -> (String, Stats) {
    let mut pool: Vec<Const> = Vec::new();
    let code = listing::read(&case["before"], &mut pool);
    let mut optimizer = BytecodeOptimizer::new(level, 5, true);
    let mode = case.get("mode").map(String::as_str);
    if mode.is_none() {
        let (code, pool) = optimizer.optimize(&code, &pool);
        assert_eq!(optimizer.changes().len() as u64 > 0, optimizer.stats().total_optimizations() > 0);
        return (listing::write(&code, &pool), *optimizer.stats());
    }
    let index = usize::from(mode == Some("method"));
    let mut module = Module::new();
    module.functions.clear();
    let mut f = function(case, if index == 0 { "main" } else { "f" });
    f.code = code;
    if index == 1 {
        module.add_function(Function { flags: f.flags, ..Function::new("main") });
    }
    module.add_function(f);
    if let Some(other) = case.get("other") {
        let captures =
            case.get("other captures").map_or(Vec::new(), |c| c.split(' ').map(Into::into).collect());
        let code = listing::read(other, &mut pool);
        module.add_function(Function { code, captures, flags: FnFlags::SCOPED, ..Function::new("other") });
    }
    for constant in pool {
        module.add_constant(constant);
    }
    let before = verify(module.clone());
    let after = optimizer.optimize_module(&module);
    if before.is_ok() {
        assert_eq!(verify(after.clone()).map(|_| ()), Ok(()), "{}", case["case"]);
    }
    (listing::write(&after.functions[index].code, &after.constants), *optimizer.stats())
}

#[test]
fn tables() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/passes");
    let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut count, mut wrong) = (0, Vec::new());
    for file in &files {
        for case in cases(&std::fs::read_to_string(file).unwrap()) {
            for level in case["level"].split(' ') {
                count += 1;
                let (after, stats) = run(&case, level.parse().unwrap());
                let counts: Vec<String> = Pass::ALL
                    .iter()
                    .filter(|&&pass| stats.of(pass) > 0)
                    .map(|&pass| format!("{} {}", pass.key(), stats.of(pass)))
                    .collect();
                let expected = if case["after"] == "unchanged" { &case["before"] } else { &case["after"] };
                let good = after == *expected && case.get("stats").is_none_or(|s| *s == counts.join(", "));
                if !good {
                    let name = file.file_stem().unwrap().to_string_lossy();
                    let title = &case["case"];
                    wrong
                        .push(format!("{name}, {title}, level {level}:\n  {after}\n  {}", counts.join(", ")));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(files.len() >= Pass::ALL.len() && count > 100, "{count} cases in {} files", files.len());
}
