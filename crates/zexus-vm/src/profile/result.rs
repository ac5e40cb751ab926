//! Profiles that are done, and their form as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use zexus_runtime::display::quoted;

use super::Counts;
use super::counted::Counted;
use crate::program::Program;

/// The calls after which a function is hot, and the tenth part of the jumps after which a loop is (bytecode.md 8.2).
const HOT: u64 = 100;

/// What runs did and paid.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// The content hash of the main module, unmetered, in hexadecimal digits.
    pub module: String,
    /// Gas that was used.
    pub gas_used: u64,
    /// The functions that were called: those of the main module first, then by order of modules and of functions in them.
    pub functions: Vec<FunctionProfile>,
    /// The lines that did or paid something, by file and number.
    pub lines: Vec<LineProfile>,
    /// Instructions that ended or raised, by opcode.
    pub opcodes: BTreeMap<&'static str, u64>,
    /// The loops that jumped back and the functions that were hot, in the order of functions.
    pub units: Vec<UnitProfile>,
}

/// What a function did, calls from there not included.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FunctionProfile {
    /// The path of its module, if that is not the main one.
    pub module: Option<Arc<str>>,
    /// Its index in the module.
    pub index: u32,
    /// Its name; empty for literals, `main` for the body of a module.
    pub name: String,
    /// Its calls.
    pub calls: u64,
    /// Instructions that ended or raised.
    pub instructions: u64,
    /// Gas.
    pub gas: u64,
    /// Jumps back.
    pub back_edges: u64,
    /// Seconds by the clock that was given.
    pub seconds: f64,
}

/// What the instructions of a line did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineProfile {
    /// The file, as the source map names it.
    pub file: Arc<str>,
    /// The line, from 1; 0 if it is not known.
    pub line: u32,
    /// Instructions that ended or raised.
    pub instructions: u64,
    /// Gas.
    pub gas: u64,
}

/// A loop or function that may be worth compiling (bytecode.md 8.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnitProfile {
    /// The path of its module, if that is not the main one.
    pub module: Option<Arc<str>>,
    /// The index of the function in the module.
    pub function: u32,
    /// The head of the loop, an instruction of the function; nothing for the function itself.
    pub head: Option<u32>,
    /// The file of the head, or of the function.
    pub file: Arc<str>,
    /// The line there; 0 if it is not known.
    pub line: u32,
    /// Jumps back, or calls.
    pub count: u64,
    /// Whether they reached the threshold.
    pub hot: bool,
}

impl Counts {
    pub(super) fn result(&self) -> Profile {
        let mut profile = Profile { gas_used: self.gas, ..Profile::default() };
        for byte in self.module {
            // Writing to a string cannot fail.
            let _ = write!(profile.module, "{byte:02x}");
        }
        let mut lines = BTreeMap::new();
        let main = |number: u32| self.program.function_name(number).0.is_none();
        let counted = || (0..).zip(&self.functions).filter_map(|(n, f)| f.as_deref().map(|f| (n, f)));
        let (own, foreign): (Vec<_>, Vec<_>) = counted().partition(|(number, _)| main(*number));
        for (number, function) in own.into_iter().chain(foreign) {
            add(&mut profile, &mut lines, &self.program, number, function);
        }
        profile.lines = lines
            .into_iter()
            .map(|((file, line), (instructions, gas))| LineProfile { file, line, instructions, gas })
            .collect();
        profile
    }
}

/// Adds what was counted of a function; lines are instructions and gas.
fn add(
    profile: &mut Profile,
    lines: &mut BTreeMap<(Arc<str>, u32), (u64, u64)>,
    program: &Program,
    number: u32,
    counted: &Counted,
) {
    let (module, name) = program.function_name(number);
    let module: Option<Arc<str>> = module.cloned();
    let Some(function) = program.functions.get(number as usize) else { return };
    let Some(code) = program.public(number) else { return };
    let mut row = FunctionProfile {
        module: module.clone(),
        index: function.index,
        name: name.to_owned(),
        calls: counted.calls,
        back_edges: counted.back.values().sum(),
        seconds: counted.seconds,
        ..FunctionProfile::default()
    };
    let mut book = |pc: u32, instructions: u64, gas: u64| {
        if instructions == 0 && gas == 0 {
            return;
        }
        row.instructions += instructions;
        row.gas = row.gas.saturating_add(gas);
        let line = lines.entry(program.file_and_line(number, pc)).or_default();
        line.0 += instructions;
        line.1 = line.1.saturating_add(gas);
    };
    for ((pc, instruction), count) in (0..).zip(&code.code).zip(counted.places()) {
        book(pc, count.executed, count.own);
        if count.executed == 0 {
            continue;
        }
        *profile.opcodes.entry(instruction.op().name()).or_default() += count.executed;
        let Some(charge) = count.charge else { continue };
        book(pc, 0, charge.gas.saturating_mul(charge.broken));
        let rest = code.code.get(pc as usize + 1..charge.end as usize).unwrap_or_default();
        for (pc, instruction) in (pc + 1..).zip(rest) {
            book(pc, 0, instruction.gas().saturating_mul(charge.paid.saturating_sub(charge.broken)));
        }
    }
    let mut unit = |head: Option<u32>, count, threshold| {
        let (module, hot) = (module.clone(), count >= threshold);
        if head.is_some() || hot {
            let (file, line) = program.file_and_line(number, head.unwrap_or_default());
            profile.units.push(UnitProfile {
                module,
                function: function.index,
                head,
                file,
                line,
                count,
                hot,
            });
        }
    };
    unit(None, row.calls, HOT);
    counted.back.iter().for_each(|(head, count)| unit(Some(*head), *count, 10 * HOT));
    profile.functions.push(row);
}

impl Profile {
    /// The profile as JSON on one line (bytecode.md 9.2).
    ///
    /// Functions and units of other modules than the main one have a further key `module`, units that are functions have no `loop`.
    pub fn to_json(&self) -> String {
        let functions = self.functions.iter().map(|f| {
            let (index, calls, instructions, gas, back) = (f.index, f.calls, f.instructions, f.gas, f.back_edges);
            format!(
                "{{{}\"fn\":{index},\"name\":{},\"calls\":{calls},\"instructions\":{instructions},\"gas\":{gas},\
                 \"back_edges\":{back},\"tier2_calls\":0,\"seconds\":{:?}}}",
                of_module(f.module.as_deref()),
                quoted(&f.name),
                f.seconds,
            )
        });
        let lines = self.lines.iter().map(|l| {
            let (line, instructions, gas) = (l.line, l.instructions, l.gas);
            let file = quoted(&l.file);
            format!("{{\"file\":{file},\"line\":{line},\"instructions\":{instructions},\"gas\":{gas}}}")
        });
        let units = self.units.iter().map(|u| {
            let head = u.head.map_or(String::new(), |head| format!("\"loop\":{head},"));
            let (module, function) = (of_module(u.module.as_deref()), u.function);
            format!("{{{module}\"fn\":{function},{head}\"count\":{},\"hot\":{}}}", u.count, u.hot)
        });
        let opcodes = self.opcodes.iter().map(|(name, count)| format!("\"{name}\":{count}"));
        format!(
            "{{\"zexus_profile\":1,\"module\":\"{}\",\"gas_used\":{},\"functions\":[{}],\"lines\":[{}],\"opcodes\":{{{}}},\"units\":[{}]}}",
            self.module,
            self.gas_used,
            joined(functions),
            joined(lines),
            joined(opcodes),
            joined(units),
        )
    }
}

fn of_module(path: Option<&str>) -> String {
    path.map_or(String::new(), |path| format!("\"module\":{},", quoted(path)))
}

fn joined(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(",")
}
