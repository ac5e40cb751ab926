"""How programs are run. The settings are in memory only, and read at every evaluation."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Config", "config"]


@dataclass
class Config:
    """The choice between walking a program and compiling it (bytecode.md 7.4)."""

    use_hybrid_compiler: bool = True
    compiler_line_threshold: int = 100
    fallback_to_interpreter: bool = True


config = Config()
