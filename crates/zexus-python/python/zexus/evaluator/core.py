"""Evaluating programs over environments."""

from __future__ import annotations

from typing import Dict, Union

from .. import _zexus
from ..config import config
from ..object import Environment, Object, wrap
from ..parser import Node, Program

__all__ = ["Evaluator", "evaluate"]


class Evaluator:
    """Evaluates programs, and counts how.

    >>> from zexus.parser import Parser
    >>> from zexus.lexer import Lexer
    >>> program = Parser(Lexer("let i = 0; while i < 3 { i += 1 } i")).parse_program()
    >>> evaluator = Evaluator()
    >>> evaluator.eval_with_vm_support(program, Environment())
    Integer(3)
    >>> evaluator.get_vm_stats()
    {'bytecode_compiles': 1, 'vm_executions': 1, 'vm_fallbacks': 0, 'direct_evals': 0}
    """

    def __init__(self, use_vm: bool = True) -> None:
        self.use_vm = use_vm
        self._evaluator = _zexus.Evaluator()

    def eval_with_vm_support(self, node: Union[Program, Node], env: Environment, debug_mode: bool = False) -> Object:
        """Runs a program over the variables of `env`, on the tier of bytecode.md 7.4."""
        return self._run(node, env, debug_mode, self.use_vm)

    def eval_node(self, node: Union[Program, Node], env: Environment) -> Object:
        """Runs a program on tier 0."""
        return self._run(node, env, False, False)

    def get_vm_stats(self) -> Dict[str, int]:
        """How often what was done (bytecode.md 7.5)."""
        return self._evaluator.stats()

    def _run(self, node: Union[Program, Node], env: Environment, debug: bool, use_vm: bool) -> Object:
        before = env._plain()
        plain = dict(before)
        try:
            value = self._evaluator.evaluate(
                node._source,
                plain,
                use_vm,
                debug,
                config.use_hybrid_compiler,
                config.compiler_line_threshold,
                config.fallback_to_interpreter,
            )
        finally:
            for name, new in plain.items():
                if name not in before or new is not before[name]:
                    env.set(name, new)
        return wrap(value)


def evaluate(
    program: Union[Program, Node], env: Environment, debug_mode: bool = False, use_vm: bool = True
) -> Object:
    """Runs a program over the variables of `env`, and leaves those of its top level there; gives its value.

    >>> from zexus.parser import Parser
    >>> from zexus.lexer import Lexer
    >>> env = Environment()
    >>> evaluate(Parser(Lexer("let x = 10 + 5; let y = x * 2; y")).parse_program(), env)
    Integer(30)
    >>> env.get("x")
    Integer(15)
    """
    return Evaluator(use_vm).eval_with_vm_support(program, env, debug_mode)
