//! Flame graphs of call paths as SVG, for any browser.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Width of the picture.
const WIDTH: f64 = 1200.0;
/// Height of a call.
const ROW: usize = 18;
/// Width of a letter.
const LETTER: f64 = 7.2;
/// Calls that are narrower are not drawn.
const NARROWEST: f64 = 0.2;

/// A call with those from it; its own count and theirs.
#[derive(Default)]
struct Call {
    total: u64,
    calls: BTreeMap<String, usize>,
}

/// A box of the picture.
struct Drawn<'a> {
    name: &'a str,
    total: u64,
    /// Where it starts, in counts.
    from: u64,
    depth: usize,
}

/// Draws lines such as `main;f;g 123`, whose counts are of something: each call is a box as wide as its count, above its caller, in order of
/// names. A browser shows the count of the box that the pointer is on.
pub fn draw(folded: &str, of: &str) -> String {
    let calls = tree(folded);
    let all = calls.first().map_or(0, |root| root.total);
    let boxes = boxes(&calls);
    let rows = boxes.iter().map(|drawn| drawn.depth + 1).max().unwrap_or_default();
    let height = (rows + 2) * ROW;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"monospace\" font-size=\"12\">\n\
         <text x=\"4\" y=\"14\">{all} {of}</text>\n"
    );
    let scale = if all == 0 { 0.0 } else { WIDTH / all as f64 };
    for drawn in boxes {
        let (x, width) = (drawn.from as f64 * scale, drawn.total as f64 * scale);
        if width < NARROWEST {
            continue;
        }
        let y = (rows - drawn.depth) * ROW;
        let share = 100.0 * drawn.total as f64 / all as f64;
        let (name, total) = (escaped(drawn.name), drawn.total);
        let fits = ((width - 6.0) / LETTER).max(0.0) as usize;
        let label: String = drawn.name.chars().take(fits).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(
            svg,
            "<g><title>{name}: {total} {of}, {share:.2} %</title>\
             <rect x=\"{x:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"{}\" fill=\"{}\" rx=\"1\"/>\
             <text x=\"{:.1}\" y=\"{}\">{}</text></g>",
            ROW - 1,
            colour(drawn.name),
            x + 3.0,
            y + 13,
            escaped(&label),
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// The calls, the first of which stands for all.
fn tree(folded: &str) -> Vec<Call> {
    let mut calls = vec![Call::default()];
    for line in folded.lines() {
        let Some((path, count)) = line.rsplit_once(' ') else { continue };
        let Ok(count) = count.parse::<u64>() else { continue };
        let mut at = 0;
        for name in std::iter::once(None).chain(path.split(';').map(Some)) {
            if let Some(name) = name {
                let new = calls.len();
                let Some(call) = calls.get_mut(at) else { break };
                at = *call.calls.entry(name.to_owned()).or_insert(new);
                if at == new {
                    calls.push(Call::default());
                }
            }
            if let Some(call) = calls.get_mut(at) {
                call.total = call.total.saturating_add(count);
            }
        }
    }
    calls
}

/// The boxes of all calls but the first.
fn boxes(calls: &[Call]) -> Vec<Drawn<'_>> {
    let mut boxes = Vec::new();
    let mut open = vec![(0_usize, 0_u64, 0_usize)];
    while let Some((at, mut from, depth)) = open.pop() {
        for (name, call) in calls.get(at).map(|call| &call.calls).into_iter().flatten() {
            let total = calls.get(*call).map_or(0, |call| call.total);
            boxes.push(Drawn { name, total, from, depth });
            open.push((*call, from, depth + 1));
            from = from.saturating_add(total);
        }
    }
    boxes
}

/// A warm colour that a name always has.
fn colour(name: &str) -> String {
    let sum = name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    format!("rgb({},{},{})", 205 + sum % 50, 90 + sum / 50 % 120, 40 + sum / 6000 % 40)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The boxes: name, count, start, depth.
    #[track_caller]
    fn check(folded: &str, expected: &[(&str, u64, u64, usize)]) {
        let calls = tree(folded);
        let mut drawn: Vec<_> =
            boxes(&calls).into_iter().map(|b| (b.name.to_owned(), b.total, b.from, b.depth)).collect();
        drawn.sort_by_key(|(_, _, from, depth)| (*depth, *from));
        let expected: Vec<_> = expected.iter().map(|(n, t, f, d)| ((*n).to_owned(), *t, *f, *d)).collect();
        assert_eq!(drawn, expected, "{folded}");
    }

    #[test]
    fn boxes_stand_on_their_callers() {
        check("", &[]);
        check("main 3", &[("main", 3, 0, 0)]);
        check(
            "main 1\nmain;g;f 5\nmain;f 2\nmain;g 1",
            &[("main", 9, 0, 0), ("f", 2, 0, 1), ("g", 6, 2, 1), ("f", 5, 2, 2)],
        );
    }

    #[test]
    fn pictures_name_what_they_count() {
        let svg = draw("main 1\nmain;lib.zx:<f> 3\n", "gas");
        assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"), "{svg}");
        assert!(svg.contains("<text x=\"4\" y=\"14\">4 gas</text>"), "{svg}");
        assert!(svg.contains("<title>lib.zx:&lt;f&gt;: 3 gas, 75.00 %</title>"), "{svg}");
        assert!(svg.contains("<rect x=\"0.0\" y=\"36\" width=\"1200.0\""), "{svg}");
        assert!(svg.contains("<rect x=\"0.0\" y=\"18\" width=\"900.0\""), "{svg}");
        assert_eq!(draw("", "gas").lines().count(), 3);
    }
}
