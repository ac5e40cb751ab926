//! A walk over one function.

use rustc_hash::{FxHashMap, FxHashSet};
use zexus_hir::ir::{
    Arg, Args, Bind, Block, ContractDecl, Decl, DeclKind, Expr, ExprKind, FuncId, Function, LinkKind, MapKey,
    Match, Pattern, Shape, Slot, Stmt, StmtKind, Target,
};

use super::{Facts, Survey};

/// A walk.
pub(crate) struct Walk<'s, 'p> {
    survey: &'s mut Survey<'p>,
    number: u32,
    contract: Option<&'p ContractDecl>,
    children: Vec<(FuncId, Option<&'p ContractDecl>)>,
    fixed: FxHashMap<Slot, Option<FuncId>>,
    defers: usize,
    nested_defer: bool,
    has_body: bool,
}

impl<'s, 'p> Walk<'s, 'p> {
    pub fn new(survey: &'s mut Survey<'p>, number: u32, contract: Option<&'p ContractDecl>) -> Walk<'s, 'p> {
        Walk {
            survey,
            number,
            contract,
            children: Vec::new(),
            fixed: FxHashMap::default(),
            defers: 0,
            nested_defer: false,
            has_body: false,
        }
    }

    /// The facts about the function, and the functions that it makes, with the contract in whose actions they stand.
    pub fn finish(
        self,
        func: &'p Function,
        parent: u32,
    ) -> (Facts<'p>, Vec<(FuncId, Option<&'p ContractDecl>)>) {
        let Walk { contract, children, fixed, defers, nested_defer, has_body, .. } = self;
        let captured = FxHashSet::default();
        let facts = Facts { func, parent, captured, fixed, contract, defers, nested_defer, has_body };
        (facts, children)
    }

    pub fn function(&mut self, func: &'p Function) {
        for param in &func.params {
            self.maybe(&param.default);
        }
        self.maybe(&func.limit);
        self.decls(&func.body.hoisted);
        for stmt in &func.body.stmts {
            match &stmt.kind {
                StmtKind::Defer(id) => {
                    self.defers += 1;
                    self.child(*id);
                }
                _ => self.stmt(stmt),
            }
        }
    }

    fn child(&mut self, id: FuncId) {
        self.children.push((id, self.contract));
    }

    fn bind(&mut self, bind: Bind) {
        if let Bind::Global(id) = bind {
            self.survey.globals.push(id);
        }
    }

    fn block(&mut self, block: &'p Block) {
        self.decls(&block.hoisted);
        block.stmts.iter().for_each(|stmt| self.stmt(stmt));
    }

    fn decls(&mut self, decls: &'p [Decl]) {
        for decl in decls {
            self.survey.declared(self.number, &mut self.fixed, decl);
            self.decl(decl);
        }
    }

    fn decl(&mut self, decl: &'p Decl) {
        self.bind(decl.bind);
        match &decl.kind {
            DeclKind::Function(id) | DeclKind::External(id) => self.child(*id),
            DeclKind::Data(d) => {
                let fields = d.fields.iter().flat_map(|f| [f.default, f.require]).flatten();
                let computed = d.computed.iter().chain(&d.methods).map(|(_, id)| *id);
                let operators = d.operators.iter().map(|(_, id)| *id);
                self.children.extend(fields.chain(computed).chain(operators).map(|id| (id, None)));
            }
            DeclKind::Contract(c) => {
                self.children.extend(c.state.iter().filter_map(|s| s.init).map(|id| (id, None)));
                self.children.extend(c.actions.iter().map(|(_, id)| (*id, Some(&**c))));
            }
            DeclKind::Enum(_) | DeclKind::Protocol { .. } => (),
        }
    }

    fn stmt(&mut self, stmt: &'p Stmt) {
        match &stmt.kind {
            StmtKind::Expr(e) | StmtKind::Throw(e) => self.expr(e),
            StmtKind::Let { bind, value, .. } => {
                self.bind(*bind);
                self.maybe(value);
            }
            StmtKind::InitState { value, .. } | StmtKind::Return(value) | StmtKind::Revert(value) => {
                self.maybe(value);
            }
            StmtKind::Destructure(d) => {
                match &d.shape {
                    Shape::List { items, rest } => items.iter().chain(rest).for_each(|b| self.bind(*b)),
                    Shape::Map(items) => items.iter().for_each(|(_, b)| self.bind(*b)),
                }
                self.expr(&d.value);
            }
            StmtKind::Assign(a) => {
                match &a.target {
                    Target::Var { .. } => (),
                    Target::Member { object, .. } => self.expr(object),
                    Target::Index { object, index } => {
                        self.expr(object);
                        self.expr(index);
                    }
                }
                self.expr(&a.value);
            }
            StmtKind::If { branches, otherwise } => {
                for (condition, block) in branches {
                    self.expr(condition);
                    self.block(block);
                }
                otherwise.iter().for_each(|b| self.block(b));
            }
            StmtKind::While { condition, body } => {
                self.expr(condition);
                self.block(body);
            }
            StmtKind::ForEach(each) => {
                each.binds.iter().for_each(|b| self.bind(*b));
                self.expr(&each.value);
                self.block(&each.body);
            }
            StmtKind::ForC(parts) => {
                parts.init.iter().for_each(|s| self.stmt(s));
                self.maybe(&parts.condition);
                parts.step.iter().for_each(|s| self.stmt(s));
                self.block(&parts.body);
            }
            StmtKind::Check(check) => {
                self.expr(&check.condition);
                self.maybe(&check.message);
                check.block.iter().for_each(|b| self.block(b));
            }
            StmtKind::Try(parts) => {
                self.block(&parts.body);
                for clause in &parts.catches {
                    self.bind(clause.bind);
                    self.block(&clause.body);
                }
                parts.finally.iter().for_each(|b| self.block(b));
            }
            StmtKind::Block(b) | StmtKind::Tx(b) | StmtKind::Atomic(b) => self.block(b),
            StmtKind::Exactly { body, .. } => self.block(body),
            StmtKind::Body(b) => {
                self.has_body = true;
                self.block(b);
            }
            StmtKind::Defer(id) => {
                self.defers += 1;
                self.nested_defer = true;
                self.child(*id);
            }
            StmtKind::Using(u) => {
                self.bind(u.bind);
                self.expr(&u.value);
                self.block(&u.body);
            }
            StmtKind::Watch { value, body, .. } => {
                value.iter().for_each(|id| self.child(*id));
                self.child(*body);
            }
            StmtKind::Watched { stmt, .. } => self.stmt(stmt),
            StmtKind::Stream { handler, .. } => self.child(*handler),
            StmtKind::Emit(emit) => self.args(&emit.args),
            StmtKind::Declare(decl) => self.decl(decl),
            StmtKind::DefineModule(m) => {
                self.bind(m.bind);
                self.block(&m.body);
            }
            StmtKind::Import(id) => self.survey.imports.push(*id),
            StmtKind::Pattern(m) => self.matches(m),
            StmtKind::Break | StmtKind::Continue => (),
        }
    }

    fn maybe(&mut self, e: &'p Option<Expr>) {
        if let Some(e) = e {
            self.expr(e);
        }
    }

    fn args(&mut self, args: &'p Args) {
        for arg in &args.list {
            match arg {
                Arg::Value(e) | Arg::Spread(e) => self.expr(e),
                Arg::Named(_, e) => self.expr(e),
            }
        }
    }

    fn matches(&mut self, m: &'p Match) {
        self.expr(&m.value);
        for arm in &m.arms {
            self.pattern(&arm.pattern);
            self.maybe(&arm.guard);
            self.block(&arm.body);
        }
    }

    fn pattern(&mut self, pattern: &'p Pattern) {
        match pattern {
            Pattern::Bind(bind) => self.bind(*bind),
            Pattern::Type { fields, .. } => fields.iter().for_each(|p| self.pattern(p)),
            Pattern::List { items, rest } => {
                items.iter().for_each(|p| self.pattern(p));
                rest.iter().for_each(|b| self.bind(*b));
            }
            Pattern::Map(entries) => entries.iter().for_each(|(_, p)| self.pattern(p)),
            Pattern::Or(patterns) => patterns.iter().for_each(|p| self.pattern(p)),
            Pattern::Any | Pattern::Const(_) | Pattern::Interval { .. } | Pattern::Path(_) => (),
        }
    }

    fn expr(&mut self, e: &'p Expr) {
        match &e.kind {
            ExprKind::Const(_) | ExprKind::Var(_) => (),
            ExprKind::Function(id) => self.child(*id),
            ExprKind::List(items) | ExprKind::Template(items) | ExprKind::Power(items) => self.all(items),
            ExprKind::Coalesce(items) | ExprKind::Logic { operands: items, .. } => self.all(items),
            ExprKind::Intrinsic(_, items) => self.all(items),
            ExprKind::Map(items) => {
                for (key, value) in items {
                    if let MapKey::Expr(e) = key {
                        self.expr(e);
                    }
                    self.expr(value);
                }
            }
            ExprKind::Range { lo, hi, .. } => {
                self.expr(lo);
                self.expr(hi);
            }
            ExprKind::Binary(_, operands) => {
                self.expr(&operands.0);
                self.expr(&operands.1);
            }
            ExprKind::Row(first, rest) => {
                self.expr(first);
                rest.iter().for_each(|(_, e, _)| self.expr(e));
            }
            ExprKind::Neg(e) | ExprKind::Not(e) | ExprKind::Await(e) => self.expr(e),
            ExprKind::Spawn(e) | ExprKind::SpawnValue(e) => self.expr(e),
            ExprKind::If(parts) => {
                self.expr(&parts.0);
                self.expr(&parts.1);
                self.expr(&parts.2);
            }
            ExprKind::Chain { base, links } => {
                self.expr(base);
                for link in links {
                    match &link.kind {
                        LinkKind::Member(_) => (),
                        LinkKind::Index(e) => self.expr(e),
                        LinkKind::Slice(a, b) => a.iter().chain(b).for_each(|e| self.expr(e)),
                        LinkKind::Call(args) | LinkKind::Method { args, .. } => self.args(args),
                    }
                }
            }
            ExprKind::Call { callee, args } => {
                self.expr(callee);
                self.args(args);
            }
            ExprKind::CallBuiltin { args, .. } => self.args(args),
            ExprKind::Super { args, .. } => self.args(args),
            ExprKind::Construct(c) => {
                self.expr(&c.callee);
                self.args(&c.args);
            }
            ExprKind::Match(m) => self.matches(m),
            ExprKind::Sandbox { policy, body } => {
                policy.iter().for_each(|e| self.expr(e));
                self.child(*body);
            }
            ExprKind::Module(id) => self.survey.imports.push(*id),
            ExprKind::Builtin(_)
            | ExprKind::StdModule(_)
            | ExprKind::This
            | ExprKind::TxMember(_)
            | ExprKind::GasMember(_)
            | ExprKind::Injected(_)
            | ExprKind::Args
            | ExprKind::External(_) => (),
        }
    }

    fn all(&mut self, items: &'p [Expr]) {
        items.iter().for_each(|e| self.expr(e));
    }
}
