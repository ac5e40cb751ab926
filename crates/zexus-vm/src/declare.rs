//! Declarations: descriptors become objects (bytecode.md 2.6).
//!
//! 1. A forward declaration binds an empty object; the full one fills the object that the variable holds. Otherwise each declaration
//!    that is reached makes a new object. An object that waits is marked by implementing `UNDEF`.
//! 2. Parents, protocols and types are variables of the running function, read when the declaration is reached.
//! 3. Functions of a descriptor become closures over the variables of the running call, with the declared object as their home.
//! 4. No code of the program runs here, so nothing is collected.

use std::sync::Arc;

use zexus_bytecode::operator::BinOp;
use zexus_bytecode::{Const, Opcode};
use zexus_runtime::object::{ContractObj, Demand, FieldObj, Names, StateField, TypeForm, TypeObj};
use zexus_runtime::types::{TypeSpec, fits_named, meets_demands};
use zexus_runtime::{Kind, Ref, Trap, Value, declare, kinds};

use crate::exec::{Exec, shown_name};
use crate::types::split_path;

impl Exec<'_> {
    /// `DEFINE_ENUM`, `DEFINE_PROTOCOL`, `DEFINE_CONTRACT`, `DEFINE_ENTITY`: the value to be bound to the variable `name`. `current` is
    /// what the variable holds, `UNDEF` if nothing: an object that a forward declaration made is filled. Types and contracts are bound
    /// before they are filled, so that they can mention themselves.
    ///
    /// # Errors
    /// E0301, E0302 for parents and protocols, [`Trap::MemoryLimit`].
    pub fn define(
        &mut self,
        op: Opcode,
        name: &str,
        current: Value,
        descriptor: &Const,
    ) -> Result<Value, Trap> {
        match op {
            Opcode::DefineEnum => self.define_enum(name, descriptor),
            Opcode::DefineProtocol => {
                let interface = is_set(descriptor, "interface");
                let form = if interface { TypeForm::Interface } else { TypeForm::Protocol };
                self.define_type(name, form, current, descriptor)
            }
            Opcode::DefineContract => self.define_contract(name, current, descriptor),
            _ => {
                let entity = text_at(descriptor, "kind") == Some("entity");
                let form = if entity { TypeForm::Entity } else { TypeForm::Data };
                self.define_type(name, form, current, descriptor)
            }
        }
    }

    fn define_enum(&mut self, name: &str, descriptor: &Const) -> Result<Value, Trap> {
        let mut members = Names::default();
        for (key, value) in entries(descriptor) {
            members.insert(key, self.constant(value)?);
        }
        let name = shown_name(name.rsplit_once(':').map_or(name, |(_, name)| name));
        declare::enumeration(&mut self.m, name.into(), members)
    }

    fn define_type(
        &mut self,
        name: &str,
        form: TypeForm,
        current: Value,
        descriptor: &Const,
    ) -> Result<Value, Trap> {
        let v = match current.as_type() {
            Some(t) if waits(&self.m.heap.ty(t).implements) => current,
            _ => {
                let module = self.module_path();
                declare::new_type(&mut self.m, own_name(descriptor), module, form)?
            }
        };
        let Some(t) = v.as_type() else { return Ok(v) };
        if is_set(descriptor, "forward") {
            self.m.heap.ty_mut(t).implements = vec![Value::UNDEF];
        } else if matches!(form, TypeForm::Protocol | TypeForm::Interface) {
            let demands = demands(descriptor);
            self.m.heap.charge(48 * demands.len() as u64)?;
            let protocol = self.m.heap.ty_mut(t);
            (protocol.implements, protocol.demands) = (Vec::new(), demands);
        } else {
            self.write_spot(self.spot(name), v);
            self.fill_type(t, descriptor)?;
        }
        Ok(v)
    }

    fn define_contract(&mut self, name: &str, current: Value, descriptor: &Const) -> Result<Value, Trap> {
        let v = match current.as_contract() {
            Some(c) if waits(&self.m.heap.contract(c).implements) => current,
            _ => {
                let module = self.module_path();
                declare::new_contract(&mut self.m, own_name(descriptor), module)?
            }
        };
        let Some(c) = v.as_contract() else { return Ok(v) };
        if is_set(descriptor, "forward") {
            self.m.heap.contract_mut(c).implements = vec![Value::UNDEF];
        } else {
            self.write_spot(self.spot(name), v);
            self.fill_contract(c, descriptor)?;
        }
        Ok(v)
    }

    fn fill_type(&mut self, t: Ref<TypeObj>, descriptor: &Const) -> Result<(), Trap> {
        let home = Value::ty(t);
        let parent = self.parent(descriptor)?;
        let mut object = declare::inherit_type(&self.m, t, parent);
        object.immutable = is_set(descriptor, "immutable");
        object.verified = is_set(descriptor, "verified");
        object.type_params = names_at(descriptor, "params").collect();
        self.add_protocols(&mut object.implements, descriptor)?;
        for (name, field) in members(descriptor, "fields") {
            let field = FieldObj {
                ty: self.member_type(field, &object.type_params)?,
                default: self.member_code(field.get("default"), home)?,
                require: self.member_code(field.get("require"), home)?,
                inject: field.get("inject").is_some_and(|c| !c.is_falsy()),
            };
            object.fields.insert(name, field);
        }
        self.add_functions(&mut object.computed, descriptor, "computed", home)?;
        self.add_functions(&mut object.methods, descriptor, "methods", home)?;
        for (name, code) in members(descriptor, "operators") {
            if let Some(op) = BinOp::from_text(&name) {
                object.operators.push((op, self.member_code(Some(code), home)?));
            }
        }
        declare::define_type(&mut self.m, t, object)
    }

    fn fill_contract(&mut self, c: Ref<ContractObj>, descriptor: &Const) -> Result<(), Trap> {
        let home = Value::contract(c);
        let parent = self.parent(descriptor)?;
        let mut object = declare::inherit_contract(&self.m, c, parent);
        self.add_protocols(&mut object.implements, descriptor)?;
        for (name, field) in members(descriptor, "state") {
            let field = StateField {
                ty: self.member_type(field, &[])?,
                init: self.member_code(field.get("init"), home)?,
                private: is_set(field, "private"),
                ledger: is_set(field, "ledger"),
            };
            object.state.insert(name, field);
        }
        self.add_functions(&mut object.actions, descriptor, "actions", home)?;
        declare::define_contract(&mut self.m, c, object)
    }

    /// What `"extends"` names; `UNDEF` if it is not there.
    fn parent(&mut self, descriptor: &Const) -> Result<Value, Trap> {
        match text_at(descriptor, "extends") {
            Some(name) => self.read_type(name),
            None => Ok(Value::UNDEF),
        }
    }

    fn read_type(&mut self, name: &str) -> Result<Value, Trap> {
        let (variable, members) = split_path(name);
        self.read_path(variable, members)
    }

    fn add_protocols(&mut self, implements: &mut Vec<Value>, descriptor: &Const) -> Result<(), Trap> {
        for name in names_at(descriptor, "implements") {
            implements.push(self.read_type(&name)?);
        }
        Ok(())
    }

    fn add_functions(
        &mut self,
        functions: &mut Names<Value>,
        descriptor: &Const,
        key: &str,
        home: Value,
    ) -> Result<(), Trap> {
        for (name, code) in members(descriptor, key) {
            functions.insert(name, self.member_code(Some(code), home)?);
        }
        Ok(())
    }

    fn member_type(&mut self, member: &Const, params: &[Arc<str>]) -> Result<Option<TypeSpec>, Trap> {
        let Some(ty) = member.get("type") else { return Ok(None) };
        self.type_spec(ty, member.get("text"), params).map(Some)
    }

    /// A closure with its home, or the value of another constant.
    fn member_code(&mut self, code: Option<&Const>, home: Value) -> Result<Value, Trap> {
        let function = match code {
            None => return Ok(Value::UNDEF),
            Some(Const::Func(index)) => index,
            Some(constant) => return self.constant(constant),
        };
        let first = self.module().map_or(0, |module| module.first_function);
        let closure = self.closure(first + function)?;
        if let Some(f) = closure.as_function() {
            self.m.heap.function_mut(f).home = home;
        }
        Ok(closure)
    }

    /// The path of the running module.
    pub(crate) fn module_path(&self) -> Arc<str> {
        self.module().map_or_else(|| "".into(), |module| module.path.clone())
    }

    /// `ASSERT_PROTOCOL`.
    ///
    /// # Errors
    /// E0402.
    pub fn assert_protocol(&mut self, v: Value, protocol: Value) -> Result<(), Trap> {
        // Hand-written code may say that it implements what it does not.
        if fits_named(&self.m, v, protocol) && meets_demands(&self.m, v, protocol) {
            return Ok(());
        }
        let name = match protocol.kind() {
            Kind::Type(t) => self.m.heap.ty(t).name.clone(),
            _ => kinds::type_name(&self.m, protocol).into(),
        };
        let message = format!("Type mismatch: expected {name}, got {}", kinds::type_name(&self.m, v));
        Err(self.m.error(402, message))
    }
}

/// What a protocol's descriptor asks for.
fn demands(descriptor: &Const) -> Vec<Demand> {
    let count = |c: &Const| match c {
        Const::Int(n) => usize::try_from(*n).unwrap_or_default(),
        _ => 0,
    };
    let actions = members(descriptor, "actions").map(|(name, counts)| {
        let arguments = match counts {
            Const::List(pair) => (pair.first().map_or(0, count), pair.last().map_or(0, count)),
            _ => (0, 0),
        };
        Demand { name, arguments: Some(arguments) }
    });
    let fields = names_at(descriptor, "fields").map(|name| Demand { name, arguments: None });
    actions.chain(fields).collect()
}

/// Whether an object that implements this was only declared forward.
fn waits(implements: &[Value]) -> bool {
    implements.first().is_some_and(|v| v.is_undef())
}

fn entries(descriptor: &Const) -> impl Iterator<Item = (Arc<str>, &Const)> {
    let entries = match descriptor {
        Const::Map(entries) => &**entries,
        _ => &[],
    };
    entries.iter().filter_map(|(key, value)| match key {
        Const::Str(key) => Some((key.clone(), value)),
        _ => None,
    })
}

fn members<'a>(descriptor: &'a Const, key: &str) -> impl Iterator<Item = (Arc<str>, &'a Const)> + use<'a> {
    descriptor.get(key).into_iter().flat_map(entries)
}

fn text_at<'a>(descriptor: &'a Const, key: &str) -> Option<&'a str> {
    descriptor.get(key).and_then(Const::as_str)
}

fn own_name(descriptor: &Const) -> Arc<str> {
    text_at(descriptor, "name").map(shown_name).unwrap_or_default().into()
}

fn is_set(descriptor: &Const, key: &str) -> bool {
    matches!(descriptor.get(key), Some(Const::Bool(true)))
}

fn names_at<'a>(descriptor: &'a Const, key: &str) -> impl Iterator<Item = Arc<str>> + use<'a> {
    let names = match descriptor.get(key) {
        Some(Const::List(names)) => &**names,
        _ => &[],
    };
    names.iter().filter_map(|name| match name {
        Const::Str(name) => Some(name.clone()),
        _ => None,
    })
}
