//! Pass 8, first part: cheaper operators for numbers (bytecode.md 6.12).

use zexus_bytecode::{Const, Opcode};

use super::Context;
use crate::code::{Code, Slot};
use crate::facts::{Facts, Kind};
use crate::stats::Pass;

pub(crate) fn run(context: &mut Context, code: &mut Code) -> u64 {
    let mut writer = context.writer(code, Pass::StrengthReduction);
    // Halves are rare, so the constant is made when the first one is found.
    let mut half: Option<Option<u32>> = None;
    let wrong = context.is_wrong(Pass::StrengthReduction);
    let Context { pool, names, vars, metered, .. } = &mut *context;
    let mut facts = Facts::new(names, vars, pool);
    while let Some(slot) = writer.read() {
        if writer.at_head() {
            facts.start_block();
        }
        let kinds = [facts.top(1), facts.top(0)].map(|fact| fact.kind);
        // In metered code a number that may be an integer is charged for in one form and not in the other.
        let number = |kind: Kind| wrong || if *metered { kind == Kind::Float } else { kind.is_number() };
        let halved = |kind: Kind| kind == Kind::Float || kind == Kind::Small && !*metered;
        let is_two = |load: Slot| matches!(pool.loaded(load.instruction), Some(Const::Int(2)));
        let last = writer.window::<1>();
        let two = last.is_some_and(|[load]| is_two(load));
        let twice = |op: Opcode| [slot.with(Opcode::Dup, ()), slot.with(op, ())];
        match (slot.op(), writer.window::<2>()) {
            (Opcode::Mul, _) if two && number(kinds[0]) => writer.rewrite(1, &twice(Opcode::Add)),
            (Opcode::Pow, _) if two && number(kinds[0]) => writer.rewrite(1, &twice(Opcode::Mul)),
            (Opcode::Div, _) if two && halved(kinds[0]) => {
                let made = *half.get_or_insert_with(|| pool.add(Const::Float(0.5)));
                match made {
                    Some(half) => {
                        let load = slot.with(Opcode::LoadConst, half);
                        writer.rewrite(1, &[load, slot.with(Opcode::Mul, ())]);
                    }
                    None => writer.write(slot),
                }
            }
            (Opcode::Mul, Some([two, load]))
                if is_two(two)
                    && number(kinds[1])
                    && matches!(load.op(), Opcode::LoadName | Opcode::LoadConst) =>
            {
                let [dup, add] = twice(Opcode::Add);
                writer.rewrite(2, &[load, dup, add]);
            }
            _ => writer.write(slot),
        }
        facts.step(slot.instruction, pool);
    }
    context.take(writer, code, Pass::StrengthReduction)
}
