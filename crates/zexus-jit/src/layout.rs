//! Where the parts of vectors and slices lie, found by looking, since Rust does not say.

/// Offsets in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Vectors {
    /// In a vector: the address of its items.
    pub ptr: usize,
    /// In a vector: the number of its items.
    pub len: usize,
    /// In a vector: the room it has.
    pub cap: usize,
    /// In a boxed slice: the address of its items.
    pub slice_ptr: usize,
    /// In a boxed slice: the number of its items.
    pub slice_len: usize,
}

/// The offsets on this build; `None` if they cannot be told apart, and there is no native code then.
pub(crate) fn probe() -> Option<Vectors> {
    if size_of::<Vec<u64>>() != 24 || size_of::<Box<[u64]>>() != 16 {
        return None;
    }
    let mut v: Vec<u64> = Vec::with_capacity(11);
    v.extend([1, 2, 3]);
    // SAFETY: the vector has the size of three words, all of which are initialised: address, length and capacity.
    let words: [usize; 3] = unsafe { std::ptr::read((&raw const v).cast()) };
    let find = |what: usize| words.iter().position(|w| *w == what).map(|at| at * 8);
    let boxed: Box<[u64]> = vec![1, 2, 3].into_boxed_slice();
    // SAFETY: a boxed slice is an address and a length.
    let slice: [usize; 2] = unsafe { std::ptr::read((&raw const boxed).cast()) };
    let within = |what: usize| slice.iter().position(|w| *w == what).map(|at| at * 8);
    Some(Vectors {
        ptr: find(v.as_ptr() as usize)?,
        len: find(3)?,
        cap: find(v.capacity())?,
        slice_ptr: within(boxed.as_ptr() as usize)?,
        slice_len: within(3)?,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn vectors_are_understood() {
        let found = super::probe().unwrap();
        assert_eq!(found.ptr + found.len + found.cap, 24);
        assert_eq!(found.slice_ptr + found.slice_len, 8);
    }
}
