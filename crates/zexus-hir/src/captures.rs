//! Functions under construction: their slots, what they capture, and which variables end up in cells.
//!
//! A variable lives in a cell if it is captured and assigned after its declaration, or if it can be read or captured
//! before that. Everything else is captured by value. Only [`DoneFunction::finish`] knows.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use zexus_bytecode::flags::FnFlags;
use zexus_syntax::Span;

use crate::binding::*;
use crate::ir::*;
use crate::lower::{Lowerer, WatchKey};
use crate::visit::{self, Patch};

/// The `this` of a function.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ThisCtx {
    /// The type whose members are known by their bare names.
    pub ty: TypeId,
    /// Scopes from here on are inside the method and hide members.
    pub depth: u32,
    /// Own members from this position on are not in sight yet.
    pub limit: u32,
}

/// What keeps `return`, `break` and `continue` inside a block (E0210).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fence {
    None,
    Defer,
    Modifier,
}

/// A function that is being lowered.
#[derive(Clone, Debug)]
pub(crate) struct FnCtx {
    pub id: FuncId,
    pub role: Role,
    pub name: Name,
    pub flags: FnFlags,
    pub module: ModuleId,
    pub package: Option<Name>,
    pub span: Span,
    pub slots: Vec<BindingId>,
    pub captures: Vec<BindingId>,
    capture_of: FxHashMap<BindingId, u32>,
    /// The scope at whose start the closure is made, if that is not where it is written.
    pub hoisted_at: Option<u32>,
    pub this: Option<ThisCtx>,
    pub loops: u32,
    pub fence: Fence,
    /// What the enclosing statement changed so far.
    outer_changed: Vec<WatchKey>,
    outer_unsealed: Vec<BindingId>,
}

/// A function whose variables are known but not yet stored as they will be.
#[derive(Debug)]
pub(crate) struct DoneFunction {
    function: Function,
    slots: Vec<BindingId>,
    captures: Vec<BindingId>,
}

/// How far a function of the program is.
#[derive(Debug)]
pub(crate) enum Stage {
    /// It is being lowered.
    Open,
    /// Which of its variables live in cells may still change.
    Lowered(Box<DoneFunction>),
    Finished(Arc<Function>),
}

impl Stage {
    /// Stores the variables of a lowered function as they must be.
    pub fn finish(&mut self, bindings: &[Binding]) {
        *self = match std::mem::replace(self, Stage::Open) {
            Stage::Lowered(done) => Stage::Finished(Arc::new(done.finish(bindings))),
            other => other,
        };
    }
}

/// What begins a function.
#[derive(Debug)]
pub(crate) struct Head {
    pub name: Name,
    pub role: Role,
    pub flags: FnFlags,
    pub span: Span,
}

/// The parts of a finished function beside its body.
#[derive(Debug, Default)]
pub(crate) struct Signature {
    pub params: Vec<Param>,
    pub result: Option<Box<TypeRef>>,
    pub limit: Option<Expr>,
}

impl Lowerer<'_> {
    /// Begins a function; a scope for its parameters is opened. `this` is given for methods and kept for others.
    pub fn begin_function(&mut self, head: Head, this: Option<(TypeId, u32)>) {
        self.open();
        self.push_function(head, this);
    }

    /// Begins a function in the scope that is open.
    pub fn push_function(&mut self, head: Head, this: Option<(TypeId, u32)>) {
        let id = self.next_function();
        let hoisted_at = self.hoisting.take();
        let depth = self.depth();
        let this = match this {
            Some((ty, limit)) => Some(ThisCtx { ty, depth, limit }),
            None => self.fns.last().and_then(|f| f.this),
        };
        let outer_changed = std::mem::take(&mut self.changed);
        let outer_unsealed = std::mem::take(&mut self.unsealed);
        self.fns.push(FnCtx {
            id,
            role: head.role,
            name: head.name,
            flags: head.flags,
            module: self.current.id,
            package: self.current.package.clone(),
            span: head.span,
            slots: Vec::new(),
            captures: Vec::new(),
            capture_of: FxHashMap::default(),
            hoisted_at,
            this,
            loops: 0,
            fence: Fence::None,
            outer_changed,
            outer_unsealed,
        });
    }

    /// Ends the function that was begun last.
    pub fn end_function(&mut self, signature: Signature, body: Block) -> FuncId {
        self.close();
        self.pop_function(signature, body)
    }

    /// Ends the function that was begun last, but not its scope.
    pub fn pop_function(&mut self, signature: Signature, body: Block) -> FuncId {
        let Some(ctx) = self.fns.pop() else { return FuncId(0) };
        self.hoisting = ctx.hoisted_at;
        self.changed = ctx.outer_changed;
        self.unsealed = ctx.outer_unsealed;
        let name_of = |id: &BindingId| self.text(self.binding(*id).name);
        let parent = self.fns.len().saturating_sub(1);
        let captures = ctx
            .captures
            .iter()
            .map(|id| Capture { name: name_of(id), from: self.provisional(*id, parent) })
            .collect();
        let function = Function {
            name: ctx.name,
            role: ctx.role,
            module: ctx.module,
            flags: ctx.flags,
            params: signature.params,
            result: signature.result,
            limit: signature.limit,
            slots: u32::try_from(ctx.slots.len()).unwrap_or(u32::MAX),
            slot_names: ctx.slots.iter().map(name_of).collect(),
            captures,
            body,
            span: ctx.span,
            package: ctx.package,
        };
        let base = self.program.functions.len();
        // Nothing outside can change what is known of the variables of a function of the top level that captures none, nor of
        // those of the functions in it: they are finished while they are in the processor's cache.
        let complete = parent == 0 && !self.fns.is_empty() && ctx.captures.is_empty();
        let lowered = self.done.get_mut(ctx.id.index().saturating_sub(base)..).unwrap_or_default();
        let done = DoneFunction { function, slots: ctx.slots, captures: ctx.captures };
        if let Some(stage) = lowered.first_mut() {
            *stage = Stage::Lowered(Box::new(done));
        }
        if complete {
            lowered.iter_mut().for_each(|stage| stage.finish(&self.bindings));
        }
        ctx.id
    }

    /// A variable as the function at `level` has it, before cells are known.
    fn provisional(&self, id: BindingId, level: usize) -> Var {
        match self.binding(id).place {
            Place::Slot { level: own, slot, .. } if own as usize == level => Var::Local(Slot(slot)),
            Place::Slot { .. } => {
                let index = self.fns.get(level).and_then(|f| f.capture_of.get(&id)).copied();
                Var::Capture(CaptureId(index.unwrap_or(0)))
            }
            Place::Global(global) => Var::Global(global),
            Place::State(state) => Var::State(state),
            _ => Var::Local(Slot(0)),
        }
    }

    /// A variable for a read or an assignment in the function that is lowered.
    pub fn var(&mut self, id: BindingId, declared: bool) -> Var {
        let current = self.level();
        if let Place::Slot { level, depth, .. } = self.binding(id).place {
            if level == current {
                self.binding_mut(id).early |= !declared;
            } else {
                self.capture(id, declared, level, depth);
            }
        }
        self.provisional(id, current as usize)
    }

    fn capture(&mut self, id: BindingId, declared: bool, owner: u32, depth: u32) {
        if self.fns.last().is_some_and(|f| f.capture_of.contains_key(&id)) {
            return;
        }
        let made_at = self.fns.get(owner as usize + 1).and_then(|f| f.hoisted_at);
        let binding = self.binding_mut(id);
        binding.captured = true;
        binding.early |= !declared || made_at == Some(depth);
        for ctx in self.fns.iter_mut().skip(owner as usize + 1) {
            let next = u32::try_from(ctx.captures.len()).unwrap_or(u32::MAX);
            if let std::collections::hash_map::Entry::Vacant(place) = ctx.capture_of.entry(id) {
                place.insert(next);
                ctx.captures.push(id);
            }
        }
    }
}

/// Puts cells where they are needed.
struct Cells<'a> {
    bindings: &'a [Binding],
    slots: &'a [BindingId],
    captures: &'a [BindingId],
}

impl Cells<'_> {
    fn binding(&self, list: &[BindingId], index: usize) -> Option<&Binding> {
        self.bindings.get(list.get(index)?.0 as usize)
    }
}

impl Patch for Cells<'_> {
    fn var(&mut self, var: &mut Var) {
        match *var {
            Var::Local(slot) if self.binding(self.slots, slot.index()).is_some_and(Binding::is_cell) => {
                *var = Var::Cell(slot);
            }
            Var::Capture(id) if self.binding(self.captures, id.index()).is_some_and(Binding::is_cell) => {
                *var = Var::CaptureCell(id);
            }
            _ => {}
        }
    }

    fn bind(&mut self, bind: &mut Bind) {
        if let Bind::Local(slot) = *bind
            && let Some(binding) = self.binding(self.slots, slot.index())
            && binding.is_cell()
        {
            *bind = if binding.early { Bind::EarlyCell(slot) } else { Bind::NewCell(slot) };
        }
    }
}

impl DoneFunction {
    /// The function with its variables stored as they must be.
    pub fn finish(self, bindings: &[Binding]) -> Function {
        let mut function = self.function;
        let is_cell = |id: &BindingId| bindings.get(id.0 as usize).is_some_and(Binding::is_cell);
        if !self.slots.iter().chain(&self.captures).any(is_cell) {
            return function;
        }
        let mut cells = Cells { bindings, slots: &self.slots, captures: &self.captures };
        visit::params(&mut function.params, &mut cells);
        visit::ty(&mut function.result, &mut cells);
        if let Some(limit) = &mut function.limit {
            visit::expr(limit, &mut cells);
        }
        visit::block(&mut function.body, &mut cells);
        for (capture, id) in function.captures.iter_mut().zip(&self.captures) {
            if is_cell(id) {
                capture.from = match capture.from {
                    Var::Local(slot) => Var::Cell(slot),
                    Var::Capture(id) => Var::CaptureCell(id),
                    other => other,
                };
            }
        }
        function
    }
}
