//! More idioms: state, modules, policies, names that come later.

use super::Generator;
use super::scope::{Func, Place, Var};
use super::tree::{Sort, Tree, Ty, expr, glue, list, stmt};

impl Generator<'_> {
    /// Changes a state variable.
    pub fn touch_state(&mut self) -> Option<Tree> {
        let place = self.scope.place;
        if !place.writes || !place.reads {
            return None;
        }
        let found: Vec<&Var> = self.scope.vars.iter().filter(|v| v.state && v.assignable).collect();
        let var = (*self.choices.pick(&found)?).clone();
        let name = var.name;
        Some(match (var.ty, self.choices.below(3)) {
            (Ty::Int, 0) => {
                let value = self.expr(Ty::Int);
                stmt(format!("{name} = (@ % 4099)"), [value])
            }
            (Ty::Int, _) => {
                let value = self.leaf(Ty::Int);
                stmt(format!("{name} += @"), [value])
            }
            (Ty::Ints, 0) => {
                let value = self.expr(Ty::Int);
                stmt(format!("{name} = ({name} + [@])[:5]"), [value])
            }
            (Ty::Ints, _) => {
                let value = self.expr(Ty::Int);
                stmt(format!("if len({name}) < 9 {{ {name}.push(@ % 4099) }}"), [value])
            }
            (Ty::Map, 0) => {
                let value = self.expr(Ty::Map);
                stmt(format!("{name} = @"), [value])
            }
            (Ty::Map, _) => {
                let (key, value) = (self.leaf(Ty::Str), self.expr(Ty::Int));
                stmt(format!("{name}[@] = (@ % 4099)"), [key, value])
            }
            (Ty::Str, _) => {
                let value = self.expr(Ty::Str);
                stmt(format!("{name} = (@)[:12]"), [value])
            }
            (ty, _) => {
                let value = self.bounded(ty);
                stmt(format!("{name} = @"), [value])
            }
        })
    }

    /// A module in the program.
    pub fn module(&mut self) -> Option<Tree> {
        if !self.scope.place.top {
            return None;
        }
        let (m, k, f, p) = (self.name("M"), self.name("k"), self.name("f"), self.name("p"));
        let start = self.expr(Ty::Int);
        let place =
            Place { in_value: true, tasks: false, ret: Some(Ty::Int), top: false, ..self.scope.place };
        let (saved, vars) = self.enter(place);
        self.scope.vars.push(Var { name: k.clone(), ty: Ty::Int, assignable: true, state: false });
        self.scope.vars.push(Var { name: p.clone(), ty: Ty::Int, assignable: true, state: false });
        let n = 1 + self.choices.below(2);
        let mut body = self.statement_list(n);
        let result = self.expr(Ty::Int);
        body.push(glue(format!("{k} = {k} + 1  return {k} * @"), [result]));
        self.leave(saved, vars);
        self.scope.funcs.push(Func {
            name: format!("{m}.{f}"),
            params: vec![(p.clone(), Ty::Int)],
            defaults: 0,
            rest: false,
            ret: Ty::Int,
            cost: 20,
            calls_values: false,
            writes: true,
        });
        let word = self.choices.text(&["export", "public"]);
        Some(stmt(
            format!("module {m} {{ let {k} = @  {word} action {f}({p}) @ }}"),
            [start, list(Sort::Block, body)],
        ))
    }

    /// A name that a function uses before its declaration is reached, and after.
    pub fn late(&mut self) -> Option<Tree> {
        let place = self.scope.place;
        if place.in_value || place.contract.is_some() {
            return None;
        }
        let (f, v) = (self.name("late"), self.name("v"));
        let (first, second) = (self.expr(Ty::Int), self.expr(Ty::Int));
        let tree = stmt(
            format!(
                "let {f} = () => {{ {v} = {v} + @  return {v} }}  try {{ print({f}()) }} catch (e) {{ print(e) }}  \
                 let {v} = @  print({f}(), {v})"
            ),
            [first, second],
        );
        self.scope.vars.push(Var { name: v, ty: Ty::Int, assignable: true, state: false });
        Some(tree)
    }

    /// Rules on functions and fields.
    pub fn policy(&mut self) -> Option<Tree> {
        let value = self.expr(Ty::Int);
        let name = self.name("z");
        Some(match self.choices.below(4) {
            0 => {
                let text = format!(
                    "let {name} = {{pin: @, open: 1}}  restrict {name}.pin = \"redact\"  print({name}, {name}.pin)"
                );
                stmt(text, [value])
            }
            1 => {
                let text = format!(
                    "let {name} = {{pin: @}}  restrict {name}.pin = \"read-only\"  try {{ {name}.pin = 1 }} catch (e) {{ print(e) }}"
                );
                stmt(text, [value])
            }
            2 => {
                let text = format!(
                    "let {name} = n => n + 1  protect({name}, {{max_calls: 2, check: n => n < 50}})  \
                     for i in 0..3 {{ try {{ print({name}(@)) }} catch (e) {{ print(e) }} }}"
                );
                stmt(text, [value])
            }
            _ => stmt("try { print(validate(@, \"int\"), debug(1)) } catch (e) { print(e) }", [value]),
        })
    }

    /// Functions that run when the program ends.
    pub fn at_exit(&mut self) -> Option<Tree> {
        if !self.scope.place.top {
            return None;
        }
        let f = self.expr(Ty::Fn0);
        Some(stmt("on_exit(@)", [f]))
    }

    /// A task of a function value or action that is not async, and groups of tasks.
    pub fn more_tasks(&mut self) -> Option<Tree> {
        let place = self.scope.place;
        if !place.tasks || place.in_tx || place.in_value || place.mult > 8 {
            return None;
        }
        let (k, value) = (self.name("k"), self.expr(Ty::Int));
        Some(match self.choices.below(5) {
            0 => {
                let f = self.expr(Ty::Fn1);
                self.scope.vars.push(Var { name: k.clone(), ty: Ty::Task, assignable: false, state: false });
                stmt(format!("let {k} = async (@)(@)"), [f, value])
            }
            1 => {
                let call = self.call(Ty::Int)?;
                self.scope.vars.push(Var { name: k.clone(), ty: Ty::Task, assignable: false, state: false });
                stmt(format!("let {k} = spawn @"), [call])
            }
            2 => stmt(
                format!(
                    "let {k} = wait_group()  for i in 0..3 {{ {k}.add()  async (() => {{ sleep(i % 2)  print(\"wg\", i + @)  {k}.done() }})() }}  {k}.wait()"
                ),
                [value],
            ),
            3 => stmt(
                format!(
                    "let {k} = barrier(3)  for i in 0..2 {{ async (() => {{ print(\"in\", i)  {k}.wait()  print(\"out\", i, @) }})() }}  {k}.wait()"
                ),
                [value],
            ),
            _ => stmt(
                format!(
                    "let {k} = async (() => {{ throw @ }})()  try {{ await {k} }} catch (e) {{ print(\"task\", e, {k}.is_done()) }}"
                ),
                [value],
            ),
        })
    }

    /// An instance whose function values keep `this`.
    pub fn own_functions(&mut self) -> Option<Tree> {
        if self.scope.place.bare {
            return None;
        }
        let (n, f) = (self.name("T"), self.name("f"));
        let (a, b) = (self.expr(Ty::Int), self.expr(Ty::Int));
        let word = self.choices.text(&["data", "entity"]);
        Some(stmt(
            format!(
                "{word} {n} {{ x: int  method step() {{ return () => {{ this.x += @  return x }} }} }}  \
                 let {f} = {n}(@).step()  print({f}(), {f}())"
            ),
            [a, b],
        ))
    }

    /// The last statements of a program that ends in an unusual way.
    pub fn unusual_end(&mut self) -> Option<Tree> {
        let value = self.expr(Ty::Int);
        let f = self.name("deep");
        Some(match self.choices.below(8) {
            0 => stmt(
                format!(
                    "action {f}(n) {{ return n <= 0 ? @ : 1 + {f}(n - 1) }}  print({f}(250))  print({f}(400))"
                ),
                [value],
            ),
            1 => stmt("try { exit_program(@ % 3) } finally { print(\"leaving\") }", [value]),
            2 => stmt("return @", [value]),
            3 => stmt(format!("let {f} = channel(0)  receive({f})  print(@)"), [value]),
            4 => stmt("tx { defer { print(\"late\") }  throw {left: @} }", [value]),
            5 => stmt("async (() => { sleep(2)  throw @ })()", [value]),
            6 => stmt("throw [@]", [value]),
            _ => {
                let wrong = self.wrong();
                stmt("try { print(@) } finally { print(@) }", [wrong, expr(Ty::Int, "@", [value])])
            }
        })
    }
}
