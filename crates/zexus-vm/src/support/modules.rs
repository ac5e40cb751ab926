//! Modules as values, builtins as values, dependencies (language.md chapter 12, 16.9).

use zexus_runtime::object::Export;
use zexus_runtime::state::variables;
use zexus_runtime::{Trap, Value, declare, ops};

use super::{arg, null};
use crate::exec::{Exec, shown_name};
use crate::program::Spot;

impl Exec<'_> {
    /// `name → ⊥`
    pub(super) fn support_sealed_error(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let name = self.text_at(args, 0);
        Err(self.m.error(304, format!("Cannot reassign const variable '{}'", shown_name(&name))))
    }

    /// `name → f`
    pub(super) fn support_builtin(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let name = self.text_at(args, 0);
        match Exec::builtin_named(&name) {
            Some(index) => Ok(Value::builtin(index)),
            None => Err(self.undefined(&name, false)),
        }
    }

    /// `name → v`
    pub(super) fn support_dependency(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let name = self.text_at(args, 0);
        self.m.dependency(&name)
    }

    /// `path → module`
    pub(super) fn support_module(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let path = self.text_at(args, 0);
        self.module_value(&path)
    }

    /// `→ list`
    pub(super) fn support_args(&mut self) -> Result<Value, Trap> {
        let texts = self.shared.args.iter().map(|arg| self.m.string(arg.clone()));
        let texts = texts.collect::<Result<Vec<_>, _>>()?;
        self.m.list(texts)
    }

    /// `path NAME → m`
    pub(super) fn support_define_module(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let (path, name) = (self.texts_of(arg(args, 0)), self.text_at(args, 1));
        let spot = self.spot(&name);
        let root = Some(self.read_spot(spot)).filter(|root| !self.is_file(*root)).unwrap_or(Value::UNDEF);
        let (root, module) = declare::module_at(&mut self.m, root, &path)?;
        self.write_spot(spot, root);
        Ok(Value::module(module))
    }

    /// `m name NAME → null`
    pub(super) fn support_show_variable(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let variable = self.text_at(args, 2);
        let shown = match self.spot(&variable) {
            Spot::Global(index) => Export::Global(index),
            Spot::Builtin(index) => Export::Value(Value::builtin(index)),
            spot => {
                Export::Value(Some(self.read_spot(spot)).filter(|v| !v.is_undef()).unwrap_or(Value::NULL))
            }
        };
        self.show(args, shown)
    }

    /// `m name KEY → null`
    pub(super) fn support_show_state(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let key = self.text_at(args, 2);
        let shown = Export::State(variables::index(&mut self.m, &key, false));
        self.show(args, shown)
    }

    /// `m name v → null`
    pub(super) fn support_show_value(&mut self, args: &[Value]) -> Result<Value, Trap> {
        self.show(args, Export::Value(arg(args, 2)))
    }

    /// Whether a value is the module of a file or a standard module: what these show is not for other code to change.
    fn is_file(&self, v: Value) -> bool {
        self.m.modules.values().any(|module| module.same(v))
    }

    fn show(&mut self, args: &[Value], shown: Export) -> Result<Value, Trap> {
        let name = self.text_at(args, 1);
        match arg(args, 0).as_module() {
            Some(_) if self.is_file(arg(args, 0)) => Err(ops::sealed_error(&mut self.m, arg(args, 0))),
            Some(module) => null(declare::export(&mut self.m, module, name, shown)),
            None => Ok(Value::NULL),
        }
    }
}
