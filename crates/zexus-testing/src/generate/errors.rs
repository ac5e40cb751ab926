//! Errors: raising, handling, cleaning up.

use super::Generator;
use super::scope::{Place, Var};
use super::tree::{Sort, Tree, Ty, expr, glue, list, stmt};

impl Generator<'_> {
    pub fn try_statement(&mut self) -> Option<Tree> {
        if !self.may_nest() {
            return None;
        }
        let place = self.scope.place;
        let mut body = self.block(4, Place { in_try: true, ..place });
        if self.choices.chance(40) {
            let wrong = self.wrong();
            body.children.push(stmt("print(@)", [wrong]));
        }
        let mut rest = Vec::new();
        if self.choices.chance(25) {
            let ty = self.choices.text(&["int", "string", "error", "map"]);
            rest.push(self.handler(Some(ty)));
        }
        let catches = self.choices.chance(85);
        if catches {
            rest.push(self.handler(None));
        }
        if !catches || self.choices.chance(35) {
            let block = self.block(2, place);
            rest.push(glue("finally @", [block]));
        }
        Some(stmt("try @@", [body, list(Sort::Parts, rest)]))
    }

    fn handler(&mut self, ty: Option<&str>) -> Tree {
        let e = self.name("e");
        let (saved, vars) = self.enter(Place { top: false, ..self.scope.place });
        self.scope.vars.push(Var { name: e.clone(), ty: Ty::Any, assignable: false, state: false });
        self.depth += 1;
        let show = match self.choices.below(4) {
            0 => format!("print(\"caught\", {e})"),
            1 => format!("print(typeof({e}), {e})"),
            _ => format!(
                "if typeof({e}) == \"error\" {{ print({e}.code, {e}.line, {e}) }} else {{ print({e}) }}"
            ),
        };
        let mut body = vec![stmt(show, [])];
        let n = self.choices.below(3);
        body.extend(self.statement_list(n));
        if self.choices.chance(8) {
            body.push(stmt(format!("throw {e}"), []));
        }
        self.depth -= 1;
        self.leave(saved, vars);
        let head = match ty {
            Some(ty) => format!("({e}: {ty})"),
            None => e,
        };
        glue(format!("catch {head} @"), [list(Sort::Block, body)])
    }

    /// A statement that raises something: rather inside `try` than elsewhere.
    pub fn raise(&mut self) -> Option<Tree> {
        let place = self.scope.place;
        if !place.in_try && !self.choices.chance(if place.top { 6 } else { 3 }) {
            return None;
        }
        Some(match self.choices.below(8) {
            0 => {
                let value = self.expr(Ty::Any);
                stmt("throw @", [value])
            }
            1 => {
                let value = self.expr(Ty::Int);
                stmt("throw {code: @}", [value])
            }
            2 => {
                let (c, value) = (self.expr(Ty::Bool), self.expr(Ty::Str));
                stmt("if @ { throw @ }", [c, value])
            }
            3 => {
                let value = self.wrong();
                let name = self.name("v");
                stmt(format!("let {name} = @"), [value])
            }
            _ => {
                let value = self.wrong();
                stmt("print(@)", [value])
            }
        })
    }

    pub fn early_return(&mut self) -> Option<Tree> {
        let ty = self.scope.place.ret?;
        let (c, value) = (self.expr(Ty::Bool), self.expr(ty));
        Some(stmt("if @ { return @ }", [c, value]))
    }

    pub fn defer(&mut self) -> Option<Tree> {
        let place = self.scope.place;
        if !self.may_nest() || place.mult > 40 {
            return None;
        }
        if self.choices.chance(40) {
            let value = self.expr(Ty::Any);
            return Some(stmt("defer print(\"deferred\", @)", [value]));
        }
        let block = self.block(2, Place { in_loop: false, ret: None, tasks: false, in_try: false, ..place });
        Some(stmt("defer @", [block]))
    }

    pub fn using(&mut self) -> Option<Tree> {
        if !self.may_nest() {
            return None;
        }
        let (r, word) = (self.name("u"), self.choices.text(&["close", "cleanup"]));
        let value = self.expr(Ty::Int);
        let place = self.scope.place;
        let (saved, vars) = self.enter(place);
        self.scope.vars.push(Var { name: format!("{r}.n"), ty: Ty::Int, assignable: true, state: false });
        let block = self.block(3, place);
        self.leave(saved, vars);
        let text = format!("using ({r} = {{n: 1, {word}: () => {{ print(\"closed\", @) }}}}) @");
        Some(stmt(text, [value, block]))
    }

    pub fn require(&mut self) -> Option<Tree> {
        let place = self.scope.place;
        let condition = self.expr(Ty::Bool);
        // Outside `try` it mostly holds.
        let condition =
            if place.in_try || place.in_tx { condition } else { expr(Ty::Bool, "(@ || true)", [condition]) };
        let message = self.expr(Ty::Str);
        Some(match self.choices.below(5) {
            0 => stmt("require(@, @)", [condition, message]),
            1 => stmt("require @, @", [condition, message]),
            2 => stmt("verify (@, @)", [condition, message]),
            3 => {
                let value = self.expr(Ty::Bool);
                stmt("require @, @ { print(\"waived?\")  @ }", [condition, message, value])
            }
            _ => stmt("verify @, @", [condition, message]),
        })
    }

    pub fn transaction(&mut self) -> Option<Tree> {
        let place = self.scope.place;
        if !self.may_nest() || !place.writes {
            return None;
        }
        let mut body = self.block(4, Place { in_tx: true, tasks: false, in_try: true, ..place });
        if self.choices.chance(30) {
            let last = match self.choices.below(3) {
                0 => stmt("revert", []),
                1 => {
                    let reason = self.expr(Ty::Str);
                    stmt("revert(@)", [reason])
                }
                _ => {
                    let (c, reason) = (self.expr(Ty::Bool), self.leaf(Ty::Str));
                    stmt("if @ { revert @ }", [c, reason])
                }
            };
            body.children.push(last);
        }
        let tx = glue("tx @", [body]);
        if place.in_try && self.choices.chance(50) {
            return Some(stmt("@", [tx]));
        }
        let handler = self.handler(None);
        Some(stmt("try { @ } @", [tx, handler]))
    }
}
