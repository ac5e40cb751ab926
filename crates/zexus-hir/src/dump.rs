//! Shows programs as nested lists, for tests and people.

use std::fmt::Write as _;

use crate::ir::*;

/// Shows a program: each function with its variables, captures and body. The form is for people and may change.
pub fn dump(program: &Program) -> String {
    let mut out = Out { text: String::new(), depth: 0 };
    for module in &program.modules {
        let _ = write!(out.text, "module {} = f{}", module.path, module.body.0);
        for export in &module.exports {
            let _ = write!(out.text, " {}:{}", export.name, export_value(&export.value));
        }
        out.text.push('\n');
    }
    for (index, global) in program.globals.iter().enumerate() {
        let mark = if global.unknown { " unknown" } else { "" };
        let _ = writeln!(out.text, "global g{index} {}{mark}", global.name);
    }
    for (index, state) in program.states.iter().enumerate() {
        let _ = writeln!(out.text, "state s{index} {} {:?}", state.key, state.kind);
    }
    for (index, function) in program.functions.iter().enumerate() {
        out.function(index, function);
    }
    out.text
}

struct Out {
    text: String,
    depth: usize,
}

fn export_value(value: &ExportValue) -> String {
    match value {
        ExportValue::Var(v) => var(*v),
        other => format!("{other:?}"),
    }
}

fn var(var: Var) -> String {
    match var {
        Var::Local(slot) => format!("l{}", slot.0),
        Var::Cell(slot) => format!("l{}*", slot.0),
        Var::Capture(id) => format!("c{}", id.0),
        Var::CaptureCell(id) => format!("c{}*", id.0),
        Var::Global(id) => format!("g{}", id.0),
        Var::State(id) => format!("s{}", id.0),
    }
}

fn bind(bind: Bind) -> String {
    match bind {
        Bind::Local(slot) => format!("l{}", slot.0),
        Bind::NewCell(slot) => format!("l{}+", slot.0),
        Bind::EarlyCell(slot) => format!("l{}*", slot.0),
        Bind::Global(id) => format!("g{}", id.0),
    }
}

fn slots(slots: &[Slot]) -> String {
    slots.iter().map(|slot| format!(" l{}", slot.0)).collect()
}

impl Out {
    fn line(&mut self, text: &str) {
        let _ = write!(self.text, "\n{:1$}{text}", "", self.depth * 2);
    }

    fn function(&mut self, index: usize, f: &Function) {
        let _ = write!(self.text, "fn f{index} {:?} {}(", f.role, f.name);
        for (i, param) in f.params.iter().enumerate() {
            let _ = write!(
                self.text,
                "{}{}",
                if i == 0 { "" } else { ", " },
                if param.rest { "..." } else { "" }
            );
            let _ = write!(self.text, "{} {}", bind(param.bind), param.name);
            self.ty(param.ty.as_deref());
            if let Some(default) = &param.default {
                self.text.push_str(" = ");
                self.expr(default);
            }
        }
        self.text.push(')');
        if f.result.is_some() {
            self.text.push_str(" ->");
            self.ty(f.result.as_deref());
        }
        for capture in &f.captures {
            let _ = write!(self.text, " [{} {}]", var(capture.from), capture.name);
        }
        if f.flags.0 != 0 {
            let _ = write!(self.text, " flags {}", f.flags.0);
        }
        if let Some(limit) = &f.limit {
            self.text.push_str(" limit ");
            self.expr(limit);
        }
        let _ = write!(self.text, " slots {}", f.slots);
        self.depth = 1;
        self.block_lines(&f.body);
        self.depth = 0;
        self.text.push('\n');
    }

    fn ty(&mut self, ty: Option<&TypeRef>) {
        if let Some(ty) = ty {
            let _ = write!(self.text, ": {}", ty.text);
            self.type_kind(&ty.kind);
        }
    }

    fn type_kind(&mut self, kind: &TypeKind) {
        match kind {
            TypeKind::Prim(_) => {}
            TypeKind::Named(e) => {
                self.text.push('=');
                self.expr(e);
            }
            TypeKind::Optional(inner) => {
                self.type_kind(inner);
                self.text.push('?');
            }
            TypeKind::Record(fields) => {
                for (name, kind) in fields {
                    let _ = write!(self.text, "|{name}");
                    self.type_kind(kind);
                }
            }
            TypeKind::Param(index) => {
                let _ = write!(self.text, "#{index}");
            }
        }
    }

    fn block_lines(&mut self, b: &Block) {
        if !b.early.is_empty() {
            self.line(&format!("early{}", slots(&b.early)));
        }
        if b.watches {
            self.line("watches");
        }
        for decl in &b.hoisted {
            self.line("hoist ");
            self.decl(decl);
        }
        for stmt in &b.stmts {
            self.line("");
            self.stmt(stmt);
        }
    }

    fn block(&mut self, b: &Block) {
        self.text.push_str(" {");
        self.depth += 1;
        self.block_lines(b);
        self.depth -= 1;
        self.text.push_str(" }");
    }

    fn decl(&mut self, d: &Decl) {
        let _ = write!(self.text, "{} = ", bind(d.bind));
        match &d.kind {
            DeclKind::Function(id) | DeclKind::External(id) => {
                let _ = write!(self.text, "f{}", id.0);
            }
            DeclKind::Enum(e) => {
                let _ = write!(self.text, "enum {}", e.name);
                for (name, value) in &e.members {
                    let _ = write!(self.text, " {name}={value:?}");
                }
            }
            DeclKind::Protocol { name, .. } => {
                let _ = write!(self.text, "protocol {name}");
            }
            DeclKind::Data(data) => self.data(data),
            DeclKind::Contract(contract) => self.contract(contract),
        }
    }

    fn parents(&mut self, extends: Option<&Expr>, implements: &[Expr]) {
        if let Some(parent) = extends {
            self.text.push_str(" extends ");
            self.expr(parent);
        }
        for protocol in implements {
            self.text.push_str(" implements ");
            self.expr(protocol);
        }
    }

    fn data(&mut self, data: &DataDecl) {
        let _ = write!(self.text, "data {}", data.name);
        self.parents(data.extends.as_ref(), &data.implements);
        for field in &data.fields {
            let _ = write!(self.text, " field {}", field.name);
            self.ty(field.ty.as_deref());
            for (word, code) in [("=", field.default), ("require", field.require)] {
                if let Some(id) = code {
                    let _ = write!(self.text, " {word} f{}", id.0);
                }
            }
        }
        for (word, list) in [("computed", &data.computed), ("method", &data.methods)] {
            for (name, id) in list {
                let _ = write!(self.text, " {word} {name} f{}", id.0);
            }
        }
        for (op, id) in &data.operators {
            let _ = write!(self.text, " operator {} f{}", op.text(), id.0);
        }
    }

    fn contract(&mut self, contract: &ContractDecl) {
        let _ = write!(self.text, "contract {}", contract.name);
        self.parents(contract.extends.as_ref(), &contract.implements);
        for state in &contract.state {
            let _ = write!(self.text, " state {}", state.name);
            self.ty(state.ty.as_deref());
            if let Some(id) = state.init {
                let _ = write!(self.text, " = f{}", id.0);
            }
        }
        for (name, id) in &contract.actions {
            let _ = write!(self.text, " action {name} f{}", id.0);
        }
    }

    fn words(&mut self, word: &str, e: Option<&Expr>) {
        self.text.push_str(word);
        if let Some(e) = e {
            self.text.push(' ');
            self.expr(e);
        }
    }

    fn stmt(&mut self, s: &Stmt) {
        match &s.kind {
            StmtKind::Expr(e) => self.expr(e),
            StmtKind::Let { bind: b, ty, value } => {
                let _ = write!(self.text, "let {}", bind(*b));
                self.ty(ty.as_deref());
                self.words(" =", value.as_ref());
            }
            StmtKind::InitState { state, value } => {
                self.words(&format!("init s{} =", state.0), value.as_ref())
            }
            StmtKind::Destructure(d) => {
                match &d.shape {
                    Shape::List { items, rest } => {
                        let items: Vec<String> = items.iter().map(|b| bind(*b)).collect();
                        let rest = rest.map(|b| format!(" ...{}", bind(b))).unwrap_or_default();
                        let _ = write!(self.text, "let [{}{rest}]", items.join(" "));
                    }
                    Shape::Map(items) => {
                        let items: Vec<String> =
                            items.iter().map(|(k, b)| format!("{k}:{}", bind(*b))).collect();
                        let _ = write!(self.text, "let {{{}}}", items.join(" "));
                    }
                }
                self.words(" =", Some(&d.value));
            }
            StmtKind::Assign(a) => self.assign(a),
            StmtKind::If { branches, otherwise } => {
                for (condition, body) in branches {
                    self.words("if", Some(condition));
                    self.block(body);
                    self.text.push(' ');
                }
                if let Some(body) = otherwise {
                    self.text.push_str("else");
                    self.block(body);
                }
            }
            StmtKind::While { condition, body } => {
                self.words("while", Some(condition));
                self.block(body);
            }
            StmtKind::ForEach(f) => {
                let binds: Vec<String> = f.binds.iter().map(|b| bind(*b)).collect();
                let _ = write!(self.text, "for {}", binds.join(", "));
                self.words(" in", Some(&f.value));
                self.block(&f.body);
            }
            StmtKind::ForC(f) => self.for_c(f),
            StmtKind::Return(value) => self.words("return", value.as_ref()),
            StmtKind::Revert(value) => self.words("revert", value.as_ref()),
            StmtKind::Throw(value) => self.words("throw", Some(value)),
            StmtKind::Break => self.text.push_str("break"),
            StmtKind::Continue => self.text.push_str("continue"),
            StmtKind::Check(check) => {
                self.words(if check.verify { "verify" } else { "require" }, Some(&check.condition));
                self.words(",", check.message.as_ref());
                if let Some(block) = &check.block {
                    self.block(block);
                }
            }
            StmtKind::Try(t) => self.try_stmt(t),
            StmtKind::Block(b) => self.worded("block", b),
            StmtKind::Tx(b) => self.worded("tx", b),
            StmtKind::Atomic(b) => self.worded("atomic", b),
            StmtKind::Body(b) => self.worded("body", b),
            StmtKind::Exactly { id, body } => self.worded(&format!("exactly {id}"), body),
            StmtKind::Defer(id) => {
                let _ = write!(self.text, "defer f{}", id.0);
            }
            StmtKind::Using(using) => {
                self.words(&format!("using {} =", bind(using.bind)), Some(&using.value));
                self.block(&using.body);
            }
            StmtKind::Watch { value, body, watched } => {
                let value = value.map(|id| format!(" f{}", id.0)).unwrap_or_default();
                let ids: Vec<u32> = watched.iter().map(|id| id.0).collect();
                let _ = write!(self.text, "watch{value} do f{} on {ids:?}", body.0);
            }
            StmtKind::Watched { stmt, changed } => {
                let ids: Vec<u32> = changed.iter().map(|id| id.0).collect();
                let _ = write!(self.text, "changes {ids:?} ");
                self.stmt(stmt);
            }
            StmtKind::Stream { event, handler } => {
                let _ = write!(self.text, "stream {event} f{}", handler.0);
            }
            StmtKind::Emit(e) => {
                let _ = write!(self.text, "emit {}", e.name);
                self.args(&e.args);
                let _ = write!(self.text, " names {:?}", e.names);
                for ty in &e.types {
                    self.ty(ty.as_deref());
                }
            }
            StmtKind::Declare(d) => {
                self.text.push_str("declare ");
                self.decl(d);
            }
            StmtKind::DefineModule(module) => {
                let _ = write!(self.text, "module {} = {}", bind(module.bind), module.path.join("."));
                for export in &module.exports {
                    let _ = write!(self.text, " {}:{}", export.name, export_value(&export.value));
                }
                self.block(&module.body);
            }
            StmtKind::Import(id) => {
                let _ = write!(self.text, "import m{}", id.0);
            }
            StmtKind::Pattern(m) => self.matching("pattern", m),
        }
    }

    fn worded(&mut self, word: &str, b: &Block) {
        self.text.push_str(word);
        self.block(b);
    }

    fn assign(&mut self, a: &Assign) {
        match &a.target {
            Target::Var { var: v, ty, sealed, .. } => {
                self.text.push_str(&var(*v));
                self.ty(ty.as_deref());
                if let Some(sealed) = sealed {
                    let _ = write!(self.text, " unless {}", var(*sealed));
                }
            }
            Target::Member { object, name, internal } => {
                self.expr(object);
                let _ = write!(self.text, "{}{name}", if *internal { "!" } else { "." });
            }
            Target::Index { object, index } => {
                self.expr(object);
                self.text.push('[');
                self.expr(index);
                self.text.push(']');
            }
        }
        let _ = write!(self.text, " {}=", a.op.map_or("", |op| op.text()));
        self.words("", Some(&a.value));
    }

    fn for_c(&mut self, f: &ForC) {
        self.text.push_str("for (");
        if let Some(init) = &f.init {
            self.stmt(init);
        }
        self.words(";", f.condition.as_ref());
        self.text.push_str("; ");
        if let Some(step) = &f.step {
            self.stmt(step);
        }
        let _ = write!(self.text, ") early{} carried{}", slots(&f.early), slots(&f.carried));
        self.block(&f.body);
    }

    fn try_stmt(&mut self, t: &Try) {
        self.worded("try", &t.body);
        for catch in &t.catches {
            let _ = write!(self.text, " catch {}", bind(catch.bind));
            self.ty(catch.ty.as_deref());
            self.block(&catch.body);
        }
        if let Some(finally) = &t.finally {
            self.worded(" finally", finally);
        }
    }

    fn args(&mut self, args: &Args) {
        self.text.push('(');
        for (i, arg) in args.list.iter().enumerate() {
            self.text.push_str(if i == 0 { "" } else { ", " });
            match arg {
                Arg::Value(e) => self.expr(e),
                Arg::Named(name, e) => {
                    let _ = write!(self.text, "{name}: ");
                    self.expr(e);
                }
                Arg::Spread(e) => {
                    self.text.push_str("...");
                    self.expr(e);
                }
            }
        }
        self.text.push(')');
    }

    fn list(&mut self, word: &str, list: &[Expr]) {
        let _ = write!(self.text, "({word}");
        for e in list {
            self.text.push(' ');
            self.expr(e);
        }
        self.text.push(')');
    }

    fn expr(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Const(c) => self.constant(c),
            ExprKind::Var(v) => self.text.push_str(&var(*v)),
            ExprKind::Builtin(index) => {
                let _ = write!(self.text, "b{index}");
            }
            ExprKind::Module(id) => {
                let _ = write!(self.text, "m{}", id.0);
            }
            ExprKind::StdModule(index) => {
                let _ = write!(self.text, "std{index}");
            }
            ExprKind::This => self.text.push_str("this"),
            ExprKind::Args => self.text.push_str("args"),
            ExprKind::Function(id) => {
                let _ = write!(self.text, "f{}", id.0);
            }
            ExprKind::List(list) => self.list("list", list),
            ExprKind::Template(list) => self.list("join", list),
            ExprKind::Power(list) => self.list("**", list),
            ExprKind::Coalesce(list) => self.list("??", list),
            ExprKind::Logic { and, operands } => self.list(if *and { "and" } else { "or" }, operands),
            ExprKind::Map(items) => {
                self.text.push_str("(map");
                for (key, value) in items {
                    self.text.push(' ');
                    match key {
                        MapKey::Const(c) => self.constant(c),
                        MapKey::Expr(e) => self.expr(e),
                    }
                    self.words(":", Some(value));
                }
                self.text.push(')');
            }
            ExprKind::Range { lo, hi, inclusive } => {
                self.words(if *inclusive { "(..=" } else { "(.." }, Some(lo));
                self.words("", Some(hi));
                self.text.push(')');
            }
            ExprKind::Binary(op, pair) => {
                self.words(&format!("({}", op.text()), Some(&pair.0));
                self.words("", Some(&pair.1));
                self.text.push(')');
            }
            ExprKind::Row(first, rest) => {
                self.words("(row", Some(first));
                for (op, right, _) in rest {
                    self.words(&format!(" {}", op.text()), Some(right));
                }
                self.text.push(')');
            }
            ExprKind::Neg(e) => self.wrapped("neg", e),
            ExprKind::Not(e) => self.wrapped("not", e),
            ExprKind::Await(e) => self.wrapped("await", e),
            ExprKind::Spawn(e) => self.wrapped("spawn", e),
            ExprKind::SpawnValue(e) => self.wrapped("spawn-value", e),
            ExprKind::If(parts) => {
                self.words("(if", Some(&parts.0));
                self.words("", Some(&parts.1));
                self.words("", Some(&parts.2));
                self.text.push(')');
            }
            _ => self.more(e),
        }
    }

    fn more(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Chain { base, links } => {
                self.expr(base);
                links.iter().for_each(|link| self.link(link));
            }
            ExprKind::Call { callee, args } => {
                self.expr(callee);
                self.args(args);
            }
            ExprKind::CallBuiltin { builtin, args } => {
                let _ = write!(self.text, "b{builtin}");
                self.args(args);
            }
            ExprKind::Super { name, args } => {
                let _ = write!(self.text, "super.{name}");
                self.args(args);
            }
            ExprKind::Construct(c) => {
                self.expr(&c.callee);
                c.type_args.iter().for_each(|ty| self.ty(Some(ty)));
                self.args(&c.args);
            }
            ExprKind::Match(m) => self.matching("match", m),
            ExprKind::TxMember(name) => {
                let _ = write!(self.text, "TX.{name}");
            }
            ExprKind::GasMember(name) => {
                let _ = write!(self.text, "gas.{name}");
            }
            ExprKind::Injected(injected) => {
                let _ = write!(self.text, "(injected {} {}", var(injected.var), injected.name);
                self.ty(injected.ty.as_deref());
                self.text.push(')');
            }
            ExprKind::Sandbox { policy, body } => {
                self.words("(sandbox", policy.as_deref());
                let _ = write!(self.text, " f{})", body.0);
            }
            ExprKind::External(external) => {
                let _ = write!(self.text, "external {}.{}", external.module, external.name);
            }
            ExprKind::Intrinsic(what, operands) => match &**what {
                Intrinsic::Channel(ty) => {
                    self.text.push_str("(Channel");
                    self.ty(ty.as_ref().map(|ty| &*ty.0));
                    operands.iter().for_each(|e| self.words("", Some(e)));
                    self.text.push(')');
                }
                what => self.list(&format!("{what:?}"), operands),
            },
            _ => {}
        }
    }

    fn wrapped(&mut self, word: &str, e: &Expr) {
        self.list(word, std::slice::from_ref(e));
    }

    fn constant(&mut self, c: &Const) {
        let _ = match c {
            Const::Null => write!(self.text, "null"),
            Const::Bool(b) => write!(self.text, "{b}"),
            Const::Int(n) => write!(self.text, "{n}"),
            Const::Big(n) => write!(self.text, "{n}"),
            Const::Float(x) => write!(self.text, "{x:?}"),
            Const::Str(s) => write!(self.text, "{s:?}"),
        };
    }

    fn link(&mut self, link: &Link) {
        if link.optional {
            self.text.push('?');
        }
        match &link.kind {
            LinkKind::Member(name) => {
                let _ = write!(self.text, ".{name}");
            }
            LinkKind::Index(e) => {
                self.text.push('[');
                self.expr(e);
                self.text.push(']');
            }
            LinkKind::Slice(a, b) => {
                self.words("[", a.as_deref());
                self.words(":", b.as_deref());
                self.text.push(']');
            }
            LinkKind::Call(args) => self.args(args),
            LinkKind::Method { name, args, internal } => {
                let _ = write!(self.text, "{}{name}", if *internal { "!" } else { "." });
                self.args(args);
            }
        }
    }

    fn matching(&mut self, word: &str, m: &Match) {
        self.words(word, Some(&m.value));
        self.depth += 1;
        for arm in &m.arms {
            self.line("case ");
            self.pattern(&arm.pattern);
            if let Some(guard) = &arm.guard {
                self.words(" if", Some(guard));
            }
            self.block(&arm.body);
        }
        self.depth -= 1;
    }

    fn patterns(&mut self, list: &[Pattern]) {
        for (i, pattern) in list.iter().enumerate() {
            self.text.push_str(if i == 0 { "" } else { ", " });
            self.pattern(pattern);
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        match pattern {
            Pattern::Any => self.text.push('_'),
            Pattern::Bind(b) => self.text.push_str(&bind(*b)),
            Pattern::Const(c) => self.constant(c),
            Pattern::Interval { lo, hi, inclusive } => {
                self.constant(lo);
                self.text.push_str(if *inclusive { "..=" } else { ".." });
                self.constant(hi);
            }
            Pattern::Path(e) => self.expr(e),
            Pattern::Type { ty, fields, .. } => {
                self.expr(ty);
                self.text.push('(');
                self.patterns(fields);
                self.text.push(')');
            }
            Pattern::List { items, rest } => {
                self.text.push('[');
                self.patterns(items);
                if let Some(rest) = rest {
                    let _ = write!(self.text, " ...{}", bind(*rest));
                }
                self.text.push(']');
            }
            Pattern::Map(items) => {
                self.text.push('{');
                for (key, pattern) in items {
                    let _ = write!(self.text, " {key}: ");
                    self.pattern(pattern);
                }
                self.text.push('}');
            }
            Pattern::Or(list) => {
                self.text.push_str("(or ");
                self.patterns(list);
                self.text.push(')');
            }
        }
    }
}
