//! What patterns ask of values (language.md 8.5).

use zexus_runtime::{Trap, Value, calls, shapes};

use super::{arg, count};
use crate::exec::Exec;

impl Exec<'_> {
    /// `v fewest exact → l`
    pub(super) fn support_match_list(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let rest = !arg(args, 2).truthy();
        let list = shapes::list_of(&mut self.m, arg(args, 0), count(args, 1), rest)?;
        Ok(list.unwrap_or(Value::NULL))
    }

    /// `v → m`
    pub(super) fn support_match_map(&mut self, args: &[Value]) -> Result<Value, Trap> {
        Ok(shapes::record_of(&mut self.m, arg(args, 0))?.unwrap_or(Value::NULL))
    }

    /// `v lo hi inclusive → boolean`
    pub(super) fn support_in_interval(&mut self, args: &[Value]) -> Value {
        let inclusive = arg(args, 3).truthy();
        Value::bool(shapes::in_interval(&self.m, arg(args, 0), arg(args, 1), arg(args, 2), inclusive))
    }

    /// `v t n → boolean`
    pub(super) fn support_is_instance(&mut self, args: &[Value]) -> Result<Value, Trap> {
        shapes::is_instance(&mut self.m, arg(args, 0), arg(args, 1), count(args, 2)).map(Value::bool)
    }

    /// `v t i → v`
    pub(super) fn support_field_at(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let name = arg(args, 1).as_type().and_then(|t| shapes::field_name(&self.m, t, count(args, 2)));
        match name {
            Some(name) => calls::member(self, arg(args, 0), &name, false),
            None => Ok(Value::NULL),
        }
    }
}
