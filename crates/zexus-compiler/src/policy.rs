//! Policies, events and watches (language.md chapters 14 and 16).

use zexus_bytecode::{Const as Constant, Opcode, Support};
use zexus_hir::ir::{Arg, Const, Emit, Expr, FuncId, Intrinsic, Span, TypeRef, WatchedId};

use crate::call::arg_value;
use crate::expr::has_no_effect;
use crate::function::{FnCompiler, shown};

impl<'p> FnCompiler<'_, 'p> {
    /// What the runtime does with evaluated operands.
    pub fn intrinsic(&mut self, what: &'p Intrinsic, operands: &'p [Expr], span: Span) {
        match what {
            Intrinsic::Audit(name)
            | Intrinsic::SealMember(name)
            | Intrinsic::Restrict(name)
            | Intrinsic::Grant(name)
            | Intrinsic::Revoke(name) => self.load_text(name),
            Intrinsic::Trail(what, filter) => {
                self.load_text(what);
                match filter {
                    Some(filter) => self.load_text(filter),
                    None => self.load_literal(&Const::Null),
                }
            }
            _ => (),
        }
        operands.iter().for_each(|e| self.expr(e));
        let given = operands.len() as u32;
        let (support, count) = match what {
            Intrinsic::Debug => (Support::Debug, given),
            Intrinsic::Audit(_) => (Support::Audit, given + 1),
            Intrinsic::Seal => (Support::Seal, given),
            Intrinsic::SealMember(_) => (Support::SealMember, given + 1),
            Intrinsic::Restrict(_) => (Support::Restrict, given + 1),
            Intrinsic::Trail(..) => (Support::Trail, 2),
            Intrinsic::Grant(_) => (Support::Grant, given + 1),
            Intrinsic::Revoke(_) => (Support::Revoke, given + 1),
            Intrinsic::Protect(_) => (Support::Protect, given),
            Intrinsic::Channel(ty) => {
                match ty {
                    Some(ty) => {
                        self.load_text(&ty.0.text);
                        let described = self.type_constant(&ty.0, &[]);
                        self.load_constant(described);
                    }
                    None => {
                        self.load_literal(&Const::Null);
                        self.load_literal(&Const::Null);
                    }
                }
                (Support::Channel, given + 2)
            }
            Intrinsic::RequireFailed => (Support::RequireFailed, given),
            Intrinsic::VerifyFailed => (Support::VerifyFailed, given),
        };
        self.at(span);
        self.support(support, count);
    }

    /// `watch`
    pub fn watch(&mut self, value: Option<FuncId>, body: FuncId, watched: &'p [WatchedId], span: Span) {
        let Some(list) = self.watches else { return };
        self.load_temp(list);
        match value {
            Some(id) => {
                let f = self.function_constant(id);
                self.emit(Opcode::LoadConst, f);
            }
            None => self.load_literal(&Const::Null),
        }
        let f = self.function_constant(body);
        self.emit(Opcode::LoadConst, f);
        self.load_watched(watched);
        self.at(span);
        self.support_and_pop(Support::WatchSet, 4);
    }

    /// The numbers of watched variables as a list.
    fn load_watched(&mut self, watched: &[WatchedId]) {
        let ids: Vec<Constant> = watched.iter().map(|id| Constant::from(id.0)).collect();
        self.load_constant(ids);
    }

    /// Tells watches which variables a statement has changed.
    pub fn notify(&mut self, changed: &'p [WatchedId], span: Span) {
        for part in changed.chunks(200) {
            part.iter().for_each(|id| self.load_int(id.0 as usize));
            self.at(span);
            self.support_and_pop(Support::Watch, part.len() as u32);
        }
    }

    /// `emit`
    pub fn emit_event(&mut self, emit: &'p Emit, span: Span) {
        let args = &emit.args;
        let typed = emit.types.iter().any(Option::is_some);
        if emit.names.is_empty() && args.plain && args.list.len() <= 255 {
            args.list.iter().for_each(|arg| self.expr(arg_value(arg)));
            let name = self.unit.pool.name(&emit.name);
            self.at(span);
            return self.emit(Opcode::EmitEvent, (name, args.list.len()));
        }
        self.load_text(&emit.name);
        if emit.names.is_empty() {
            self.load_literal(&Const::Null);
        } else {
            let names: Vec<Constant> = emit.names.iter().map(|name| Constant::Str(name.clone())).collect();
            self.load_constant(names);
        }
        // A value may be checked at once if those behind it do nothing.
        let simple = args.plain
            && args.list.len() <= 10_000
            && args.list.iter().skip(1).all(|arg| has_no_effect(arg_value(arg)));
        if typed && simple {
            for (i, arg) in args.list.iter().enumerate() {
                self.expr(arg_value(arg));
                if let Some(Some(ty)) = emit.types.get(i) {
                    self.check_event(emit, i, ty, span);
                }
            }
            self.emit(Opcode::BuildList, args.list.len());
        } else {
            self.event_values(emit);
            if typed {
                self.check_events(emit, span);
            }
        }
        self.at(span);
        self.support_and_pop(Support::Emit, 3);
    }

    fn event_values(&mut self, emit: &'p Emit) {
        let args = &emit.args;
        if args.plain && args.list.len() <= 10_000 {
            args.list.iter().for_each(|arg| self.expr(arg_value(arg)));
            return self.emit(Opcode::BuildList, args.list.len());
        }
        self.emit(Opcode::BuildList, 0);
        for arg in &args.list {
            let e = arg_value(arg);
            self.expr(e);
            if matches!(arg, Arg::Spread(_)) {
                self.at(e.span);
                self.support(Support::Extend, 2);
            } else {
                self.support(Support::Append, 2);
            }
        }
    }

    /// Checks the values in the list on top of the stack.
    fn check_events(&mut self, emit: &'p Emit, span: Span) {
        let list = self.temp();
        self.store_temp(list);
        let end = self.b.label();
        for (i, ty) in emit.types.iter().enumerate().take(emit.names.len()) {
            let Some(ty) = ty else { continue };
            let spread = !emit.args.plain;
            if spread {
                self.load_temp(list);
                let len = self.unit.pool.name(&"len".into());
                self.emit(Opcode::CallBuiltin, (len, 1_u32));
                self.load_int(i);
                self.emit(Opcode::Gt, ());
                self.jump(Opcode::JumpIfFalse, end);
            } else if i >= emit.args.list.len() {
                break;
            }
            self.load_temp(list);
            self.load_int(i);
            self.support(Support::Item, 2);
            self.check_event(emit, i, ty, span);
            self.emit(Opcode::Pop, ());
        }
        self.b.mark(end);
        self.load_temp(list);
        self.free(1);
    }

    fn check_event(&mut self, emit: &'p Emit, i: usize, ty: &'p TypeRef, span: Span) {
        let Some(name) = emit.names.get(i) else { return };
        let message = format!(
            "Type mismatch: parameter '{name}' of {} expects {}, got {{}}",
            emit.name,
            shown(&ty.text)
        );
        self.at(span);
        self.check_type(ty, message);
    }
}
