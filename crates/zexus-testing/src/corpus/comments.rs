//! Finds the comments of a program without parsing it, so that broken programs have expectations too.

/// A comment from `//` to the end of its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Comment<'a> {
    /// Line of the comment, from 1.
    pub line: usize,
    /// Whether nothing but white space stands before it on its line.
    pub alone: bool,
    /// What follows the two slashes, without the line end.
    pub text: &'a str,
}

/// What surrounds the character being read.
enum Frame {
    Text { quote: u8, tripled: bool },
    Hole { braces: usize },
}

/// Collects the `//` comments of `source`; strings with their holes, `#` comments and nested `/* */` are passed over
/// (language.md 2.2, 2.6).
pub(super) fn comments(source: &str) -> Vec<Comment<'_>> {
    let mut scanner = Scanner { source, at: 0, line: 1, alone: true, frames: Vec::new(), found: Vec::new() };
    while scanner.at < source.len() {
        scanner.step();
    }
    scanner.found
}

struct Scanner<'a> {
    source: &'a str,
    at: usize,
    line: usize,
    alone: bool,
    frames: Vec<Frame>,
    found: Vec<Comment<'a>>,
}

impl<'a> Scanner<'a> {
    fn byte(&self, ahead: usize) -> u8 {
        self.source.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    fn starts_with(&self, text: &str) -> bool {
        self.source.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(text.as_bytes()))
    }

    /// Passes one byte and keeps count of lines; CR LF is one line end.
    fn advance(&mut self) {
        let byte = self.byte(0);
        if byte == b'\n' || (byte == b'\r' && self.byte(1) != b'\n') {
            self.line += 1;
            self.alone = true;
        } else if !byte.is_ascii_whitespace() {
            self.alone = false;
        }
        self.at += 1;
    }

    fn advance_by(&mut self, count: usize) {
        for _ in 0..count {
            self.advance();
        }
    }

    fn step(&mut self) {
        match self.frames.last() {
            Some(&Frame::Text { quote, tripled }) => self.step_in_text(quote, tripled),
            _ => self.step_in_code(),
        }
    }

    fn step_in_text(&mut self, quote: u8, tripled: bool) {
        let byte = self.byte(0);
        let closes = byte == quote && (!tripled || (self.byte(1) == quote && self.byte(2) == quote));
        if closes {
            self.frames.pop();
            self.advance_by(if tripled { 3 } else { 1 });
        } else if byte == b'\\' {
            self.advance_by(2);
        } else if quote == b'"' && self.starts_with("${") {
            self.frames.push(Frame::Hole { braces: 0 });
            self.advance_by(2);
        } else {
            self.advance();
        }
    }

    fn step_in_code(&mut self) {
        match self.byte(0) {
            quote @ (b'"' | b'\'') => {
                let tripled = self.byte(1) == quote && self.byte(2) == quote;
                self.advance_by(if tripled { 3 } else { 1 });
                self.frames.push(Frame::Text { quote, tripled });
            }
            b'#' => {
                self.rest_of_line();
            }
            b'/' if self.byte(1) == b'/' => {
                let (line, alone) = (self.line, self.alone);
                let text = self.rest_of_line().get(2..).unwrap_or("");
                self.found.push(Comment { line, alone, text });
            }
            b'/' if self.byte(1) == b'*' => self.block_comment(),
            byte @ (b'{' | b'}') => {
                if let Some(Frame::Hole { braces }) = self.frames.last_mut() {
                    match (byte, *braces) {
                        (b'{', _) => *braces += 1,
                        (_, 0) => {
                            self.frames.pop();
                        }
                        _ => *braces -= 1,
                    }
                }
                self.advance();
            }
            _ => self.advance(),
        }
    }

    fn rest_of_line(&mut self) -> &'a str {
        let rest = self.source.get(self.at..).unwrap_or("");
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or("")
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        while self.at < self.source.len() {
            if self.starts_with("/*") {
                depth += 1;
                self.advance_by(2);
            } else if self.starts_with("*/") {
                depth -= 1;
                self.advance_by(2);
                if depth == 0 {
                    return;
                }
            } else {
                self.advance();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::comments;

    fn check(source: &str, expected: &[(usize, bool, &str)]) {
        let found: Vec<_> = comments(source).into_iter().map(|c| (c.line, c.alone, c.text)).collect();
        assert_eq!(found, expected, "{source}");
    }

    #[test]
    fn lines_and_places() {
        check("a //= 1\n  //! E1\n", &[(1, false, "= 1"), (2, true, "! E1")]);
        check("//\n", &[(1, true, "")]);
        check("a\r\nb // x\r\n// y", &[(2, false, " x"), (3, true, " y")]);
        check("a\rb // x\r// y\r", &[(2, false, " x"), (3, true, " y")]);
    }

    #[test]
    fn other_comments_are_passed_over() {
        check("# a // b\n// c", &[(2, true, " c")]);
        check("/* a /* // b */ \n // c */ // d", &[(2, false, " d")]);
        check("/* open // a", &[]);
        check("// a /* b\n// c", &[(1, true, " a /* b"), (2, true, " c")]);
    }

    #[test]
    fn strings_are_passed_over() {
        check(r#"print("// no", '// no') // yes"#, &[(1, false, " yes")]);
        check(r#""a\"// no" // yes"#, &[(1, false, " yes")]);
        check("\"a\n// no\" // yes", &[(2, false, " yes")]);
        check(r#""""a "q" // no""" // yes"#, &[(1, false, " yes")]);
        check("'''it's // no''' // yes", &[(1, false, " yes")]);
        check(r##""#" + '"' // yes"##, &[(1, false, " yes")]);
        check("\"open // no\n", &[]);
    }

    #[test]
    fn holes_hold_strings_and_braces() {
        check(r#""${m["k"]} // no" // yes"#, &[(1, false, " yes")]);
        check(r#""${{a: "}"}.a} // no" // yes"#, &[(1, false, " yes")]);
        check(r#""\${ // no" // yes"#, &[(1, false, " yes")]);
        check(r#"'${' // yes"#, &[(1, false, " yes")]);
        check(r#""${"in ${"deep"}"} // no" // yes"#, &[(1, false, " yes")]);
    }

    #[test]
    fn letters_outside_ascii() {
        check("é '日//本' // ü", &[(1, false, " ü")]);
        check("'\\é' // ü", &[(1, false, " ü")]);
    }
}
