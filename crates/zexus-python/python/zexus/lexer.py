"""Tokens of source text."""

from __future__ import annotations

from typing import Iterator, List, NamedTuple

from ._zexus import Source

__all__ = ["Lexer", "Token"]


class Token(NamedTuple):
    """A token: its kind, its text, and where it begins, from 1."""

    kind: str
    text: str
    line: int
    column: int


class Lexer:
    """Cuts a text into tokens; spaces and comments are left out.

    >>> [token.text for token in Lexer("let x = 1 # one")]
    ['let', 'x', '=', '1']
    """

    def __init__(self, source: str, filename: str = "<stdin>") -> None:
        self.source = source
        self.filename = filename
        self._source = Source(source, filename)

    def tokenize(self) -> List[Token]:
        """All tokens in order."""
        return [Token(*row) for row in self._source.tokens()]

    def __iter__(self) -> Iterator[Token]:
        return iter(self.tokenize())
