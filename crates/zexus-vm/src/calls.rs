//! Calls of values: frames for functions of the program, the runtime for all else.

use std::sync::Arc;

use zexus_bytecode::support::Support;
use zexus_runtime::args::Named;
use zexus_runtime::calls::Method;
use zexus_runtime::interp::{Interp, Wait};
use zexus_runtime::object::FunctionObj;
use zexus_runtime::{Loc, Machine, Ref, Trap, Value, args, builtins, calls, contracts, driver, policy};

use crate::args::Args;
use crate::exec::{Exec, WINDOW};
use crate::frame::{self, Frame};
use crate::program::{Function, Spot};
use crate::run::Site;
use crate::run::insn::Insn;
use crate::run::slow::inner_name;

impl<'p> Exec<'p> {
    /// Calls a value: function, builtin, declared type or contract. Arguments need not be rooted.
    ///
    /// # Errors
    /// E0403, E0404, and whatever the call raises.
    pub fn call_value(&mut self, f: Value, args: &[Value]) -> Result<Value, Trap> {
        self.call_with_this(f, Value::UNDEF, args)
    }

    /// Calls a function of the program as a method.
    ///
    /// # Errors
    /// As [`Exec::call_value`].
    pub fn call_with_this(&mut self, f: Value, this: Value, args: &[Value]) -> Result<Value, Trap> {
        if f.as_function().is_none() {
            return calls::call_plain(self, f, args, &[]);
        }
        let at = self.live_registers();
        self.reserve(at + args.len());
        if let Some(places) = self.registers.get_mut(at..at + args.len()) {
            places.copy_from_slice(args);
        }
        match self.start(f, this, at, args.len(), 0, frame::ENTRY)? {
            Some(v) => Ok(v),
            None => self.run_natively(true),
        }
    }

    /// Runs the frame on top from native code, on another segment of native stack if this one is nearly used up. `fresh`: its call
    /// begins here.
    pub fn run_natively(&mut self, fresh: bool) -> Result<Value, Trap> {
        if driver::here() >= self.seat.low {
            return self.run(fresh);
        }
        let depth = self.frames.len();
        let result = driver::grow(self, |me| &mut me.seat, |me| me.run(fresh));
        // Without a stack it has not begun.
        if result.is_err() && self.frames.len() == depth {
            let frame = self.frames.pop();
            if let Some(frame) = frame.filter(|frame| frame.flags & frame::TRACED != 0) {
                self.trace_return(&frame, None);
            }
        }
        result
    }

    /// Calls a value with named arguments besides those by position.
    ///
    /// # Errors
    /// As [`Exec::call_value`].
    pub fn call_named(&mut self, f: Value, args: &[Value], named: &Named) -> Result<Value, Trap> {
        calls::call(self, f, Value::UNDEF, args, named)
    }

    /// `v.name(args)` in the order of language.md 5.9; `internal` for `this.name(args)`.
    ///
    /// # Errors
    /// E0412, E0413, E0515, and whatever the call raises.
    pub fn call_method_named(
        &mut self,
        v: Value,
        name: &Arc<str>,
        args: &[Value],
        named: &Named,
        internal: bool,
    ) -> Result<Value, Trap> {
        calls::call_method(self, v, name, args, named, internal)
    }

    /// A closure of a function of the program over the variables of the running call.
    ///
    /// # Errors
    /// [`Trap::MemoryLimit`].
    pub fn closure(&mut self, func: u32) -> Result<Value, Trap> {
        let Some(function) = self.function(func) else { return Ok(Value::NULL) };
        let captures = function.captures.iter().map(|capture| match capture.from {
            Spot::Register(r) | Spot::Cell(r) => self.register(r),
            Spot::Capture(c) | Spot::CaptureCell(c) => self.capture(c),
            Spot::Global(g) => self.m.globals.get(g as usize).copied().unwrap_or(Value::UNDEF),
            Spot::Builtin(b) => Value::builtin(b),
            Spot::Nothing => Value::UNDEF,
        });
        let object = FunctionObj {
            code: func,
            captures: captures.collect(),
            this: Value::UNDEF,
            home: self.home(),
            info: function.info.clone(),
            protection: None,
        };
        Ok(Value::function(self.m.heap.alloc_function(object)?))
    }

    /// The type or contract whose code runs, for literals in it.
    pub(crate) fn home(&self) -> Value {
        self.frame().callee.as_function().map_or(Value::UNDEF, |f| self.m.heap.function(f).home)
    }

    /// One after the last register of the running call.
    pub fn live_registers(&self) -> usize {
        let frame = self.frame();
        frame.base as usize + self.function(frame.func).map_or(0, |f| f.registers as usize)
    }

    /// Makes sure that there are registers up to `end` and a window after it.
    #[inline]
    pub fn reserve(&mut self, end: usize) {
        if self.registers.len() < end + 2 * WINDOW {
            self.registers.resize((end + 2 * WINDOW).max(self.registers.len() * 2), Value::UNDEF);
        }
    }

    /// Calls what a global holds with the arguments from the register `at` on.
    #[inline(never)]
    pub fn call_global(
        &mut self,
        index: u32,
        at: usize,
        count: usize,
        dst: u32,
    ) -> Result<Option<Value>, Trap> {
        let f = self.read_global(index)?;
        self.start(f, Value::UNDEF, at, count, dst, 0)
    }

    /// Begins a call whose `count` arguments lie in registers from `at` on, above all that the running call needs: a frame on top, or
    /// the result if there is nothing to run in one.
    ///
    /// # Errors
    /// E0403, E0404, and what is raised before the body runs.
    #[inline(never)]
    pub fn start_call(
        &mut self,
        f: Value,
        this: Value,
        at: usize,
        count: usize,
        dst: u32,
    ) -> Result<Option<Value>, Trap> {
        self.start(f, this, at, count, dst, 0)
    }

    fn start(
        &mut self,
        f: Value,
        this: Value,
        at: usize,
        count: usize,
        dst: u32,
        flags: u8,
    ) -> Result<Option<Value>, Trap> {
        let Some(function) = f.as_function() else {
            let args = Args::new(self.registers.get(at..at + count).unwrap_or_default());
            return calls::call_plain(self, f, &args, &[]).map(Some);
        };
        let object = self.m.heap.function(function);
        let own = object.this;
        let this = if own.is_undef() { this } else { own };
        let Some(callee) = self.function(object.code) else { return Ok(Some(Value::NULL)) };
        if calls::needs_check(object) {
            let args = Args::new(self.registers.get(at..at + count).unwrap_or_default());
            policy::before_call(self, function, &args)?;
        }
        if calls::becomes_task(&self.m, callee.flags) {
            args::check_count(&mut self.m, &callee.info, count)?;
            let args = Args::new(self.registers.get(at..at + count).unwrap_or_default());
            return self.spawn_function(f, this, &args).map(Some);
        }
        self.push_frame(function, callee, this, at, count, dst, flags)?;
        Ok(None)
    }

    /// The frame of a call, after what happens before calls.
    #[allow(clippy::too_many_arguments)]
    pub fn push_frame(
        &mut self,
        function: Ref<FunctionObj>,
        callee: &'p Function,
        this: Value,
        at: usize,
        count: usize,
        dst: u32,
        mut flags: u8,
    ) -> Result<(), Trap> {
        if self.frames.len() > self.m.limits.depth as usize {
            return Err(Trap::StackOverflow);
        }
        self.ticks += 1;
        let heap_full = self.m.heap.wants_collection();
        if heap_full || self.ticks >= 1024 {
            // The arguments and the function lie beyond the caller's registers at worst; they are kept by the stack of the machine.
            let height = self.m.stack.len();
            self.m.stack.extend_from_slice(&[Value::function(function), this]);
            let live = self.live_registers().max(at + count);
            let result = self.safe_point(live);
            self.m.stack.truncate(height);
            result?;
        }
        args::check_count(&mut self.m, &callee.info, count)?;
        self.reserve(at + callee.registers as usize);
        let params = callee.params as usize;
        let mut given = count.min(params);
        if callee.rest {
            let items = self.registers.get(at + params..at + count).unwrap_or_default().to_vec();
            let list = self.m.list(items)?;
            self.set_at(at + params, list);
        }
        for missing in count..params {
            self.set_at(at + missing, Value::UNDEF);
        }
        let required = callee.required as usize;
        let optional = self.registers.get(at + required.min(given)..at + given).unwrap_or_default();
        if let Some(first) = optional.iter().position(|v| v.is_undef()) {
            flags |= frame::GAPS;
            given = required + first;
        }
        if let Some(register) = callee.this {
            let this = if this.is_undef() { Value::NULL } else { this };
            self.set_at(at + register as usize, this);
        }
        if self.program.functions.get(self.frame().func as usize).is_none_or(|f| f.module != callee.module) {
            flags |= frame::FOREIGN;
            self.enter_module(callee.module);
        }
        if self.m.policy.trails("call") {
            let name = callee.info.name.clone();
            policy::trail(&mut self.m, "call", || {
                if name.is_empty() { "lambda".to_owned() } else { name.to_string() }
            });
        }
        let depth = self.frames.len() + 1;
        if callee.flags.is_view() || callee.flags.is_pure() {
            let before = contracts::enter(&mut self.m, callee.flags);
            self.entered.push((depth, before));
            flags |= frame::GUARDED;
        }
        if let Some(limit) = callee.gas_limit {
            let task = self.m.sched.current;
            self.m.meter.lower(limit, task, depth as u32);
            flags |= frame::LIMITED;
        }
        let start = callee.starts.get(given.saturating_sub(required)).or(callee.starts.last());
        self.frames.push(Frame {
            function: callee,
            callee: Value::function(function),
            func: self.m.heap.function(function).code,
            pc: start.copied().unwrap_or_default(),
            base: at as u32,
            dst,
            flags,
        });
        if self.shared.traced {
            self.trace_call();
        }
        Ok(())
    }

    fn set_at(&mut self, at: usize, v: Value) {
        if let Some(place) = self.registers.get_mut(at) {
            *place = v;
        }
    }

    /// Makes `__MODULE__` and `__FILE__` those of a module.
    #[inline(never)]
    pub fn enter_module(&mut self, module: u32) {
        if let Some(module) = self.program.modules.get(module as usize) {
            self.m.module = (module.name.clone(), module.path.clone());
        }
    }

    /// Undoes what the call on top has changed, however it ends, and takes its frame away.
    pub fn drop_frame(&mut self) -> Frame<'p> {
        let depth = self.frames.len();
        let frame = self.frame();
        if frame.flags & frame::TRANSACTIONS != 0 {
            self.drop_transactions(depth);
        }
        if frame.flags & frame::LIMITED != 0 {
            let task = self.m.sched.current;
            self.m.meter.leave(task, depth as u32);
        }
        if frame.flags & frame::GUARDED != 0 {
            while let Some((_, before)) = self.entered.pop_if(|(entered, _)| *entered >= depth) {
                contracts::leave(&mut self.m, before);
            }
        }
        if frame.flags & frame::ATOMIC != 0 {
            while self.leave_atomic() {}
        }
        self.frames.pop();
        if frame.flags & frame::FOREIGN != 0
            && let Some(caller) = self.running()
        {
            self.enter_module(caller.module);
        }
        frame
    }

    /// Ends the call on top with a value, when there is more to do than to take its frame away; whether native code made the call.
    #[inline(never)]
    pub fn leave(&mut self, v: Value) -> Result<bool, Trap> {
        if self.shared.traced {
            self.trace_last();
        }
        let frame = self.drop_frame();
        if frame.flags & frame::TRACED != 0 {
            self.trace_return(&frame, Some(v));
        }
        if frame.flags & frame::ENTRY != 0 {
            return Ok(true);
        }
        self.set_register(frame.dst, v);
        Ok(false)
    }

    /// `o.name(args)`, with `o` in the register `b` and the arguments after it.
    #[inline(never)]
    pub fn call_method_at(&mut self, at: usize, i: Insn, base: usize) -> Result<Option<Value>, Trap> {
        let func = self.frame().func;
        let name = self.public(func, at).map_or(0, |i| i.first());
        let name = self.text_constant(func, name);
        let first = base + usize::from(i.b);
        self.call_method_from(&name, first, i.c.into(), i.a.into(), Some(i.d))
    }

    /// `o.name(args)`, with `o` in the register `first`, counted from the bottom, and the arguments after it.
    pub fn call_method_from(
        &mut self,
        name: &Arc<str>,
        first: usize,
        count: usize,
        dst: u32,
        site: Option<u32>,
    ) -> Result<Option<Value>, Trap> {
        let (short, internal) = inner_name(name);
        let v = self.registers.get(first).copied().unwrap_or(Value::NULL);
        let internal = internal && self.acts_for(v);
        let method = calls::find_method(&mut self.m, v, short, internal)?;
        match method {
            Method::Own(f) => {
                if let (Some(i), Some(site)) =
                    (v.as_instance(), site.and_then(|s| self.shared.sites.get(s as usize)))
                {
                    site.set(Site::method(self.m.heap.instance(i).ty.index(), f));
                }
                self.start(f, v, first + 1, count, dst, 0)
            }
            Method::Held(f) => self.start(f, Value::UNDEF, first + 1, count, dst, 0),
            _ => {
                let args = Args::new(self.registers.get(first + 1..first + 1 + count).unwrap_or_default());
                let short: Arc<str> = if internal { short.into() } else { name.clone() };
                calls::call_found(self, method, v, &short, &args, &[], internal).map(Some)
            }
        }
    }

    /// Calls a builtin by name and arguments; for those that code names as `@...`.
    pub fn call_builtin_named(&mut self, name: &str, args: &[Value]) -> Result<Value, Trap> {
        if let Some(support) = Support::from_name(name) {
            return self.call_support(support, args);
        }
        match Exec::builtin_named(name) {
            Some(index) => builtins::call(self, index, args),
            None => Err(self.undefined(name, false)),
        }
    }
}

impl Interp for Exec<'_> {
    fn machine(&mut self) -> &mut Machine {
        &mut self.m
    }

    fn call(&mut self, f: Value, args: &[Value]) -> Result<Value, Trap> {
        self.call_value(f, args)
    }

    fn call_method(&mut self, f: Value, this: Value, args: &[Value]) -> Result<Value, Trap> {
        self.call_with_this(f, this, args)
    }

    fn suspend(&mut self, wait: Wait) -> Result<(), Trap> {
        self.pause(wait)
    }

    fn depth(&self) -> u32 {
        self.frames.len() as u32
    }

    fn run_main(&mut self) -> Result<Value, Trap> {
        self.run_program()
    }

    fn begin_run(&mut self) {
        self.shared.reached.borrow_mut().clear();
    }

    fn line_of(&self, at: Loc) -> u32 {
        self.program.place(at).map_or(0, |place| place.line)
    }
}
