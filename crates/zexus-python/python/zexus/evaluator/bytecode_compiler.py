"""Compiling programs to bytecode."""

from __future__ import annotations

from collections import OrderedDict
from typing import List, Optional, Tuple, Union

from ..errors import ZexusError
from ..parser import Node, Program
from ..vm.bytecode import Bytecode

__all__ = ["EvaluatorBytecodeCompiler", "should_use_vm_for_node"]


class EvaluatorBytecodeCompiler:
    """Compiles programs and single statements.

    >>> from zexus.parser import Parser
    >>> from zexus.lexer import Lexer
    >>> program = Parser(Lexer("let x = 1; x + 2")).parse_program()
    >>> EvaluatorBytecodeCompiler().compile(program)
    Bytecode(5 instructions, 3 constants)
    """

    def __init__(self, use_cache: bool = True, cache_size: int = 1000) -> None:
        self.errors: List[str] = []
        self.use_cache = use_cache
        self.cache_size = cache_size
        self._cache: OrderedDict[Tuple[object, bool], Bytecode] = OrderedDict()

    def compile(self, node: Union[Program, Node], optimize: bool = True) -> Optional[Bytecode]:
        """The bytecode at level 1, or 0; None with the reasons in `errors` for what does not compile."""
        self.errors = []
        key = (node, optimize)
        if self.use_cache and key in self._cache:
            self._cache.move_to_end(key)
            return self._cache[key]
        try:
            code = node._source.compile(1 if optimize else 0, isinstance(node, Node))
        except ZexusError as error:
            self.errors = [str(e) for e in getattr(error, "errors", None) or [error]]
            return None
        bytecode = Bytecode._of(code)
        if self.use_cache:
            self._cache[key] = bytecode
            while len(self._cache) > self.cache_size:
                self._cache.popitem(last=False)
        return bytecode

    def can_compile(self, node: Union[Program, Node]) -> bool:
        """Whether `compile` gives bytecode."""
        return self.compile(node) is not None

    def clear_cache(self) -> None:
        """Forgets what was compiled."""
        self._cache.clear()


def should_use_vm_for_node(node: Union[Program, Node]) -> bool:
    """Whether a program or statement is compiled rather than walked (bytecode.md 7.4)."""
    return node._source.should_use_vm()
