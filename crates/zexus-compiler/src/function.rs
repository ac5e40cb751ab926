//! One function: what its code needs to know, its head and its end.

use std::sync::Arc;

use rustc_hash::FxHashSet;
use zexus_bytecode::flags::FnFlags;
use zexus_bytecode::{FunctionBuilder, Label, Opcode, Param, Run, Support, limits};
use zexus_hir::ir::{self, Bind, Const, Expr, ExprKind, Function, StmtKind};

use crate::leave::Frame;
use crate::names::Variables;
use crate::unit::{Fields, Unit};
use crate::want::Want;

/// So many `defer` statements get regions of their own; more are kept on a list, because regions may be nested only so deep.
const MOST_DEFERS: usize = 16;

/// A function that is being compiled.
pub(crate) struct FnCompiler<'u, 'p> {
    pub unit: &'u mut Unit<'p>,
    /// Its number.
    pub number: u32,
    pub func: &'p Function,
    pub b: FunctionBuilder,
    /// Values on the stack at this place.
    pub height: u32,
    highest: u32,
    /// What is open at this place, from the outside.
    pub frames: Vec<Frame<'p>>,
    /// Loops around this place.
    pub loops: u32,
    /// Temporaries in use.
    pub temps: u32,
    most_temps: u32,
    /// The fields of the contract in whose action this is.
    pub fields: Option<Arc<Fields>>,
    /// The list of deferred functions, if it is needed.
    pub deferred: Option<u32>,
    /// The list of watches that end with the block, if it sets some.
    pub watches: Option<u32>,
    /// For an action inside modifiers: whether its body has run, and its result.
    pub result: Option<(u32, u32)>,
    /// Constants that name slots and captures.
    pub slot_names: Vec<u32>,
    pub capture_names: Vec<u32>,
    /// The names of all variables, so that globals of the same name can be told apart.
    pub own_names: FxHashSet<ir::Name>,
}

impl<'u, 'p> FnCompiler<'u, 'p> {
    pub fn new(unit: &'u mut Unit<'p>, number: u32) -> FnCompiler<'u, 'p> {
        let facts = &unit.survey.functions[number as usize];
        let (func, contract, parent) = (facts.func, facts.contract, facts.parent);
        let around = unit.names.get(parent as usize);
        let entry = number == 0;
        let variables = Variables::of(func, around, |name| entry && unit.is_own_global(name));
        let own_names = variables.slots.iter().chain(&variables.captures).cloned().collect();
        let (slots, captures) = (variables.slots.len(), variables.captures.len());
        unit.names.push(variables);
        let fields = contract.map(|c| unit.fields(c, parent));
        let name = if entry { "main" } else { &func.name };
        FnCompiler {
            unit,
            number,
            func,
            b: FunctionBuilder::new(name),
            height: 0,
            highest: 0,
            frames: Vec::new(),
            loops: 0,
            temps: 0,
            most_temps: 0,
            fields,
            deferred: None,
            watches: None,
            result: None,
            slot_names: vec![u32::MAX; slots],
            capture_names: vec![u32::MAX; captures],
            own_names,
        }
    }

    /// The function, and the places of its instructions.
    pub fn compile(mut self) -> (zexus_bytecode::Function, Vec<Run>) {
        self.signature();
        self.params();
        self.limit();
        self.body();
        self.lists();
        let unit = self.unit;
        if self.highest > u32::try_from(limits::STACK).unwrap_or(u32::MAX) {
            unit.fail(format!("more than {} values on the stack", limits::STACK));
        }
        match self.b.finish() {
            Ok((function, runs)) => {
                unit.count(function.code.len());
                (function, runs)
            }
            Err(error) => {
                unit.fail(error.to_string());
                (zexus_bytecode::Function::new(""), Vec::new())
            }
        }
    }

    fn signature(&mut self) {
        let func = self.func;
        if func.params.len() > limits::PARAMS {
            self.unit.fail(format!("more than {} parameters", limits::PARAMS));
        }
        let mut flags = func.flags | FnFlags::SCOPED;
        if self.fields.is_some() {
            flags |= FnFlags::ACTION;
        }
        self.b.function.flags = flags;
        for param in &func.params {
            let name = self.bound_name(param.bind);
            self.unit.pool.check_name(&name);
            self.b.function.params.push(match (param.rest, &param.default) {
                (true, _) => Param::rest(name),
                (_, Some(_)) => Param::optional(name),
                _ => Param::required(name),
            });
        }
    }

    /// Locals and captures, when all temporaries are known.
    fn lists(&mut self) {
        let func = self.func;
        let params: FxHashSet<u32> = func.params.iter().filter_map(|p| slot_of(p.bind)).collect();
        let mut locals: Vec<Arc<str>> = Vec::new();
        if func.flags.is_method() {
            locals.push("this".into());
        }
        if let Some(variables) = self.unit.names.get(self.number as usize) {
            let own = (0..).zip(&variables.slots).filter(|(slot, _)| !params.contains(slot));
            locals.extend(own.map(|(_, name)| name.clone()));
            let mut seen = FxHashSet::default();
            let captures = variables.captures.iter().filter(|name| seen.insert(*name)).cloned();
            self.b.function.captures.extend(captures);
        }
        for name in locals.iter().chain(&self.b.function.captures) {
            self.unit.pool.check_name(name);
        }
        locals.extend((0..self.most_temps).map(|n| format!("#{n}").into()));
        if locals.len() + self.b.function.captures.len() + 1 > limits::NAMES {
            self.unit.fail(format!("more than {} locals and captures in a function", limits::NAMES));
        }
        self.b.function.locals = locals;
    }

    /// Defaults that are missing, and types of parameters.
    fn params(&mut self) {
        let func = self.func;
        let optional = func.params.iter().filter(|p| p.default.is_some()).count();
        let typed = func.params.iter().any(|p| p.ty.is_some());
        let constant = |e: &Expr| matches!(e.kind, ExprKind::Const(_));
        let plain = func.params.iter().filter_map(|p| p.default.as_ref()).all(constant);
        if optional == 0 || !typed || plain {
            for param in &func.params {
                if let Some(default) = &param.default {
                    self.expr(default);
                    self.store_slot(param.bind);
                    let given = self.b.label();
                    self.b.mark(given);
                    self.b.entry(given);
                }
            }
            for param in &func.params {
                self.check_param(param);
            }
            return;
        }
        // A default may fail or have an effect, and comes after the checks of the parameters before it: every call starts at 0.
        let start = self.b.label();
        self.b.mark(start);
        for param in &func.params {
            if let Some(default) = &param.default {
                self.b.entry(start);
                let given = self.b.label();
                let name = self.bind_constant(param.bind);
                self.emit(Opcode::LoadConst, name);
                self.support(Support::Given, 1);
                self.jump(Opcode::JumpIfTrue, given);
                self.expr(default);
                self.store_slot(param.bind);
                self.b.mark(given);
            }
            self.check_param(param);
        }
    }

    fn check_param(&mut self, param: &'p ir::Param) {
        let Some(ty) = &param.ty else { return };
        let message = format!(
            "Type mismatch: parameter '{}' of {} expects {}, got {{}}",
            param.name,
            self.shown_name(),
            shown(&ty.text)
        );
        self.load_bound(param.bind);
        self.nowhere();
        self.check_type(ty, message);
        self.emit(Opcode::Pop, ());
    }

    /// The name of the function in messages.
    fn shown_name(&self) -> &'p str {
        if self.func.name.is_empty() { "lambda" } else { &self.func.name }
    }

    fn limit(&mut self) {
        match &self.func.limit {
            None => (),
            Some(Expr { kind: ExprKind::Const(Const::Int(n)), .. }) if *n >= 0 => {
                self.b.function.gas_limit = u64::try_from(*n).ok();
            }
            Some(e) => {
                self.expr(e);
                self.at(e.span);
                self.emit(Opcode::GasLimit, ());
            }
        }
    }

    fn body(&mut self) {
        let func = self.func;
        let facts = &self.unit.survey.functions[self.number as usize];
        let (nested, has_body) = (facts.nested_defer, facts.has_body);
        // Those of the main program run when its tasks have ended, which is after its code.
        let defers = if self.is_main() { 0 } else { facts.defers };
        if has_body {
            let ran = self.temp();
            let result = self.temp();
            self.result = Some((ran, result));
            self.load_literal(&Const::Bool(false));
            self.store_temp(ran);
        }
        let list = defers > 0 && (nested || defers > MOST_DEFERS || func.body.watches);
        if list {
            let list = self.temp();
            self.deferred = Some(list);
            self.emit(Opcode::BuildList, 0);
            self.store_temp(list);
        }
        let exports = self.number == 0
            && self.unit.program.modules.get(self.unit.id.index()).is_some_and(|m| !m.exports.is_empty());
        let checked = func.result.is_some() || has_body;
        let want = match self.unit.builtins.yields_block(&func.body) {
            _ if checked => Want::Value,
            true if defers > 0 || exports => Want::Value,
            false if defers > 0 || exports => Want::Nothing,
            _ => Want::Tail,
        };
        if let Some(list) = self.deferred {
            self.protected(crate::leave::Cleanup::Deferred(list), want, |me, want| {
                me.block(&func.body, want);
                me.outcome();
            });
        } else if defers > 0 {
            self.block_with_defers(want);
        } else {
            self.block(&func.body, want);
            if !func.body.stmts.last().is_some_and(|last| FnCompiler::diverges(&last.kind)) {
                self.outcome();
            }
        }
        if exports {
            self.exports();
        }
    }

    /// A body whose `defer` statements all stand directly in it: each is a region around the rest.
    fn block_with_defers(&mut self, want: Want) {
        let func = self.func;
        let end = self.b.label();
        let mut handlers: Vec<(Label, ir::FuncId)> = Vec::new();
        self.block_head(&func.body);
        let (last, rest) = match func.body.stmts.split_last() {
            Some((last, rest)) => (Some(last), rest),
            None => (None, &[][..]),
        };
        for stmt in rest.iter().chain(last) {
            let is_last = last.is_some_and(|l| std::ptr::eq(l, stmt));
            if let StmtKind::Defer(id) = &stmt.kind {
                let handler = self.b.label();
                self.open_region(Opcode::SetupFinally, handler);
                self.frames.push(Frame::Finally(crate::leave::Cleanup::Defer(*id)));
                handlers.push((handler, *id));
                if is_last && want == Want::Value {
                    self.load_literal(&Const::Null);
                }
            } else {
                self.stmt(stmt, if is_last { want } else { Want::Nothing });
            }
        }
        self.outcome();
        let height = self.height;
        for (_, id) in handlers.iter().rev() {
            self.frames.pop();
            self.emit(Opcode::PopTry, ());
            self.call_deferred(*id);
        }
        self.jump(Opcode::Jump, end);
        for (handler, id) in handlers.iter().rev() {
            self.b.mark(*handler);
            self.height = 1;
            let error = self.temp();
            self.store_temp(error);
            self.call_deferred(*id);
            self.load_temp(error);
            self.nowhere();
            self.emit(Opcode::Throw, ());
            self.free(1);
        }
        self.b.mark(end);
        self.height = height;
    }

    /// What happens to the value of a body, or of a `return`, that lies on the stack: the result of an action inside modifiers is that of
    /// its body, and a result has a type.
    pub fn outcome(&mut self) {
        let func = self.func;
        if let Some((ran, result)) = self.result {
            let own = self.b.label();
            self.load_temp(ran);
            self.jump(Opcode::JumpIfFalse, own);
            self.emit(Opcode::Pop, ());
            self.load_temp(result);
            self.b.mark(own);
        }
        if let Some(ty) = &func.result {
            let message =
                format!("Type mismatch: {} must return {}, got {{}}", self.shown_name(), shown(&ty.text));
            self.at(func.body.stmts.last().map_or(func.span, |s| s.span));
            self.check_type(ty, message);
        }
    }

    /// Whether this is the body of the main program.
    pub fn is_main(&self) -> bool {
        let module = self.unit.program.modules.get(self.unit.id.index());
        self.number == 0 && module.is_some_and(|m| &*m.name == "__main__")
    }

    /// Whether a value is needed at the end of the function, even if there is none to speak of.
    pub fn has_outcome(&self) -> bool {
        self.result.is_some() || self.func.result.is_some()
    }

    /// Appends an instruction.
    #[inline]
    pub fn emit(&mut self, op: Opcode, operand: impl Into<zexus_bytecode::Operand>) {
        let instruction = zexus_bytecode::Instruction::new(op, operand);
        self.b.push(instruction);
        let height = u64::from(self.height).saturating_sub(instruction.pops()) + instruction.pushes();
        self.height = height as u32;
        self.highest = self.highest.max(self.height);
    }

    /// An instruction has put values on the stack.
    pub fn raise(&mut self, count: u32) {
        self.height += count;
        self.highest = self.highest.max(self.height);
    }

    /// Appends a jump.
    pub fn jump(&mut self, op: Opcode, label: Label) {
        self.b.emit_to(op, label);
        if matches!(op, Opcode::JumpIfFalse | Opcode::JumpIfTrue) {
            self.height = self.height.saturating_sub(1);
        }
    }

    /// Opens a region.
    pub fn open_region(&mut self, op: Opcode, handler: Label) {
        self.b.emit_to(op, handler);
        let open = self.frames.iter().filter(|f| f.is_region()).count();
        if open >= limits::REGIONS as usize {
            self.unit.fail(format!("regions nested more than {} deep", limits::REGIONS));
        }
    }

    /// A new temporary.
    pub fn temp(&mut self) -> u32 {
        self.temps += 1;
        self.most_temps = self.most_temps.max(self.temps);
        self.temps - 1
    }

    /// The last temporaries may be used again.
    pub fn free(&mut self, count: u32) {
        self.temps -= count;
    }
}

/// The text of a type in a message, in which `{}` stands for something else.
pub(crate) fn shown(text: &str) -> String {
    text.replace("{}", "{ }")
}

/// The slot of a variable of a function.
pub(crate) fn slot_of(bind: Bind) -> Option<u32> {
    match bind {
        Bind::Local(slot) | Bind::NewCell(slot) | Bind::EarlyCell(slot) => Some(slot.0),
        Bind::Global(_) => None,
    }
}
