//! The tier, as the driver of the runtime sees it: how the main program and its tasks begin and end.

use std::rc::Rc;
use std::sync::Arc;

use zexus_hir::ir::{ModuleId, Program, StateKind};
use zexus_runtime::driver::{self, Seat, Tier};
use zexus_runtime::interp::Visitor;
use zexus_runtime::machine::StateVar;
use zexus_runtime::tasks::{Job, Start};
use zexus_runtime::{Machine, Trap, Value, state};

use crate::code::Code;
use crate::eval::{Eval, Shared};
use crate::frame::HEADER;

/// What is to be run.
pub(crate) enum Entry {
    /// The body of a module.
    Module(ModuleId),
    /// A call of a value.
    Call(Value, Vec<Value>),
    /// What the host does itself.
    Visit(Visitor),
}

/// Makes room for the variables of a program.
pub(crate) fn prepare(m: &mut Machine, program: &Program) {
    m.constants.clear();
    m.globals.resize(program.globals.len(), Value::UNDEF);
    for declared in program.states.iter().skip(m.states.len()) {
        m.states.push(StateVar {
            place: state::place::variable(&declared.key).into(),
            ledger: declared.kind == StateKind::Ledger,
            name: declared.name.clone(),
        });
    }
}

/// A run of a program.
#[derive(Clone)]
pub(crate) struct Run {
    pub code: Arc<Code>,
    pub shared: Rc<Shared>,
}

impl Run {
    fn within(
        &self,
        seat: Seat<'_>,
        m: Box<Machine>,
        body: impl FnOnce(&mut Eval<'_>) -> Result<Value, Trap>,
    ) -> (Box<Machine>, Result<Value, Trap>) {
        let Some(func) = self.code.outermost() else { return (m, Ok(Value::NULL)) };
        let mut eval = Eval::new(m, seat, &self.code, &self.shared, func);
        let result = body(&mut eval);
        (eval.m, result)
    }
}

impl Tier for Run {
    type Entry = Entry;

    fn main(&self, seat: Seat<'_>, m: Box<Machine>, entry: Entry) -> (Box<Machine>, Result<Value, Trap>) {
        self.within(seat, m, |eval| eval.main(entry))
    }

    fn task(&self, seat: Seat<'_>, m: Box<Machine>, start: Start) -> (Box<Machine>, Result<Value, Trap>) {
        self.within(seat, m, |eval| match start.job {
            Job::Function => eval.run_function(start.f, &start.args),
            _ => start.run(eval),
        })
    }
}

impl Eval<'_> {
    /// The main program, to the very end.
    pub(crate) fn main(&mut self, entry: Entry) -> Result<Value, Trap> {
        let program = self.program;
        let (outcome, hooks) = match entry {
            Entry::Module(id) => {
                if let Some(done) = self.shared.imported.borrow_mut().get_mut(id.index()) {
                    *done = true;
                }
                self.func = &program.functions[program.modules[id.index()].body.index()];
                self.m.stack.resize(HEADER + self.func.slots as usize, Value::UNDEF);
                self.enter_module(id);
                (self.block(&self.func.body).map(|_| self.value), true)
            }
            Entry::Call(f, args) => (self.call_values(f, Value::UNDEF, &args), false),
            Entry::Visit(visit) => {
                visit(self);
                return Ok(Value::NULL);
            }
        };
        let deferred = self.deferred();
        driver::end_program(self, outcome, deferred, hooks)
    }

    /// The function that a task begins with; what comes before its parameters are bound was done when the task was made.
    fn run_function(&mut self, f: Value, args: &[Value]) -> Result<Value, Trap> {
        let at = self.height();
        self.push_header(f, Value::UNDEF);
        self.m.stack.extend_from_slice(args);
        let Some(r) = f.as_function() else { return self.call_at(at, args.len(), &[]) };
        let this = self.m.heap.function(r).this;
        if !this.is_undef() {
            self.m.stack[at + 1] = this;
        }
        self.run_guarded(r, at, args.len())
    }
}
