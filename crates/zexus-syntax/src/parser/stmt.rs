//! Which statement begins here (language.md 2.4), and the short ones.

use zexus_codes::Code;

use super::Parser;
use crate::ast::{AssignOp, Emit, EmitArgs, Expr, ExprKind, Initializer, InitializerKind, Stmt, StmtKind};
use crate::keywords::Keyword;
use crate::span::Span;
use crate::token::TokenKind;

impl Parser<'_> {
    /// Reads one statement with the `;` after it, and skips to the next one if it is broken.
    pub(super) fn pending_statement(&mut self) {
        if self.eat(TokenKind::Semicolon) {
            return;
        }
        let start = self.at;
        let stmt = self.statement();
        self.pending.stmts.push(stmt);
        if self.lost {
            self.skip_statement(start);
        }
        self.eat(TokenKind::Semicolon);
        if self.at == start {
            self.bump();
        }
    }

    pub(super) fn statement(&mut self) -> Stmt {
        let start = self.span();
        let kind = match self.compound_statement() {
            Some(kind) => kind,
            None => self.simple_statement(),
        };
        Stmt { kind, span: self.since(start) }
    }

    /// A declaration or block statement, or nothing if none begins here.
    pub(super) fn compound_statement(&mut self) -> Option<StmtKind> {
        match self.kind() {
            TokenKind::BraceOpen => Some(StmtKind::Block(self.block(self.at))),
            TokenKind::At => Some(self.decorator()),
            TokenKind::Name => self.foreign_statement(),
            TokenKind::Keyword(keyword) if keyword.is_reserved() => match keyword {
                Keyword::If => Some(self.if_statement()),
                Keyword::While => Some(self.while_statement()),
                Keyword::For => Some(self.for_statement()),
                Keyword::Try => Some(self.try_statement()),
                _ => None,
            },
            TokenKind::Keyword(keyword) if self.begins_compound(keyword) => self.contextual_compound(keyword),
            _ => None,
        }
    }

    /// Whether the contextual keyword here begins a declaration or block statement, by what follows it.
    fn begins_compound(&self, keyword: Keyword) -> bool {
        use Keyword as K;
        let brace = self.kind_at(1) == TokenKind::BraceOpen && self.same_line_at(1);
        let paren = self.kind_at(1) == TokenKind::ParenOpen && self.same_line_at(1);
        match keyword {
            K::Action | K::Function => self.word_at(1),
            K::Public | K::Private | K::Sealed | K::Secure | K::Pure | K::View | K::Payable | K::Async => {
                self.modifiers_begin_declaration()
            }
            K::Data
            | K::Entity
            | K::Enum
            | K::Protocol
            | K::Interface
            | K::Contract
            | K::Modifier
            | K::Event
            | K::Module
            | K::Package
            | K::TypeAlias
            | K::Exactly => self.name_at(1) || self.reserved_and_brace(),
            K::External => self.name_at(1),
            K::Tx => brace,
            K::Atomic => brace || paren,
            K::Defer => brace || paren || self.operand_follows() || self.reserved_statement_follows(),
            K::Watch if paren => !self.parens_end_statement(true),
            K::Watch => brace || self.operand_follows(),
            K::Stream => self.name_at(1) && self.is_keyword_at(2, K::As),
            K::Using => paren && self.kind_at(2).is_name() && self.kind_at(3) == TokenKind::Assign,
            K::Pattern if paren || brace => {
                let after = self.partners.of(self.at + 1).map(|partner| self.lexeme_at(partner + 1).kind);
                let gap = self.lexeme_at(self.at + 1).gap_before;
                after == Some(TokenKind::BraceOpen) || (paren && gap && !self.parens_end_statement(true))
            }
            K::Pattern => self.operand_follows(),
            _ => false,
        }
    }

    fn contextual_compound(&mut self, keyword: Keyword) -> Option<StmtKind> {
        use Keyword as K;
        Some(match keyword {
            K::Tx => self.tx_statement(),
            K::Atomic => self.atomic_statement(),
            K::Defer => self.defer_statement(),
            K::Watch => self.watch_statement(),
            K::Stream => self.stream_statement(),
            K::Using => self.using_statement(),
            K::Exactly => self.exactly_statement(),
            K::Pattern => self.pattern_statement(),
            _ => return self.declaration(keyword),
        })
    }

    /// `data match {` and the like: a reserved word where the name of a declaration should be.
    fn reserved_and_brace(&self) -> bool {
        let operator = matches!(
            self.kind_at(1),
            TokenKind::Keyword(
                Keyword::And | Keyword::Or | Keyword::In | Keyword::Else | Keyword::Try | Keyword::Finally
            )
        );
        self.word_at(1) && !operator && self.kind_at(2) == TokenKind::BraceOpen && self.same_line_at(2)
    }

    fn reserved_statement_follows(&self) -> bool {
        use Keyword as K;
        self.same_line_at(1)
            && matches!(
                self.kind_at(1),
                TokenKind::Keyword(K::Return | K::Break | K::Continue | K::Throw | K::Let | K::Const)
            )
    }

    /// Whether an operand for the contextual keyword here follows on its line. What could also continue an expression
    /// that begins with the word as a name, `[` and `-`, must stand apart on the left and touch on the right.
    pub(super) fn operand_follows(&self) -> bool {
        if !self.same_line_at(1) {
            return false;
        }
        match self.kind_at(1) {
            TokenKind::BracketOpen => self.lexeme_at(self.at + 1).gap_before,
            TokenKind::Minus => {
                self.lexeme_at(self.at + 1).gap_before && !self.lexeme_at(self.at + 2).gap_before
            }
            TokenKind::Keyword(Keyword::Div) => false,
            kind => begins_expression(kind),
        }
    }

    /// Whether the statement ends after the parentheses that follow the word here (language.md 2.4, rule 3). `block`
    /// tells whether a block after them belongs to the statement.
    pub(super) fn parens_end_statement(&self, block: bool) -> bool {
        let Some(partner) = self.partners.of(self.at + 1) else { return true };
        let after = self.lexeme_at(partner + 1);
        match after.kind {
            TokenKind::BraceOpen => !block,
            TokenKind::ParenOpen | TokenKind::BracketOpen => after.line_before,
            TokenKind::Comma => {
                !(block || self.is_keyword(Keyword::Validate)) || self.comma_inside(self.at + 1)
            }
            TokenKind::Keyword(Keyword::Using) => !self.is_keyword(Keyword::Validate),
            TokenKind::Keyword(Keyword::Div) => {
                after.line_before || !begins_expression(self.lexeme_at(partner + 2).kind)
            }
            TokenKind::FatArrow => false,
            kind => !continues_expression(kind),
        }
    }

    /// Whether a comma stands directly inside the parentheses that open at this index.
    pub(super) fn comma_inside(&self, opener: usize) -> bool {
        let Some(partner) = self.partners.of(opener) else { return false };
        let mut index = opener + 1;
        while index < partner {
            let kind = self.lexeme_at(index).kind;
            if kind == TokenKind::Comma {
                return true;
            }
            if kind != TokenKind::Lt {
                index = self.partners.of(index).unwrap_or(index);
            }
            index += 1;
        }
        false
    }

    /// A simple statement; an expression or assignment if no word begins another.
    pub(super) fn simple_statement(&mut self) -> StmtKind {
        match self.kind() {
            TokenKind::Keyword(keyword) if keyword.is_reserved() => self.reserved_simple(keyword),
            TokenKind::Keyword(keyword) => self.contextual_simple(keyword),
            _ => self.expression_statement(),
        }
    }

    fn reserved_simple(&mut self, keyword: Keyword) -> StmtKind {
        match keyword {
            Keyword::Let | Keyword::Const => self.let_statement(),
            Keyword::Print => self.print_statement(),
            Keyword::Return => {
                self.bump();
                StmtKind::Return(self.optional_operands())
            }
            Keyword::Break => {
                self.bump();
                StmtKind::Break
            }
            Keyword::Continue => {
                self.bump();
                StmtKind::Continue
            }
            Keyword::Throw => {
                self.bump();
                StmtKind::Throw(self.operand())
            }
            Keyword::Else | Keyword::Elif | Keyword::Catch | Keyword::Finally => {
                let opener = if matches!(keyword, Keyword::Else | Keyword::Elif) { "if" } else { "try" };
                let word = keyword.as_str();
                self.expected_with("a statement", |d| {
                    d.with_help(format!("`{word}` stands directly after the `}}` of `{opener}`"))
                });
                self.bump();
                StmtKind::Error
            }
            _ => self.expression_statement(),
        }
    }

    fn contextual_simple(&mut self, keyword: Keyword) -> StmtKind {
        use Keyword as K;
        let paren = self.kind_at(1) == TokenKind::ParenOpen && self.same_line_at(1);
        let text = matches!(self.kind_at(1), TokenKind::Str | TokenKind::StrHead) && self.same_line_at(1);
        if self.mode_form(keyword) {
            return self.mode_statement();
        }
        match keyword {
            K::State | K::Ledger if self.name_at(1) => self.state_statement(),
            K::Persistent if self.is_keyword_at(1, K::Storage) && self.name_at(1) && self.name_at(2) => {
                self.state_statement()
            }
            K::Immutable if self.name_at(1) => self.immutable_statement(),
            K::Immutable if self.is_keyword_at(1, K::Let) || self.is_keyword_at(1, K::Const) => {
                self.immutable_statement()
            }
            K::Debug if paren && self.parens_end_statement(false) => self.expression_statement(),
            K::Debug if self.operand_follows() => {
                self.keyword();
                StmtKind::Debug(self.operand())
            }
            K::Revert if paren && self.parens_end_statement(false) => self.expression_statement(),
            K::Revert if self.operand_follows() => {
                self.keyword();
                StmtKind::Revert(Some(self.operand()))
            }
            K::Revert if !self.name_goes_on() => {
                self.keyword();
                StmtKind::Revert(None)
            }
            K::Require | K::Verify if paren && self.check_is_call() => self.expression_statement(),
            K::Require | K::Verify if self.operand_follows() => self.check_statement(),
            K::Validate if paren && self.parens_end_statement(false) => self.expression_statement(),
            K::Validate if self.operand_follows() => self.validate_statement(),
            K::Emit if self.name_at(1) => self.emit_statement(),
            K::Audit if self.name_at(1) && self.kind_at(2) == TokenKind::Comma => {
                StmtKind::Audit(Box::new(self.audit()))
            }
            K::Seal if self.name_at(1) => self.seal_statement(),
            K::Restrict if self.name_at(1) && self.kind_at(2) == TokenKind::Dot => self.restrict_statement(),
            K::Trail if self.trail_follows() => self.trail_statement(),
            K::Capability if self.name_at(1) => self.capability_statement(),
            K::Grant | K::Revoke if (self.name_at(1) || text) && self.name_at(2) => self.grant_statement(),
            K::Protect
                if self.name_at(1) && matches!(self.kind_at(2), TokenKind::BraceOpen | TokenKind::Comma) =>
            {
                self.protect_statement()
            }
            K::Inject if self.name_at(1) => StmtKind::Inject(self.inject()),
            K::Channel if self.channel_follows() => self.channel_statement(),
            K::Use | K::Import if self.name_at(1) || text || self.braces_before_from() => {
                self.use_statement()
            }
            K::From if text => self.use_statement(),
            K::Export if self.export_follows() => self.export_statement(),
            _ => self.expression_statement(),
        }
    }

    /// Whether a name here is the start of a longer expression or of an assignment.
    fn name_goes_on(&self) -> bool {
        let next = self.lexeme_at(self.at + 1);
        match next.kind {
            TokenKind::ParenOpen | TokenKind::BracketOpen => !next.line_before,
            TokenKind::Keyword(Keyword::Div) => !next.line_before,
            TokenKind::Colon => false,
            kind => continues_expression(kind) || assign_op(kind).is_some(),
        }
    }

    /// An operand on the same line.
    pub(super) fn operand(&mut self) -> Expr {
        if self.same_line() {
            self.expression()
        } else {
            let place = Span::at(self.last_end());
            if !std::mem::replace(&mut self.lost, true) {
                let message = "expected an expression, found the end of the line";
                self.error_with(Code::E0201, place, message.to_owned(), |d| {
                    d.with_help("the operand starts on the same line")
                });
            }
            Expr { kind: ExprKind::Error, span: place }
        }
    }

    /// `[ NB expression { ',' expression } ]`
    pub(super) fn optional_operands(&mut self) -> Vec<Expr> {
        if !self.same_line() || !begins_expression(self.kind()) {
            return Vec::new();
        }
        let first = self.expression();
        let mut operands = vec![first];
        while self.eat_operand_comma() {
            operands.push(self.expression());
        }
        operands
    }

    fn emit_statement(&mut self) -> StmtKind {
        self.keyword();
        let name = self.name("the name of an event");
        let span = self.span();
        let args = if self.is(TokenKind::ParenOpen) && self.same_line() {
            EmitArgs::Args(self.arguments())
        } else if self.is(TokenKind::BraceOpen) && self.same_line() {
            let items = self.map_items();
            EmitArgs::Map(items, self.since(span))
        } else {
            EmitArgs::None
        };
        StmtKind::Emit(Emit { name, args })
    }
}

/// The assignment operator of a token.
pub(super) fn assign_op(kind: TokenKind) -> Option<AssignOp> {
    Some(match kind {
        TokenKind::Assign => AssignOp::Set,
        TokenKind::PlusAssign => AssignOp::Add,
        TokenKind::MinusAssign => AssignOp::Sub,
        TokenKind::StarAssign => AssignOp::Mul,
        TokenKind::SlashAssign => AssignOp::Div,
        TokenKind::PercentAssign => AssignOp::Mod,
        TokenKind::StarStarAssign => AssignOp::Pow,
        _ => return None,
    })
}

/// Whether an expression can begin with this token.
pub(super) fn begins_expression(kind: TokenKind) -> bool {
    use Keyword as K;
    match kind {
        TokenKind::Name
        | TokenKind::Int
        | TokenKind::Float
        | TokenKind::BadNumber
        | TokenKind::Str
        | TokenKind::StrHead
        | TokenKind::ParenOpen
        | TokenKind::BracketOpen
        | TokenKind::BraceOpen
        | TokenKind::Minus
        | TokenKind::MinusMinus
        | TokenKind::PlusPlus
        | TokenKind::Bang => true,
        TokenKind::Keyword(keyword) if keyword.is_reserved() => matches!(
            keyword,
            K::True
                | K::False
                | K::Null
                | K::This
                | K::Print
                | K::Lambda
                | K::Match
                | K::If
                | K::Not
                | K::Await
        ),
        TokenKind::Keyword(_) => true,
        _ => false,
    }
}

/// Whether this token continues an expression before it, on whatever line it stands.
pub(super) fn continues_expression(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::EqEq
            | TokenKind::NotEq
            | TokenKind::Lt
            | TokenKind::LtEq
            | TokenKind::Gt
            | TokenKind::GtEq
            | TokenKind::Plus
            | TokenKind::Minus
            | TokenKind::Star
            | TokenKind::Slash
            | TokenKind::Percent
            | TokenKind::StarStar
            | TokenKind::AndAnd
            | TokenKind::OrOr
            | TokenKind::Question
            | TokenKind::QuestionQuestion
            | TokenKind::QuestionDot
            | TokenKind::Dot
            | TokenKind::DotDot
            | TokenKind::DotDotEq
            | TokenKind::Keyword(Keyword::And | Keyword::Or | Keyword::In)
    )
}

/// An initial value that is an expression.
pub(super) fn expression_initializer(value: Expr) -> Initializer {
    Initializer { span: value.span, kind: InitializerKind::Expr(value) }
}
