//! Conditions and loops.

use super::Generator;
use super::exprs::WORK;
use super::scope::{Place, Var};
use super::tree::{Sort, Tree, Ty, glue, list, stmt};

impl Generator<'_> {
    pub fn if_statement(&mut self) -> Option<Tree> {
        if !self.may_nest() {
            return None;
        }
        let condition = self.expr(Ty::Bool);
        let place = self.scope.place;
        if self.choices.chance(12) {
            let (a, b) = (self.expr(Ty::Int), self.expr(Ty::Str));
            return Some(stmt("if @ print(@) else print(@)", [condition, a, b]));
        }
        let then = self.block(3, place);
        let mut rest = Vec::new();
        if self.choices.chance(25) {
            let (c, b) = (self.expr(Ty::Bool), self.block(2, place));
            let word = self.choices.text(&["elif", "else if"]);
            rest.push(glue(format!("{word} @ @"), [c, b]));
        }
        if self.choices.chance(45) {
            let b = self.block(2, place);
            rest.push(glue("else @", [b]));
        }
        Some(stmt("if @ @@", [condition, then, list(Sort::Parts, rest)]))
    }

    /// The place inside a loop of so many steps; none if that would be too much work.
    fn inside(&self, steps: u32) -> Option<Place> {
        let mult = self.scope.place.mult.saturating_mul(steps);
        let fits = self.may_nest() && mult.saturating_mul(4) < WORK;
        fits.then_some(Place { in_loop: true, mult, ..self.scope.place })
    }

    /// The body of a loop that declares these variables.
    fn body(&mut self, place: Place, vars: &[(&str, Ty)], first: Option<Tree>) -> Tree {
        let (saved, mark) = self.enter(Place { top: false, ..place });
        for (name, ty) in vars {
            self.scope.vars.push(Var { name: (*name).to_owned(), ty: *ty, assignable: false, state: false });
        }
        self.depth += 1;
        let n = 1 + self.choices.below(4);
        let mut body: Vec<Tree> = first.into_iter().collect();
        body.extend(self.statement_list(n));
        self.depth -= 1;
        self.leave(saved, mark);
        list(Sort::Block, body)
    }

    pub fn count_loop(&mut self) -> Option<Tree> {
        let place = self.inside(5)?;
        let i = self.name("i");
        Some(match self.choices.below(4) {
            0 => {
                let range = self.expr(Ty::Range);
                let j = self.name("i");
                let body = self.body(place, &[(&i, Ty::Int), (&j, Ty::Int)], None);
                stmt(format!("for each {i}, {j} in @ @"), [range, body])
            }
            1 => {
                let range = self.expr(Ty::Range);
                let body = self.body(place, &[(&i, Ty::Int)], None);
                stmt(format!("for ({i} in @) @"), [range, body])
            }
            _ => {
                let to = self.expr(Ty::Nat);
                let body = self.body(place, &[(&i, Ty::Int)], None);
                let dots = self.choices.text(&["..", "..="]);
                stmt(format!("for {i} in 0{dots}@ @"), [to, body])
            }
        })
    }

    pub fn each_loop(&mut self) -> Option<Tree> {
        let place = self.inside(8)?;
        let (x, y) = (self.name("i"), self.name("i"));
        // A copy, so that the body cannot make the loop longer.
        Some(match self.choices.below(5) {
            0 => {
                let items = self.expr(Ty::Ints);
                let body = self.body(place, &[(&x, Ty::Int)], None);
                stmt(format!("for each {x} in @[:8] @"), [items, body])
            }
            1 => {
                let items = self.expr(Ty::Ints);
                let body = self.body(place, &[(&x, Ty::Int), (&y, Ty::Int)], None);
                stmt(format!("for {x}, {y} in @[:8] @"), [items, body])
            }
            2 => {
                let items = self.expr(Ty::Str);
                let body = self.body(place, &[(&x, Ty::Str)], None);
                stmt(format!("for each {x} in @[:6] @"), [items, body])
            }
            3 => {
                let map = self.expr(Ty::Map);
                let body = self.body(place, &[(&x, Ty::Str), (&y, Ty::Int)], None);
                stmt(format!("for {x}, {y} in @ @"), [map, body])
            }
            _ => {
                let name = self.variable(Ty::Ints, false)?;
                let body = self.body(place, &[(&x, Ty::Int)], None);
                // Items that are appended are visited, too.
                stmt(
                    format!("for each {x} in {name} {{ if len({name}) < 9 {{ {name}.push({x} + 1) }}  @ }}"),
                    [body],
                )
            }
        })
    }

    pub fn while_loop(&mut self) -> Option<Tree> {
        let place = self.inside(5)?;
        let w = self.name("w");
        let condition = self.expr(Ty::Bool);
        let step = glue(format!("{w} += 1"), []);
        let body = self.body(place, &[(&w, Ty::Int)], Some(step));
        let most = self.choices.text(&["3", "5"]);
        let text = match self.choices.below(3) {
            0 => format!("let {w} = 0  while {w} < {most} && @ @"),
            1 => format!("let {w} = 0  while true {{ if {w} >= {most} || !@ {{ break }}  @ }}"),
            _ => format!("let {w} = 0  while ({w} < {most}) {{ print({w}, @)  @ }}"),
        };
        Some(stmt(text, [condition, body]))
    }

    pub fn c_loop(&mut self) -> Option<Tree> {
        let place = self.inside(4)?;
        let i = self.name("i");
        let body = self.body(place, &[(&i, Ty::Int)], None);
        let head = match self.choices.below(3) {
            0 => format!("let {i} = 0; {i} < 4; {i} += 1"),
            1 => format!("let {i} = 9; {i} > 0; {i} -= 3"),
            _ => format!("let {i} = 1; {i} < 30; {i} *= 3"),
        };
        Some(stmt(format!("for ({head}) @"), [body]))
    }

    pub fn leave_loop(&mut self) -> Option<Tree> {
        if !self.scope.place.in_loop {
            return None;
        }
        let word = self.choices.text(&["break", "continue"]);
        let condition = self.expr(Ty::Bool);
        Some(stmt(format!("if @ {{ {word} }}"), [condition]))
    }

    /// Closures of a loop's own variables, called after it.
    pub fn loop_closures(&mut self) -> Option<Tree> {
        let place = self.inside(3)?;
        let (fs, i) = (self.name("fs"), self.name("i"));
        let (saved, vars) =
            self.enter(Place { in_loop: false, in_value: true, tasks: false, top: false, ..place });
        self.scope.vars.push(Var { name: i.clone(), ty: Ty::Int, assignable: false, state: false });
        let body = self.expr(Ty::Int);
        self.leave(saved, vars);
        let head = match self.choices.below(3) {
            0 => format!("for {i} in 0..3"),
            1 => format!("for (let {i} = 0; {i} < 3; {i} += 1)"),
            _ => format!("for each {i} in [2, 0, 1]"),
        };
        let own = self.choices.text(&["", "let k = 0  "]);
        let result = if own.is_empty() { "(@)" } else { "{ k += 1  return k * (@) }" };
        let text = format!(
            "let {fs} = []  {head} {{ {own}{fs}.push(() => {result}) }}  print({fs}[0](), {fs}[2](), {fs}.map(f => f()))"
        );
        Some(stmt(text, [body]))
    }
}
