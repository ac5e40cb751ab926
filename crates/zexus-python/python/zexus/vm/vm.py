"""The virtual machine."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Callable, Dict, Mapping, Optional, Union

from .._zexus import Machine
from ..errors import ZexusRuntimeError
from .bytecode import Bytecode
from .jit import JITCompiler, JITStats

__all__ = ["VM", "VMRuntimeError", "ZexusRuntimeError"]

VMRuntimeError = ZexusRuntimeError

SPECIAL = ("_blockchain_state", "_gas_remaining", "_ledger")


class VM:
    """Executes bytecode over an environment that lasts.

    >>> from zexus import VM, Bytecode
    >>> code = Bytecode()
    >>> x, one = code.add_constant("x"), code.add_constant(1)
    >>> for op, operand in ("LOAD_NAME", x), ("LOAD_CONST", one), ("ADD", None), ("STORE_NAME", x):
    ...     at = code.add_instruction(op, operand)
    >>> vm = VM(env={"x": 41})
    >>> vm.execute(code)
    >>> vm.env["x"]
    42
    """

    def __init__(
        self,
        builtins: Optional[Dict[str, Callable[..., Any]]] = None,
        env: Optional[Dict[str, Any]] = None,
        parent_env: Optional[Dict[str, Any]] = None,
        use_jit: bool = True,
        jit_threshold: int = 100,
        optimization_level: int = 1,
        gas_limit: Optional[int] = None,
        metered: bool = False,
        strict_transactions: bool = False,
        block: Optional[Mapping[str, Any]] = None,
        limits: Optional[Mapping[str, int]] = None,
        debug: bool = False,
    ) -> None:
        self.builtins: Dict[str, Callable[..., Any]] = {} if builtins is None else builtins
        self.env: Dict[str, Any] = {} if env is None else env
        self.parent_env: Dict[str, Any] = {} if parent_env is None else parent_env
        self.use_jit = use_jit
        self.debug = debug
        self.jit_compiler: Optional[JITCompiler] = (
            JITCompiler(jit_threshold, optimization_level, debug) if use_jit else None
        )
        self._settings = (
            optimization_level,
            metered,
            strict_transactions,
            None if block is None else dict(block),
            None if limits is None else dict(limits),
        )
        self._machine = Machine(*self._settings, jit_threshold if use_jit else None)
        if self.jit_compiler is not None:
            self.jit_compiler._machines.append(self._machine)
        # The machines of code that was compiled by hand.
        self._native: Dict[str, Machine] = {}
        if gas_limit is not None:
            self.env["_gas_remaining"] = gas_limit
        else:
            self.env.setdefault("_gas_remaining", float("inf"))

    def execute(self, code: Union[Bytecode, bytes], debug: bool = False) -> Any:
        """Runs bytecode, or the bytes of a module; gives its value.

        With `debug` a trace goes to `sys.stderr`.
        """
        if not isinstance(code, Bytecode):
            if not isinstance(code, (bytes, bytearray)):
                raise TypeError(f"a VM executes Bytecode or bytes, not {type(code).__name__}")
            code = Bytecode.from_bytes(bytes(code))
        prepared = code._code.prepare(code.instructions, code.constants, code.functions)
        jit = self.jit_compiler
        if jit is not None and not debug:
            return jit._execute(self, prepared)
        return self._machine.execute(prepared, self.env, self.parent_env, self.builtins, debug or self.debug)


    @property
    def gas_used(self) -> int:
        """The gas that the last execution used."""
        return self._machine.gas_used

    def get_jit_stats(self) -> Dict[str, Any]:
        """The statistics of bytecode.md 8.4, and `jit_enabled`."""
        jit = self.jit_compiler
        stats = asdict(JITStats()) if jit is None else jit.get_stats()
        return {**stats, "jit_enabled": jit is not None}

    def clear_jit_cache(self) -> None:
        """Drops native code and counters."""
        if self.jit_compiler is not None:
            self.jit_compiler.clear_cache()

    def inspect_env(self) -> Dict[str, Any]:
        """A copy of the environment without what the machine keeps in it."""
        return {name: value for name, value in self.env.items() if name not in SPECIAL}
