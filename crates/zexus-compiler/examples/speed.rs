//! How fast the compiler is: `cargo run --release --example speed [megabytes]`.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::time::Instant;

use zexus_compiler::compile;
use zexus_hir::{BuiltinSig, Externs, Loaded, NoFiles, lower_program};
use zexus_syntax::SourceMap;

/// A piece of an ordinary program; `@` is a number.
const PIECE: &str = r#"
// Adds up what the accounts hold and reports what is missing.
action total@(accounts, limit = 100) {
    let sum = 0
    let missing = []
    for account in accounts {
        if account.balance < 0 || account.closed {
            missing.push(account.name)
            continue
        }
        sum += account.balance * account.rate + 1
        if sum > limit && !account.ignored {
            print("over the limit: ${account.name} has ${account.balance}")
            break
        }
    }
    return {sum: sum, missing: missing, average: sum / len(accounts)}
}

data Account@ {
    name: string
    balance: int = 0
    rate = 1.5
    action deposit(amount) {
        require(amount > 0, "nothing to deposit")
        this.balance = this.balance + amount
        return this.balance
    }
}

contract Token@ {
    persistent storage balances = {}
    state supply: int = 0
    action transfer(from, to, amount) {
        let held = balances.get(from, 0)
        require(held >= amount, "too little")
        balances[from] = held - amount
        balances[to] = balances.get(to, 0) + amount
        supply += amount
        emit Transfer(from, to, amount)
        return true
    }
}

let list@ = [1, 2, 3, 4].map(x => x * 2)
let i@ = 0
while i@ < 10 {
    i@ += 1
    try {
        let found = match list@[i@] { case 2: "two" case 4: "four" case n if n > 5: "many" case _: "none" }
        print(found, total@([Account@("a", 5)]))
    } catch (e) {
        print("failed:", e.message)
    }
}
"#;

fn main() {
    let megabytes: usize = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(4);
    let mut source = String::new();
    let mut n = 0;
    while source.len() < megabytes << 20 {
        source.push_str(&PIECE.replace('@', &n.to_string()));
        n += 1;
    }
    let sig = |name: &str| BuiltinSig { names: vec![name.to_owned()], min: 0, max: None };
    let externs = Externs { builtins: vec![sig("print"), sig("len")], ..Externs::default() };
    let mut sources = SourceMap::new();
    let file = sources.add("main.zx", source.clone());
    let main = Loaded { path: "main.zx".into(), text: source.as_str().into(), file };
    let start = Instant::now();
    let lowered = lower_program(main, &externs, &mut NoFiles);
    let front = start.elapsed();
    let program = lowered.program.unwrap();
    let start = Instant::now();
    let compiled = compile(&program, &externs, &sources).unwrap();
    let back = start.elapsed();
    let module = &compiled.modules[0].module;
    let instructions: usize = module.functions.iter().map(|f| f.code.len()).sum();
    let rate = source.len() as f64 / 1e6 / back.as_secs_f64();
    println!("{} bytes, {} functions, {instructions} instructions", source.len(), module.functions.len());
    println!("front end {front:.1?}, compiler {back:.1?}, {rate:.1} MB/s");
}
