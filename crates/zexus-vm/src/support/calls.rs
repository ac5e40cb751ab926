//! Calls without opcodes: `super`, constructions with type arguments, tasks of methods, functions of the host (language.md 9, 11, 13.1,
//! 16.11).

use std::sync::Arc;

use zexus_bytecode::Const;
use zexus_runtime::key::Key;
use zexus_runtime::types::TypeSpec;
use zexus_runtime::{Kind, Trap, Value, calls, construct, intrinsics, ops, tasks};

use super::{after, arg};
use crate::exec::Exec;

/// Constants are nested at most so deep.
const DEPTH: usize = 64;

impl Exec<'_> {
    /// Where the parent that `super` means is to be found, and the name of the method or action.
    fn parent_of(&mut self, args: &[Value]) -> Result<(Value, Arc<str>), Trap> {
        let name = self.text_at(args, 1);
        match self.acts_for(arg(args, 0)) {
            true => Ok((self.home(), name)),
            false => Err(ops::no_method(&mut self.m, arg(args, 0), &name)),
        }
    }

    /// `this name args → r`
    pub(super) fn support_super(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let (home, name) = self.parent_of(args)?;
        calls::call_super(self, home, arg(args, 0), &name, after(args, 2), &[])
    }

    /// `this name l m → r`
    pub(super) fn support_super_spread(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let (home, name) = self.parent_of(args)?;
        let (positional, named) = self.spread_args(arg(args, 2), arg(args, 3))?;
        calls::call_super(self, home, arg(args, 0), &name, &positional, &named)
    }

    /// `t l m TYPE → r`
    pub(super) fn support_construct(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let (positional, named) = self.spread_args(arg(args, 1), arg(args, 2))?;
        let Some(t) = arg(args, 0).as_type() else {
            return self.call_named(arg(args, 0), &positional, &named);
        };
        let types = self.type_arguments(arg(args, 3))?;
        construct::construct(self, t, &positional, &named, types)
    }

    /// `t l m TYPE → t`
    pub(super) fn support_spawn_construct(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let (positional, named) = self.spread_args(arg(args, 1), arg(args, 2))?;
        let types = self.type_arguments(arg(args, 3))?;
        tasks::spawn_call(self, arg(args, 0), &positional, &named, types)
    }

    /// `this name l m → t`
    pub(super) fn support_spawn_super(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let (home, name) = self.parent_of(args)?;
        let (positional, named) = self.spread_args(arg(args, 2), arg(args, 3))?;
        tasks::spawn_super(self, home, arg(args, 0), &name, &positional, &named)
    }

    /// Type arguments: a list of pairs of descriptor and text.
    fn type_arguments(&mut self, pairs: Value) -> Result<Vec<TypeSpec>, Trap> {
        let pairs = pairs.as_list().map(|l| self.m.heap.list(l).items.clone()).unwrap_or_default();
        let mut types = Vec::with_capacity(pairs.len());
        for pair in pairs {
            let pair = pair.as_list().map(|l| self.m.heap.list(l).items.clone()).unwrap_or_default();
            types.push(self.type_of_values(arg(&pair, 0), arg(&pair, 1))?);
        }
        Ok(types)
    }

    /// A type whose descriptor and text are values.
    pub(super) fn type_of_values(&mut self, descriptor: Value, text: Value) -> Result<TypeSpec, Trap> {
        let descriptor = self.descriptor(descriptor, DEPTH);
        let text = self.m.text(text).map(|text| Const::Str(text.clone()));
        self.type_spec(&descriptor, text.as_ref(), &[])
    }

    /// A type descriptor as the constant that it was made of.
    fn descriptor(&self, v: Value, depth: usize) -> Const {
        match v.kind() {
            Kind::Str(s) => Const::Str(self.m.heap.str(s).text().clone()),
            Kind::Map(map) if depth > 0 => {
                let field = |(key, v): (&Key, &Value)| match key {
                    Key::Str(name) => Some((Const::Str(name.clone()), self.descriptor(*v, depth - 1))),
                    _ => None,
                };
                let fields: Vec<_> = self.m.heap.map(map).map.iter().filter_map(field).collect();
                Const::Map(fields.into())
            }
            _ => Const::Null,
        }
    }

    /// `o name args → t`
    pub(super) fn support_spawn_method(&mut self, args: &[Value]) -> Result<Value, Trap> {
        self.spawn_method_named(args, after(args, 2), &[])
    }

    /// `f l m → t`
    pub(super) fn support_spawn_spread(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let (positional, named) = self.spread_args(arg(args, 1), arg(args, 2))?;
        self.spawn_named(arg(args, 0), &positional, &named)
    }

    /// `o name l m → t`
    pub(super) fn support_spawn_method_spread(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let (positional, named) = self.spread_args(arg(args, 2), arg(args, 3))?;
        self.spawn_method_named(args, &positional, &named)
    }

    fn spawn_method_named(
        &mut self,
        args: &[Value],
        positional: &[Value],
        named: &[(Arc<str>, Value)],
    ) -> Result<Value, Trap> {
        let name = self.text_at(args, 1);
        match name.strip_prefix('@') {
            Some(name) => {
                let internal = self.acts_for(arg(args, 0));
                self.spawn_method(arg(args, 0), &name.into(), positional, named, internal)
            }
            None => self.spawn_method(arg(args, 0), &name, positional, named, false),
        }
    }

    /// `v → v`
    pub(super) fn support_task(&mut self, args: &[Value]) -> Result<Value, Trap> {
        intrinsics::expect_task(&mut self.m, arg(args, 0))
    }

    /// `key l → r`
    pub(super) fn support_external(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let key = self.text_at(args, 0);
        let values = arg(args, 1).as_list().map(|l| self.m.heap.list(l).items.clone()).unwrap_or_default();
        intrinsics::external(&mut self.m, "", &key, &values)
    }
}
