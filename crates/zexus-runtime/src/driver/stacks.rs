//! Native stacks: coroutines start on one segment and go on on more when it is nearly used up.

use corosensei::stack::{DefaultStack, Stack};

/// Bytes of address space of a segment. Only pages that are touched take memory.
const SEGMENT: usize = 2 << 20;

/// With less left than this a call goes on on a new segment. It covers what happens between two checks: operators nested in one
/// expression, patterns, and functions of the runtime.
const RED_ZONE: usize = if cfg!(debug_assertions) { 1 << 20 } else { 384 << 10 };

/// Segments that are free again, so that going back and forth over a border is cheap.
#[derive(Default)]
pub(super) struct Segments {
    free: Vec<DefaultStack>,
}

impl Segments {
    /// A segment; `None` if the system has no more.
    pub fn take(&mut self) -> Option<DefaultStack> {
        self.free.pop().or_else(|| DefaultStack::new(SEGMENT).ok())
    }

    /// Gives one back.
    pub fn give(&mut self, stack: DefaultStack) {
        if self.free.len() < 8 {
            self.free.push(stack);
        }
    }
}

/// The address below which no call may start on this stack.
pub(super) fn low_water(stack: &DefaultStack) -> usize {
    stack.limit().get() + RED_ZONE
}

/// Where the native stack stands: the address of a local variable.
#[inline(always)]
pub fn here() -> usize {
    let probe = 0u8;
    std::hint::black_box(&raw const probe) as usize
}
