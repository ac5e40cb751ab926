"""Programs from tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import List, Union

from ._zexus import Source
from .lexer import Lexer

__all__ = ["Node", "Parser", "Program", "UltimateParser"]


@dataclass(frozen=True)
class Node:
    """A statement: its kind, and where it begins, from 1."""

    kind: str
    line: int
    column: int
    _text: str = field(default="", repr=False)
    _file: str = field(default="<stdin>", repr=False)

    @property
    def _source(self) -> Source:
        return Source(self._text, self._file, self.line, self.column)


class Program:
    """A parsed text; `errors` are those of the parser."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.errors: List[str] = source.errors()
        self.statements: List[Node] = [
            Node(kind, line, column, text, source.name) for kind, text, line, column in source.statements()
        ]

    def __repr__(self) -> str:
        return f"Program({len(self.statements)} statements)"


class UltimateParser:
    """Parses what a lexer reads, whatever it is.

    >>> parser = UltimateParser(Lexer("let x = 1; print(x)"))
    >>> [node.kind for node in parser.parse_program().statements], parser.errors
    (['Let', 'Print'], [])
    >>> UltimateParser(Lexer("let = 1")).errors
    ['1:5: error[E0201]: expected a name, found `=`']
    """

    def __init__(self, lexer: Lexer) -> None:
        self._program = Program(lexer._source)

    @property
    def errors(self) -> List[str]:
        """The errors, each as `line:column: error[code]: message`."""
        return self._program.errors

    def parse_program(self) -> Program:
        """The program; it may have errors."""
        return self._program


Parser = UltimateParser
AnyNode = Union[Program, Node]
