//! Declarations of functions, types and modules (language.md 6.4, chapters 11, 12, 15).

use std::sync::Arc;

use zexus_hir::ir::{
    Bind, Block, Capture, ContractDecl, DataDecl, Decl, DeclKind, EnumDecl, Export, ExportValue, Expr,
    FuncId, ModuleId, Name, Span, Var,
};
use zexus_runtime::object::{
    ContractObj, Export as Shown, FieldObj, FunctionObj, Names, StateField, TypeForm, TypeObj,
};
use zexus_runtime::{Kind, Ref, Trap, Value, declare};

use crate::control::Flow;
use crate::eval::{Eval, Stop};

impl<'p> Eval<'p> {
    /// The declarations of a block: first the objects are made and bound, then they are filled in, so that they can name each other.
    pub fn hoist(&mut self, decls: &'p [Decl]) -> Result<(), Trap> {
        for decl in decls {
            self.make(decl)?;
        }
        let mut filled = vec![false; decls.len()];
        for i in 0..decls.len() {
            // Parents first: they are among the same declarations, or were filled in before.
            let mut chain = vec![i];
            while let Some(parent) = self.parent_among(decls, &filled, &chain)? {
                chain.push(parent);
            }
            for i in chain.into_iter().rev() {
                if !std::mem::replace(&mut filled[i], true) {
                    self.fill(&decls[i])?;
                }
            }
        }
        Ok(())
    }

    /// The declaration that the last one of a chain extends, if it is to be filled in yet.
    fn parent_among(
        &mut self,
        decls: &'p [Decl],
        filled: &[bool],
        chain: &[usize],
    ) -> Result<Option<usize>, Trap> {
        let last = chain.last().and_then(|i| decls.get(*i)).map(|d| &d.kind);
        let extends = match last {
            Some(DeclKind::Data(d)) => d.extends.as_ref(),
            Some(DeclKind::Contract(c)) => c.extends.as_ref(),
            _ => None,
        };
        let Some(extends) = extends else { return Ok(None) };
        let parent = self.expr(extends)?;
        let found = decls.iter().position(|d| {
            matches!(d.kind, DeclKind::Data(_) | DeclKind::Contract(_)) && self.bound(d.bind).same(parent)
        });
        Ok(found.filter(|i| !filled[*i] && !chain.contains(i)))
    }

    /// A declaration that replaces one of the same name.
    pub fn declare(&mut self, decl: &'p Decl) -> Result<(), Trap> {
        self.make(decl)?;
        self.fill(decl)
    }

    fn make(&mut self, decl: &'p Decl) -> Result<(), Trap> {
        let module = self.module_path();
        let v = match &decl.kind {
            // Functions come in the second pass: what they capture must be there.
            DeclKind::Function(_) | DeclKind::External(_) => {
                return self.make_function_early(decl);
            }
            DeclKind::Data(d) => {
                let form = if d.entity { TypeForm::Entity } else { TypeForm::Data };
                declare::new_type(&mut self.m, d.name.clone(), module, form)?
            }
            DeclKind::Protocol { name, interface } => {
                let form = if *interface { TypeForm::Interface } else { TypeForm::Protocol };
                declare::new_type(&mut self.m, name.clone(), module, form)?
            }
            DeclKind::Enum(e) => self.enumeration(e)?,
            DeclKind::Contract(c) => declare::new_contract(&mut self.m, c.name.clone(), module)?,
        };
        self.bind(decl.bind, v)
    }

    /// An object for a function that is bound before its captures are known.
    fn make_function_early(&mut self, decl: &'p Decl) -> Result<(), Trap> {
        let (DeclKind::Function(id) | DeclKind::External(id)) = &decl.kind else { return Ok(()) };
        let object = FunctionObj {
            code: id.0,
            info: self.code.facts[id.index()].info.clone(),
            this: self.own_this(*id),
            ..FunctionObj::default()
        };
        let f = Value::function(self.m.heap.alloc_function(object)?);
        self.bind(decl.bind, f)
    }

    fn fill(&mut self, decl: &'p Decl) -> Result<(), Trap> {
        let v = self.bound(decl.bind);
        match (&decl.kind, v.kind()) {
            (DeclKind::Function(id) | DeclKind::External(id), Kind::Function(f)) => {
                let captures = self.captures(*id);
                self.m.heap.charge(16 * captures.len() as u64)?;
                self.m.heap.function_mut(f).captures = captures;
                Ok(())
            }
            (DeclKind::Data(d), Kind::Type(t)) => self.fill_type(d, t),
            (DeclKind::Contract(c), Kind::Contract(r)) => self.fill_contract(c, r),
            _ => Ok(()),
        }
    }

    fn enumeration(&mut self, e: &'p EnumDecl) -> Result<Value, Trap> {
        let mut members = Names::default();
        for (name, c) in &e.members {
            members.insert(name.clone(), self.constant(c)?);
        }
        declare::enumeration(&mut self.m, e.name.clone(), members)
    }

    /// The parent that a declaration names.
    fn parent(&mut self, e: Option<&'p Expr>) -> Result<Value, Trap> {
        e.map_or(Ok(Value::UNDEF), |e| self.expr(e))
    }

    fn fill_type(&mut self, d: &'p DataDecl, t: Ref<TypeObj>) -> Result<(), Trap> {
        let home = Value::ty(t);
        let parent = self.parent(d.extends.as_ref())?;
        let mut object = declare::inherit_type(&self.m, t, parent);
        object.immutable = d.immutable;
        object.verified = d.verified;
        object.type_params = d.type_params.clone();
        for e in &d.implements {
            object.implements.push(self.expr(e)?);
        }
        for f in &d.fields {
            let field = FieldObj {
                ty: f.ty.as_ref().map(|ty| self.type_spec(ty)).transpose()?,
                default: self.member_function(f.default, home)?,
                require: self.member_function(f.require, home)?,
                inject: f.inject,
            };
            object.fields.insert(f.name.clone(), field);
        }
        for (name, id) in &d.computed {
            object.computed.insert(name.clone(), self.closure(*id, home)?);
        }
        for (name, id) in &d.methods {
            object.methods.insert(name.clone(), self.closure(*id, home)?);
        }
        for (op, id) in &d.operators {
            object.operators.push((*op, self.closure(*id, home)?));
        }
        declare::define_type(&mut self.m, t, object)
    }

    fn fill_contract(&mut self, c: &'p ContractDecl, r: Ref<ContractObj>) -> Result<(), Trap> {
        let home = Value::contract(r);
        let parent = self.parent(c.extends.as_ref())?;
        let mut object = declare::inherit_contract(&self.m, r, parent);
        for e in &c.implements {
            object.implements.push(self.expr(e)?);
        }
        for s in &c.state {
            let field = StateField {
                ty: s.ty.as_ref().map(|ty| self.type_spec(ty)).transpose()?,
                init: self.member_function(s.init, home)?,
                private: s.private,
                ledger: s.ledger,
            };
            object.state.insert(s.name.clone(), field);
        }
        for (name, id) in &c.actions {
            object.actions.insert(name.clone(), self.closure(*id, home)?);
        }
        declare::define_contract(&mut self.m, r, object)
    }

    fn member_function(&mut self, id: Option<FuncId>, home: Value) -> Result<Value, Trap> {
        id.map_or(Ok(Value::UNDEF), |id| self.closure(id, home))
    }

    /// A function with what it captures now. `home` is the type or contract that declares it; a literal takes that of the function
    /// around it, and its `this`.
    pub fn closure(&mut self, id: FuncId, home: Value) -> Result<Value, Trap> {
        let captures = self.captures(id);
        let (this, home) =
            if home.is_undef() { (self.own_this(id), self.own_home()) } else { (Value::UNDEF, home) };
        let info = self.code.facts[id.index()].info.clone();
        let object = FunctionObj { code: id.0, captures, this, home, info, protection: None };
        Ok(Value::function(self.m.heap.alloc_function(object)?))
    }

    fn own_this(&self, _id: FuncId) -> Value {
        self.this()
    }

    /// The type or contract that declares the running function.
    pub fn own_home(&self) -> Value {
        self.callee().as_function().map_or(Value::UNDEF, |f| self.m.heap.function(f).home)
    }

    fn captures(&self, id: FuncId) -> Box<[Value]> {
        self.program.functions[id.index()].captures.iter().map(|c| self.captured_from(c)).collect()
    }

    fn captured_from(&self, c: &Capture) -> Value {
        match c.from {
            Var::Local(slot) | Var::Cell(slot) => self.slot(slot),
            Var::Capture(id) | Var::CaptureCell(id) => self.capture(id.index()),
            // Variables of a top level are not captured.
            Var::Global(_) | Var::State(_) => Value::UNDEF,
        }
    }

    fn module_path(&self) -> Arc<str> {
        self.program.modules.get(self.func.module.index()).map_or_else(|| "".into(), |m| m.path.clone())
    }

    /// A module of the program as a value. The same module gives the same value.
    pub fn module_value(&mut self, id: ModuleId) -> Result<Value, Trap> {
        let key = declare::module_key(id.0);
        if let Some(v) = self.m.modules.get(&key) {
            return Ok(*v);
        }
        let module = &self.program.modules[id.index()];
        let mut exports = Names::default();
        for e in &module.exports {
            exports.insert(e.name.clone(), self.shown(e)?);
        }
        let v = Value::module(declare::new_module(&mut self.m, module.name.clone(), exports)?);
        self.m.modules.insert(key, v);
        Ok(v)
    }

    fn shown(&mut self, e: &Export) -> Result<Shown, Trap> {
        Ok(match &e.value {
            ExportValue::Var(Var::Global(id)) => Shown::Global(id.0),
            ExportValue::Var(Var::State(id)) => Shown::State(id.0),
            ExportValue::Var(_) => Shown::Value(Value::NULL),
            ExportValue::Builtin(index) => Shown::Value(Value::builtin(*index)),
            ExportValue::Const(c) => Shown::Value(self.constant(c)?),
            ExportValue::Module(id) => Shown::Value(self.module_value(*id)?),
            ExportValue::StdModule(index) => Shown::Value(declare::std_module(&mut self.m, *index)?),
        })
    }

    /// `module M { }`, `package a.b { }`
    pub fn define_module(
        &mut self,
        bind: Bind,
        path: &'p [Name],
        body: &'p Block,
        exports: &'p [Export],
    ) -> Result<Flow, Trap> {
        // The module is bound before its block runs, so that functions in it can name it.
        let before = self.bound(bind);
        let (root, target) = declare::module_at(&mut self.m, before, path)?;
        if !before.same(root) {
            self.bind(bind, root)?;
        }
        match self.block(body)? {
            Flow::Normal => (),
            flow => return Ok(flow),
        }
        for e in exports {
            let shown = self.shown(e)?;
            declare::export(&mut self.m, target, e.name.clone(), shown)?;
        }
        self.null()
    }

    /// Runs the body of a module when its first import is reached.
    pub fn import(&mut self, id: ModuleId, span: Span) -> Result<(), Trap> {
        let done =
            self.shared.imported.borrow_mut().get_mut(id.index()).map(|done| std::mem::replace(done, true));
        if done != Some(false) {
            return Ok(());
        }
        let at = self.height();
        self.push_header(Value::UNDEF, Value::UNDEF);
        let (func, facts) = self.function(self.program.modules[id.index()].body);
        let result = self.run(func, facts, at, 0).map_err(|Stop| self.trap);
        result.map_err(|t| self.at_call(t, span))?;
        self.cut(at);
        Ok(())
    }

    /// Makes `__MODULE__` and `__FILE__` those of a module.
    #[inline(never)]
    pub fn enter_module(&mut self, id: ModuleId) {
        if let Some(module) = self.program.modules.get(id.index()) {
            self.m.module = (module.name.clone(), module.path.clone());
        }
    }
}
