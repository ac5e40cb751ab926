//! "Did you mean": the nearest spelling.

/// Longer names are not compared: the comparison takes time that grows with the product of the lengths.
const MAX_LENGTH: usize = 64;

/// The candidate that is nearest to `word`, if one is near enough; of equally near ones the first.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > MAX_LENGTH || word.is_empty() {
        return None;
    }
    let limit = (word.len() / 3).clamp(1, 3);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate == word || candidate.len().abs_diff(word.len()) > limit || candidate.is_empty() {
            continue;
        }
        let distance = if candidate.eq_ignore_ascii_case(word) {
            0
        } else {
            strsim::damerau_levenshtein(word, candidate)
        };
        let near = distance <= limit && distance < word.len();
        if near && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_spelling_is_found() {
        let names = ["total", "count", "x", "length"];
        assert_eq!(nearest("totl", names), Some("total"));
        assert_eq!(nearest("Count", names), Some("count"));
        assert_eq!(nearest("lenght", names), Some("length"));
        assert_eq!(nearest("y", names), None);
        assert_eq!(nearest("something", names), None);
        assert_eq!(nearest("", names), None);
    }
}
