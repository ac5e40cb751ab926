//! Types, enums, events and variables of the top level.

use super::Generator;
use super::functions::annotation;
use super::scope::{Enum, Event, Place, Type, Var};
use super::tree::{Sort, Tree, Ty, glue, list, stmt};

impl Generator<'_> {
    pub fn enum_declaration(&mut self) -> Tree {
        let name = self.name("E");
        let (text, members) = match self.choices.below(3) {
            0 => ("A, B, C", vec!["A", "B", "C"]),
            1 => ("Red, Green = 5, Off = \"off\", Blue", vec!["Red", "Green", "Blue"]),
            _ => ("One = 1, Big = 9223372036854775808", vec!["One", "Big"]),
        };
        let members = members.into_iter().map(str::to_owned).collect();
        let tree = stmt(format!("enum {name} {{ {text} }}"), []);
        self.scope.enums.push(Enum { name, members });
        tree
    }

    pub fn event_declaration(&mut self) -> Tree {
        let name = self.name("Ev");
        let types: Vec<Ty> = (0..1 + self.choices.below(2))
            .map(|_| if self.choices.chance(60) { Ty::Int } else { Ty::Any })
            .collect();
        let params: Vec<String> = types
            .iter()
            .zip(["a", "b"])
            .map(|(ty, p)| if *ty == Ty::Int { format!("{p}: int") } else { p.to_owned() })
            .collect();
        let mut text = format!("event {name}({})", params.join(", "));
        if self.choices.chance(50) {
            let body = match self.choices.below(3) {
                0 => "print(ev.name, ev.data.a, ev.index)",
                1 => "seen += 1  if seen < 30 { emit Handled(ev.args) }",
                _ => "seen += 1  if ev.data.a == 13 { throw \"unlucky\" }",
            };
            text.push_str(&format!("  stream {name} as ev => {{ {body} }}"));
        }
        self.scope.events.push(Event { name, types });
        stmt(text, [])
    }

    pub fn type_declaration(&mut self) -> Tree {
        let entity = self.choices.chance(40);
        let name = self.name(if entity { "N" } else { "D" });
        let mutable = entity || !self.choices.chance(15);
        let mut ty = Type {
            name: name.clone(),
            fields: Vec::new(),
            methods: Vec::new(),
            computed: Vec::new(),
            plus: false,
            mutable,
        };
        let mut members = Vec::new();
        let kinds = [Ty::Int, Ty::Str, Ty::Ints, Ty::Map, Ty::Int];
        for i in 0..1 + self.choices.below(3) {
            let kind = if i == 0 { Ty::Int } else { *self.choices.pick(&kinds).unwrap_or(&Ty::Int) };
            let field = self.name("q");
            let value = self.leaf(kind);
            let limit = match kind {
                Ty::Int if self.choices.chance(25) => format!(" require {field} != 13"),
                _ => String::new(),
            };
            let note =
                if self.choices.chance(60) { format!(": {}", annotation(kind)) } else { String::new() };
            members.push(glue(format!("{field}{note} = @{limit}"), [value]));
            ty.fields.push((field, kind));
        }
        let (saved, vars) = self.enter(Place {
            in_loop: false,
            ret: Some(Ty::Int),
            in_value: true,
            tasks: false,
            top: false,
            bare: true,
            mult: 4,
            ..self.scope.place
        });
        for (field, kind) in &ty.fields {
            self.scope.vars.push(Var { name: field.clone(), ty: *kind, assignable: mutable, state: false });
        }
        if self.choices.chance(50) {
            let computed = self.name("q");
            let value = self.expr(Ty::Int);
            members.push(stmt(format!("computed {computed} => (@)"), [value]));
            ty.computed.push(computed);
        }
        for _ in 0..self.choices.below(3) {
            members.push(self.method(&mut ty));
        }
        self.leave(saved, vars);
        if self.choices.chance(40) {
            let first = ty.fields.first().map_or("x", |f| f.0.as_str()).to_owned();
            let text = match self.choices.below(2) {
                0 => format!("operator +(o) {{ return {name}({first} + o.{first}) }}"),
                _ => format!(
                    "operator +(o) {{ let r = this.clone()  r.{first} = (r.{first} - o.{first}) % 1009  return r }}"
                ),
            };
            ty.plus = mutable || text.contains("this.clone");
            members.push(stmt(text, []));
            if self.choices.chance(40) {
                members.push(stmt(format!("operator <(o) {{ return {first} < o.{first} }}"), []));
            }
        }
        let word = match (entity, mutable) {
            (true, _) => "entity",
            (false, true) => "data",
            (false, false) => "data immutable",
        };
        let parent =
            self.scope.types.iter().filter(|t| t.name.starts_with('N') == entity && t.mutable && mutable);
        let parents: Vec<&Type> = parent.collect();
        let mut extends = String::new();
        if self.choices.chance(60)
            && let Some(parent) = self.choices.pick(&parents)
        {
            extends = format!(" extends {}", parent.name);
            let mut fields = parent.fields.clone();
            fields.append(&mut ty.fields);
            ty.fields = fields;
            ty.methods.extend(parent.methods.iter().cloned());
            ty.computed.extend(parent.computed.iter().cloned());
            ty.plus = false;
            if let Some(inherited) = parent.methods.first().cloned() {
                let text = format!("action {inherited}(n) {{ return super.{inherited}(n) + 1 }}");
                members.push(stmt(text, []));
                ty.methods.dedup();
            }
        }
        let tree = stmt(format!("{word} {name}{extends} @"), [list(Sort::Block, members)]);
        self.scope.types.push(ty);
        tree
    }

    fn method(&mut self, ty: &mut Type) -> Tree {
        let (name, p) = (self.name("m"), self.name("p"));
        let vars = self.scope.vars.len();
        self.scope.vars.push(Var { name: p.clone(), ty: Ty::Int, assignable: true, state: false });
        self.depth += 1;
        let n = 1 + self.choices.below(2);
        let mut body = self.statement_list(n);
        self.depth -= 1;
        let result = self.expr(Ty::Int);
        let call = match ty.methods.first() {
            Some(earlier) => match self.choices.below(3) {
                0 => format!("return @ + this.{earlier}(1)"),
                1 => format!("return {earlier}(2) - @"),
                _ => "return @".into(),
            },
            None => "return @".into(),
        };
        body.push(glue(call, [result]));
        self.scope.vars.truncate(vars);
        ty.methods.push(name.clone());
        let word = self.choices.text(&["method", "action"]);
        stmt(format!("{word} {name}({p}) @"), [list(Sort::Block, body)])
    }

    /// Variables of the top level that functions use.
    pub fn globals(&mut self, out: &mut Vec<Tree>) {
        for ty in [Ty::Int, Ty::Int, Ty::Ints, Ty::Map, Ty::Str] {
            let name = self.name("v");
            let value = self.leaf(ty);
            self.scope.vars.push(Var { name: name.clone(), ty, assignable: true, state: false });
            out.push(stmt(format!("let {name} = @"), [value]));
        }
        for _ in 0..self.choices.below(3) {
            let ty = *self.choices.pick(&[Ty::Int, Ty::Ints, Ty::Map, Ty::Str, Ty::Any]).unwrap_or(&Ty::Int);
            let name = self.name("s");
            let value = self.leaf(ty);
            let word = self.choices.text(&["state", "state", "persistent storage", "ledger"]);
            // A ledger variable gives copies, and must not be changed in place.
            let usable = word != "ledger" || ty == Ty::Int;
            let assignable = usable;
            let ty = if usable { ty } else { Ty::Any };
            self.scope.vars.push(Var { name: name.clone(), ty, assignable, state: true });
            out.push(stmt(format!("{word} {name} = @"), [value]));
        }
    }
}
