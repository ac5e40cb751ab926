//! What holds of every store, and of chains on it.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "common/transfers.rs"]
mod common;

use std::sync::Arc;

use common::{CHAIN, account, check, facts, found, outcome, transaction, transfer};
use zexus_chain::{
    Archive, ArchiveError, Batch, DiskStore, Effects, Head, ImportError, MemoryStore, Nodes, Store,
    StoreError, Table, Unacceptable, encode_u64, import,
};
use zexus_verify::{ZERO, merkle, verify_export};

fn on_each(test: impl Fn(Arc<dyn Store>)) {
    test(Arc::new(MemoryStore::new(CHAIN)));
    let dir = tempfile::tempdir().unwrap();
    test(Arc::new(DiskStore::open(dir.path().join("x.redb"), CHAIN).unwrap()));
}

#[test]
fn commits_are_fenced() {
    on_each(|store| {
        let (one, two) = (Head { height: 1, ..Head::EMPTY }, Head { height: 2, ..Head::EMPTY });
        let batch = |record: &[u8]| {
            let mut batch = Batch::default();
            batch.put(Table::State, *b"k", *b"first");
            batch.put(Table::State, *b"k", record);
            batch.remove(Table::State, *b"gone");
            batch
        };
        assert_eq!(store.head(), Ok(Head::EMPTY));
        let before = store.snapshot().unwrap();
        assert_eq!(store.commit(&Head::EMPTY, &one, batch(b"a")), Ok(()));
        assert_eq!(store.commit(&Head::EMPTY, &one, batch(b"again")), Ok(()));
        assert_eq!(store.commit(&Head::EMPTY, &two, batch(b"b")), Err(StoreError::Moved));
        assert_eq!(store.head(), Ok(one));
        let after = store.snapshot().unwrap();
        assert_eq!(store.commit(&one, &two, batch(b"c")), Ok(()));
        assert_eq!(before.get(Table::State, b"k"), Ok(None));
        assert_eq!(after.get(Table::State, b"k"), Ok(Some(b"a".to_vec())));
        assert_eq!(store.snapshot().unwrap().get(Table::State, b"k"), Ok(Some(b"c".to_vec())));
    });
}

#[test]
fn scans_are_in_order_and_stop_when_told() {
    on_each(|store| {
        let mut batch = Batch::default();
        for key in ["b", "a", "d", "c"] {
            batch.put(Table::Code, key, key);
        }
        store.commit(&Head::EMPTY, &Head { height: 1, ..Head::EMPTY }, batch).unwrap();
        let mut seen = Vec::new();
        let view = store.snapshot().unwrap();
        view.scan(Table::Code, b"b", &mut |key, record| {
            assert_eq!(key, record);
            seen.push(key.to_vec());
            seen.len() < 2
        })
        .unwrap();
        assert_eq!(seen, [b"b", b"c"]);
    });
}

#[test]
fn a_chain_goes_on_after_it_was_opened_again() {
    on_each(|store| {
        let mut chain = Archive::open(store.clone()).unwrap();
        assert_eq!(check(store.clone(), 3), 0);
        found(&mut chain).unwrap();
        for height in 1..12 {
            transfer(&mut chain, height, 3).unwrap();
            if height % 4 == 0 {
                let head = *chain.head();
                chain = Archive::open(store.clone()).unwrap();
                assert_eq!(*chain.head(), head);
            }
        }
        assert_eq!(check(store.clone(), 3), 12);
    });
}

#[test]
fn memory_and_disk_export_the_same_file_and_so_does_an_import() {
    let mut files = Vec::new();
    let mut exported = |store: Arc<dyn Store>| {
        let mut file = Vec::new();
        Archive::open(store).unwrap().snapshot().unwrap().export(&mut file).unwrap();
        files.push(file);
    };
    let dir = tempfile::tempdir().unwrap();
    let stores: [Arc<dyn Store>; 2] = [
        Arc::new(MemoryStore::new(CHAIN)),
        Arc::new(DiskStore::open(dir.path().join("x.redb"), CHAIN).unwrap()),
    ];
    for store in stores {
        let mut chain = Archive::open(store.clone()).unwrap();
        found(&mut chain).unwrap();
        for height in 1..6 {
            transfer(&mut chain, height, 2).unwrap();
        }
        exported(store);
    }
    let twin = Arc::new(MemoryStore::new(CHAIN));
    let mut file = Vec::new();
    exported(Arc::new(MemoryStore::new(CHAIN)));
    file.clone_from(&files[0]);
    import(&file, &*twin).unwrap();
    let mut again = Vec::new();
    let chain = Archive::open(twin.clone()).unwrap();
    chain.snapshot().unwrap().export(&mut again).unwrap();
    assert!(files[0] == files[1] && files[0] == again);
    assert_eq!(check(twin.clone(), 2), 6);
    assert_eq!(import(&file, &*twin), Err(ImportError::NotEmpty));
    let other = MemoryStore::new("other");
    let wrong = StoreError::Chain { expected: CHAIN.into(), found: "other".into() };
    assert_eq!(import(&file, &other), Err(ImportError::Store(wrong)));
    let verified = verify_export(&file).unwrap();
    let checkpoint = chain.snapshot().unwrap().checkpoint();
    assert_eq!(verified.checkpoint(), checkpoint);
    assert_eq!(verified.verify_checkpoint(&checkpoint), Ok(()));
    let empty = verify_export(&files[2]).unwrap().checkpoint();
    assert_eq!((empty.ledger_root, empty.receipt_root, empty.state_root), (ZERO, ZERO, ZERO));
    assert_eq!(verified.verify_checkpoint(&empty), Ok(()));
}

#[test]
fn every_flipped_bit_of_an_export_is_seen_even_with_a_new_hash() {
    let store = Arc::new(MemoryStore::new(CHAIN));
    let mut chain = Archive::open(store.clone()).unwrap();
    found(&mut chain).unwrap();
    transfer(&mut chain, 1, 2).unwrap();
    let mut file = Vec::new();
    let snapshot = chain.snapshot().unwrap();
    snapshot.export(&mut file).unwrap();
    let checkpoint = snapshot.checkpoint();
    for bit in 0..file.len() * 8 {
        let mut flipped = file.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(verify_export(&flipped).is_err(), "bit {bit}");
        let body = flipped.len() - 32;
        let hash = zexus_crypto::sha256(&flipped[..body]);
        flipped[body..].copy_from_slice(&hash);
        if flipped == file {
            continue;
        }
        // What no chain of hashes binds is outside of receipts: their message and output.
        if let Ok(export) = verify_export(&flipped) {
            let same = export.verify_checkpoint(&checkpoint).is_ok() && export.checkpoint() == checkpoint;
            let output = export
                .receipts
                .iter()
                .any(|(_, record)| zexus_verify::StoredReceipt::decode(record).unwrap().output != "moved\n");
            assert!(!same || output, "bit {bit}");
        }
    }
}

#[test]
fn proofs_of_a_snapshot_verify_while_the_chain_goes_on() {
    on_each(|store| {
        let mut chain = Archive::open(store).unwrap();
        found(&mut chain).unwrap();
        for height in 1..8 {
            transfer(&mut chain, height, 3).unwrap();
        }
        let snapshot = chain.snapshot().unwrap();
        let record = snapshot.record(&account(3)).unwrap();
        for height in 8..11 {
            transfer(&mut chain, height, 3).unwrap();
        }
        let root = snapshot.head().state_root;
        assert!(snapshot.prove(&account(3)).verify(&root, &account(3), record.as_deref()));
        assert!(snapshot.prove(b"\x01\x01z").verify(&root, b"\x01\x01z", None));
        assert_ne!(chain.head().state_root, root);
        let now = chain.snapshot().unwrap();
        for log in [Nodes::Ledger, Nodes::Receipts] {
            let (old, new) = (snapshot.log(log), now.log(log));
            let proof = now.prove_consistency(log, old.len(), new.len()).unwrap().unwrap();
            assert!(merkle::verify_consistency(old.len(), new.len(), &old.root(), &new.root(), &proof));
            assert_eq!(snapshot.prove_inclusion(log, 0, new.len()), Ok(None));
        }
        let entry = now.entry(5).unwrap().unwrap();
        let ledger = now.log(Nodes::Ledger);
        let proof = now.prove_inclusion(Nodes::Ledger, 5, ledger.len()).unwrap().unwrap();
        assert!(merkle::verify_inclusion(5, ledger.len(), &merkle::leaf(&entry), &proof, &ledger.root()));
        let id = transaction(4).id();
        assert_eq!(now.number_of(&id), Ok(Some(4)));
        assert_eq!(now.receipt(4).unwrap().unwrap().receipt.id, id);
        assert_eq!(now.transaction(4), Ok(Some(transaction(4).encode())));
        assert_eq!((now.entry(1000), now.receipt(1000)), (Ok(None), Ok(None)));
    });
}

#[test]
fn what_is_not_acceptable_changes_nothing() {
    let mut chain = Archive::open(Arc::new(MemoryStore::new(CHAIN))).unwrap();
    found(&mut chain).unwrap();
    let mut block = chain.begin(facts(1)).unwrap();
    let before = (block.state_root(), block.ledger_head(), block.entries());
    let mut refused = |change: &dyn Fn(&mut zexus_chain::Transaction), text: &str| {
        let mut sent = transaction(1);
        change(&mut sent);
        let e = block.execute(&sent, outcome(Effects::default())).unwrap_err();
        assert_eq!(e.to_string(), text);
        assert_eq!((block.state_root(), block.ledger_head(), block.entries()), before);
    };
    refused(&|t| t.chain = "other".into(), "the transaction is for chain 'other'");
    refused(&|t| t.nonce = 0, "the next nonce of 'alice' is 1, not 0");
    refused(&|t| t.nonce = 2, "the next nonce of 'alice' is 1, not 2");
    refused(&|t| t.caller = "bob".into(), "the next nonce of 'bob' is 0, not 1");
    let least = common::transaction(1).gas_limit - 1000;
    let range = format!("it must be from {least} to 100000000");
    refused(&|t| t.gas_limit = least - 1, &format!("the gas limit is {}, {range}", least - 1));
    refused(&|t| t.gas_limit = 100_000_001, &format!("the gas limit is 100000001, {range}"));
    refused(&|t| t.args = vec![0], "the transaction is malformed: no list");
    refused(
        &|t| t.value = vec![3, 1, 0xff],
        "the transaction is malformed: a value that is no non-negative integer",
    );
    refused(
        &|t| t.args = [vec![7, 1, 6, 0x80, 0x80, 0x40], vec![0; 1 << 20]].concat(),
        "the transaction is malformed: more than 1 MiB",
    );
    let code = zexus_chain::Action::Run([9; 32]);
    refused(&|t| t.action = code.clone(), &format!("the chain has no module {}", "09".repeat(32)));

    let mut malformed = |effects: Effects, why: &str| {
        let e = block.execute(&transaction(1), outcome(effects)).unwrap_err();
        assert_eq!(
            e,
            Unacceptable::Outcome(zexus_verify::Malformed(match why {
                "place" => "an unknown place",
                "run" => "a variable that lives only for its run",
                _ => "an unknown kind",
            }))
        );
        assert_eq!((block.state_root(), block.ledger_head(), block.entries()), before);
    };
    let write = |key: &[u8], record: &[u8]| Effects {
        writes: vec![(key.into(), Some(record.into()))],
        entries: vec![],
    };
    malformed(write(b"\x09", &encode_u64(1)), "place");
    malformed(write(b"\x01\x02~x", &encode_u64(1)), "run");
    malformed(write(b"\x01\x01x", &[0x20]), "kind");
    let entry =
        zexus_chain::NewEntry { origin: None, kind: zexus_chain::EntryKind::Entry, payload: vec![0x20] };
    malformed(Effects { writes: vec![], entries: vec![entry] }, "kind");
}

#[test]
fn blocks_do_not_go_back_and_do_not_fork() {
    let mut chain = Archive::open(Arc::new(MemoryStore::new(CHAIN))).unwrap();
    found(&mut chain).unwrap();
    transfer(&mut chain, 5, 1).unwrap();
    assert_eq!(chain.begin(facts(4)).err(), Some(ArchiveError::Earlier));
    let late = zexus_chain::BlockFacts { height: 6, time: 0, hash: ZERO };
    assert_eq!(chain.begin(late).err(), Some(ArchiveError::Earlier));
    assert_eq!(chain.raise(facts(0)), facts(5));
    let stale = chain.begin(facts(6)).unwrap();
    transfer(&mut chain, 6, 1).unwrap();
    assert_eq!(chain.commit(stale), Err(StoreError::Moved));
    transfer(&mut chain, 7, 1).unwrap();
}

#[test]
fn what_is_no_store_of_this_chain_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.redb");
    let store = DiskStore::open(&path, CHAIN).unwrap();
    let text = path.to_string_lossy().into_owned();
    assert_eq!(DiskStore::open(&path, CHAIN).err(), Some(StoreError::InUse(text.clone())));
    assert_eq!(StoreError::InUse("x.redb".into()).to_string(), "store 'x.redb' is in use by another process");
    drop(store);
    let wrong = StoreError::Chain { expected: "other".into(), found: CHAIN.into() };
    assert_eq!(DiskStore::open(&path, "other").err(), Some(wrong));
    let store = DiskStore::open_read_only(&path, CHAIN).unwrap();
    assert_eq!(store.head(), Ok(Head::EMPTY));
    assert_eq!(store.commit(&Head::EMPTY, &Head::EMPTY, Batch::default()), Err(StoreError::ReadOnly));
    drop(store);
    let store = DiskStore::open(&path, CHAIN).unwrap();
    let mut batch = Batch::default();
    batch.put(Table::Meta, *b"format", 2u32.to_be_bytes());
    store.commit(&Head::EMPTY, &Head::EMPTY, batch).unwrap();
    drop(store);
    assert_eq!(DiskStore::open(&path, CHAIN).err(), Some(StoreError::Version(2)));
    let text = dir.path().join("text");
    std::fs::write(&text, "this is no store, but it is long enough to be one\n".repeat(100)).unwrap();
    assert!(matches!(DiskStore::open(&text, CHAIN), Err(StoreError::Damaged { table: "file", .. })));
    assert!(matches!(DiskStore::open_read_only(dir.path().join("none"), CHAIN), Err(StoreError::Io(_))));
}

#[test]
fn damage_is_named() {
    let damage = |table: Table, key: Vec<u8>, record: Option<Vec<u8>>| {
        let store = Arc::new(MemoryStore::new(CHAIN));
        let mut chain = Archive::open(store.clone()).unwrap();
        found(&mut chain).unwrap();
        transfer(&mut chain, 1, 3).unwrap();
        let head = *chain.head();
        let batch = Batch { changes: vec![(table, key.clone(), record)] };
        store.commit(&head, &head, batch).unwrap();
        let found = match Archive::open(store) {
            Err(e) => e,
            Ok(chain) => chain.snapshot().unwrap().verify().unwrap_err(),
        };
        let StoreError::Damaged { table, key, .. } = found else { panic!("{found}") };
        (table, key)
    };
    let index = |n: u64| n.to_be_bytes().to_vec();
    let root = ("meta", "state_root".to_owned());
    assert_eq!(damage(Table::State, account(1), Some(encode_u64(5))), root);
    assert_eq!(damage(Table::State, account(1), None), root);
    assert_eq!(damage(Table::Ledger, index(2), None), ("ledger", "0000000000000002".into()));
    assert_eq!(damage(Table::Ledger, index(3), Some(vec![1])), ("ledger", "0000000000000003".into()));
    assert_eq!(damage(Table::Ledger, index(0), None), ("ledger", "0000000000000000".into()));
    assert_eq!(damage(Table::Receipts, index(3), Some(vec![])), ("receipts", "0000000000000003".into()));
    assert_eq!(damage(Table::Receipts, index(1), Some(vec![])), ("receipts", "number 1".into()));
    assert_eq!(damage(Table::Transactions, index(1), Some(vec![])), ("transactions", "number 1".into()));
    assert_eq!(damage(Table::Ids, vec![1; 32], Some(index(0))), ("ids", "01".repeat(32)));
    assert_eq!(damage(Table::Nodes, Nodes::Ledger.key(0, 0), Some(vec![1; 32])).0, "nodes");
    assert_eq!(damage(Table::Nodes, Nodes::Ledger.key(0, 9), Some(vec![1; 32])).0, "nodes");
    assert_eq!(damage(Table::Code, vec![1; 32], Some(vec![])).0, "code");
}
