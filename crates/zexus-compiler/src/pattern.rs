//! `match` and `pattern` (language.md 8.5, bytecode.md 7.2).

use zexus_bytecode::{Label, Opcode, Support};
use zexus_hir::ir::{Const, Expr, Match, Pattern, Span};

use crate::function::FnCompiler;
use crate::want::Want;

impl<'p> FnCompiler<'_, 'p> {
    /// The arms of `match` and `pattern`.
    pub fn matches(&mut self, m: &'p Match, span: Span, want: Want) {
        self.expr(&m.value);
        let subject = self.temp();
        self.store_temp(subject);
        let height = self.height;
        let end = self.b.label();
        let mut fits_all = false;
        let builtins = self.unit.builtins;
        for (i, arm) in m.arms.iter().enumerate() {
            let next = self.b.label();
            self.early(&arm.early);
            self.pattern(&arm.pattern, subject, next, span);
            if let Some(guard) = &arm.guard {
                self.condition(guard, false, next);
            }
            fits_all |= arm.guard.is_none() && matches!(arm.pattern, Pattern::Any | Pattern::Bind(_));
            let last = i + 1 == m.arms.len() && fits_all;
            let body = &arm.body;
            self.block(body, if last { want } else { want.inside(|| builtins.yields_block(body)) });
            if !last {
                self.jump(Opcode::Jump, end);
            }
            self.b.mark(next);
            self.height = height;
        }
        if !fits_all {
            if m.must_fit {
                self.at(span);
                self.support(Support::MatchError, 0);
                if want == Want::Nothing {
                    self.emit(Opcode::Pop, ());
                }
            } else {
                self.null(want);
            }
        }
        self.b.mark(end);
        self.height = height + want.count();
        self.free(1);
    }

    /// Goes on if the value in a temporary fits the pattern, else to `fail`.
    fn pattern(&mut self, pattern: &'p Pattern, value: u32, fail: Label, span: Span) {
        match pattern {
            Pattern::Any => (),
            Pattern::Bind(bind) => {
                self.load_temp(value);
                self.bind(*bind);
            }
            Pattern::Const(c) => {
                self.load_temp(value);
                self.load_literal(c);
                self.emit(Opcode::Eq, ());
                self.jump(Opcode::JumpIfFalse, fail);
            }
            Pattern::Interval { lo, hi, inclusive } => {
                self.load_temp(value);
                self.load_literal(lo);
                self.load_literal(hi);
                self.load_literal(&Const::Bool(*inclusive));
                self.support(Support::InInterval, 4);
                self.jump(Opcode::JumpIfFalse, fail);
            }
            Pattern::Path(e) => {
                self.load_temp(value);
                self.expr(e);
                self.emit(Opcode::Eq, ());
                self.jump(Opcode::JumpIfFalse, fail);
            }
            Pattern::Type { ty, fields, span } => self.type_pattern(ty, fields, value, fail, *span),
            Pattern::List { items, rest } => {
                self.load_temp(value);
                self.load_int(items.len());
                self.load_literal(&Const::Bool(rest.is_none()));
                self.support(Support::MatchList, 3);
                let list = self.kept(fail);
                for (i, item) in items.iter().enumerate() {
                    if !matches!(item, Pattern::Any) {
                        self.load_temp(list);
                        self.load_int(i);
                        self.support(Support::Item, 2);
                        self.part(item, fail, span);
                    }
                }
                if let Some(bind) = rest {
                    self.load_temp(list);
                    self.load_int(items.len());
                    self.support(Support::Rest, 2);
                    self.bind(*bind);
                }
                self.free(1);
            }
            Pattern::Map(entries) => {
                self.load_temp(value);
                self.support(Support::MatchMap, 1);
                let map = self.kept(fail);
                for (name, item) in entries {
                    self.load_temp(map);
                    self.load_text(name);
                    self.support(Support::Has, 2);
                    self.jump(Opcode::JumpIfFalse, fail);
                    self.load_temp(map);
                    self.load_text(name);
                    self.at(span);
                    self.support(Support::Entry, 2);
                    self.part(item, fail, span);
                }
                self.free(1);
            }
            Pattern::Or(patterns) => {
                let fits = self.b.label();
                let Some((last, rest)) = patterns.split_last() else {
                    return self.jump(Opcode::Jump, fail);
                };
                for pattern in rest {
                    let next = self.b.label();
                    self.pattern(pattern, value, next, span);
                    self.jump(Opcode::Jump, fits);
                    self.b.mark(next);
                }
                self.pattern(last, value, fail, span);
                self.b.mark(fits);
            }
        }
    }

    /// Keeps the value on top of the stack in a temporary; null goes to `fail`.
    fn kept(&mut self, fail: Label) -> u32 {
        let kept = self.temp();
        self.emit(Opcode::Dup, ());
        self.store_temp(kept);
        // Lists, maps and instances are true.
        self.jump(Opcode::JumpIfFalse, fail);
        kept
    }

    /// Goes on if the value on top of the stack fits a pattern, else to `fail`.
    fn part(&mut self, pattern: &'p Pattern, fail: Label, span: Span) {
        match pattern {
            Pattern::Any => self.emit(Opcode::Pop, ()),
            Pattern::Bind(bind) => self.bind(*bind),
            Pattern::Const(c) => {
                self.load_literal(c);
                self.emit(Opcode::Eq, ());
                self.jump(Opcode::JumpIfFalse, fail);
            }
            _ => {
                let kept = self.temp();
                self.store_temp(kept);
                self.pattern(pattern, kept, fail, span);
                self.free(1);
            }
        }
    }

    fn type_pattern(&mut self, ty: &'p Expr, fields: &'p [Pattern], value: u32, fail: Label, span: Span) {
        self.expr(ty);
        let declared = self.temp();
        self.store_temp(declared);
        self.load_temp(value);
        self.load_temp(declared);
        self.load_int(fields.len());
        self.at(span);
        self.support(Support::IsInstance, 3);
        self.jump(Opcode::JumpIfFalse, fail);
        for (i, field) in fields.iter().enumerate() {
            self.load_temp(value);
            self.load_temp(declared);
            self.load_int(i);
            self.at(span);
            self.support(Support::FieldAt, 3);
            self.part(field, fail, span);
        }
        self.free(1);
    }
}
