"""The engine for new programs: settings, programs, instances."""

from __future__ import annotations

import functools
from typing import Any, Awaitable, Dict, Optional

from . import _zexus
from ._zexus import Program

__all__ = ["Engine", "Instance", "Program"]


class Instance:
    """A running program: its variables, objects and output.

    >>> engine = Engine(functions={"shop.price": lambda item: len(item) * 10})
    >>> program = engine.compile('''
    ...     external action price(item: string) -> int from "shop"
    ...     action total(items) { return items.map(price).sum() }
    ...     print("ready")
    ... ''')
    >>> shop = engine.instance(program)
    >>> shop.run()
    >>> shop.call("total", ["tea", "coffee"]), shop.take_output()
    (90, 'ready\\n')
    """

    def __init__(self, instance: _zexus.Instance) -> None:
        self._instance = instance
        self.run = instance.run
        self.call = instance.call
        self.state = instance.state
        self.events = instance.events
        self.ledger = instance.ledger
        self.take_output = instance.take_output
        self.interrupt = instance.interrupt

    def __getitem__(self, name: str) -> Any:
        """The value of a variable of the top level."""
        return self._instance[name]

    @property
    def gas_used(self) -> int:
        """The gas used so far."""
        return self._instance.gas_used

    def run_async(self) -> Awaitable[Any]:
        """`run` on a thread of its own, for `await`. Cancelling stops the run."""
        return self._on_thread(self.run)

    def call_async(self, name: str, *args: Any) -> Awaitable[Any]:
        """`call` on a thread of its own, for `await`. Cancelling stops the call."""
        return self._on_thread(functools.partial(self.call, name, *args))

    async def _on_thread(self, work: Any) -> Any:
        import asyncio  # only for those who wait

        running = asyncio.get_running_loop().run_in_executor(None, work)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            self.interrupt()
            await asyncio.wait([running])
            raise


class Engine:
    """Settings for programs and instances.

    >>> Engine().run("let x = 6; x * 7")
    42
    """

    def __init__(self, **settings: Any) -> None:
        self._engine = _zexus.Engine(**settings)
        self.compile = self._engine.compile
        self.compile_file = self._engine.compile_file

    def instance(
        self, program: Program, *, capture: bool = True, variables: Optional[Dict[str, Any]] = None
    ) -> Instance:
        """An instance of a program. It keeps what the program prints, unless `capture` is false."""
        return Instance(self._engine.instance(program, capture=capture, variables=variables))

    def run(self, source: str) -> Any:
        """Compiles and runs a program, whose output goes to `sys.stdout`; gives its value."""
        return self.instance(self.compile(source), capture=False).run()
