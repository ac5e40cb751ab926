"""The optimizer of bytecode."""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from .._zexus import Optimizer
from .bytecode import Bytecode, Instruction

__all__ = ["BytecodeOptimizer", "OptimizationStats", "Optimized"]


class Optimized(NamedTuple):
    """What `optimize` gives."""

    instructions: List[Instruction]
    constants: List[Any]


@dataclass
class OptimizationStats:
    """What an optimizer has done (bytecode.md 6.13)."""

    original_size: int = 0
    optimized_size: int = 0
    constant_folds: int = 0
    copies_eliminated: int = 0
    common_subexpressions: int = 0
    dead_code_removed: int = 0
    peephole_opts: int = 0
    instructions_combined: int = 0
    jumps_threaded: int = 0
    strength_reductions: int = 0
    loops_unrolled: int = 0
    passes_run: int = 0
    passes_applied: int = 0

    @property
    def size_reduction(self) -> float:
        """How much smaller the code became, in percent."""
        if not self.original_size:
            return 0.0
        return 100.0 * (self.original_size - self.optimized_size) / self.original_size

    @property
    def total_optimizations(self) -> int:
        """The sum of what the passes count."""
        others = ("original_size", "optimized_size", "passes_run", "passes_applied")
        return sum(n for key, n in vars(self).items() if key not in others)


class BytecodeOptimizer:
    """Optimizes bytecode without changing what it means.

    >>> optimizer = BytecodeOptimizer(level=1)
    >>> code = [("LOAD_CONST", 0), ("LOAD_CONST", 1), ("ADD", None), ("RETURN", None)]
    >>> optimizer.optimize(code, [10, 20])
    Optimized(instructions=[('LOAD_CONST', 2), ('RETURN', None)], constants=[10, 20, 30])
    >>> optimizer.get_stats()["size_reduction_pct"]
    50.0
    """

    def __init__(self, level: int = 1, max_passes: int = 5, debug: bool = False) -> None:
        self.level = level
        self.max_passes = max_passes
        self.debug = debug
        self._optimizer = Optimizer(level, max_passes, debug)
        self._seen = 0

    def optimize(self, instructions: Sequence[Instruction], constants: Optional[Sequence[Any]] = None) -> Optimized:
        """Optimizes a list, which needs not be verifiable; the arguments stay what they are."""
        result = Optimized(*self._optimizer.optimize(list(instructions), list(constants or ())))
        self._show()
        return result

    def optimize_instructions(
        self, instructions: Sequence[Instruction], constants: Optional[List[Any]] = None
    ) -> List[Instruction]:
        """The instructions alone; new constants are appended to the list given."""
        code, pool = self.optimize(instructions, constants)
        if constants is not None:
            constants.extend(pool[len(constants) :])
        return code

    def optimize_bytecode(self, bytecode: Bytecode) -> Bytecode:
        """A whole module, functions included."""
        code = self._optimizer.optimize_module(
            bytecode._code, bytecode.instructions, bytecode.constants, bytecode.functions
        )
        self._show()
        result = Bytecode._of(code)
        result.metadata.update(bytecode.metadata)
        return result

    @property
    def stats(self) -> OptimizationStats:
        """What was done so far."""
        stats = self.get_stats()
        return OptimizationStats(**{field.name: stats[field.name] for field in fields(OptimizationStats)})

    def get_stats(self) -> Dict[str, Any]:
        """The same as a dict, with all keys of bytecode.md 6.13."""
        stats = self._optimizer.stats()
        return {**stats, "passes_applied": stats["passes_run"]}

    def reset_stats(self) -> None:
        """Begins to count anew."""
        self._optimizer.reset()
        self._seen = 0

    def _show(self) -> None:
        if self.debug:
            changes = self._optimizer.take_changes()
            for change in changes[self._seen :]:
                print(f"optimizer: {change}", file=sys.stderr)
            self._seen = len(changes)
