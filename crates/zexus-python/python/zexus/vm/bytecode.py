"""Bytecode: building, reading and writing modules."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Sequence, Tuple, Union

from .._zexus import Code, FunctionRef, opcodes, operands

if TYPE_CHECKING:
    from ._opcodes import Emitters, Opcode
else:
    Emitters = object
    Opcode = IntEnum("Opcode", opcodes(), module=__name__)
    Opcode.__doc__ = "The opcodes of bytecode.md chapter 2, by name."

__all__ = ["Bytecode", "BytecodeBuilder", "Function", "Opcode"]

Operand = Union[None, int, Tuple[int, int]]
Instruction = Tuple[str, Operand]
Param = Union[str, Tuple[str, str]]


def _name(op: Union[str, int]) -> Union[str, int]:
    """The name of an opcode given by name or number; what is none stays, and is reported by the verifier."""
    if isinstance(op, str):
        return op
    try:
        return Opcode(op).name
    except ValueError:
        return op


@dataclass
class Function:
    """A function of a module besides its entry."""

    name: str
    params: List[Param] = field(default_factory=list)
    entries: List[int] = field(default_factory=list)
    locals: List[str] = field(default_factory=list)
    captures: List[str] = field(default_factory=list)
    flags: int = 0
    gas_limit: Optional[int] = None
    instructions: List[Instruction] = field(default_factory=list)


class Bytecode:
    """A module of bytecode: instructions, constants, further functions.

    >>> code = Bytecode()
    >>> six, seven = code.add_constant(6), code.add_constant(7)
    >>> for op, operand in ("LOAD_CONST", six), ("LOAD_CONST", seven), ("MUL", None):
    ...     at = code.add_instruction(op, operand)
    >>> code
    Bytecode(3 instructions, 2 constants)
    >>> from zexus import VM
    >>> VM().execute(code)
    42
    """

    __slots__ = ("instructions", "constants", "metadata", "functions", "_code", "_index")

    def __init__(
        self,
        instructions: Optional[Sequence[Instruction]] = None,
        constants: Optional[Sequence[Any]] = None,
    ) -> None:
        self.instructions: List[Instruction] = list(instructions or ())
        self.constants: List[Any] = list(constants or ())
        self.functions: List[Function] = []
        self.metadata: Dict[str, Any] = {
            "source_file": None,
            "version": "1.0",
            "created_by": "unknown",
        }
        self._code = Code()
        # The places of constants that were added, by their encodings.
        self._index: Dict[bytes, int] = {}

    @classmethod
    def _of(cls, code: Code) -> Bytecode:
        """The bytecode of a module that the engine has."""
        self = cls()
        instructions, self.constants, functions = code.lists()
        self.instructions = instructions
        self.functions = [Function(*parts) for parts in functions]
        self.metadata.update(code.metadata())
        self._code = code
        return self

    @staticmethod
    def function(number: int) -> FunctionRef:
        """Stands for a function of the module among its constants."""
        return FunctionRef(number)

    def add_constant(self, value: Any) -> int:
        """The index of an equal constant of the same kind, or of a copy of the value, which is added.

        >>> code = Bytecode()
        >>> [code.add_constant(v) for v in (1, 1.0, True, 1, "x")]
        [0, 1, 2, 0, 3]
        """
        copy, key = Code.constant(value)
        constants = self.constants
        at = self._index.get(key)
        if at is not None and at < len(constants) and Code.same(constants[at], copy):
            return at
        for index, constant in enumerate(constants):
            # Constants may have been put into the list directly.
            if len(self._index) < len(constants) and Code.same(constant, copy):
                return index
        constants.append(copy)
        self._index[key] = len(constants) - 1
        return len(constants) - 1

    def add_instruction(self, op: Union[str, int], operand: Operand = None) -> int:
        """Adds an instruction, whatever it is; gives its index. `verify` and `execute` say what is wrong with it."""
        self.instructions.append((_name(op), operand))  # type: ignore[arg-type]
        return len(self.instructions) - 1

    def add_function(self, name: str, params: Sequence[Param], body: Bytecode, **lists: Any) -> int:
        """Adds a function, whose constants join those of the module; gives its number.

        `lists` are `entries`, `locals`, `captures`, `flags` and `gas_limit`.
        """
        places = [self.add_constant(constant) for constant in body.constants]
        instructions = Code.moved(body.instructions, places)
        self.functions.append(Function(name, list(params), instructions=instructions, **lists))
        return len(self.functions)

    def update_instruction(self, index: int, op: Union[str, int], operand: Operand = None) -> None:
        """Replaces an instruction."""
        self.instructions[index] = (_name(op), operand)  # type: ignore[assignment]

    def get_instruction(self, index: int) -> Optional[Instruction]:
        """The instruction, or None outside the code."""
        return self.instructions[index] if 0 <= index < len(self.instructions) else None

    def get_constant(self, index: int) -> Any:
        """The constant, or None outside the pool."""
        return self.constants[index] if 0 <= index < len(self.constants) else None

    def set_metadata(self, key: str, value: Any) -> None:
        """Sets a string of the metadata."""
        self.metadata[key] = value

    def verify(self) -> None:
        """Raises `BytecodeError` unless the module can be executed.

        >>> Bytecode([("ADD", None)]).verify()
        Traceback (most recent call last):
        ...
        zexus.errors.BytecodeError: function 0 (main), pc 0: ADD needs 2 values, the stack has 0
        """
        self._code.verify(self.instructions, self.constants, self.functions)

    def disassemble(self) -> str:
        """The listing (bytecode.md 3.1)."""
        return self._code.disassemble(self.instructions, self.constants, self.functions)

    def to_asm(self) -> str:
        """The assembler text (bytecode.md 3.2)."""
        return self._code.to_asm(self.instructions, self.constants, self.functions, self.metadata)

    @classmethod
    def from_asm(cls, text: str) -> Bytecode:
        """Reads assembler text."""
        return cls._of(Code.from_asm(text))

    def to_bytes(self) -> bytes:
        """The binary form (bytecode.md 3.3)."""
        return self._code.to_bytes(self.instructions, self.constants, self.functions, self.metadata)

    @classmethod
    def from_bytes(cls, data: bytes) -> Bytecode:
        """Reads the binary form."""
        return cls._of(Code.from_bytes(data))

    def content_hash(self) -> str:
        """The hash of the content (bytecode.md 3.6), 64 hex digits."""
        return self._code.content_hash(self.instructions, self.constants, self.functions)

    def __len__(self) -> int:
        return len(self.instructions)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"Bytecode({len(self.instructions)} instructions, {len(self.constants)} constants)"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Bytecode):
            return NotImplemented
        return self.content_hash() == other.content_hash()

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> Tuple[Callable[[bytes], Bytecode], Tuple[bytes]]:
        return Bytecode.from_bytes, (self.to_bytes(),)


class BytecodeBuilder(Emitters):
    """Builds bytecode with names, values and labels instead of numbers.

    >>> b = BytecodeBuilder()
    >>> b.emit_constant(0); b.emit_store("i")
    >>> b.mark_label("loop")
    >>> b.emit_load("i"); b.emit_constant(3); b.emit_lt(); b.emit_jump_if_false("end")
    >>> b.emit_load("i"); b.emit_inc(); b.emit_store("i"); b.emit_jump("loop")
    >>> b.mark_label("end")
    >>> b.emit_load("i")
    >>> from zexus import VM
    >>> len(b.build()), VM().execute(b.build())
    (11, 3)
    """

    def __init__(self) -> None:
        self.bytecode = Bytecode()
        self._labels: Dict[str, int] = {}
        self._jumps: List[Tuple[int, str, Optional[int]]] = []

    def emit(self, op: Union[str, int], operand: Operand = None) -> None:
        """Adds an instruction with its operand as a number or a pair."""
        self.bytecode.add_instruction(op, operand)

    def emit_constant(self, value: Any) -> None:
        """Pushes a value."""
        self.emit("LOAD_CONST", self.bytecode.add_constant(value))

    def emit_load(self, name: str) -> None:
        """Pushes a variable."""
        self.emit("LOAD_NAME", self.bytecode.add_constant(name))

    def emit_store(self, name: str) -> None:
        """Assigns a variable."""
        self.emit("STORE_NAME", self.bytecode.add_constant(name))

    def emit_call(self, name: str, count: int) -> None:
        """Calls a variable or builtin."""
        self.emit("CALL_NAME", (self.bytecode.add_constant(name), count))

    def mark_label(self, label: str) -> None:
        """Makes a label lead to the next instruction."""
        if label in self._labels:
            raise ValueError(f"label '{label}' is marked twice")
        self._labels[label] = len(self.bytecode)

    def emit_tx_revert(self, reason: Any = None) -> None:
        """Undoes the transaction; the reason is a note for traces."""
        self.emit("TX_REVERT", None if reason is None else self.bytecode.add_constant(reason))

    def resolve_labels(self) -> Bytecode:
        """The bytecode, its labels as numbers.

        >>> b = BytecodeBuilder()
        >>> b.emit_jump("nowhere")
        >>> b.build()
        Traceback (most recent call last):
        ...
        ValueError: label 'nowhere' is not marked
        """
        for at, label, second in self._jumps:
            if label not in self._labels:
                raise ValueError(f"label '{label}' is not marked")
            place = self._labels[label]
            op = self.bytecode.instructions[at][0]
            operand: Operand = place if second is None else (place, second)
            self.bytecode.update_instruction(at, op, operand)
        return self.bytecode

    build = resolve_labels

    def _emit(self, op: str, kinds: str, parts: Tuple[Any, ...]) -> None:
        """Adds an instruction whose parts are given as what their kinds say: `L` labels, `v` values, `n` numbers."""
        at = len(self.bytecode)
        numbers: List[int] = []
        for kind, part in zip(kinds, parts):
            if kind == "L" and isinstance(part, str):
                self._jumps.append((at, part, parts[1] if len(parts) == 2 else None))
                numbers.append(0)
            elif kind == "n" or kind in "yL" and isinstance(part, int):
                numbers.append(part)
            else:
                numbers.append(self.bytecode.add_constant(part))
        self.emit(op, None if not numbers else numbers[0] if len(numbers) == 1 else tuple(numbers))  # type: ignore[arg-type]


def _method(op: str, kinds: str, optional: bool) -> Callable[..., None]:
    def emit(self: BytecodeBuilder, *parts: Any) -> None:
        if len(parts) != len(kinds) and not (optional and not parts):
            raise TypeError(f"emit_{op.lower()} takes {len(kinds)} operands, got {len(parts)}")
        self._emit(op, kinds, parts)

    emit.__name__ = f"emit_{op.lower()}"
    emit.__doc__ = f"Adds `{op}`."
    return emit


def _add_methods() -> None:
    for op, kinds, optional in operands():
        name = f"emit_{op.lower()}"
        if not hasattr(BytecodeBuilder, name):
            setattr(BytecodeBuilder, name, _method(op, kinds, optional))


_add_methods()
