//! The `zexus` command.

mod args;
mod bytecode;
mod cache;
mod chain;
mod check;
mod diff;
mod doc;
mod explain;
mod host;
mod interrupt;
mod optimize;
mod output;
mod profile;
mod repl;
mod report;
mod run;
mod source;
mod trace;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::args::{Cli, Command};

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|info| {
        output::note(&report::defect(&info.to_string()));
        std::process::exit(101);
    }));
    let cli = Cli::parse();
    let color = report::use_color(cli.color);
    let code = match cli.command {
        Command::Run(run) => run::run(&run, color),
        Command::Check(check) => check::check(&check, color),
        Command::Build(args) => bytecode::build(&args, color),
        Command::Disasm(args) => bytecode::disasm(&args, color),
        Command::Optimize(args) => optimize::optimize(&args, color),
        Command::Asm(args) => bytecode::asm(&args, color),
        Command::Cache { action } => cache::cache(action),
        Command::Profile(args) => profile::profile(&args, color),
        Command::Diff(args) => diff::diff(&args, color),
        Command::Repl(args) => repl::repl(&args, color),
        Command::Chain { command } => chain::chain(&command, color),
        Command::Ledger { command } => chain::ledger::ledger(&command, color),
        Command::Replay(args) => chain::replay::run(&args, color),
        Command::Key { command } => chain::key::key(&command, color),
        Command::Explain { code } => explain::explain(code.as_deref()),
        Command::Doc { name } => doc::doc(name.as_deref()),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "zexus", &mut script);
            output::print(&String::from_utf8_lossy(&script))
        }
    };
    ExitCode::from(code)
}
