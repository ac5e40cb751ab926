"""Native code for hot bytecode."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Sequence, Union

from .._zexus import Machine, Prepared, single_pass
from .bytecode import Bytecode, Instruction
from .optimizer import BytecodeOptimizer

if TYPE_CHECKING:
    from .vm import VM

__all__ = ["HotPathInfo", "JITCompiler", "JITStats"]


@dataclass
class HotPathInfo:
    """What is known of a module that was executed."""

    bytecode_hash: str
    execution_count: int = 0
    total_time: float = 0.0
    last_execution: float = 0.0
    compiled_version: Optional[Callable[..., Any]] = None
    compilation_time: float = 0.0
    tier: int = 1


@dataclass
class JITStats:
    """The statistics of bytecode.md 8.4."""

    hot_paths_detected: int = 0
    compilations: int = 0
    compilation_failures: int = 0
    compilation_time: float = 0.0
    jit_executions: int = 0
    cache_misses: int = 0
    cache_hits: int = 0
    cache_size: int = 0
    tier_promotions: int = 0
    osr_entries: int = 0
    deoptimizations: int = 0
    speedup_factor: float = 1.0


class JITCompiler:
    """Finds hot bytecode and compiles it.

    >>> from zexus import VM, Bytecode
    >>> code, jit = Bytecode([("LOAD_CONST", 0)], [42]), JITCompiler(hot_threshold=2)
    >>> for _ in range(2):
    ...     code_hash = jit.track_execution(code)
    >>> jit.should_compile(code_hash), jit.compile_hot_path(code)(VM(), stack=[], env={})
    (True, 42)
    """

    def __init__(self, hot_threshold: int = 100, optimization_level: int = 1, debug: bool = False) -> None:
        if hot_threshold < 1:
            raise ValueError("a threshold is at least 1")
        self.hot_threshold = hot_threshold
        self.debug = debug
        self.optimizer = BytecodeOptimizer(optimization_level, debug=debug)
        self.hot_paths: Dict[str, HotPathInfo] = {}
        self.compilation_cache: Dict[str, Callable[..., Any]] = {}
        # The machines that find hot code by themselves, and those that run what was compiled by hand.
        self._machines: List[Machine] = []
        self._compiled: List[Machine] = []
        self._own = JITStats()

    def hash_bytecode(self, bytecode: Bytecode) -> str:
        """The content hash, by which bytecode is known."""
        return bytecode.content_hash()

    def track_execution(self, bytecode: Bytecode, execution_time: float = 0.0) -> str:
        """Counts an execution; gives the hash."""
        code_hash = self.hash_bytecode(bytecode)
        info = self._count(code_hash)
        info.total_time += execution_time
        info.last_execution = time.time()
        if info.execution_count == self.hot_threshold:
            self._own.hot_paths_detected += 1
        return code_hash

    def should_compile(self, code: Union[str, Bytecode]) -> bool:
        """Whether bytecode, or that of a hash, is hot and not compiled."""
        code_hash = code if isinstance(code, str) else self.hash_bytecode(code)
        info = self.hot_paths.get(code_hash)
        hot = info is not None and info.execution_count >= self.hot_threshold
        return hot and code_hash not in self.compilation_cache

    def compile_hot_path(self, bytecode: Bytecode) -> Optional[Callable[..., Any]]:
        """A callable `f(vm, stack=None, env=None)`; the same one while it is in the cache. None for what cannot be compiled."""
        code_hash = self.hash_bytecode(bytecode)
        known = self.compilation_cache.get(code_hash)
        if known is not None:
            self._own.cache_hits += 1
            return known
        try:
            prepared = bytecode._code.prepare(bytecode.instructions, bytecode.constants, bytecode.functions)
        except ValueError as error:
            self._own.cache_misses += 1
            self._own.compilation_failures += 1
            self._say(f"{code_hash[:12]} cannot be compiled: {error}")
            return None
        compiled = self._callable(prepared)
        self.compilation_cache[code_hash] = compiled
        info = self.hot_paths.setdefault(code_hash, HotPathInfo(code_hash))
        info.compiled_version, info.tier = compiled, 2
        return compiled

    @property
    def stats(self) -> JITStats:
        """What was done so far, by hand and in the machines of this compiler."""
        total = asdict(self._own)
        weight = 0
        factor = 0.0
        for machine in self._machines + self._compiled:
            for key, n in machine.jit_stats().items():
                if key == "speedup_factor":
                    executions = machine.jit_stats()["jit_executions"]
                    weight += executions
                    factor += n * executions
                elif key != "hot_paths_detected" or machine in self._machines:
                    total[key] += n
        total["speedup_factor"] = factor / weight if weight else 1.0
        return JITStats(**total)

    def get_stats(self) -> Dict[str, Any]:
        """The statistics as a dict."""
        return asdict(self.stats)

    def clear_cache(self) -> None:
        """Drops compiled code and counters."""
        self.compilation_cache.clear()
        self.hot_paths.clear()
        for machine in self._machines + self._compiled:
            machine.clear_jit()

    def _count(self, code_hash: str) -> HotPathInfo:
        info = self.hot_paths.get(code_hash)
        if info is None:
            info = self.hot_paths[code_hash] = HotPathInfo(code_hash)
        info.execution_count += 1
        if info.execution_count == self.hot_threshold:
            self._say(f"{code_hash[:12]} is hot after {self.hot_threshold} executions")
        return info

    def _execute(self, vm: VM, prepared: Prepared) -> Any:
        """An execution in the machine of a `VM`, which compiles hot code by itself."""
        info = self._count(prepared.hash)
        if info.execution_count != self.hot_threshold:
            return vm._machine.execute(prepared, vm.env, vm.parent_env, vm.builtins, vm.debug)
        before = vm._machine.jit_stats()["compilations"]
        try:
            return vm._machine.execute(prepared, vm.env, vm.parent_env, vm.builtins, vm.debug)
        finally:
            if vm._machine.jit_stats()["compilations"] > before:
                info.tier = 2
                self._say(f"{prepared.hash[:12]} is native from now on")

    def _callable(self, prepared: Prepared) -> Callable[..., Any]:
        def compiled(vm: VM, stack: Optional[Sequence[Any]] = None, env: Optional[Dict[str, Any]] = None) -> Any:
            if stack:
                raise ValueError("the stack of compiled code is its own; it cannot begin with values")
            machine = vm._native.get(prepared.hash)
            if machine is None:
                # Kinds of values are only known when it runs, so the engine makes native code at its first execution.
                machine = vm._native[prepared.hash] = Machine(*vm._settings, 1)
                self._compiled.append(machine)
            return machine.execute(prepared, vm.env if env is None else env, vm.parent_env, vm.builtins, False)

        return compiled

    def _say(self, text: str) -> None:
        if self.debug:
            print(f"jit: {text}", file=sys.stderr)

    _hash_bytecode = hash_bytecode

    def _constant_folding(self, instructions: Sequence[Instruction]) -> List[Instruction]:
        return single_pass("constant_folds", list(instructions))

    def _dead_code_elimination(self, instructions: Sequence[Instruction]) -> List[Instruction]:
        return single_pass("dead_code_removed", list(instructions))

    def _peephole_optimization(self, instructions: Sequence[Instruction]) -> List[Instruction]:
        return single_pass("peephole_opts", list(instructions))

    def _instruction_combining(self, instructions: Sequence[Instruction]) -> List[Instruction]:
        return single_pass("instructions_combined", list(instructions))
