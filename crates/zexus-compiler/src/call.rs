//! Calls (bytecode.md 7.3).

use rustc_hash::FxHashSet;
use zexus_bytecode::{Const as Constant, Opcode, Support};
use zexus_hir::ir::{
    Arg, Args, Const, Construct, Expr, ExprKind, External, Function, Link, LinkKind, Name, Span, Var,
};

use crate::expr::{calls_nothing, has_no_effect};
use crate::function::FnCompiler;
use crate::names::Special;

/// Most arguments of a call that has them on the stack.
const MOST: usize = 255;

impl<'p> FnCompiler<'_, 'p> {
    /// `f(args)`
    pub fn call(&mut self, callee: &'p Expr, args: &'p Args, span: Span) {
        match &callee.kind {
            ExprKind::External(external) => return self.call_external(external, args),
            ExprKind::Var(var) if !matches!(var, Var::State(_)) => {
                let count = if args.plain { Some(args.list.len()) } else { self.in_place(*var, args) };
                let quiet = self.is_fixed(*var) || args.list.iter().all(|arg| calls_nothing(arg_value(arg)));
                if let Some(count) = count.filter(|count| *count <= MOST && quiet) {
                    args.list.iter().for_each(|arg| self.expr(arg_value(arg)));
                    let name = self.var_constant(*var);
                    self.at(span);
                    return self.emit(Opcode::CallName, (name, count));
                }
            }
            _ => (),
        }
        self.expr(callee);
        self.call_value(args, span);
    }

    /// Calls the value on top of the stack.
    pub fn call_value(&mut self, args: &'p Args, span: Span) {
        if args.plain && args.list.len() <= MOST {
            self.plain_args(args);
            self.at(span);
            self.emit(Opcode::CallTop, args.list.len());
        } else {
            self.spread_args(args);
            self.at(span);
            self.emit(Opcode::CallSpread, ());
        }
    }

    fn plain_args(&mut self, args: &'p Args) {
        args.list.iter().for_each(|arg| self.expr(arg_value(arg)));
    }

    /// The number of arguments if those by name stand, for a known function, where they would stand by position.
    fn in_place(&self, var: Var, args: &Args) -> Option<usize> {
        let id = self.known_function(var)?;
        let func: &Function = self.unit.program.functions.get(id.index())?;
        let placed = args.list.iter().enumerate().all(|(i, arg)| match arg {
            Arg::Value(_) => true,
            Arg::Named(name, _) => func.params.get(i).is_some_and(|p| !p.rest && p.name == *name),
            Arg::Spread(_) => false,
        });
        placed.then_some(args.list.len())
    }

    /// A list of the arguments by position, and a map of those by name or null.
    pub fn spread_args(&mut self, args: &'p Args) {
        let named = args.list.iter().position(|arg| matches!(arg, Arg::Named(..)));
        let (positional, named) = args.list.split_at(named.unwrap_or(args.list.len()));
        match positional {
            [Arg::Spread(e)] => {
                self.expr(e);
                self.at(e.span);
                self.support(Support::Spread, 1);
            }
            _ => self.positional(positional),
        }
        if named.is_empty() {
            return self.load_literal(&Const::Null);
        }
        let mut given = FxHashSet::default();
        for arg in named {
            if let Arg::Named(name, e) = arg {
                // A map holds each key once; with this one the callee refuses the argument (E0404).
                let key = if given.insert(name) { name.clone() } else { format!("@{name}").into() };
                self.load_text(&key);
                self.expr(e);
            }
        }
        self.emit(Opcode::BuildMap, named.len());
    }

    fn positional(&mut self, list: &'p [Arg]) {
        let value = |arg: &Arg| matches!(arg, Arg::Value(_));
        let first = list.iter().take_while(|arg| value(arg)).count().min(MOST);
        let (first, mut rest) = list.split_at(first);
        first.iter().for_each(|arg| self.expr(arg_value(arg)));
        self.emit(Opcode::BuildList, first.len());
        while let Some((arg, after)) = rest.split_first() {
            if let Arg::Spread(e) = arg {
                self.expr(e);
                self.at(e.span);
                self.support(Support::Extend, 2);
                rest = after;
            } else {
                let count = rest.iter().take_while(|arg| value(arg)).count().clamp(1, 200);
                let (part, after) = rest.split_at(count);
                part.iter().for_each(|arg| self.expr(arg_value(arg)));
                self.support(Support::Append, count as u32 + 1);
                rest = after;
            }
        }
    }

    /// Calls a function of the host. No reader looks for the place, so that errors get the place of the call of the declared function.
    fn call_external(&mut self, external: &'p External, args: &'p Args) {
        let key: Name = match external.module.is_empty() {
            true => external.name.clone(),
            false => format!("{}.{}", external.module, external.name).into(),
        };
        self.load_text(&key);
        self.positional(&args.list);
        self.nowhere();
        self.support(Support::External, 2);
    }

    /// A builtin that is called by its name.
    pub fn call_builtin(&mut self, builtin: u32, args: &'p Args, span: Span) {
        let special = self.unit.builtins.special(builtin);
        if args.plain && self.special_expr(special, args, span) {
            return;
        }
        if matches!(special, Some(Special::Print | Special::Limit)) && self.special_stmt(special, args, span)
        {
            return self.load_literal(&Const::Null);
        }
        if args.plain && args.list.len() <= MOST {
            self.plain_args(args);
            let name = self.unit.builtins.name(builtin);
            let name = self.unit.pool.name(&name);
            self.at(span);
            return self.emit(Opcode::CallBuiltin, (name, args.list.len()));
        }
        self.load_builtin(builtin);
        self.spread_args(args);
        self.at(span);
        self.emit(Opcode::CallSpread, ());
    }

    /// Builtins with an opcode that gives a value.
    fn special_expr(&mut self, special: Option<Special>, args: &'p Args, span: Span) -> bool {
        let values: Vec<&'p Expr> = args.list.iter().map(arg_value).take(4).collect();
        match (special, values.as_slice()) {
            (Some(Special::Hash), [x]) => {
                self.expr(x);
                self.at(span);
                self.emit(Opcode::HashBlock, ());
            }
            (Some(Special::VerifySig), [message, signature, key]) => {
                if values.iter().all(|e| has_no_effect(e)) {
                    self.expr(signature);
                    self.expr(message);
                    self.expr(key);
                } else {
                    let kept = self.temp();
                    self.expr(message);
                    self.store_temp(kept);
                    self.expr(signature);
                    self.load_temp(kept);
                    self.free(1);
                    self.expr(key);
                }
                self.at(span);
                self.emit(Opcode::VerifySignature, ());
            }
            (Some(Special::MerkleRoot), [Expr { kind: ExprKind::List(leaves), .. }])
                if leaves.len() <= 10_000 =>
            {
                leaves.iter().for_each(|e| self.expr(e));
                self.at(span);
                self.emit(Opcode::MerkleRoot, leaves.len());
            }
            _ => return false,
        }
        true
    }

    /// Builtins with an opcode that gives nothing; whether it is one.
    pub fn special_stmt(&mut self, special: Option<Special>, args: &'p Args, span: Span) -> bool {
        if !args.plain {
            return false;
        }
        let op = match (special, args.list.len()) {
            (Some(Special::Print), n) if n <= 10_000 => Opcode::Print,
            (Some(Special::Limit), 1) => Opcode::GasLimit,
            (Some(Special::LedgerAppend), 1) => Opcode::LedgerAppend,
            _ => return false,
        };
        self.plain_args(args);
        self.at(span);
        match args.list.len() {
            1 => self.emit(op, ()),
            n => self.emit(op, n),
        }
        true
    }

    /// `super.m(args)`
    pub fn super_call(&mut self, name: &'p Name, args: &'p Args, span: Span) {
        self.load_this();
        self.load_text(name);
        let (plain, spread) = (Support::Super, Support::SuperSpread);
        if args.plain && args.list.len() + 2 <= MOST {
            self.plain_args(args);
            self.at(span);
            self.support(plain, args.list.len() as u32 + 2);
        } else {
            self.spread_args(args);
            self.at(span);
            self.support(spread, 4);
        }
    }

    /// `T<int>(args)`, or a task of it.
    pub fn construct(&mut self, c: &'p Construct, span: Span, support: Support) {
        self.expr(&c.callee);
        self.spread_args(&c.args);
        let mut types = Vec::with_capacity(c.type_args.len());
        for ty in &c.type_args {
            let described = self.type_constant(ty, &[]);
            types.push(Constant::from(vec![described, Constant::Str(ty.text.clone())]));
        }
        self.load_constant(types);
        self.at(span);
        self.support(support, 4);
    }

    /// `async f(x)`, `spawn x.m(y)`
    pub fn spawn(&mut self, call: &'p Expr) {
        match &call.kind {
            ExprKind::Call { callee, args } if !matches!(callee.kind, ExprKind::External(_)) => {
                if let ExprKind::Var(var) = &callee.kind
                    && !matches!(var, Var::State(_))
                    && args.plain
                    && args.list.len() <= MOST
                    && (self.is_fixed(*var) || args.list.iter().all(|arg| calls_nothing(arg_value(arg))))
                {
                    self.plain_args(args);
                    let name = self.var_constant(*var);
                    self.at(call.span);
                    return self.emit(Opcode::SpawnCall, (name, args.list.len()));
                }
                self.expr(callee);
                self.spawn_value(args, call.span);
            }
            ExprKind::CallBuiltin { builtin, args } => {
                self.load_builtin(*builtin);
                self.spawn_value(args, call.span);
            }
            ExprKind::Construct(c) => self.construct(c, call.span, Support::SpawnConstruct),
            ExprKind::Super { name, args } => {
                self.load_this();
                self.load_text(name);
                self.spread_args(args);
                self.at(call.span);
                self.support(Support::SpawnSuper, 4);
            }
            ExprKind::Chain { base, links } => self.spawn_chain(base, links),
            _ => self.expr(call),
        }
    }

    fn spawn_value(&mut self, args: &'p Args, span: Span) {
        if args.plain && args.list.len() <= MOST {
            self.plain_args(args);
            self.at(span);
            self.emit(Opcode::Spawn, args.list.len());
        } else {
            self.spread_args(args);
            self.at(span);
            self.support(Support::SpawnSpread, 3);
        }
    }

    fn spawn_chain(&mut self, base: &'p Expr, links: &'p [Link]) {
        let Some((last, before)) = links.split_last() else { return self.expr(base) };
        let end = self.b.label();
        self.links(base, before, end);
        if last.optional {
            self.jump(Opcode::JumpIfNull, end);
        }
        match &last.kind {
            LinkKind::Call(args) => self.spawn_value(args, last.span),
            LinkKind::Method { name, args, .. } => {
                let internal = before.is_empty() && matches!(base.kind, ExprKind::This);
                let name: Name = if internal { format!("@{name}").into() } else { name.clone() };
                self.load_text(&name);
                if args.plain && args.list.len() + 2 <= MOST {
                    self.plain_args(args);
                    self.at(last.span);
                    self.support(Support::SpawnMethod, args.list.len() as u32 + 2);
                } else {
                    self.spread_args(args);
                    self.at(last.span);
                    self.support(Support::SpawnMethodSpread, 4);
                }
            }
            _ => self.link(last, false),
        }
        self.b.mark(end);
    }

    /// Calls a method of the value on top of the stack.
    pub fn call_method(&mut self, name: &'p Name, args: &'p Args, internal: bool, span: Span) {
        if args.plain && args.list.len() <= MOST {
            self.plain_args(args);
            self.at(span);
            self.member(Opcode::CallMethod, name, internal, Some(args.list.len() as u32));
        } else {
            self.spread_args(args);
            self.at(span);
            self.member(Opcode::CallMethodSpread, name, internal, None);
        }
    }
}

/// The expression of an argument.
pub(crate) fn arg_value(arg: &Arg) -> &Expr {
    match arg {
        Arg::Value(e) | Arg::Spread(e) => e,
        Arg::Named(_, e) => e,
    }
}
