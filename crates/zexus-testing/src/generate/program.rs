//! The order of things in a generated program.

use super::Generator;
use super::scope::{Place, Var};
use super::tree::{Sort, Tree, Ty, list, stmt};

/// A module that programs import; see [`LIBRARY`].
pub const LIBRARY_PATH: &str = "lib/shared.zx";

/// Its text: a counter, an action and a type.
pub const LIBRARY: &str = "\
export let count = 0
export action bump(n) { count = count + n  return count }
export action twice(f, x) { return f(f(x)) }
export data Pair { left = 0  right = 0  computed both => left + right }
print(\"lib\")
";

impl Generator<'_> {
    pub fn program(&mut self) -> Tree {
        let mut top = vec![stmt("let seen = 0", [])];
        self.scope.vars.push(Var { name: "seen".into(), ty: Ty::Int, assignable: false, state: false });
        let with_library = self.choices.chance(20);
        if with_library {
            top.push(stmt(format!("use {{bump, twice, count, Pair}} from \"{LIBRARY_PATH}\""), []));
            for (name, ty) in [("bump", Ty::Fn1), ("count", Ty::Int)] {
                self.scope.vars.push(Var { name: name.into(), ty, assignable: false, state: false });
            }
        }
        for _ in 0..self.choices.below(2) {
            top.push(self.enum_declaration());
        }
        self.globals(&mut top);
        for _ in 0..self.choices.below(3) {
            top.push(self.event_declaration());
        }
        for _ in 0..self.choices.below(4) {
            top.push(self.type_declaration());
        }
        // What follows first is called from everywhere, so it makes no tasks.
        self.scope.place = Place { tasks: false, ..Place::default() };
        for _ in 0..self.choices.below(4) {
            top.push(self.action());
        }
        for _ in 0..[0, 0, 1, 1, 2][self.choices.below(5).min(4)] {
            top.push(self.contract_declaration());
        }
        self.scope.place = Place::default();
        if self.choices.chance(50) {
            top.push(self.worker());
        }
        self.scope.place = Place::default();
        self.statements = self.statements.max(12);
        self.expressions = self.expressions.max(80);
        let n = 6 + self.choices.below(14);
        top.extend(self.statement_list(n));
        if with_library {
            let (f, x) = (self.leaf(Ty::Fn1), self.leaf(Ty::Int));
            top.push(stmt("print(twice(@, @), Pair(1, count).both)", [f, x]));
        }
        top.push(self.show_all());
        match self.choices.below(16) {
            0 => {
                let value = self.wrong();
                top.push(stmt("print(@)", [value]));
            }
            3 => top.extend(self.unusual_end()),
            1 | 2 => {
                let value = self.expr(Ty::Any);
                top.push(stmt("(@)", [value]));
            }
            _ => {
                let value = self.expr(Ty::Int);
                top.push(stmt("(@)", [value]));
            }
        }
        list(Sort::Top, top)
    }

    /// Prints what is in sight.
    fn show_all(&mut self) -> Tree {
        let shown = |v: &&Var| !matches!(v.ty, Ty::Fn0 | Ty::Con(_) | Ty::Task) && !v.name.contains('.');
        let names: Vec<String> = self.scope.vars.iter().filter(shown).map(|v| v.name.clone()).collect();
        let parts = names.into_iter().map(|name| super::tree::glue(name, [])).collect();
        stmt("print(@)", [list(Sort::Commas, parts)])
    }
}
