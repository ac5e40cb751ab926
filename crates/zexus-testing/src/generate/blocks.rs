//! Idioms of a few lines: closures that count, local declarations, watches, seals.

use super::Generator;
use super::scope::{Place, Var};
use super::tree::{Sort, Tree, Ty, expr, glue, list, stmt};

impl Generator<'_> {
    /// A function value that keeps a variable of its own.
    pub fn counter(&mut self) -> Option<Tree> {
        if self.scope.place.in_value {
            return None;
        }
        let (make, n, c) = (self.name("mk"), self.name("n"), self.name("c"));
        let start = self.expr(Ty::Int);
        let place =
            Place { in_loop: false, ret: None, in_value: true, tasks: false, top: false, ..self.scope.place };
        let (saved, vars) = self.enter(place);
        self.scope.vars.push(Var { name: n.clone(), ty: Ty::Int, assignable: true, state: false });
        let step = self.expr(Ty::NonZero);
        self.leave(saved, vars);
        self.scope.vars.push(Var { name: c.clone(), ty: Ty::Fn0, assignable: false, state: false });
        let head = match self.choices.below(3) {
            0 => format!("let {make} = ({n}) => {{ return () => {{ {n} += @  return {n} }} }}"),
            1 => format!("action {make}({n}) {{ return () => {{ {n} = {n} + @  {n} }} }}"),
            _ => format!("let {make} = {n} => (action() {{ {n} += @  return {n} }})"),
        };
        Some(stmt(format!("{head}  let {c} = {make}(@)  print({c}(), {c}())"), [step, start]))
    }

    /// An action declared in a block, which uses variables around it.
    pub fn nested_action(&mut self) -> Option<Tree> {
        if self.scope.place.in_value || !self.may_nest() {
            return None;
        }
        let (g, p) = (self.name("g"), self.name("p"));
        let place = Place {
            in_loop: false,
            ret: Some(Ty::Int),
            in_value: true,
            tasks: false,
            top: false,
            mult: 8,
            ..self.scope.place
        };
        let (saved, vars) = self.enter(place);
        self.scope.vars.push(Var { name: p.clone(), ty: Ty::Int, assignable: true, state: false });
        self.depth += 1;
        let n = 1 + self.choices.below(3);
        let mut body = self.statement_list(n);
        self.depth -= 1;
        let result = self.expr(Ty::Int);
        body.push(glue("return @", [result]));
        self.leave(saved, vars);
        // In a block the name is known before its declaration, so a name is used once only.
        self.scope.vars.push(Var { name: g.clone(), ty: Ty::Fn1, assignable: false, state: false });
        Some(stmt(format!("action {g}({p}) @"), [list(Sort::Block, body)]))
    }

    pub fn watch(&mut self) -> Option<Tree> {
        let place = self.scope.place;
        if place.mult > 20 || place.contract.is_some() || place.in_value {
            return None;
        }
        let ty = *self.choices.pick(&[Ty::Int, Ty::Map, Ty::Ints])?;
        let name = self.variable(ty, true).filter(|n| !n.contains('.'))?;
        let watched = match ty {
            Ty::Map => format!("{name}.a"),
            Ty::Ints => format!("len({name})"),
            _ => name.clone(),
        };
        let text = match self.choices.below(4) {
            0 => format!("watch {watched} => print(\"watch\", {name})"),
            1 => format!("watch ({watched}) {{ print(\"watch {name}\", {watched}) }}"),
            2 => format!("watch {{ print(\"all\", {name}) }}"),
            _ => format!("watch {watched} => {{ seen += 1 }}"),
        };
        Some(stmt(text, []))
    }

    pub fn once(&mut self) -> Option<Tree> {
        if !self.may_nest() {
            return None;
        }
        let label = self.name("once");
        let block = self.block(2, self.scope.place);
        Some(stmt(format!("exactly {label} @"), [block]))
    }

    /// Seals a value or declares a sealed one.
    pub fn seal(&mut self) -> Option<Tree> {
        let name = self.name("k");
        let ty = if self.choices.chance(50) { Ty::Map } else { Ty::Ints };
        let value = self.leaf(ty);
        let change = match ty {
            Ty::Map => format!("{name}[\"z\"] = 1"),
            _ => format!("{name}.push(1)"),
        };
        let value = expr(ty, "copy(@)", [value]);
        let head = match self.choices.below(2) {
            0 => format!("immutable {name} = @"),
            _ => format!("let {name} = @  seal {name}"),
        };
        Some(stmt(format!("{head}  try {{ {change} }} catch (e) {{ print(e) }}"), [value]))
    }

    /// An entry of the ledger or a stored value.
    pub fn record(&mut self) -> Option<Tree> {
        let place = self.scope.place;
        if !place.writes {
            return None;
        }
        let value = self.expr(Ty::Any);
        Some(match self.choices.below(5) {
            0 => stmt("ledger_append({v: @})", [value]),
            1 => {
                let name = self.variable(Ty::Int, false).filter(|n| !n.contains('.'))?;
                stmt(format!("audit {name}, \"seen\""), [])
            }
            2 => {
                let key = self.leaf(Ty::Str);
                stmt("persist_set(@, @)", [key, value])
            }
            3 => {
                let key = self.leaf(Ty::Str);
                stmt("print(persist_get(@, @))", [key, value])
            }
            _ => stmt("print(len(ledger_entries()), len(events()))", []),
        })
    }

    pub fn emit(&mut self) -> Option<Tree> {
        if !self.scope.place.writes {
            return None;
        }
        if self.choices.chance(20) {
            let value = self.expr(Ty::Any);
            let text = self.choices.text(&["emit Loose(@)", "emit Loose {k: @}"]);
            return Some(stmt(text, [value]));
        }
        let event = self.choices.pick(&self.scope.events)?.clone();
        let args = event.types.iter().map(|ty| glue("@", [self.expr(*ty)])).collect();
        Some(stmt(format!("emit {}(@)", event.name), [list(Sort::Commas, args)]))
    }
}
