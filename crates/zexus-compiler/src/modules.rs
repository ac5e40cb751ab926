//! Modules inside files, and exports (language.md chapter 12).

use zexus_bytecode::{Const, Opcode, Support};
use zexus_hir::ir::{DefineModule, Export, ExportValue, Var};

use crate::function::FnCompiler;
use crate::want::Want;

impl<'p> FnCompiler<'_, 'p> {
    /// `module M { }`, `package a.b { }`: the module is bound before its block runs, so that functions in it can name it.
    pub fn define_module(&mut self, module: &'p DefineModule) {
        let path: Vec<Const> = module.path.iter().map(|name| Const::Str(name.clone())).collect();
        self.load_constant(path);
        let name = self.bind_constant(module.bind);
        self.emit(Opcode::LoadConst, name);
        self.support(Support::DefineModule, 2);
        let made = self.temp();
        self.store_temp(made);
        self.block(&module.body, Want::Nothing);
        for export in &module.exports {
            self.show(made, export);
        }
        self.free(1);
    }

    fn show(&mut self, module: u32, export: &'p Export) {
        self.load_temp(module);
        self.load_text(&export.name);
        let support = match &export.value {
            ExportValue::Var(Var::State(id)) => {
                let key = self.state_key(*id);
                self.emit(Opcode::LoadConst, key);
                Support::ShowState
            }
            ExportValue::Var(var) => {
                let name = self.var_constant(*var);
                self.emit(Opcode::LoadConst, name);
                Support::ShowVariable
            }
            ExportValue::Builtin(index) => {
                self.load_builtin(*index);
                Support::ShowValue
            }
            ExportValue::Const(c) => {
                self.load_literal(c);
                Support::ShowValue
            }
            ExportValue::Module(id) => {
                let path = self.unit.path(*id);
                self.load_text(&path);
                self.support(Support::Module, 1);
                Support::ShowValue
            }
            ExportValue::StdModule(index) => {
                let name = self.unit.builtins.module(*index);
                let name = self.unit.pool.text(&name);
                self.emit(Opcode::Import, name);
                Support::ShowValue
            }
        };
        self.support_and_pop(support, 3);
    }

    /// The exports of a file, at the end of its body.
    pub fn exports(&mut self) {
        let program = self.unit.program;
        let Some(module) = program.modules.get(self.unit.id.index()) else { return };
        for export in &module.exports {
            if let ExportValue::Var(var @ Var::Global(_)) = export.value
                && export.to.is_empty()
                && export.with.is_none()
                && self.var_name(var) == export.name
            {
                let name = self.var_constant(var);
                self.emit(Opcode::Export, name);
                continue;
            }
            let descriptor = self.export_descriptor(export);
            self.load_constant(descriptor);
            self.support_and_pop(Support::Export, 1);
        }
    }

    fn export_descriptor(&mut self, export: &'p Export) -> Vec<(Const, Const)> {
        let (key, value) = match &export.value {
            ExportValue::Var(var @ Var::State(_)) => ("state", Const::Str(self.var_name(*var))),
            ExportValue::Var(var) => ("variable", Const::Str(self.var_name(*var))),
            ExportValue::Builtin(index) => ("builtin", Const::Str(self.unit.builtins.name(*index))),
            ExportValue::Const(c) => ("value", crate::pool::constant(c)),
            ExportValue::Module(id) => ("module", Const::Str(self.unit.path(*id))),
            ExportValue::StdModule(index) => ("module", Const::Str(self.unit.builtins.module(*index))),
        };
        let mut entries =
            vec![(Const::from("name"), Const::Str(export.name.clone())), (Const::from(key), value)];
        if !export.to.is_empty() {
            let to: Vec<Const> = export.to.iter().map(|path| Const::Str(path.clone())).collect();
            entries.push((Const::from("to"), Const::from(to)));
        }
        if let Some(with) = &export.with {
            entries.push((Const::from("with"), Const::Str(with.clone())));
        }
        entries
    }
}
