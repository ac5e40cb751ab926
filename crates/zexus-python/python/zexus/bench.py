"""Speed of the package: `python -m zexus.bench [path of the zexus command]`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable, List, Optional, Tuple

from . import VM, Bytecode, compile
from .evaluator import evaluate
from .lexer import Lexer
from .object import Environment
from .parser import Parser

LOOP = "let i = 0\nlet s = 0\nwhile i < 10000000 { s += i\n i += 1 }\ns"

# The rows of the reference document: a name, a program for tier 0, and the same for the machine.
ROWS: List[Tuple[str, str]] = [
    ("Arithmetic Loop", "let s = 0\nfor i in 0..10000 { s = s + i * 2 - 1 }\ns"),
    ("State Operations", "state n = 0\nfor i in 0..1000 { tx { n = n + 1 } }\nn"),
    ("Hash Operations", 'let h = ""\nfor i in 0..1000 { h = hash("block" + string(i), "sha256") }\nh'),
    (
        "Smart Contract",
        "contract C { state a = 1000000\n state b = 0\n"
        "action move(n) { require(a >= n, \"too little\")\n a = a - n\n b = b + n\n return b } }\n"
        "let c = C()\nfor i in 0..1000 { c.move(1) }\nc.move(1)",
    ),
]


def best(work: Callable[[], object], times: int, rounds: int = 5) -> float:
    """The shortest time of one call, in seconds."""
    shortest = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(times):
            work()
        shortest = min(shortest, (time.perf_counter() - start) / times)
    return shortest


def ten_instructions() -> Bytecode:
    """Ten instructions that name no variable, so that no value is converted but the result."""
    three, four = ("LOAD_CONST", 0), ("LOAD_CONST", 1)
    code = [three, four, ("ADD", None), three, ("MUL", None), four, ("SUB", None), three, ("ADD", None), ("RETURN", None)]
    return Bytecode(code, [3, 4])


def short() -> None:
    code, vm = ten_instructions(), VM(use_jit=False, optimization_level=0)
    print(f"vm.execute of ten instructions      {best(lambda: vm.execute(code), 50_000) * 1e6:8.2f} us")
    print(f"a function of Python that does nothing {best(lambda: None, 50_000) * 1e6:5.2f} us")


def loop(command: Optional[str]) -> None:
    code, vm = compile(LOOP), VM()
    here = best(lambda: vm.execute(code), 1, 3)
    print(f"10,000,000 iterations, vm.execute   {here * 1e3:8.1f} ms")
    if command is None:
        return
    with tempfile.TemporaryDirectory() as directory:
        programs = [Path(directory, name) for name in ("loop.zx", "nothing.zx")]
        programs[0].write_text(LOOP, encoding="utf-8")
        programs[1].write_text("1", encoding="utf-8")

        def run(path: Path) -> object:
            return subprocess.run([command, "run", str(path)], check=True, capture_output=True)

        whole, start = best(lambda: run(programs[0]), 1, 3), best(lambda: run(programs[1]), 1, 3)
    there = whole - start
    print(f"10,000,000 iterations, the command  {there * 1e3:8.1f} ms ({100 * (here / there - 1):+.1f} %)")


def rows() -> None:
    print(f"{'':18} {'tier 0':>10} {'tier 1':>10} {'tier 2':>10}")
    for name, source in ROWS:
        program = Parser(Lexer(source)).parse_program()
        code = compile(source)
        plain, native = VM(use_jit=False), VM(jit_threshold=1)
        times = [
            best(lambda: evaluate(program, Environment(), use_vm=False), 1),
            best(lambda: plain.execute(code), 3),
            best(lambda: native.execute(code), 3),
        ]
        print(f"{name:18}" + "".join(f"{t * 1e3:8.2f} ms" for t in times))


def main() -> None:
    """Prints everything."""
    short()
    loop(sys.argv[1] if len(sys.argv) > 1 else None)
    rows()


if __name__ == "__main__":
    main()
