//! `match` and `pattern` (language.md 8.5).

use zexus_hir::ir::{Bind, Expr, Match, Name, Pattern, Span};
use zexus_runtime::key::KeyRef;
use zexus_runtime::{Kind, Trap, Value, equal, ops, types};

use crate::control::Flow;
use crate::eval::Eval;

impl<'p> Eval<'p> {
    /// `match` as an expression. `return`, `break` and `continue` in an arm act on the statements around it.
    pub fn match_expr(&mut self, m: &'p Match, span: Span) -> Result<Value, Trap> {
        let outer = self.value;
        match self.pattern_stmt(m, span)? {
            Flow::Normal => Ok(std::mem::replace(&mut self.value, outer)),
            flow => {
                self.leaving = Some(flow);
                Err(Trap::Cancelled)
            }
        }
    }

    /// `pattern v { }`; also what `match` does.
    pub fn pattern_stmt(&mut self, m: &'p Match, span: Span) -> Result<Flow, Trap> {
        let v = self.expr(&m.value)?;
        let height = self.height();
        self.push(v);
        for arm in &m.arms {
            self.early(&arm.early)?;
            if !self.fits_pattern(v, &arm.pattern)? {
                continue;
            }
            if let Some(guard) = &arm.guard
                && !self.condition(guard)?
            {
                continue;
            }
            let flow = self.block(&arm.body)?;
            self.cut(height);
            return Ok(flow);
        }
        self.cut(height);
        if m.must_fit {
            return Err(self.error(418, "Match expression: no pattern matched", span));
        }
        self.null()
    }

    fn fits_pattern(&mut self, v: Value, pattern: &'p Pattern) -> Result<bool, Trap> {
        match pattern {
            Pattern::Any => Ok(true),
            Pattern::Bind(bind) => {
                self.bind(*bind, v)?;
                Ok(true)
            }
            Pattern::Const(c) => {
                let c = self.constant(c)?;
                equal::equal(&mut self.m, v, c)
            }
            Pattern::Interval { lo, hi, inclusive } => {
                let lo = self.constant(lo)?;
                let hi = self.constant(hi)?;
                Ok(self.in_interval(v, lo, hi, *inclusive))
            }
            Pattern::Path(e) => {
                let path = self.expr(e)?;
                equal::equal(&mut self.m, v, path)
            }
            Pattern::Type { ty, fields, span } => self.fits_type(v, ty, fields, *span),
            Pattern::List { items, rest } => self.fits_list(v, items, *rest),
            Pattern::Map(entries) => self.fits_map(v, entries),
            Pattern::Or(patterns) => {
                for p in patterns {
                    if self.fits_pattern(v, p)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }

    fn fits_type(&mut self, v: Value, ty: &'p Expr, fields: &'p [Pattern], span: Span) -> Result<bool, Trap> {
        let t = self.expr(ty)?;
        if !types::fits_named(&self.m, v, t) {
            return Ok(false);
        }
        let Kind::Type(declared) = t.kind() else { return Ok(fields.is_empty()) };
        if self.m.heap.ty(declared).fields.len() != fields.len() {
            let expected = self.m.heap.ty(declared).fields.len();
            return Err(self.error(216, format!("the type has {expected} fields"), span));
        }
        for (i, p) in fields.iter().enumerate() {
            let Some(name) = self.m.heap.ty(declared).fields.get_index(i).map(|(n, _)| n.clone()) else {
                return Ok(false);
            };
            let item = self.member(v, &name, false, span)?;
            if !self.fits_pattern(item, p)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn fits_list(&mut self, v: Value, items: &'p [Pattern], rest: Option<Bind>) -> Result<bool, Trap> {
        let v = self.plain_container(v)?;
        let Kind::List(list) = v.kind() else { return Ok(false) };
        let len = self.m.heap.list(list).items.len();
        if len < items.len() || rest.is_none() && len > items.len() {
            return Ok(false);
        }
        let height = self.height();
        self.push(v);
        for (i, p) in items.iter().enumerate() {
            let item = self.m.heap.list(list).items.get(i).copied().unwrap_or(Value::NULL);
            if !self.fits_pattern(item, p)? {
                self.cut(height);
                return Ok(false);
            }
        }
        self.cut(height);
        if let Some(bind) = rest {
            let rest = ops::slice(&mut self.m, v, Value::int(items.len() as i64), Value::NULL)?;
            self.bind(bind, rest)?;
        }
        Ok(true)
    }

    fn fits_map(&mut self, v: Value, entries: &'p [(Name, Pattern)]) -> Result<bool, Trap> {
        let v = self.plain_container(v)?;
        let height = self.height();
        self.push(v);
        for (name, p) in entries {
            let there = match v.kind() {
                Kind::Map(r) => self.m.heap.map(r).map.contains_key(&KeyRef::Str(name)),
                Kind::Instance(i) => {
                    let ty = self.m.heap.ty(self.m.heap.instance(i).ty);
                    ty.fields.contains_key(&**name) || ty.computed.contains_key(&**name)
                }
                _ => false,
            };
            let fits = there && {
                let item = self.member(v, name, false, Span::default())?;
                self.fits_pattern(item, p)?
            };
            if !fits {
                self.cut(height);
                return Ok(false);
            }
        }
        let container = matches!(v.kind(), Kind::Map(_) | Kind::Instance(_));
        self.cut(height);
        Ok(container)
    }
}
