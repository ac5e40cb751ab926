"""Values of programs as objects, and environments of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Dict, List as PyList, Optional

from ._zexus import Handle

__all__ = [
    "NULL",
    "Boolean",
    "Bytes",
    "DateTime",
    "Environment",
    "Float",
    "Function",
    "Host",
    "Instance",
    "Integer",
    "List",
    "Map",
    "Null",
    "Object",
    "Opaque",
    "Range",
    "String",
    "unwrap",
    "wrap",
]


class Object:
    """A value of a program. It equals an object with an equal value, and the plain value itself.

    >>> Integer(30) == 30, Integer(30) == Integer(30), str(List([1, "a"]))
    (True, True, '[1, a]')
    """

    kind: ClassVar[str] = "any"
    __slots__ = ("value",)

    def __init__(self, value: Any = None) -> None:
        self.value = value

    def type(self) -> str:
        """The kind, as `type(x)` names it in a program."""
        return self.kind

    def inspect(self) -> str:
        """The display form."""
        from .compiler import display

        return display(self.value)

    def __str__(self) -> str:
        return self.inspect()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"

    def __eq__(self, other: object) -> bool:
        mine, theirs = self.value, unwrap(other)
        # In a program 1 and true are different.
        return isinstance(mine, bool) == isinstance(theirs, bool) and bool(mine == theirs)

    def __hash__(self) -> int:
        return hash(self.value)


class Null(Object):
    """`null`."""

    kind = "Null"
    __slots__ = ()


class Integer(Object):
    """An integer."""

    kind = "Integer"
    __slots__ = ()


class Float(Object):
    """A float."""

    kind = "Float"
    __slots__ = ()


class String(Object):
    """A string."""

    kind = "String"
    __slots__ = ()


class Boolean(Object):
    """`true` or `false`."""

    kind = "Boolean"
    __slots__ = ()


class Bytes(Object):
    """Bytes."""

    kind = "Bytes"
    __slots__ = ()


class Range(Object):
    """A range."""

    kind = "Range"
    __slots__ = ()


class DateTime(Object):
    """An instant."""

    kind = "DateTime"
    __slots__ = ()


class List(Object):
    """A list; `elements` are objects, `value` is a plain list."""

    kind = "List"
    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]

    @property
    def elements(self) -> PyList[Object]:
        """The items as objects."""
        return [wrap(item) for item in self.value]


class Map(Object):
    """A map; `pairs` are its entries with objects as values, `value` is a plain dict."""

    kind = "Map"
    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]

    @property
    def pairs(self) -> Dict[Any, Object]:
        """The entries."""
        return {key: wrap(item) for key, item in self.value.items()}


class Host(Object):
    """A callable of Python."""

    kind = "Builtin"
    __slots__ = ()

    def inspect(self) -> str:
        return f"<built-in function: {getattr(self.value, '__name__', '')}>"


class Opaque(Object):
    """What stays in its machine: a task, a contract, an error."""

    __slots__ = ()

    def type(self) -> str:
        return str(self.value.kind)

    def inspect(self) -> str:
        return str(self.value.inspect())


class Function(Opaque):
    """A function of a program, which can be called."""

    __slots__ = ()

    def __call__(self, *args: Any) -> Object:
        return wrap(self.value(*map(unwrap, args)))


class Instance(Opaque):
    """An instance of `data` or `entity`; `fields` is a dict of objects."""

    __slots__ = ()

    @property
    def fields(self) -> Dict[str, Object]:
        """The fields."""
        return {name: wrap(value) for name, value in self.value.fields().items()}


NULL = Null()

_CLASSES = {
    bool: Boolean,
    int: Integer,
    float: Float,
    str: String,
    bytes: Bytes,
    bytearray: Bytes,
    range: Range,
    datetime: DateTime,
    list: List,
    tuple: List,
    dict: Map,
}
_FUNCTIONS = frozenset({"Action", "Lambda", "Function", "Builtin"})


def wrap(value: Any) -> Object:
    """The object of a value."""
    if isinstance(value, Object):
        return value
    if value is None:
        return NULL
    for kind in type(value).__mro__:
        if kind in _CLASSES:
            return _CLASSES[kind](list(value) if kind is tuple else value)
    if isinstance(value, Handle):
        if value.kind in _FUNCTIONS:
            return Function(value)
        return Instance(value) if value.is_instance else Opaque(value)
    if callable(value):
        return Host(value)
    raise TypeError(f"a {type(value).__name__} has no meaning in a program")


def unwrap(value: Any) -> Any:
    """The plain value of an object."""
    return value.value if isinstance(value, Object) else value


class Environment:
    """Variables by name, over those of an outer environment.

    >>> env = Environment()
    >>> env.set("x", 5)
    Integer(5)
    >>> env.get("x") == 5, env.get("y"), "x" in env
    (True, None, True)
    """

    def __init__(self, outer: Optional[Environment] = None) -> None:
        self.outer = outer
        self.store: Dict[str, Object] = {}

    def get(self, name: str) -> Optional[Object]:
        """The object of this name, here or outside."""
        env: Optional[Environment] = self
        while env is not None:
            if name in env.store:
                return env.store[name]
            env = env.outer
        return None

    def set(self, name: str, value: Any) -> Object:
        """Gives a variable of this environment a value, wrapped or plain."""
        self.store[name] = wrap(value)
        return self.store[name]

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def _plain(self) -> Dict[str, Any]:
        """All variables that can be seen here, as plain values."""
        plain = {} if self.outer is None else self.outer._plain()
        plain.update((name, unwrap(value)) for name, value in self.store.items())
        return plain
