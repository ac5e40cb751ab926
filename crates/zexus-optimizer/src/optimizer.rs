//! Rounds of passes over functions and fragments (bytecode.md 6.1 to 6.4).

use zexus_bytecode::{Const, Instruction, Module, Opcode, Run, limits};

use crate::code::Code;
use crate::explain::{Change, Explained};
use crate::facts::Vars;
use crate::heights::has_room;
use crate::names::Names;
use crate::passes::{self, Context};
use crate::pool::Pool;
use crate::stats::{Pass, Stats};

/// The level that is used where none is asked for.
pub const DEFAULT_LEVEL: u8 = 1;
/// The highest level.
pub const MAX_LEVEL: u8 = 3;
/// How many rounds are made at most where nothing else is asked for.
pub const DEFAULT_MAX_PASSES: u32 = 5;

/// Optimizes modules and fragments, and counts what it does.
///
/// ```
/// use zexus_bytecode::{Const, Instruction, Opcode};
/// use zexus_optimizer::BytecodeOptimizer;
///
/// let code = [
///     Instruction::new(Opcode::LoadConst, 0),
///     Instruction::new(Opcode::LoadConst, 1),
///     Instruction::new(Opcode::Add, ()),
///     Instruction::new(Opcode::Return, ()),
/// ];
/// let mut optimizer = BytecodeOptimizer::new(1, 5, false);
/// let (code, constants) = optimizer.optimize(&code, &[Const::from(10), Const::from(20)]);
/// assert_eq!(code, [Instruction::new(Opcode::LoadConst, 2), Instruction::new(Opcode::Return, ())]);
/// assert_eq!(constants, [Const::from(10), Const::from(20), Const::from(30)]);
/// assert_eq!(optimizer.stats().size_reduction_pct(), 50.0);
/// ```
#[derive(Clone, Debug)]
pub struct BytecodeOptimizer {
    level: u8,
    max_passes: u32,
    debug: bool,
    left_out: Option<Pass>,
    defect: Option<Pass>,
    stats: Stats,
    changes: Vec<Change>,
}

impl Default for BytecodeOptimizer {
    fn default() -> BytecodeOptimizer {
        BytecodeOptimizer::new(DEFAULT_LEVEL, DEFAULT_MAX_PASSES, false)
    }
}

impl BytecodeOptimizer {
    /// An optimizer of a level from 0 to 3 (more is 3), which makes at most so many rounds over a function.
    ///
    /// With `debug` it keeps all changes for [`BytecodeOptimizer::changes`].
    pub fn new(level: u8, max_passes: u32, debug: bool) -> BytecodeOptimizer {
        let level = level.min(MAX_LEVEL);
        BytecodeOptimizer {
            level,
            max_passes,
            debug,
            left_out: None,
            defect: None,
            stats: Stats::default(),
            changes: Vec::new(),
        }
    }

    /// The same without a pass, to see what it is worth.
    #[must_use]
    pub fn without(self, pass: Pass) -> BytecodeOptimizer {
        BytecodeOptimizer { left_out: Some(pass), ..self }
    }

    fn runs(&self, pass: Pass) -> bool {
        pass.level() <= self.level && self.left_out != Some(pass)
    }

    /// The same with a pass that changes what some code means: for tests, which must find it.
    #[doc(hidden)]
    #[must_use]
    pub fn with_defect(self, pass: Pass) -> BytecodeOptimizer {
        BytecodeOptimizer { defect: Some(pass), ..self }
    }

    /// The level.
    pub fn level(&self) -> u8 {
        self.level
    }

    /// What was done since the start, or since the last reset.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// The changes since the start, or since the last reset; empty without `debug`.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Forgets statistics and changes.
    pub fn reset(&mut self) {
        self.stats = Stats::default();
        self.changes.clear();
    }

    /// Optimizes a fragment (bytecode.md 6.4): a bare list of instructions, which needs not be verifiable, and its constants.
    ///
    /// Names count as bound and as private. Gives the instructions, and the constants with those that were added at the end.
    pub fn optimize(
        &mut self,
        instructions: &[Instruction],
        constants: &[Const],
    ) -> (Vec<Instruction>, Vec<Const>) {
        let metered = instructions.iter().any(|i| is_metered(i.op()));
        let mut context = self.context(Pool::new(constants.to_vec()), Names::fragment(), metered);
        let mut code = Code::new(instructions, &[]);
        context.growth = limits::FUNCTION_INSTRUCTIONS.saturating_sub(instructions.len());
        self.rounds(&mut context, &mut code);
        let code: Vec<Instruction> = code.slots.iter().map(|slot| slot.instruction).collect();
        context.stats.original_size = instructions.len() as u64;
        context.stats.optimized_size = code.len() as u64;
        self.take(&mut context);
        (code, context.pool.into_items())
    }

    /// Optimizes a module, which must verify; the result verifies, too.
    ///
    /// A module counts as metered (bytecode.md 5.5) if it holds a `GAS_CHARGE` or asks for a meter.
    pub fn optimize_module(&mut self, module: &Module) -> Module {
        self.run(module).0
    }

    /// As [`BytecodeOptimizer::optimize_module`], with all that happened, whether or not `debug` is set.
    pub fn explain(&mut self, module: &Module) -> Explained {
        let mut inner = BytecodeOptimizer::new(self.level, self.max_passes, true);
        let (module, origins) = inner.run(module);
        self.stats.add(&inner.stats);
        if self.debug {
            self.changes.extend_from_slice(&inner.changes);
        }
        Explained { module, stats: inner.stats, changes: inner.changes, origins }
    }

    fn run(&mut self, module: &Module) -> (Module, Vec<Vec<u32>>) {
        let size = |module: &Module| module.functions.iter().map(|f| f.code.len()).sum::<usize>();
        let mut optimized = module.clone();
        let mut origins = Vec::new();
        if self.level == 0 {
            let all = size(module) as u64;
            self.stats.add(&Stats { original_size: all, optimized_size: all, ..Stats::default() });
            if self.debug {
                origins = module.functions.iter().map(|f| (0..f.code.len() as u32).collect()).collect();
            }
            return (optimized, origins);
        }
        let charged = module.functions.iter().any(|f| f.code.iter().any(|i| is_metered(i.op())));
        let metered = charged || module.asks_for_meter();
        let names = Names::new(module);
        let mut context = self.context(Pool::new(module.constants.to_vec()), names, metered);
        let mut total = size(module);
        for (index, function) in (0..).zip(&mut optimized.functions) {
            context.names.enter(function, index == 0);
            context.function = index;
            let old_len = function.code.len();
            let growth = |len: usize, limit: usize| limit.saturating_sub(len);
            context.growth = growth(old_len, limits::FUNCTION_INSTRUCTIONS)
                .min(growth(total, limits::MODULE_INSTRUCTIONS));
            let mut code = Code::new(&function.code, &function.entries);
            let mut changed = self.rounds(&mut context, &mut code);
            if self.runs(Pass::LoopConstants) {
                let variables = passes::hoist::run(&mut context, &mut code, function);
                changed |= !variables.is_empty();
                function.locals.extend(variables);
            }
            if changed {
                let runs = module.source_map.runs(index);
                if !runs.is_empty() {
                    optimized.source_map.set_runs(index, moved_runs(runs, old_len, &code));
                }
                function.code.clear();
                function.code.extend(code.slots.iter().map(|slot| slot.instruction));
                function.entries = std::mem::take(&mut code.entries);
            }
            total = total - old_len + function.code.len();
            if self.debug {
                origins.push(code.slots.iter().map(|slot| slot.origin).collect());
            }
        }
        for constant in context.pool.added() {
            optimized.add_constant(constant.clone());
        }
        context.stats.original_size = size(module) as u64;
        context.stats.optimized_size = total as u64;
        self.take(&mut context);
        (optimized, origins)
    }

    fn context(&self, pool: Pool, names: Names, metered: bool) -> Context {
        Context {
            pool,
            names,
            vars: Vars::default(),
            level: self.level,
            metered,
            defect: self.defect,
            room: true,
            growth: 0,
            stats: Stats::default(),
            log: self.debug.then(Vec::new),
            function: 0,
            round: 0,
        }
    }

    fn take(&mut self, context: &mut Context) {
        self.stats.add(&context.stats);
        self.changes.append(context.log.as_mut().unwrap_or(&mut Vec::new()));
    }

    /// Makes rounds until one changes nothing, or there were enough; whether anything was changed.
    fn rounds(&self, context: &mut Context, code: &mut Code) -> bool {
        if self.level == 0 {
            return false;
        }
        context.room = has_room(code);
        let mut changed = false;
        for round in 1..=self.max_passes {
            context.round = round;
            context.stats.passes_run += 1;
            let passes = Pass::ALL.iter().filter(|&&pass| self.runs(pass));
            let changes: u64 = passes.map(|&pass| passes::run(pass, context, code)).sum();
            changed |= changes > 0;
            if changes == 0 {
                break;
            }
        }
        changed
    }
}

/// Whether an instruction makes a module count as metered.
fn is_metered(op: Opcode) -> bool {
    matches!(op, Opcode::GasCharge | Opcode::GasLimit)
}

/// The runs of a function whose instructions have the places of others before.
fn moved_runs(runs: &[Run], old_len: usize, code: &Code) -> Vec<Run> {
    let mut out: Vec<Run> = Vec::new();
    if runs.is_empty() {
        return out;
    }
    // For each old instruction, how many runs start at it or before.
    let mut started = vec![0_u32; old_len];
    for run in runs {
        if let Some(started) = started.get_mut(run.pc as usize) {
            *started += 1;
        }
    }
    let mut sum = 0;
    for started in &mut started {
        sum += *started;
        *started = sum;
    }
    // A place that is known to be none is not the same as nothing known: errors raised there are marked at the call.
    let place = |run: &Run| (run.file, run.line, run.column, run.length);
    for (pc, slot) in (0..).zip(&code.slots) {
        let before = started.get(slot.origin as usize).and_then(|&n| n.checked_sub(1));
        let found = before.and_then(|at| runs.get(at as usize)).copied();
        if found.as_ref().map(place) != out.last().map(place) {
            out.push(Run { pc, ..found.unwrap_or(Run::new(0, 0, 0, 0)) });
        }
    }
    out
}

/// Optimizes a module with at most [`DEFAULT_MAX_PASSES`] rounds; gives it with the statistics.
pub fn optimize(module: &Module, level: u8) -> (Module, Stats) {
    let mut optimizer = BytecodeOptimizer::new(level, DEFAULT_MAX_PASSES, false);
    let optimized = optimizer.optimize_module(module);
    (optimized, optimizer.stats)
}

/// Runs one pass alone, once, over a fragment without constants (bytecode.md 6.4).
pub fn single_pass(pass: Pass, instructions: &[Instruction]) -> Vec<Instruction> {
    let optimizer = BytecodeOptimizer::new(MAX_LEVEL, 1, false);
    let metered = instructions.iter().any(|i| is_metered(i.op()));
    let mut context = optimizer.context(Pool::new(Vec::new()), Names::fragment(), metered);
    let mut code = Code::new(instructions, &[]);
    context.growth = limits::FUNCTION_INSTRUCTIONS.saturating_sub(instructions.len());
    context.room = has_room(&code);
    passes::run(pass, &mut context, &mut code);
    code.slots.iter().map(|slot| slot.instruction).collect()
}
