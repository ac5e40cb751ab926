//! Loops (language.md 8.3).

use zexus_hir::ir::{Block, Expr, ForC, ForEach};
use zexus_runtime::object::Channel;
use zexus_runtime::tasks::channels;
use zexus_runtime::{Kind, Ref, Trap, Value, iterate};

use crate::control::Flow;
use crate::eval::Eval;

/// What the end of a body means for its loop: `Some` ends the loop.
fn after(flow: Flow) -> Option<Flow> {
    match flow {
        Flow::Normal | Flow::Continue => None,
        Flow::Break => Some(Flow::Normal),
        Flow::Return => Some(Flow::Return),
    }
}

/// Ends the loop if the body's end says so. `break` gives null, `return` its value.
macro_rules! body {
    ($me:ident, $block:expr) => {
        if let Some(flow) = after($me.block($block)?) {
            if flow == Flow::Normal {
                $me.value = Value::NULL;
            }
            return Ok(flow);
        }
    };
}

impl<'p> Eval<'p> {
    /// Between two iterations.
    #[inline]
    fn back_edge(&mut self) -> Result<(), Trap> {
        self.tick()?;
        self.safe_point()
    }

    /// `while`
    pub fn while_loop(&mut self, condition: &'p Expr, body: &'p Block) -> Result<Flow, Trap> {
        while self.condition(condition)? {
            body!(self, body);
            self.back_edge()?;
        }
        self.null()
    }

    /// `for (init; condition; step)`
    pub fn for_c(&mut self, parts: &'p ForC) -> Result<Flow, Trap> {
        self.early(&parts.early)?;
        if let Some(init) = &parts.init {
            self.stmt(init)?;
        }
        loop {
            if let Some(condition) = &parts.condition
                && !self.condition(condition)?
            {
                return self.null();
            }
            body!(self, &parts.body);
            for slot in &parts.carried {
                let v = self.cell_in(*slot).map_or(Value::NULL, |c| self.m.heap.cell(c).0);
                let cell = self.new_cell(v)?;
                self.set_slot(*slot, cell);
            }
            if let Some(step) = &parts.step {
                self.stmt(step)?;
            }
            self.back_edge()?;
        }
    }

    /// `for x in v`, `for k, x in v`
    pub fn for_each(&mut self, each: &'p ForEach) -> Result<Flow, Trap> {
        let v = self.expr(&each.value)?;
        let height = self.height();
        self.push(v);
        let flow = match (v.kind(), each.binds.as_slice()) {
            (Kind::Range(r), [bind]) if each.early.is_empty() => {
                let range = *self.m.heap.range(r);
                self.count(range.start..range.end, *bind, &each.body)
            }
            (Kind::Channel(c), [_]) => self.receive_all(each, c),
            _ => self.iterate(each, v),
        }?;
        self.cut(height);
        Ok(flow)
    }

    fn count(
        &mut self,
        range: std::ops::Range<i64>,
        bind: zexus_hir::ir::Bind,
        body: &'p Block,
    ) -> Result<Flow, Trap> {
        for i in range {
            self.bind(bind, Value::int(i))?;
            body!(self, body);
            self.back_edge()?;
        }
        self.null()
    }

    fn iterate(&mut self, each: &'p ForEach, v: Value) -> Result<Flow, Trap> {
        let iter = iterate::begin(&mut self.m, v, each.binds.len() as u8);
        let iter = iter.map_err(|t| self.at(t, each.value.span))?;
        self.push(iter);
        let Some(iter) = iter.as_iter() else { return self.null() };
        loop {
            let step = iterate::next(&mut self.m, iter).map_err(|t| self.at(t, each.value.span))?;
            let Some(values) = step else { return self.null() };
            self.step(each, values)?;
            body!(self, &each.body);
            self.back_edge()?;
        }
    }

    /// The variables of one iteration.
    fn step(&mut self, each: &'p ForEach, values: [Value; 2]) -> Result<(), Trap> {
        self.early(&each.early)?;
        for (bind, v) in each.binds.iter().zip(values) {
            self.bind(*bind, v)?;
        }
        Ok(())
    }

    /// `for v in channel`: what is received, until it is closed and empty.
    fn receive_all(&mut self, each: &'p ForEach, channel: Ref<Channel>) -> Result<Flow, Trap> {
        loop {
            let received = channels::receive(self, channel);
            let received = received.map_err(|t| self.at_call(t, each.value.span))?;
            let Some(v) = received else { return self.null() };
            self.step(each, [v, Value::NULL])?;
            body!(self, &each.body);
            self.back_edge()?;
        }
    }
}
