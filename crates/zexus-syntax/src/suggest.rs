//! "Did you mean …?"

/// Longer words are never compared, which bounds the time.
const MAX_LENGTH: usize = 64;

/// The candidate that `word` is most likely a misspelling of, or nothing if none is near.
///
/// One mistake is forgiven for every three letters, at least one for words of two letters and more. Among equally near
/// candidates the first wins. Words of more than 64 bytes are skipped.
///
/// ```
/// use zexus_syntax::suggest;
/// assert_eq!(suggest("lenght", ["length", "len", "print"]), Some("length"));
/// assert_eq!(suggest("zebra", ["length"]), None);
/// ```
#[must_use]
pub fn suggest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > MAX_LENGTH || word.len() < 2 {
        return None;
    }
    let allowed = (word.len() / 3).max(1);
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        if candidate.len() > MAX_LENGTH || candidate == word || candidate.len().abs_diff(word.len()) > allowed
        {
            continue;
        }
        let distance =
            if candidate.eq_ignore_ascii_case(word) { 0 } else { strsim::osa_distance(word, candidate) };
        if distance <= allowed && distance < candidate.len() && best.is_none_or(|(found, _)| distance < found)
        {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}
