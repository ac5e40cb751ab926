//! Variables: declarations, initial values, assignment (language.md 6.2, 6.3, 6.6).

use zexus_bytecode::operator::BinOp;
use zexus_syntax::{Code, Span, ast};

use super::names::null;
use super::{Lowerer, WatchKey, expr_at, intrinsic, stmt_at};
use crate::binding::*;
use crate::ir::*;
use crate::scope::Meaning;

impl Lowerer<'_> {
    /// `let`, `const`, `immutable`
    pub fn let_stmt(&mut self, l: &ast::Let, span: Span, out: &mut Vec<Stmt>) {
        let kind = if l.kind == ast::LetKind::Let { Kind::Let } else { Kind::Const };
        let several = l.bindings.len() > 1;
        for binding in &l.bindings {
            let span = if several { binding.span } else { span };
            let mut value = binding.value.as_ref().map(|value| self.initializer(value));
            if l.kind == ast::LetKind::Immutable {
                value = value.map(|value| {
                    let span = value.span;
                    expr_at(intrinsic(Intrinsic::Seal, vec![value]), span)
                });
            }
            let kind = match &binding.target {
                ast::BindingTarget::Name(name) => {
                    let decl = binding.ty.as_ref().map(|ty| self.decl_type(ty));
                    let ty = decl.as_ref().map(|decl| self.type_ref(decl, span));
                    let id = self.declare(name, kind);
                    self.binding_mut(id).ty = decl;
                    StmtKind::Let { bind: self.bind(id), ty, value }
                }
                ast::BindingTarget::List { names, rest, span } => {
                    let items = names.iter().map(|name| self.declare_bind(name, kind)).collect();
                    let rest = rest.as_ref().map(|name| self.declare_bind(name, kind));
                    destructure(Shape::List { items, rest }, value, *span)
                }
                ast::BindingTarget::Map { names, span } => {
                    let items = names
                        .iter()
                        .map(|(key, name)| (self.word(key), self.declare_bind(name, kind)))
                        .collect();
                    destructure(Shape::Map(items), value, *span)
                }
            };
            out.push(stmt_at(kind, span));
        }
    }

    /// Declares a variable and says how its value is stored.
    pub fn declare_bind(&mut self, name: &ast::Name, kind: Kind) -> Bind {
        let id = self.declare(name, kind);
        self.bind(id)
    }

    /// What stands after `=`.
    pub fn initializer(&mut self, init: &ast::Initializer) -> Expr {
        let kind = match &init.kind {
            ast::InitializerKind::Expr(e) => return self.expr(e),
            ast::InitializerKind::Sanitize { value, mode } => {
                let mut args = vec![self.expr(value)];
                if let Some(mode) = mode {
                    args.push(expr_at(ExprKind::Const(Const::Str(mode.value.as_ref().into())), mode.span));
                }
                self.call_builtin("sanitize", args, init.span)
            }
            ast::InitializerKind::Audit(audit) => self.audit(audit),
            ast::InitializerKind::File(text) => {
                let path = expr_at(ExprKind::Const(Const::Str(text.value.clone())), text.span);
                self.call_builtin("file_read_text", vec![path], init.span)
            }
            ast::InitializerKind::FileName(name) => {
                let path = expr_at(self.name(name), name.span);
                self.call_builtin("file_read_text", vec![path], init.span)
            }
        };
        expr_at(kind, init.span)
    }

    /// Enters a state variable that the block declares further down.
    pub fn pend_state(&mut self, state: &ast::StateVar) {
        if state.name.text.is_empty() {
            return;
        }
        let sym = self.names.sym(&state.name.text);
        if self.own_entry(sym).is_none() {
            let id = self.new_state(state);
            self.enter(sym, id, false, false);
        }
    }

    fn new_state(&mut self, state: &ast::StateVar) -> BindingId {
        let sym = self.names.sym(&state.name.text);
        let kind = match state.kind {
            ast::StateKind::Ledger => StateKind::Ledger,
            ast::StateKind::Persistent => StateKind::Persistent,
            _ => StateKind::Run,
        };
        let prefix = self.scopes.last().and_then(|scope| scope.state.clone()).unwrap_or_default();
        let mark = if kind == StateKind::Run { "~" } else { "" };
        let key = format!("{mark}{prefix}{}", state.name.text).into();
        let id = StateId(u32::try_from(self.program.states.len()).unwrap_or(u32::MAX));
        self.program.states.push(State { name: self.text(sym), key, kind, ty: None });
        let info = if kind == StateKind::Ledger { Info::Ledger } else { Info::None };
        let binding = self.fixed(sym, state.name.span, Place::State(id), info);
        self.binding_mut(binding).kind = Kind::Let;
        binding
    }

    /// `state x = v` and its relatives at a top level.
    pub fn state_stmt(&mut self, state: &ast::StateVar, span: Span, out: &mut Vec<Stmt>) {
        if self.scopes.last().is_none_or(|scope| scope.state.is_none()) {
            self.report_help(
                Code::E0217,
                span,
                "state variables are declared at the top level of a program or module",
                "use `let` for a variable of this block",
            );
        }
        let value = state.value.as_ref().map(|value| self.initializer(value));
        let decl = state.ty.as_ref().map(|ty| self.decl_type(ty));
        let ty = decl.as_ref().map(|decl| self.type_ref(decl, span));
        let sym = self.names.sym(&state.name.text);
        let pending = self.own_entry(sym).filter(|own| !own.declared).map(|own| {
            own.declared = true;
            own.binding
        });
        let id = match pending {
            Some(id) => id,
            None => {
                if let Some(own) = self.own_entry(sym).map(|own| own.binding) {
                    self.check_again(own, sym, state.name.span);
                }
                let id = self.new_state(state);
                self.enter(sym, id, true, false);
                id
            }
        };
        self.binding_mut(id).ty = decl;
        let Place::State(place) = self.binding(id).place else { return };
        if let Some(declared) = self.program.states.get_mut(place.index()) {
            declared.ty = ty;
        }
        out.push(stmt_at(StmtKind::InitState { state: place, value }, span));
    }

    /// `target = value`, `target += value`
    pub fn assign_stmt(&mut self, assign: &ast::Assign, span: Span, out: &mut Vec<Stmt>) {
        let target = self.target(&assign.target);
        let value = self.initializer(&assign.value);
        let Some(target) = target else { return };
        let op = match assign.op {
            ast::AssignOp::Set => None,
            ast::AssignOp::Add => Some(BinOp::Add),
            ast::AssignOp::Sub => Some(BinOp::Sub),
            ast::AssignOp::Mul => Some(BinOp::Mul),
            ast::AssignOp::Div => Some(BinOp::Div),
            ast::AssignOp::Mod => Some(BinOp::Mod),
            ast::AssignOp::Pow => Some(BinOp::Pow),
        };
        let assign = Assign { target, op, value, span: assign.target.span };
        out.push(stmt_at(StmtKind::Assign(Box::new(assign)), span));
    }

    fn target(&mut self, target: &ast::Expr) -> Option<Target> {
        match &target.without_parens().kind {
            ast::ExprKind::Name(name) => self.name_target(name),
            ast::ExprKind::Chain(chain) => self.chain_target(chain),
            _ => None,
        }
    }

    fn chain_target(&mut self, chain: &ast::Chain) -> Option<Target> {
        let (last, rest) = chain.links.split_last()?;
        if let (ast::LinkKind::Member(member), []) = (&last.kind, rest)
            && self.is_constant_member(&chain.base, member)
        {
            return None;
        }
        let (object, root, _) = self.chain_with_root(chain, rest.len());
        if let Some(root) = root {
            self.note_change(root);
        }
        match &last.kind {
            ast::LinkKind::Member(member) => {
                let internal = matches!(object.kind, ExprKind::This);
                if internal {
                    self.note_own_change(member);
                }
                Some(Target::Member { object: Box::new(object), name: self.word(member), internal })
            }
            ast::LinkKind::Index(index) => {
                let index = self.expr(index);
                Some(Target::Index { object: Box::new(object), index: Box::new(index) })
            }
            _ => None,
        }
    }

    /// E0304 for `m.x = v` of a module and for `TX.x = v`.
    fn is_constant_member(&mut self, base: &ast::Expr, member: &ast::Name) -> bool {
        let Some(name) = base.as_name() else { return false };
        let sym = self.names.sym(&name.text);
        let constant = match self.meaning(sym) {
            Meaning::Entry(entry) => {
                matches!(self.binding(entry.binding).info, Info::Mod(_) | Info::StdMod(_))
            }
            Meaning::Unknown => sym == self.known.tx || sym == self.known.msg,
            _ => false,
        };
        if constant {
            self.cannot_reassign(&member.text, member.span, None);
        }
        constant
    }

    fn note_own_change(&mut self, member: &ast::Name) {
        let sym = self.names.sym(&member.text);
        let this = self.fns.last().and_then(|f| f.this);
        if let Some((ty, _)) = this.and_then(|this| self.find_member(this.ty, sym)) {
            self.note_change(WatchKey::Member(ty, sym));
        }
    }

    fn name_target(&mut self, name: &ast::Name) -> Option<Target> {
        if name.text.is_empty() {
            return None;
        }
        let sym = self.names.sym(&name.text);
        match self.meaning(sym) {
            Meaning::Entry(entry) => {
                let binding = self.binding(entry.binding);
                if matches!(binding.info, Info::Broken) {
                    return None;
                }
                if entry.imported || binding.kind != Kind::Let {
                    let place = (binding.file, binding.span);
                    self.cannot_reassign(&name.text, name.span, Some(place));
                    return None;
                }
                self.note_change(WatchKey::Binding(entry.binding));
                Some(self.var_target(entry.binding, entry.declared, name.span))
            }
            Meaning::Member(_, member) if member.kind == MemberKind::Method => {
                self.cannot_reassign(&name.text, name.span, Some((self.current.file, member.span)));
                None
            }
            Meaning::Member(ty, _) => {
                self.note_change(WatchKey::Member(ty, sym));
                let object = expr_at(ExprKind::This, name.span);
                Some(Target::Member { object: Box::new(object), name: self.text(sym), internal: true })
            }
            Meaning::This | Meaning::Super => {
                self.cannot_reassign(&name.text, name.span, None);
                None
            }
            Meaning::Builtin(_) | Meaning::Unknown => {
                if let Some(id) = self.given_variable(name) {
                    return Some(self.var_target(id, true, name.span));
                }
                self.undeclared(name);
                None
            }
        }
    }

    /// A declared variable as a target.
    pub fn var_target(&mut self, id: BindingId, declared: bool, span: Span) -> Target {
        let binding = self.binding_mut(id);
        binding.assigned = true;
        let (name, ty, sealed) = (binding.name, binding.ty.clone(), binding.sealed);
        let var = self.var(id, declared);
        let ty = ty.map(|ty| self.type_ref(&ty, span));
        let sealed = sealed.map(|flag| self.var(flag, declared));
        Target::Var { var, ty, name: self.text(name), sealed }
    }

    fn cannot_reassign(&mut self, name: &str, span: Span, place: Option<(zexus_syntax::FileId, Span)>) {
        let mut diagnostic =
            self.diagnostic(Code::E0304, span, format!("Cannot reassign const variable '{name}'"));
        if let Some((file, span)) = place {
            diagnostic = diagnostic.with_label(file, span, "declared here");
        }
        self.reports.add(diagnostic);
    }

    /// E0303.
    fn undeclared(&mut self, name: &ast::Name) {
        let text = &name.text;
        if self.is_excused(text) {
            return;
        }
        let mut diagnostic =
            self.diagnostic(Code::E0303, name.span, format!("'{text}' is not declared; declare it with let"));
        let near = self.nearest_name(text);
        diagnostic = diagnostic.with_help(match near {
            Some(near) => format!("write `let {text} = …`, or did you mean `{near}`?"),
            None => format!("write `let {text} = …`"),
        });
        if let Some((file, span)) = self.names.find(text).and_then(|sym| self.ended.get(&sym)) {
            diagnostic = diagnostic
                .with_label(*file, *span, "declared here")
                .with_note(format!("a block that has ended declared '{text}'; a name ends with its block"));
        }
        self.reports.add(diagnostic);
    }
}

fn destructure(shape: Shape, value: Option<Expr>, span: Span) -> StmtKind {
    let value = value.unwrap_or_else(|| expr_at(null(), span));
    StmtKind::Destructure(Box::new(Destructure { shape, value, span }))
}
