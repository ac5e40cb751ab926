"""The machine and its environment (python.md chapter 4, 8)."""

import time

import pytest

import zexus
from zexus import VM, Bytecode, LimitError, OutOfGasError, RevertError, ZexusRuntimeError
from zexus.vm.vm import VMRuntimeError


def code(*instructions, constants=()):
    return Bytecode(instructions, constants)


def read(name):
    return code(("LOAD_NAME", 0), constants=[name])


def write(key):
    return code(("LOAD_CONST", 1), ("STATE_WRITE", 0), constants=[key, 1])


class TestEnvironment:
    def test_lasts_and_is_the_dict_given(self):
        env = {"x": 1}
        vm = VM(env=env)
        assert vm.env is env
        count = code(("LOAD_NAME", 0), ("INC", None), ("STORE_NAME", 0), constants=["x"])
        for expected in (2, 3, 4):
            vm.execute(count)
            assert env["x"] == expected

    def test_order_of_names(self):
        vm = VM(env={"a": 1}, parent_env={"a": 2, "b": 3}, builtins={"a": len, "b": len, "c": lambda: 4, "len": lambda x: 99})
        assert [vm.execute(read("a")), vm.execute(read("b"))] == [1, 3]
        assert vm.execute(code(("CALL_NAME", (0, 0)), constants=["c"])) == 4
        call = code(("LOAD_CONST", 1), ("CALL_NAME", (0, 1)), constants=["len", "four"])
        assert vm.execute(call) == 99
        assert VM().execute(call) == 4
        assert vm.parent_env == {"a": 2, "b": 3}

    def test_unknown_names(self):
        with pytest.raises(ZexusRuntimeError) as caught:
            VM().execute(read("nobody"))
        assert (caught.value.code, str(caught.value)) == ("E0301", "Identifier 'nobody' not found")

    def test_what_is_not_stored_stays_the_same_object(self):
        pair, items = (1, 2), [1, 2]
        vm = VM(env={"pair": pair, "items": items})
        assert vm.execute(read("pair")) == [1, 2]
        vm.execute(read("items"))
        assert vm.env["pair"] is pair and vm.env["items"] is items

    def test_what_was_stored_before_an_error_stays(self):
        vm = VM()
        with pytest.raises(ZexusRuntimeError):
            vm.execute(code(("LOAD_CONST", 1), ("STORE_NAME", 0), ("LOAD_NAME", 2), constants=["x", 1, "nobody"]))
        assert vm.env["x"] == 1

    def test_inspect(self):
        vm = VM(env={"x": 1, "_ledger": [], "_blockchain_state": {}})
        assert vm.inspect_env() == {"x": 1}


class TestState:
    def test_same_dict_and_only_what_was_written(self):
        state = {"other": (1, 2), "k": 0}
        vm = VM(env={"_blockchain_state": state})
        vm.execute(write("k"))
        assert vm.env["_blockchain_state"] is state
        assert state == {"other": (1, 2), "k": 1}

    def test_is_made_if_something_is_written(self):
        vm = VM()
        vm.execute(code(("STATE_READ", 0), constants=["k"]))
        assert "_blockchain_state" not in vm.env
        vm.execute(write("k"))
        assert vm.env["_blockchain_state"] == {"k": 1}

    def test_values_of_other_keys_need_mean_nothing(self):
        vm = VM(env={"_blockchain_state": {"odd": object(), "k": 5}})
        assert vm.execute(code(("STATE_READ", 0), constants=["k"])) == 5

    def test_changes_inside_a_value(self):
        change = code(("STATE_READ", 0), ("LOAD_CONST", 1), ("LOAD_CONST", 2), ("STORE_INDEX", None), constants=["k", "a", 2])
        vm = VM(env={"_blockchain_state": {"k": {"a": 1, "b": 1}}})
        vm.execute(change)
        assert vm.env["_blockchain_state"] == {"k": {"a": 2, "b": 1}}

    def test_open_transactions_are_undone(self):
        vm = VM()
        vm.execute(code(("TX_BEGIN", None), ("LOAD_CONST", 1), ("STATE_WRITE", 0), constants=["k", 1]))
        assert vm.env.get("_blockchain_state", {}) == {}
        with pytest.raises(ZexusRuntimeError):
            vm.execute(code(("TX_BEGIN", None), ("LOAD_CONST", 1), ("STATE_WRITE", 0), ("LOAD_NAME", 2), constants=["k", 1, "nobody"]))
        assert vm.env.get("_blockchain_state", {}) == {}

    def test_what_was_committed_before_an_error_stays(self):
        vm = VM()
        with pytest.raises(ZexusRuntimeError):
            vm.execute(code(("LOAD_CONST", 1), ("STATE_WRITE", 0), ("LOAD_NAME", 2), constants=["k", 1, "nobody"]))
        assert vm.env["_blockchain_state"] == {"k": 1}

    def test_state_of_programs_is_their_own(self):
        vm = VM()
        assert vm.execute(zexus.compile("state n = 1\nn += 1\nn")) == 2
        assert "_blockchain_state" not in vm.env

    def test_strict_transactions(self):
        with pytest.raises(ZexusRuntimeError) as caught:
            VM(strict_transactions=True).execute(write("k"))
        assert caught.value.code == "E0516"

    def test_wrong_state(self):
        with pytest.raises(TypeError, match="_blockchain_state is a dict"):
            VM(env={"_blockchain_state": [1]}).execute(write("k"))
        with pytest.raises(TypeError, match=r'_blockchain_state\["k"\]: a object has no meaning'):
            VM(env={"_blockchain_state": {"k": object()}}).execute(write("k"))


class TestGas:
    CHARGE = code(("GAS_CHARGE", 100))

    @pytest.mark.parametrize(
        "before, after",
        [(1000, 900), (1000.0, 900), (100, 0), (float("inf"), float("inf")), (None, None), (2**64 - 2, 2**64 - 102)],
    )
    def test_remaining(self, before, after):
        vm = VM()
        vm.env["_gas_remaining"] = before
        vm.execute(self.CHARGE)
        assert vm.env["_gas_remaining"] == after
        assert vm.gas_used == 100

    @pytest.mark.parametrize("before", [-1, 1.5, -0.5, float("nan"), float("-inf"), "many", True, [], 2**64])
    def test_wrong_limits(self, before):
        with pytest.raises(ValueError, match="_gas_remaining"):
            VM(env={"_gas_remaining": before}).execute(self.CHARGE)

    def test_missing(self):
        vm = VM()
        del vm.env["_gas_remaining"]
        vm.execute(self.CHARGE)
        assert "_gas_remaining" not in vm.env

    def test_out_of_gas(self):
        vm = VM(gas_limit=50)
        run = code(("TX_BEGIN", None), ("LOAD_CONST", 1), ("STATE_WRITE", 0), ("GAS_CHARGE", 100), ("TX_COMMIT", None), constants=["k", 1])
        with pytest.raises(OutOfGasError) as caught:
            vm.execute(run)
        error = caught.value
        assert (str(error), error.code, error.used, error.limit) == ("Out of gas: used 100/50", "E0504", 100, 50)
        assert vm.env["_gas_remaining"] == 0
        assert "_blockchain_state" not in vm.env

    def test_metered(self):
        vm = VM(metered=True)
        vm.execute(code(("LOAD_CONST", 0), ("HASH_BLOCK", None), constants=["hello world"]))
        assert vm.gas_used == 62
        vm = VM()
        vm.execute(code(("LOAD_CONST", 0), ("HASH_BLOCK", None), constants=["hello world"]))
        assert vm.gas_used == 0


class TestLedger:
    def append(self, value):
        return code(("LOAD_CONST", 0), ("LEDGER_APPEND", None), constants=[value])

    def test_same_list(self):
        vm = VM(block={"time": 1700000000.5})
        vm.execute(self.append({"a": 1}))
        ledger = vm.env["_ledger"]
        vm.execute(self.append("text"))
        vm.execute(self.append({"timestamp": "mine"}))
        assert vm.env["_ledger"] is ledger
        assert ledger == [{"a": 1, "timestamp": 1700000000.5}, "text", {"timestamp": "mine"}]

    def test_time_is_that_of_the_clock(self):
        vm, before = VM(), time.time()
        vm.execute(self.append({}))
        assert before - 0.01 <= vm.env["_ledger"][0]["timestamp"] <= time.time()


class TestCallables:
    CALL = code(("LOAD_CONST", 1), ("CALL_NAME", (0, 1)), constants=["f", 20])

    def test_values(self):
        assert VM(env={"f": lambda x: {"twice": [x * 2]}}).execute(self.CALL) == {"twice": [40]}
        assert VM(builtins={"f": str}).execute(self.CALL) == "20"

    def test_the_same_exception_comes_out(self):
        problem = KeyError("mine")

        def f(_):
            raise problem

        vm = VM(env={"f": f})
        with pytest.raises(KeyError) as caught:
            vm.execute(self.CALL)
        assert caught.value is problem

    def test_programs_may_catch_it(self):
        def f():
            raise ValueError("no luck")

        run = code(
            ("SETUP_TRY", 4), ("CALL_NAME", (0, 0)), ("POP_TRY", None), ("JUMP", 5), ("GET_ATTR", 1), ("NOP", None),
            constants=["f", "message"],
        )  # fmt: skip
        assert VM(env={"f": f}).execute(run) == "no luck"

    def test_bad_results(self):
        vm = VM(env={"f": lambda x: object()})
        with pytest.raises(TypeError, match="the result of the function: a object has no meaning"):
            vm.execute(self.CALL)

    def test_wrong_arguments(self):
        with pytest.raises(TypeError, match="positional argument"):
            VM(env={"f": lambda: 1}).execute(self.CALL)

    def test_callables_come_back_as_what_they_were(self):
        def f():
            return 1

        vm = VM(env={"f": f, "fs": [f]})
        assert vm.execute(read("f")) is f
        assert vm.execute(read("fs")) == [f]
        assert vm.env["f"] is f and vm.env["fs"] == [f]

    def test_opcodes_are_not_changed(self):
        hash_it = code(("LOAD_CONST", 0), ("HASH_BLOCK", None), constants=["x"])
        assert VM(env={"hash": lambda x: "mine", "HASH_BLOCK": len}).execute(hash_it) == VM().execute(hash_it)

    def test_a_second_execution_inside(self):
        vm = VM()
        vm.env["f"] = lambda x: vm.execute(read("x"))
        with pytest.raises(RuntimeError, match="this VM is already executing"):
            vm.execute(self.CALL)
        assert VM(env={"f": lambda x: VM(env={"x": x}).execute(read("x"))}).execute(self.CALL) == 20

    def test_deep_recursion_in_a_callable(self):
        def deep(n):
            return 0 if n == 0 else 1 + deep(n - 1)

        assert VM(env={"f": lambda x: deep(800)}).execute(self.CALL) == 800

        def endless(x):
            return sorted([1, 2], key=lambda _: endless(x))

        with pytest.raises(RecursionError):
            VM(env={"f": endless}).execute(self.CALL)


class TestErrors:
    def test_runtime_errors(self):
        with pytest.raises(VMRuntimeError) as caught:
            VM().execute(zexus.compile("let a = 1\nlet b = a / 0"))
        error = caught.value
        assert (error.code, str(error)) == ("E0405", "Division by zero")
        assert isinstance(error.kind, str)

    def test_thrown_values(self):
        with pytest.raises(ZexusRuntimeError) as caught:
            VM().execute(zexus.compile('throw {"why": [1, 2]}'))
        assert (caught.value.code, caught.value.value) == ("E0428", {"why": [1, 2]})

    def test_reverts(self):
        with pytest.raises(RevertError) as caught:
            VM().execute(code(("LOAD_CONST", 0), ("REVERT", None), constants=["too little"]))
        assert "too little" in caught.value.reason

    def test_limits(self):
        with pytest.raises(LimitError) as caught:
            VM().execute(zexus.compile("action f() { return f() + 1 }\nf()"))
        assert caught.value.code == "E0429"
        grow = zexus.compile("let l = [0]\nwhile true { l = l + l }")
        with pytest.raises(LimitError) as caught:
            VM(limits={"memory": 1_000_000}).execute(grow)
        assert caught.value.code == "E0430"
        with pytest.raises(ValueError, match="there is no limit 'speed'"):
            VM(limits={"speed": 1})

    def test_compile_errors(self):
        with pytest.raises(zexus.CompileError) as caught:
            zexus.compile("let x = nobody\nlet y = nothing")
        error = caught.value
        assert [e.code for e in error.errors] == ["E0301", "E0301"]
        assert (error.line, error.column) == (1, 9)
        assert "let x = nobody" in error.render()

    def test_wrong_arguments(self):
        for bad in (None, "code", 5, []):
            with pytest.raises(TypeError, match="a VM executes Bytecode or bytes"):
                VM().execute(bad)
        with pytest.raises(ValueError, match="0 to 3"):
            VM(optimization_level=9)
        with pytest.raises(ValueError, match="there is no part of a block 'colour'"):
            VM(block={"colour": 1})

    def test_exit(self):
        with pytest.raises(ZexusRuntimeError, match="exit code 3"):
            zexus.run("exit_program(3)")


def test_output(capsys):
    zexus.run('print("a", 1)\nprint([null])')
    assert capsys.readouterr().out == "a 1\n[null]\n"


def test_output_that_fails(monkeypatch):
    class Broken:
        def write(self, text):
            raise OSError("full")

    monkeypatch.setattr("sys.stdout", Broken())
    with pytest.raises(OSError, match="full"):
        zexus.run("print(1)")


def test_trace(capsys):
    VM().execute(code(("LOAD_CONST", 0), constants=[1]), debug=True)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith('{"zexus_trace":1') and lines[-1].startswith('{"t":"end"')


def test_block():
    block = {"caller": "ann", "value": 7, "height": 12, "time": 1700000000, "block_hash": "ab" * 32}
    assert zexus.run("[TX.caller, TX.value]", block=block) == ["ann", 7]
    for wrong in ({"block_hash": "zz"}, {"block_hash": b"short"}, {"caller": 5}, {"height": "high"}):
        with pytest.raises((TypeError, ValueError)):
            VM(block=wrong)


class TestStatistics:
    def test_without_native_code(self):
        vm = VM(use_jit=False)
        vm.execute(code(("NOP", None)))
        stats = vm.get_jit_stats()
        assert vm.jit_compiler is None
        assert stats.pop("jit_enabled") is False
        assert stats.pop("speedup_factor") == 1.0
        assert set(stats.values()) == {0}

    def test_hot_paths(self):
        vm = VM(jit_threshold=10)
        run = code(("LOAD_CONST", 0), constants=[1])
        assert [vm.execute(run) for _ in range(30)] == [1] * 30
        assert vm.get_jit_stats()["hot_paths_detected"] == 1
        [info] = vm.jit_compiler.hot_paths.values()
        assert (info.execution_count, info.bytecode_hash) == (30, run.content_hash())
        vm.clear_jit_cache()
        assert vm.jit_compiler.hot_paths == {}
        assert vm.get_jit_stats()["hot_paths_detected"] == 1
