"""The exceptions of the package."""

from __future__ import annotations

from typing import Any, List, Optional

__all__ = [
    "BytecodeError",
    "CompileError",
    "LimitError",
    "OutOfGasError",
    "RevertError",
    "StoreError",
    "ZexusError",
    "ZexusRuntimeError",
]


class ZexusError(Exception):
    """An error of a program, or of what was given to the engine.

    `str(e)` is the message alone; `render()` shows the source.
    """

    code: Optional[str] = None
    message: str = ""
    file: Optional[str] = None
    line: Optional[int] = None
    column: Optional[int] = None
    trace: List[str] = []
    _rendered: Optional[str] = None

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message

    def render(self) -> str:
        """The report of the error with the lines of the source.

        >>> import zexus
        >>> try:
        ...     zexus.run("1 +")
        ... except zexus.CompileError as e:
        ...     print(e.render().splitlines()[0])
        error[E0201]: expected an expression, found the end of the file
        """
        return self._rendered or self.message


class CompileError(ZexusError):
    """A program does not compile; `errors` are all errors that were found."""

    errors: List[ZexusError] = []


class BytecodeError(ZexusError, ValueError):
    """Bytecode does not verify or cannot be read."""

    function: Optional[int] = None
    pc: Optional[int] = None
    listing: Optional[str] = None


class ZexusRuntimeError(ZexusError):
    """A run ended with an error that the program did not catch; `value` is what it threw."""

    kind: Optional[str] = None
    value: Any = None


class OutOfGasError(ZexusRuntimeError):
    """A run used more gas than it had."""

    used: int = 0
    limit: int = 0


class RevertError(ZexusRuntimeError):
    """A program reverted; `reason` is what it gave."""

    reason: Optional[str] = None


class LimitError(ZexusRuntimeError):
    """A run met a limit of memory, depth or output."""


class StoreError(ZexusError):
    """A store of a chain cannot be used."""

    in_use: bool = False
    version: Optional[int] = None
    damaged: bool = False
