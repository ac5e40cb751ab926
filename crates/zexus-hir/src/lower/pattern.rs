//! `match`, `pattern` and their patterns (language.md 8.5).

use zexus_syntax::{Code, Span, ast};

use super::expr::constant;
use super::{Lowerer, expr_at};
use crate::binding::*;
use crate::ir::*;
use crate::scope::Meaning;

impl Lowerer<'_> {
    pub fn match_expr(&mut self, m: &ast::Match) -> ExprKind {
        ExprKind::Match(Box::new(self.matching(m, true, true)))
    }

    /// The arms from top to bottom.
    pub fn matching(&mut self, m: &ast::Match, must_fit: bool, used: bool) -> Match {
        let value = self.expr(&m.value);
        let mut arms = Vec::with_capacity(m.arms.len());
        for arm in &m.arms {
            arms.push(self.arm(arm, used));
        }
        Match { value, arms, must_fit }
    }

    fn arm(&mut self, arm: &ast::Arm, used: bool) -> Arm {
        self.open();
        let pattern = self.pattern(&arm.pattern);
        let guard = self.opt_expr(arm.guard.as_ref());
        let body = self.block(&arm.body, used);
        let early = self.close().early;
        Arm { pattern, guard, body, early }
    }

    fn pattern(&mut self, pattern: &ast::Pattern) -> Pattern {
        match &pattern.kind {
            ast::PatternKind::Error | ast::PatternKind::Wildcard => Pattern::Any,
            ast::PatternKind::Name(name) => self.name_pattern(name),
            ast::PatternKind::Literal(literal) => Pattern::Const(constant(literal)),
            ast::PatternKind::Range { start, end, inclusive } => {
                Pattern::Interval { lo: constant(start), hi: constant(end), inclusive: *inclusive }
            }
            ast::PatternKind::Path(path) => Pattern::Path(Box::new(self.path(path))),
            ast::PatternKind::Instance { name, fields } => self.type_pattern(name, fields, pattern.span),
            ast::PatternKind::List { items, rest } => {
                let items = self.patterns(items);
                let rest = rest.as_ref().map(|name| self.pattern_name(name));
                Pattern::List { items, rest }
            }
            ast::PatternKind::Map(items) => self.map_pattern(items),
            ast::PatternKind::Or(list) => Pattern::Or(self.patterns(list)),
        }
    }

    fn patterns(&mut self, list: &[ast::Pattern]) -> Vec<Pattern> {
        list.iter().map(|pattern| self.pattern(pattern)).collect()
    }

    fn name_pattern(&mut self, name: &ast::Name) -> Pattern {
        let sym = self.names.sym(&name.text);
        if let Meaning::Entry(entry) = self.meaning(sym)
            && entry.declared
            && entry.scope != self.depth()
            && self.binding(entry.binding).kind == Kind::Const
        {
            let binding = self.binding(entry.binding);
            let (file, place) = (binding.file, binding.span);
            let message = format!("'{}' declares a new name here and fits everything", name.text);
            let help = format!("write `other if other == {}`, or the value itself", name.text);
            let diagnostic = self
                .diagnostic(Code::W0904, name.span, message)
                .with_label(file, place, "this constant is not meant")
                .with_help(help);
            self.reports.add(diagnostic);
        }
        Pattern::Bind(self.pattern_name(name))
    }

    fn pattern_name(&mut self, name: &ast::Name) -> Bind {
        self.declare_bind(name, Kind::Let)
    }

    fn map_pattern(&mut self, items: &[ast::MapPattern]) -> Pattern {
        let mut list = Vec::with_capacity(items.len());
        let mut seen = rustc_hash::FxHashSet::default();
        for item in items {
            if !seen.insert(item.key.text.as_str()) {
                self.twice("key", &item.key);
            }
            list.push((self.word(&item.key), self.pattern(&item.pattern)));
        }
        Pattern::Map(list)
    }

    fn type_pattern(&mut self, name: &ast::Name, fields: &[ast::Pattern], span: Span) -> Pattern {
        let sym = self.names.sym(&name.text);
        let ty = expr_at(self.name(name), name.span);
        if let Meaning::Entry(entry) = self.meaning(sym)
            && let Info::Type(id) = self.binding(entry.binding).info
            && let Some(count) = self.field_count(id)
            && count != fields.len()
        {
            let plural = if count == 1 { "" } else { "s" };
            let message =
                format!("'{}' has {count} field{plural}, the pattern has {}", name.text, fields.len());
            self.report(Code::E0216, span, message);
        }
        let fields = self.patterns(fields);
        Pattern::Type { ty: Box::new(ty), fields, span }
    }

    /// The number of fields of a data or entity with those of its parents, if it is known.
    fn field_count(&self, id: TypeId) -> Option<usize> {
        let mut info = self.type_info(id);
        let mut count = info.fields;
        if !matches!(info.form, Form::Data | Form::Entity) {
            return None;
        }
        while !info.broken {
            match info.parent {
                Some(parent) => info = self.type_info(parent),
                None => return Some(count),
            }
            count += info.fields;
        }
        None
    }
}
