//! An interpreter for tests: functions of the program are functions of Rust.

use std::sync::Arc;

use zexus_bytecode::flags::FnFlags;

use crate::contracts::{enter, leave};
use crate::host::Quiet;
use crate::interp::{Interp, Wait};
use crate::limits::Limits;
use crate::machine::Machine;
use crate::object::{FunctionInfo, FunctionObj, ParamInfo};
use crate::tasks::{self, Turn};
use crate::trap::{Loc, Raised, Trap};
use crate::value::{Kind, Value};

/// A body: what runs, with `this` and the arguments.
pub(crate) type Body = fn(&mut Fake, Value, &[Value]) -> Result<Value, Trap>;

pub(crate) struct Fake {
    pub m: Machine,
    bodies: Vec<Body>,
    /// What bodies note.
    pub log: Vec<String>,
}

impl Fake {
    pub fn new() -> Fake {
        let m = Machine::new(Box::new(Quiet::default()), Limits::default());
        Fake { m, bodies: Vec::new(), log: Vec::new() }
    }

    /// A function with these required parameters.
    pub fn function(&mut self, name: &str, params: &[&str], flags: FnFlags, body: Body) -> Value {
        let params =
            params.iter().map(|p| ParamInfo { name: (*p).into(), required: true, rest: false }).collect();
        let info = FunctionInfo { name: name.into(), params, flags, module: "m.zx".into() };
        self.bodies.push(body);
        let code = self.bodies.len() as u32 - 1;
        let f = FunctionObj { code, info: Arc::new(info), ..FunctionObj::default() };
        Value::function(self.m.heap.alloc_function(f).unwrap())
    }

    pub fn text(&mut self, text: &str) -> Value {
        self.m.string(text).unwrap()
    }

    /// The code of the pending error, 0 for a thrown value.
    pub fn code(&mut self) -> u16 {
        match self.m.take_pending().raised {
            Raised::Error { code, .. } => code,
            Raised::Value(_) => 0,
        }
    }

    pub fn shown(&mut self, v: Value) -> String {
        crate::display::display(&mut self.m, v).unwrap()
    }
}

impl Interp for Fake {
    fn machine(&mut self) -> &mut Machine {
        &mut self.m
    }

    fn call(&mut self, f: Value, args: &[Value]) -> Result<Value, Trap> {
        self.call_method(f, Value::UNDEF, args)
    }

    fn call_method(&mut self, f: Value, this: Value, args: &[Value]) -> Result<Value, Trap> {
        let Kind::Function(f) = f.kind() else { return Err(self.m.error(403, "not a function")) };
        crate::policy::before_call(self, f, args)?;
        let (code, flags) = (self.m.heap.function(f).code, self.m.heap.function(f).info.flags);
        let before = enter(&mut self.m, flags);
        let result = (self.bodies[code as usize])(self, this, args);
        leave(&mut self.m, before);
        result
    }

    /// Runs other tasks on top of this one; enough where they end before it goes on.
    fn suspend(&mut self, _wait: Wait) -> Result<(), Trap> {
        let me = self.m.sched.current;
        loop {
            match tasks::next_turn(&mut self.m) {
                Some(Turn::Resume { id }) => {
                    assert_eq!(id, me);
                    self.m.sched.current = me;
                    return Ok(());
                }
                Some(Turn::Start(start)) => {
                    let id = start.id;
                    self.m.sched.current = id;
                    let result = start.run(self);
                    tasks::finish(&mut self.m, id, result);
                    self.m.sched.current = me;
                }
                None => return Err(tasks::deadlock(&mut self.m)),
            }
        }
    }

    fn line_of(&self, _at: Loc) -> u32 {
        1
    }
}
