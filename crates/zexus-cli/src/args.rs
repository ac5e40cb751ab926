//! The command line.

pub mod chain;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use zexus::{Caps, TraceFilter};

/// An embeddable language for rules and contracts.
#[derive(Debug, Parser)]
#[command(name = "zexus", version, about, disable_help_subcommand = true, arg_required_else_help = true)]
#[command(after_help = "\
Exit codes: 0 the program ended; 1 it ended with an error, at a limit or by --timeout; 2 it was not started;
130 stopped by Ctrl-C; 101 a defect of zexus; exit_program(n) gives n.")]
pub struct Cli {
    /// When to use colours. NO_COLOR in the environment turns them off for `auto`.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a program; `-` reads it from standard input.
    Run(Box<Run>),
    /// Report the errors and warnings of programs without running them.
    Check(Check),
    /// Compile a program to bytecode files (.zxc), one for each module.
    Build(Build),
    /// Show the bytecode of a program, a .zxc or a .zxasm file.
    Disasm(Disasm),
    /// Show what the optimizer makes of a program, a .zxc or a .zxasm file.
    Optimize(Optimize),
    /// Assemble text (.zxasm) to a bytecode file (.zxc).
    Asm(Asm),
    /// Show or empty the cache of compiled programs.
    Cache {
        /// What to do.
        #[command(subcommand)]
        action: CacheAction,
    },
    /// Run a program and count what it does: calls, instructions, gas and time by function, line, opcode and loop.
    Profile(Box<Profile>),
    /// Run a program in every way there is and compare what comes out.
    Diff(Diff),
    /// Enter statements and see their values.
    Repl(Repl),
    /// Publish contracts, send transactions to them, and look at what came of it.
    Chain {
        /// What to do.
        #[command(subcommand)]
        command: chain::ChainCommand,
    },
    /// Show, check, prove and export the ledger of a chain.
    Ledger {
        /// What to do.
        #[command(subcommand)]
        command: chain::LedgerCommand,
    },
    /// Execute the transactions of a chain again and compare every receipt; the exit code is 1 if one differs.
    Replay(chain::Replay),
    /// Make keys, sign, and check signatures.
    Key {
        /// What to do.
        #[command(subcommand)]
        command: chain::KeyCommand,
    },
    /// Explain a diagnostic code, or list all of them.
    Explain {
        /// The code, such as E0405.
        code: Option<String>,
    },
    /// Show what a builtin, method, module or keyword does, or list all of them.
    Doc {
        /// The name, such as `sort`, `list.push` or `math`.
        name: Option<String>,
    },
    /// Write a completion script for a shell to standard output.
    Completions {
        /// The shell.
        #[arg(value_enum)]
        shell: Shell,
    },
}

/// `zexus run`.
#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    pub tiers: Tiers,
    /// Neither look for the compiled program in the cache nor keep it there.
    #[arg(long)]
    pub no_cache: bool,
    /// Write how often programs were compiled and run on which tier, and what the optimizer did, to standard error.
    #[arg(long)]
    pub stats: bool,
    /// Write which functions and loops became native code, and where and why it was left, to standard error.
    #[arg(long)]
    pub jit_log: bool,
    /// Keep persistent state and the ledger in this file, which is made if it is missing. Each outermost transaction, and each
    /// write outside of one, is on the disk before the program goes on.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Count gas and write the amount used to standard error.
    #[arg(long)]
    pub gas: bool,
    /// Write what the program does to FILE, or to standard error: JSON, one object a line. Only the virtual machine traces.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    pub trace: Option<Option<PathBuf>>,
    /// Trace only these kinds of line (op, call, return, throw, catch, tx, state, event, ledger), opcodes (STATE_READ) and
    /// functions (fn:transfer).
    #[arg(long, value_name = "LIST")]
    pub trace_filter: Option<TraceFilter>,
    #[command(flatten)]
    pub launch: Launch,
}

/// A program to be started.
#[derive(Debug, Args)]
pub struct Launch {
    #[command(flatten)]
    pub world: World,
    #[command(flatten)]
    pub report: Report,
    /// Stop the program after this many seconds, with exit code 1.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub timeout: Option<Duration>,
    /// The program, or `-`.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Arguments of the program, in `__ARGS__`.
    #[arg(value_name = "ARGS", trailing_var_arg = true, allow_hyphen_values = true)]
    pub args: Vec<String>,
}

/// `zexus profile`.
#[derive(Debug, Args)]
#[command(after_help = "\
The profile follows the program's end, on standard error unless -o names a file; the program's own output stays what it is.
Counts are exact and the same each time. Seconds are those of this run, in which counting takes most of the time: compare them
with each other only. Functions and paths show what they do themselves, without the calls that they make.

  zexus profile demo.zx                          tables of functions, lines, loops and opcodes
  zexus profile --json -o demo.json demo.zx      one JSON object
  zexus profile --folded -o demo.folded demo.zx  call paths, as flamegraph.pl, inferno and speedscope read them
  zexus profile --svg demo.svg demo.zx           a flame graph")]
pub struct Profile {
    /// Count gas, too: it is what tables and graphs then show first.
    #[arg(long)]
    pub gas: bool,
    /// Gas that the program may use; the run is metered.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub gas_limit: Option<u64>,
    /// How much the optimizer does to the code, from 0, nothing, to 3. Only at 0 do the counts show the program as it is written.
    #[arg(long, value_name = "LEVEL", value_parser = level(), default_value_t = 0)]
    pub opt_level: u8,
    /// Write call paths instead, a line each: `main;f;g 123`, gas in metered runs, else instructions.
    #[arg(long)]
    pub folded: bool,
    /// Write the profile to FILE instead of standard error.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write a flame graph of the call paths to FILE, too.
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Show at most this many rows of each table.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub top: usize,
    #[command(flatten)]
    pub launch: Launch,
}

/// How a program is run.
#[derive(Debug, Args)]
pub struct Tiers {
    /// The tier: 0 walks the program, 1 is the virtual machine, 2 makes native code of what is hot, auto walks small programs without
    /// loops.
    #[arg(long, value_name = "TIER", value_enum, default_value_t = TierName::Auto)]
    pub tier: TierName,
    /// How much the optimizer does to the code, from 0, nothing, to 3; by default what the program asks for, or 1. It changes neither
    /// what a program does nor the gas it uses.
    #[arg(long, value_name = "LEVEL", value_parser = level())]
    pub opt_level: Option<u8>,
    /// On tier 2: after how many calls a function is hot; a loop after ten times as many rounds.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub jit_threshold: u32,
    /// No native code, whatever the tier.
    #[arg(long)]
    pub no_jit: bool,
    /// Gas that the program may use; the run is metered.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub gas_limit: Option<u64>,
}

/// `zexus cache`.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum CacheAction {
    /// Show where it is and how much it holds.
    Info,
    /// Delete all entries.
    Clear,
}

/// The tiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TierName {
    /// What suits the program.
    Auto,
    /// The evaluator.
    #[value(name = "0")]
    Zero,
    /// The virtual machine.
    #[value(name = "1")]
    One,
    /// The virtual machine with native code.
    #[value(name = "2")]
    Two,
}

/// `zexus build`.
#[derive(Debug, Args)]
pub struct Build {
    #[command(flatten)]
    pub report: Report,
    /// Where the bytecode goes; by default beside the program, with the ending .zxc. Imported modules go to the same directory tree.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Optimize the code at this level, 0 to 3. What a run of it costs in gas is the price of the code in the file.
    #[arg(long, value_name = "LEVEL", value_parser = level(), default_value_t = 0)]
    pub opt_level: u8,
    /// Write what the optimizer did to standard error.
    #[arg(long)]
    pub stats: bool,
    /// The directory that imports may not leave; by default that of the file.
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// The program.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `zexus disasm`.
#[derive(Debug, Args)]
pub struct Disasm {
    #[command(flatten)]
    pub report: Report,
    /// Show assembler text, which `zexus asm` reads, instead of the listing.
    #[arg(long)]
    pub asm: bool,
    /// Show the code of metered runs, with its charges.
    #[arg(long)]
    pub metered: bool,
    /// Show imported modules, too.
    #[arg(long)]
    pub all: bool,
    /// Run the program on tier 2, without its output, and show the native code that was made.
    #[arg(long, conflicts_with_all = ["asm", "metered", "all"])]
    pub native: bool,
    /// The directory that imports may not leave; by default that of the file.
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// The program, .zxc or .zxasm file, or `-` for a program on standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `zexus optimize`.
#[derive(Debug, Args)]
pub struct Optimize {
    #[command(flatten)]
    pub report: Report,
    /// How much the optimizer does, from 0, nothing, to 3.
    #[arg(long, value_name = "LEVEL", value_parser = level(), default_value_t = zexus::DEFAULT_LEVEL)]
    pub level: u8,
    /// Show the code before and after side by side, with the passes that changed it.
    #[arg(long)]
    pub diff: bool,
    /// Optimize the code of metered runs, with its charges.
    #[arg(long)]
    pub metered: bool,
    /// Optimize imported modules, too.
    #[arg(long)]
    pub all: bool,
    /// The directory that imports may not leave; by default that of the file.
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// The program, .zxc or .zxasm file, or `-` for a program on standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `zexus asm`.
#[derive(Debug, Args)]
pub struct Asm {
    #[command(flatten)]
    pub report: Report,
    /// Where the bytecode goes; by default beside the text, with the ending .zxc.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The text.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `zexus diff`.
#[derive(Debug, Args)]
pub struct Diff {
    #[command(flatten)]
    pub report: Report,
    /// The directory that imports and files may not leave; by default that of the file.
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Gas for the metered runs.
    #[arg(long, value_name = "N", default_value_t = 1_000_000_000)]
    pub gas_limit: u64,
    /// The program.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Arguments of the program, in `__ARGS__`.
    #[arg(value_name = "ARGS", trailing_var_arg = true, allow_hyphen_values = true)]
    pub args: Vec<String>,
}

/// `zexus check`.
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    pub report: Report,
    /// Capabilities that the programs will hold: `all`, `none` or a list such as `clock,io.read`.
    #[arg(long, value_name = "LIST", value_parser = caps, default_value = "all")]
    pub allow: Caps,
    /// The directory that imports may not leave; by default that of the file.
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// The programs; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// `zexus repl`.
#[derive(Debug, Args)]
pub struct Repl {
    #[command(flatten)]
    pub world: World,
}

/// How diagnostics are shown.
#[derive(Debug, Args)]
pub struct Report {
    /// Write diagnostics and figures as JSON, one object a line.
    #[arg(long)]
    pub json: bool,
    /// Show at most this many diagnostics.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub max_errors: usize,
}

/// What the world gives a program.
#[derive(Debug, Args)]
pub struct World {
    /// What the program may use: `all`, `none` or a list of io.read, io.write, network, clock, random, env. By default a program that
    /// is run here may use all of them; its files are those below the root.
    #[arg(long, value_name = "LIST", value_parser = caps, default_value = "all")]
    pub allow: Caps,
    /// The directory that imports and files of the program may not leave; by default that of FILE, or the current one.
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Bytes of memory the program may use, such as 500000, 64K, 512M or 2G.
    #[arg(long, value_name = "BYTES", value_parser = bytes, default_value = "1G")]
    pub memory_limit: u64,
    /// Calls that may be active at once.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub depth_limit: u32,
    /// Bytes the program may print; by default as many as it likes.
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    pub output_limit: Option<u64>,
    /// The caller that the program sees in TX.
    #[arg(long, value_name = "ADDRESS", default_value = "system")]
    pub caller: String,
    /// The block time that the program sees in TX, in milliseconds since 1970; by default now.
    #[arg(long, value_name = "MILLISECONDS", allow_negative_numbers = true)]
    pub time: Option<i64>,
    /// The block height that the program sees in TX.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub height: u64,
}

/// The levels of the optimizer.
fn level() -> clap::builder::RangedI64ValueParser<u8> {
    clap::value_parser!(u8).range(0..=i64::from(zexus::MAX_LEVEL))
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        _ => Err("not a number of seconds above 0".to_owned()),
    }
}

fn bytes(text: &str) -> Result<u64, String> {
    let (digits, shift) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (text.get(..at), 10),
        Some((at, 'm' | 'M')) => (text.get(..at), 20),
        Some((at, 'g' | 'G')) => (text.get(..at), 30),
        _ => (Some(text), 0),
    };
    digits
        .and_then(|digits| digits.parse::<u64>().ok())
        .and_then(|n| n.checked_mul(1 << shift))
        .ok_or_else(|| "not a number of bytes such as 500000, 64K, 512M or 2G".to_owned())
}

fn caps(text: &str) -> Result<Caps, String> {
    match text {
        "all" => return Ok(Caps::ALL),
        "none" => return Ok(Caps::NONE),
        _ => {}
    }
    text.split(',').map(str::trim).try_fold(Caps::NONE, |all, name| {
        let cap = Caps::from_name(name);
        cap.map(|cap| all.or(cap)).ok_or_else(|| {
            format!("'{name}' is no capability; there are {}, and all or none", Caps::NAMES.join(", "))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn sizes_have_units() {
        for (text, expected) in
            [("5", Some(5)), ("2k", Some(2048)), ("1G", Some(1 << 30)), ("", None), ("x", None)]
        {
            assert_eq!(bytes(text).ok(), expected, "{text}");
        }
        assert!(bytes("99999999999999G").is_err());
    }

    #[test]
    fn capabilities_are_lists() {
        assert_eq!(caps("clock,io.read"), Ok(Caps::CLOCK.or(Caps::IO_READ)));
        assert_eq!(caps("none"), Ok(Caps::NONE));
        assert!(caps("clok").unwrap_err().contains("'clok' is no capability"));
    }

    #[test]
    fn timeouts_are_positive() {
        assert_eq!(seconds("1.5"), Ok(Duration::from_millis(1500)));
        for text in ["0", "-1", "x", "inf", "nan"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
