//! Actions, function values and calls.

use super::Generator;
use super::exprs::WORK;
use super::scope::{Func, Place, Var};
use super::tree::{Sort, Tree, Ty, expr, glue, list, stmt};

/// What parameters and results may be.
const TYPES: &[Ty] =
    &[Ty::Int, Ty::Int, Ty::Int, Ty::Str, Ty::Ints, Ty::Map, Ty::Any, Ty::Float, Ty::Bool, Ty::Fn1];

/// A type annotation that accepts a type.
pub fn annotation(ty: Ty) -> &'static str {
    match ty {
        Ty::Int | Ty::Nat | Ty::NonZero => "int",
        Ty::Float => "float",
        Ty::Str => "string",
        Ty::Bool => "bool",
        Ty::Ints | Ty::Strs | Ty::Items => "list",
        Ty::Map => "map",
        Ty::Range => "range",
        Ty::Fn1 | Ty::Fn0 => "function",
        _ => "any",
    }
}

impl Generator<'_> {
    /// A call of an action of the program that gives this type.
    pub fn call(&mut self, ty: Ty) -> Option<Tree> {
        let place = self.scope.place;
        let fits = |f: &&Func| {
            f.ret == ty
                && place.mult.saturating_mul(f.cost) < WORK
                && !(f.calls_values && place.in_value)
                && (place.writes && place.reads || !f.writes)
        };
        let found: Vec<&Func> = self.scope.funcs.iter().filter(fits).collect();
        let f = (*self.choices.pick(&found)?).clone();
        self.scope.cost += place.mult.saturating_mul(f.cost);
        self.scope.calls_values |= f.calls_values;
        let args = self.arguments(&f);
        Some(expr(ty, format!("{}(@)", f.name), [args]))
    }

    /// Arguments that fit a function.
    pub fn arguments(&mut self, f: &Func) -> Tree {
        let mut args = Vec::new();
        let required = f.params.len() - f.defaults;
        let given = required + if f.defaults > 0 { self.choices.below(f.defaults + 1) } else { 0 };
        let named_from =
            if !f.rest && self.choices.chance(15) { self.choices.below(given + 1) } else { given };
        for (i, (name, ty)) in f.params.iter().take(given).enumerate() {
            let value = if f.params.first().is_some_and(|p| p.0 == "fuel") && i == 0 {
                expr(Ty::Nat, self.choices.text(&["3", "2", "5", "0"]), [])
            } else {
                self.expr(*ty)
            };
            args.push(if i >= named_from { glue(format!("{name}: @"), [value]) } else { value });
        }
        if f.rest && given == f.params.len() {
            match self.choices.below(3) {
                0 => {}
                1 => args.push(self.expr(Ty::Int)),
                _ => {
                    let all = self.expr(Ty::Ints);
                    args.push(glue("...@", [all]));
                }
            }
        }
        list(Sort::Commas, args)
    }

    /// A function value: of an integer, or without parameters.
    pub fn function_value(&mut self, one: bool) -> Tree {
        let ty = if one { Ty::Fn1 } else { Ty::Fn0 };
        let (saved, vars) = self.enter(Place {
            in_loop: false,
            ret: None,
            in_value: true,
            top: false,
            tasks: false,
            mult: 8,
            ..self.scope.place
        });
        let name = self.name("x");
        if one {
            self.scope.vars.push(Var { name: name.clone(), ty: Ty::Int, assignable: true, state: false });
        }
        let head = if one { name.as_str() } else { "" };
        let block = self.statements > 4 && self.depth < 4 && self.choices.chance(40);
        let tree = if block {
            self.scope.place.ret = Some(Ty::Int);
            let n = 1 + self.choices.below(2);
            let mut body = self.statement_list(n);
            let result = self.expr(Ty::Int);
            let template = self.choices.text(&["return @", "@", "return @"]);
            body.push(glue(template, [result]));
            let body = list(Sort::Block, body);
            match self.choices.below(3) {
                0 => expr(ty, format!("(({head}) => @)"), [body]),
                1 => expr(ty, format!("(action({head}) @)"), [body]),
                _ => expr(ty, format!("(lambda({head}) @)"), [body]),
            }
        } else {
            let body = self.expr(Ty::Int);
            match self.choices.below(3) {
                0 => expr(ty, format!("(({head}) => (@))"), [body]),
                1 => expr(ty, format!("(lambda({head}): (@))"), [body]),
                _ => expr(ty, format!("(function({head}) -> any {{ return @ }})"), [body]),
            }
        };
        self.leave(saved, vars);
        tree
    }

    /// Parameters: the text, and what calls must know.
    pub fn params(&mut self, most: usize) -> (Tree, Vec<(String, Ty)>, usize, bool) {
        let n = self.choices.below(most + 1);
        let defaults = if self.choices.chance(40) { self.choices.below(n + 1) } else { 0 };
        let mut params = Vec::new();
        let mut trees = Vec::new();
        for i in 0..n {
            let name = self.name("p");
            let ty = self.choices.pick(TYPES).copied().unwrap_or(Ty::Int);
            let typed = self.choices.chance(40);
            let note = if typed { format!(": {}", annotation(ty)) } else { String::new() };
            if i + defaults >= n {
                let value = self.leaf(ty);
                trees.push(glue(format!("{name}{note} = @"), [value]));
            } else {
                trees.push(glue(format!("{name}{note}"), []));
            }
            params.push((name, ty));
        }
        let rest = self.choices.chance(12);
        (list(Sort::Commas, trees), params, defaults, rest)
    }

    /// A declaration of an action of the top level, which may be called from now on.
    pub fn action(&mut self) -> Tree {
        let name = self.name("f");
        let (params, list_of_params, defaults, rest) = self.params(3);
        let ret = self.choices.pick(TYPES).copied().unwrap_or(Ty::Int);
        let ret = if ret == Ty::Fn1 { Ty::Int } else { ret };
        let recursive = self.choices.chance(25);
        let mut f = Func {
            name,
            params: list_of_params,
            defaults,
            rest,
            ret,
            cost: 0,
            calls_values: false,
            writes: true,
        };
        let rest_name = if rest { Some(self.name("r")) } else { None };
        let body = self.action_body(&mut f, rest_name.as_deref(), recursive);
        let mut head = String::from(if f.params.is_empty() || !recursive { "" } else { ", " });
        if recursive {
            head = format!("fuel{head}");
            f.params.insert(0, ("fuel".into(), Ty::Nat));
        }
        let tail = match &rest_name {
            Some(name) if f.params.is_empty() => format!("...{name}"),
            Some(name) => format!(", ...{name}"),
            None => String::new(),
        };
        let result = if self.choices.chance(30) { format!(" -> {}", annotation(ret)) } else { String::new() };
        let word = self.choices.text(&["action", "action", "function", "secure action"]);
        let tree = stmt(format!("{word} {}({head}@{tail}){result} @", f.name), [params, body]);
        self.scope.funcs.push(f);
        tree
    }

    fn action_body(&mut self, f: &mut Func, rest: Option<&str>, recursive: bool) -> Tree {
        let cost = std::mem::take(&mut self.scope.cost);
        let calls = std::mem::take(&mut self.scope.calls_values);
        let mult = if recursive { 4 } else { 1 };
        let place =
            Place { in_loop: false, ret: Some(f.ret), top: false, tasks: false, mult, ..self.scope.place };
        let (saved, vars) = self.enter(place);
        for (name, ty) in &f.params {
            self.scope.vars.push(Var { name: name.clone(), ty: *ty, assignable: true, state: false });
        }
        if let Some(name) = rest {
            self.scope.vars.push(Var { name: name.to_owned(), ty: Ty::Ints, assignable: true, state: false });
        }
        let mut body = Vec::new();
        if recursive {
            let base = self.leaf(f.ret);
            body.push(glue("if fuel <= 0 { return @ }", [base]));
        }
        let n = 1 + self.choices.below(4);
        body.extend(self.statement_list(n));
        if recursive {
            let mut args = vec![glue("fuel - 1", [])];
            let required = f.params.len() - f.defaults;
            let types: Vec<Ty> = f.params.iter().take(required).map(|p| p.1).collect();
            args.extend(types.into_iter().map(|ty| self.expr(ty)).collect::<Vec<_>>());
            let again = expr(f.ret, format!("{}(@)", f.name), [list(Sort::Commas, args)]);
            let before = match f.ret {
                Ty::Int => Some("return ((@ + @) % 100003)"),
                Ty::Str => Some("return (@ + @)[:40]"),
                Ty::Ints => Some("return (@ + @)[:10]"),
                _ => None,
            };
            body.push(match before {
                Some(template) => {
                    let other = self.expr(f.ret);
                    glue(template, [other, again])
                }
                None => glue("return @", [again]),
            });
        } else {
            let result = self.expr(f.ret);
            let template = self.choices.text(&["return @", "return @", "@"]);
            let template =
                if template == "@" && result.text().starts_with('{') { "return @" } else { template };
            body.push(glue(template, [result]));
        }
        self.leave(saved, vars);
        f.cost = std::mem::replace(&mut self.scope.cost, cost).saturating_add(4);
        f.calls_values =
            std::mem::replace(&mut self.scope.calls_values, calls) || f.params.iter().any(|p| p.1 == Ty::Fn1);
        list(Sort::Block, body)
    }

    /// Goes to another place; gives what [`Generator::leave`] needs.
    pub fn enter(&mut self, place: Place) -> (Place, usize) {
        (std::mem::replace(&mut self.scope.place, place), self.scope.vars.len())
    }

    /// Back to where [`Generator::enter`] came from.
    pub fn leave(&mut self, place: Place, vars: usize) {
        self.scope.place = place;
        self.scope.vars.truncate(vars);
    }
}
