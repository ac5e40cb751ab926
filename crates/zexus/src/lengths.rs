//! How much of a line a report marks, kept in the metadata of modules: the binary form knows only where a place starts.

use zexus_bytecode::{Module, Run};

/// The key of the metadata: for each function the lengths of its runs in bytes, separated by commas, functions by semicolons.
const KEY: &str = "lengths";

/// The module with its lengths as metadata.
pub(crate) fn kept(module: &Module) -> Module {
    let mut module = module.clone();
    let map = &module.source_map;
    let functions = (0..map.functions() as u32).map(|f| {
        let lengths: Vec<String> = map.runs(f).iter().map(|run| run.length.to_string()).collect();
        lengths.join(",")
    });
    let text = functions.collect::<Vec<String>>().join(";");
    if text.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        module.metadata.insert(KEY.to_owned(), text);
    }
    module
}

/// The module with the lengths that its metadata name, which it loses. Metadata that do not fit the source map are left alone.
pub(crate) fn restored(mut module: Module) -> Module {
    let Some(text) = module.metadata.get(KEY) else { return module };
    let parsed: Option<Vec<Vec<u32>>> = text
        .split(';')
        .map(|f| f.split(',').filter(|n| !n.is_empty()).map(|n| n.parse().ok()).collect())
        .collect();
    let Some(lengths) = parsed else { return module };
    let fits = lengths.len() == module.source_map.functions()
        && (0u32..).zip(&lengths).all(|(f, list)| list.len() == module.source_map.runs(f).len());
    if !fits {
        return module;
    }
    for (function, list) in (0u32..).zip(lengths) {
        let runs = module.source_map.runs(function).iter().zip(list);
        let runs: Vec<Run> = runs.map(|(run, length)| Run { length, ..*run }).collect();
        module.source_map.set_runs(function, runs);
    }
    module.metadata.remove(KEY);
    module
}
