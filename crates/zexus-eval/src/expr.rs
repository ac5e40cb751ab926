//! Expressions (language.md chapter 5).

use zexus_bytecode::operator::BinOp;
use zexus_hir::ir::{Const, Expr, ExprKind, MapKey, Span, Var};
use zexus_runtime::driver::here;
use zexus_runtime::key::Key;
use zexus_runtime::object::{BigIntObj, MapObj};
use zexus_runtime::ordered::OrderedMap;
use zexus_runtime::{Tag, Trap, Value, calls, declare, display, intrinsics, ops};

use crate::eval::{Eval, Stop};

impl<'p> Eval<'p> {
    /// Evaluates an expression.
    #[inline(always)]
    pub fn expr(&mut self, e: &'p Expr) -> Result<Value, Trap> {
        match self.operand(e) {
            Ok(v) => Ok(v),
            Err(Stop) => Err(self.trap),
        }
    }

    /// Evaluates an expression. Leaves are read in place, which is worth more than anything else here.
    #[inline(always)]
    pub fn operand(&mut self, e: &'p Expr) -> Result<Value, Stop> {
        match &e.kind {
            ExprKind::Var(Var::Local(slot)) => Ok(self.slot(*slot)),
            ExprKind::Const(Const::Int(i)) => Ok(Value::int(*i)),
            _ => self.compound(e),
        }
    }

    /// Evaluates an expression whose value is only asked for its truth.
    #[inline(never)]
    pub fn condition(&mut self, e: &'p Expr) -> Result<bool, Trap> {
        let result = match &e.kind {
            ExprKind::Binary(op, operands) => self.compare(*op, &operands.0, &operands.1, e.span),
            _ => self.operand(e).map(Value::truthy),
        };
        match result {
            Ok(holds) => Ok(holds),
            Err(Stop) => Err(self.trap),
        }
    }

    /// The truth of `a op b`, which is a comparison of integers more often than not.
    #[inline(always)]
    fn compare(&mut self, op: BinOp, left: &'p Expr, right: &'p Expr, span: Span) -> Result<bool, Stop> {
        let a = self.operand(left)?;
        let b = self.beside(a, right)?;
        if let (Some(x), Some(y)) = (a.as_int(), b.as_int()) {
            match op {
                BinOp::Lt => return Ok(x < y),
                BinOp::Le => return Ok(x <= y),
                BinOp::Gt => return Ok(x > y),
                BinOp::Ge => return Ok(x >= y),
                BinOp::Eq => return Ok(x == y),
                BinOp::Ne => return Ok(x != y),
                _ => (),
            }
        }
        self.apply(op, a, b, span).map(Value::truthy)
    }

    /// `a op b`
    #[inline(never)]
    fn binary(&mut self, op: BinOp, left: &'p Expr, right: &'p Expr, span: Span) -> Result<Value, Stop> {
        let a = self.operand(left)?;
        let b = self.beside(a, right)?;
        self.apply(op, a, b, span)
    }

    /// Evaluates `right` while `a` is kept alive.
    #[inline(always)]
    fn beside(&mut self, a: Value, right: &'p Expr) -> Result<Value, Stop> {
        match &right.kind {
            ExprKind::Var(Var::Local(slot)) => Ok(self.slot(*slot)),
            ExprKind::Const(Const::Int(i)) => Ok(Value::int(*i)),
            _ if a.is_heap() => self.protected(a, right),
            _ => self.compound(right),
        }
    }

    #[inline(never)]
    fn protected(&mut self, a: Value, right: &'p Expr) -> Result<Value, Stop> {
        let height = self.height();
        self.push(a);
        let b = self.operand(right)?;
        self.cut(height);
        Ok(b)
    }

    /// Applies a binary operator.
    #[inline(always)]
    pub fn apply(&mut self, op: BinOp, a: Value, b: Value, span: Span) -> Result<Value, Stop> {
        if let (Some(x), Some(y)) = (a.as_int(), b.as_int()) {
            let fast = match op {
                BinOp::Add => x.checked_add(y).map(Value::int),
                BinOp::Sub => x.checked_sub(y).map(Value::int),
                BinOp::Mul => x.checked_mul(y).map(Value::int),
                BinOp::Mod if y > 0 => Some(Value::int(x.rem_euclid(y))),
                BinOp::IntDiv if y > 0 => Some(Value::int(x.div_euclid(y))),
                BinOp::Lt => Some(Value::bool(x < y)),
                BinOp::Le => Some(Value::bool(x <= y)),
                BinOp::Gt => Some(Value::bool(x > y)),
                BinOp::Ge => Some(Value::bool(x >= y)),
                BinOp::Eq => Some(Value::bool(x == y)),
                BinOp::Ne => Some(Value::bool(x != y)),
                _ => None,
            };
            if let Some(v) = fast {
                return Ok(v);
            }
        } else if let (Some(x), Some(y)) = (a.as_float(), b.as_float()) {
            let fast = match op {
                BinOp::Add => Some(Value::float(x + y)),
                BinOp::Sub => Some(Value::float(x - y)),
                BinOp::Mul => Some(Value::float(x * y)),
                BinOp::Div if y != 0.0 => Some(Value::float(x / y)),
                BinOp::Lt => Some(Value::bool(x < y)),
                BinOp::Le => Some(Value::bool(x <= y)),
                BinOp::Gt => Some(Value::bool(x > y)),
                BinOp::Ge => Some(Value::bool(x >= y)),
                _ => None,
            };
            if let Some(v) = fast {
                return Ok(v);
            }
        }
        self.apply_slow(op, a, b, span).map_err(|t| self.stop(t))
    }

    #[inline(never)]
    fn apply_slow(&mut self, op: BinOp, a: Value, b: Value, span: Span) -> Result<Value, Trap> {
        if a.tag() == Tag::Instance {
            return calls::binary(self, op, a, b).map_err(|t| self.at_call(t, span));
        }
        ops::binary(&mut self.m, op, a, b).map_err(|t| self.at(t, span))
    }

    /// What is no leaf. The arms are calls only, so that this function needs no room on the native stack.
    #[inline(never)]
    fn compound(&mut self, e: &'p Expr) -> Result<Value, Stop> {
        match &e.kind {
            ExprKind::Binary(op, operands) => self.binary(*op, &operands.0, &operands.1, e.span),
            ExprKind::Call { callee, args } => self.call_expr(callee, args, e.span),
            ExprKind::Row(first, rest) => self.row(first, rest),
            ExprKind::Chain { base, links } => self.chain(base, links),
            ExprKind::Var(var) => self.variable(*var, e.span),
            ExprKind::Const(c) => self.constant_operand(c),
            _ => self.uncommon(e),
        }
    }

    #[inline(never)]
    fn variable(&mut self, var: Var, span: Span) -> Result<Value, Stop> {
        self.read(var, span).map_err(|t| self.stop(t))
    }

    #[inline(never)]
    fn constant_operand(&mut self, c: &Const) -> Result<Value, Stop> {
        self.constant(c).map_err(|t| self.stop(t))
    }

    #[inline(never)]
    fn uncommon(&mut self, e: &'p Expr) -> Result<Value, Stop> {
        self.common(e).map_err(|t| self.stop(t))
    }

    #[inline(never)]
    fn row(&mut self, first: &'p Expr, rest: &'p [(BinOp, Expr, Span)]) -> Result<Value, Stop> {
        let mut a = self.operand(first)?;
        for (op, right, span) in rest {
            let b = self.beside(a, right)?;
            a = self.apply(*op, a, b, *span)?;
        }
        Ok(a)
    }

    #[inline(never)]
    fn common(&mut self, e: &'p Expr) -> Result<Value, Trap> {
        if here() < self.seat.low {
            return self.grow(|me| me.common(e));
        }
        match &e.kind {
            ExprKind::CallBuiltin { builtin, args } => self.builtin_expr(*builtin, args, e.span),
            ExprKind::Logic { and, operands } => {
                for operand in operands {
                    if self.condition(operand)? != *and {
                        return Ok(Value::bool(!*and));
                    }
                }
                Ok(Value::bool(*and))
            }
            ExprKind::Not(operand) => Ok(Value::bool(!self.condition(operand)?)),
            ExprKind::Neg(operand) => {
                let v = self.expr(operand)?;
                ops::neg(&mut self.m, v).map_err(|t| self.at(t, e.span))
            }
            ExprKind::If(parts) => {
                if self.condition(&parts.0)? {
                    self.expr(&parts.1)
                } else {
                    self.expr(&parts.2)
                }
            }
            ExprKind::This => Ok(self.this()),
            ExprKind::List(items) => self.list(items),
            ExprKind::Map(items) => self.map(items),
            ExprKind::Template(parts) => self.template(parts, e.span),
            _ => self.rare(e),
        }
    }

    #[inline(never)]
    fn rare(&mut self, e: &'p Expr) -> Result<Value, Trap> {
        let span = e.span;
        match &e.kind {
            ExprKind::Builtin(index) => Ok(Value::builtin(*index)),
            ExprKind::Module(id) => self.module_value(*id),
            ExprKind::StdModule(index) => declare::std_module(&mut self.m, *index),
            ExprKind::Function(id) => self.closure(*id, Value::UNDEF),
            ExprKind::Range { lo, hi, inclusive } => {
                let a = self.expr(lo)?;
                let b = self.beside(a, hi).map_err(|Stop| self.trap)?;
                ops::range(&mut self.m, a, b, *inclusive).map_err(|t| self.at(t, span))
            }
            ExprKind::Power(operands) => self.power(operands, span),
            ExprKind::Coalesce(operands) => {
                let mut v = Value::NULL;
                for operand in operands {
                    v = self.expr(operand)?;
                    if !v.is_null() {
                        break;
                    }
                }
                Ok(v)
            }
            ExprKind::Super { name, args } => self.super_call(name, args, span),
            ExprKind::Construct(c) => self.construct_expr(&c.callee, &c.type_args, &c.args, span),
            ExprKind::Await(operand) => {
                let v = self.expr(operand)?;
                self.wait_for(v).map_err(|t| self.at_call(t, span))
            }
            ExprKind::Spawn(call) => self.spawn(call),
            ExprKind::SpawnValue(operand) => self.spawn_value(operand, span),
            ExprKind::Match(m) => self.match_expr(m, span),
            ExprKind::TxMember(name) => {
                zexus_runtime::contracts::context::tx_member(&mut self.m, name).map_err(|t| self.at(t, span))
            }
            ExprKind::GasMember(name) => {
                zexus_runtime::contracts::context::gas_member(&mut self.m, name).map_err(|t| self.at(t, span))
            }
            ExprKind::Injected(i) => self.injected(i.var, &i.name, i.ty.as_deref(), span),
            ExprKind::Sandbox { policy, body } => self.sandbox(policy.as_deref(), *body, span),
            ExprKind::Args => intrinsics::program_args(&mut self.m),
            // Only the body of its declaration calls it, see `call_external`.
            ExprKind::External(_) => Ok(Value::NULL),
            ExprKind::Intrinsic(what, operands) => self.intrinsic(what, operands, span),
            _ => Ok(Value::NULL),
        }
    }

    /// A constant as a value.
    pub fn constant(&mut self, c: &Const) -> Result<Value, Trap> {
        match c {
            Const::Null => Ok(Value::NULL),
            Const::Bool(b) => Ok(Value::bool(*b)),
            Const::Int(i) => Ok(Value::int(*i)),
            Const::Float(f) => Ok(Value::float(*f)),
            Const::Str(_) | Const::Big(_) => self.kept_constant(c),
        }
    }

    /// A constant that needs an object is made once; its place in memory, which lives as long as the code, is its number.
    fn kept_constant(&mut self, c: &Const) -> Result<Value, Trap> {
        let number = match c {
            Const::Str(s) => s.as_ptr() as usize,
            Const::Big(b) => std::ptr::from_ref(&**b) as usize,
            _ => return Ok(Value::NULL),
        };
        if let Some(v) = self.m.constants.get(&number) {
            return Ok(*v);
        }
        let v = match c {
            Const::Str(s) => self.m.string(s.clone())?,
            Const::Big(b) => Value::bigint(self.m.heap.alloc_bigint(BigIntObj((**b).clone()))?),
            _ => Value::NULL,
        };
        self.m.constants.insert(number, v);
        Ok(v)
    }

    /// Evaluates expressions onto the stack.
    pub fn push_all(&mut self, items: &'p [Expr]) -> Result<(), Trap> {
        for item in items {
            let v = self.expr(item)?;
            self.push(v);
        }
        Ok(())
    }

    fn list(&mut self, items: &'p [Expr]) -> Result<Value, Trap> {
        let height = self.height();
        self.push_all(items)?;
        let items = self.m.stack[height..].to_vec();
        self.cut(height);
        self.m.list(items)
    }

    fn map(&mut self, items: &'p [(MapKey, Expr)]) -> Result<Value, Trap> {
        let height = self.height();
        let mut keys = Vec::with_capacity(items.len());
        for (key, value) in items {
            keys.push(match key {
                MapKey::Const(c) => const_key(c),
                MapKey::Expr(e) => {
                    let v = self.expr(e)?;
                    ops::key_of(&mut self.m, v).map_err(|t| self.at(t, e.span))?
                }
            });
            let v = self.expr(value)?;
            self.push(v);
        }
        let mut map = OrderedMap::with_capacity(items.len());
        for (key, v) in keys.into_iter().zip(&self.m.stack[height..]) {
            map.insert(key, *v);
        }
        self.cut(height);
        Ok(Value::map(self.m.heap.alloc_map(MapObj { map, ..MapObj::default() })?))
    }

    fn template(&mut self, parts: &'p [Expr], span: Span) -> Result<Value, Trap> {
        let mut text = display::Text::new(&self.m);
        for part in parts {
            let result = match &part.kind {
                ExprKind::Const(Const::Str(s)) => text.push(s),
                _ => {
                    let v = self.expr(part)?;
                    display::write(&mut self.m, &mut text, v)
                }
            };
            result.map_err(|t| self.at(t, span))?;
        }
        text.value(&mut self.m)
    }

    fn power(&mut self, operands: &'p [Expr], span: Span) -> Result<Value, Trap> {
        let height = self.height();
        self.push_all(operands)?;
        let mut v = self.m.stack.pop().unwrap_or(Value::NULL);
        while self.height() > height {
            let Some(a) = self.m.stack.pop() else { break };
            v = self.apply(BinOp::Pow, a, v, span).map_err(|Stop| self.trap)?;
        }
        Ok(v)
    }
}

/// The key of a map item that is known before the program runs.
fn const_key(c: &Const) -> Key {
    match c {
        Const::Int(i) => Key::Int(*i),
        Const::Bool(b) => Key::Bool(*b),
        Const::Str(s) => Key::Str(s.clone()),
        Const::Big(b) => Key::Big(b.clone()),
        Const::Null | Const::Float(_) => Key::Str("".into()),
    }
}
