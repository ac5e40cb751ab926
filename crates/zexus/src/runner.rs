//! What runs a program: one of the tiers, behind one face.

use std::sync::Arc;

use zexus_eval::{Evaluator, LineOf};
use zexus_runtime::interp::Visitor;
use zexus_runtime::{Loc, Machine, Value};
use zexus_syntax::{FileId, SourceMap, Span};

use crate::diagnostic::{self, Diagnostic, Fault, Spot};
use crate::program::Program;
use crate::world::Variable;

/// The tier that runs an instance. A program that cannot be run at all still has a machine, for those who look into it.
#[derive(Debug)]
pub(crate) enum Runner {
    /// Tier 0.
    Evaluator(Box<Evaluator>),
    /// Tier 1 and above, with the linked form of the program.
    Vm(Box<zexus_vm::Vm>, Arc<zexus_vm::Program>),
    /// Nothing, and why.
    Refused(Box<Machine>, Vec<Diagnostic>),
}

/// How a run ended, whatever ran it.
pub(crate) struct Ended {
    /// Its value; null if it failed. Not kept alive beyond the next run.
    pub value: Value,
    /// What nobody caught.
    pub faults: Vec<Fault>,
    /// The exit code of language.md 21.2.
    pub exit_code: u8,
    /// Whether `exit_program` ended the run.
    pub exited: bool,
    /// Why nothing ran.
    pub refused: Vec<Diagnostic>,
}

impl Runner {
    pub fn machine(&self) -> &Machine {
        match self {
            Runner::Evaluator(e) => e.machine(),
            Runner::Vm(vm, _) => vm.machine(),
            Runner::Refused(machine, _) => machine,
        }
    }

    pub fn into_machine(self) -> Machine {
        match self {
            Runner::Evaluator(e) => e.into_machine(),
            Runner::Vm(vm, _) => vm.into_machine(),
            Runner::Refused(machine, _) => *machine,
        }
    }

    pub fn machine_mut(&mut self) -> &mut Machine {
        match self {
            Runner::Evaluator(e) => e.machine_mut(),
            Runner::Vm(vm, _) => vm.machine_mut(),
            Runner::Refused(machine, _) => machine,
        }
    }

    pub fn set_args(&mut self, args: Vec<Arc<str>>) {
        match self {
            Runner::Evaluator(e) => e.set_args(args),
            Runner::Vm(vm, _) => vm.set_args(args),
            Runner::Refused(..) => {}
        }
    }

    pub fn stress(&mut self) {
        match self {
            Runner::Evaluator(e) => e.stress(true),
            Runner::Vm(vm, _) => vm.stress(true),
            Runner::Refused(..) => {}
        }
    }

    /// Takes the program, whose variables have no values yet.
    pub fn load(&mut self, program: &Program) {
        match self {
            Runner::Evaluator(e) => e.load(program.hir().clone()),
            Runner::Vm(vm, linked) => vm.load(linked.clone()),
            Runner::Refused(..) => {}
        }
    }

    /// Runs the program, which was loaded, from its start.
    pub fn run(&mut self, program: &Program) -> Ended {
        match self {
            Runner::Evaluator(e) => walked(e.start()),
            Runner::Vm(vm, _) => compiled(vm.start(), program),
            Runner::Refused(_, why) => refused(why),
        }
    }

    /// Runs a longer form of the program that was run before. Only the evaluator can.
    pub fn go_on(&mut self, program: &Program) -> Ended {
        if let Runner::Evaluator(e) = self {
            e.set_lines(lines(program.sources()));
        }
        self.load(program);
        self.run(program)
    }

    pub fn call_value(&mut self, program: &Program, f: Value, args: &[Value]) -> Ended {
        match self {
            Runner::Evaluator(e) => walked(e.call_value(f, args)),
            Runner::Vm(vm, _) => compiled(vm.call_value(f, args), program),
            Runner::Refused(_, why) => refused(why),
        }
    }

    pub fn set_global(&mut self, name: &str, v: Value) -> bool {
        match self {
            Runner::Evaluator(e) => e.set_global(name, v),
            Runner::Vm(vm, _) => vm.set_global(name, v),
            Runner::Refused(..) => false,
        }
    }

    /// The variables of the top level of the main module.
    pub fn variables(&self, program: &Program) -> Vec<Variable> {
        match self {
            Runner::Vm(_, linked) => {
                let own = |v: zexus_vm::Variable<'_>| Variable { name: v.name.to_string(), stored: v.stored };
                linked.variables().map(own).collect()
            }
            _ => {
                let globals = program.hir().globals.iter().filter(|g| !g.name.contains(['#', '@']));
                globals.map(|g| Variable { name: g.name.to_string(), stored: true }).collect()
            }
        }
    }

    pub fn visit(&mut self, program: &Program, visitor: Visitor) -> Ended {
        match self {
            Runner::Evaluator(e) => walked(e.visit(visitor)),
            Runner::Vm(vm, _) => compiled(vm.visit(visitor), program),
            Runner::Refused(_, why) => refused(why),
        }
    }

    pub fn global(&self, name: &str) -> Option<Value> {
        match self {
            Runner::Evaluator(e) => e.global(name),
            Runner::Vm(vm, _) => vm.global(name),
            Runner::Refused(..) => None,
        }
    }
}

fn refused(why: &[Diagnostic]) -> Ended {
    Ended { value: Value::NULL, faults: Vec::new(), exit_code: 2, exited: false, refused: why.to_vec() }
}

fn walked(ended: zexus_eval::Ended) -> Ended {
    let spot = |at: Loc| Spot::Span(FileId(at.file), Span::new(at.start, at.end));
    let faults = ended.failures.into_iter().map(|f| Fault {
        code: f.code,
        message: f.message,
        at: f.at.map(spot),
        calls: f.trace.into_iter().map(|call| (call.caller, spot(call.at))).collect(),
    });
    Ended {
        value: ended.value,
        faults: faults.collect(),
        exit_code: ended.exit_code,
        exited: ended.exited,
        refused: Vec::new(),
    }
}

fn compiled(ended: zexus_vm::Ended, program: &Program) -> Ended {
    let spot = |at: zexus_vm::Place| match program.find_place(&at.file, at.line, at.column) {
        Some((file, start)) => Spot::Span(file, Span::new(start, start.saturating_add(at.length.max(1)))),
        None => {
            Spot::Place(diagnostic::Place { file: at.file.to_string(), line: at.line, column: at.column })
        }
    };
    let faults = ended.failures.into_iter().map(|f| Fault {
        code: f.code,
        message: f.message,
        at: f.at.map(spot),
        calls: f.trace.into_iter().map(|call| (call.caller, spot(call.at))).collect(),
    });
    Ended {
        value: ended.value,
        faults: faults.collect(),
        exit_code: ended.exit_code,
        exited: ended.exited,
        refused: Vec::new(),
    }
}

/// What stands for the source map on tier 0.
pub(crate) fn lines(sources: &Arc<SourceMap>) -> LineOf {
    let sources = sources.clone();
    Arc::new(move |at: Loc| sources.get(FileId(at.file)).map_or(0, |file| file.line(at.start)))
}
