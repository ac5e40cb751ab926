//! Contracts and their calls.

use super::Generator;
use super::exprs::WORK;
use super::scope::{Contract, Func, Place, Var};
use super::tree::{Sort, Tree, Ty, expr, glue, list, stmt};

impl Generator<'_> {
    pub fn contract_declaration(&mut self) -> Tree {
        let name = self.name("C");
        let index = self.scope.contracts.len() as u8;
        let mut members = Vec::new();
        let (n, items, book) = (self.name("n"), self.name("ls"), self.name("bk"));
        let place = Place {
            in_loop: false,
            in_value: true,
            in_tx: true,
            tasks: false,
            top: false,
            contract: Some(index),
            bare: true,
            mult: 4,
            ..self.scope.place
        };
        let (saved, vars) = self.enter(place);
        for (name, ty) in [(&n, Ty::Int), (&items, Ty::Ints), (&book, Ty::Map)] {
            let value = self.leaf(ty);
            let form = match self.choices.below(4) {
                0 => format!("data {name} = @"),
                1 => format!("persistent storage {name} = @"),
                _ => format!("state {name} = @"),
            };
            members.push(glue(form, [value]));
            self.scope.vars.push(Var { name: name.clone(), ty, assignable: true, state: true });
        }
        if self.choices.chance(30) {
            let (log, value) = (self.name("lg"), self.leaf(Ty::Int));
            members.push(stmt(format!("ledger {log} = @"), [value]));
            self.scope.vars.push(Var { name: log, ty: Ty::Int, assignable: true, state: true });
        }
        let guard = self.name("md");
        let value = self.expr(Ty::Int);
        let form = match self.choices.below(3) {
            0 => "require(n != @, \"guard\")  _".to_owned(),
            1 => format!("{n} += 1  if n > @ {{ print(\"big\") }}  _  print(\"after\", {n})"),
            _ => "if n == @ { throw \"stop\" }  _".to_owned(),
        };
        members.push(stmt(format!("modifier {guard}(n) {{ {form} }}"), [value]));
        if self.choices.chance(50) {
            let value = self.leaf(Ty::Int);
            members.push(stmt(format!("action init(a = @) {{ {n} = a }}"), [value]));
        }
        let mut contract = Contract {
            name: name.clone(),
            actions: Vec::new(),
            counter: n.clone(),
            extendable: true,
            ..Contract::default()
        };
        for _ in 0..1 + self.choices.below(3) {
            let member = self.contract_action(&guard, &mut contract);
            members.push(member);
        }
        self.leave(saved, vars);
        if let Some(action) = contract.actions.first().map(|a| a.name.clone())
            && self.choices.chance(40)
        {
            // Called with the contract itself this is a re-entrant call, which is refused unless the action says otherwise.
            let (via, value) = (self.name("via"), self.leaf(Ty::Int));
            let reentrant = self.choices.text(&["", "", "reentrant "]);
            members.push(stmt(
                format!("action {via}(o, n) {reentrant}{{ {n} += @  try {{ return o.{action}(n) }} catch (e) {{ print(e, TX.caller)  return -1 }} }}"),
                [value],
            ));
            contract.via = Some(via);
        }
        if self.choices.chance(25) {
            let (pay, value) = (self.name("pay"), self.leaf(Ty::Int));
            members
                .push(stmt(format!("payable action {pay}() {{ {n} += TX.value  return {n} + @ }}"), [value]));
            contract.pay = Some(pay);
        }
        let parents: Vec<&Contract> = self.scope.contracts.iter().filter(|c| c.extendable).collect();
        let mut extends = String::new();
        if self.choices.chance(35)
            && let Some(parent) = self.choices.pick(&parents)
        {
            extends = format!(" extends {}", parent.name);
            let inherited = parent.actions.clone();
            if let Some(first) = inherited.first().filter(|a| a.writes) {
                members.push(stmt(
                    format!("action {0}(n) {{ return super.{0}(n) + {1} }}", first.name, contract.counter),
                    [],
                ));
            }
            contract.actions.extend(inherited);
            contract.extendable = false;
        }
        let tree = stmt(format!("contract {name}{extends} @"), [list(Sort::Block, members)]);
        self.scope.contracts.push(contract);
        tree
    }

    fn contract_action(&mut self, guard: &str, contract: &mut Contract) -> Tree {
        let (name, p) = (self.name("a"), self.name("p"));
        let view = self.choices.chance(25);
        let cost = std::mem::take(&mut self.scope.cost);
        let place = Place { ret: Some(Ty::Int), writes: !view, ..self.scope.place };
        let (saved, vars) = self.enter(place);
        self.scope.vars.push(Var { name: p.clone(), ty: Ty::Int, assignable: true, state: false });
        self.depth += 1;
        let n = 1 + self.choices.below(4);
        let mut body = self.statement_list(n);
        self.depth -= 1;
        let earlier = contract.actions.iter().filter(|a| !view || !a.writes).map(|a| a.name.clone());
        let earlier: Vec<String> = earlier.collect();
        let result = self.expr(Ty::Int);
        let text = match (self.choices.pick(&earlier), self.choices.below(3)) {
            (Some(other), 0) => format!("return @ + this.{other}({p} - 1)"),
            (Some(other), 1) => format!("return {other}({p}) - @"),
            _ => "return @".to_owned(),
        };
        body.push(glue(text, [result]));
        self.leave(saved, vars);
        let cost = std::mem::replace(&mut self.scope.cost, cost).saturating_mul(2).saturating_add(4);
        let head = match (view, self.choices.below(4)) {
            (true, _) => format!("view action {name}({p})"),
            (_, 0) => format!("action {name}({p}) {guard}({p})"),
            (_, 1) => format!("action {guard} {name}({p}) {guard}({p} + 1)"),
            _ => format!("action {name}({p})"),
        };
        let head = head.replace(&format!("action {guard} "), "action ");
        contract.actions.push(Func {
            name,
            params: vec![(p, Ty::Int)],
            defaults: 0,
            rest: false,
            ret: Ty::Int,
            cost,
            calls_values: false,
            writes: !view,
        });
        stmt(format!("{head} @"), [list(Sort::Block, body)])
    }

    /// The contract and one of its actions that may be called here.
    fn action_of_contract(&mut self) -> Option<(u8, Contract, Func)> {
        let place = self.scope.place;
        if !place.reads {
            return None;
        }
        let index = self.choices.below(self.scope.contracts.len());
        let contract = self.scope.contracts.get(index)?.clone();
        let fits = |a: &&Func| (place.writes || !a.writes) && place.mult.saturating_mul(a.cost) < WORK;
        let actions: Vec<&Func> = contract.actions.iter().filter(fits).collect();
        let action = (*self.choices.pick(&actions)?).clone();
        self.scope.cost += place.mult.saturating_mul(action.cost);
        Some((index as u8, contract, action))
    }

    /// An integer out of a contract.
    pub fn of_contract(&mut self) -> Option<Tree> {
        let (index, contract, action) = self.action_of_contract()?;
        let target = self.leaf(Ty::Con(index));
        if self.choices.chance(25) {
            return Some(expr(Ty::Int, format!("@.{}", contract.counter), [target]));
        }
        let arg = self.expr(Ty::Int);
        Some(match self.choices.below(4) {
            0 if self.scope.place.contract.is_none() => {
                expr(Ty::Int, format!("with_caller(\"0xA\", () => @.{}(@))", action.name), [target, arg])
            }
            _ => expr(Ty::Int, format!("@.{}(@)", action.name), [target, arg]),
        })
    }

    /// Makes an instance, or calls one.
    pub fn contract_call(&mut self) -> Option<Tree> {
        let (index, contract, action) = self.action_of_contract()?;
        if self.scope.place.writes && self.choices.chance(40) {
            let name = self.name("c");
            let value = self.leaf(Ty::Int);
            let has_init = self.choices.chance(10);
            self.scope.vars.push(Var {
                name: name.clone(),
                ty: Ty::Con(index),
                assignable: false,
                state: false,
            });
            return Some(match has_init {
                true => stmt(format!("let {name} = {}(@)", contract.name), [value]),
                false => stmt(format!("let {name} = {}()", contract.name), []),
            });
        }
        let (target, arg) = (self.leaf(Ty::Con(index)), self.expr(Ty::Int));
        let call = expr(Ty::Int, format!("@.{}(@)", action.name), [target.clone(), arg.clone()]);
        if let Some(via) = contract.via
            && self.choices.chance(40)
        {
            // The contract itself is no value that crosses its border; its instances are.
            let other = match self.variable(Ty::Con(index), false) {
                Some(name) => expr(Ty::Con(index), name, []),
                None => expr(Ty::Con(index), format!("{}()", contract.name), []),
            };
            return Some(stmt(format!("print(@.{via}(@, @))"), [target, other, arg]));
        }
        if let Some(pay) = contract.pay
            && self.scope.place.contract.is_none()
            && self.choices.chance(40)
        {
            return Some(stmt(
                format!("print(with_caller(\"0xB\", () => @.{pay}(), abs(@)))"),
                [target, arg],
            ));
        }
        Some(match self.choices.below(4) {
            0 => stmt(format!("try {{ @.{} = 1 }} catch (e) {{ print(e) }}", contract.counter), [target]),
            1 => stmt("print(@, TX.caller, TX.height)", [call]),
            _ => {
                let print = stmt(format!("print(e, @.{})", contract.counter), [target]);
                stmt("try { print(@) } catch (e) @", [call, list(Sort::Block, vec![print])])
            }
        })
    }
}
