//! Arguments and parameters (language.md 9.3).

use zexus_hir::ir::{Arg, Args, Function, Name};
use zexus_runtime::builtins::arity_error;
use zexus_runtime::{Kind, Trap, Value};

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
        let v = self.plain_container(v)?;
        match v.kind() {
            Kind::List(l) => {
                let m = &mut *self.m;
                m.heap.charge(0)?;
                let items = &m.heap.list(l).items;
                m.stack.extend_from_slice(items);
                Ok(items.len())
            }
            Kind::Range(r) => {
                let r = *self.m.heap.range(r);
                let count = r.end.wrapping_sub(r.start) as u64;
                if count.saturating_mul(16) > self.m.limits.memory {
                    return Err(Trap::MemoryLimit);
                }
                self.m.stack.extend((r.start..r.end).map(Value::int));
                Ok(count as usize)
            }
            _ => {
                let kind = zexus_runtime::kinds::type_name(&self.m, v).to_owned();
                Err(self.m.error(402, format!("Type mismatch: cannot spread {kind}")))
            }
        }
    }

    /// Puts arguments by name, which lie above those by position, where the parameters are; those not given are `UNDEF`.
    /// `most` parameters can be named; `index` gives the place of one. The number of arguments is `most` afterwards.
    pub fn place_named(
        &mut self,
        at: usize,
        count: usize,
        names: &[&Name],
        callee: &str,
        most: usize,
        index: impl Fn(&str) -> Option<usize>,
    ) -> Result<usize, Trap> {
        let first = at + HEADER;
        let values = self.m.stack.split_off(first + count);
        self.m.stack.resize((first + most).max(first + count), Value::UNDEF);
        for (name, v) in names.iter().zip(values) {
            let Some(i) = index(name) else {
                return Err(self.m.error(404, format!("{callee} has no parameter '{name}'")));
            };
            let place = &mut self.m.stack[first + i];
            if !place.is_undef() {
                return Err(self.m.error(404, format!("{callee} got parameter '{name}' twice")));
            }
            *place = v;
        }
        Ok(most.max(count))
    }

    /// Checks that all required parameters are given and none too many.
    #[inline]
    pub fn check_count(&mut self, facts: &Facts, at: usize, count: usize, given: usize) -> Result<(), Trap> {
        let too_many = count > facts.most && !facts.rest;
        if too_many || count < facts.fewest || given != count && self.gap(facts, at) {
            return Err(self.wrong_count(facts, given));
        }
        Ok(())
    }

    fn gap(&self, facts: &Facts, at: usize) -> bool {
        let first = at + HEADER;
        (0..facts.most).any(|i| facts.info.params[i].required && self.m.stack[first + i].is_undef())
    }

    #[cold]
    fn wrong_count(&mut self, facts: &Facts, given: usize) -> Trap {
        let name = if facts.info.name.is_empty() { "lambda" } else { &facts.info.name };
        let most = if facts.rest { None } else { Some(facts.most) };
        arity_error(&mut self.m, name, facts.fewest, most, given)
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
    pub fn bind_params(&mut self, func: &'p Function) -> Result<(), Trap> {
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
                let name = if func.name.is_empty() { "lambda" } else { &func.name };
                let got = zexus_runtime::kinds::type_name(&self.m, v);
                let message = format!(
                    "Type mismatch: parameter '{}' of {name} expects {}, got {got}",
                    param.name, ty.text
                );
                return Err(self.m.error(401, message));
            }
            self.bind(param.bind, v)?;
        }
        Ok(())
    }
}
