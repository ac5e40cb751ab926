//! The pool of constants while a module or fragment is optimized.

use std::collections::HashMap;

use zexus_bytecode::encode::put_const;
use zexus_bytecode::{Const, Instruction, Opcode, limits};

/// How many bytes of new constants may be made: more would not fit a file, and could be made from little code.
const MADE_BYTES: usize = limits::FILE_BYTES;

/// Constants that may be read and added to; unlike that of a module, the pool of a fragment may hold equal ones.
pub(crate) struct Pool {
    items: Vec<Const>,
    /// The first of equal constants, by encoding; made when a constant is added.
    index: Option<HashMap<Box<[u8]>, u32>>,
    buffer: Vec<u8>,
    original: usize,
    made: usize,
}

impl Pool {
    pub fn new(items: Vec<Const>) -> Pool {
        Pool { original: items.len(), items, index: None, buffer: Vec::new(), made: 0 }
    }

    /// The constant at `index`; `None` outside the pool.
    #[inline]
    pub fn get(&self, index: u64) -> Option<&Const> {
        usize::try_from(index).ok().and_then(|at| self.items.get(at))
    }

    /// The constant that the operand of an instruction starts with; `None` if the operand is malformed or outside the pool, as it may
    /// be in a fragment.
    #[inline]
    pub fn first(&self, instruction: Instruction) -> Option<&Const> {
        if instruction.is_well_formed() { self.get(instruction.first()) } else { None }
    }

    /// The constant that an instruction loads, if it is a `LOAD_CONST`.
    #[inline]
    pub fn loaded(&self, instruction: Instruction) -> Option<&Const> {
        if instruction.op() == Opcode::LoadConst { self.first(instruction) } else { None }
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// The index of an equal constant, which is appended if there is none; `None` if that would exceed a limit of form.
    pub fn add(&mut self, constant: Const) -> Option<u32> {
        let items = &self.items;
        let index = self.index.get_or_insert_with(|| {
            let mut index = HashMap::with_capacity(items.len());
            for (at, item) in (0_u32..).zip(items) {
                let mut bytes = Vec::new();
                put_const(&mut bytes, item);
                index.entry(bytes.into()).or_insert(at);
            }
            index
        });
        self.buffer.clear();
        put_const(&mut self.buffer, &constant);
        if let Some(&at) = index.get(self.buffer.as_slice()) {
            return Some(at);
        }
        let made = self.made + self.buffer.len();
        if made > MADE_BYTES || self.items.len() >= limits::CONSTANTS {
            return None;
        }
        self.made = made;
        let at = self.items.len() as u32;
        index.insert(self.buffer.as_slice().into(), at);
        self.items.push(constant);
        Some(at)
    }

    /// The constants that were added.
    pub fn added(&self) -> &[Const] {
        self.items.get(self.original..).unwrap_or_default()
    }

    pub fn into_items(self) -> Vec<Const> {
        self.items
    }
}
