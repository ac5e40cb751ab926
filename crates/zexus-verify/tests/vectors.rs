//! The examples of chain.md, byte for byte.

#![allow(clippy::unwrap_used)]

use zexus_verify::{
    Action, Checkpoint, Entry, EntryKind, Event, Hash, LedgerCheck, Log, Place, Receipt, StateProof, Status,
    StoredReceipt, Transaction, ZERO, from_hex, hash_from_hex, merkle, sha256, state, to_hex, value,
};

fn hex(text: &str) -> Vec<u8> {
    from_hex(&text.replace([' ', '\n'], "")).unwrap()
}

fn hash(text: &str) -> Hash {
    hash_from_hex(text).unwrap()
}

fn root(places: &[(&str, &str)]) -> String {
    let mut places: Vec<Place> = places.iter().map(|(k, r)| Place::new(&hex(k), &hex(r))).collect();
    places.sort_unstable();
    to_hex(&state::root(&places).unwrap())
}

const ALICE: &str = "010d616c6963655f62616c616e6365";
const BOB: &str = "010b626f625f62616c616e6365";
const BEFORE: &str = "ff7786e8e92e7ef743fb3173ba28016cb5ee28dca7dca99a1ca382acebb9848a";
const AFTER: &str = "72c1036c5c9ed72f8f3abe031af24002431e484abc321d8bda17fb9deee6cdcd";

#[test]
fn state_roots_of_4_4() {
    assert_eq!(root(&[]), to_hex(&ZERO));
    assert_eq!(
        root(&[("010178", "030101")]),
        "5379354e367f19c8a57de6e715ee47c390823159e8e227bbaea8972f6edccd65"
    );
    assert_eq!(root(&[(ALICE, "030203e8"), (BOB, "030201f4")]), BEFORE);
    assert_eq!(root(&[(ALICE, "03020384"), (BOB, "03020258")]), AFTER);
    assert_eq!(
        root(&[(ALICE, "03020384"), (BOB, "03020258"), ("010178", "030101")]),
        "6ee450a5f08f005498385f86bd0e953029797bb7954a71a6c848cd10344400e1"
    );
    let balances = "010862616c616e636573";
    let (position, entry) =
        (format!("{balances}030000000000000000"), format!("{balances}01070505616c696365"));
    assert_eq!(
        root(&[(balances, "100101"), (&position, "0505616c696365"), (&entry, "00030105")]),
        "648175bd4bef139ed37bba5530b6a2acc6e4b5eb7aff36ef8492b5c0d85bdab6"
    );
    let log = "01036c6f67";
    let (first, second) = (format!("{log}020000000000000000"), format!("{log}020000000000000001"));
    let (position, entry) = (format!("{second}030000000000000000"), format!("{second}010305016e"));
    let places =
        [(log, "1102"), (&first, "050161"), (&second, "100101"), (&position, "05016e"), (&entry, "00030101")];
    assert_eq!(root(&places), "028ad0fb5b3b68c814e6b54e2b60c3975a341fa625510b16165659a6ea53d835");
    for (key, record) in places {
        assert_eq!(zexus_verify::place::check(&hex(key), &hex(record)), Ok(()));
    }
}

#[test]
fn a_proof_of_one_of_two_places() {
    let (alice, bob) = (Place::new(&hex(ALICE), &hex("03020384")), Place::new(&hex(BOB), &hex("03020258")));
    let shared = (0..256).take_while(|d| state::bit(&alice.key, *d) == state::bit(&bob.key, *d)).count();
    let mut siblings = vec![bob.hash()];
    siblings.extend(vec![ZERO; shared]);
    let proof = StateProof { end: Some(alice), siblings };
    let root = hash(AFTER);
    assert!(proof.verify(&root, &hex(ALICE), Some(&hex("03020384"))));
    assert!(!proof.verify(&root, &hex(ALICE), Some(&hex("03020385"))));
    assert!(!proof.verify(&root, &hex(ALICE), None));
    assert!(!proof.verify(&hash(BEFORE), &hex(ALICE), Some(&hex("03020384"))));
    let longer = StateProof { siblings: [vec![ZERO], proof.siblings.clone()].concat(), ..proof.clone() };
    assert!(!longer.verify(&root, &hex(ALICE), Some(&hex("03020384"))));
    let shorter = StateProof { siblings: proof.siblings[1..].to_vec(), ..proof };
    assert!(!shorter.verify(&root, &hex(ALICE), Some(&hex("03020384"))));
}

const ENTRIES: [&str; 2] = [
    "5a584c4501000000000000000000000000000000010000018bcfe56800000000000000000000000000000000000000000000\
     0000000000000000000000000008040506616374696f6e050e746f6b656e5f7472616e73666572050466726f6d0505616c69\
     63650502746f0503626f620506616d6f756e74030164",
    "5a584c4501000000000000000100000000000000010000018bcfe56800000000000000000000000000000000000000000000\
     00000000000000000000000002080305046e616d6505057072696365050776657273696f6e030101050576616c7565080105\
     03657572030101",
];

#[test]
fn ledger_of_7_2() {
    let (first, second) = (hex(ENTRIES[0]), hex(ENTRIES[1]));
    let mut check = LedgerCheck::new();
    let entry = check.push(&first).unwrap();
    assert_eq!((entry.height, entry.time, entry.kind), (1, 1_700_000_000_000, EntryKind::Entry));
    assert_eq!(entry.encode(), first);
    assert_eq!(
        to_hex(&merkle::leaf(&first)),
        "d353e7f2b500ef2feb3278d5420eb72e6cbe61bca896c91e8859218b651f29a4"
    );
    assert_eq!(to_hex(&check.log().head), "80035b8e3b75751ff991c7a16c07fd24ffb28e4de159067212ba21ce566e1a5b");
    let entry = check.push(&second).unwrap();
    assert_eq!((entry.index, entry.kind, entry.origin), (1, EntryKind::Version, None));
    assert_eq!(
        to_hex(&merkle::leaf(&second)),
        "26cf352cc3e2aed83704bbd10f635bf182b9b521a18b23d729082172565771f5"
    );
    assert_eq!(to_hex(&check.log().head), "98db794b65bb203f8af97ddda20a20bb077e0ecf149c52b23cf54f99d8a5b775");
    assert_eq!(
        to_hex(&check.log().root()),
        "753a39d4ca54f3b16d53676f3573bf025efbad1939bb4dc2961b003744408caa"
    );
    let mut other = first;
    *other.last_mut().unwrap() = 101;
    assert_eq!(
        to_hex(&merkle::leaf(&other)),
        "1550b1bdd21503c0bd6313e5f6b8c7135ce83ec49dafc8025768fe1fdde27aa1"
    );
}

fn transaction() -> Transaction {
    let target = hex("71fd0683ffd26438ae6c77f1b92ddbf32d0e368b").try_into().unwrap();
    Transaction {
        chain: "test".into(),
        caller: "alice".into(),
        nonce: 0,
        action: Action::Call { target, action: "transfer".into() },
        args: hex("07020503626f62030164"),
        value: hex("0300"),
        gas_limit: 50_000,
    }
}

fn receipt() -> Receipt {
    Receipt {
        id: transaction().id(),
        height: 1,
        number: 0,
        time: 1_700_000_000_000,
        block_hash: ZERO,
        status: Status::Ok,
        error: String::new(),
        result: vec![value::kind::TRUE],
        gas_used: 1234,
        gas_limit: 50_000,
        schedule: 1,
        semantics: 1,
        code: sha256(&[b"example code"]),
        state: [hash(BEFORE), hash(AFTER)],
        ledger: [ZERO, ZERO],
        first_entry: 0,
        entries: 0,
        events: vec![Event {
            origin: Some(hex("71fd0683ffd26438ae6c77f1b92ddbf32d0e368b").try_into().unwrap()),
            name: "Transfer".into(),
            args: hex("07030505616c6963650503626f62030164"),
        }],
    }
}

#[test]
fn transaction_and_receipt_of_8_4() {
    let bytes = hex(
        "5a58545801047465737405616c69636500000000000000000271fd0683ffd26438ae6c77f1b92ddbf32d0e368b\
         0000000000000000000000000000000000000000000000000000000000000000087472616e7366657207020503626f62030164\
         0300000000000000c350",
    );
    assert_eq!(to_hex(&transaction().encode()), to_hex(&bytes));
    assert_eq!(Transaction::decode(&bytes), Ok(transaction()));
    assert_eq!(
        to_hex(&transaction().id()),
        "5086fe0e36428be5412d42d67fa7a10f92b4da78566ed6461d804d4e1c91adb1"
    );
    assert_eq!(to_hex(&receipt().hash()), "5e4ed8d8f2e3ad9eef776c7a53dbf73f6eca547ae914b06c660f0acda778e316");
    assert_eq!(Receipt::decode(&receipt().encode()), Ok(receipt()));
    let stored = StoredReceipt { receipt: receipt(), message: String::new(), output: "hi\n".into() };
    assert_eq!(StoredReceipt::decode(&stored.encode()), Ok(stored));
}

#[test]
fn checkpoint_of_8_5() {
    let (mut ledger, mut receipts) = (Log::new(), Log::new());
    ENTRIES.iter().for_each(|entry| ledger.push(&hex(entry)));
    receipts.push(&receipt().encode());
    let checkpoint = Checkpoint {
        chain: "test".into(),
        height: 1,
        entries: ledger.len(),
        ledger_root: ledger.root(),
        receipts: receipts.len(),
        receipt_root: receipts.root(),
        state_root: hash(AFTER),
    };
    assert_eq!(
        to_hex(&checkpoint.hash()),
        "d8c4ee040afbd570a6f2056aeb73a30c3cdcf50efb543f6a773a7b245106d574"
    );
    assert_eq!(Checkpoint::decode(&checkpoint.encode()), Ok(checkpoint));
}

#[test]
fn merkle_proofs_of_3_3() {
    let leaves: Vec<Hash> = (1..=8).map(|i| merkle::leaf(format!("tx{i}").as_bytes())).collect();
    let root = |n: usize| {
        let mut log = merkle::Frontier::default();
        leaves[..n].iter().for_each(|leaf| log.push(*leaf));
        log.root().unwrap()
    };
    assert_eq!(to_hex(&root(5)), "75ba53f5212048f6944cb3bfeb31ed9e2d73d03db6a1377ccddceedb58699812");
    assert_eq!(to_hex(&root(8)), "4f581d4aa2331b2b0153f4e8cc2bda45ca0a18783a6b7e1534a7216407713c02");
    let inclusion = [
        hash("590b66ca74e472972dbb597636981691d0615953afbe1463585eab68ccfab690"),
        hash("60e1f5f665265a8d93ed9c5dcfb5fef720cbbac3bd9b47f20acc16bc16b18e2b"),
        hash("a98fc432adca30658ad50d7f85c4ce785437dee489a330b3914903e9ef1e45e1"),
    ];
    assert!(merkle::verify_inclusion(2, 5, &leaves[2], &inclusion, &root(5)));
    let four = hash("dc53b6c71a68a3277479b5a1ea820eb52bbae145ef8fb4e97a414b2b6c670f7f");
    assert!(merkle::verify_inclusion(4, 5, &leaves[4], &[four], &root(5)));
    let consistency = [
        hash("dd92b2355c6a1ab7cb2af661b69ab3b018a3899afef119404585041d56506b8b"),
        inclusion[0],
        inclusion[1],
        inclusion[2],
    ];
    assert!(merkle::verify_consistency(3, 5, &root(3), &root(5), &consistency));
    let last = hash("ef681df6d32cdda5329024b75e0567c42dcbb43eca141ee40cc5a1374f2842c3");
    assert!(merkle::verify_consistency(4, 8, &root(4), &root(8), &[last]));

    // Forged, truncated, reordered, duplicated, and for other numbers.
    let refused = |proof: &[Hash]| assert!(!merkle::verify_inclusion(2, 5, &leaves[2], proof, &root(5)));
    refused(&inclusion[..2]);
    refused(&[]);
    refused(&[inclusion[1], inclusion[0], inclusion[2]]);
    refused(&[inclusion[0], inclusion[1], inclusion[2], inclusion[2]]);
    assert!(!merkle::verify_inclusion(3, 5, &leaves[2], &inclusion, &root(5)));
    assert!(!merkle::verify_inclusion(5, 5, &leaves[2], &inclusion, &root(5)));
    assert!(!merkle::verify_consistency(3, 5, &root(3), &root(5), &consistency[..3]));
    assert!(!merkle::verify_consistency(0, 5, &root(3), &root(5), &consistency));
    assert!(!merkle::verify_consistency(6, 5, &root(5), &root(5), &[]));
    for flipped in 0..inclusion.len() * 256 {
        let mut forged = inclusion;
        forged[flipped / 256][flipped % 256 / 8] ^= 1 << (flipped % 8);
        refused(&forged);
    }
}

#[test]
fn every_bit_of_an_entry_counts() {
    let entry = hex(ENTRIES[0]);
    let leaf = merkle::leaf(&entry);
    for bit in 0..entry.len() * 8 {
        let mut flipped = entry.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert_ne!(merkle::leaf(&flipped), leaf);
        if let Ok(read) = Entry::decode(&flipped) {
            assert_eq!(read.encode(), flipped);
        }
    }
}

#[test]
fn decoded_things_encode_to_the_same_bytes() {
    for (bytes, what) in [(transaction().encode(), 0), (receipt().encode(), 1)] {
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let again = match what {
                0 => Transaction::decode(&flipped).map(|t| t.encode()),
                _ => Receipt::decode(&flipped).map(|r| r.encode()),
            };
            assert!(again.is_err() || again == Ok(flipped));
        }
    }
}

#[test]
fn values() {
    let valid = [
        "00",
        "01",
        "02",
        "0300",
        "030101",
        "0301ff",
        "03017f",
        "03020080",
        "030180",
        "0302ff7f",
        "030200ff",
        "030203e8",
        "03087fffffffffffffff",
        "0309008000000000000000",
        "03088000000000000000",
        "043ff8000000000000",
        "048000000000000000",
        "0500",
        "0505616c696365",
        "0503e4b896",
        "060200ff",
        "070303010105016100",
        "0800",
        "080205016103010103010202",
        "0b00010a",
        "0c00060a24181e4000",
        "09097368617065732e7a7805506f696e740201780301010179030102",
        "0a71fd0683ffd26438ae6c77f1b92ddbf32d0e368b",
        "0d0545303530310007",
    ];
    for text in valid {
        assert_eq!(value::check(&hex(text)), Ok(()), "{text}");
    }
    let refused = |text: &str, why| assert_eq!(value::check(&hex(text)).map_err(|e| e.0), Err(why), "{text}");
    refused("", "it is cut off");
    refused("0000", "bytes are left over");
    refused("030100", "a long integer");
    refused("03020001", "a long integer");
    refused("0302ffff", "a long integer");
    refused("03810001", "a long varint");
    refused("047ff8000000000000", "a float that is not finite");
    refused("0501ff", "text that is not UTF-8");
    refused("0802010101 00", "a map key occurs twice");
    refused("08010001", "a map key that is none");
    refused("0b010100", "a range that is none");
    refused("0d0445303530 0007", "an error code that is none");
    refused("0e00", "an unknown kind");
    refused("100101", "an unknown kind");
    refused("07ffffffffffffffffff01", "it is cut off");
    assert_eq!(value::check(&[[7, 1].repeat(63), vec![0]].concat()), Ok(()));
    refused(&format!("{}00", "0701".repeat(64)), "more than 64 levels");
    let int = |bytes: Vec<u8>| {
        let mut out = vec![3];
        zexus_verify::bytes::put_seg(&mut out, &bytes);
        value::check(&out).map_err(|e| e.0)
    };
    let (first, last) = ([vec![0], vec![0xff; 512]].concat(), [vec![0xff], vec![0; 511], vec![1]].concat());
    assert_eq!((int(first), int(last)), (Ok(()), Ok(())));
    let beyond = Err("an integer beyond 4096 bits");
    assert_eq!(int([vec![0xff], vec![0; 512]].concat()), beyond);
    assert_eq!((int(vec![1; 513]), int([vec![0], vec![0x80; 513]].concat())), (beyond, beyond));
}

#[test]
fn content_hash_of_a_module() {
    // bytecode.md 3.3 and 3.6.
    let file =
        hex("895a58430d0a1a0a01000000010d0000000403010a050178030114050179021900000001046d61696e0100000000\
         070100030101020303020102030a31a675305273453ebfa1a95862f2020a28bca7bcc9bbb9e275c5b47d2bba5c78");
    let hash = zexus_verify::module::content_hash(&file).map(|hash| to_hex(&hash));
    assert_eq!(hash.unwrap(), "960de20e7aaede838244238c460d19e90734b8ddd3f4abd4932fd66a5ad84d59");
    for bit in 0..file.len() * 8 {
        let mut flipped = file.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(zexus_verify::module::content_hash(&flipped).is_err());
    }
}
