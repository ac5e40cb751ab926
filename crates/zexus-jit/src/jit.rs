//! The compiler as the virtual machine sees it: units, what exits teach, statistics.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::FunctionBuilderContext;
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{Linkage, Module, default_libcall_names};
use rustc_hash::FxHashMap;
use zexus_runtime::{Tag, Value};
use zexus_vm::Program;
use zexus_vm::native::{Exec, Native, Op, Outcome};

use crate::layout::{self, Vectors};
use crate::lower::{LEFT, Lower, PAUSED, signature};
use crate::options::Options;
use crate::plan::{Knowledge, Lessons};
use crate::shims::{Pair, trap_of};
use crate::state::Kind;
use crate::stats::Stats;
use crate::table::{Row, rows};
use crate::unit::Unit;

/// Functions of more instructions are not compiled (bytecode.md 8.3).
const LARGEST: usize = 10_000;
/// A unit that has left more often is compiled again.
const EXITS: u32 = 100;
/// So often at most with what was learnt; then once more without suppositions.
const LESSONS: u32 = 2;

type Entry = extern "C" fn(*mut Exec<'static>, *mut Value) -> Pair;

/// Native code of a unit.
struct Code {
    address: usize,
    exits: u32,
    compiled: u32,
    lessons: Lessons,
    /// The kinds that registers had when it was compiled; those that are guarded at the entry.
    tags: Vec<(u32, Tag)>,
    /// Owns the memory.
    module: Option<JITModule>,
}

/// A finished unit.
struct Built {
    address: usize,
    module: JITModule,
    tags: Vec<(u32, Tag)>,
}

/// What a function or loop is known by: function, instruction, whether calls start there.
type Key = (u32, u32, bool);

#[derive(Default)]
struct Inner {
    program: Option<Arc<Program>>,
    units: FxHashMap<Key, Code>,
    /// Memory of code that may still be running.
    retired: Vec<JITModule>,
    isa: Option<OwnedTargetIsa>,
    stats: Stats,
    /// What was compiled.
    log: Vec<String>,
    /// By function and instruction, how often native code left and what was seen the first time.
    exits: BTreeMap<(u32, u32), (u64, &'static str)>,
    listings: Vec<String>,
}

/// Compiles hot code of one machine to native code, and runs it.
pub struct Jit {
    options: Options,
    vectors: Option<Vectors>,
    inner: Mutex<Inner>,
    /// Whether native code of a loop has let tier 1 make a jump back, after which it goes on.
    paused: AtomicBool,
    /// For each function, where its native code starts; 0 if it has none.
    table: Mutex<Arc<Vec<Row>>>,
}

impl std::fmt::Debug for Jit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jit").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Jit {
    /// A compiler that has compiled nothing. Nothing is set up before something is hot.
    pub fn new(options: Options) -> Jit {
        Jit {
            options,
            vectors: layout::probe(),
            inner: Mutex::default(),
            paused: AtomicBool::new(false),
            table: Mutex::default(),
        }
    }

    /// What it has done so far.
    pub fn stats(&self) -> Stats {
        let inner = self.lock();
        Stats { cache_size: inner.units.len() as u64, ..inner.stats.clone() }
    }

    /// A line for each unit that was compiled, and for each place where native code was left.
    pub fn log(&self) -> Vec<String> {
        let inner = self.lock();
        let mut lines = inner.log.clone();
        if let Some(program) = &inner.program {
            let exit = |((func, pc), (times, what)): (&(u32, u32), &(u64, &str))| {
                format!("exit at {}: {what}, {times} times", program.line_of(*func, *pc))
            };
            lines.extend(inner.exits.iter().map(exit));
        }
        lines
    }

    /// The code of all units, if it is kept.
    pub fn listing(&self) -> String {
        self.lock().listings.join("\n")
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn build(&self, inner: &mut Inner, exec: &Exec<'_>, key: Key, lessons: &Lessons) -> Option<Built> {
        let (func, pc, _) = key;
        let vectors = self.vectors?;
        let program = inner.program.clone()?;
        let unit = Unit::new(&program, func, pc)?;
        let size = unit.len();
        if size > LARGEST.min(self.options.largest) || unit.function.registers > 256 {
            return None;
        }
        let isa = match &inner.isa {
            Some(isa) => isa.clone(),
            None => inner.isa.insert(host_isa()?).clone(),
        };
        let tags = (0..unit.function.registers).map(|r| exec.tag_of(r)).collect();
        let know = Knowledge { program: &program, unit: &unit, lessons, tags };
        let states = know.analyze();
        let mut module = JITModule::new(JITBuilder::with_isa(isa.clone(), default_libcall_names()));
        let mut context = module.make_context();
        let conv = isa.default_call_conv();
        context.func.signature = signature(conv);
        let mut frontend = FunctionBuilderContext::new();
        let builder = cranelift_frontend::FunctionBuilder::new(&mut context.func, &mut frontend);
        let table = self.table.lock().unwrap_or_else(PoisonError::into_inner).as_ptr() as usize;
        Lower::run(builder, &know, &states, vectors, conv, table, self.options.planted);
        let mut listing = String::new();
        if self.options.listing {
            listing = format!("{}\n{}", title(&program, key), context.func.display());
            context.set_disasm(true);
        }
        let id = module.declare_function("unit", Linkage::Export, &context.func.signature).ok()?;
        module.define_function(id, &mut context).ok()?;
        let code = context.compiled_code();
        let bytes = code.map_or(0, |code| code.code_buffer().len());
        if self.options.listing {
            listing.push_str(code.and_then(|code| code.vcode.as_deref()).unwrap_or_default());
            inner.listings.push(listing);
        }
        inner.stats.code_bytes += bytes as u64;
        inner
            .log
            .push(format!("{}: {size} instructions, {bytes} bytes of native code", title(&program, key)));
        module.finalize_definitions().ok()?;
        let address = module.get_finalized_function(id) as usize;
        let guarded = states.get(&pc).into_iter().flat_map(|state| (0..).zip(&state.0));
        let tags = guarded.filter_map(|(r, reg)| match reg.kind {
            Kind::Is(tag) => Some((r, tag)),
            _ => None,
        });
        Some(Built { address, module, tags: tags.collect() })
    }

    /// Notes where native code left and why.
    fn left(&self, exec: &Exec<'_>, key: Key) {
        let mut inner = self.lock();
        inner.stats.deoptimizations += 1;
        let frame = exec.top();
        let why = reason(exec, &frame);
        inner.exits.entry((frame.func, frame.pc)).or_insert((0, why)).0 += 1;
        let Some(code) = inner.units.get_mut(&key) else { return };
        code.exits += 1;
        if key.2 && code.exits > self.options.exits.unwrap_or(EXITS) && code.compiled <= LESSONS {
            // Tier 1 begins the next call, which compiles the function again.
            self.set_entry(key.0, 0);
        }
        if frame.func != key.0 {
            return;
        }
        let Some(i) = frame.function.code.get(frame.pc as usize).copied() else { return };
        let at = frame.pc;
        let e = crate::effects::effects(i, at);
        let (mut int, mut float, mut other) = (false, false, false);
        for r in (0..256).filter(|r| e.uses.has(*r)) {
            match exec.tag_of(r as u32) {
                Tag::Int => int = true,
                Tag::Float => float = true,
                _ => other = true,
            }
        }
        if at == key.1 {
            let other: Vec<u32> =
                code.tags.iter().filter(|(r, tag)| exec.tag_of(*r) != *tag).map(|(r, _)| *r).collect();
            other.iter().for_each(|r| code.lessons.entry.add(*r as usize));
            if !other.is_empty() {
                return;
            }
        }
        let seen = code.lessons.seen.entry(at).or_default();
        let numbers = matches!(
            i.op,
            Op::Add
                | Op::Sub
                | Op::Mul
                | Op::Div
                | Op::Mod
                | Op::IntDiv
                | Op::AddI
                | Op::SubI
                | Op::MulI
                | Op::ModI
                | Op::IntDivI
                | Op::Neg
        );
        if other || !numbers && !is_comparison(i.op) {
            seen.slow = true;
        } else if int && !float && numbers && seen.int {
            seen.overflow = true;
        }
        seen.int |= int;
        seen.float |= float;
    }
}

/// What a unit is called in logs.
fn title(program: &Program, (func, pc, call): Key) -> String {
    let name = program.functions.get(func as usize).map(|f| f.info.name.clone()).unwrap_or_default();
    let name = if name.is_empty() { "the top level or a literal" } else { &name };
    let what = if call { "calls" } else { "a loop" };
    format!("{what} of {name} at {}", program.line_of(func, pc))
}

/// Why native code left at the frame's instruction, for people.
fn reason(exec: &Exec<'_>, frame: &zexus_vm::native::Frame<'_>) -> &'static str {
    let Some(i) = frame.function.code.get(frame.pc as usize).copied() else { return "the end" };
    let uses = crate::effects::effects(i, frame.pc).uses;
    let mut seen = "an integer beyond 64 bits, an index outside, or a rare case";
    for r in (0..256).filter(|r| uses.has(*r)) {
        seen = match exec.tag_of(r as u32) {
            Tag::Int => continue,
            Tag::Float => "float seen",
            Tag::Str => "string seen",
            Tag::Null => "null seen",
            Tag::Bool => "truth value seen",
            Tag::Map => "map seen",
            Tag::BigInt => "integer beyond 64 bits seen",
            Tag::List | Tag::Instance | Tag::Function => continue,
            _ => "another kind of value seen",
        };
        break;
    }
    seen
}

fn is_comparison(op: Op) -> bool {
    (Op::JumpLt as u8..=Op::PaidGeI as u8).contains(&(op as u8))
        || matches!(
            op,
            Op::Lt
                | Op::Le
                | Op::Eq
                | Op::Ne
                | Op::AddK
                | Op::SubK
                | Op::MulK
                | Op::DivK
                | Op::KAdd
                | Op::KSub
                | Op::KMul
                | Op::KDiv
        )
}

impl Native for Jit {
    fn callee_left(&self, exec: &Exec<'_>) {
        let frame = exec.top();
        self.left(exec, (frame.func, frame.function.start, true));
    }

    fn begin(&self, program: &Arc<Program>) {
        let mut inner = self.lock();
        if inner.program.as_ref().is_some_and(|old| Arc::ptr_eq(old, program)) {
            return;
        }
        let old = std::mem::take(&mut inner.units);
        for module in old.into_values().filter_map(|c| c.module).chain(std::mem::take(&mut inner.retired)) {
            // SAFETY: a run begins, so no native code of an earlier one is running, and its addresses are gone with the units.
            unsafe { module.free_memory() };
        }
        inner.program = Some(program.clone());
        *self.table.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(rows(program));
    }

    fn thresholds(&self) -> (u32, u32) {
        (self.options.hot_threshold.max(1), self.options.loop_threshold())
    }

    fn compile(&self, exec: &Exec<'_>, func: u32, pc: u32, call: bool) -> bool {
        let mut inner = self.lock();
        inner.stats.hot_paths_detected += 1;
        inner.stats.cache_misses += 1;
        let key = (func, pc, call);
        let started = self.options.clock.map(|clock| clock());
        let lessons = Lessons { suppose_nothing: self.options.suppose_nothing, ..Lessons::default() };
        let built = self.build(&mut inner, exec, key, &lessons);
        if let (Some(started), Some(clock)) = (started, self.options.clock) {
            inner.stats.compilation_time += clock() - started;
        }
        let Some(Built { address, module, tags }) = built else {
            inner.stats.compilation_failures += 1;
            return false;
        };
        inner.stats.compilations += 1;
        inner.stats.tier_promotions += 1;
        inner.units.insert(key, Code { address, exits: 0, compiled: 0, lessons, tags, module: Some(module) });
        if call {
            self.set_entry(func, address);
        }
        true
    }

    fn enter(&self, exec: &mut Exec<'_>, func: u32, pc: u32, call: bool) -> Outcome {
        let key = (func, pc, call);
        let address = {
            let mut inner = self.lock();
            let Some(code) = inner.units.get(&key) else { return Outcome::Cold };
            let mut address = code.address;
            if code.exits > self.options.exits.unwrap_or(EXITS) && code.compiled <= LESSONS {
                let mut lessons = code.lessons.clone();
                let compiled = code.compiled + 1;
                lessons.suppose_nothing |= compiled > LESSONS;
                if let Some(Built { address: new, module, tags }) =
                    self.build(&mut inner, exec, key, &lessons)
                {
                    address = new;
                    inner.stats.compilations += 1;
                    let code = Code { address, exits: 0, compiled, lessons, tags, module: Some(module) };
                    if let Some(old) = inner.units.insert(key, code).and_then(|old| old.module) {
                        inner.retired.push(old);
                    }
                    if call {
                        self.set_entry(func, address);
                    }
                }
            }
            // Coming back after a pause is no new entry.
            if call || !self.paused.swap(false, Ordering::Relaxed) {
                inner.stats.jit_executions += 1;
                let kind = if call { &mut inner.stats.cache_hits } else { &mut inner.stats.osr_entries };
                *kind += 1;
            }
            address
        };
        let window = exec.window();
        let task: *mut Exec<'_> = exec;
        // SAFETY: the address is that of finished code with this signature, which is kept until a run of another program begins.
        let entry: Entry = unsafe { std::mem::transmute(address) };
        let result = entry(task.cast(), window);
        match result.tag as i64 {
            tag if tag < LEFT => Outcome::Ended(Value::from_parts(tag as u8, result.bits)),
            LEFT => {
                self.left(exec, key);
                Outcome::Left
            }
            PAUSED => {
                self.paused.store(true, Ordering::Relaxed);
                Outcome::Left
            }
            status => Outcome::Raised(trap_of(status as u64)),
        }
    }
}

impl Jit {
    fn set_entry(&self, func: u32, address: usize) {
        let table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = table.get(func as usize) {
            place.entry.store(address, Ordering::Relaxed);
        }
    }
}

impl Drop for Jit {
    fn drop(&mut self) {
        let inner = self.inner.get_mut().unwrap_or_else(PoisonError::into_inner);
        let units = std::mem::take(&mut inner.units);
        for module in units.into_values().filter_map(|c| c.module).chain(std::mem::take(&mut inner.retired)) {
            // SAFETY: native code runs inside `enter`, which borrows the compiler, so none is running.
            unsafe { module.free_memory() };
        }
    }
}

/// Code for this machine, fast rather than small.
fn host_isa() -> Option<OwnedTargetIsa> {
    let mut flags = settings::builder();
    for (name, value) in [
        ("opt_level", "speed"),
        ("use_colocated_libcalls", "false"),
        ("is_pic", "false"),
        ("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }),
        ("enable_probestack", "false"),
        ("preserve_frame_pointers", "false"),
        ("unwind_info", "false"),
    ] {
        flags.set(name, value).ok()?;
    }
    cranelift_native::builder().ok()?.finish(settings::Flags::new(flags)).ok()
}
