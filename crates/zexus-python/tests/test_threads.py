"""Threads, signals, memory (python.md chapter 9)."""

import _thread
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

import zexus
from zexus import VM, Bytecode

ENDLESS = Bytecode([("JUMP", 0)])
SUM = zexus.compile("let s = 0\nlet i = 0\nwhile i < 20000 { s += i\n i += 1 }\ns")


def test_other_threads_run_meanwhile():
    vm = VM()
    timer = threading.Timer(0.3, _thread.interrupt_main)
    counted = []

    def count():
        for i in range(10):
            counted.append(i)
            time.sleep(0.01)

    thread = threading.Thread(target=count)
    timer.start()
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        vm.execute(ENDLESS)
    thread.join()
    assert len(counted) == 10
    # The machine goes on as before.
    assert vm.execute(SUM) == 199990000


def test_ctrl_c_undoes_transactions():
    vm = VM()
    code = Bytecode([("TX_BEGIN", None), ("LOAD_CONST", 1), ("STATE_WRITE", 0), ("JUMP", 3)], ["k", 1])
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        vm.execute(code)
    assert vm.env.get("_blockchain_state", {}) == {}


def test_keyboard_interrupt_in_a_callable():
    def f():
        raise KeyboardInterrupt

    # A program cannot go on after it for long, even if it catches every error.
    code = Bytecode([("SETUP_TRY", 4), ("CALL_NAME", (0, 0)), ("POP_TRY", None), ("JUMP", 6), ("POP", None), ("JUMP", 0)], ["f"])
    with pytest.raises(KeyboardInterrupt):
        VM(env={"f": f}).execute(code)


def test_machines_on_many_threads():
    results, errors = [], []

    def work():
        try:
            vm = VM()
            for _ in range(20):
                results.append(vm.execute(SUM))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert results == [199990000] * 160


def test_one_machine_on_two_threads():
    vm = VM()
    started, seen = threading.Event(), []

    def second():
        started.wait()
        try:
            vm.execute(SUM)
        except RuntimeError as error:
            seen.append(str(error))

    thread = threading.Thread(target=second)
    thread.start()

    def f():
        started.set()
        thread.join()

    vm.env["f"] = f
    vm.execute(Bytecode([("CALL_NAME", (0, 0))], ["f"]))
    assert seen == ["this VM is already executing"]
    # A machine may move between threads.
    moved = threading.Thread(target=lambda: seen.append(vm.execute(SUM)))
    moved.start()
    moved.join()
    assert seen[1] == 199990000


def test_importing_does_nothing():
    program = "import sys, threading; import zexus; assert threading.active_count() == 1"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_memory_is_steady():
    resource = pytest.importorskip("resource")
    vm = VM()
    code = Bytecode(
        [("LOAD_CONST", 0), ("STORE_NAME", 1), ("LOAD_NAME", 1), ("LOAD_CONST", 2), ("ADD", None), ("CALL_NAME", (3, 1))],
        ["some text", "x", " and more", "f"],
    )
    vm.env["f"] = len
    run = lambda n: [vm.execute(code) for _ in range(n)] and None
    run(2000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run(int(os.environ.get("ZEXUS_SOAK", "20000")))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8192
