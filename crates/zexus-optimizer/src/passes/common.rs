//! Pass 3: numbers that were computed before in the block (bytecode.md 6.7).

use std::collections::HashMap;

use zexus_bytecode::{Instruction, Opcode};

use super::Context;
use crate::code::{Code, Slot};
use crate::facts::{Facts, Kind, is_operator};
use crate::pool::Pool;
use crate::stats::Pass;

type Key = (Instruction, Instruction, Opcode);

/// Where the result of a computation was stored, and the state of all that it depends on.
struct Stored {
    store: Instruction,
    calls: u32,
    versions: [u32; 3],
}

pub(crate) fn run(context: &mut Context, code: &mut Code) -> u64 {
    let mut writer = context.writer(code, Pass::CommonSubexpressions);
    let wrong = context.is_wrong(Pass::CommonSubexpressions);
    let mut known: HashMap<Key, Stored> = HashMap::new();
    let Context { pool, names, vars, metered, .. } = &mut *context;
    let mut facts = Facts::new(names, vars, pool);
    while let Some(slot) = writer.read() {
        if writer.at_head() {
            facts.start_block();
            known.clear();
        }
        if slot.op() == Opcode::StoreName
            && let Some([a, b, op]) = writer.window()
            && comparable(&facts, pool, [a, b, op], *metered)
        {
            facts.step(slot.instruction, pool);
            let key = (a.instruction, b.instruction, op.op());
            let store = slot.instruction;
            let itself =
                [a, b].map(|load| load.op() == Opcode::LoadName && load.instruction.first() == store.first());
            if itself == [false, false] && pool.first(store).is_some() {
                let stored = Stored { store, calls: facts.calls(), versions: versions(&facts, &key, store) };
                known.insert(key, stored);
            }
            writer.write(slot);
            continue;
        }
        let written = is_operator(slot.op()) && {
            let adjacent = match writer.window() {
                Some([a, b, op, c, d]) => {
                    let again = [c, d, slot].map(|s| s.instruction) == [a, b, op].map(|s| s.instruction);
                    again && comparable(&facts, pool, [a, b, op], *metered)
                }
                None => false,
            };
            if adjacent {
                writer.rewrite(2, &[slot.with(Opcode::Dup, ())]);
                true
            } else if let Some([a, b]) = writer.window() {
                let key = (a.instruction, b.instruction, slot.op());
                let found = known.get(&key).filter(|stored| {
                    wrong
                        || stored.calls == facts.calls()
                            && stored.versions == versions(&facts, &key, stored.store)
                });
                if let Some(stored) = found {
                    writer.rewrite(2, &[slot.with(Opcode::LoadName, stored.store.first())]);
                }
                found.is_some()
            } else {
                false
            }
        };
        facts.step(slot.instruction, pool);
        if !written {
            writer.write(slot);
        }
    }
    context.take(writer, code, Pass::CommonSubexpressions)
}

fn versions(facts: &Facts<'_>, key: &Key, store: Instruction) -> [u32; 3] {
    [key.0, key.1, store].map(|i| if i.op() == Opcode::LoadConst { 0 } else { facts.version(i.first()) })
}

/// Whether two loads and an operator compute with numbers, at least one of them a variable.
fn comparable(facts: &Facts<'_>, pool: &Pool, [a, b, op]: [Slot; 3], metered: bool) -> bool {
    let is_load = |slot: Slot| matches!(slot.op(), Opcode::LoadName | Opcode::LoadConst);
    if !is_operator(op.op()) || !is_load(a) || !is_load(b) {
        return false;
    }
    let kinds = [a, b].map(|slot| facts.load(slot.instruction, pool).kind);
    let named = [a, b].iter().any(|slot| slot.op() == Opcode::LoadName);
    // In metered code nothing may be charged or allocated for the computation that is saved.
    let free = |kind: Kind| kind.is_free();
    let paid = metered && !(kinds.into_iter().all(free) && free(Kind::result(op.op(), kinds[0], kinds[1])));
    named && !paid && kinds.into_iter().all(Kind::is_number)
}
