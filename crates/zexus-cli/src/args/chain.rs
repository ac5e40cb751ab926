//! The command line of chains, ledgers, replays and keys.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// The file that keeps a chain.
#[derive(Debug, Args)]
pub struct StoreArgs {
    /// The file that keeps the state; it is made if it is missing and something is written.
    #[arg(long, value_name = "FILE")]
    pub state: PathBuf,
    /// The name of the chain; by default that in the file, or `main` for a new one.
    #[arg(long, value_name = "NAME")]
    pub chain: Option<String>,
    /// Write results as JSON, one object a line.
    #[arg(long)]
    pub json: bool,
}

/// Who sends a transaction, and its block.
#[derive(Debug, Args)]
pub struct SenderArgs {
    /// Who sends it: a name, or an address. The command vouches for it.
    #[arg(long, value_name = "ADDRESS", default_value = "system")]
    pub caller: String,
    /// The value sent along.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub value: u64,
    /// Gas that the transaction may use.
    #[arg(long, value_name = "N", default_value_t = zexus_chain::GAS_LIMIT)]
    pub gas_limit: u64,
    /// Time of the block in milliseconds since 1970; by default now. It is raised to that of the last block.
    #[arg(long, value_name = "MILLISECONDS", allow_negative_numbers = true)]
    pub time: Option<i64>,
    /// Height of the block; by default the next one.
    #[arg(long, value_name = "N")]
    pub height: Option<u64>,
}

/// An action of a contract instance, and its arguments.
#[derive(Debug, Args)]
pub struct CallArgs {
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(flatten)]
    pub sender: SenderArgs,
    /// The address of the instance: 0x and 40 hex digits.
    #[arg(value_name = "ADDRESS")]
    pub target: String,
    /// The action.
    #[arg(value_name = "ACTION")]
    pub action: String,
    /// Its arguments: JSON, `@0x…` for a contract instance, or text.
    #[arg(value_name = "ARGS", allow_hyphen_values = true)]
    pub args: Vec<String>,
}

/// `zexus chain`.
#[derive(Debug, Subcommand)]
pub enum ChainCommand {
    /// Publish a program and make an instance of one of its contracts.
    Deploy {
        #[command(flatten)]
        store: StoreArgs,
        #[command(flatten)]
        sender: SenderArgs,
        /// The program, or a .zxc file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The contract.
        #[arg(value_name = "CONTRACT")]
        contract: String,
        /// Arguments of `init`: JSON, `@0x…` for a contract instance, or text.
        #[arg(value_name = "ARGS", allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Call an action as a transaction, which is recorded whatever it does.
    Call(CallArgs),
    /// Call an action on the state as it is; nothing is recorded.
    Query(CallArgs),
    /// Show a transaction and its receipt.
    Tx {
        #[command(flatten)]
        store: StoreArgs,
        /// Its id, 64 hex digits, or its number, from 0.
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Show places of the state with their records, in hex and as values.
    State {
        #[command(flatten)]
        store: StoreArgs,
        /// Only this instance.
        #[arg(long, value_name = "ADDRESS")]
        of: Option<String>,
    },
    /// Show the events of all transactions, in order.
    Events {
        #[command(flatten)]
        store: StoreArgs,
        /// Only events of this name.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
    },
}

/// `zexus ledger`.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Show the entries, in order.
    Show {
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Check every entry, receipt, record, hash and root, and print the checkpoint that binds them.
    Verify {
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Prove that an entry is in the ledger; `zexus-verify inclusion` checks it without this program.
    Prove {
        #[command(flatten)]
        store: StoreArgs,
        /// Its index, from 0.
        #[arg(value_name = "INDEX")]
        index: u64,
    },
    /// Write the whole chain to a file; `zexus-verify export` checks it without this program.
    Export {
        #[command(flatten)]
        store: StoreArgs,
        /// The file.
        #[arg(value_name = "OUT")]
        out: PathBuf,
    },
}

/// `zexus replay`.
#[derive(Debug, Args)]
pub struct Replay {
    #[command(flatten)]
    pub store: StoreArgs,
    /// The tier: 1 is the virtual machine, 0 walks the programs and needs their sources.
    #[arg(long, value_name = "TIER", default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=1))]
    pub tier: u8,
    /// The source text of a published program, for tier 0; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub source: Vec<PathBuf>,
    /// The number or id of a receipt, up to which the chain is executed again, or `all`.
    #[arg(value_name = "RECEIPT")]
    pub receipt: String,
}

/// The algorithms of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum KeyName {
    /// Ed25519.
    Ed25519,
    /// ECDSA over secp256k1.
    Secp256k1,
    /// ECDSA over P-256.
    P256,
}

/// `zexus key`.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a pair of keys.
    New {
        /// The algorithm.
        #[arg(long, value_enum, default_value_t = KeyName::Ed25519)]
        alg: KeyName,
        /// Write it as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Sign a text, or standard input for `-`.
    Sign {
        /// A file with the private key, in hex or PEM; `-` is standard input.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// The algorithm of the key.
        #[arg(long, value_enum, default_value_t = KeyName::Ed25519)]
        alg: KeyName,
        /// Write it as JSON.
        #[arg(long)]
        json: bool,
        /// The text.
        #[arg(value_name = "TEXT")]
        text: String,
    },
    /// Check the signature of a text; the exit code is 1 if it is none.
    Verify {
        /// The public key, in hex or PEM.
        #[arg(long, value_name = "KEY")]
        key: String,
        /// The signature, in hex.
        #[arg(long, value_name = "HEX")]
        signature: String,
        /// Write it as JSON.
        #[arg(long)]
        json: bool,
        /// The text.
        #[arg(value_name = "TEXT")]
        text: String,
    },
}
