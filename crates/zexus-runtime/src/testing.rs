//! What the unit tests of this crate share: an interpreter whose functions are closures, and values written as JSON.
//!
//! Every call collects first, so that a value which is not rooted is lost at once.

use std::sync::Arc;

use zexus_bytecode::flags::FnFlags;

use crate::host::{Caps, Host};
use crate::interp::{Interp, Wait};
use crate::limits::Limits;
use crate::machine::Machine;
use crate::object::{FunctionInfo, FunctionObj, ParamInfo};
use crate::trap::{Loc, Raised, Trap};
use crate::value::{Kind, Value};
use crate::{builtins, display, json};

type Closure = fn(&mut dyn Interp, &[Value]) -> Result<Value, Trap>;

/// The interpreter of the tests.
pub(crate) struct Tester {
    pub m: Machine,
    closures: Vec<Closure>,
}

/// A host that grants some capabilities.
pub(crate) struct Granting(pub Caps);

impl Host for Granting {
    fn print(&mut self, _: &str) -> Result<(), String> {
        Ok(())
    }
    fn diagnostic(&mut self, _: &str) {}
    fn caps(&self) -> Caps {
        self.0
    }
}

impl Interp for Tester {
    fn machine(&mut self) -> &mut Machine {
        &mut self.m
    }

    fn call(&mut self, f: Value, args: &[Value]) -> Result<Value, Trap> {
        let base = self.m.stack.len();
        self.m.stack.push(f);
        self.m.stack.extend_from_slice(args);
        self.m.heap.force_collection();
        self.m.collect()?;
        let result = match f.kind() {
            Kind::Builtin(i) => builtins::call(self, i, args),
            Kind::Function(r) => {
                let o = self.m.heap.function(r);
                let (code, most) = (o.code as usize, o.info.most().unwrap());
                if args.len() > most {
                    Err(builtins::arity_error(&mut self.m, "f", most, Some(most), args.len()))
                } else {
                    (self.closures[code])(self, args)
                }
            }
            _ => Err(crate::ops::not_callable(&mut self.m, f)),
        };
        self.m.stack.truncate(base);
        result
    }

    fn call_method(&mut self, f: Value, this: Value, _: &[Value]) -> Result<Value, Trap> {
        self.call(f, &[this])
    }

    fn suspend(&mut self, _: Wait) -> Result<(), Trap> {
        Ok(())
    }

    fn line_of(&self, _: Loc) -> u32 {
        1
    }
}

impl Tester {
    pub fn new() -> Tester {
        Tester::with(Caps::NONE, Limits::default())
    }

    pub fn with(caps: Caps, limits: Limits) -> Tester {
        Tester { m: Machine::new(Box::new(Granting(caps)), limits), closures: Vec::new() }
    }

    /// A function of the program with `arity` parameters.
    pub fn function(&mut self, arity: usize, closure: Closure) -> Value {
        let param = ParamInfo { name: "x".into(), required: true, rest: false };
        let info = FunctionInfo {
            name: Arc::default(),
            params: vec![param; arity],
            flags: FnFlags::default(),
            module: Arc::default(),
        };
        let code = self.closures.len() as u32;
        self.closures.push(closure);
        let object = FunctionObj { code, info: Arc::new(info), ..FunctionObj::default() };
        let f = Value::function(self.m.heap.alloc_function(object).unwrap());
        self.root(f)
    }

    /// Keeps a value for the rest of the test.
    pub fn root(&mut self, v: Value) -> Value {
        self.m.globals.push(v);
        v
    }

    /// The value of a JSON text; an integer range is written `a..b`, an instant `@` and its ISO form.
    pub fn value(&mut self, text: &str) -> Value {
        let v = match (text.split_once(".."), text.strip_prefix('@')) {
            (Some((a, b)), _) if !text.contains('"') => {
                let (a, b) = (a.parse().unwrap(), b.parse().unwrap());
                crate::ops::range(&mut self.m, Value::int(a), Value::int(b), false).unwrap()
            }
            (_, Some(iso)) => Value::datetime(crate::datetime::parse(iso).unwrap()),
            _ => json::parse(&mut self.m, text).unwrap_or_else(|_| panic!("malformed test value {text}")),
        };
        self.root(v)
    }

    /// The repr form of a result, or `E0402 message` for an error.
    pub fn show(&mut self, result: Result<Value, Trap>) -> String {
        match result {
            Ok(v) => display::repr(&mut self.m, v).unwrap(),
            Err(Trap::Raised) => match self.m.take_pending().raised {
                Raised::Error { code, message } => format!("E{code:04} {message}"),
                Raised::Value(v) => format!("thrown {}", display::repr(&mut self.m, v).unwrap()),
            },
            Err(trap) => format!("{trap:?}"),
        }
    }

    /// The values of texts; `f` with a number stands for the function of this number in `functions`.
    pub fn values(&mut self, args: &[&str], functions: &[Value]) -> Vec<Value> {
        args.iter()
            .map(|text| match text.strip_prefix('f').and_then(|n| n.parse::<usize>().ok()) {
                Some(n) => functions[n],
                None => self.value(text),
            })
            .collect()
    }
}
