"""Programs, objects, the evaluator, the engine (python.md chapter 7)."""

import asyncio
import pickle

import pytest

import zexus
from zexus.config import config
from zexus.evaluator import Evaluator, evaluate
from zexus.evaluator.bytecode_compiler import EvaluatorBytecodeCompiler, should_use_vm_for_node
from zexus.lexer import Lexer, Token
from zexus.object import NULL, Environment, Integer, List, Map, String, wrap
from zexus.parser import Parser


def parsed(text):
    return Parser(Lexer(text)).parse_program()


def test_tokens():
    assert Lexer("a = 1").tokenize()[0] == Token("Name", "a", 1, 1)
    assert [(t.text, t.line, t.column) for t in Lexer("x\n  é")] == [("x", 1, 1), ("é", 2, 3)]


@pytest.mark.parametrize("text", ["", "let = =", "((((", "\x00", "}" * 1000, "(" * 5000, '"${'])
def test_the_parser_takes_any_text(text):
    program = parsed(text)
    with_errors = bool(program.errors)
    if with_errors:
        with pytest.raises(zexus.CompileError):
            evaluate(program, Environment())
    else:
        assert evaluate(program, Environment()) == NULL


def test_statements():
    program = parsed("let x = 1\nwhile x < 3 { x += 1 }\nprint(x)")
    assert [(n.kind, n.line, n.column) for n in program.statements] == [("Let", 1, 1), ("While", 2, 1), ("Print", 3, 1)]
    assert [should_use_vm_for_node(n) for n in program.statements] == [False, True, False]
    assert should_use_vm_for_node(program)


@pytest.mark.parametrize("use_vm", [True, False])
class TestEvaluate:
    def test_variables_go_in_and_come_out(self, use_vm):
        env = Environment()
        env.set("x", 20)
        program = parsed("x = x + 1\nlet y = x * 2\nwhile false { }\ny")
        assert evaluate(program, env, use_vm=use_vm) == 42
        assert (env.get("x"), env.get("y")) == (21, 42)
        assert evaluate(program, env, use_vm=use_vm) == 44

    def test_outer_environments(self, use_vm):
        outer = Environment()
        outer.set("x", [1])
        env = Environment(outer)
        assert evaluate(parsed("x"), env, use_vm=use_vm) == [1]
        assert "x" in env and env.store == {}
        evaluate(parsed("x = 2"), env, use_vm=use_vm)
        assert (outer.get("x"), env.get("x")) == ([1], 2)

    def test_functions(self, use_vm):
        env = Environment()
        f = evaluate(parsed("action add(a, b) { return a + b }\nadd"), env, use_vm=use_vm)
        assert f.type() == "Action" and f(1, Integer(2)) == 3
        assert evaluate(parsed("add(4, 5)"), env, use_vm=use_vm) == 9

    def test_instances(self, use_vm):
        value = evaluate(parsed("data P { x: int }\nP(3)"), Environment(), use_vm=use_vm)
        assert (value.fields["x"], str(value)) == (3, "P(x=3)")

    def test_errors(self, use_vm):
        env = Environment()
        with pytest.raises(zexus.ZexusRuntimeError) as caught:
            evaluate(parsed("let x = 1\nx / 0"), env, use_vm=use_vm)
        assert (caught.value.code, caught.value.line, env.get("x")) == ("E0405", 2, 1)
        with pytest.raises(zexus.CompileError):
            evaluate(parsed("let = 1"), env, use_vm=use_vm)
        with pytest.raises(zexus.CompileError):
            evaluate(parsed("nobody"), env, use_vm=use_vm)


def test_statistics():
    evaluator = Evaluator()
    loop = parsed("let i = 0; while i < 9 { i += 1 }; i")
    assert evaluator.eval_with_vm_support(loop, Environment()) == 9
    assert evaluator.eval_node(loop, Environment()) == 9
    assert evaluator.eval_with_vm_support(parsed("1 + 1"), Environment()) == 2
    assert evaluator.get_vm_stats() == {"bytecode_compiles": 1, "vm_executions": 1, "vm_fallbacks": 0, "direct_evals": 2}


def test_configuration(monkeypatch):
    monkeypatch.setattr(config, "use_hybrid_compiler", False)
    evaluator = Evaluator()
    evaluator.eval_with_vm_support(parsed("1"), Environment())
    assert evaluator.get_vm_stats()["vm_executions"] == 1


def test_nodes():
    program = parsed("let x = 1\nx + 2")
    env = Environment()
    for node in program.statements:
        value = evaluate(node, env)
    assert value == 3
    compiler = EvaluatorBytecodeCompiler()
    code = compiler.compile(program.statements[1])
    assert code.instructions[0] == ("LOAD_NAME", 0)
    assert compiler.compile(program.statements[1]) is code
    compiler.clear_cache()
    assert compiler.can_compile(program) and compiler.errors == []
    assert compiler.compile(parsed("nobody")) is None
    assert compiler.errors == ["Identifier 'nobody' not found"]


def test_objects():
    assert wrap(5) == 5 == Integer(5) and wrap(True) != 1 and wrap("a") == String("a")
    assert wrap([1, "a"]).elements == [Integer(1), String("a")]
    assert wrap({"k": None}).pairs == {"k": NULL}
    assert isinstance(wrap((1, 2)), List) and isinstance(wrap({}), Map)
    assert [wrap(v).type() for v in (None, 1, 1.5, "", True, [], {})] == ["Null", "Integer", "Float", "String", "Boolean", "List", "Map"]
    kinds = zexus.run('[null, 1, 1.5, "", true, [], {}].map(v => type(v))')
    assert kinds == [wrap(v).type() for v in (None, 1, 1.5, "", True, [], {})]
    assert [str(wrap(v)) for v in (None, 1.0, True, "x", [1, None])] == ["null", "1.0", "true", "x", "[1, null]"]
    assert wrap(len).inspect() == "<built-in function: len>"
    with pytest.raises(TypeError):
        wrap(object())


class TestEngine:
    def test_host_functions_raise(self):
        def price(item):
            raise LookupError(item)

        engine = zexus.Engine(functions={"shop.price": price})
        program = engine.compile('external action price(item: string) -> int from "shop"\nprice("tea")')
        with pytest.raises(LookupError, match="tea"):
            engine.instance(program).run()

    def test_instances_are_independent(self):
        engine = zexus.Engine()
        program = engine.compile("let n = 0\naction next() { n += 1\n return n }")
        a, b = engine.instance(program), engine.instance(program)
        a.run(), b.run()
        assert [a.call("next"), a.call("next"), b.call("next"), a["n"]] == [1, 2, 1, 2]
        with pytest.raises(KeyError):
            a["nobody"]

    def test_limits_and_gas(self):
        engine = zexus.Engine(gas_limit=100)
        instance = engine.instance(engine.compile("while true { }"))
        with pytest.raises(zexus.OutOfGasError):
            instance.run()
        assert instance.gas_used == 100

    def test_state_events_ledger(self):
        engine = zexus.Engine()
        instance = engine.instance(engine.compile('state n = 1\nn += 1\nemit Paid("ann", 5)\nledger_append({"a": 1})'))
        instance.run()
        assert (instance.state("n"), instance.state("nobody")) == (2, None)
        assert (instance.events(), instance.ledger()) == ([("Paid", ["ann", 5])], [{"a": 1}])

    def test_modules_and_pickling(self):
        engine = zexus.Engine(modules={"lib/m.zx": "export let x = 7"})
        program = engine.compile('use { x } from "lib/m.zx"\nx')
        assert engine.instance(program).run() == 7
        copy = pickle.loads(pickle.dumps(zexus.Engine().compile("6 * 7")))
        assert zexus.Engine().instance(copy).run() == 42

    def test_grants(self):
        with pytest.raises(zexus.ZexusRuntimeError) as caught:
            zexus.Engine().run("timestamp()")
        assert caught.value.code == "E0426"
        assert zexus.Engine(grant=["clock"]).run("timestamp()") > 1_700_000_000
        with pytest.raises(ValueError, match="cannot be granted"):
            zexus.Engine(grant=["network"])

    def test_asyncio(self):
        engine = zexus.Engine()
        program = engine.compile("let s = 0\nfor i in 0..1000 { s += i }\ns")

        async def main():
            instances = [engine.instance(program) for _ in range(4)]
            return await asyncio.gather(*(i.run_async() for i in instances))

        assert asyncio.run(main()) == [499500] * 4

    def test_cancelling(self):
        engine = zexus.Engine()
        instance = engine.instance(engine.compile("while true { }"))

        async def main():
            await asyncio.wait_for(instance.run_async(), 0.2)

        with pytest.raises(asyncio.TimeoutError):
            asyncio.run(main())
