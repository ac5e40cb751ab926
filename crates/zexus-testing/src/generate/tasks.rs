//! Tasks and channels.

use super::Generator;
use super::exprs::WORK;
use super::scope::{Func, Place, Var};
use super::tree::{Sort, Tree, Ty, expr, glue, list, stmt};

impl Generator<'_> {
    /// An async action that takes and gives an integer.
    pub fn worker(&mut self) -> Tree {
        let (name, p) = (self.name("t"), self.name("p"));
        let cost = std::mem::take(&mut self.scope.cost);
        let calls = std::mem::take(&mut self.scope.calls_values);
        let (saved, vars) = self.enter(Place { ret: Some(Ty::Int), top: false, mult: 3, ..self.scope.place });
        self.scope.vars.push(Var { name: p.clone(), ty: Ty::Int, assignable: true, state: false });
        let mut body = Vec::new();
        let n = 1 + self.choices.below(2);
        body.extend(self.statement_list(n));
        let wait = self.choices.text(&["await sleep(0)", "sleep(0.5)", "sleep(1)"]);
        let i = self.name("i");
        let inner = self.block(2, Place { in_loop: true, mult: 6, ..self.scope.place });
        body.push(stmt(format!("for {i} in 0..2 {{ print(\"{name}\", {i})  {wait}  @ }}"), [inner]));
        let result = self.expr(Ty::Int);
        body.push(glue("return @", [result]));
        self.leave(saved, vars);
        let cost = std::mem::replace(&mut self.scope.cost, cost).saturating_add(8);
        self.scope.calls_values = calls;
        self.scope.workers.push(Func {
            name: name.clone(),
            params: vec![(p.clone(), Ty::Int)],
            defaults: 0,
            rest: false,
            ret: Ty::Int,
            cost,
            calls_values: true,
            writes: true,
        });
        let word = self.choices.text(&["async action", "action async"]);
        stmt(format!("{word} {name}({p}) @"), [list(Sort::Block, body)])
    }

    fn may_work(&mut self) -> Option<Func> {
        let place = self.scope.place;
        if !place.tasks || place.in_tx || place.in_value {
            return None;
        }
        let worker = self.choices.pick(&self.scope.workers)?.clone();
        if place.mult.saturating_mul(worker.cost) >= WORK {
            return None;
        }
        self.scope.cost += place.mult.saturating_mul(worker.cost);
        Some(worker)
    }

    /// The result of a task.
    pub fn awaited(&mut self) -> Option<Tree> {
        let place = self.scope.place;
        if !place.tasks || place.in_tx || place.in_value {
            return None;
        }
        if self.choices.chance(60)
            && let Some(name) = self.variable(Ty::Task, false)
        {
            return Some(expr(Ty::Int, format!("(await {name})"), []));
        }
        let worker = self.may_work()?;
        let arg = self.expr(Ty::Int);
        Some(expr(Ty::Int, format!("(await {}(@))", worker.name), [arg]))
    }

    /// Starts a task.
    pub fn task(&mut self) -> Option<Tree> {
        let worker = self.may_work()?;
        let arg = self.expr(Ty::Int);
        let name = self.name("k");
        self.scope.vars.push(Var { name: name.clone(), ty: Ty::Task, assignable: false, state: false });
        let word = self.choices.text(&["", "async ", "spawn "]);
        Some(stmt(format!("let {name} = {word}{}(@)", worker.name), [arg]))
    }

    /// A producer and a consumer.
    pub fn channel(&mut self) -> Option<Tree> {
        let place = self.scope.place;
        if !place.tasks || place.in_tx || place.in_value || place.mult > 8 {
            return None;
        }
        let (c, p, x) = (self.name("ch"), self.name("pr"), self.name("x"));
        let head = match self.choices.below(3) {
            0 => format!("channel {c}"),
            1 => format!("channel<int>[2] {c}"),
            _ => format!("let {c} = channel(1)"),
        };
        let value = self.expr(Ty::Int);
        let produce =
            format!("let {p} = () => {{ for i in 0..3 {{ send({c}, i + @) }}  {c}.close() }}  async {p}()");
        let consume = match self.choices.below(3) {
            0 => format!("for each {x} in {c} {{ print({x}) }}"),
            1 => format!("print(receive({c}), {c}.receive(), {c}.receive(), receive({c}))"),
            _ => format!("let {x} = receive({c})  while {x} != null {{ print({x})  {x} = {c}.receive() }}"),
        };
        Some(stmt(format!("{head}  {produce}  {consume}"), [value]))
    }
}
