"""Zexus, a language for rules and contracts, in Python.

>>> import zexus
>>> zexus.run("let x = 6; x * 7")
42
"""

from __future__ import annotations

from ._zexus import VERSION as __version__
from ._zexus import Handle
from .chain import Chain, Receipt
from .compiler import compile, run
from .engine import Engine, Instance, Program
from .errors import (
    BytecodeError,
    CompileError,
    LimitError,
    OutOfGasError,
    RevertError,
    StoreError,
    ZexusError,
    ZexusRuntimeError,
)
from .vm.bytecode import Bytecode, Opcode
from .vm.vm import VM

__all__ = [
    "VM",
    "Bytecode",
    "BytecodeError",
    "Chain",
    "CompileError",
    "Engine",
    "Handle",
    "Instance",
    "LimitError",
    "Opcode",
    "OutOfGasError",
    "Program",
    "Receipt",
    "RevertError",
    "StoreError",
    "ZexusError",
    "ZexusRuntimeError",
    "__version__",
    "compile",
    "run",
]
