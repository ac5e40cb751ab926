//! `match` and `pattern`.

use super::Generator;
use super::scope::{Place, Var};
use super::tree::{Sort, Tree, Ty, expr, glue, list, stmt};

impl Generator<'_> {
    /// A `match` expression that always finds an arm.
    pub fn match_expr(&mut self, ty: Ty) -> Tree {
        let subject_type = self.subject_type();
        let subject = self.expr(subject_type);
        let mut arms = Vec::new();
        for _ in 0..1 + self.choices.below(3) {
            let vars = self.scope.vars.len();
            let pattern = self.pattern(subject_type);
            let guard = if self.choices.chance(25) {
                let condition = self.expr(Ty::Bool);
                glue(" if @", [condition])
            } else {
                glue("", [])
            };
            let value = self.expr(ty);
            self.scope.vars.truncate(vars);
            arms.push(match self.choices.below(3) {
                0 => glue("case @@: (@),", [pattern, guard, value]),
                1 => glue("case @@ => (@),", [pattern, guard, value]),
                _ => glue("@@ => (@),", [pattern, guard, value]),
            });
        }
        let value = self.expr(ty);
        let last = self.choices.text(&["_ => (@)", "default: (@)", "default => { @ }"]);
        let last = if last.contains('{') && value.text().starts_with('{') { "_ => (@)" } else { last };
        expr(ty, "(match @ {@ @ })", [subject, list(Sort::Parts, arms), glue(last, [value])])
    }

    fn subject_type(&mut self) -> Ty {
        match self.choices.below(6) {
            0 | 1 => Ty::Int,
            2 => Ty::Ints,
            3 => Ty::Map,
            4 if !self.scope.types.is_empty() => Ty::Inst(self.choices.below(self.scope.types.len()) as u8),
            _ => Ty::Any,
        }
    }

    /// A pattern for values of a type; the names that it declares come into sight.
    fn pattern(&mut self, ty: Ty) -> Tree {
        let declare = |g: &mut Self, ty| {
            let name = g.name("m");
            g.scope.vars.push(Var { name: name.clone(), ty, assignable: false, state: false });
            name
        };
        let text = match (ty, self.choices.below(6)) {
            (Ty::Int, 0) => self.choices.text(&["1..10", "0..=3", "-5..0", "1.5..2.5"]).to_owned(),
            (Ty::Int, 1) => {
                self.choices.text(&["0", "-1", "7", "1 || 2 || 3", "9223372036854775807"]).to_owned()
            }
            (Ty::Int, 2) => match self.choices.pick(&self.scope.enums) {
                Some(e) => format!("{}.{}", e.name, e.members.first().map_or("x", String::as_str)),
                None => "2".into(),
            },
            (Ty::Ints, 0) => {
                let (a, b) = (declare(self, Ty::Int), declare(self, Ty::Ints));
                format!("[{a}, ...{b}]")
            }
            (Ty::Ints, 1) => {
                let (a, b) = (declare(self, Ty::Int), declare(self, Ty::Int));
                format!("[{a}, {b}]")
            }
            (Ty::Ints, 2) => {
                let a = declare(self, Ty::Int);
                format!("[1..=9, {a}, ..{}]", declare(self, Ty::Ints))
            }
            (Ty::Ints, 3) => "[]".into(),
            (Ty::Map, 0) => format!("{{a: {}}}", declare(self, Ty::Int)),
            (Ty::Map, 1) => format!("{{a: 0 || 1, b: {}}}", declare(self, Ty::Int)),
            (Ty::Map, 2) => format!("{{\"d e\": {}}}", declare(self, Ty::Int)),
            (Ty::Inst(index), 0..=3) => self.instance_pattern(index),
            (Ty::Any, 0) => {
                self.choices.text(&["null", "true", "\"a\"", "1.5", "false || null", "\"\""]).to_owned()
            }
            (Ty::Any, 1) => format!("[{}]", declare(self, Ty::Any)),
            (Ty::Any, 2) => format!("{{k: {}}}", declare(self, Ty::Any)),
            (Ty::Any, 3) => "0..100".into(),
            (_, 5) => "_".into(),
            _ => declare(self, ty),
        };
        glue(text, [])
    }

    fn instance_pattern(&mut self, index: u8) -> String {
        let Some(ty) = self.scope.types.get(usize::from(index)).cloned() else { return "_".into() };
        let parts: Vec<String> = ty
            .fields
            .iter()
            .map(|(_, field)| {
                if *field == Ty::Int && self.choices.chance(30) {
                    return self.choices.text(&["0..100", "1", "_"]).to_owned();
                }
                let name = self.name("m");
                self.scope.vars.push(Var { name: name.clone(), ty: *field, assignable: false, state: false });
                name
            })
            .collect();
        format!("{}({})", ty.name, parts.join(", "))
    }

    pub fn pattern_statement(&mut self) -> Option<Tree> {
        if !self.may_nest() {
            return None;
        }
        let ty = self.subject_type();
        let subject = self.expr(ty);
        let mut arms = Vec::new();
        for _ in 0..1 + self.choices.below(3) {
            let place = self.scope.place;
            let (saved, vars) = self.enter(place);
            let pattern = self.pattern(ty);
            let block = self.block(2, Place { ..place });
            self.leave(saved, vars);
            arms.push(glue("@ => @,", [pattern, block]));
        }
        let word = self.choices.text(&["pattern", "pattern", "match"]);
        // Before a bracket `pattern` is a name.
        let named = subject.text().starts_with(|c: char| c.is_alphanumeric() || c == '"');
        let word = if named { word } else { "match" };
        if word == "match" {
            arms.push(glue("_ => print(\"no arm\")", []));
        }
        Some(stmt(format!("{word} @ {{@ }}"), [subject, list(Sort::Parts, arms)]))
    }
}
