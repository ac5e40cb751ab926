//! Making tasks (language.md 13.1): what is called and its arguments are known; the call itself waits for its turn.

use std::sync::Arc;

use super::{Locals, runs_at_once};
use crate::args::{Named, arrange, check_count};
use crate::calls::{self, Method};
use crate::construct::construct;
use crate::heap::Ref;
use crate::interp::Interp;
use crate::machine::Machine;
use crate::object::{FunctionObj, TaskObj};
use crate::policy;
use crate::trap::Trap;
use crate::types::TypeSpec;
use crate::value::{Kind, Value};

/// A call that a task begins with.
#[derive(Debug)]
pub struct Start {
    /// The number of the task.
    pub id: u64,
    /// What is called, or the receiver.
    pub f: Value,
    /// The arguments, those by name last.
    pub args: Box<[Value]>,
    /// The names of the last arguments.
    pub names: Box<[Arc<str>]>,
    /// How it is called.
    pub job: Job,
    /// What the task sees of the call that made it.
    pub(crate) locals: Locals,
}

/// How a task calls what it begins with.
#[derive(Debug)]
pub enum Job {
    /// `f` is a function of the program that knows its `this` ([`FunctionObj::this`]). Everything before its parameters are bound was
    /// done when the task was made: the arguments are complete, [`policy::before_call`] was asked. Only the tier can call it so.
    Function,
    /// `f` is any other value; type arguments are for a declared type.
    Value(Vec<TypeSpec>),
    /// A method of `f`; the flag is whether `f` was the `this` of the running code.
    Method(Arc<str>, bool),
    /// What the parent of this type or contract has under the name, for `this`, which is `f`.
    Super(Value, Arc<str>),
}

impl Start {
    pub(crate) fn trace(&self, visit: &mut dyn FnMut(Value)) {
        visit(self.f);
        self.args.iter().for_each(|v| visit(*v));
        match &self.job {
            Job::Function | Job::Method(..) => (),
            Job::Value(type_args) => type_args.iter().for_each(|t| t.trace(visit)),
            Job::Super(home, _) => visit(*home),
        }
    }

    /// Puts what the task sees in force.
    pub(crate) fn enter(&self, m: &mut Machine) {
        self.locals.clone().exchange(m);
    }

    /// Does the job of a task, unless it is [`Job::Function`], which is the tier's.
    ///
    /// # Errors
    /// Whatever the call raises.
    pub fn run(&self, interp: &mut dyn Interp) -> Result<Value, Trap> {
        let (args, rest) = self.args.split_at(self.args.len().saturating_sub(self.names.len()));
        let named: Vec<_> = self.names.iter().cloned().zip(rest.iter().copied()).collect();
        let m = interp.machine();
        let base = m.stack.len();
        self.trace(&mut |v| m.stack.push(v));
        let result = match &self.job {
            Job::Function => interp.call(self.f, args),
            Job::Value(type_args) => match self.f.kind() {
                Kind::Type(t) => construct(interp, t, args, &named, type_args.clone()),
                _ => calls::call(interp, self.f, Value::UNDEF, args, &named),
            },
            Job::Method(name, internal) => calls::call_method(interp, self.f, name, args, &named, *internal),
            Job::Super(home, name) => calls::call_super(interp, *home, self.f, name, args, &named),
        };
        interp.machine().stack.truncate(base);
        result
    }
}

/// Makes a task with a job; its number is filled in here.
fn make(m: &mut Machine, f: Value, args: &[Value], named: &Named, job: Job) -> Result<Value, Trap> {
    if m.sched.unfinished >= m.limits.tasks {
        return Err(Trap::MemoryLimit);
    }
    let id = m.sched.ids + 1;
    let task = m.heap.alloc_task(TaskObj { id, slots: args.len() + 1, ..TaskObj::default() })?;
    let args = args.iter().copied().chain(named.iter().map(|(_, v)| *v)).collect();
    let names = named.iter().map(|(n, _)| n.clone()).collect();
    let locals = Locals::of_new_task(m);
    let sched = &mut m.sched;
    sched.ids = id;
    sched.unfinished += 1;
    sched.tasks.insert(id, task);
    sched.starts.insert(id, Start { id, f, args, names, job, locals });
    sched.ready.push_back(id);
    Ok(Value::task(task))
}

/// Makes a task of a call of a function of the program whose checks were made: [`policy::before_call`], and the number of arguments.
/// `UNDEF` stands for an argument that is not given, and for a `this` that there is none of.
///
/// # Errors
/// E0430 for too many tasks, [`Trap::MemoryLimit`].
pub fn spawn_checked(m: &mut Machine, f: Value, this: Value, args: &[Value]) -> Result<Value, Trap> {
    let f = if this.is_undef() { f } else { bound(m, f, this)? };
    make(m, f, args, &[], Job::Function)
}

/// `async f(args)`, `spawn T<int>(args)`: a task; inside a transaction the call is made at once. Nothing need be rooted.
///
/// # Errors
/// E0403, E0404 and what [`policy::before_call`] raises; E0430; inside a transaction whatever the call raises.
pub fn spawn_call(
    interp: &mut dyn Interp,
    f: Value,
    args: &[Value],
    named: &Named,
    type_args: Vec<TypeSpec>,
) -> Result<Value, Trap> {
    let m = interp.machine();
    match f.kind() {
        Kind::Type(t) if runs_at_once(m) => construct(interp, t, args, named, type_args),
        _ if runs_at_once(m) => calls::call(interp, f, Value::UNDEF, args, named),
        Kind::Function(r) => spawn_function(interp, r, Value::UNDEF, args, named),
        Kind::Builtin(_) | Kind::Type(_) | Kind::Contract(_) => {
            make(m, f, args, named, Job::Value(type_args))
        }
        _ => calls::call_plain(interp, f, args, named),
    }
}

fn spawn_function(
    interp: &mut dyn Interp,
    f: Ref<FunctionObj>,
    this: Value,
    args: &[Value],
    named: &Named,
) -> Result<Value, Trap> {
    let m = interp.machine();
    let info = m.heap.function(f).info.clone();
    let arranged;
    let args = if named.is_empty() {
        args
    } else {
        arranged = arrange(m, &info, args, named)?;
        &arranged
    };
    if calls::needs_check(m.heap.function(f)) {
        let base = m.stack.len();
        m.stack.extend_from_slice(&[Value::function(f), this]);
        m.stack.extend_from_slice(args);
        let result = policy::before_call(interp, f, args);
        interp.machine().stack.truncate(base);
        result?;
    }
    if named.is_empty() {
        check_count(interp.machine(), &info, args.len())?;
    }
    spawn_checked(interp.machine(), Value::function(f), this, args)
}

/// `async v.name(args)`: a task; inside a transaction the call is made at once.
///
/// # Errors
/// As [`spawn_call`], E0412.
pub fn spawn_method(
    interp: &mut dyn Interp,
    v: Value,
    name: &Arc<str>,
    args: &[Value],
    named: &Named,
    internal: bool,
) -> Result<Value, Trap> {
    let m = interp.machine();
    if runs_at_once(m) || v.is_null() {
        return calls::call_method(interp, v, name, args, named, internal);
    }
    if let Kind::Instance(_) = v.kind()
        && let Method::Own(f) = calls::find_method(m, v, name, internal)?
        && let Kind::Function(f) = f.kind()
    {
        return spawn_function(interp, f, v, args, named);
    }
    make(m, v, args, named, Job::Method(name.clone(), internal))
}

/// `async super.name(args)` in code of the type or contract `home`: a task; inside a transaction the call is made at once.
///
/// # Errors
/// As [`spawn_call`], E0413 and E0515 if the parent has no such method or action.
pub fn spawn_super(
    interp: &mut dyn Interp,
    home: Value,
    this: Value,
    name: &Arc<str>,
    args: &[Value],
    named: &Named,
) -> Result<Value, Trap> {
    let m = interp.machine();
    if runs_at_once(m) {
        return calls::call_super(interp, home, this, name, args, named);
    }
    if let Kind::Type(t) = home.kind()
        && let Some(f) = calls::super_method(m, t, name)
        && let Kind::Function(f) = f.kind()
    {
        return spawn_function(interp, f, this, args, named);
    }
    make(m, this, args, named, Job::Super(home, name.clone()))
}

/// A method as a function that knows its `this`, for a task that starts later.
fn bound(m: &mut Machine, f: Value, this: Value) -> Result<Value, Trap> {
    let Some(r) = f.as_function() else { return Ok(f) };
    let method = m.heap.function(r);
    if !method.this.is_undef() {
        return Ok(f);
    }
    let object = FunctionObj {
        code: method.code,
        captures: method.captures.clone(),
        this,
        home: method.home,
        info: method.info.clone(),
        protection: None,
    };
    Ok(Value::function(m.heap.alloc_function(object)?))
}
