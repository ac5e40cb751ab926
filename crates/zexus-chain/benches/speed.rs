//! The speed of one transfer contract per core, step by step: `cargo bench -p zexus-chain --bench speed`. Nothing here asserts on time.
//!
//! What each row adds to the one before is what its step costs. `--markdown` prints the table of docs/performance.md.

#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use zexus::{Data, Engine};
use zexus_chain::{
    Action, BlockFacts, Chain, DiskStore, MemoryStore, Sender, SignedTransaction, Store, Transaction,
};
use zexus_crypto::{KeyAlgorithm, SignatureAlgorithm};

/// Two reads and two writes of state, and nothing else.
const TOKEN: &str = r#"
contract Token {
    state balances = {}
    action init(n) { let i = 0  while i < n { balances["a" + string(i)] = 1000000  i = i + 1 } }
    action transfer(from, to, n) {
        balances[from] = balances[from] - n
        balances[to] = balances[to] + n
    }
    action logged(from, to, n) {
        balances[from] = balances[from] - n
        balances[to] = balances[to] + n
        ledger_append(n)
    }
}"#;

const ACCOUNTS: u64 = 1000;
const COUNT: u64 = 100_000;
const BLOCK: u64 = 1000;

struct Row {
    what: &'static str,
    count: u64,
    time: Took,
}

/// How long something took.
#[derive(Clone, Copy)]
struct Took {
    wall: Duration,
    /// Of the processor, which other processes do not lengthen.
    processor: Duration,
}

/// A point in time.
struct Clock(Instant, Duration);

impl Clock {
    fn start() -> Clock {
        Clock(Instant::now(), processor())
    }

    fn read(&self) -> Took {
        Took { wall: self.0.elapsed(), processor: processor() - self.1 }
    }
}

fn processor() -> Duration {
    let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_SELF).unwrap();
    let of = |t: nix::sys::time::TimeVal| Duration::new(t.tv_sec() as u64, t.tv_usec() as u32 * 1000);
    of(usage.user_time()) + of(usage.system_time())
}

impl Row {
    fn print(&self, markdown: bool) {
        let nanos = |time: Duration| time.as_nanos() as u64 / self.count.max(1);
        let (processor, wall) = (nanos(self.time.processor), nanos(self.time.wall));
        let rate = 1_000_000_000 / processor.max(1);
        let line = match markdown {
            true => format!("| {} | {processor} | {rate} | {wall} |\n", self.what),
            false => format!("{:<56} {processor:>8} ns {rate:>10}/s {wall:>10} ns by the clock\n", self.what),
        };
        std::io::stdout().write_all(line.as_bytes()).unwrap();
    }
}

struct World {
    chain: Chain,
    token: [u8; 20],
    height: u64,
}

fn facts(height: u64) -> BlockFacts {
    BlockFacts { height, time: height as i64, ..BlockFacts::default() }
}

fn account(n: u64) -> String {
    format!("a{}", n % ACCOUNTS)
}

/// Numbers without a pattern.
fn scattered(n: u64) -> u64 {
    n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33
}

impl World {
    fn on(store: Arc<dyn Store>) -> World {
        let engine = Engine::new();
        let program = engine.compile(TOKEN).unwrap();
        let mut chain = Chain::open(store, engine).unwrap();
        let code = chain.publish_module(facts(0), program.main_module().unwrap()).unwrap();
        let sender = Sender::new("maker", facts(0));
        let token = chain.deploy(&sender, &code, "Token", &[Data::Int(ACCOUNTS as i64)]).unwrap();
        World { chain, token, height: 1 }
    }

    fn transaction(&self, action: &str, caller: &str, nonce: u64, from: u64, to: u64) -> Transaction {
        let args = [account(from).as_str().into(), account(to).as_str().into(), Data::Int(1)];
        Transaction {
            chain: self.chain.name().to_owned(),
            caller: caller.to_owned(),
            nonce,
            action: Action::Call { target: self.token, action: action.to_owned() },
            args: zexus_chain::data::encode_args(&args).unwrap(),
            value: vec![3, 0],
            gas_limit: 100_000,
        }
    }

    fn transfers(&self, action: &str, count: u64, contended: bool) -> Vec<Transaction> {
        let one = |n| match contended {
            true => self.transaction(action, "hot", n, 0, 1),
            false => {
                let caller = format!("caller{}", n % ACCOUNTS);
                self.transaction(action, &caller, n / ACCOUNTS, scattered(n), scattered(n + 7))
            }
        };
        (0..count).map(one).collect()
    }

    fn execute(&mut self, transactions: Vec<Transaction>, block: u64) -> Took {
        let mut blocks: Vec<Vec<Transaction>> = Vec::new();
        for transaction in transactions {
            match blocks.last_mut() {
                Some(last) if (last.len() as u64) < block => last.push(transaction),
                _ => blocks.push(vec![transaction]),
            }
        }
        let begun = Clock::start();
        for block in blocks {
            let done = self.chain.execute(facts(self.height), block).unwrap();
            assert!(
                done.iter().all(|r| r.as_ref().is_ok_and(|r| r.receipt.error.is_empty())),
                "{:?}",
                done.first()
            );
            self.height += 1;
        }
        begun.read()
    }
}

fn execute_only() -> Took {
    let mut w = World::on(Arc::new(MemoryStore::new("bench")));
    let transactions = w.transfers("transfer", COUNT, false);
    let begun = Clock::start();
    let done = w.chain.execute_only(facts(1), transactions).unwrap();
    let time = begun.read();
    assert!(done.iter().all(|r| r.as_ref().is_ok_and(|r| r.receipt.error.is_empty())));
    time
}

fn signed(count: u64) -> (Took, World, Vec<Transaction>) {
    let keys = zexus_crypto::generate_keypair(KeyAlgorithm::Ed25519, [1; 32]);
    let caller = zexus_crypto::derive_address(zexus_crypto::Encoded::Text(&keys.public_key), "0x").unwrap();
    let w = World::on(Arc::new(MemoryStore::new("bench")));
    let sign = |n| {
        let t = w.transaction("logged", &caller, n, scattered(n), scattered(n + 7));
        SignedTransaction::sign(t, &keys.public_key, &keys.private_key, SignatureAlgorithm::Ed25519).unwrap()
    };
    let signed: Vec<_> = (0..count).map(sign).collect();
    let begun = Clock::start();
    assert!(signed.iter().all(SignedTransaction::verify));
    (begun.read(), w, signed.into_iter().map(|s| s.transaction).collect())
}

fn main() {
    let markdown = std::env::args().any(|arg| arg == "--markdown");
    let only = std::env::args().skip(1).find(|arg| !arg.starts_with("--"));
    let row = |what: &'static str, count: u64, run: &mut dyn FnMut() -> Took| {
        if only.as_ref().is_none_or(|only| what.contains(only.as_str())) {
            Row { what, count, time: run() }.print(markdown);
        }
    };
    row("execute only", COUNT, &mut execute_only);
    row("with state root, receipts and ledger, in memory", COUNT, &mut || {
        let mut w = World::on(Arc::new(MemoryStore::new("bench")));
        let transactions = w.transfers("logged", COUNT, false);
        w.execute(transactions, BLOCK)
    });
    row("the same, with Ed25519 verification", COUNT / 10, &mut || {
        let (verifying, mut w, transactions) = signed(COUNT / 10);
        let executing = w.execute(transactions, BLOCK);
        let wall = verifying.wall + executing.wall;
        Took { wall, processor: verifying.processor + executing.processor }
    });
    let dir = tempfile::tempdir().unwrap();
    let disk = |name: &str| Arc::new(DiskStore::open(dir.path().join(name), "bench").unwrap());
    row("durable, in groups of 10,000", COUNT, &mut || {
        let mut w = World::on(disk("ten-thousand"));
        let transactions = w.transfers("logged", COUNT, false);
        w.execute(transactions, 10_000)
    });
    row("durable, in groups of 1,000", COUNT, &mut || {
        let mut w = World::on(disk("thousand"));
        let transactions = w.transfers("logged", COUNT, false);
        w.execute(transactions, BLOCK)
    });
    row("durable, one by one", 300, &mut || {
        let mut w = World::on(disk("one"));
        let transactions = w.transfers("logged", 300, false);
        w.execute(transactions, 1)
    });
    row("fully contended: one sender, two accounts, in memory", COUNT, &mut || {
        let mut w = World::on(Arc::new(MemoryStore::new("bench")));
        let transactions = w.transfers("logged", COUNT, true);
        w.execute(transactions, BLOCK)
    });
}
