//! Instances of `data` and `entity` (language.md 11.1).

use zexus_hir::ir::{Args, Expr, Name, Span, TypeRef};
use zexus_runtime::object::TypeObj;
use zexus_runtime::types::TypeSpec;
use zexus_runtime::{Ref, Trap, Value, construct};

use crate::eval::Eval;
use crate::frame::HEADER;

/// Up to so many arguments are copied without an allocation.
const FEW: usize = 8;

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
        let args = &self.m.stack[at + HEADER..];
        let mut few = [Value::UNDEF; FEW];
        if names.is_empty()
            && let Some(few) = few.get_mut(..args.len())
        {
            few.copy_from_slice(args);
            return construct::construct(self, ty, few, &[], type_args);
        }
        let (args, named) = self.split_named(at, count, names);
        construct::construct(self, ty, &args, &named, type_args)
    }
}
