//! Chains, ledgers, replays and keys from the command line.

use super::{files, zexus, zexus_in};

const BANK: &str = r#"
contract Bank {
    state balances = {}
    event Moved(to, n)
    action init(who, n) { balances[who] = n }
    action transfer(to, n) {
        require((balances[TX.caller] ?? 0) >= n, "no funds")
        balances[TX.caller] = balances[TX.caller] - n
        balances[to] = (balances[to] ?? 0) + n
        emit Moved(to, n)
        ledger_append({to: to, n: n})
        print("moved", n)
        return balances[to]
    }
    view action balance(who) { return balances[who] ?? 0 }
}"#;

fn bank() -> (tempfile::TempDir, String) {
    let dir = files(&[("bank.zx", BANK)]);
    let ran = zexus_in(
        dir.path(),
        &["chain", "deploy", "--state", "s.redb", "--time", "1000", "bank.zx", "Bank", "alice", "100"],
        b"",
    );
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{ran:?}");
    let address = ran.out.trim().to_owned();
    assert!(address.len() == 42 && address.starts_with("0x"), "{address}");
    (dir, address)
}

#[test]
fn a_chain_lives_in_a_file() {
    let (dir, bank) = bank();
    let run = |args: &[&str]| {
        let args: Vec<&str> = args.iter().map(|arg| if *arg == "BANK" { &*bank } else { arg }).collect();
        zexus_in(dir.path(), &args, b"")
    };
    let call = ["chain", "call", "--state", "s.redb", "--caller", "alice", "BANK", "transfer", "bob", "30"];
    run(&call).expect(0, "moved 30\n30\n", &[]);
    run(&["chain", "query", "--state", "s.redb", "BANK", "balance", "bob"]).expect(0, "30\n", &[]);
    run(&["chain", "call", "--state", "s.redb", "--caller", "eve", "BANK", "transfer", "bob", "1"]).expect(
        1,
        "",
        &["error[E0501]: Requirement failed: no funds"],
    );
    run(&["chain", "query", "--state", "s.redb", "BANK", "nothing"]).expect(
        1,
        "",
        &["error[E0515]: Action 'nothing' not found in contract Bank"],
    );
    let address = bank.trim_start_matches("0x");
    run(&["chain", "events", "--state", "s.redb"]).expect(0, &format!("1 {bank} Moved[\"bob\",30]\n"), &[]);
    run(&["ledger", "show", "--state", "s.redb"]).expect(
        0,
        &format!("0 entry {bank} {{\"n\":30,\"to\":\"bob\"}}\n"),
        &[],
    );
    let state = run(&["chain", "state", "--state", "s.redb", "--of", "BANK"]);
    assert_eq!(state.code, Some(0));
    for line in [
        format!("0x{address}.balances = \"map of 2\"\n"),
        format!("0x{address}.balances[\"alice\"] = 70\n"),
        format!("0x{address}.balances[\"bob\"] = 30\n"),
    ] {
        assert!(state.out.contains(&line), "no {line:?} in {}", state.out);
    }
    let tx = run(&["chain", "tx", "--state", "s.redb", "--json", "1"]);
    for part in ["\"status\":\"Ok\"", "\"caller\":\"alice\"", "\"result\":30", "\"output\":\"moved 30\\n\""] {
        assert!(tx.out.contains(part), "no {part} in {}", tx.out);
    }
    run(&["chain", "tx", "--state", "s.redb", "99"]).expect(2, "", &["error: there is no transaction 99"]);
    let verified = run(&["ledger", "verify", "--state", "s.redb"]);
    assert!(verified.out.starts_with("verified\nentries     1\nreceipts    3\n"), "{verified:?}");
    let proof = run(&["ledger", "prove", "--state", "s.redb", "0"]);
    assert!(proof.out.starts_with("zexus-verify inclusion 0 1 "), "{proof:?}");
    run(&["ledger", "prove", "--state", "s.redb", "7"]).expect(
        2,
        "",
        &["error: the ledger has 1 entries, none of index 7"],
    );
    let all = "3 receipts came out as recorded\n";
    run(&["replay", "all", "--state", "s.redb"]).expect(0, all, &[]);
    run(&["replay", "all", "--state", "s.redb", "--tier", "0", "--source", "bank.zx"]).expect(0, all, &[]);
    run(&["replay", "1", "--state", "s.redb", "--json"]).expect(
        0,
        "{\"receipts\":2,\"same\":true,\"taken\":0,\"tier\":1}\n",
        &[],
    );
    run(&["replay", "all", "--state", "s.redb", "--tier", "0"]).expect(
        2,
        "",
        &["error: no source text was given"],
    );
    let exported = run(&["ledger", "export", "--state", "s.redb", "all.zxex"]);
    let file = std::fs::read(dir.path().join("all.zxex")).unwrap();
    assert!(zexus_verify::verify_export(&file).is_ok());
    assert_eq!(exported.out.trim(), zexus_verify::to_hex(file.split_last_chunk::<32>().unwrap().1));
}

#[test]
fn what_cannot_be_done_is_said() {
    let (dir, bank) = bank();
    let run = |args: &[&str]| zexus_in(dir.path(), args, b"");
    let missing = ["chain", "query", "--state", "none.redb", &bank, "balance", "x"];
    run(&missing).expect(2, "", &["error: there is no store none.redb"]);
    run(&["chain", "call", "--state", "s.redb", "0x12", "f"]).expect(
        2,
        "",
        &["error: '0x12' is no address: 0x and 40 hex digits"],
    );
    run(&["chain", "call", "--state", "s.redb", "--chain", "other", &bank, "f"]).expect(
        2,
        "",
        &["error: the store is that of chain 'main', not 'other'"],
    );
    run(&["chain", "call", "--state", "s.redb", "--time", "5", &bank, "f"]).expect(
        2,
        "",
        &["error: height or time of the block lies before that of the last one"],
    );
    run(&["chain", "call", "--state", "s.redb", "--gas-limit", "7", &bank, "f"]).expect(
        2,
        "",
        &["error: the gas limit is 7, it must be from "],
    );
    std::fs::write(dir.path().join("broken.redb"), "no store at all, whatever its name says").unwrap();
    run(&["ledger", "verify", "--state", "broken.redb"]).expect(2, "", &["error: "]);
    std::fs::write(dir.path().join("fails.zx"), "1 / 0").unwrap();
    run(&["chain", "deploy", "--state", "s.redb", "fails.zx", "C"]).expect(
        2,
        "",
        &["error: the top level of the module fails: E0405: Division by zero"],
    );
    // Somebody who has the store open keeps others from writing.
    let held = zexus_chain::DiskStore::open(dir.path().join("s.redb"), "main").unwrap();
    run(&["chain", "call", "--state", "s.redb", &bank, "f"]).expect(
        2,
        "",
        &["error: store 's.redb' is in use by another process"],
    );
    drop(held);
    run(&["replay", "all", "--state", "s.redb"]).expect(0, "1 receipts came out as recorded\n", &[]);
}

#[test]
fn programs_keep_their_state_in_a_file() {
    let text = r#"
        persistent storage runs = 0
        ledger price = 1
        state scratch = 1
        runs = runs + 1
        tx { price = runs * 10  scratch = 2 }
        print(runs, price.history().map(v => v.value))
        if runs == 2 { tx { runs = 77  throw "stops" } }"#;
    let dir = files(&[("count.zx", text)]);
    let run = |args: &[&str]| zexus_in(dir.path(), args, b"");
    let again = ["run", "--state", "s.redb", "--time", "1000", "count.zx"];
    run(&again).expect(0, "1 [1, 10]\n", &[]);
    run(&again).expect(1, "2 [1, 10, 20]\n", &["Uncaught: stops"]);
    run(&again).expect(0, "3 [1, 10, 20, 30]\n", &[]);
    let state = run(&["chain", "state", "--state", "s.redb"]);
    assert!(state.out.contains("runs = 3\n"), "{}", state.out);
    assert!(!state.out.contains("scratch"), "{}", state.out);
    let verified = run(&["ledger", "verify", "--state", "s.redb"]);
    assert!(verified.out.starts_with("verified\nentries     4\nreceipts    0\n"), "{verified:?}");
}

#[test]
fn keys_sign_and_verify() {
    for alg in ["ed25519", "secp256k1", "p256"] {
        let made = zexus(&["key", "new", "--alg", alg, "--json"]);
        let keys: serde_json::Value = serde_json::from_str(&made.out).unwrap();
        let text = |name: &str| keys[name].as_str().unwrap().to_owned();
        let dir = files(&[("key", &text("private_key"))]);
        let signed = zexus_in(dir.path(), &["key", "sign", "--alg", alg, "--key", "key", "hello"], b"");
        assert_eq!(signed.code, Some(0), "{signed:?}");
        let (public, signature) = (text("public_key"), signed.out.trim().to_owned());
        let check = |message| zexus(&["key", "verify", "--key", &public, "--signature", &signature, message]);
        check("hello").expect(0, "valid\n", &[]);
        check("hallo").expect(1, "not valid\n", &[]);
    }
    let dir = files(&[("key", "nonsense")]);
    let refused = zexus_in(dir.path(), &["key", "sign", "--key", "key", "hello"], b"");
    assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""));
    assert!(refused.err.starts_with("error: "), "{refused:?}");
    zexus(&["key", "verify", "--key", "zz", "--signature", "zz", "x"]).expect(1, "not valid\n", &[]);
}
