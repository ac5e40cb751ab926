"""The Python examples of the reference document, taken from it and executed as they stand."""

import re
from pathlib import Path

import pytest

import zexus
from zexus.vm.bytecode import Bytecode
from zexus.vm.vm import VM

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "reference" / "vm-integration-summary.md").read_text(encoding="utf-8")
SPELLINGS = ["src.zexus", "zexus"]


def blocks():
    """The Python blocks, by the title above each."""
    found = {}
    title = ""
    lines = iter(TEXT.splitlines())
    for line in lines:
        if line.startswith("#"):
            title = line.lstrip("# ").rstrip()
        elif line == "```python":
            body = []
            for inner in lines:
                if inner == "```":
                    break
                body.append(inner)
            found.setdefault(title, []).append("\n".join(body) + "\n")
    return found


BLOCKS = blocks()


def run(title, spelling, at=0, **names):
    """Executes a block; gives its names. What stands before it in the document is imported already there."""
    source = BLOCKS[title][at]
    source = re.sub(r"\b(src\.)?zexus\.", spelling + ".", source)
    scope = {"Bytecode": Bytecode, "VM": VM, **names}
    exec(compile(source, title, "exec"), scope)
    return scope


def test_the_document_has_the_blocks_that_are_tested():
    assert {title: len(found) for title, found in BLOCKS.items()} == {
        "Example 1: Block Hashing": 1,
        "Example 2: Merkle Tree": 1,
        "Example 3: Transaction with State": 1,
        "Example 4: Gas Metering": 1,
        "Example 5: Immutable Ledger": 1,
        "For Interpreter Users": 1,
        "For Compiler Users": 1,
        "Checking VM Statistics": 1,
        "Viewing Bytecode Disassembly": 1,
        "Hot Path Detection": 1,
        "Example 1: Mining Loop (120x Speedup)": 1,
        "Example 2: Smart Contract Execution": 1,
        "Example 3: Manual JIT Control": 1,
        "JIT Statistics API": 1,
        "Configuration Options": 1,
        "1. Constant Folding": 1,
        "2. Copy Propagation": 1,
        "6. Instruction Combining": 1,
        "8. Strength Reduction": 1,
        "Usage": 1,
        "JIT Integration": 1,
        "STORE_CONST": 1,
        "Statistics API": 1,
    }


@pytest.mark.parametrize("spelling", SPELLINGS)
class TestEveryBlock:
    def test_block_hashing(self, spelling, capsys):
        scope = run("Example 1: Block Hashing", spelling)
        expected = "e38f28a6284b45d4309def857612ecddb48498e6698b5f78417f0bdf55da03e9"
        assert scope["block_hash"] == expected
        assert capsys.readouterr().out == f"Block hash: {expected}\n"

    def test_merkle_tree(self, spelling, capsys):
        expected = "dc53b6c71a68a3277479b5a1ea820eb52bbae145ef8fb4e97a414b2b6c670f7f"
        assert run("Example 2: Merkle Tree", spelling)["merkle_root"] == expected
        assert capsys.readouterr().out == f"Merkle root: {expected}\n"

    def test_transaction_with_state(self, spelling):
        env = run("Example 3: Transaction with State", spelling)["vm"].env
        assert env["_blockchain_state"] == {"alice_balance": 900, "bob_balance": 600}

    def test_gas_metering(self, spelling, capsys):
        scope = run("Example 4: Gas Metering", spelling)
        assert capsys.readouterr().out == "Gas remaining: 800\n"
        assert scope["vm"].env["_gas_remaining"] == 800
        assert scope["vm"].env["_blockchain_state"] == {"counter": 1}
        assert scope["result"] is None

    def test_immutable_ledger(self, spelling, capsys):
        scope = run("Example 5: Immutable Ledger", spelling)
        [entry] = scope["ledger"]
        timestamp = entry.pop("timestamp")
        assert isinstance(timestamp, float)
        assert entry == {"action": "token_transfer", "from": "alice", "to": "bob", "amount": 100}
        assert "timestamp" not in scope["entry"]
        assert capsys.readouterr().out == f"Ledger entries: 1\nEntry timestamp: {timestamp}\n"

    def test_interpreter_users(self, spelling):
        scope = run("For Interpreter Users", spelling)
        assert scope["result"] == 30
        scope = run("For Interpreter Users", spelling)
        evaluate, program = scope["evaluate"], scope["program"]
        for use_vm in (True, False):
            assert evaluate(program, scope["Environment"](), use_vm=use_vm) == 30

    def test_compiler_users(self, spelling):
        scope = run("For Compiler Users", spelling)
        assert scope["compiler"].errors == []
        assert scope["result"] is None

    def test_checking_statistics(self, spelling, capsys):
        run("Checking VM Statistics", spelling)
        expected = {"bytecode_compiles": 0, "vm_executions": 0, "vm_fallbacks": 0, "direct_evals": 0}
        assert capsys.readouterr().out == f"{expected}\n"

    def test_disassembly(self, spelling, capsys):
        scope = run("Viewing Bytecode Disassembly", spelling)
        listing = re.search(r"^Output:\n```\n(.*?)\n```", TEXT, re.S | re.M).group(1)
        assert scope["bytecode"].disassemble() == listing
        assert capsys.readouterr().out == listing + "\n"

    def test_hot_path_detection(self, spelling):
        scope = run("Hot Path Detection", spelling, bytecode=sum_of(20, 22))
        assert scope["result"] == 42
        assert scope["vm"].get_jit_stats()["jit_executions"] == 100

    def test_mining_loop(self, spelling, capsys):
        scope = run("Example 1: Mining Loop (120x Speedup)", spelling)
        expected = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"
        assert scope["block_hash"] == expected
        assert capsys.readouterr().out == "JIT Executions: 950\nHot Paths Detected: 1\nCache Hits: 950\n"

    def test_smart_contract(self, spelling):
        scope = run("Example 2: Smart Contract Execution", spelling)
        assert scope["vm"].env["_blockchain_state"] == {"from_balance": 0, "to_balance": 1000}
        assert (scope["stats"]["compilations"], scope["stats"]["jit_executions"]) == (1, 75)

    def test_manual_control(self, spelling, capsys):
        code = sum_of(1, 2)
        scope = run(
            "Example 3: Manual JIT Control", spelling, my_bytecode=code, bytecode_hash=code.content_hash(), vm=VM()
        )
        assert capsys.readouterr().out.startswith("🔥 Hot path detected at execution 9!\nCompilation Time: ")
        assert scope["result"] == 3
        stats = scope["stats"]
        assert [stats[key] for key in ("hot_paths_detected", "compilations", "tier_promotions")] == [1, 1, 1]

    def test_statistics_of_the_jit(self, spelling):
        scope = run("JIT Statistics API", spelling)
        assert scope["stats"]["jit_enabled"] is True
        assert scope["vm"].get_jit_stats()["cache_size"] == 0

    def test_configuration(self, spelling):
        jit_compiler = __import__("zexus.vm.jit", fromlist=["x"]).JITCompiler
        scope = run("Configuration Options", spelling, JITCompiler=jit_compiler)
        assert scope["vm"].jit_compiler.hot_threshold == 50
        assert scope["jit"].debug is True

    def test_optimizer(self, spelling, capsys):
        scope = run("Usage", spelling)
        assert scope["optimized"] == [("LOAD_CONST", 2), ("RETURN", None)]
        assert scope["updated_constants"] == [10, 20, 30]
        assert (scope["instructions"][2], scope["constants"]) == (("ADD", None), [10, 20])
        stats = scope["stats"]
        found = [stats[key] for key in ("constant_folds", "total_optimizations", "passes_run")]
        assert found == [1, 1, 2]
        expected = "Size reduction: 50.0%\nConstant folds: 1\nTotal optimizations: 1\n"
        assert capsys.readouterr().out == expected

    def test_jit_with_optimizer(self, spelling):
        scope = run("JIT Integration", spelling, bytecode=sum_of(20, 22))
        assert (scope["result"], scope["stats"]["jit_executions"]) == (42, 100)

    def test_statistics_of_the_optimizer(self, spelling):
        optimizer = run("Usage", spelling)["optimizer"]
        scope = run("Statistics API", spelling, optimizer=optimizer)
        [shown] = re.findall(r"\{(.*?)\}", BLOCKS["Statistics API"][0], re.S)
        assert set(re.findall(r"'(\w+)'", shown)) <= set(scope["stats"])


@pytest.mark.parametrize("title", ["1. Constant Folding", "2. Copy Propagation", "6. Instruction Combining", "8. Strength Reduction"])
def test_blocks_of_comments_run(title):
    run(title, "zexus")


def test_store_const():
    # The block shows code before and after; it is a listing, not a program.
    before, after = re.findall(r"^# (?:Before|After):\n(.*?)(?:\n\n|\Z)", BLOCKS["STORE_CONST"][0], re.S | re.M)
    assert [line.split("#")[0].split() for line in before.splitlines()] == [["LOAD_CONST", "0"], ["STORE_NAME", "1"]]
    optimizer = __import__("zexus.vm.optimizer", fromlist=["x"]).BytecodeOptimizer(level=2)
    assert after.split("#")[0].split(None, 1)[0] == "STORE_CONST"
    assert optimizer.optimize_instructions([("LOAD_CONST", 0), ("STORE_NAME", 1)], [42, "x"]) == [("STORE_CONST", (1, 0))]


def test_both_spellings_are_one_package():
    import src.zexus.vm.vm

    assert src.zexus.vm.vm.VM is VM is zexus.VM


def sum_of(a, b):
    return Bytecode([("LOAD_CONST", 0), ("LOAD_CONST", 1), ("ADD", None)], [a, b])


def test_the_readme():
    import doctest

    done = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert done.attempted >= 6 and done.failed == 0
