//! A chain of transfers, for tests of stores.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use zexus_chain::{
    Action, Archive, BlockFacts, Effects, EntryKind, Event, NewEntry, Outcome, Pending, Status, Store,
    StoreError, Transaction, Unacceptable, encode_u64, price,
};

pub const CHAIN: &str = "test";
pub const ACCOUNTS: u64 = 8;
pub const START: u64 = 1000;

/// A module without code: `null` and `RETURN`, with its content hash.
pub fn module() -> ([u8; 32], Vec<u8>) {
    let mut file = b"\x89ZXC\r\n\x1a\n\x01\0\0\0".to_vec();
    file.extend_from_slice(b"\x01\x02\0\0\0\x01\x00");
    file.extend_from_slice(b"\x02\x01\0\0\0\x00");
    file.extend_from_slice(&zexus_crypto::sha256(&file));
    (zexus_verify::module::content_hash(&file).unwrap(), file)
}

pub fn account(n: u64) -> Vec<u8> {
    format!("\x01\x02a{n}").into_bytes()
}

pub fn facts(height: u64) -> BlockFacts {
    BlockFacts { height, time: 1_700_000_000_000 + height as i64 * 1000, hash: [0; 32] }
}

pub fn transaction(nonce: u64) -> Transaction {
    let mut transaction = Transaction {
        chain: CHAIN.into(),
        caller: "alice".into(),
        nonce,
        action: Action::Run(module().0),
        args: vec![7, 0],
        value: vec![3, 0],
        gas_limit: 0,
    };
    transaction.gas_limit = price(transaction.encode().len()) + 1000;
    transaction
}

fn number(record: &[u8]) -> u64 {
    zexus_verify::value::int(&mut zexus_verify::bytes::Reader::new(&record[1..])).unwrap().unwrap() as u64
}

pub fn balance(pending: &Pending, n: u64) -> u64 {
    number(&pending.record(&account(n)).unwrap().unwrap())
}

pub fn outcome(effects: Effects) -> Outcome {
    Outcome {
        status: Status::Ok,
        error: String::new(),
        message: String::new(),
        result: vec![0],
        gas_used: 1200,
        schedule: 1,
        code: module().0,
        events: vec![Event { origin: None, name: "Moved".into(), args: vec![7, 0] }],
        output: "moved\n".into(),
        effects,
    }
}

/// The first block: the module, and all accounts.
pub fn found(chain: &mut Archive) -> Result<(), StoreError> {
    let mut block = chain.begin(facts(0)).unwrap();
    let (code, file) = module();
    block.publish(code, &file).unwrap();
    let writes = (0..ACCOUNTS).map(|n| (account(n), Some(encode_u64(START)))).collect();
    block.execute(&transaction(0), outcome(Effects { writes, entries: Vec::new() })).unwrap();
    chain.commit(block)
}

/// A block in which each transaction moves `height` from one account to another and says so in the ledger.
pub fn transfer(chain: &mut Archive, height: u64, transactions: u64) -> Result<(), StoreError> {
    let mut block = match chain.begin(facts(height)) {
        Ok(block) => block,
        Err(zexus_chain::ArchiveError::Store(e)) => return Err(e),
        Err(e) => panic!("{e}"),
    };
    for number in 0..transactions {
        let nonce = block.nonce("alice")?;
        let (from, to) = ((height + number) % ACCOUNTS, (height + 3 * number + 1) % ACCOUNTS);
        let amount = height.min(balance(&block, from));
        let mut writes = vec![(account(from), Some(encode_u64(balance(&block, from) - amount)))];
        let to_now = if from == to { balance(&block, from) - amount } else { balance(&block, to) };
        writes.push((account(to), Some(encode_u64(to_now + amount))));
        let entries = vec![NewEntry { origin: None, kind: EntryKind::Entry, payload: encode_u64(amount) }];
        match block.execute(&transaction(nonce), outcome(Effects { writes, entries })) {
            Ok(_) => {}
            Err(Unacceptable::Store(e)) => return Err(e),
            Err(e) => panic!("{e}"),
        }
    }
    chain.commit(block)
}

/// Whatever happened, what is there fits together: balances, proofs, ledger, receipts. The number of blocks in it.
pub fn check(store: Arc<dyn Store>, per_block: u64) -> u64 {
    let chain = Archive::open(store).expect("the store opens");
    let snapshot = chain.snapshot().unwrap();
    snapshot.verify().unwrap();
    let head = *snapshot.head();
    if head.receipts == 0 {
        assert_eq!(head, zexus_chain::Head::EMPTY);
        return 0;
    }
    let sum: u64 = (0..ACCOUNTS).map(|n| number(&snapshot.record(&account(n)).unwrap().unwrap())).sum();
    assert_eq!(sum, ACCOUNTS * START);
    assert_eq!((head.receipts - 1) % per_block, 0, "a block is there by half");
    assert_eq!((head.receipts - 1) / per_block, head.height);
    assert_eq!(head.entries, head.receipts - 1);
    head.height + 1
}
