//! `zexus optimize`: what the optimizer makes of a program.

use zexus::{CompiledModule, OptimizerStats};
use zexus_bytecode::meter;
use zexus_optimizer::{BytecodeOptimizer, DEFAULT_MAX_PASSES};

use crate::args::Optimize;
use crate::bytecode::engine;
use crate::output::print;
use crate::report::Reporter;
use crate::source;

/// Shows what the optimizer does to the modules of a program; gives the exit code.
pub fn optimize(args: &Optimize, color: bool) -> u8 {
    let reporter = Reporter::new(&args.report, color);
    let program = source::compile(&engine(args.root.as_deref()), &args.file);
    let compiled = match program.as_ref().map_err(Clone::clone).and_then(|program| program.compiled()) {
        Ok(compiled) => compiled,
        Err(error) => {
            reporter.not_started(&error);
            return 2;
        }
    };
    let (mut text, mut stats) = (String::new(), OptimizerStats::default());
    for (index, module) in compiled.modules.iter().enumerate() {
        if index == compiled.main || args.all {
            let named = args.all && compiled.modules.len() > 1;
            text.push_str(&one(module, args, named.then_some(&*module.path), &mut stats));
        }
    }
    let code = print(&text);
    reporter.optimizer(&stats);
    code
}

/// The functions of a module side by side, if that is wanted.
fn one(module: &CompiledModule, args: &Optimize, path: Option<&str>, stats: &mut OptimizerStats) -> String {
    let metered = (args.metered || module.module.asks_for_meter()).then(|| meter(&module.module));
    let before = metered.as_ref().unwrap_or(&module.module);
    let mut optimizer = BytecodeOptimizer::new(args.level, DEFAULT_MAX_PASSES, false);
    let mut text = String::new();
    if args.diff {
        let explained = optimizer.explain(before);
        text.extend(path.map(|path| format!("; {path}\n")));
        for (index, function) in (0..).zip(&before.functions) {
            text.push_str(&format!("function {index} ({})\n", function.name));
            text.push_str(&explained.side_by_side(before, index));
            text.push('\n');
        }
    } else {
        optimizer.optimize_module(before);
    }
    stats.add(optimizer.stats());
    text
}
