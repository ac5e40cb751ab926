//! The symbolic stack of a basic block: where each value is that the public code has on its stack.

/// Where a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sym {
    /// In a register: its own place of the stack, that of a value below it, or a variable, which is not changed before it is read.
    Reg(u8),
    /// A small integer.
    Int(i32),
    /// A constant of the program.
    K(u32),
    /// Null.
    Null,
    /// A boolean.
    Bool(bool),
}

/// The values, and which of them are still to be read from variables.
#[derive(Debug, Default)]
pub(crate) struct Stack {
    syms: Vec<Sym>,
    /// The register of the lowest value.
    start: u32,
    /// All values below this one are in their own places.
    lazy: usize,
    /// For each variable, places of values that may still have to be read from it.
    pending: Vec<Vec<u32>>,
}

impl Stack {
    /// An empty stack for a function with so many variables.
    pub fn new(start: u32, slots: usize) -> Stack {
        Stack { syms: Vec::new(), start, lazy: 0, pending: vec![Vec::new(); slots] }
    }

    /// The own register of a place.
    pub fn own(&self, place: usize) -> u8 {
        (self.start as usize + place) as u8
    }

    /// Starts anew with values that are all in their own places.
    pub fn reset(&mut self, height: usize) {
        self.syms.truncate(height.min(self.lazy));
        while self.syms.len() < height {
            let own = self.own(self.syms.len());
            self.syms.push(Sym::Reg(own));
        }
        self.lazy = height;
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        self.syms.len()
    }

    /// A value.
    pub fn get(&self, place: usize) -> Sym {
        self.syms.get(place).copied().unwrap_or(Sym::Null)
    }

    /// Pushes a value.
    pub fn push(&mut self, sym: Sym) {
        let place = self.syms.len();
        if let Sym::Reg(r) = sym
            && let Some(pending) = self.pending.get_mut(usize::from(r))
        {
            pending.push(place as u32);
        }
        if self.lazy == place && sym == Sym::Reg(self.own(place)) {
            self.lazy += 1;
        }
        self.syms.push(sym);
    }

    /// Pushes a value that is in its own place; gives its register.
    pub fn push_own(&mut self) -> u8 {
        let own = self.own(self.syms.len());
        self.push(Sym::Reg(own));
        own
    }

    /// Takes the top.
    pub fn pop(&mut self) -> Sym {
        let sym = self.syms.pop().unwrap_or(Sym::Null);
        self.lazy = self.lazy.min(self.syms.len());
        sym
    }

    /// Takes the top values.
    pub fn drop(&mut self, count: usize) {
        (0..count).for_each(|_| {
            self.pop();
        });
    }

    /// A value is now in its own place.
    pub fn settle(&mut self, place: usize) {
        let own = self.own(place);
        if let Some(sym) = self.syms.get_mut(place) {
            *sym = Sym::Reg(own);
        }
    }

    /// The first place that may not hold its value yet; the caller settles all from here on.
    pub fn first_lazy(&mut self) -> usize {
        std::mem::replace(&mut self.lazy, self.syms.len())
    }

    /// Whether values may still have to be read from a variable.
    pub fn has_pending(&self, slot: u32) -> bool {
        let pending = self.pending.get(slot as usize).map_or(&[][..], |p| &p[..]);
        pending
            .iter()
            .any(|&place| self.get(place as usize) == Sym::Reg(slot as u8) && (place as usize) < self.len())
    }

    /// The places of values that still have to be read from a variable; none are left then.
    pub fn take_pending(&mut self, slot: u32) -> Vec<usize> {
        let Some(pending) = self.pending.get_mut(slot as usize) else { return Vec::new() };
        if pending.is_empty() {
            return Vec::new();
        }
        let mut places: Vec<usize> = std::mem::take(pending).into_iter().map(|p| p as usize).collect();
        places.sort_unstable();
        places.dedup();
        places.retain(|&place| place < self.len() && self.get(place) == Sym::Reg(slot as u8));
        places
    }
}
