//! One look over a file before it is lowered: what it imports, watches and seals, and where it is broken.
//!
//! The walk enters every expression, because function literals hold statements.

use rustc_hash::FxHashSet;
use zexus_syntax::Span;
use zexus_syntax::ast::*;

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Survey<'a> {
    /// All imports in order.
    pub uses: Vec<(&'a Use, Span)>,
    /// Whether there is a `watch`.
    pub watches: bool,
    /// Names of variables that `seal` makes constants.
    pub sealed: FxHashSet<&'a str>,
    /// Places of what is broken.
    pub broken: Vec<Span>,
}

impl<'a> Survey<'a> {
    /// Looks over the statements of a file.
    pub fn of(stmts: &'a [Stmt]) -> Survey<'a> {
        let mut survey = Survey::default();
        survey.stmts(stmts);
        survey
    }

    fn stmts(&mut self, stmts: &'a [Stmt]) {
        for stmt in stmts {
            self.stmt(stmt);
        }
    }

    fn block(&mut self, block: &'a Block) {
        self.stmts(&block.stmts);
    }

    fn stmt(&mut self, stmt: &'a Stmt) {
        match &stmt.kind {
            StmtKind::Error => self.broken.push(stmt.span),
            StmtKind::Expr(e) | StmtKind::Debug(e) | StmtKind::Throw(e) => self.expr(e),
            StmtKind::Let(l) => l.bindings.iter().for_each(|b| self.init(b.value.as_ref())),
            StmtKind::State(s) => self.init(s.value.as_ref()),
            StmtKind::Assign(a) => {
                self.expr(&a.target);
                self.init(Some(&a.value));
            }
            StmtKind::Print(args) => self.args(args),
            StmtKind::Return(list) => self.exprs(list),
            StmtKind::Break
            | StmtKind::Continue
            | StmtKind::Trail { .. }
            | StmtKind::Grant(_)
            | StmtKind::Inject(_)
            | StmtKind::Enum(_)
            | StmtKind::Protocol(_)
            | StmtKind::Event(_)
            | StmtKind::TypeAlias(_) => {}
            StmtKind::Revert(e) | StmtKind::Capability { value: e, .. } => self.opt(e.as_ref()),
            StmtKind::Check(c) => {
                self.expr(&c.condition);
                self.opt(c.message.as_ref());
                c.block.iter().for_each(|b| self.block(b));
            }
            StmtKind::Validate(v) => {
                self.expr(&v.value);
                self.expr(&v.schema);
            }
            StmtKind::Emit(e) => match &e.args {
                EmitArgs::None => {}
                EmitArgs::Args(args) => self.args(args),
                EmitArgs::Map(items, _) => self.map(items),
            },
            StmtKind::Audit(a) => self.audit(a),
            StmtKind::Seal(path) => {
                if path.members.is_empty() {
                    self.sealed.insert(&path.name.text);
                }
            }
            StmtKind::Restrict { rule, .. } => self.expr(rule),
            StmtKind::Protect(p) => {
                self.expr(&p.rules);
                self.opt(p.level.as_ref());
            }
            StmtKind::Channel(c) => {
                self.opt(c.size.as_ref());
                self.opt(c.capacity.as_ref());
            }
            StmtKind::Use(u) => self.uses.push((u, stmt.span)),
            StmtKind::Export(e) => {
                if let ExportItem::Decl(inner) = &e.item {
                    self.stmt(inner);
                }
            }
            _ => self.compound(stmt),
        }
    }

    fn compound(&mut self, stmt: &'a Stmt) {
        match &stmt.kind {
            StmtKind::Block(b) | StmtKind::Tx(b) | StmtKind::Atomic(b) | StmtKind::Defer(b) => self.block(b),
            StmtKind::If(i) => {
                for branch in &i.branches {
                    self.expr(&branch.condition);
                    self.block(&branch.body);
                }
                i.otherwise.iter().for_each(|b| self.block(b));
            }
            StmtKind::While { condition, body } => {
                self.expr(condition);
                self.block(body);
            }
            StmtKind::ForIn(f) => {
                self.expr(&f.value);
                self.block(&f.body);
            }
            StmtKind::ForC(f) => {
                f.init.iter().chain(&f.step).for_each(|s| self.stmt(s));
                self.opt(f.condition.as_ref());
                self.block(&f.body);
            }
            StmtKind::Try(t) => {
                self.block(&t.body);
                t.catches.iter().for_each(|c| self.block(&c.body));
                t.finally.iter().for_each(|b| self.block(b));
            }
            StmtKind::Pattern(m) => self.matching(m),
            StmtKind::Watch { value, body } => {
                self.watches = true;
                self.opt(value.as_ref());
                self.block(body);
            }
            StmtKind::Stream { body, .. } | StmtKind::Exactly { body, .. } => self.block(body),
            StmtKind::Using { value, body, .. } => {
                self.expr(value);
                self.block(body);
            }
            StmtKind::Action(a) => self.action(a),
            StmtKind::Data(d) => d.members.iter().for_each(|m| self.data_member(m)),
            StmtKind::Contract(c) => c.members.iter().for_each(|m| self.contract_member(m)),
            StmtKind::Modifier(m) => self.modifier(m),
            StmtKind::Module(m) => self.block(&m.body),
            StmtKind::Package(p) => self.block(&p.body),
            StmtKind::External(e) => e.params.iter().for_each(|p| self.params(p)),
            _ => {}
        }
    }

    fn data_member(&mut self, member: &'a DataMember) {
        match member {
            DataMember::Field(f) => {
                self.opt(f.default.as_ref());
                self.opt(f.constraint.as_ref());
            }
            DataMember::Computed { value, .. } => self.expr(value),
            DataMember::Method(a) => self.action(a),
            DataMember::Operator(o) => self.block(&o.body),
            DataMember::Inject(..) => {}
        }
    }

    fn contract_member(&mut self, member: &'a ContractMember) {
        match member {
            ContractMember::State(s) => self.init(s.value.as_ref()),
            ContractMember::Event(_) => {}
            ContractMember::Modifier(m) => self.modifier(m),
            ContractMember::Action(a) => self.action(a),
        }
    }

    fn modifier(&mut self, m: &'a ModifierDecl) {
        self.params(&m.params);
        self.block(&m.body);
    }

    fn action(&mut self, a: &'a Action) {
        self.params(&a.params);
        a.uses.iter().for_each(|u| self.args(&u.args));
        self.opt(a.limit.as_ref());
        self.block(&a.body);
    }

    fn params(&mut self, params: &'a [Param]) {
        params.iter().for_each(|p| self.opt(p.default.as_ref()));
    }

    fn args(&mut self, args: &'a [Arg]) {
        args.iter().for_each(|a| self.expr(&a.value));
    }

    fn exprs(&mut self, list: &'a [Expr]) {
        list.iter().for_each(|e| self.expr(e));
    }

    fn opt(&mut self, e: Option<&'a Expr>) {
        if let Some(e) = e {
            self.expr(e);
        }
    }

    fn init(&mut self, init: Option<&'a Initializer>) {
        match init.map(|i| &i.kind) {
            None | Some(InitializerKind::File(_) | InitializerKind::FileName(_)) => {}
            Some(InitializerKind::Expr(e) | InitializerKind::Sanitize { value: e, .. }) => self.expr(e),
            Some(InitializerKind::Audit(a)) => self.audit(a),
        }
    }

    fn audit(&mut self, a: &'a Audit) {
        self.expr(&a.action);
        self.opt(a.time.as_ref());
    }

    fn matching(&mut self, m: &'a Match) {
        self.expr(&m.value);
        for arm in &m.arms {
            self.opt(arm.guard.as_ref());
            self.block(&arm.body);
        }
    }

    fn map(&mut self, items: &'a [MapItem]) {
        for item in items {
            if let MapItem::Pair { key, value } = item {
                if let MapKey::Template(e) | MapKey::Computed(e, _) = key {
                    self.expr(e);
                }
                self.expr(value);
            }
        }
    }

    fn expr(&mut self, e: &'a Expr) {
        match &e.kind {
            ExprKind::Error => self.broken.push(e.span),
            ExprKind::Literal(_) | ExprKind::Name(_) | ExprKind::This | ExprKind::Print => {}
            ExprKind::Template(parts) => {
                for part in parts {
                    if let TemplatePart::Hole(e) = part {
                        self.expr(e);
                    }
                }
            }
            ExprKind::Paren(e) => self.expr(e),
            ExprKind::List(list) => self.exprs(list),
            ExprKind::Map(items) => self.map(items),
            ExprKind::Constructor(c) => match &c.args {
                ConstructorArgs::Fields(fields) => fields.iter().for_each(|f| self.expr(&f.value)),
                ConstructorArgs::Args(args) => self.args(args),
            },
            ExprKind::Chain(c) => self.chain(c),
            ExprKind::Unary(u) => self.expr(&u.operand),
            ExprKind::Binary(b) => {
                self.expr(&b.first);
                b.rest.iter().for_each(|step| self.expr(&step.right));
            }
            ExprKind::Range(r) => {
                self.expr(&r.start);
                self.expr(&r.end);
            }
            ExprKind::Conditional(c) => {
                self.expr(&c.condition);
                self.expr(&c.then);
                self.expr(&c.otherwise);
            }
            ExprKind::Lambda(l) => {
                self.params(&l.params);
                match &l.body {
                    LambdaBody::Expr(e) => self.expr(e),
                    LambdaBody::Block(b) => self.block(b),
                }
            }
            ExprKind::Match(m) => self.matching(m),
            ExprKind::Sandbox(s) => {
                self.opt(s.policy.as_ref());
                self.block(&s.body);
            }
        }
    }

    fn chain(&mut self, c: &'a Chain) {
        self.expr(&c.base);
        for link in &c.links {
            match &link.kind {
                LinkKind::Member(_) => {}
                LinkKind::Call(args) => self.args(args),
                LinkKind::Index(e) => self.expr(e),
                LinkKind::Slice(a, b) => {
                    self.opt(a.as_deref());
                    self.opt(b.as_deref());
                }
            }
        }
    }
}
