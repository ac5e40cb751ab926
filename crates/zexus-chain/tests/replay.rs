//! Replay: what is recorded comes out again on both tiers, to the byte; what was changed is named.
//!
//! The long form, of 100,000 transactions: `cargo test -r -p zexus-chain --test replay -- --ignored --nocapture`.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use zexus::{Data, Engine};
use zexus_chain::{
    Action, BlockFacts, Chain, How, MemoryStore, ReplayError, Replayed, Sender, Store, Table, Transaction,
    data::encode_args, encode_u64, replay,
};

/// Every way in which a transaction can end, and every kind of effect.
const SHOP: &str = r#"
data Order { item: string, n: int }
contract Shop {
    state balances = {}
    state orders = []
    state sold = {}
    ledger price = 10
    event Sold(who, order)
    action init() { balances["c0"] = 1000 }
    action fund(who, n) { balances[who] = (balances[who] ?? 0) + n  return balances[who] }
    action buy(item, n) {
        let who = TX.caller
        require((balances[who] ?? 0) >= n * price, "no funds")
        balances[who] = balances[who] - n * price
        sold[item] = (sold[item] ?? 0) + n
        let order = Order(item, n)
        orders.push(order)
        emit Sold(who, order)
        ledger_append({who: who, item: item, n: n, at: TX.timestamp})
        if sold[item] % 7 == 0 { price = price + 1 }
        return order
    }
    action settle() {
        let total = 0
        for each order in orders { total = total + order.n }
        while len(orders) > 3 { orders.pop() }
        return [total, len(price.history()), hash(total)]
    }
    action fails(n) {
        sold["x"] = n
        if n % 4 == 0 { revert("no") }
        if n % 4 == 1 { throw {n: n} }
        if n % 4 == 2 { return n / 0 }
        tx { sold["y"] = n  throw "out of tx" }
    }
    action burns() { sold["z"] = 1  while true { } }
    view action audit_all() { return [sold, balances.keys()] }
}"#;

fn facts(height: u64) -> BlockFacts {
    BlockFacts { height, time: 1_700_000_000_000 + 1000 * height as i64, hash: [height as u8; 32] }
}

/// A chain of about `count` transactions in blocks.
fn chain(store: Arc<dyn Store>, count: u64) -> Chain {
    let engine = Engine::new();
    let program = engine.compile(SHOP).unwrap();
    let mut chain = Chain::open(store, engine).unwrap();
    let code = chain.publish_module(facts(0), program.main_module().unwrap()).unwrap();
    let shop = chain.deploy(&Sender::new("owner", facts(0)), &code, "Shop", &[]).unwrap();
    let mut height = 1;
    let mut block = Vec::new();
    let name = chain.name().to_owned();
    for n in 0..count {
        let s = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let item = Data::Str(format!("item{}", s % 13));
        let caller = format!("c{}", n % 10);
        let (action, args, gas_limit) = match s % 16 {
            0 | 1 => ("fund", vec![Data::Str(caller.clone()), Data::Int(500)], 100_000),
            2 => ("fails", vec![Data::Int(s as i64 / 16)], 100_000),
            3 if n % 50 == 3 => ("burns", vec![], 20_000),
            4 => ("settle", vec![], 1_000_000),
            5 => ("audit_all", vec![], 1_000_000),
            6 => ("nothing", vec![], 100_000),
            _ => ("buy", vec![item, Data::Int(1 + s as i64 % 3)], 100_000),
        };
        block.push(Transaction {
            chain: name.clone(),
            caller,
            nonce: n / 10,
            action: Action::Call { target: shop, action: action.to_owned() },
            args: encode_args(&args).unwrap(),
            value: encode_u64(0),
            gas_limit,
        });
        if block.len() as u64 == 1 + height % 20 * 10 || n + 1 == count {
            let done = chain.execute(facts(height), std::mem::take(&mut block)).unwrap();
            assert_eq!(done.iter().find_map(|r| r.as_ref().err()), None);
            height += 1;
        }
    }
    chain
}

fn same_on_both_tiers(count: u64) -> [Replayed; 2] {
    let chain = chain(Arc::new(MemoryStore::new("shop")), count);
    let snapshot = chain.snapshot().unwrap();
    let run = |how: &How| {
        let begun = std::time::Instant::now();
        let done = replay(&snapshot, Engine::new(), how, u64::MAX, &mut |_| {}).unwrap();
        let time = begun.elapsed();
        let text =
            format!("{} receipts in {:.1} s, {} taken\n", done.receipts, time.as_secs_f64(), done.taken);
        std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes()).unwrap();
        done
    };
    [run(&How::Vm), run(&How::Evaluator(vec![SHOP.to_owned()]))]
}

#[test]
fn both_tiers_give_the_recorded_receipts() {
    let [vm, evaluator] = same_on_both_tiers(1500);
    assert_eq!(vm, Replayed { receipts: 1501, taken: 0 });
    assert_eq!(evaluator.receipts, 1501);
    assert!((1..50).contains(&evaluator.taken), "{evaluator:?}");
}

#[test]
#[ignore = "takes long"]
fn a_hundred_thousand_transactions_give_the_recorded_receipts_on_both_tiers() {
    let [vm, evaluator] = same_on_both_tiers(100_000);
    assert_eq!((vm.receipts, vm.taken, evaluator.receipts), (100_001, 0, 100_001));
}

#[test]
fn the_first_difference_is_named() {
    let store = Arc::new(MemoryStore::new("shop"));
    let chain = chain(store.clone(), 60);
    let snapshot = chain.snapshot().unwrap();
    let head = *snapshot.head();
    let number = (0..61).find(|n| snapshot.receipt(*n).unwrap().unwrap().receipt.events.len() == 1).unwrap();
    let check = |change: &dyn Fn(&mut zexus_chain::StoredReceipt), field: &str| {
        let original = snapshot.receipt(number).unwrap().unwrap();
        let mut changed = original.clone();
        change(&mut changed);
        let put = |receipt: &zexus_chain::StoredReceipt, from: u64, to: u64| {
            let mut batch = zexus_chain::Batch::default();
            batch.put(Table::Receipts, number.to_be_bytes(), receipt.encode());
            let with = |height| zexus_chain::Head { height, ..head };
            store.commit(&with(from), &with(to), batch).unwrap();
        };
        // The store moves between two heads; nothing looks at the height here.
        put(&changed, head.height, head.height + 1);
        put(&changed, head.height + 1, head.height);
        let forged = chain.snapshot().unwrap();
        match replay(&forged, Engine::new(), &How::Vm, u64::MAX, &mut |_| {}) {
            Err(ReplayError::Differs { number: n, field: f, .. }) => assert_eq!((n, f), (number, field)),
            other => panic!("{field}: {other:?}"),
        }
        put(&original, head.height, head.height + 1);
        put(&original, head.height + 1, head.height);
    };
    check(&|r| r.receipt.gas_used += 1, "the gas used");
    check(&|r| r.receipt.state[1][0] ^= 1, "the state roots");
    check(&|r| r.receipt.ledger[1][0] ^= 1, "the ledger heads");
    check(&|r| r.receipt.events.clear(), "the events");
    check(&|r| r.message.push('x'), "the message");
    check(&|r| r.output.push('x'), "the output");
    assert!(replay(&chain.snapshot().unwrap(), Engine::new(), &How::Vm, u64::MAX, &mut |_| {}).is_ok());
    let unknown = replay(&snapshot, Engine::new(), &How::Evaluator(Vec::new()), 1, &mut |_| {});
    assert!(matches!(unknown, Err(ReplayError::NoSource(_))), "{unknown:?}");
}
