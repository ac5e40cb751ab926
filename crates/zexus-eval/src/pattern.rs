//! `match` and `pattern` (language.md 8.5).

use zexus_hir::ir::{Bind, Expr, Match, Name, Pattern, Span};
use zexus_runtime::{Trap, Value, equal, shapes};

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
                Ok(shapes::in_interval(&self.m, v, lo, hi, *inclusive))
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
        if !shapes::is_instance(&mut self.m, v, t, fields.len()).map_err(|t| self.at(t, span))? {
            return Ok(false);
        }
        let Some(declared) = t.as_type() else { return Ok(true) };
        for (i, p) in fields.iter().enumerate() {
            let Some(name) = shapes::field_name(&self.m, declared, i) else { return Ok(false) };
            let item = self.member(v, &name, false, span)?;
            if !self.fits_pattern(item, p)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn fits_list(&mut self, v: Value, items: &'p [Pattern], rest: Option<Bind>) -> Result<bool, Trap> {
        let Some(list) = shapes::list_of(&mut self.m, v, items.len(), rest.is_some())? else {
            return Ok(false);
        };
        let height = self.height();
        self.push(list);
        for (i, p) in items.iter().enumerate() {
            let item = shapes::item(&self.m, list, i);
            if !self.fits_pattern(item, p)? {
                self.cut(height);
                return Ok(false);
            }
        }
        self.cut(height);
        if let Some(bind) = rest {
            let rest = shapes::rest(&mut self.m, list, items.len())?;
            self.bind(bind, rest)?;
        }
        Ok(true)
    }

    fn fits_map(&mut self, v: Value, entries: &'p [(Name, Pattern)]) -> Result<bool, Trap> {
        let Some(v) = shapes::record_of(&mut self.m, v)? else { return Ok(false) };
        let height = self.height();
        self.push(v);
        for (name, p) in entries {
            let fits = shapes::has(&self.m, v, name) && {
                let item = self.member(v, name, false, Span::default())?;
                self.fits_pattern(item, p)?
            };
            if !fits {
                self.cut(height);
                return Ok(false);
            }
        }
        self.cut(height);
        Ok(true)
    }
}
