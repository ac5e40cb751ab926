//! Instances of `data` and `entity` (language.md 11.1, 11.2).

use zexus_hir::ir::{Args, Expr, Name, Span, TypeRef};
use zexus_runtime::builtins::{self, arity_error};
use zexus_runtime::object::{InstanceObj, TypeForm, TypeObj};
use zexus_runtime::types::{self, TypeDesc, TypeSpec};
use zexus_runtime::{Kind, Ref, Trap, Value, kinds, ops};

use crate::eval::Eval;
use crate::frame::HEADER;

impl<'p> Eval<'p> {
    /// `T<int>(args)`
    pub fn construct_expr(
        &mut self,
        callee: &'p Expr,
        type_args: &'p [TypeRef],
        args: &'p Args,
        span: Span,
    ) -> Result<Value, Trap> {
        let t = self.expr(callee)?;
        let at = self.height();
        self.push_header(t, Value::UNDEF);
        let specs: Result<Vec<TypeSpec>, Trap> = type_args.iter().map(|ty| self.type_spec(ty)).collect();
        let specs = specs?;
        let (count, names) = self.arguments(args)?;
        let result = match t.as_type() {
            Some(ty) => self.construct(ty, at, count, &names, specs),
            None => self.call_at(at, count, &names),
        };
        match result {
            Ok(v) => {
                self.cut(at);
                Ok(v)
            }
            Err(trap) => Err(self.at_call(trap, span)),
        }
    }

    /// A new instance with the arguments that lie at `at`.
    pub fn construct(
        &mut self,
        ty: Ref<TypeObj>,
        at: usize,
        count: usize,
        names: &[&Name],
        type_args: Vec<TypeSpec>,
    ) -> Result<Value, Trap> {
        let declared = self.m.heap.ty(ty);
        if matches!(declared.form, TypeForm::Protocol | TypeForm::Interface) {
            return Err(ops::not_callable(&mut self.m, Value::ty(ty)));
        }
        let most = declared.fields.len();
        let given = count + names.len();
        let mut count = count;
        if count > most {
            let name = declared.name.clone();
            return Err(arity_error(&mut self.m, &name, 0, Some(most), given));
        }
        if !names.is_empty() {
            let name = declared.name.clone();
            let order: Vec<Name> = declared.fields.keys().cloned().collect();
            let index = |field: &str| order.iter().position(|n| &**n == field);
            count = self.place_named(at, count, names, &name, most, index)?;
        }
        let object = InstanceObj {
            ty,
            fields: vec![Value::NULL; most].into(),
            type_args: type_args.into(),
            ..InstanceObj::default()
        };
        let instance = self.m.heap.alloc_instance(object)?;
        let this = Value::instance(instance);
        // The header keeps the instance alive while its defaults are computed.
        self.m.stack[at + 1] = this;
        let mut constrained = false;
        for i in 0..most {
            let argument = if i < count { self.m.stack[at + HEADER + i] } else { Value::UNDEF };
            let (default, require, inject) = match self.m.heap.ty(ty).fields.get_index(i) {
                Some((_, f)) => (f.default, f.require, f.inject),
                None => break,
            };
            constrained |= !require.is_undef();
            let v = if !argument.is_undef() {
                argument
            } else if inject {
                let name = self.field_name(ty, i);
                self.m.dependency(&name)?
            } else if !default.is_undef() {
                self.call_values(default, this, &[])?
            } else {
                continue;
            };
            self.check_field(instance, i, v)?;
            self.m.heap.instance_mut(instance).fields[i] = v;
        }
        if constrained {
            self.check_constraints(instance)?;
        }
        Ok(this)
    }

    fn field_name(&self, ty: Ref<TypeObj>, i: usize) -> Name {
        self.m.heap.ty(ty).fields.get_index(i).map(|(n, _)| n.clone()).unwrap_or_default()
    }

    /// Checks a value against the declared type of a field.
    fn check_field(&mut self, instance: Ref<InstanceObj>, i: usize, v: Value) -> Result<(), Trap> {
        let object = self.m.heap.instance(instance);
        let Some((name, field)) = self.m.heap.ty(object.ty).fields.get_index(i) else { return Ok(()) };
        let Some(expected) = &field.ty else { return Ok(()) };
        if types::fits(&self.m, v, &expected.desc, &object.type_args) {
            return Ok(());
        }
        let expected = match &expected.desc {
            TypeDesc::Param(p) => object.type_args.get(usize::from(*p)).map_or("any", |t| &*t.text),
            _ => &*expected.text,
        };
        let got = kinds::type_name(&self.m, v);
        let message = format!("Type mismatch for field '{name}': expected {expected}, got {got}");
        Err(self.m.error(401, message))
    }

    /// Asks the constraints of all fields in order.
    fn check_constraints(&mut self, instance: Ref<InstanceObj>) -> Result<(), Trap> {
        let ty = self.m.heap.instance(instance).ty;
        for i in 0..self.m.heap.ty(ty).fields.len() {
            let require = self.m.heap.ty(ty).fields.get_index(i).map_or(Value::UNDEF, |(_, f)| f.require);
            if require.is_undef() || self.call_values(require, Value::instance(instance), &[])?.truthy() {
                continue;
            }
            let name = self.field_name(ty, i);
            let message = format!("Validation failed for field '{name}': constraint not satisfied");
            return Err(self.m.error(415, message));
        }
        Ok(())
    }

    /// The methods that every declared type has and that run code of the program; `None` for another name.
    pub fn automatic(&mut self, v: Value, name: &str, at: usize) -> Option<Result<Value, Trap>> {
        let count = self.height() - at - HEADER;
        match (v.kind(), name) {
            (Kind::Type(t), "default") if is_data(self.m.heap.ty(t)) => Some(match count {
                0 => self.construct(t, at, 0, &[], Vec::new()),
                n => Err(arity_error(&mut self.m, name, 0, Some(0), n)),
            }),
            (Kind::Type(t), "fromJSON" | "from_json") if is_data(self.m.heap.ty(t)) => {
                Some(self.parse_instance(t, at))
            }
            (Kind::Instance(i), "verify") if self.m.heap.ty(self.m.heap.instance(i).ty).verified => {
                Some(match count {
                    0 => self.verify(i),
                    n => Err(arity_error(&mut self.m, name, 0, Some(0), n)),
                })
            }
            (Kind::Instance(i), "hash") if self.m.heap.ty(self.m.heap.instance(i).ty).verified => {
                Some(match count {
                    0 => self.hash(v),
                    n => Err(arity_error(&mut self.m, name, 0, Some(0), n)),
                })
            }
            _ => None,
        }
    }

    /// `hash()`: SHA-256 of `toJSON()`.
    fn hash(&mut self, v: Value) -> Result<Value, Trap> {
        let at = self.height();
        self.push_header(v, v);
        let json = self.call_method_at(v, &"toJSON".into(), at, 0, &[], false)?;
        self.cut(at);
        builtins::call(self, builtins::lookup("hash").unwrap_or_default(), &[json])
    }

    /// `verify()`: checks types and constraints again; what does not hold is E0415.
    fn verify(&mut self, instance: Ref<InstanceObj>) -> Result<Value, Trap> {
        for i in 0..self.m.heap.instance(instance).fields.len() {
            let v = self.m.heap.instance(instance).fields[i];
            let unset = v.is_null();
            if !unset && self.check_field(instance, i, v) == Err(Trap::Raised) {
                let name = self.field_name(self.m.heap.instance(instance).ty, i);
                return Err(self.m.error(415, format!("Validation failed for field '{name}': wrong type")));
            }
        }
        self.check_constraints(instance)?;
        Ok(Value::TRUE)
    }

    /// `T.fromJSON(text)`: the entries of the object are the fields.
    fn parse_instance(&mut self, t: Ref<TypeObj>, at: usize) -> Result<Value, Trap> {
        let parse = builtins::lookup_in("json", "parse").unwrap_or_default();
        let parsed = self.call_builtin(parse, at + HEADER)?;
        let Some(map) = parsed.as_map() else {
            let kind = kinds::type_name(&self.m, parsed).to_owned();
            return Err(self.m.error(425, format!("expected a JSON object, got {kind}")));
        };
        self.cut(at);
        let inner = self.height();
        self.push_header(Value::ty(t), Value::UNDEF);
        let mut names: Vec<Name> = Vec::new();
        for (key, v) in self.m.heap.map(map).map.iter() {
            if let zexus_runtime::key::Key::Str(name) = key {
                names.push(name.clone());
                self.m.stack.push(*v);
            }
        }
        let names: Vec<&Name> = names.iter().collect();
        self.construct(t, inner, 0, &names, Vec::new())
    }
}

fn is_data(ty: &TypeObj) -> bool {
    matches!(ty.form, TypeForm::Data | TypeForm::Entity)
}
