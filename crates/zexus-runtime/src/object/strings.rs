//! Strings of the heap, and appending to them without copying what is there.
//!
//! A string that was made by joining a long one with something shares a buffer with it: the buffer only grows, and each string is a
//! beginning of it. So a loop that appends to a string copies only what it appends. Whoever wants the text as a whole gets a copy of
//! its own, made once.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// A string with the number of its code points, so that ASCII text is indexed in constant time.
#[derive(Debug)]
pub struct StrObj {
    body: Body,
    /// Its code points.
    pub chars: u32,
}

#[derive(Debug)]
enum Body {
    Whole(Arc<str>),
    Grown(Box<Grown>),
}

/// A beginning of a buffer that others may have grown further.
#[derive(Debug)]
struct Grown {
    buffer: Arc<Mutex<String>>,
    len: usize,
    whole: OnceLock<Arc<str>>,
}

/// Bytes from which a joined string is worth a buffer that can grow.
const WORTH_A_BUFFER: usize = 256;

impl StrObj {
    /// A string with `chars` code points.
    #[inline]
    pub fn new(text: impl Into<Arc<str>>, chars: u32) -> StrObj {
        StrObj { body: Body::Whole(text.into()), chars }
    }

    /// The text.
    #[inline]
    pub fn text(&self) -> &Arc<str> {
        match &self.body {
            Body::Whole(text) => text,
            Body::Grown(grown) => grown.whole(),
        }
    }

    /// The number of its bytes.
    #[inline]
    pub fn len(&self) -> usize {
        match &self.body {
            Body::Whole(text) => text.len(),
            Body::Grown(grown) => grown.len,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of it that it may share with other strings.
    pub(crate) fn shared(&self) -> usize {
        match &self.body {
            Body::Whole(_) => 0,
            Body::Grown(grown) => grown.len,
        }
    }

    /// This string and `more`, which has `chars` code points. `scratch` is room for short ones.
    pub fn join(&self, more: &str, chars: u32, scratch: &mut String) -> StrObj {
        let chars = self.chars.saturating_add(chars);
        let len = self.len() + more.len();
        if len < WORTH_A_BUFFER {
            scratch.clear();
            scratch.push_str(self.text());
            scratch.push_str(more);
            return StrObj::new(&**scratch, chars);
        }
        let buffer = match &self.body {
            Body::Grown(grown) => grown.append(more),
            Body::Whole(text) => buffer(text, more),
        };
        StrObj { body: Body::Grown(Box::new(Grown { buffer, len, whole: OnceLock::new() })), chars }
    }

    /// Lets go of a buffer that others have grown far beyond this string, so that it is not kept alive for little.
    pub(crate) fn tidy(&mut self) {
        if let Body::Grown(grown) = &self.body
            && locked(&grown.buffer).capacity() / 4 > grown.len
        {
            self.body = Body::Whole(grown.whole().clone());
        }
    }
}

impl Grown {
    #[inline(never)]
    fn whole(&self) -> &Arc<str> {
        self.whole.get_or_init(|| locked(&self.buffer).get(..self.len).unwrap_or_default().into())
    }

    /// A buffer that begins with this string and `more`: the same one if nobody else has grown it.
    fn append(&self, more: &str) -> Arc<Mutex<String>> {
        let mut text = locked(&self.buffer);
        if text.len() == self.len {
            text.push_str(more);
            return self.buffer.clone();
        }
        buffer(text.get(..self.len).unwrap_or_default(), more)
    }
}

fn buffer(text: &str, more: &str) -> Arc<Mutex<String>> {
    let mut joined = String::with_capacity((text.len() + more.len()) * 2);
    joined.push_str(text);
    joined.push_str(more);
    Arc::new(Mutex::new(joined))
}

/// A buffer is never left in the middle of a change, so a panic elsewhere does not matter.
fn locked(buffer: &Mutex<String>) -> MutexGuard<'_, String> {
    buffer.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for StrObj {
    fn default() -> Self {
        StrObj::new(Arc::<str>::default(), 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_strings_share_a_buffer_and_stay_what_they_are() {
        let mut scratch = String::new();
        let mut join = |s: &StrObj, more: &str| s.join(more, more.chars().count() as u32, &mut scratch);
        let start = StrObj::new("ä".repeat(WORTH_A_BUFFER), WORTH_A_BUFFER as u32);
        let one = join(&start, "1");
        let two = join(&one, "2");
        // A second string that goes on from the same one gets a buffer of its own.
        let other = join(&one, "other");
        let twice = join(&two, two.text());
        let base = "ä".repeat(WORTH_A_BUFFER);
        assert_eq!(**one.text(), base.clone() + "1");
        assert_eq!(**two.text(), base.clone() + "12");
        assert_eq!(**other.text(), base.clone() + "1other");
        assert_eq!(**twice.text(), base.clone() + "12" + &base + "12");
        assert_eq!((one.len(), one.chars), (2 * WORTH_A_BUFFER + 1, WORTH_A_BUFFER as u32 + 1));
        let short = join(&StrObj::new("a", 1), "é");
        assert_eq!((&**short.text(), short.len(), short.chars), ("aé", 3, 2));
    }

    #[test]
    fn a_short_beginning_lets_go_of_a_long_buffer() {
        let mut scratch = String::new();
        let text = "a".repeat(WORTH_A_BUFFER);
        let mut first = StrObj::new(&*text, WORTH_A_BUFFER as u32).join("b", 1, &mut scratch);
        first.tidy();
        assert!(matches!(first.body, Body::Grown(_)));
        let long = first.join(&"c".repeat(10 * WORTH_A_BUFFER), 10 * WORTH_A_BUFFER as u32, &mut scratch);
        first.tidy();
        assert!(matches!(first.body, Body::Whole(_)));
        assert_eq!((**first.text()).to_owned(), text + "b");
        assert_eq!(long.len(), 11 * WORTH_A_BUFFER + 1);
    }

    #[test]
    fn a_string_takes_24_bytes() {
        assert_eq!(size_of::<StrObj>(), 24);
    }
}
