//! What transactions do on the engine: results, receipts, state, and that one sees nothing of another but the state.

#![allow(clippy::unwrap_used, clippy::panic)]

use zexus::{Data, Engine};
use zexus_chain::{
    Action, BlockFacts, Chain, ChainError, CodeError, Sender, Status, StoredReceipt, Unacceptable,
    data::decode,
};

const TIME: i64 = 1_700_000_000_000;

fn facts(height: u64) -> BlockFacts {
    BlockFacts { height, time: TIME + height as i64, hash: [7; 32] }
}

fn sender(name: &str) -> Sender {
    Sender::new(name, facts(1))
}

struct World {
    chain: Chain,
    code: [u8; 32],
}

fn publish(text: &str) -> World {
    let engine = Engine::new();
    let program = engine.compile(text).unwrap_or_else(|e| panic!("{e}"));
    let mut chain = Chain::in_memory("test", engine).unwrap();
    let code =
        chain.publish_module(facts(1), program.main_module().unwrap()).unwrap_or_else(|e| panic!("{e}"));
    World { chain, code }
}

impl World {
    fn make(&mut self, contract: &str, args: &[Data]) -> [u8; 20] {
        self.chain.deploy(&sender("alice"), &self.code, contract, args).unwrap_or_else(|e| panic!("{e}"))
    }

    fn call(&mut self, who: &str, target: &[u8; 20], action: &str, args: &[Data]) -> StoredReceipt {
        self.chain.call(&sender(who), target, action, args).unwrap_or_else(|e| panic!("{e}"))
    }

    /// Result or error of a call.
    fn shown(&mut self, target: &[u8; 20], action: &str, args: &[Data]) -> String {
        shown(&self.call("bob", target, action, args))
    }
}

fn shown(receipt: &StoredReceipt) -> String {
    match receipt.receipt.status {
        Status::Ok => format!("{:?}", decode(&receipt.receipt.result).unwrap()),
        status => format!("{status:?} {}: {}", receipt.receipt.error, receipt.message),
    }
}

const BANK: &str = r#"
contract Bank {
    state balances = {}
    state total = 0
    event Moved(from, to, n)
    action init(who, n) { balances[who] = n  total = n }
    action transfer(to, n) {
        let from = TX.caller
        require((balances[from] ?? 0) >= n, "no funds")
        balances[from] = balances[from] - n
        balances[to] = (balances[to] ?? 0) + n
        emit Moved(from, to, n)
        ledger_append({to: to, n: n})
        print("moved", n)
        return balances[to]
    }
    view action balance(who) { return balances[who] ?? 0 }
    action fails(how) {
        total = 99
        print("before")
        if how == "revert" { revert("because") }
        if how == "throw" { throw {a: 1} }
        if how == "loop" { while true { } }
        if how == "deep" { return this.fails("deep") }
        if how == "memory" { let x = [1]  while true { x = x + x } }
        return 1 / 0
    }
    private action hidden() { return 1 }
    action total_now() { return total }
    action facts() { return [TX.caller, TX.origin, TX.value, TX.timestamp, TX.height, TX.block_hash, TX.id] }
    payable action pay() { return TX.value }
}
"#;

#[test]
fn a_transfer_leaves_receipt_ledger_entry_event_and_state() {
    let mut w = publish(BANK);
    let bank = w.make("Bank", &["alice".into(), Data::Int(100)]);
    let done = w.call("alice", &bank, "transfer", &["bob".into(), Data::Int(30)]);
    let r = &done.receipt;
    assert_eq!(
        (r.status, r.error.as_str(), &*done.message, &*done.output),
        (Status::Ok, "", "", "moved 30\n")
    );
    assert_eq!(decode(&r.result), Ok(Data::Int(30)));
    assert_eq!((r.height, r.number, r.time, r.block_hash), (1, 0, TIME + 1, [7; 32]));
    assert_eq!((r.first_entry, r.entries, r.events.len(), r.schedule, r.semantics), (0, 1, 1, 1, 1));
    assert_eq!((r.code, r.events[0].origin, &*r.events[0].name), (w.code, Some(bank), "Moved"));
    assert!(r.state[0] != r.state[1] && r.ledger[0] == [0; 32] && r.ledger[1] != [0; 32]);
    let balance =
        |w: &mut World, who: &str| w.chain.query(&sender("x"), &bank, "balance", &[who.into()]).unwrap();
    assert_eq!((balance(&mut w, "alice"), balance(&mut w, "bob")), (Data::Int(70), Data::Int(30)));
    let snapshot = w.chain.snapshot().unwrap();
    snapshot.verify().unwrap();
    assert_eq!((snapshot.head().receipts, snapshot.head().entries, w.chain.nonce("alice")), (2, 1, Ok(2)));
}

#[test]
fn whatever_a_transaction_does_is_in_its_receipt() {
    let mut w = publish(BANK);
    let bank = w.make("Bank", &["alice".into(), Data::Int(100)]);
    for (how, expected) in [
        ("revert", "Reverted E0503: Transaction reverted: because"),
        ("throw", "Error E0428: {a: 1}"),
        ("loop", "OutOfGas E0504: Out of gas: used 100000000/100000000"),
        ("memory", "Fatal E0430: memory limit reached"),
        ("deep", "Fatal E0429: Stack overflow"),
        ("other", "Error E0405: Division by zero"),
    ] {
        let receipt = w.call("bob", &bank, "fails", &[how.into()]);
        let found = shown(&receipt);
        if how == "loop" {
            assert!(found.starts_with("OutOfGas E0504: Out of gas: used 1000000"), "{found}");
            assert_eq!(receipt.receipt.gas_used, 100_000_000);
        } else {
            assert_eq!(found, expected);
        }
        assert_eq!((receipt.output.starts_with("before\n"), receipt.receipt.entries), (true, 0));
        assert_eq!(w.shown(&bank, "total_now", &[]), "Int(100)");
    }
    for (action, args, expected) in [
        ("none", vec![], "Error E0515: Action 'none' not found in contract Bank"),
        ("hidden", vec![], "Error E0506: action 'hidden' is private"),
        ("transfer", vec![], "Error E0404: transfer expects 2 arguments, got 0"),
    ] {
        assert_eq!(w.shown(&bank, action, &args), expected);
    }
    let nowhere = w.shown(&[9; 20], "f", &[]);
    assert_eq!(nowhere, format!("Error E0515: no contract instance at 0x{}", "09".repeat(20)));
    let unknown = w.chain.deploy(&sender("alice"), &w.code, "Nothing", &[]);
    let message = "the module declares no contract 'Nothing'".to_owned();
    assert_eq!(unknown, Err(ChainError::Failed { code: "E0515".into(), message }));
    w.chain.snapshot().unwrap().verify().unwrap();
}

#[test]
fn facts_and_values_come_from_the_block_and_the_sender() {
    let mut w = publish(BANK);
    let bank = w.make("Bank", &["alice".into(), Data::Int(1)]);
    let receipt = w.call("carol", &bank, "facts", &[]);
    let id = zexus_verify::to_hex(&receipt.receipt.id);
    let Data::List(found) = decode(&receipt.receipt.result).unwrap() else { panic!("expected a list") };
    let text = |s: &str| Data::Str(s.to_owned());
    let expected = [
        text("carol"),
        text("carol"),
        Data::Int(0),
        Data::Int(TIME / 1000),
        Data::Int(1),
        text(&"07".repeat(32)),
        text(&id),
    ];
    assert_eq!(found, expected);
    let mut rich = sender("carol");
    rich.value = 5;
    assert_eq!(shown(&w.chain.call(&rich, &bank, "pay", &[]).unwrap()), "Int(5)");
    let refused = w.chain.call(&rich, &bank, "total_now", &[]).unwrap();
    assert_eq!(shown(&refused), "Error E0508: 'total_now' is not payable");
}

#[test]
fn nothing_but_state_goes_from_one_transaction_to_the_next() {
    let mut w = publish(
        r#"
        let calls = 0
        let seen = []
        data Thing { n: int }
        action count() { calls = calls + 1  return calls }
        contract C {
            state n = 0
            action variables() { seen.push(1)  return [count(), len(seen)] }
            action once() { exactly HERE { return "first" }  return "again" }
            action fresh() { data Local { x }  return Local(1).x }
            action math() { n = n + 1  return n }
        }"#,
    );
    let c = w.make("C", &[]);
    for _ in 0..3 {
        assert_eq!(w.shown(&c, "variables", &[]), "List([Int(1), Int(1)])");
        assert_eq!(w.shown(&c, "once", &[]), "Str(\"first\")");
        assert_eq!(w.shown(&c, "fresh", &[]), "Int(1)");
    }
    for n in 1..4 {
        assert_eq!(w.shown(&c, "math", &[]), format!("Int({n})"));
    }
    // The same transactions in one block give the same receipts but for their numbers.
    let one = |chain: &mut Chain, n: u64| {
        let action = Action::Call { target: c, action: "variables".into() };
        let mut t = chain.transaction(&sender("dora"), action, &[]).unwrap();
        t.nonce += n;
        t
    };
    let block = (0..5).map(|n| one(&mut w.chain, n)).collect();
    let done = w.chain.execute(facts(2), block).unwrap();
    let results: Vec<String> = done.iter().map(|r| shown(r.as_ref().unwrap())).collect();
    assert_eq!(results, vec!["List([Int(1), Int(1)])"; 5]);
    assert_eq!(done.iter().map(|r| r.as_ref().unwrap().receipt.number).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
}

#[test]
fn programs_run_as_transactions() {
    let mut w = publish(
        r#"
        persistent storage total = 0
        state scratch = 1
        total = total + scratch
        scratch = 5
        ledger price = 0
        price = total
        print("total", total)
        [total, price.history().map(v => v.value)]"#,
    );
    let sender = sender("alice");
    let code = w.code;
    let first = w.chain.run(&sender, &code, &[]).unwrap();
    assert_eq!(
        (shown(&first).as_str(), &*first.output),
        ("List([Int(1), List([Int(0), Int(1)])])", "total 1\n")
    );
    let second = w.chain.run(&sender, &code, &[]).unwrap();
    assert_eq!(shown(&second), "List([Int(2), List([Int(0), Int(1), Int(2)])])");
    assert_eq!((second.receipt.first_entry, second.receipt.entries), (2, 1));
    w.chain.snapshot().unwrap().verify().unwrap();
}

#[test]
fn simulations_and_queries_leave_no_trace() {
    let mut w = publish(BANK);
    let bank = w.make("Bank", &["alice".into(), Data::Int(100)]);
    let head = *w.chain.head();
    let alice = sender("alice");
    let action = Action::Call { target: bank, action: "transfer".into() };
    let transfer = w.chain.transaction(&alice, action, &["bob".into(), Data::Int(30)]).unwrap();
    let simulated = w.chain.simulate(facts(1), transfer.clone()).unwrap();
    assert_eq!(shown(&simulated), "Int(30)");
    assert_eq!(w.chain.query(&alice, &bank, "balance", &["bob".into()]), Ok(Data::Int(0)));
    assert_eq!(w.chain.query(&alice, &bank, "transfer", &["bob".into(), Data::Int(1)]), Ok(Data::Int(1)));
    assert_eq!(*w.chain.head(), head);
    let done = w.chain.execute(facts(1), vec![transfer]).unwrap().pop().unwrap().unwrap();
    assert_eq!(done, simulated);
    assert_eq!(
        w.chain.query(&alice, &bank, "transfer", &["bob".into(), Data::Int(1000)]),
        Err(ChainError::Failed { code: "E0501".into(), message: "Requirement failed: no funds".into() })
    );
}

#[test]
fn what_is_not_acceptable_is_not_executed() {
    let mut w = publish(BANK);
    let bank = w.make("Bank", &["alice".into(), Data::Int(100)]);
    let action = Action::Call { target: bank, action: "total_now".into() };
    let good = w.chain.transaction(&sender("bob"), action, &[]).unwrap();
    let mut check = |change: &dyn Fn(&mut zexus_chain::Transaction), expected: &str| {
        let mut bad = good.clone();
        change(&mut bad);
        let done = w.chain.execute(facts(1), vec![bad]).unwrap().pop().unwrap();
        assert_eq!(done.unwrap_err().to_string(), expected);
    };
    check(&|t| t.nonce = 4, "the next nonce of 'bob' is 0, not 4");
    check(&|t| t.chain = "other".into(), "the transaction is for chain 'other'");
    check(&|t| t.gas_limit = 10, "the gas limit is 10, it must be from 1194 to 100000000");
    check(
        &|t| t.gas_limit = u64::MAX,
        "the gas limit is 18446744073709551615, it must be from 1194 to 100000000",
    );
    check(&|t| t.args = vec![9], "the transaction is malformed: no list");
    check(
        &|t| t.value = vec![3, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0],
        "the transaction cannot be executed: the value is above 2^64-1",
    );
    let unknown = Action::Run([3; 32]);
    let run = w.chain.transaction(&sender("bob"), unknown, &[]).unwrap();
    let done = w.chain.execute(facts(1), vec![run]).unwrap().pop().unwrap();
    assert_eq!(done, Err(Unacceptable::Code([3; 32])));
    assert_eq!(w.chain.head().receipts, 1);
    assert_eq!(w.chain.execute(facts(0), vec![]), Err(ChainError::Earlier));
}

#[test]
fn modules_that_do_not_load_are_not_published() {
    let engine = Engine::new();
    let mut chain = Chain::in_memory("test", engine.clone()).unwrap();
    let mut check = |text: &str, expected: &str| {
        let program = engine.compile(text).unwrap();
        let error = chain.publish_module(facts(1), program.main_module().unwrap()).unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    check("1 / 0", "the top level of the module fails: E0405: Division by zero");
    check("while true { }", "the top level of the module fails: E0504: Out of gas: used 10000002/10000000");
    let refused = chain.publish(facts(1), b"nonsense");
    assert_eq!(refused.unwrap_err().to_string(), "the transaction is malformed: it is cut off");
    let _ = CodeError::Unknown([0; 32]);
}
