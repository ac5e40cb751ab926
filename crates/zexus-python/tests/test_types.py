"""Type stubs (python.md 1.2)."""

import subprocess
import sys
from pathlib import Path

import pytest
import stubs

EXAMPLES = '''
from zexus.vm.bytecode import Bytecode, BytecodeBuilder, Opcode
from zexus.vm.vm import VM
from zexus.vm.jit import JITCompiler
from zexus.vm.optimizer import BytecodeOptimizer
from zexus.lexer import Lexer
from zexus.parser import UltimateParser
from zexus.evaluator import evaluate
from zexus.evaluator.core import Evaluator
from zexus.evaluator.bytecode_compiler import EvaluatorBytecodeCompiler
from zexus.compiler import ZexusCompiler
from zexus.object import Environment

bytecode = Bytecode()
bytecode.add_constant({"index": 1})
bytecode.add_instruction("LOAD_CONST", 0)
bytecode.add_instruction(Opcode.HASH_BLOCK)
vm = VM(use_jit=True, jit_threshold=50)
vm.env["_blockchain_state"] = {"a": 1}
print(f"{vm.execute(bytecode)} {vm.env['_gas_remaining']}")
b = BytecodeBuilder()
b.emit_state_read("total")
b.emit_gas_charge(50)
b.emit_tx_revert()
b.emit_jump("end")
optimized, constants = BytecodeOptimizer(level=1, max_passes=5).optimize([("LOAD_CONST", 0), ("ADD", None)], [10])
program = UltimateParser(Lexer("1")).parse_program()
result = evaluate(program, Environment(), use_vm=True)
code = EvaluatorBytecodeCompiler().compile(program)
if code:
    print(code.disassemble())
jit = JITCompiler(hot_threshold=10, debug=True)
compiled = jit.compile_hot_path(bytecode)
if compiled:
    compiled(vm, stack=[], env={})
'''


def test_stubs_are_those_of_the_table():
    assert stubs.FILE.read_text(encoding="utf-8") == stubs.text()


def test_a_type_checker_accepts_package_and_examples(tmp_path):
    pytest.importorskip("mypy")
    (tmp_path / "examples.py").write_text(EXAMPLES, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache")]
    for target in (["-p", "zexus"], [str(tmp_path / "examples.py")]):
        done = subprocess.run(command + target, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stdout
