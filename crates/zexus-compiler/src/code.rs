//! Small pieces of code: places, constants, variables, temporaries, support functions.

use zexus_bytecode::{Const as Constant, Opcode, Operand, Support};
use zexus_hir::ir::{
    Bind, CaptureId, Const, Expr, FuncId, GlobalId, Name, Slot, Span, StateId, StateKind, Var,
};

use crate::function::FnCompiler;

impl<'p> FnCompiler<'_, 'p> {
    /// The next instructions come from this place.
    #[inline]
    pub fn at(&mut self, span: Span) {
        let (line, column, length) = self.unit.places.of(span);
        self.b.at_range(0, line, column, length);
    }

    /// The next instructions come from no place.
    pub fn nowhere(&mut self) {
        self.b.at_range(0, 0, 0, 0);
    }

    /// `LOAD_CONST` of a literal.
    pub fn load_literal(&mut self, c: &Const) {
        let k = self.unit.pool.literal(c);
        self.emit(Opcode::LoadConst, k);
    }

    /// `LOAD_CONST` of a string.
    pub fn load_text(&mut self, text: &Name) {
        let k = self.unit.pool.text(text);
        self.emit(Opcode::LoadConst, k);
    }

    /// `LOAD_CONST` of any constant.
    pub fn load_constant(&mut self, constant: impl Into<Constant>) {
        let k = self.unit.pool.add(constant.into());
        self.emit(Opcode::LoadConst, k);
    }

    /// `LOAD_CONST` of an integer.
    pub fn load_int(&mut self, value: usize) {
        let k = self.unit.pool.int(value as i64);
        self.emit(Opcode::LoadConst, k);
    }

    /// The value of an expression, or null.
    pub fn value_or_null(&mut self, e: Option<&'p Expr>) {
        match e {
            Some(e) => self.expr(e),
            None => self.load_literal(&Const::Null),
        }
    }

    /// Calls a support function with operands that lie on the stack.
    pub fn support(&mut self, support: Support, operands: u32) {
        let name = self.unit.pool.support(support);
        self.emit(Opcode::CallBuiltin, (name, operands));
    }

    /// The same for a support function whose result means nothing.
    pub fn support_and_pop(&mut self, support: Support, operands: u32) {
        self.support(support, operands);
        self.emit(Opcode::Pop, ());
    }

    pub fn load_temp(&mut self, temp: u32) {
        let name = self.unit.pool.temp(temp);
        self.emit(Opcode::LoadName, name);
    }

    pub fn store_temp(&mut self, temp: u32) {
        let name = self.unit.pool.temp(temp);
        self.emit(Opcode::StoreName, name);
    }

    /// The constant of a function.
    pub fn function_constant(&mut self, id: FuncId) -> u32 {
        let number = self.unit.survey.number(id);
        self.unit.pool.function(number)
    }

    fn slot_constant(&mut self, slot: Slot) -> u32 {
        match self.slot_names.get(slot.index()) {
            Some(&known) if known != u32::MAX => known,
            _ => {
                let name = self.slot_name(slot);
                let made = self.unit.pool.name(&name);
                if let Some(place) = self.slot_names.get_mut(slot.index()) {
                    *place = made;
                }
                made
            }
        }
    }

    fn slot_name(&self, slot: Slot) -> Name {
        let names = self.unit.names.get(self.number as usize);
        names.and_then(|n| n.slots.get(slot.index())).cloned().unwrap_or_default()
    }

    fn capture_name(&self, id: CaptureId) -> Name {
        let names = self.unit.names.get(self.number as usize);
        names.and_then(|n| n.captures.get(id.index())).cloned().unwrap_or_default()
    }

    fn capture_constant(&mut self, id: CaptureId) -> u32 {
        match self.capture_names.get(id.index()) {
            Some(&known) if known != u32::MAX => known,
            _ => {
                let name = self.capture_name(id);
                let made = self.unit.pool.name(&name);
                if let Some(place) = self.capture_names.get_mut(id.index()) {
                    *place = made;
                }
                made
            }
        }
    }

    /// The name of a global here: with a colon if a variable of this function has the same.
    fn global_name(&mut self, id: GlobalId) -> Name {
        let name = self.unit.global(id);
        if self.own_names.contains(&name) { format!(":{name}").into() } else { name }
    }

    /// The name of a variable of any kind but state.
    pub fn var_name(&mut self, var: Var) -> Name {
        match var {
            Var::Local(slot) | Var::Cell(slot) => self.slot_name(slot),
            Var::Capture(id) | Var::CaptureCell(id) => self.capture_name(id),
            Var::Global(id) => self.global_name(id),
            Var::State(id) => {
                self.unit.program.states.get(id.index()).map(|s| s.key.clone()).unwrap_or_default()
            }
        }
    }

    /// The constant that names a variable of any kind but state.
    pub fn var_constant(&mut self, var: Var) -> u32 {
        match var {
            Var::Local(slot) | Var::Cell(slot) => self.slot_constant(slot),
            Var::Capture(id) | Var::CaptureCell(id) => self.capture_constant(id),
            _ => {
                let name = self.var_name(var);
                self.unit.pool.name(&name)
            }
        }
    }

    /// The constant that names a declared variable.
    pub fn bind_constant(&mut self, bind: Bind) -> u32 {
        match bind {
            Bind::Local(slot) | Bind::NewCell(slot) | Bind::EarlyCell(slot) => self.slot_constant(slot),
            Bind::Global(id) => self.var_constant(Var::Global(id)),
        }
    }

    /// The name of a declared variable.
    pub fn bound_name(&mut self, bind: Bind) -> Name {
        match bind {
            Bind::Local(slot) | Bind::NewCell(slot) | Bind::EarlyCell(slot) => self.slot_name(slot),
            Bind::Global(id) => self.global_name(id),
        }
    }

    /// Reads a variable.
    pub fn load_var(&mut self, var: Var, span: Span) {
        match var {
            Var::State(id) => {
                self.at(span);
                self.load_state(id);
            }
            // A variable in a slot is never read before it has a value.
            Var::Local(_) | Var::Capture(_) => {
                let name = self.var_constant(var);
                self.emit(Opcode::LoadName, name);
            }
            _ => {
                let name = self.var_constant(var);
                self.at(span);
                self.emit(Opcode::LoadName, name);
            }
        }
    }

    /// Assigns a variable the top of the stack.
    pub fn store_var(&mut self, var: Var, span: Span) {
        match var {
            Var::State(id) => {
                self.at(span);
                self.store_state(id);
            }
            _ => {
                let name = self.var_constant(var);
                self.emit(Opcode::StoreName, name);
            }
        }
    }

    /// Reads a declared variable.
    pub fn load_bound(&mut self, bind: Bind) {
        let name = self.bind_constant(bind);
        self.emit(Opcode::LoadName, name);
    }

    /// Stores into a slot of the frame, without making a new variable.
    pub fn store_slot(&mut self, bind: Bind) {
        let name = self.bind_constant(bind);
        self.emit(Opcode::StoreName, name);
    }

    /// Declares a variable with the top of the stack as its value.
    pub fn bind(&mut self, bind: Bind) {
        self.renew_bound(bind);
        self.store_slot(bind);
    }

    /// Makes a declared variable a new one, if someone can tell.
    pub fn renew_bound(&mut self, bind: Bind) {
        if let Bind::Local(slot) | Bind::NewCell(slot) = bind {
            self.renew(slot, Support::New);
        }
    }

    /// Makes variables new that are captured before they are declared.
    pub fn early(&mut self, slots: &[Slot]) {
        for slot in slots {
            self.renew(*slot, Support::New);
        }
    }

    /// Outside loops a variable is declared once in each call, which makes it new; without captures nobody can tell.
    pub fn renew(&mut self, slot: Slot, support: Support) {
        let captured = self.unit.survey.functions.get(self.number as usize).map(|f| &f.captured);
        if self.loops > 0 && captured.is_some_and(|captured| captured.contains(&slot)) {
            let name = self.slot_constant(slot);
            self.emit(Opcode::LoadConst, name);
            self.support_and_pop(support, 1);
        }
    }

    /// Whether `STATE_READ` means a field of `this` here.
    fn in_action(&self) -> bool {
        self.fields.is_some()
    }

    /// The kind of a state variable of a top level.
    pub fn state_kind(&self, id: StateId) -> Option<StateKind> {
        self.unit.program.states.get(id.index()).map(|s| s.kind)
    }

    /// The constant that is the key of a state variable.
    pub fn state_key(&mut self, id: StateId) -> u32 {
        let key = self.var_name(Var::State(id));
        self.unit.pool.key(&key)
    }

    fn load_state(&mut self, id: StateId) {
        let key = self.state_key(id);
        if self.in_action() {
            self.emit(Opcode::LoadConst, key);
            self.support(Support::StateRead, 1);
        } else {
            self.emit(Opcode::StateRead, key);
        }
    }

    fn store_state(&mut self, id: StateId) {
        let ledger = self.state_kind(id) == Some(StateKind::Ledger);
        let key = self.state_key(id);
        if self.in_action() {
            self.emit(Opcode::LoadConst, key);
            self.support_and_pop(if ledger { Support::LedgerWrite } else { Support::StateWrite }, 2);
        } else {
            self.emit(if ledger { Opcode::LedgerAppend } else { Opcode::StateWrite }, key);
        }
    }

    /// Reads a field of the running contract.
    pub fn load_field(&mut self, name: &Name) {
        self.unit.use_this(self.number);
        let key = self.unit.pool.key(name);
        self.emit(Opcode::StateRead, key);
    }

    /// Assigns a field of the running contract the top of the stack.
    pub fn store_field(&mut self, name: &Name, keeps_history: bool) {
        self.unit.use_this(self.number);
        let key = self.unit.pool.key(name);
        self.emit(if keeps_history { Opcode::LedgerAppend } else { Opcode::StateWrite }, key);
    }

    /// Whether a name is a field of the running contract, and whether it keeps its history.
    pub fn field(&self, name: &Name) -> Option<bool> {
        self.fields.as_ref().and_then(|fields| fields.keeps_history(name))
    }

    /// `this`
    pub fn load_this(&mut self) {
        self.unit.use_this(self.number);
        let this = self.unit.pool.text(&"this".into());
        self.emit(Opcode::LoadName, this);
    }

    /// An instruction that names a member; `@name` if it is reached through `this`.
    pub fn member(&mut self, op: Opcode, name: &Name, through_this: bool, count: Option<u32>) {
        let k = if through_this { self.unit.pool.own_member(name) } else { self.unit.pool.name(name) };
        match count {
            Some(count) => self.emit(op, Operand::Two(k, count)),
            None => self.emit(op, k),
        }
    }

    /// Whether a variable is bound once, at the head of a block, so that evaluating arguments cannot change it.
    pub fn is_fixed(&self, var: Var) -> bool {
        match var {
            Var::Local(_) | Var::Capture(_) => true,
            Var::Global(id) => self.unit.survey.fixed.contains_key(&id),
            Var::Cell(slot) => self.fixed_slot(self.number, slot).is_some(),
            Var::CaptureCell(_) => self
                .unit
                .survey
                .origin(self.number, var)
                .is_some_and(|(function, slot)| self.fixed_slot(function, slot).is_some()),
            Var::State(_) => false,
        }
    }

    fn fixed_slot(&self, function: u32, slot: Slot) -> Option<Option<FuncId>> {
        self.unit.survey.functions.get(function as usize)?.fixed.get(&slot).copied()
    }

    /// The function that a variable is known to hold.
    pub fn known_function(&self, var: Var) -> Option<FuncId> {
        match var {
            Var::Global(id) => self.unit.survey.fixed.get(&id).copied().flatten(),
            _ => {
                let (function, slot) = self.unit.survey.origin(self.number, var)?;
                self.fixed_slot(function, slot).flatten()
            }
        }
    }
}
