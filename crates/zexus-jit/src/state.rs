//! What native code knows of registers at a point.

use zexus_runtime::Tag;

/// Where the value of a register is, and what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// In memory, of any kind.
    Memory,
    /// In variables for tag and bits.
    Any,
    /// In a variable: of this kind.
    Is(Tag),
}

/// A register at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reg {
    /// Its kind.
    pub kind: Kind,
    /// Whether memory has an older value.
    pub dirty: bool,
}

impl Reg {
    /// In memory.
    pub const MEMORY: Reg = Reg { kind: Kind::Memory, dirty: false };

    /// What holds if either may be.
    pub fn join(self, other: Reg) -> Reg {
        let kind = match (self.kind, other.kind) {
            (Kind::Memory, _) | (_, Kind::Memory) => return Reg::MEMORY,
            (a, b) if a == b => a,
            _ => Kind::Any,
        };
        Reg { kind, dirty: self.dirty || other.dirty }
    }
}

/// All registers at a point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State(pub Vec<Reg>);

impl State {
    /// All in memory.
    pub fn new(registers: usize) -> State {
        State(vec![Reg::MEMORY; registers])
    }

    /// A register.
    pub fn get(&self, r: usize) -> Reg {
        self.0.get(r).copied().unwrap_or(Reg::MEMORY)
    }

    /// Its kind.
    pub fn kind(&self, r: usize) -> Kind {
        self.get(r).kind
    }

    /// Changes what is known of a register.
    pub fn set(&mut self, r: usize, reg: Reg) {
        if let Some(place) = self.0.get_mut(r) {
            *place = reg;
        }
    }

    /// A register got a value of a kind.
    pub fn define(&mut self, r: usize, kind: Kind) {
        self.set(r, Reg { kind, dirty: true });
    }

    /// The kind of a register turned out.
    pub fn learn(&mut self, r: usize, tag: Tag) {
        let dirty = self.get(r).dirty;
        self.set(r, Reg { kind: Kind::Is(tag), dirty });
    }

    /// The value of a register was loaded, if it was in memory.
    pub fn load(&mut self, r: usize) {
        if self.kind(r) == Kind::Memory {
            self.set(r, Reg { kind: Kind::Any, dirty: false });
        }
    }
}
