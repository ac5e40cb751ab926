//! Arguments and parameters (language.md 9.3).

use zexus_hir::ir::{Arg, Args, Function, Name};
use zexus_runtime::object::{FunctionInfo, FunctionObj};
use zexus_runtime::{Ref, Trap, Value, args};

use crate::code::Facts;
use crate::eval::Eval;
use crate::frame::HEADER;

impl<'p> Eval<'p> {
    /// Evaluates arguments onto the stack, those by name last; the number of those by position, and the names of the others.
    #[inline]
    pub fn arguments(&mut self, args: &'p Args) -> Result<(usize, Vec<&'p Name>), Trap> {
        if !args.plain {
            return self.mixed_arguments(args);
        }
        for arg in &args.list {
            if let Arg::Value(e) = arg {
                let v = self.expr(e)?;
                self.push(v);
            }
        }
        Ok((args.list.len(), Vec::new()))
    }

    #[cold]
    fn mixed_arguments(&mut self, args: &'p Args) -> Result<(usize, Vec<&'p Name>), Trap> {
        let (mut count, mut names) = (0, Vec::new());
        for arg in &args.list {
            match arg {
                Arg::Value(e) => {
                    let v = self.expr(e)?;
                    self.push(v);
                    count += 1;
                }
                Arg::Named(name, e) => {
                    let v = self.expr(e)?;
                    self.push(v);
                    names.push(name);
                }
                Arg::Spread(e) => {
                    let v = self.expr(e)?;
                    count += self.spread(v).map_err(|t| self.at(t, e.span))?;
                }
            }
        }
        Ok((count, names))
    }

    /// Pushes the items of a list or range; their number.
    fn spread(&mut self, v: Value) -> Result<usize, Trap> {
        let items = args::spread(&mut self.m, v)?;
        self.m.stack.extend_from_slice(&items);
        Ok(items.len())
    }

    /// Puts arguments by name, which lie above those by position, where the parameters are; those not given are `UNDEF`. The number
    /// of arguments afterwards.
    pub fn place_named(
        &mut self,
        f: Ref<FunctionObj>,
        at: usize,
        count: usize,
        names: &[&Name],
    ) -> Result<usize, Trap> {
        let (args, named) = self.split_named(at, count, names);
        let info = self.m.heap.function(f).info.clone();
        let args = args::arrange(&mut self.m, &info, &args, &named)?;
        self.cut(at + HEADER);
        self.m.stack.extend_from_slice(&args);
        Ok(args.len())
    }

    /// Checks the number of arguments by position.
    #[inline]
    pub fn check_count(&mut self, facts: &Facts, count: usize) -> Result<(), Trap> {
        if count < facts.fewest || count > facts.most && !facts.rest {
            return Err(args::wrong_count(&mut self.m, &facts.info, count));
        }
        Ok(())
    }

    /// Makes the list of the rest parameter of the arguments that are left.
    pub fn collect_rest(&mut self, facts: &Facts, base: usize, count: usize) -> Result<(), Trap> {
        let items = if count > facts.most { self.m.stack.split_off(base + facts.most) } else { Vec::new() };
        let list = self.m.list(items)?;
        self.m.stack.resize(base + facts.most, Value::UNDEF);
        self.push(list);
        Ok(())
    }

    /// Fills in defaults, checks types and makes cells, parameter by parameter, in the frame of the function.
    pub fn bind_params(&mut self, func: &'p Function, info: &FunctionInfo) -> Result<(), Trap> {
        for (i, param) in func.params.iter().enumerate() {
            let mut v = self.m.stack[self.base + i];
            if v.is_undef() {
                v = match &param.default {
                    Some(e) => self.expr(e)?,
                    None => Value::NULL,
                };
            }
            if let Some(ty) = &param.ty
                && !self.fits(v, &ty.kind)?
            {
                let callee = args::shown_name(info);
                return Err(args::parameter_mismatch(&mut self.m, callee, &param.name, &ty.text, v));
            }
            self.bind(param.bind, v)?;
        }
        Ok(())
    }
}
