"""Bytecode, its builder and the optimizer (python.md chapters 3 and 6)."""

import pickle

import pytest

from zexus import VM, Bytecode, BytecodeError, Opcode
from zexus.vm.bytecode import BytecodeBuilder
from zexus.vm.jit import JITCompiler
from zexus.vm.optimizer import BytecodeOptimizer


def program(*instructions, constants=()):
    return Bytecode(instructions, constants)


def test_opcodes():
    assert Opcode.HASH_BLOCK == 110
    assert Opcode["LEDGER_APPEND"] == 119
    assert len(Opcode) > 80


def test_lists_may_be_changed_directly():
    code = program(("LOAD_CONST", 0), constants=[1])
    vm = VM()
    assert vm.execute(code) == 1
    code.constants[0] = 2
    assert vm.execute(code) == 2
    code.instructions.append(("DUP", None))
    code.instructions.append(("ADD", None))
    assert vm.execute(code) == 4
    code.constants[0] = [1]
    assert vm.execute(code) == [1, 1]
    code.constants[0].append(2)
    assert vm.execute(code) == [1, 2, 1, 2]
    code.instructions[:] = [["LOAD_CONST", 0]]
    assert vm.execute(code) == [1, 2]


def test_constants_are_copied_and_shared():
    code = Bytecode()
    value = {"a": [1]}
    assert code.add_constant(value) == 0
    value["a"].append(2)
    assert code.constants == [{"a": [1]}]
    assert [code.add_constant(v) for v in (1, 1.0, True, 0.0, -0.0, 1, {"a": [1]})] == [1, 2, 3, 4, 5, 1, 0]
    code.constants.append("direct")
    assert code.add_constant("direct") == 6
    # Equal ones that were put there directly are merged in the module.
    twice = program(("LOAD_CONST", 0), ("LOAD_CONST", 1), ("ADD", None), constants=[5, 5])
    assert VM().execute(twice) == 10
    assert twice.disassemble().startswith("Bytecode Object (3 instructions, 1 constants)")


def test_small_methods():
    code = program(("LOAD_CONST", 0), constants=["x"])
    assert (code.get_instruction(0), code.get_instruction(1), code.get_instruction(-1)) == (("LOAD_CONST", 0), None, None)
    assert (code.get_constant(0), code.get_constant(7)) == ("x", None)
    assert code.add_instruction(Opcode.POP) == 1
    assert code.add_instruction(5) == 2
    assert code.instructions[1:] == [("POP", None), ("POP", None)]
    code.update_instruction(2, "NOP")
    assert (len(code), repr(code)) == (3, "Bytecode(3 instructions, 1 constants)")
    code.set_metadata("source_file", "a.zx")
    assert code.metadata == {"source_file": "a.zx", "version": "1.0", "created_by": "unknown"}
    assert Bytecode() == Bytecode() != code


def test_forms():
    code = program(("LOAD_CONST", 0), ("STORE_CONST", (1, 0)), constants=[{"a": [1, 2.5, None]}, "x"])
    for copy in (
        Bytecode.from_bytes(code.to_bytes()),
        Bytecode.from_asm(code.to_asm()),
        pickle.loads(pickle.dumps(code)),
    ):
        assert copy == code
        assert (copy.instructions, copy.constants) == (code.instructions, code.constants)
    assert VM().execute(code.to_bytes()) == {"a": [1, 2.5, None]}
    assert len(code.content_hash()) == 64


def test_hash_of_the_specification():
    code = program(
        ("LOAD_CONST", 0), ("STORE_NAME", 1), ("LOAD_CONST", 2), ("STORE_NAME", 3), ("LOAD_NAME", 1), ("LOAD_NAME", 3), ("ADD", None),
        constants=[10, "x", 20, "y"],
    )  # fmt: skip
    assert code.content_hash() == "ead4d46db800bbff79d029dc0824f96dfe0f9a65f6426d0626a83ff997bec4ea"


@pytest.mark.parametrize(
    "instructions, constants, code, message, listing",
    [
        ([("ADD", None)], [], "E0705", "function 0 (main), pc 0: ADD needs 2 values, the stack has 0", "     0  ADD                 "),
        ([("FOO", 3)], [], "E0703", "function 0 (main), pc 0: there is no opcode 'FOO'", "     0  FOO                   3"),
        ([(200, None)], [], "E0703", None, None),
        ([(2**70, None)], [], "E0703", None, None),
        ([("LOAD_CONST", 5)], [], "E0704", None, None),
        ([("LOAD_CONST", None)], [1], "E0704", None, None),
        ([("LOAD_CONST", "0")], [1], "E0704", None, None),
        ([("LOAD_CONST", -1)], [1], "E0704", None, None),
        ([("LOAD_CONST", 0.0)], [1], "E0704", None, None),
        ([("LOAD_CONST", True)], [1, 2], "E0704", None, None),
        ([("LOAD_CONST", (0, 1))], [1], "E0704", None, None),
        ([("STORE_CONST", 0)], ["x"], "E0704", None, None),
        ([("LOAD_NAME", 0)], [1], "E0704", None, None),
        ([("JUMP", 2)], [], "E0706", None, None),
        ([("POP_TRY", None)], [], "E0705", None, None),
        ([("NOP", 2**64)], [], "E0704", None, None),
    ],
)
def test_bad_code(instructions, constants, code, message, listing):
    bad = Bytecode(instructions, constants)
    for use in (bad.verify, lambda: VM().execute(bad), bad.to_bytes):
        with pytest.raises(BytecodeError) as caught:
            use()
        error = caught.value
        assert error.code == code
        assert isinstance(error, ValueError)
        assert message is None or str(error) == message
        assert listing is None or error.listing == listing
        assert (error.function, error.pc) == (0, 0)
        assert error.render().startswith(f"error[{code}]: function 0 (main), pc 0: ")


@pytest.mark.parametrize("item", [None, 1.5, (), ("ADD", None, 1), (None, 1), object()])
def test_instructions_of_wrong_types(item):
    with pytest.raises(TypeError, match=r"instructions\[0\]"):
        VM().execute(Bytecode([item]))


@pytest.mark.parametrize("constant, place", [(object(), "constants[0]"), ([{"a": object()}], 'constants[0][0]["a"]'), (len, "constants[0]")])
def test_constants_of_wrong_types(constant, place):
    with pytest.raises(TypeError) as caught:
        VM().execute(Bytecode([("LOAD_CONST", 0)], [constant]))
    assert str(caught.value).startswith(place + ": ")


@pytest.mark.parametrize("data, code", [(b"", "E0701"), (b"\x89ZXC\r\n\x1a\n\x01\x00\x00\x00", "E0702"), (b"x" * 100, "E0701")])
def test_bad_bytes(data, code):
    with pytest.raises(BytecodeError) as caught:
        Bytecode.from_bytes(data)
    assert caught.value.code == code


def test_bad_text():
    with pytest.raises(BytecodeError) as caught:
        Bytecode.from_asm(".zxasm 1\nnonsense")
    assert caught.value.code == "E0704"


def test_functions():
    body = program(("LOAD_NAME", 0), ("LOAD_CONST", 1), ("MUL", None), ("RETURN", None), constants=["n", 2])
    code = Bytecode()
    name = code.add_constant("double")
    number = code.add_function("double", ["n"], body)
    assert number == 1
    code.add_instruction("STORE_FUNC", (name, code.add_constant(Bytecode.function(number))))
    code.add_instruction("LOAD_CONST", code.add_constant(21))
    code.add_instruction("CALL_NAME", (name, 1))
    assert VM().execute(code) == 42
    assert Bytecode.from_bytes(code.to_bytes()) == code
    assert "Function 1: double(n) (4 instructions)" in code.disassemble()


class TestBuilder:
    def test_methods_for_all_opcodes(self):
        for op in Opcode:
            assert hasattr(BytecodeBuilder, f"emit_{op.name.lower()}")

    def test_state(self):
        b = BytecodeBuilder()
        b.emit_tx_begin()
        b.emit_state_read("total")
        b.emit_inc()
        b.emit_state_write(b.bytecode.add_constant("total"))
        b.emit_tx_commit()
        b.emit_gas_charge(50)
        b.emit_tx_revert()
        b.emit_tx_revert("why")
        vm = VM(env={"_blockchain_state": {"total": 4}})
        vm.execute(b.build())
        assert vm.env["_blockchain_state"] == {"total": 5}

    def test_labels(self):
        b = BytecodeBuilder()
        b.emit_constant([1, 2, 3])
        b.emit_get_iter(1)
        b.mark_label("next")
        b.emit_for_iter("end", 1)
        b.emit_store("item")
        b.emit_jump("next")
        b.mark_label("end")
        b.emit_load("item")
        assert VM().execute(b.resolve_labels()) == 3
        with pytest.raises(ValueError, match="marked twice"):
            b.mark_label("end")

    def test_wrong_operands(self):
        with pytest.raises(TypeError, match="emit_add takes 0 operands, got 1"):
            BytecodeBuilder().emit_add(1)


class TestOptimizer:
    @pytest.mark.parametrize(
        "level, before, constants, after",
        [
            (0, [("NOP", None)], [], [("NOP", None)]),
            (1, [("LOAD_CONST", 0), ("POP", None), ("LOAD_CONST", 1)], [1, 2], [("LOAD_CONST", 1)]),
            (1, [(Opcode.LOAD_CONST, 0), (43, None), ("LOAD_CONST", 1)], [1, 2], [("LOAD_CONST", 0), ("RETURN", None)]),
            (2, [("LOAD_CONST", 0), ("STORE_NAME", 1)], [42, "x"], [("STORE_CONST", (1, 0))]),
            (3, [("LOAD_NAME", 0), ("LOAD_CONST", 1), ("ADD", None), ("STORE_NAME", 0)], ["x", 1], [("LOAD_NAME", 0), ("INC", None), ("STORE_NAME", 0)]),
        ],
    )  # fmt: skip
    def test_examples_of_the_specification(self, level, before, constants, after):
        copy = list(before)
        assert BytecodeOptimizer(level=level).optimize_instructions(before, constants) == after
        assert before == copy

    def test_constants_given_grow(self):
        constants = [10, 20]
        code = [("LOAD_CONST", 0), ("LOAD_CONST", 1), ("ADD", None)]
        assert BytecodeOptimizer().optimize_instructions(code, constants) == [("LOAD_CONST", 2)]
        assert constants == [10, 20, 30]

    def test_statistics(self):
        optimizer = BytecodeOptimizer()
        optimizer.optimize([("LOAD_CONST", 0), ("LOAD_CONST", 1), ("ADD", None), ("RETURN", None)], [10, 20])
        stats = optimizer.stats
        assert (stats.original_size, stats.optimized_size, stats.size_reduction) == (4, 2, 50.0)
        assert (stats.passes_run, stats.passes_applied, stats.total_optimizations) == (2, 2, 1)
        assert optimizer.get_stats()["passes_applied"] == 2
        optimizer.reset_stats()
        assert set(optimizer.get_stats().values()) == {0, 0.0}

    def test_modules(self):
        code = program(("LOAD_CONST", 0), ("LOAD_CONST", 1), ("ADD", None), constants=[1, 2])
        code.set_metadata("created_by", "test")
        optimized = BytecodeOptimizer().optimize_bytecode(code)
        assert (optimized.instructions, optimized.metadata["created_by"]) == ([("LOAD_CONST", 2)], "test")
        assert VM(optimization_level=0).execute(optimized) == 3

    @pytest.mark.parametrize("level", [-1, 4, 1000])
    def test_wrong_levels(self, level):
        with pytest.raises(ValueError, match="0 to 3"):
            BytecodeOptimizer(level=level)

    def test_debug(self, capsys):
        BytecodeOptimizer(debug=True).optimize([("NOP", None)])
        assert "optimizer: " in capsys.readouterr().err


def test_single_passes():
    jit = JITCompiler()
    code = [("LOAD_NAME", 0), ("DUP", None), ("POP", None), ("RETURN", None), ("NOP", None)]
    assert jit._peephole_optimization(code) == [("LOAD_NAME", 0), ("RETURN", None)]
    assert jit._dead_code_elimination(code) == code[:4]
    assert jit._instruction_combining([("LOAD_CONST", 0), ("STORE_NAME", 1)]) == [("LOAD_CONST", 0), ("STORE_NAME", 1)]
    assert jit._constant_folding(code) == code
    assert jit._hash_bytecode(program()) == program().content_hash()
