//! Reads tokens into the syntax tree (`grammar.ebnf`, language.md chapters 2 and 3).
//!
//! 1. The parser never goes back: what it must know beforehand (is this `(` the start of an arrow function?) comes from
//!    [`Partners`], which is made in one pass.
//! 2. Every recursion passes [`Parser::nested`], which counts the nesting of language.md 3.8. Too deep, or too many
//!    errors: the parser jumps to the end of the text and says nothing more.
//! 3. At most one error is reported at one token, and each loop moves on or ends.
//! 4. Where a production asks for a word that is contextual, the token is consumed with [`Parser::keyword`], so that
//!    [`Parsed::tokens`] tell where a word acted as a keyword.

mod args;
mod assign;
mod block;
mod check;
mod contract;
mod control;
mod data;
mod decl;
mod expr;
mod foreign;
mod function;
mod import;
mod lambda;
mod literal;
mod map;
mod pattern;
mod policy;
mod primary;
mod recover;
mod stmt;
mod types;
mod vars;

use crate::ast::{Arg, Expr, Link, Module, Name, Stmt};
use crate::diagnostic::Diagnostic;
use crate::directive::{Directive, directives};
use crate::keywords::Keyword;
use crate::lexer::{Lexed, Lexeme, lex};
use crate::partners::Partners;
use crate::report::Reports;
use crate::span::{FileId, Span};
use crate::token::{Token, TokenKind};
use zexus_codes::Code;

/// How deep brackets, blocks and expressions may be nested (language.md 3.8).
pub const MAX_NESTING: u32 = 256;

/// Texts of this many bytes or more are refused, so that every offset fits [`Span`].
const MAX_TEXT: usize = 1 << 30;

/// What the parser makes of a text: always a tree, and what is wrong with it.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The tree; broken parts are marked in it.
    pub module: Module,
    /// All tokens, spaces and comments included: their texts one after the other are the source. A word has kind
    /// [`TokenKind::Keyword`] exactly where it acts as a keyword.
    pub tokens: Vec<Token>,
    /// Errors and warnings in the order of the text; at most 100 of each.
    pub errors: Vec<Diagnostic>,
    /// The settings of `@zexus` comments (language.md 21.1), valid or not.
    pub directives: Vec<Directive>,
}

impl Parsed {
    /// Whether anything is wrong that keeps the program from starting.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.errors.iter().any(Diagnostic::is_error)
    }
}

/// Parses a file. This never fails and takes time linear in the length of the text, whatever the text is.
///
/// ```
/// use zexus_syntax::{FileId, parse};
/// let parsed = parse(FileId(0), "let x = 1 + 2");
/// assert!(parsed.errors.is_empty());
/// assert_eq!(parsed.module.body.len(), 1);
/// ```
#[must_use]
pub fn parse(file: FileId, text: &str) -> Parsed {
    if text.len() >= MAX_TEXT {
        let error = Diagnostic::new(Code::E0201, "the file is larger than 1 GiB").at(file, Span::at(0));
        let module = Module { body: Vec::new(), span: Span::at(0) };
        return Parsed { module, tokens: Vec::new(), errors: vec![error], directives: Vec::new() };
    }
    let Lexed { mut tokens, lexemes, reports, open_at_end } = lex(file, text);
    let directive_reports = &mut Reports::new(file);
    let directives = directives(text, &tokens, directive_reports);
    let partners = Partners::find(&lexemes);
    let mut parser = Parser {
        text,
        file,
        lexemes,
        partners,
        pending: Pending::default(),
        at: 0,
        depth: 0,
        head: false,
        no_arrow: false,
        in_arm: false,
        flipped: Vec::new(),
        reports: Reports::new(file),
        last_error: None,
        lost: false,
        quiet_end: open_at_end,
        stopped: false,
    };
    let module = parser.module();
    parser.mark_keywords(&mut tokens);
    let mut all = reports;
    all.append(parser.reports);
    all.append(std::mem::replace(directive_reports, Reports::new(file)));
    Parsed { module, tokens, errors: all.finish(), directives }
}

/// Parses bytes that should be UTF-8. If they are not, the only error is E0101 with the place of the first bad byte.
#[must_use]
pub fn parse_bytes(file: FileId, bytes: &[u8]) -> Parsed {
    match std::str::from_utf8(bytes) {
        Ok(text) => parse(file, text),
        Err(error) => {
            let at = u32::try_from(error.valid_up_to()).unwrap_or(u32::MAX);
            let span = Span::new(at, at.saturating_add(1));
            let diagnostic = Diagnostic::new(Code::E0101, "the source is not valid UTF-8")
                .at(file, span)
                .with_note(format!("the first invalid byte is at offset {at}"))
                .with_help("save the file as UTF-8");
            let module = Module { body: Vec::new(), span: Span::at(0) };
            Parsed { module, tokens: Vec::new(), errors: vec![diagnostic], directives: Vec::new() }
        }
    }
}

/// Whether the text ends inside a bracket, brace, string, hole or comment, so that a REPL should read on.
///
/// ```
/// use zexus_syntax::is_incomplete;
/// assert!(is_incomplete("action f() {"));
/// assert!(!is_incomplete("print(1)"));
/// ```
#[must_use]
pub fn is_incomplete(text: &str) -> bool {
    if text.len() >= MAX_TEXT {
        return false;
    }
    let lexed = lex(FileId(0), text);
    lexed.open_at_end || Partners::find(&lexed.lexemes).open_at_end
}

/// Items of lists whose end was not reached yet, those of the innermost list last.
///
/// A list that ends takes a vector of exactly its length. Most lists are short, and the trees of large files would consist
/// mostly of the spare room of vectors.
#[derive(Default)]
struct Pending {
    stmts: Vec<Stmt>,
    exprs: Vec<Expr>,
    rows: Vec<expr::Row>,
    links: Vec<Link>,
    args: Vec<Arg>,
}

/// The items from `start` on, as a list.
fn list_from<T>(pending: &mut Vec<T>, start: usize) -> Vec<T> {
    pending.drain(start..).collect()
}

pub(crate) struct Parser<'s> {
    text: &'s str,
    file: FileId,
    lexemes: Vec<Lexeme>,
    partners: Partners,
    pending: Pending,
    at: usize,
    depth: u32,
    /// In a head (language.md 3.5): `NAME {` is no constructor.
    head: bool,
    /// Before `=>` of an arm or `watch`: `name =>` is no function literal.
    no_arrow: bool,
    /// In the body of an arm, outside of brackets and braces: a comma may end it.
    in_arm: bool,
    /// The words, by index, that are names although reserved, or keywords although contextual.
    flipped: Vec<u32>,
    reports: Reports,
    last_error: Option<usize>,
    /// Set by errors after which the place in the grammar is unclear, cleared where the parser finds its way again.
    lost: bool,
    /// A string, hole or comment is open at the end, which explains whatever is missing there.
    quiet_end: bool,
    /// Nothing more is read or reported.
    stopped: bool,
}

impl Parser<'_> {
    fn module(&mut self) -> Module {
        let body = self.statements_to_end();
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        Module { body, span: Span::new(0, end) }
    }

    /// Gives the words of the text the kinds that [`Parsed::tokens`] promises.
    fn mark_keywords(&self, tokens: &mut [Token]) {
        let mut flipped = self.flipped.iter().copied().peekable();
        let words = tokens.iter_mut().filter(|token| !token.kind.is_trivia());
        for (index, token) in words.enumerate() {
            let is_flipped = flipped.next_if(|&flipped| flipped as usize == index).is_some();
            if let TokenKind::Keyword(keyword) = token.kind
                && keyword.is_reserved() == is_flipped
            {
                token.kind = TokenKind::Name;
            }
        }
    }

    fn lexeme_at(&self, index: usize) -> Lexeme {
        match self.lexemes.get(index).or(self.lexemes.last()) {
            Some(&lexeme) => lexeme,
            None => Lexeme { kind: TokenKind::End, line_before: false, gap_before: false, span: Span::at(0) },
        }
    }

    fn lexeme(&self) -> Lexeme {
        self.lexeme_at(self.at)
    }

    fn kind(&self) -> TokenKind {
        self.lexeme().kind
    }

    /// The kind of the token `ahead` places after the next one.
    fn kind_at(&self, ahead: usize) -> TokenKind {
        self.lexeme_at(self.at + ahead).kind
    }

    fn span(&self) -> Span {
        self.lexeme().span
    }

    /// Where the token before the next one ends.
    fn last_end(&self) -> u32 {
        match self.at.checked_sub(1) {
            Some(before) => self.lexeme_at(before).span.end,
            None => 0,
        }
    }

    /// From a start to the end of the last token that was read.
    fn since(&self, start: Span) -> Span {
        Span::new(start.start, self.last_end().max(start.start))
    }

    fn is(&self, kind: TokenKind) -> bool {
        self.kind() == kind
    }

    fn is_keyword(&self, keyword: Keyword) -> bool {
        self.kind() == TokenKind::Keyword(keyword)
    }

    fn is_keyword_at(&self, ahead: usize, keyword: Keyword) -> bool {
        self.kind_at(ahead) == TokenKind::Keyword(keyword)
    }

    /// Whether the next token stands on the line of the one before it (NB in the grammar).
    fn same_line(&self) -> bool {
        !self.lexeme().line_before
    }

    fn same_line_at(&self, ahead: usize) -> bool {
        !self.lexeme_at(self.at + ahead).line_before
    }

    fn is_name(&self) -> bool {
        self.kind().is_name()
    }

    /// Whether the token `ahead` is a name on the same line as the one before it.
    fn name_at(&self, ahead: usize) -> bool {
        self.kind_at(ahead).is_name() && self.same_line_at(ahead)
    }

    /// Whether the token `ahead` is a word on the same line as the one before it.
    fn word_at(&self, ahead: usize) -> bool {
        self.kind_at(ahead).is_word() && self.same_line_at(ahead)
    }

    fn bump(&mut self) {
        if self.at + 1 < self.lexemes.len() {
            self.at += 1;
        }
    }

    fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.is(kind);
        if found {
            self.bump();
        }
        found
    }

    /// Consumes the next token, a contextual word, as a keyword.
    fn keyword(&mut self) {
        self.flip();
        self.bump();
    }

    /// Consumes a word as a keyword if it is this one.
    fn eat_keyword(&mut self, keyword: Keyword) -> bool {
        let found = self.is_keyword(keyword);
        if found {
            if keyword.is_reserved() { self.bump() } else { self.keyword() }
        }
        found
    }

    fn flip(&mut self) {
        let index = u32::try_from(self.at).unwrap_or(u32::MAX);
        if self.flipped.last().is_none_or(|&last| last < index) {
            self.flipped.push(index);
        }
    }

    fn slice(&self, span: Span) -> &str {
        span.text(self.text)
    }

    /// Consumes the next token, which is a word, as a name.
    fn take_word(&mut self) -> Name {
        let Lexeme { kind, span, .. } = self.lexeme();
        if matches!(kind, TokenKind::Keyword(keyword) if keyword.is_reserved()) {
            self.flip();
        }
        self.bump();
        Name { text: self.slice(span).into(), span }
    }

    fn missing_name(&self) -> Name {
        Name { text: "".into(), span: Span::at(self.last_end()) }
    }

    /// A NAME of the grammar. A reserved word is E0219 and taken as one; anything else is E0201 and stays.
    fn name(&mut self, what: &str) -> Name {
        match self.kind() {
            kind if kind.is_name() => self.take_word(),
            TokenKind::Keyword(_) => {
                self.reserved_as_name();
                self.take_word()
            }
            _ => {
                self.expected(what);
                self.missing_name()
            }
        }
    }

    /// A WORD of the grammar.
    fn word(&mut self, what: &str) -> Name {
        if self.kind().is_word() {
            self.take_word()
        } else {
            self.expected(what);
            self.missing_name()
        }
    }

    /// Runs `parse` one level deeper. Too deep is E0218 and ends the whole parse.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> T) -> T {
        if self.depth >= MAX_NESTING {
            self.too_deep();
        }
        self.depth += 1;
        let result = parse(self);
        self.depth -= 1;
        result
    }

    /// Runs `parse` inside brackets or a block, where the rules for heads are off.
    fn inside<T>(&mut self, parse: impl FnOnce(&mut Self) -> T) -> T {
        let (head, no_arrow, in_arm) = (self.head, self.no_arrow, self.in_arm);
        (self.head, self.no_arrow, self.in_arm) = (false, false, false);
        let result = self.nested(parse);
        (self.head, self.no_arrow, self.in_arm) = (head, no_arrow, in_arm);
        result
    }

    /// Runs `parse` in a head (language.md 3.5).
    fn in_head<T>(&mut self, parse: impl FnOnce(&mut Self) -> T) -> T {
        let head = std::mem::replace(&mut self.head, true);
        let result = parse(self);
        self.head = head;
        result
    }

    /// Runs `parse` where `name =>` is no function literal.
    fn without_arrow<T>(&mut self, parse: impl FnOnce(&mut Self) -> T) -> T {
        let no_arrow = std::mem::replace(&mut self.no_arrow, true);
        let result = parse(self);
        self.no_arrow = no_arrow;
        result
    }
}
