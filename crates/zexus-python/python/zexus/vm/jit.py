"""Native code for hot bytecode."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Sequence, Union

from .._zexus import single_pass
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


def no_statistics() -> Dict[str, Any]:
    """The statistics of a machine without native code."""
    return asdict(JITStats())


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
        self.stats = JITStats()

    def hash_bytecode(self, bytecode: Bytecode) -> str:
        """The content hash, by which bytecode is known."""
        return bytecode.content_hash()

    def track_execution(self, bytecode: Bytecode, execution_time: float = 0.0) -> str:
        """Counts an execution; gives the hash."""
        code_hash = self.hash_bytecode(bytecode)
        self._count(code_hash).total_time += execution_time
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
            self.stats.cache_hits += 1
            return known
        self.stats.cache_misses += 1
        try:
            bytecode.verify()
        except ValueError as error:
            self.stats.compilation_failures += 1
            self._say(f"{code_hash[:12]} cannot be compiled: {error}")
            return None
        compiled = _executor(bytecode.from_bytes(bytecode.to_bytes()))
        self.compilation_cache[code_hash] = compiled
        self.stats.cache_size = len(self.compilation_cache)
        info = self.hot_paths.setdefault(code_hash, HotPathInfo(code_hash))
        info.compiled_version = compiled
        return compiled

    def get_stats(self) -> Dict[str, Any]:
        """The statistics as a dict."""
        return {**asdict(self.stats), "cache_size": len(self.compilation_cache)}

    def clear_cache(self) -> None:
        """Drops compiled code and counters."""
        self.compilation_cache.clear()
        self.hot_paths.clear()
        self.stats.cache_size = 0

    def _count(self, code_hash: str) -> HotPathInfo:
        info = self.hot_paths.get(code_hash)
        if info is None:
            info = self.hot_paths[code_hash] = HotPathInfo(code_hash)
        info.execution_count += 1
        if info.execution_count == self.hot_threshold:
            self.stats.hot_paths_detected += 1
            self._say(f"{code_hash[:12]} is hot after {self.hot_threshold} executions")
        return info

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


def _executor(bytecode: Bytecode) -> Callable[..., Any]:
    def compiled(vm: VM, stack: Optional[Sequence[Any]] = None, env: Optional[Dict[str, Any]] = None) -> Any:
        if stack:
            raise ValueError("the stack of compiled code is its own; it cannot begin with values")
        return vm._run(bytecode, vm.env if env is None else env)

    return compiled
