//! Expressions.

use super::Generator;
use super::literals::{FLOATS, KEYS, LARGE, SMALL, STRINGS};
use super::rules::{Rule, WRONG, rules};
use super::tree::{Sort, Tree, Ty, expr, glue, list};

/// How deep expressions nest.
const DEPTH: usize = 5;

/// How many statements a call may run, for all repetitions of the place together.
pub const WORK: u32 = 1500;

impl Generator<'_> {
    /// An expression of this type.
    pub fn expr(&mut self, ty: Ty) -> Tree {
        self.expressions = self.expressions.saturating_sub(1);
        if self.depth >= DEPTH || self.expressions == 0 || self.choices.chance(28) {
            return self.leaf(ty);
        }
        self.depth += 1;
        let tree = if self.choices.chance(22) { self.special(ty) } else { None };
        let tree = match tree {
            Some(tree) => tree,
            None => self.rule(ty, rules(ty)).unwrap_or_else(|| self.leaf(ty)),
        };
        self.depth -= 1;
        tree
    }

    /// An expression that raises an error, most likely.
    pub fn wrong(&mut self) -> Tree {
        self.rule(Ty::Any, WRONG).unwrap_or_else(|| self.leaf(Ty::Any))
    }

    fn rule(&mut self, ty: Ty, rules: &[Rule]) -> Option<Tree> {
        let (_, template, parts) = rules.get(self.choices.weighted(rules.iter().map(|rule| rule.0)))?;
        // Function values run once for each item.
        let calls_value = parts.contains(&Ty::Fn1) || parts.contains(&Ty::Fn0);
        if calls_value && !self.may_call_values() {
            return None;
        }
        let repeats = template.contains("=>");
        let mult = self.scope.place.mult;
        if repeats {
            self.scope.place.mult = mult.saturating_mul(8);
        }
        if calls_value {
            self.scope.calls_values = true;
            self.scope.cost += mult.saturating_mul(20);
        }
        let children = parts.iter().map(|part| self.expr(*part)).collect();
        self.scope.place.mult = mult;
        Some(Tree { sort: Sort::Expr(ty), template: (*template).into(), children })
    }

    fn may_call_values(&self) -> bool {
        !self.scope.place.in_value && self.scope.place.mult.saturating_mul(20) < WORK
    }

    /// A variable or constant.
    pub fn leaf(&mut self, ty: Ty) -> Tree {
        if self.choices.chance(72)
            && let Some(name) = self.variable(ty, false)
        {
            return expr(ty, name, []);
        }
        match ty {
            Ty::Int if self.choices.chance(8) => expr(ty, self.choices.text(LARGE), []),
            Ty::Int => expr(ty, self.choices.text(SMALL), []),
            Ty::Nat => expr(ty, self.choices.text(&["0", "1", "2", "3", "4"]), []),
            Ty::NonZero => expr(ty, self.choices.text(&["1", "2", "3", "(-2)", "10"]), []),
            Ty::Float => expr(ty, self.choices.text(FLOATS), []),
            Ty::Str => expr(ty, self.choices.text(STRINGS), []),
            Ty::Bool => expr(ty, self.choices.text(&["true", "false"]), []),
            Ty::Any => match self.choices.below(4) {
                0 => expr(ty, "null", []),
                1 => expr(ty, self.choices.text(FLOATS), []),
                2 => expr(ty, self.choices.text(STRINGS), []),
                _ => expr(ty, self.choices.text(SMALL), []),
            },
            Ty::Ints => self.list_of(ty, SMALL),
            Ty::Strs => self.list_of(ty, STRINGS),
            Ty::Items => self.list_of(ty, &["1", "\"a\"", "null", "[2]", "{k: 1}", "1.5"]),
            Ty::Map => {
                let entries = (0..self.choices.below(4))
                    .map(|_| {
                        let (key, value) = (self.choices.text(KEYS), self.choices.text(SMALL));
                        glue(format!("{key}: {value}"), [])
                    })
                    .collect();
                expr(ty, "{@}", [list(Sort::Commas, entries)])
            }
            Ty::Range => expr(ty, self.choices.text(&["(0..3)", "(0..0)", "(1..=4)", "(-2..2)"]), []),
            Ty::Fn1 => self.function_value(true),
            Ty::Fn0 => self.function_value(false),
            Ty::Inst(index) => self.construct(index),
            Ty::Con(index) => {
                let name = self.scope.contracts.get(usize::from(index)).map(|c| c.name.clone());
                expr(ty, name.unwrap_or_else(|| "null".into()), [])
            }
            Ty::Task => expr(ty, "null", []),
        }
    }

    fn list_of(&mut self, ty: Ty, items: &'static [&'static str]) -> Tree {
        let items =
            (0..self.choices.below(5)).map(|_| glue(self.choices.text(items), [])).collect::<Vec<_>>();
        expr(ty, "[@]", [list(Sort::Commas, items)])
    }

    /// The name of a variable of this type, if there is one.
    pub fn variable(&mut self, ty: Ty, assign: bool) -> Option<String> {
        let place = self.scope.place;
        let fits = |v: &&super::scope::Var| {
            let kind = v.ty == ty
                || (ty == Ty::Any && !matches!(v.ty, Ty::Fn1 | Ty::Fn0 | Ty::Con(_) | Ty::Task))
                || (ty == Ty::Float && v.ty == Ty::Int && !assign);
            // What a function value calls must be made before it, and stay.
            let calls = matches!(v.ty, Ty::Fn1 | Ty::Fn0) && place.in_value && v.assignable;
            let state = !v.state || (place.reads && (place.writes || !assign));
            kind && !calls && state && (!assign || v.assignable)
        };
        let found: Vec<&str> = self.scope.vars.iter().filter(fits).map(|v| v.name.as_str()).collect();
        // Later ones are nearer, and more interesting.
        let (a, b) = (self.choices.below(found.len()), self.choices.below(found.len()));
        found.get(a.max(b)).map(|name| (*name).to_owned())
    }

    /// Expressions that need declarations of the program, or more than a template.
    fn special(&mut self, ty: Ty) -> Option<Tree> {
        match ty {
            Ty::Int => match self.choices.below(10) {
                0..=3 => self.call(Ty::Int),
                4 => self.of_instance(),
                5 | 6 => self.of_contract(),
                7 => self.enum_member(),
                8 => Some(self.match_expr(Ty::Int)),
                _ => self.awaited(),
            },
            Ty::Str if self.choices.chance(30) => Some(self.match_expr(Ty::Str)),
            Ty::Bool if self.choices.chance(30) => Some(self.match_expr(Ty::Bool)),
            Ty::Ints | Ty::Items | Ty::Strs => {
                let item = match ty {
                    Ty::Ints => Ty::Int,
                    Ty::Strs => Ty::Str,
                    _ => Ty::Any,
                };
                let items = (0..self.choices.below(5)).map(|_| self.expr(item)).collect();
                Some(expr(ty, "[@]", [list(Sort::Commas, items)]))
            }
            Ty::Fn1 => Some(self.function_value(true)),
            Ty::Fn0 => Some(self.function_value(false)),
            Ty::Inst(index) => Some(self.construct(index)),
            Ty::Any => match self.choices.below(3) {
                0 if !self.scope.types.is_empty() => {
                    let index = self.choices.below(self.scope.types.len()) as u8;
                    Some(self.expr(Ty::Inst(index)))
                }
                1 => Some(self.match_expr(Ty::Any)),
                _ => None,
            },
            _ => self.call(ty),
        }
    }

    fn enum_member(&mut self) -> Option<Tree> {
        let e = self.choices.pick(&self.scope.enums)?;
        let member = self.choices.pick(&e.members)?;
        Some(expr(Ty::Int, format!("{}.{member}", e.name), []))
    }

    /// An integer out of an instance.
    fn of_instance(&mut self) -> Option<Tree> {
        if self.scope.types.is_empty() {
            return None;
        }
        let index = self.choices.below(self.scope.types.len());
        let ty = self.scope.types.get(index)?.clone();
        let instance = self.expr(Ty::Inst(index as u8));
        match self.choices.below(4) {
            0 if !ty.computed.is_empty() => {
                let name = self.choices.pick(&ty.computed)?;
                Some(expr(Ty::Int, format!("@.{name}"), [instance]))
            }
            1 | 2 if !ty.methods.is_empty() && self.scope.place.mult.saturating_mul(8) < WORK => {
                let name = self.choices.pick(&ty.methods)?.clone();
                self.scope.cost += self.scope.place.mult.saturating_mul(8);
                let arg = self.expr(Ty::Int);
                Some(expr(Ty::Int, format!("@.{name}(@)"), [instance, arg]))
            }
            3 if ty.plus => {
                let other = self.expr(Ty::Inst(index as u8));
                let field = &ty.fields.first()?.0;
                Some(expr(Ty::Int, format!("(@ + @).{field}"), [instance, other]))
            }
            _ => {
                let field = &ty.fields.first()?.0;
                Some(expr(Ty::Int, format!("@.{field}"), [instance]))
            }
        }
    }

    /// A new instance.
    pub fn construct(&mut self, index: u8) -> Tree {
        let sort = Ty::Inst(index);
        let Some(ty) = self.scope.types.get(usize::from(index)).cloned() else {
            return expr(sort, "null", []);
        };
        let braces = self.choices.chance(40);
        let given = 1 + self.choices.below(ty.fields.len());
        let mut args = Vec::new();
        self.depth += 1;
        for (name, field) in ty.fields.iter().take(given) {
            let value = self.expr(*field);
            let named = braces || (args.len() > 1 && self.choices.chance(20));
            args.push(if named { glue(format!("{name}: @"), [value]) } else { value });
        }
        self.depth -= 1;
        // A name must not be followed by a position.
        if let Some(first) = args.iter().position(|arg| arg.sort == Sort::Glue) {
            let mut at = 0;
            args.retain(|arg| {
                at += 1;
                at <= first || arg.sort == Sort::Glue
            });
        }
        let args = list(Sort::Commas, args);
        match braces {
            true => expr(sort, format!("({}{{@}})", ty.name), [args]),
            false => expr(sort, format!("{}(@)", ty.name), [args]),
        }
    }
}
