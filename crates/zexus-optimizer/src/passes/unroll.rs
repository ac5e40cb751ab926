//! Pass 8, second part: short counted loops, one pass after the other (bytecode.md 6.12).

use zexus_bytecode::{Const, Opcode};

use super::Context;
use crate::code::{Code, Slot, Writer};
use crate::facts::Facts;
use crate::names::{Names, variable};
use crate::pool::Pool;
use crate::stats::Pass;

/// The rounds in which loops are unrolled.
const ROUNDS: u32 = 2;
/// The most passes that are written out.
const PASSES: usize = 8;
/// The most instructions that a loop becomes.
const INSTRUCTIONS: usize = 64;

pub(crate) fn run(context: &mut Context, code: &mut Code) -> u64 {
    if context.round > ROUNDS {
        return 0;
    }
    let mut writer = context.writer(code, Pass::LoopUnrolling);
    let wrong = context.is_wrong(Pass::LoopUnrolling);
    let Context { pool, names, vars, growth, .. } = &mut *context;
    let mut facts = Facts::new(names, vars, pool);
    while let Some(slot) = writer.read() {
        if writer.at_head() {
            let unrolled =
                if writer.after_branch() { None } else { unroll(&writer, &facts, names, pool, wrong) };
            facts.start_block();
            if let Some((end, after)) = unrolled {
                let more = after.len().saturating_sub(end - writer.pc());
                if more <= *growth {
                    *growth -= more;
                    writer.rewrite_through(end, &after);
                    continue;
                }
            }
        }
        writer.write(slot);
        facts.step(slot.instruction, pool);
    }
    context.take(writer, code, Pass::LoopUnrolling)
}

/// The code that replaces the loop whose head was just read, and the instruction after the loop.
///
/// The body of a loop has no label, so looking at all loops takes time linear in the code.
fn unroll(
    writer: &Writer,
    facts: &Facts<'_>,
    names: &Names,
    pool: &Pool,
    wrong: bool,
) -> Option<(usize, Vec<Slot>)> {
    let head = writer.pc();
    let code = writer.old();
    let charge = |at: usize| usize::from(code.get(at).is_some_and(|slot| slot.op() == Opcode::GasCharge));
    let test = head + charge(head);
    let [i, bound, compare, leave] = *code.get(test..)?.first_chunk::<4>()?;
    let shape = (i.op(), bound.op(), leave.op());
    if shape != (Opcode::LoadName, Opcode::LoadConst, Opcode::JumpIfFalse) {
        return None;
    }
    let end = leave.instruction.label()? as usize;
    let back = end.checked_sub(1).filter(|&back| back > test + 3)?;
    let jump = code.get(back)?;
    if jump.op() != Opcode::Jump || jump.instruction.label()? as usize != head || writer.aims(head) != 1 {
        return None;
    }
    let body = code.get(test + 4..back)?;
    let counter = i.instruction.first();
    let step = step(body, counter, pool)?;
    let passes = passes(pool, (facts.variable(counter).constant?, step), compare.op(), bound)?;
    if !names.is_private(counter) {
        return None;
    }
    let own_store = body.len() - 1;
    for (at, slot) in body.iter().enumerate() {
        let op = slot.op();
        let stores = op.flags().writes() && variable(slot.instruction) == Some(counter) && at != own_store;
        if stores || op.flags().branches() || op == Opcode::PopTry || op == Opcode::Invalid {
            return None;
        }
    }
    if (head + 1..end).any(|at| writer.aims(at) > 0) {
        return None;
    }
    // Every test and every pass stays paid for.
    let paid = code.get(head..test)?;
    let size = passes * (paid.len() + body.len()) + paid.len();
    if size > INSTRUCTIONS {
        return None;
    }
    let mut out = Vec::with_capacity(size);
    for _ in usize::from(wrong)..passes {
        out.extend_from_slice(paid);
        out.extend_from_slice(body);
    }
    out.extend_from_slice(paid);
    Some((end, out))
}

/// What the end of the body adds to the counter.
fn step(body: &[Slot], counter: u64, pool: &Pool) -> Option<i64> {
    let is = |slot: &Slot, op: Opcode| slot.op() == op && slot.instruction.first() == counter;
    let (store, rest) = body.split_last()?;
    if !is(store, Opcode::StoreName) {
        return None;
    }
    match rest {
        [.., load, inc] if is(load, Opcode::LoadName) && inc.op() == Opcode::Inc => Some(1),
        [.., load, step, add]
            if is(load, Opcode::LoadName) && step.op() == Opcode::LoadConst && add.op() == Opcode::Add =>
        {
            integer(pool.first(step.instruction)).filter(|&step| step > 0)
        }
        _ => None,
    }
}

fn integer(constant: Option<&Const>) -> Option<i64> {
    match constant {
        Some(Const::Int(i)) => Some(*i),
        _ => None,
    }
}

/// How many passes the loop makes, from 1 to the most that are written out; every value of the counter fits 64 bits.
fn passes(pool: &Pool, (start, step): (u32, i64), compare: Opcode, bound: Slot) -> Option<usize> {
    let (mut i, bound) = (integer(pool.get(start.into()))?, integer(pool.first(bound.instruction))?);
    let mut passes = 0;
    loop {
        let more = match compare {
            Opcode::Lt => i < bound,
            Opcode::Lte => i <= bound,
            _ => return None,
        };
        if !more {
            return (passes > 0).then_some(passes);
        }
        if passes == PASSES {
            return None;
        }
        passes += 1;
        i = i.checked_add(step)?;
    }
}
