//! Declarations of functions, types and modules (language.md 6.4, chapters 11, 12, 15).

use std::sync::Arc;

use zexus_hir::ir::{
    Bind, Block, Capture, ContractDecl, DataDecl, Decl, DeclKind, EnumDecl, Export, ExportValue, Expr,
    FuncId, ModuleId, Name, Span, Var,
};
use zexus_runtime::object::{
    ContractObj, EnumObj, Export as Shown, FieldObj, FunctionObj, ModuleObj, Names, StateField, TypeForm,
    TypeObj,
};
use zexus_runtime::{Kind, Ref, Trap, Value};

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
                self.new_type(d.name.clone(), module, form)?
            }
            DeclKind::Protocol { name, interface } => {
                let form = if *interface { TypeForm::Interface } else { TypeForm::Protocol };
                self.new_type(name.clone(), module, form)?
            }
            DeclKind::Enum(e) => self.enumeration(e)?,
            DeclKind::Contract(c) => {
                let object = ContractObj { name: c.name.clone(), module, ..ContractObj::default() };
                Value::contract(self.m.heap.alloc_contract(object)?)
            }
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

    fn new_type(&mut self, name: Name, module: Arc<str>, form: TypeForm) -> Result<Value, Trap> {
        Ok(Value::ty(self.m.heap.alloc_type(TypeObj { name, module, form, ..TypeObj::default() })?))
    }

    fn enumeration(&mut self, e: &'p EnumDecl) -> Result<Value, Trap> {
        let mut members = Names::default();
        for (name, c) in &e.members {
            members.insert(name.clone(), self.constant(c)?);
        }
        Ok(Value::enumeration(self.m.heap.alloc_enum(EnumObj { name: e.name.clone(), members })?))
    }

    /// The parent that a declaration names.
    fn parent(&mut self, e: Option<&'p Expr>) -> Result<Value, Trap> {
        e.map_or(Ok(Value::UNDEF), |e| self.expr(e))
    }

    fn fill_type(&mut self, d: &'p DataDecl, t: Ref<TypeObj>) -> Result<(), Trap> {
        let home = Value::ty(t);
        let mut object = TypeObj {
            name: d.name.clone(),
            module: self.module_path(),
            form: self.m.heap.ty(t).form,
            immutable: d.immutable,
            verified: d.verified,
            type_params: d.type_params.clone(),
            ..TypeObj::default()
        };
        if let Kind::Type(p) = self.parent(d.extends.as_ref())?.kind() {
            let parent = self.m.heap.ty(p);
            object.parent = Some(p);
            object.implements = parent.implements.clone();
            object.fields = parent.fields.clone();
            object.computed = parent.computed.clone();
            object.methods = parent.methods.clone();
            object.operators = parent.operators.clone();
        }
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
        self.m.heap.charge(48 * (object.fields.len() + object.methods.len()) as u64)?;
        *self.m.heap.ty_mut(t) = object;
        self.m.declare_type(t);
        Ok(())
    }

    fn fill_contract(&mut self, c: &'p ContractDecl, r: Ref<ContractObj>) -> Result<(), Trap> {
        let home = Value::contract(r);
        let mut object =
            ContractObj { name: c.name.clone(), module: self.module_path(), ..ContractObj::default() };
        if let Kind::Contract(p) = self.parent(c.extends.as_ref())?.kind() {
            let parent = self.m.heap.contract(p);
            object.parent = Some(p);
            object.implements = parent.implements.clone();
            object.state = parent.state.clone();
            object.actions = parent.actions.clone();
        }
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
        self.m.heap.charge(48 * (object.state.len() + object.actions.len()) as u64)?;
        *self.m.heap.contract_mut(r) = object;
        self.m.declare_contract(r);
        Ok(())
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

    fn own_home(&self) -> Value {
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
        // Standard modules have the odd numbers.
        let key = id.0 * 2;
        if let Some(v) = self.m.modules.get(&key) {
            return Ok(*v);
        }
        let module = &self.program.modules[id.index()];
        let mut exports = Names::default();
        for e in &module.exports {
            exports.insert(e.name.clone(), self.shown(e)?);
        }
        let object = ModuleObj { name: module.name.clone(), exports };
        let v = Value::module(self.m.heap.alloc_module(object)?);
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
            ExportValue::StdModule(index) => Shown::Value(self.std_module_value(*index)?),
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
        let target = self.module_at(bind, path)?;
        match self.block(body)? {
            Flow::Normal => (),
            flow => return Ok(flow),
        }
        for e in exports {
            let shown = self.shown(e)?;
            self.m.heap.charge(48)?;
            self.m.heap.module_mut(target).exports.insert(e.name.clone(), shown);
        }
        self.null()
    }

    /// The module object of a path below a variable; those that are missing are made.
    fn module_at(&mut self, bind: Bind, path: &'p [Name]) -> Result<Ref<ModuleObj>, Trap> {
        let (mut at, mut name) = (None, String::new());
        for (i, part) in path.iter().enumerate() {
            if i > 0 {
                name.push('.');
            }
            name.push_str(part);
            let found = match at {
                None => self.bound(bind),
                Some(outer) => match self.m.heap.module(outer).exports.get(&**part) {
                    Some(Shown::Value(v)) => *v,
                    _ => Value::UNDEF,
                },
            };
            at = Some(match found.as_module() {
                Some(m) => m,
                None => {
                    let made = self
                        .m
                        .heap
                        .alloc_module(ModuleObj { name: name.as_str().into(), exports: Names::default() })?;
                    match at {
                        None => self.bind(bind, Value::module(made))?,
                        Some(outer) => {
                            let shown = Shown::Value(Value::module(made));
                            self.m.heap.module_mut(outer).exports.insert(part.clone(), shown);
                        }
                    }
                    made
                }
            });
        }
        match at {
            Some(m) => Ok(m),
            None => self.m.heap.alloc_module(ModuleObj::default()),
        }
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
