//! Statements: which one is next, and the simple ones.

use super::Generator;
use super::functions::annotation;
use super::literals::KEYS;
use super::scope::{Place, Var};
use super::tree::{Sort, Tree, Ty, expr, glue, list, stmt};

/// Types of variables, as often as they should come.
const TYPES: &[Ty] = &[
    Ty::Int,
    Ty::Int,
    Ty::Int,
    Ty::Int,
    Ty::Str,
    Ty::Str,
    Ty::Float,
    Ty::Bool,
    Ty::Any,
    Ty::Ints,
    Ty::Ints,
    Ty::Map,
    Ty::Map,
    Ty::Items,
    Ty::Strs,
    Ty::Range,
    Ty::Fn1,
    Ty::Fn0,
];

/// Makes a statement, if the place allows it.
type Maker<'b> = fn(&mut Generator<'b>) -> Option<Tree>;

impl<'b> Generator<'b> {
    /// Statements with how likely they are; the first is the simplest.
    const MAKERS: [(u32, Maker<'b>); 43] = [
        (10, Self::print),
        (12, Self::declare),
        (14, Self::assign),
        (8, Self::compound),
        (6, Self::change_part),
        (5, Self::mutate),
        (7, Self::if_statement),
        (3, Self::count_loop),
        (2, Self::each_loop),
        (2, Self::while_loop),
        (2, Self::c_loop),
        (2, Self::leave_loop),
        (5, Self::try_statement),
        (2, Self::raise),
        (2, Self::early_return),
        (2, Self::defer),
        (1, Self::using),
        (3, Self::pattern_statement),
        (2, Self::destructure),
        (2, Self::counter),
        (2, Self::nested_action),
        (1, Self::loop_closures),
        (3, Self::transaction),
        (2, Self::require),
        (2, Self::emit),
        (4, Self::contract_call),
        (4, Self::task),
        (1, Self::channel),
        (1, Self::watch),
        (1, Self::once),
        (1, Self::seal),
        (1, Self::record),
        (2, Self::local_type),
        (1, Self::type_error),
        (1, Self::bare_block),
        (5, Self::touch_state),
        (1, Self::module),
        (1, Self::late),
        (1, Self::policy),
        (1, Self::at_exit),
        (2, Self::top_declaration),
        (2, Self::more_tasks),
        (1, Self::own_functions),
    ];

    /// The next statement.
    pub fn statement(&mut self) -> Tree {
        self.statements = self.statements.saturating_sub(1);
        self.scope.cost += self.scope.place.mult;
        if self.statements > 0 {
            for _ in 0..4 {
                let at = self.choices.weighted(Self::MAKERS.iter().map(|m| m.0));
                if let Some((_, maker)) = Self::MAKERS.get(at)
                    && let Some(tree) = maker(self)
                {
                    return tree;
                }
            }
        }
        self.print().unwrap_or_else(|| stmt("print()", []))
    }

    /// Up to `n` statements in the present scope.
    pub fn statement_list(&mut self, n: usize) -> Vec<Tree> {
        let mut out = Vec::new();
        for _ in 0..n {
            if self.statements == 0 && !out.is_empty() {
                break;
            }
            out.push(self.statement());
        }
        out
    }

    /// A block with a scope of its own.
    pub fn block(&mut self, n: usize, place: Place) -> Tree {
        let (saved, vars) = self.enter(Place { top: false, ..place });
        self.depth += 1;
        let n = 1 + self.choices.below(n);
        let body = self.statement_list(n);
        self.depth -= 1;
        self.leave(saved, vars);
        list(Sort::Block, body)
    }

    /// Whether another block fits here.
    pub fn may_nest(&self) -> bool {
        self.depth < 4 && self.statements > 3
    }

    fn print(&mut self) -> Option<Tree> {
        let n = 1 + self.choices.below(3);
        let mut parts = Vec::new();
        for _ in 0..n {
            let ty = if self.choices.chance(40) { Ty::Int } else { Ty::Any };
            parts.push(self.expr(ty));
        }
        Some(stmt("print(@)", [list(Sort::Commas, parts)]))
    }

    fn declare(&mut self) -> Option<Tree> {
        let ty = if !self.scope.types.is_empty() && self.choices.chance(15) {
            Ty::Inst(self.choices.below(self.scope.types.len()) as u8)
        } else {
            *self.choices.pick(TYPES)?
        };
        let value = self.bounded(ty);
        // Sometimes a name that is in sight already: it shadows, or replaces.
        let again = self.choices.chance(6).then(|| self.variable(ty, true)).flatten();
        let again = again.filter(|name| name.starts_with('v'));
        let name = again.unwrap_or_else(|| self.name("v"));
        let note = match ty {
            Ty::Inst(index) => {
                self.scope.types.get(usize::from(index)).map_or("any", |t| t.name.as_str()).to_owned()
            }
            _ => annotation(ty).to_owned(),
        };
        let note = if self.choices.chance(25) { format!(": {note}") } else { String::new() };
        let constant = name.starts_with('v') && self.choices.chance(12) && !self.known(&name);
        let word = if constant { "const" } else { "let" };
        let assignable = !constant;
        self.scope.vars.push(Var { name: name.clone(), ty, assignable, state: false });
        Some(stmt(format!("{word} {name}{note} = @"), [value]))
    }

    fn known(&self, name: &str) -> bool {
        self.scope.vars.iter().any(|v| v.name == name)
    }

    /// A value that does not grow without bounds when it is assigned again and again.
    pub fn bounded(&mut self, ty: Ty) -> Tree {
        let value = self.expr(ty);
        if value.children.is_empty() {
            return value;
        }
        match ty {
            Ty::Int if self.choices.chance(70) => expr(ty, "(@ % 1000007)", [value]),
            Ty::Int => expr(ty, "(@ % 0x1_0000_0000_0000_0000_0001)", [value]),
            Ty::Str => expr(ty, "@[:24]", [value]),
            Ty::Ints | Ty::Strs | Ty::Items => expr(ty, "@[:9]", [value]),
            Ty::Float if self.choices.chance(50) => expr(ty, "(@ % 1e9)", [value]),
            Ty::Any => expr(ty, "string(@)[:24]", [value]),
            _ => value,
        }
    }

    fn assign(&mut self) -> Option<Tree> {
        let ty = *self.choices.pick(TYPES)?;
        if matches!(ty, Ty::Fn1 | Ty::Fn0) && self.scope.place.in_value {
            return None;
        }
        let name = self.variable(ty, true).filter(|n| !n.contains('.'))?;
        let ty = self.scope.vars.iter().rev().find(|v| v.name == name).map_or(ty, |v| v.ty);
        let value = self.bounded(ty);
        Some(stmt(format!("{name} = @"), [value]))
    }

    fn compound(&mut self) -> Option<Tree> {
        Some(match self.choices.below(8) {
            0 => {
                let name = self.variable(Ty::Str, true)?;
                let value = self.leaf(Ty::Str);
                stmt(format!("if len({name}) < 100 {{ {name} += @ }}"), [value])
            }
            1 => {
                let name = self.variable(Ty::Ints, true)?;
                let value = self.leaf(Ty::Int);
                stmt(format!("if len({name}) < 20 {{ {name} += [@] }}"), [value])
            }
            2 => {
                let name = self.variable(Ty::Float, true)?;
                let value = self.expr(Ty::Float);
                let sign = self.choices.text(&["+=", "-=", "/="]);
                let value = if sign == "/=" { expr(Ty::Float, "(abs(@) + 0.5)", [value]) } else { value };
                stmt(format!("{name} {sign} @"), [value])
            }
            3 => {
                let name = self.variable(Ty::Int, true)?;
                let value = self.expr(Ty::NonZero);
                stmt(format!("{name} %= @"), [value])
            }
            4 => {
                let name = self.variable(Ty::Int, true)?;
                let value = self.expr(Ty::Nat);
                stmt(format!("{name} *= @"), [value])
            }
            _ => {
                let name = self.variable(Ty::Int, true)?;
                let value = self.expr(Ty::Int);
                let sign = self.choices.text(&["+=", "-="]);
                stmt(format!("{name} {sign} @"), [value])
            }
        })
    }

    /// Assigns to an index or a member.
    fn change_part(&mut self) -> Option<Tree> {
        Some(match self.choices.below(8) {
            0 => {
                let name = self.variable(Ty::Ints, false)?;
                let (index, value) = (self.expr(Ty::Nat), self.bounded(Ty::Int));
                stmt(format!("if len({name}) > 4 {{ {name}[@] = @ }}"), [index, value])
            }
            1 => {
                let name = self.variable(Ty::Ints, false)?;
                let value = self.expr(Ty::Int);
                stmt(format!("if !{name}.is_empty() {{ {name}[-1] += @ }}"), [value])
            }
            2 | 3 => {
                let name = self.variable(Ty::Map, false)?;
                let (key, value) = (self.leaf(Ty::Str), self.bounded(Ty::Int));
                stmt(format!("{name}[@] = @"), [key, value])
            }
            4 => {
                let name = self.variable(Ty::Map, false)?;
                let key = self.choices.text(KEYS).trim_matches('"');
                let key = if key.contains([' ', 'é']) { "a" } else { key };
                let value = self.bounded(Ty::Int);
                stmt(format!("{name}.{key} = @"), [value])
            }
            5 => {
                let name = self.variable(Ty::Map, false)?;
                let (key, value) = (self.leaf(Ty::Str), self.expr(Ty::Int));
                let key = key.text();
                stmt(format!("if {key} in {name} {{ {name}[{key}] -= @ }}"), [value])
            }
            _ => return self.change_field(),
        })
    }

    fn change_field(&mut self) -> Option<Tree> {
        let index = self.choices.below(self.scope.types.len());
        let ty = self.scope.types.get(index)?.clone();
        if !ty.mutable {
            return None;
        }
        let name = self.variable(Ty::Inst(index as u8), false)?;
        let (field, kind) = self.choices.pick(&ty.fields)?.clone();
        Some(match kind {
            Ty::Int if self.choices.chance(50) => {
                let value = self.expr(Ty::Int);
                stmt(format!("{name}.{field} += @"), [value])
            }
            Ty::Int if self.choices.chance(10) => {
                let value = self.expr(Ty::Int);
                stmt(format!("{name}[\"{field}\"] = @"), [value])
            }
            _ => {
                let value = self.bounded(kind);
                stmt(format!("{name}.{field} = @"), [value])
            }
        })
    }

    /// A method that changes its receiver.
    fn mutate(&mut self) -> Option<Tree> {
        Some(match self.choices.below(6) {
            0 | 1 => {
                let name = self.variable(Ty::Ints, false)?;
                let value = self.bounded(Ty::Int);
                stmt(format!("if len({name}) < 20 {{ {name}.push(@) }}"), [value])
            }
            2 => {
                let name = self.variable(Ty::Ints, false)?;
                stmt(format!("{name}.pop()"), [])
            }
            3 => {
                let name = self.variable(Ty::Ints, false)?;
                let value = self.expr(Ty::Int);
                stmt(format!("if len({name}) < 20 {{ {name}.insert(0, @) }}"), [value])
            }
            4 => {
                let name = self.variable(Ty::Map, false)?;
                let key = self.leaf(Ty::Str);
                stmt(format!("{name}.delete(@)"), [key])
            }
            _ => {
                let name = self.variable(Ty::Map, false)?;
                let (key, value) = (self.leaf(Ty::Str), self.bounded(Ty::Int));
                stmt(format!("{name}.set(@, @)"), [key, value])
            }
        })
    }

    fn destructure(&mut self) -> Option<Tree> {
        let word = self.choices.text(&["let", "const"]);
        let assignable = word == "let";
        let (a, b) = (self.name("v"), self.name("v"));
        let declare = |g: &mut Self, name: &str, ty| {
            g.scope.vars.push(Var { name: name.to_owned(), ty, assignable, state: false });
        };
        Some(if self.choices.chance(50) {
            let value = self.expr(Ty::Ints);
            let value = expr(Ty::Ints, "(@ + [1, 2])", [value]);
            declare(self, &a, Ty::Int);
            let rest = self.choices.text(&["...", ".."]);
            let (text, ty) = match self.choices.below(2) {
                0 => (format!("{word} [{a}, {rest}{b}] = @"), Ty::Ints),
                _ => (format!("{word} [{a}, {b}] = @"), Ty::Int),
            };
            declare(self, &b, ty);
            stmt(text, [value])
        } else {
            let value = self.expr(Ty::Map);
            declare(self, &a, Ty::Any);
            declare(self, &b, Ty::Any);
            stmt(format!("{word} {{a: {a}, b: {b}}} = @"), [value])
        })
    }

    fn type_error(&mut self) -> Option<Tree> {
        let name = self.name("v");
        let (ty, wrong) = match self.choices.below(4) {
            0 => ("int", Ty::Str),
            1 => ("string", Ty::Int),
            2 => ("list", Ty::Map),
            _ => ("bool?", Ty::Any),
        };
        let value = self.expr(wrong);
        let print = glue("print(e, e.line)", []);
        let handler = glue("catch (e) @", [list(Sort::Block, vec![print])]);
        Some(stmt(format!("try {{ let {name}: {ty} = null ?? @  print({name}) }} @"), [value, handler]))
    }

    fn bare_block(&mut self) -> Option<Tree> {
        if !self.may_nest() {
            return None;
        }
        let word = self.choices.text(&["", "atomic "]);
        let place = Place { tasks: false, ..self.scope.place };
        let block = self.block(3, place);
        Some(stmt(format!("{word}@"), [block]))
    }
}
