//! What is derived from a program once, so that calls need not ask again.

use std::sync::Arc;

use zexus_bytecode::flags::FnFlags;
use zexus_hir::ir::{Bind, Function, Param, Program, Role};
use zexus_runtime::object::{FunctionInfo, ParamInfo};

/// A program with what calls need to know of its functions.
#[derive(Debug, Default)]
pub(crate) struct Code {
    /// The program.
    pub program: Arc<Program>,
    /// By function.
    pub facts: Vec<Facts>,
}

/// What calls need to know of a function.
#[derive(Debug)]
pub(crate) struct Facts {
    /// The function.
    pub func: Arc<Function>,
    /// Name and parameters for the runtime.
    pub info: Arc<FunctionInfo>,
    /// Whether a call with the right number of positional arguments needs nothing but slots: no types, defaults,
    /// rest, cells or modifiers.
    pub plain: bool,
    /// Whether nothing around the body is needed but a frame: no modifiers and no gas limit.
    pub bare: bool,
    /// Slots of its frame, with that for the result of an action inside modifiers.
    pub slots: usize,
    /// Fewest arguments.
    pub fewest: usize,
    /// Most arguments, a rest parameter not counted.
    pub most: usize,
    /// Whether there is a rest parameter.
    pub rest: bool,
}

impl Code {
    /// Derives the facts.
    pub fn new(program: Arc<Program>) -> Code {
        let facts = program.functions.iter().map(|f| facts_of(&program, f)).collect();
        Code { program, facts }
    }

    /// The function that stands outermost where none of the program runs yet: the body of the main module.
    pub fn outermost(&self) -> Option<&Function> {
        let main = self.program.main.and_then(|id| self.program.modules.get(id.index()));
        self.program.functions.get(main.map_or(0, |m| m.body.index())).map(|f| &**f)
    }
}

fn facts_of(program: &Program, f: &Arc<Function>) -> Facts {
    let rest = f.params.last().is_some_and(|p| p.rest);
    let params = f.params.iter().map(param_info).collect();
    let module = program.modules.get(f.module.index()).map_or_else(|| "".into(), |m| m.path.clone());
    let info = FunctionInfo { name: f.name.clone(), params, flags: f.flags, module };
    let special = FnFlags::ASYNC | FnFlags::VIEW | FnFlags::PURE | FnFlags::SECURE;
    let bare = f.flags.0 & special.0 == 0 && f.limit.is_none();
    let simple =
        |p: &Param| p.ty.is_none() && p.default.is_none() && !p.rest && matches!(p.bind, Bind::Local(_));
    Facts {
        func: f.clone(),
        slots: f.slots as usize + usize::from(f.role == Role::ContractAction),
        fewest: info.fewest(),
        most: f.params.len() - usize::from(rest),
        rest,
        plain: bare && f.result.is_none() && f.params.iter().all(simple),
        bare,
        info: Arc::new(info),
    }
}

fn param_info(p: &Param) -> ParamInfo {
    ParamInfo { name: p.name.clone(), required: p.default.is_none() && !p.rest, rest: p.rest }
}
