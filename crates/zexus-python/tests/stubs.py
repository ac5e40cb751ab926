"""Writes `vm/_opcodes.pyi`, the stubs of opcodes and of the builder's methods, from the table of the engine."""

from pathlib import Path

from zexus._zexus import opcodes, operands

FILE = Path(__file__).resolve().parents[1] / "python" / "zexus" / "vm" / "_opcodes.pyi"
TYPES = {"L": "str", "y": "Union[str, int]", "v": "Any", "n": "int"}
OWN = {"emit_tx_revert"}


def text() -> str:
    lines = [
        "# Written by tests/stubs.py.",
        "from enum import IntEnum",
        "from typing import Any, Union",
        "",
        "class Opcode(IntEnum):",
        *(f"    {name} = {number}" for name, number in opcodes()),
        "",
        "class Emitters:",
    ]
    for name, kinds, optional in operands():
        if f"emit_{name.lower()}" in OWN:
            continue
        default = " = ..." if optional else ""
        parts = [f", {'abcd'[i]}: {TYPES[kind]}{default}" for i, kind in enumerate(kinds)]
        lines.append(f"    def emit_{name.lower()}(self{''.join(parts)}) -> None: ...")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
