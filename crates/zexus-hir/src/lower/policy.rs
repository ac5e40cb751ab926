//! Policies: `seal`, `restrict`, `protect`, `audit`, `grant`, `sandbox` (language.md chapter 16).

use zexus_syntax::{Code, Span, ast};

use super::{Lowerer, expr_at, intrinsic, stmt_at};
use crate::binding::*;
use crate::captures::Fence;
use crate::ir::*;
use crate::names::Sym;
use crate::scope::Meaning;

impl Lowerer<'_> {
    /// `seal x`: seals the value, and the variable is a constant from here on. `seal a.b`.
    pub fn seal_stmt(&mut self, path: &ast::MemberPath, span: Span, out: &mut Vec<Stmt>) {
        if let Some((last, before)) = path.members.split_last() {
            let object = self.member_path(&path.name, before);
            let what = Intrinsic::SealMember(self.word(last));
            out.push(self.intrinsic(what, vec![object], span));
            return;
        }
        let sym = self.names.sym(&path.name.text);
        if self.is_state(sym) {
            // Nothing in the store could keep the seal (chain.md 4.1), so that it would end with the run or the call.
            self.report_help(
                Code::E0217,
                path.name.span,
                format!("the state variable '{}' cannot be sealed", path.name.text),
                "seal a copy of its value: `immutable frozen = copy(x)`",
            );
            return;
        }
        let value = expr_at(self.name(&path.name), path.name.span);
        out.push(self.intrinsic(Intrinsic::Seal, vec![value], span));
        let Meaning::Entry(entry) = self.meaning(sym) else { return };
        if entry.imported {
            return;
        }
        let Some(flag) = self.binding(entry.binding).sealed else {
            // An earlier entry of the REPL declared it and could not know.
            if self.repl && self.depth() == 0 && self.binding(entry.binding).kind == Kind::Let {
                self.binding_mut(entry.binding).kind = Kind::Const;
            }
            return;
        };
        let target = self.var_target(flag, entry.declared, span);
        let value = expr_at(ExprKind::Const(Const::Bool(true)), span);
        let assign = Assign { target, op: None, value, span };
        out.push(stmt_at(StmtKind::Assign(Box::new(assign)), span));
    }

    /// Whether the name means a state variable, of the top level or of a contract.
    fn is_state(&mut self, sym: Sym) -> bool {
        match self.meaning(sym) {
            Meaning::Entry(entry) => matches!(self.binding(entry.binding).place, Place::State(_)),
            Meaning::Member(_, member) => matches!(member.kind, MemberKind::State | MemberKind::Ledger),
            _ => false,
        }
    }

    fn member_path(&mut self, name: &ast::Name, members: &[ast::Name]) -> Expr {
        let mut path = Vec::with_capacity(members.len() + 1);
        path.push(name.clone());
        path.extend_from_slice(members);
        self.path(&path)
    }

    pub fn restrict_stmt(&mut self, target: &ast::MemberPath, rule: &ast::Expr, span: Span) -> StmtKind {
        let Some((last, before)) = target.members.split_last() else {
            return StmtKind::Block(Box::default());
        };
        let object = self.member_path(&target.name, before);
        let rule = self.expr(rule);
        let what = Intrinsic::Restrict(self.word(last));
        StmtKind::Expr(expr_at(intrinsic(what, vec![object, rule]), span))
    }

    pub fn protect_stmt(&mut self, protect: &ast::Protect, span: Span) -> StmtKind {
        let target = expr_at(self.name(&protect.target), protect.target.span);
        let rules = self.expr(&protect.rules);
        let level = self.opt_expr(protect.level.as_ref());
        let operands = [Some(target), Some(rules), level].into_iter().flatten().collect();
        let what = Intrinsic::Protect(self.word(&protect.target));
        StmtKind::Expr(expr_at(intrinsic(what, operands), span))
    }

    /// `audit x, action, time` as a value: the entry.
    pub fn audit(&mut self, audit: &ast::Audit) -> ExprKind {
        let value = expr_at(self.name(&audit.name), audit.name.span);
        let action = self.expr(&audit.action);
        let time = self.opt_expr(audit.time.as_ref());
        let operands = [Some(value), Some(action), time].into_iter().flatten().collect();
        intrinsic(Intrinsic::Audit(self.word(&audit.name)), operands)
    }

    /// `grant who c, d`, `revoke who c`
    pub fn grant_stmt(&mut self, grant: &ast::Grant, span: Span, out: &mut Vec<Stmt>) {
        for capability in &grant.capabilities {
            let who = match &grant.who {
                ast::GrantWho::Name(name) => expr_at(self.name(name), name.span),
                ast::GrantWho::Text(text) => {
                    expr_at(ExprKind::Const(Const::Str(text.value.clone())), text.span)
                }
            };
            let name = self.capability_name(capability);
            let what = Intrinsic::Grant(name.clone());
            let what = if grant.revoke { Intrinsic::Revoke(name) } else { what };
            out.push(self.intrinsic(what, vec![who], span));
        }
    }

    /// The name that the constant of a capability holds: that of its declaration, whatever it is imported as.
    fn capability_name(&mut self, name: &ast::Name) -> Name {
        let sym = self.names.sym(&name.text);
        match self.meaning(sym) {
            Meaning::Entry(entry) => self.text(self.binding(entry.binding).name),
            Meaning::Member(..) => self.text(sym),
            _ => {
                self.undefined(name, false);
                self.text(sym)
            }
        }
    }

    /// `sandbox { }`, `sandbox(policy) { }`
    pub fn sandbox(&mut self, sandbox: &ast::Sandbox, _span: Span) -> ExprKind {
        let policy = self.opt_expr(sandbox.policy.as_ref()).map(Box::new);
        let body = self.block_function(&sandbox.body, true, Fence::None);
        ExprKind::Sandbox { policy, body }
    }

    /// E0604: whether the file that is lowered may import this name.
    pub fn check_permitted(&mut self, module: ModId, sym: crate::names::Sym, span: Span) -> bool {
        let info = &self.mods[module.0 as usize];
        let Some(export) = info.exports.get(&sym) else { return true };
        let path = &self.current.path;
        let listed = export.to.is_empty()
            || export.to.iter().any(|to| {
                let to = to.strip_prefix("./").unwrap_or(to);
                to == &**path || path.strip_suffix(".zx") == Some(to)
            });
        let held =
            export.with.as_ref().is_none_or(|with| self.externs.caps.iter().any(|cap| *cap == &**with));
        if listed && held {
            return true;
        }
        let reason = if listed {
            format!("it needs the capability '{}'", export.with.as_deref().unwrap_or_default())
        } else {
            format!("it is exported to {} only", export.to.join(", "))
        };
        let message = format!("'{}' of {} cannot be imported here: {reason}", self.names.str(sym), info.name);
        self.report(Code::E0604, span, message);
        false
    }
}
