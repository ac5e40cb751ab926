//! Arguments taken out of registers, so that functions that get the whole task to change can see them.

use std::ops::Deref;

use zexus_runtime::Value;

const INLINE: usize = 6;

/// A row of values; short ones need no allocation.
#[derive(Clone, Debug)]
pub(crate) enum Args {
    /// The first so many of the array.
    Inline([Value; INLINE], u8),
    /// A longer row.
    Many(Vec<Value>),
}

impl Args {
    /// A copy of a row.
    #[inline]
    pub fn new(values: &[Value]) -> Args {
        let mut inline = [Value::NULL; INLINE];
        match inline.get_mut(..values.len()) {
            Some(places) => {
                places.copy_from_slice(values);
                Args::Inline(inline, values.len() as u8)
            }
            None => Args::Many(values.to_vec()),
        }
    }
}

impl Deref for Args {
    type Target = [Value];
    #[inline]
    fn deref(&self) -> &[Value] {
        match self {
            Args::Inline(values, len) => values.get(..usize::from(*len)).unwrap_or_default(),
            Args::Many(values) => values,
        }
    }
}
