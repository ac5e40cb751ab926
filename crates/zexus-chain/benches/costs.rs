//! What writes, receipts and commits cost: `cargo bench -p zexus-chain`. Nothing here asserts on time.

#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

use zexus_chain::{
    Action, Archive, BlockFacts, Change, DiskStore, Effects, EntryKind, MemoryStore, NewEntry, Outcome,
    StateTree, Status, Store, Transaction, encode_u64, price,
};

const PLACES: u64 = 100_000;
const WRITES: u64 = 100_000;

fn line(what: &str, n: u64, begun: Instant) {
    let nanos = begun.elapsed().as_nanos() as u64;
    let out = format!("{what:<58} {:>9} ns each {:>11}/s\n", nanos / n, n * 1_000_000_000 / nanos.max(1));
    std::io::stdout().write_all(out.as_bytes()).unwrap();
}

fn key(n: u64) -> Vec<u8> {
    format!("\x01\x08{:08}", n % PLACES).into_bytes()
}

/// Places in an order without a pattern.
fn scattered(n: u64) -> u64 {
    n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20
}

fn change(n: u64) -> Change {
    Change::new(&key(scattered(n)), Some(&encode_u64(n)))
}

fn tree() {
    let places = || (0..PLACES).map(|n| Change::new(&key(n), Some(&encode_u64(n))));
    let mut tree = StateTree::new();
    let begun = Instant::now();
    tree.apply(places().collect());
    line("state tree: 100,000 places at once, a place", PLACES, begun);
    for batch in [1, 2, 100, 10_000] {
        let begun = Instant::now();
        for start in (0..WRITES).step_by(batch as usize) {
            tree.apply((start..start + batch).map(change).collect());
        }
        line(&format!("state tree: writes to 100,000 places in groups of {batch}"), WRITES, begun);
    }
    let kept = tree.clone();
    let begun = Instant::now();
    for n in 0..WRITES {
        let before = tree.clone();
        tree.apply(vec![change(n)]);
        drop(before);
    }
    line("state tree: single writes while the state before is held", WRITES, begun);
    let begun = Instant::now();
    let siblings: usize = (0..WRITES).map(|n| kept.prove(&key(n)).siblings.len()).sum();
    line(&format!("state tree: proofs of {} siblings", siblings as u64 / WRITES), WRITES, begun);
}

fn transfers(store: Arc<dyn Store>, what: &str, blocks: u64, group: u64) {
    let mut chain = Archive::open(store).unwrap();
    let facts = |height| BlockFacts { height, ..BlockFacts::default() };
    if chain.head().receipts == 0 {
        let mut block = chain.begin(facts(0)).unwrap();
        let writes = (0..PLACES).map(|n| (key(n), Some(encode_u64(n)))).collect();
        block.write(Effects { writes, entries: Vec::new() }).unwrap();
        chain.commit(block).unwrap();
    }
    let begun = Instant::now();
    let mut executing = std::time::Duration::ZERO;
    for height in 1..=blocks {
        let started = Instant::now();
        let mut block = chain.begin(facts(height)).unwrap();
        let first = block.nonce("alice").unwrap();
        for nonce in first..first + group {
            let transfer =
                (Action::Call { target: [7; 20], action: "transfer".into() }, vec![7, 0], vec![3, 0]);
            let (action, args, value) = transfer;
            let (chain, caller) = ("bench".into(), "alice".into());
            let mut sent = Transaction { chain, caller, nonce, action, args, value, gas_limit: 0 };
            sent.gas_limit = price(300);
            let places = [key(scattered(nonce)), key(scattered(nonce + 50_000_000))];
            let writes = places.map(|key| (key, Some(encode_u64(nonce)))).into();
            let entries = vec![NewEntry { origin: None, kind: EntryKind::Entry, payload: encode_u64(nonce) }];
            let outcome = Outcome {
                status: Status::Ok,
                error: String::new(),
                message: String::new(),
                result: vec![0],
                gas_used: 1234,
                schedule: 1,
                code: [1; 32],
                events: Vec::new(),
                output: String::new(),
                effects: Effects { writes, entries },
            };
            block.execute(&sent, outcome).unwrap();
        }
        executing += started.elapsed();
        chain.commit(block).unwrap();
    }
    let name = format!("{what}: transfers in blocks of {group}, root, ledger, receipt");
    line(&name, blocks * group, begun);
    let all = begun.elapsed();
    let text = format!(
        "{:<58} {:>8} % of it is the commit\n",
        "",
        100 * (all - executing).as_nanos() / all.as_nanos()
    );
    std::io::stdout().write_all(text.as_bytes()).unwrap();
}

fn main() {
    tree();
    transfers(Arc::new(MemoryStore::new("bench")), "memory", 20, 1000);
    let dir = tempfile::tempdir().unwrap();
    for (blocks, group) in [(100, 1), (20, 100), (10, 1000), (3, 10_000)] {
        let store = DiskStore::open(dir.path().join(format!("{group}.redb")), "bench").unwrap();
        transfers(Arc::new(store), "disk", blocks, group);
    }
}
