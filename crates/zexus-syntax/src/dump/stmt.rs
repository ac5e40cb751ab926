//! Statements.

use super::Dump;
use crate::ast::{
    AssignOp, Audit, Binding, BindingTarget, Check, CheckKind, EmitArgs, ExportItem, GrantWho, If,
    Initializer, InitializerKind, Inject, Let, LetKind, MemberPath, Name, StateKind, StateVar, Stmt,
    StmtKind, Try, Use, UseWhat, Visibility,
};

impl Dump {
    pub(super) fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Error => self.word("<error>"),
            StmtKind::Expr(expr) => self.expr(expr),
            StmtKind::Let(found) => self.bindings(found),
            StmtKind::State(var) => self.state_var(var),
            StmtKind::Assign(assign) => {
                let op = match assign.op {
                    AssignOp::Set => "=",
                    AssignOp::Add => "+=",
                    AssignOp::Sub => "-=",
                    AssignOp::Mul => "*=",
                    AssignOp::Div => "/=",
                    AssignOp::Mod => "%=",
                    AssignOp::Pow => "**=",
                };
                self.node(op, |d| {
                    d.expr(&assign.target);
                    d.initializer(&assign.value);
                });
            }
            StmtKind::Print(args) => self.node("print", |d| d.args(args)),
            StmtKind::Debug(expr) => self.node("debug", |d| d.expr(expr)),
            StmtKind::Return(exprs) => self.node("return", |d| d.exprs(exprs)),
            StmtKind::Break => self.word("(break)"),
            StmtKind::Continue => self.word("(continue)"),
            StmtKind::Throw(expr) => self.node("throw", |d| d.expr(expr)),
            StmtKind::Revert(reason) => self.node("revert", |d| d.exprs(reason.as_slice())),
            StmtKind::Check(check) => self.check(check),
            StmtKind::Validate(validate) => self.node("validate", |d| {
                d.expr(&validate.value);
                d.expr(&validate.schema);
            }),
            StmtKind::Emit(emit) => self.node("emit", |d| {
                d.name(&emit.name);
                match &emit.args {
                    EmitArgs::None => {}
                    EmitArgs::Args(args) => d.node("call", |d| d.args(args)),
                    EmitArgs::Map(items, _) => d.map(items),
                }
            }),
            StmtKind::Audit(audit) => self.audit(audit),
            StmtKind::Seal(path) => self.node("seal", |d| d.member_path(path)),
            StmtKind::Restrict { target, rule } => self.node("restrict", |d| {
                d.member_path(target);
                d.expr(rule);
            }),
            StmtKind::Trail { what, filter } => self.node("trail", |d| {
                d.name(what);
                if let Some(filter) = filter {
                    d.text(&filter.value);
                }
            }),
            StmtKind::Capability { name, value } => self.node("capability", |d| {
                d.name(name);
                d.exprs(value.as_slice());
            }),
            StmtKind::Grant(grant) => self.node(if grant.revoke { "revoke" } else { "grant" }, |d| {
                match &grant.who {
                    GrantWho::Name(name) => d.name(name),
                    GrantWho::Text(text) => d.text(&text.value),
                }
                grant.capabilities.iter().for_each(|name| d.name(name));
            }),
            StmtKind::Protect(protect) => self.node("protect", |d| {
                d.name(&protect.target);
                d.expr(&protect.rules);
                d.exprs(protect.level.as_slice());
            }),
            StmtKind::Inject(inject) => self.inject(inject),
            StmtKind::Channel(channel) => self.node("channel", |d| {
                d.name(&channel.name);
                if let Some(ty) = &channel.ty {
                    d.ty(ty);
                }
                d.exprs(channel.size.as_slice());
                d.exprs(channel.capacity.as_slice());
            }),
            StmtKind::Use(found) => self.import(found),
            StmtKind::Export(export) => self.node("export", |d| {
                match &export.item {
                    ExportItem::Decl(stmt) => d.stmt(stmt),
                    ExportItem::Names(names) => names.iter().for_each(|name| d.name(name)),
                }
                if !export.to.is_empty() {
                    d.node("to", |d| export.to.iter().for_each(|text| d.text(&text.value)));
                }
                if let Some(with) = &export.with {
                    d.node("with", |d| d.text(&with.value));
                }
            }),
            _ => self.block_stmt(&stmt.kind),
        }
    }

    fn block_stmt(&mut self, kind: &StmtKind) {
        match kind {
            StmtKind::Block(block) => self.block(block),
            StmtKind::If(found) => self.if_stmt(found),
            StmtKind::While { condition, body } => self.node("while", |d| {
                d.expr(condition);
                d.block(body);
            }),
            StmtKind::ForIn(found) => self.node("for", |d| {
                d.name(&found.first);
                if let Some(second) = &found.second {
                    d.name(second);
                }
                d.word("in");
                d.expr(&found.value);
                d.block(&found.body);
            }),
            StmtKind::ForC(found) => self.node("for-c", |d| {
                for stmt in [&found.init, &found.step] {
                    match stmt {
                        Some(stmt) => d.stmt(stmt),
                        None => d.word("_"),
                    }
                }
                match &found.condition {
                    Some(condition) => d.expr(condition),
                    None => d.word("_"),
                }
                d.block(&found.body);
            }),
            StmtKind::Try(found) => self.try_stmt(found),
            StmtKind::Pattern(found) => self.node("pattern", |d| {
                d.expr(&found.value);
                found.arms.iter().for_each(|arm| d.arm(arm));
            }),
            StmtKind::Tx(body) => self.node("tx", |d| d.block(body)),
            StmtKind::Atomic(body) => self.node("atomic", |d| d.block(body)),
            StmtKind::Defer(body) => self.node("defer", |d| d.block(body)),
            StmtKind::Watch { value, body } => self.node("watch", |d| {
                d.exprs(value.as_slice());
                d.block(body);
            }),
            StmtKind::Stream { event, binding, body } => self.node("stream", |d| {
                d.name(event);
                d.name(binding);
                d.block(body);
            }),
            StmtKind::Using { name, value, body } => self.node("using", |d| {
                d.name(name);
                d.expr(value);
                d.block(body);
            }),
            StmtKind::Exactly { name, body } => self.node("exactly", |d| {
                d.name(name);
                d.block(body);
            }),
            _ => self.declaration(kind),
        }
    }

    fn bindings(&mut self, found: &Let) {
        let word = match found.kind {
            LetKind::Let => "let",
            LetKind::Const => "const",
            LetKind::Immutable => "immutable",
        };
        for binding in &found.bindings {
            self.node(word, |d| d.binding(binding));
        }
    }

    fn binding(&mut self, binding: &Binding) {
        match &binding.target {
            BindingTarget::Name(name) => self.name(name),
            BindingTarget::List { names, rest, .. } => self.node("list", |d| {
                names.iter().for_each(|name| d.name(name));
                if let Some(rest) = rest {
                    d.word(format_args!("...{}", rest.text));
                }
            }),
            BindingTarget::Map { names, .. } => self.node("map", |d| {
                for (key, Name { text, .. }) in names {
                    d.word(format_args!("{}:{text}", key.text));
                }
            }),
        }
        if let Some(ty) = &binding.ty {
            self.ty(ty);
        }
        if let Some(value) = &binding.value {
            self.initializer(value);
        }
    }

    pub(super) fn initializer(&mut self, initializer: &Initializer) {
        match &initializer.kind {
            InitializerKind::Expr(expr) => self.expr(expr),
            InitializerKind::Sanitize { value, mode } => self.node("sanitize", |d| {
                d.expr(value);
                if let Some(mode) = mode {
                    d.text(&mode.value);
                }
            }),
            InitializerKind::Audit(audit) => self.audit(audit),
            InitializerKind::File(path) => self.node("file", |d| d.text(&path.value)),
            InitializerKind::FileName(name) => self.node("file", |d| d.name(name)),
        }
    }

    pub(super) fn state_var(&mut self, var: &StateVar) {
        let word = match var.kind {
            StateKind::State => "state",
            StateKind::Data => "data",
            StateKind::Field => "field",
            StateKind::Ledger => "ledger",
            StateKind::Persistent => "persistent",
        };
        self.node(word, |d| {
            match var.visibility {
                Some(Visibility::Public) => d.word("public"),
                Some(Visibility::Private) => d.word("private"),
                None => {}
            }
            d.name(&var.name);
            if let Some(ty) = &var.ty {
                d.ty(ty);
            }
            if let Some(value) = &var.value {
                d.initializer(value);
            }
        });
    }

    fn check(&mut self, check: &Check) {
        let word = match check.kind {
            CheckKind::Require => "require",
            CheckKind::Verify => "verify",
        };
        self.node(word, |d| {
            d.expr(&check.condition);
            d.exprs(check.message.as_slice());
            if let Some(block) = &check.block {
                d.block(block);
            }
        });
    }

    fn audit(&mut self, audit: &Audit) {
        self.node("audit", |d| {
            d.name(&audit.name);
            d.expr(&audit.action);
            d.exprs(audit.time.as_slice());
        });
    }

    fn member_path(&mut self, path: &MemberPath) {
        self.name(&path.name);
        path.members.iter().for_each(|name| self.name(name));
    }

    pub(super) fn inject(&mut self, inject: &Inject) {
        self.node("inject", |d| {
            d.name(&inject.name);
            if let Some(ty) = &inject.ty {
                d.ty(ty);
            }
        });
    }

    fn import(&mut self, found: &Use) {
        self.node("use", |d| {
            if found.bare {
                d.word(&found.path.value)
            } else {
                d.text(&found.path.value)
            }
            match &found.what {
                UseWhat::All => {}
                UseWhat::Module(name) => d.node("as", |d| d.name(name)),
                UseWhat::Names(names) => d.node("names", |d| {
                    for name in names {
                        match &name.alias {
                            Some(alias) => d.word(format_args!("{}:{}", name.name.text, alias.text)),
                            None => d.name(&name.name),
                        }
                    }
                }),
            }
        });
    }

    fn if_stmt(&mut self, found: &If) {
        self.node("if", |d| {
            for branch in &found.branches {
                d.expr(&branch.condition);
                d.block(&branch.body);
            }
            if let Some(otherwise) = &found.otherwise {
                d.word("else");
                d.block(otherwise);
            }
        });
    }

    fn try_stmt(&mut self, found: &Try) {
        self.node("try", |d| {
            d.block(&found.body);
            for catch in &found.catches {
                d.node("catch", |d| {
                    if let Some(name) = &catch.name {
                        d.name(name);
                    }
                    if let Some(ty) = &catch.ty {
                        d.ty(ty);
                    }
                    d.block(&catch.body);
                });
            }
            if let Some(finally) = &found.finally {
                d.node("finally", |d| d.block(finally));
            }
        });
    }
}
