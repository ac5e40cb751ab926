//! Declarations that are made and used at once.

use super::Generator;
use super::tree::{Tree, Ty, stmt};

impl Generator<'_> {
    /// A type in a block.
    pub fn local_type(&mut self) -> Option<Tree> {
        let name = self.name("L");
        let (a, b) = (self.expr(Ty::Int), self.expr(Ty::Int));
        let text = match self.choices.below(9) {
            0 => format!("data {name} {{ x: int  y = 2 require y != 13 }}  print({name}(@) == {name}(@, 2))"),
            1 => format!(
                "entity {name} {{ x: int = 1  action up(n) {{ x += n  return this }} }}  print({name}(@).up(@))"
            ),
            2 => format!("enum {name} {{ A, B = 5, C }}  print({name}.C, {name}.name(@), @ in {name})"),
            3 => format!("data {name}<T> {{ v: T }}  print({name}<int>(@), {name}(@).clone())"),
            4 => format!(
                "data {name}<T> {{ v: T }}  try {{ print({name}<string>(@)) }} catch (e) {{ print(e, e.code, @) }}"
            ),
            5 => format!(
                "protocol {name} {{ action m(n) }}  data {name}x implements {name} {{ x: int  action m(n) {{ return n + x }} }}  \
                 let {name}v: {name} = {name}x(@)  print({name}v.m(@))"
            ),
            6 => format!(
                "type_alias {name} = {{\"id\": int}}  let {name}v: {name} = {{id: @}}  try {{ {name}v = {{id: \"s\", n: @}} }} \
                 catch (e) {{ print(e) }}"
            ),
            7 => format!(
                "data {name} {{ x: int  computed twice => x * 2  operator ==(o) {{ return x % 3 == o.x % 3 }}  \
                 operator *(n) {{ return {name}(x * n % 4099) }} }}  \
                 print(({name}(@) * 3).twice, {name}(@) != {name}(4), {name}.fromJSON({name}(1).toJSON()))"
            ),
            _ => format!(
                "data {name} {{ x: int  y: int = x + 1  action sum() {{ return this.x + y }} }}  \
                 data {name}b extends {name} {{ action sum() {{ return super.sum() * 2 }} }}  \
                 let {name}v: {name} = {name}b(@)  {name}v.y %= (abs(@) + 1)  print({name}v.sum(), {name}v)"
            ),
        };
        Some(stmt(text, [a, b]))
    }

    /// What stands at the top level only.
    pub fn top_declaration(&mut self) -> Option<Tree> {
        if !self.scope.place.top {
            return None;
        }
        let name = self.name("w");
        let (a, b) = (self.expr(Ty::Int), self.expr(Ty::Any));
        let text = match self.choices.below(6) {
            0 => format!(
                "use \"json\" as {name}  print({name}.stringify([@, 1.5]), {name}.parse(\"[1, {{}}]\"), @)"
            ),
            1 => format!("use \"math\" as {name}  print({name}.gcd(12, @), {name}.pi, typeof({name}), @)"),
            2 => format!("register_dependency(\"{name}\", @)  inject {name}  print({name}, @)"),
            3 => format!(
                "capability {name}  grant \"0xA\" {name}  try {{ tx {{ revoke \"0xA\" {name}  throw @ }} }} catch (e) {{ print(e, @) }}  \
                 print(has_capability(\"0xA\", {name}), {name})"
            ),
            4 => format!(
                "set_owner(\"{name}\", \"0xA\")  grant_role(\"{name}\", \"0xB\", \"r\" + (@ % 3))  \
                 print(get_roles(\"{name}\", \"0xB\"), is_owner(\"{name}\", @))"
            ),
            _ => format!(
                "package {name}.sub {{ let n = @  action get() {{ n += 1  return n }} }}  print({name}.sub.get(), {name}.sub.get(), @)"
            ),
        };
        Some(stmt(text, [a, b]))
    }
}
