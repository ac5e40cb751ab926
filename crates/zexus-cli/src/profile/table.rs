//! Tables of figures for people.

use std::fmt::Write as _;

/// A table: columns of figures, and a name at the end of each row.
pub struct Table {
    heads: Vec<String>,
    name: String,
    rows: Vec<(u64, Vec<String>, String)>,
}

impl Table {
    /// A table without rows.
    pub fn new(heads: &[&str], name: &str) -> Table {
        let heads = heads.iter().map(|head| (*head).to_owned()).collect();
        Table { heads, name: name.to_owned(), rows: Vec::new() }
    }

    /// Adds a row, with how much it weighs.
    pub fn row(&mut self, weight: u64, figures: impl IntoIterator<Item = String>, name: &str) {
        self.rows.push((weight, figures.into_iter().collect(), name.to_owned()));
    }

    /// The heaviest rows, those of equal weight in the order they came; nothing for a table without rows.
    pub fn show(mut self, top: usize) -> Option<String> {
        let more = self.rows.len().saturating_sub(top);
        self.rows.sort_by_key(|(weight, ..)| std::cmp::Reverse(*weight));
        self.rows.truncate(top);
        if self.rows.is_empty() {
            return None;
        }
        let width = |column: usize| {
            let figures = self.rows.iter().filter_map(|(_, figures, _)| figures.get(column));
            let head = self.heads.get(column);
            figures.chain(head).map(|text| text.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..self.heads.len()).map(width).collect();
        let mut text = String::new();
        let rows = self.rows.iter().map(|(_, figures, name)| (figures, name));
        for (figures, name) in std::iter::once((&self.heads, &self.name)).chain(rows) {
            for (figure, width) in figures.iter().zip(&widths) {
                // Writing to a string cannot fail.
                let _ = write!(text, "{figure:>width$}  ");
            }
            let _ = writeln!(text, "{name}");
        }
        if more > 0 {
            let _ = writeln!(text, "… {more} more; --top {} shows all", self.rows.len() + more);
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_rows_come_first() {
        let mut table = Table::new(&["calls", "gas"], "function");
        for (weight, name) in [(2, "a"), (30, "b"), (2, "c")] {
            table.row(weight, [weight.to_string(), "1".to_owned()], name);
        }
        let expected = "calls  gas  function\n   30    1  b\n    2    1  a\n… 1 more; --top 3 shows all\n";
        assert_eq!(table.show(2).as_deref(), Some(expected));
        assert_eq!(Table::new(&["calls"], "function").show(2), None);
    }
}
