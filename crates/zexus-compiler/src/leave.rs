//! Regions, and the ways of leaving them (bytecode.md 7.2).

use zexus_bytecode::{Label, Opcode, Support};
use zexus_hir::ir::{Block, Const, Expr, FuncId, Span, StmtKind, Try, WatchedId};

use crate::function::FnCompiler;
use crate::unit::MAX_DEPTH;
use crate::want::Want;

/// What is open at a place.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Frame<'p> {
    /// A loop: where `continue` and `break` go, and the heights of the stack there.
    Loop {
        /// The next iteration.
        next: Label,
        /// The end.
        end: Label,
        /// The height at the next iteration.
        next_height: u32,
        /// The height at the end.
        end_height: u32,
    },
    /// A `SETUP_TRY`.
    Try,
    /// A `SETUP_FINALLY` with what runs when it is left.
    Finally(Cleanup<'p>),
    /// A statement after which watches are told what it changed.
    Watched(&'p [WatchedId], Span),
    /// The body of an action inside modifiers: where `return` goes, and where its value does.
    Body {
        /// The end of the body.
        end: Label,
        /// The temporary for the result.
        result: u32,
        /// The height of the stack there.
        height: u32,
    },
}

impl Frame<'_> {
    /// Whether it is a region of the code.
    pub fn is_region(&self) -> bool {
        matches!(self, Frame::Try | Frame::Finally(_))
    }

    fn has_code(&self) -> bool {
        matches!(self, Frame::Finally(_) | Frame::Watched(..))
    }

    fn is_deferred(&self) -> bool {
        matches!(self, Frame::Finally(Cleanup::Defer(_) | Cleanup::Deferred(_)))
    }
}

/// What runs however a region is left.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cleanup<'p> {
    /// The block of `finally`.
    Block(&'p Block),
    /// A deferred function.
    Defer(FuncId),
    /// All deferred functions on the list in this temporary.
    Deferred(u32),
    /// Closes the resource in this temporary.
    Close(u32, Span),
    /// Commits a transaction; after an error undoes it.
    Commit,
    /// Lets other tasks run again.
    Atomic,
    /// Gives back capabilities.
    Sandbox,
    /// Ends the watches on the list in this temporary.
    Watches(u32),
}

impl<'p> FnCompiler<'_, 'p> {
    /// `SETUP_FINALLY H, body, POP_TRY, cleanup, JUMP E, H: STORE #0, cleanup, LOAD #0, THROW, E:`
    pub fn protected(&mut self, cleanup: Cleanup<'p>, want: Want, body: impl FnOnce(&mut Self, Want)) {
        let height = self.height;
        let (handler, end) = (self.b.label(), self.b.label());
        self.open_region(Opcode::SetupFinally, handler);
        self.frames.push(Frame::Finally(cleanup));
        body(self, want);
        self.frames.pop();
        self.emit(Opcode::PopTry, ());
        self.clean_up(cleanup);
        self.jump(Opcode::Jump, end);
        self.b.mark(handler);
        self.height = height + 1;
        if let Cleanup::Commit = cleanup {
            self.emit(Opcode::TxRevert, ());
            self.throw_again();
        } else {
            let error = self.temp();
            self.store_temp(error);
            self.clean_up(cleanup);
            self.load_temp(error);
            self.throw_again();
            self.free(1);
        }
        self.b.mark(end);
        self.height = height + want.count();
    }

    /// Raises what a handler was given.
    fn throw_again(&mut self) {
        self.nowhere();
        self.emit(Opcode::Throw, ());
    }

    fn clean_up(&mut self, cleanup: Cleanup<'p>) {
        match cleanup {
            Cleanup::Block(block) => self.block(block, Want::Nothing),
            Cleanup::Defer(id) => self.call_deferred(id),
            Cleanup::Deferred(list) => self.run_deferred(list),
            Cleanup::Close(resource, span) => {
                self.load_temp(resource);
                self.at(span);
                self.support_and_pop(Support::Close, 1);
            }
            Cleanup::Commit => self.emit(Opcode::TxCommit, ()),
            Cleanup::Atomic => self.support_and_pop(Support::AtomicLeave, 0),
            Cleanup::Sandbox => self.support_and_pop(Support::SandboxLeave, 0),
            Cleanup::Watches(list) => {
                self.load_temp(list);
                self.support_and_pop(Support::WatchEnd, 1);
            }
        }
    }

    /// Calls a deferred function. Nothing is written where it is called, so that traces do not show the call.
    pub fn call_deferred(&mut self, id: FuncId) {
        let f = self.function_constant(id);
        self.nowhere();
        self.emit(Opcode::CallFuncConst, (f, 0_u32));
        self.emit(Opcode::Pop, ());
    }

    /// Calls the functions of a list from the last to the first. An error in one replaces what was under way; the others still run.
    fn run_deferred(&mut self, list: u32) {
        let height = self.height;
        let (handler, end) = (self.b.label(), self.b.label());
        self.next_deferred(list, end, handler);
        // The handler of the calls: the rest of the list, then the error.
        self.b.mark(handler);
        self.height = height + 1;
        let error = self.temp();
        self.store_temp(error);
        let raise = self.b.label();
        self.next_deferred(list, raise, handler);
        self.b.mark(raise);
        self.emit(Opcode::Pop, ());
        self.load_temp(error);
        self.throw_again();
        self.free(1);
        self.b.mark(end);
        self.height = height + 1;
        self.emit(Opcode::Pop, ());
    }

    /// A loop that calls the functions of a list and goes to `end` with null on the stack.
    fn next_deferred(&mut self, list: u32, end: Label, handler: Label) {
        let next = self.b.label();
        self.b.mark(next);
        self.load_temp(list);
        self.support(Support::NextDeferred, 1);
        self.jump(Opcode::JumpIfNull, end);
        let f = self.temp();
        self.store_temp(f);
        self.open_region(Opcode::SetupFinally, handler);
        self.load_temp(f);
        self.free(1);
        self.nowhere();
        self.emit(Opcode::CallTop, 0);
        self.emit(Opcode::Pop, ());
        self.emit(Opcode::PopTry, ());
        self.jump(Opcode::Jump, next);
    }

    /// Leaves the frames above the first `depth` ones.
    pub fn leave(&mut self, depth: usize) {
        let mut left = Vec::new();
        self.unit.depth += 1;
        if self.unit.depth > MAX_DEPTH {
            self.unit.fail("blocks that are left are nested too deep");
        }
        while self.frames.len() > depth
            && let Some(frame) = self.frames.pop()
        {
            left.push(frame);
            match frame {
                _ if self.unit.failed() => (),
                Frame::Loop { .. } | Frame::Body { .. } => (),
                Frame::Try => self.emit(Opcode::PopTry, ()),
                Frame::Finally(cleanup) => {
                    self.emit(Opcode::PopTry, ());
                    self.clean_up(cleanup);
                }
                Frame::Watched(changed, span) => self.notify(changed, span),
            }
        }
        self.unit.depth -= 1;
        self.frames.extend(left.into_iter().rev());
    }

    /// `return`
    pub fn return_stmt(&mut self, value: Option<&'p Expr>) {
        let height = self.height;
        let body = self.frames.iter().rposition(|f| matches!(f, Frame::Body { .. }));
        if let Some(at) = body
            && let Some(&Frame::Body { end, result, height: outer }) = self.frames.get(at)
        {
            self.value_or_null(value);
            self.store_temp(result);
            self.leave(at + 1);
            self.pop_to(outer);
            self.jump(Opcode::Jump, end);
            self.height = height;
            return;
        }
        let deferred = self.frames.iter().take_while(|f| f.is_deferred()).count();
        let inner = self.frames.iter().skip(deferred).any(Frame::has_code);
        let some = value.is_some() || self.has_outcome();
        if some {
            self.value_or_null(value);
        }
        if some && (inner || deferred > 0) {
            let kept = self.temp();
            self.store_temp(kept);
            self.leave(deferred);
            if deferred > 0 && self.has_outcome() {
                self.load_temp(kept);
                self.outcome();
                self.store_temp(kept);
            }
            let above = self.frames.split_off(deferred);
            self.leave(0);
            self.frames.extend(above);
            self.load_temp(kept);
            if deferred == 0 {
                self.outcome();
            }
            self.free(1);
        } else {
            self.leave(0);
            if some {
                self.outcome();
            } else if self.height > 0 {
                self.load_literal(&Const::Null);
            }
        }
        self.emit(Opcode::Return, ());
        self.height = height;
    }

    /// `break` and `continue`
    pub fn leave_loop(&mut self, go_on: bool) {
        let height = self.height;
        let at = self.frames.iter().rposition(|f| matches!(f, Frame::Loop { .. }));
        if let Some(at) = at
            && let Some(&Frame::Loop { next, end, next_height, end_height }) = self.frames.get(at)
        {
            self.leave(at + 1);
            let (label, target) = if go_on { (next, next_height) } else { (end, end_height) };
            self.pop_to(target);
            self.jump(Opcode::Jump, label);
        }
        self.height = height;
    }

    fn pop_to(&mut self, height: u32) {
        while self.height > height {
            self.emit(Opcode::Pop, ());
        }
    }

    /// `try`
    pub fn try_stmt(&mut self, parts: &'p Try, want: Want) {
        let yields = || {
            let builtins = self.unit.builtins;
            builtins.yields_block(&parts.body)
                || parts.catches.iter().any(|clause| builtins.yields_block(&clause.body))
        };
        match &parts.finally {
            Some(finally) => {
                let want = want.inside(yields);
                self.protected(Cleanup::Block(finally), want, |me, want| me.catches(parts, want));
            }
            None => self.catches(parts, want),
        }
    }

    fn catches(&mut self, parts: &'p Try, want: Want) {
        if parts.catches.is_empty() {
            return self.block(&parts.body, want);
        }
        let height = self.height;
        let (handler, end) = (self.b.label(), self.b.label());
        self.open_region(Opcode::SetupTry, handler);
        self.frames.push(Frame::Try);
        let builtins = self.unit.builtins;
        self.block(&parts.body, want.inside(|| builtins.yields_block(&parts.body)));
        self.frames.pop();
        self.emit(Opcode::PopTry, ());
        self.jump(Opcode::Jump, end);
        self.b.mark(handler);
        let mut takes_all = false;
        for (i, clause) in parts.catches.iter().enumerate() {
            self.height = height + 1;
            let next = self.b.label();
            if let Some(ty) = &clause.ty {
                self.emit(Opcode::Dup, ());
                self.is_type(ty);
                self.jump(Opcode::JumpIfFalse, next);
            }
            self.early(&clause.early);
            self.bind(clause.bind);
            takes_all |= clause.ty.is_none();
            let last = i + 1 == parts.catches.len() && takes_all;
            let body = &clause.body;
            self.block(body, if last { want } else { want.inside(|| builtins.yields_block(body)) });
            if !last {
                self.jump(Opcode::Jump, end);
            }
            self.b.mark(next);
        }
        if !takes_all {
            self.height = height + 1;
            self.throw_again();
        }
        self.b.mark(end);
        self.height = height + want.count();
    }

    /// `atomic`, `tx`, `using`: a block inside a region.
    pub fn inside(&mut self, cleanup: Cleanup<'p>, block: &'p Block, want: Want) {
        let builtins = self.unit.builtins;
        let want = want.inside(|| builtins.yields_block(block));
        self.protected(cleanup, want, |me, want| me.block(block, want));
    }

    /// The body of an action inside modifiers.
    pub fn action_body(&mut self, block: &'p Block, want: Want) {
        let Some((ran, result)) = self.result else { return self.block(block, want) };
        let end = self.b.label();
        self.frames.push(Frame::Body { end, result, height: self.height });
        self.block(block, Want::Value);
        self.frames.pop();
        self.store_temp(result);
        self.b.mark(end);
        self.load_literal(&Const::Bool(true));
        self.store_temp(ran);
        if want == Want::Value {
            self.load_temp(result);
        }
    }

    /// `defer` in a condition or loop: notes the function on the list. In the main program it is the program that keeps it.
    pub fn defer(&mut self, id: FuncId) {
        let f = self.function_constant(id);
        if self.is_main() {
            self.emit(Opcode::LoadConst, f);
            return self.support_and_pop(Support::AtEnd, 1);
        }
        let Some(list) = self.deferred else { return };
        self.load_temp(list);
        self.emit(Opcode::LoadConst, f);
        self.support_and_pop(Support::Append, 2);
    }

    /// Whether a statement never ends in the ordinary way, by its form.
    pub fn diverges(kind: &StmtKind) -> bool {
        matches!(
            kind,
            StmtKind::Return(_)
                | StmtKind::Break
                | StmtKind::Continue
                | StmtKind::Throw(_)
                | StmtKind::Revert(_)
        )
    }
}
