"""Compiling and running source text."""

from __future__ import annotations

from typing import Any, List, Optional

from ._zexus import Source
from .errors import ZexusError
from .vm.bytecode import Bytecode
from .vm.vm import VM

__all__ = ["ZexusCompiler", "compile", "display", "run"]


class ZexusCompiler:
    """Compiles a program, and runs it.

    >>> compiler = ZexusCompiler("let x = 6; x * 7")
    >>> compiler.compile(), compiler.errors, compiler.run_bytecode()
    (Bytecode(5 instructions, 3 constants), [], 42)
    """

    def __init__(self, source: str, enable_optimizations: bool = True) -> None:
        self.source = source
        self.enable_optimizations = enable_optimizations
        self.errors: List[str] = []
        self.bytecode: Optional[Bytecode] = None

    def compile(self) -> Optional[Bytecode]:
        """The bytecode, or None with the errors in `errors`."""
        self.errors, self.bytecode = [], None
        try:
            self.bytecode = compile(self.source, 1 if self.enable_optimizations else 0)
        except ZexusError as error:
            self.errors = [str(e) for e in getattr(error, "errors", None) or [error]]
        return self.bytecode

    def run_bytecode(self, debug: bool = False) -> Any:
        """Runs the bytecode in a machine of its own; gives the plain value."""
        code = self.bytecode or self.compile()
        return None if code is None else VM(debug=debug).execute(code, debug)


def compile(source: str, level: int = 1) -> Bytecode:
    """The bytecode of a program.

    Raises `CompileError` for a program with errors.
    """
    return Bytecode._of(Source(source).compile(level, False))


def run(source: str, **options: Any) -> Any:
    """Compiles and executes a program; gives its value. The options are those of `VM`.

    >>> run("[1, 2, 3].map(x => x * x).sum()")
    14
    """
    return VM(**options).execute(compile(source))


def display(value: Any) -> str:
    """The display form of a value, as a program prints it.

    >>> display([1, "a", None, {"k": 2.5}])
    '[1, a, null, {k: 2.5}]'
    """
    code = Bytecode([("LOAD_NAME", 0), ("BUILD_STRING", 1)], ["value"])
    return str(VM(env={"value": value}, use_jit=False).execute(code))
