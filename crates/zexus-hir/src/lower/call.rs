//! Calls and their arguments (language.md 9.3).

use zexus_syntax::{Code, Span, ast};

use super::{Lowerer, expr_at};
use crate::binding::Arity;
use crate::ir::*;

impl Lowerer<'_> {
    /// The arguments of a call.
    pub fn args(&mut self, args: &[ast::Arg]) -> Args {
        let plain = args.iter().all(|arg| arg.kind == ast::ArgKind::Positional);
        let mut list = Vec::with_capacity(args.len());
        for arg in args {
            let value = self.expr(&arg.value);
            list.push(match &arg.kind {
                ast::ArgKind::Positional => Arg::Value(value),
                ast::ArgKind::Named(name) => Arg::Named(self.word(name), Box::new(value)),
                ast::ArgKind::Spread => Arg::Spread(value),
            });
        }
        Args { list: list.into(), plain }
    }

    /// A call of a builtin by its name; E0310 if the number of arguments is wrong.
    pub fn builtin_call(&mut self, builtin: u32, name: &ast::Name, args: &[ast::Arg]) -> ExprKind {
        if args.iter().any(|arg| matches!(arg.kind, ast::ArgKind::Named(_))) {
            // Raises E0404 where the call is reached.
            let callee = Box::new(expr_at(ExprKind::Builtin(builtin), name.span));
            return ExprKind::Call { callee, args: self.args(args) };
        }
        // A run that has a limit is metered, and tier 0 has no meter.
        self.program.substantial |= &*name.text == "limit";
        let args = self.args(args);
        if args.plain {
            self.check_count(builtin, &name.text, args.list.len(), name.span);
            if args.list.is_empty()
                && let Some(known) = self.program_fact(&name.text)
            {
                return ExprKind::Const(known);
            }
        }
        ExprKind::CallBuiltin { builtin, args }
    }

    fn check_count(&mut self, builtin: u32, name: &str, count: usize, span: Span) {
        let Some(sig) = self.externs.builtins.get(builtin as usize) else { return };
        let arity = Arity { min: sig.min, max: sig.max };
        if !arity.accepts(count) {
            self.report(Code::E0310, span, format!("{name} expects {}, got {count}", arity.text()));
        }
    }

    /// The builtin of this name, whatever the program declares.
    pub fn builtin_of(&self, name: &str) -> Option<u32> {
        self.builtins.get(&self.names.find(name)?).copied()
    }

    /// A call of the builtin that a statement stands for.
    pub fn call_builtin(&mut self, name: &str, args: Vec<Expr>, span: Span) -> ExprKind {
        let Some(builtin) = self.builtin_of(name) else {
            self.report(Code::E0301, span, format!("Identifier '{name}' not found"));
            return super::names::null();
        };
        ExprKind::CallBuiltin { builtin, args: plain(args) }
    }
}

/// Positional arguments.
pub(crate) fn plain(list: Vec<Expr>) -> Args {
    Args { list: list.into_iter().map(Arg::Value).collect(), plain: true }
}
