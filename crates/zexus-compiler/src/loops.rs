//! Loops (bytecode.md 7.2).

use zexus_bytecode::{Opcode, Support};
use zexus_hir::ir::{Block, Expr, ForC, ForEach};

use crate::function::FnCompiler;
use crate::leave::Frame;
use crate::want::Want;

impl<'p> FnCompiler<'_, 'p> {
    /// `h: c, JUMP_IF_FALSE e, B, JUMP h, e:`
    pub fn while_loop(&mut self, condition: &'p Expr, body: &'p Block) {
        let (head, end) = (self.b.label(), self.b.label());
        self.b.mark(head);
        self.loops += 1;
        self.condition(condition, false, end);
        let height = self.height;
        self.frames.push(Frame::Loop { next: head, end, next_height: height, end_height: height });
        self.block(body, Want::Nothing);
        self.frames.pop();
        self.jump(Opcode::Jump, head);
        self.b.mark(end);
        self.loops -= 1;
    }

    /// As `while`; `continue` goes to the step.
    pub fn for_c(&mut self, parts: &'p ForC) {
        self.early(&parts.early);
        if let Some(init) = &parts.init {
            self.stmt(init, Want::Nothing);
        }
        let (head, next, end) = (self.b.label(), self.b.label(), self.b.label());
        self.b.mark(head);
        self.loops += 1;
        if let Some(condition) = &parts.condition {
            self.condition(condition, false, end);
        }
        let height = self.height;
        self.frames.push(Frame::Loop { next, end, next_height: height, end_height: height });
        self.block(&parts.body, Want::Nothing);
        self.frames.pop();
        self.b.mark(next);
        for slot in &parts.carried {
            self.renew(*slot, Support::Copy);
        }
        if let Some(step) = &parts.step {
            self.stmt(step, Want::Nothing);
        }
        self.jump(Opcode::Jump, head);
        self.b.mark(end);
        self.loops -= 1;
    }

    /// `v, GET_ITER n, h: FOR_ITER (e, n), STORE_NAME …, B, JUMP h, e:`
    pub fn for_each(&mut self, each: &'p ForEach) {
        let height = self.height;
        let count = each.binds.len() as u32;
        let (head, end) = (self.b.label(), self.b.label());
        self.expr(&each.value);
        self.at(each.value.span);
        self.emit(Opcode::GetIter, count);
        self.b.mark(head);
        self.at(each.value.span);
        self.b.emit_for_iter(end, count);
        self.raise(count);
        self.loops += 1;
        self.early(&each.early);
        for bind in each.binds.iter().rev() {
            self.bind(*bind);
        }
        let frame = Frame::Loop { next: head, end, next_height: height + 1, end_height: height };
        self.frames.push(frame);
        self.block(&each.body, Want::Nothing);
        self.frames.pop();
        self.loops -= 1;
        self.jump(Opcode::Jump, head);
        self.b.mark(end);
        self.height = height;
    }
}
