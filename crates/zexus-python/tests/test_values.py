"""Values in and out (python.md chapter 2)."""

import datetime

import pytest

from zexus import VM, Bytecode, Handle

ECHO = Bytecode([("LOAD_NAME", 0)], ["x"])


def echo(value):
    return VM(env={"x": value}).execute(ECHO)


NOW = datetime.datetime(2024, 2, 29, 12, 30, 1, 250, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))


@pytest.mark.parametrize(
    "value",
    [
        None, True, False, 0, -1, 2**63 - 1, -(2**63), 2**63, -(2**63) - 1, 2**4096 - 1, -(2**4095), 0.5, -0.0, 1e300,
        "", "häß\U0001f525\x00", b"", b"\x00\xff", [], [1, [2, [3]]], {}, {"a": {"b": [None]}}, {1: "x", "1": 2},
        {True: 1}, {2**70: 1}, range(3, 7), range(0), NOW,
    ],
)  # fmt: skip
def test_values_come_back(value):
    result = echo(value)
    assert result == value
    assert type(result) is type(value)
    assert str(result) == str(value) or value is NOW


@pytest.mark.parametrize(
    "value, expected",
    [
        ((1, (2,)), [1, [2]]),
        (bytearray(b"ab"), b"ab"),
        ({3, 1, 2}, {1: True, 2: True, 3: True}),
        (frozenset({"b", "a"}), {"a": True, "b": True}),
    ],
)
def test_values_that_become_others(value, expected):
    result = echo(value)
    assert result == expected
    assert not isinstance(expected, dict) or list(result) == list(expected)


def test_datetimes_are_utc():
    assert echo(NOW).utcoffset() == datetime.timedelta(0)


def test_order_of_maps():
    assert list(echo({"z": 1, "a": 2, "m": 3})) == ["z", "a", "m"]


class Strange:
    pass


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def cyclic():
    value = [1]
    value.append({"k": value})
    return value


@pytest.mark.parametrize(
    "value, error, message",
    [
        (2**4096, OverflowError, "4097 bits"),
        (float("nan"), ValueError, "NaN"),
        (float("inf"), ValueError, "inf"),
        ("\ud800", UnicodeEncodeError, "surrogates"),
        ({"a": "\ud800"}, UnicodeEncodeError, "surrogates"),
        (Strange(), TypeError, 'env["x"]: a Strange has no meaning in a program'),
        ([0, {"a": [Strange()]}], TypeError, 'env["x"][1]["a"][0]: a Strange has no meaning'),
        ({1.5: 1}, TypeError, 'env["x"]: a key is a str, an int or a bool, not a float'),
        ({(1, 2)}, TypeError, "a key is a str, an int or a bool, not a tuple"),
        (range(0, 9, 2), TypeError, "a range with a step other than 1"),
        (datetime.datetime(2024, 1, 1), TypeError, "a datetime without a time zone"),
        (cyclic(), TypeError, 'env["x"][1]["k"]: the object contains itself'),
        (nested(100), TypeError, "nested more than 64 levels deep"),
        (1j, TypeError, "a complex has no meaning"),
    ],
)
def test_values_that_mean_nothing(value, error, message):
    vm = VM(env={"x": value})
    with pytest.raises(error) as caught:
        vm.execute(ECHO)
    assert message in str(caught.value)
    # Nothing of it stays.
    vm.env["x"] = 1
    assert vm.execute(ECHO) == 1


def test_keys_that_are_one_in_python():
    code = Bytecode([("LOAD_CONST", 0), ("LOAD_CONST", 1), ("LOAD_CONST", 2), ("LOAD_CONST", 3), ("BUILD_MAP", 2)], [1, "a", True, "b"])
    with pytest.raises(ValueError, match="one key in Python"):
        VM().execute(code)


def test_copies_in_both_directions():
    given = {"list": [1, 2]}
    vm = VM(env={"x": given})
    result = vm.execute(ECHO)
    result["list"].append(3)
    assert given == {"list": [1, 2]}
    assert vm.execute(ECHO) == {"list": [1, 2]}


def test_huge_containers():
    assert len(echo(list(range(200_000)))) == 200_000
    assert len(echo({str(i): i for i in range(100_000)})) == 100_000
    assert len(echo("x" * 5_000_000)) == 5_000_000


def test_handles():
    import zexus

    vm = VM()
    f = vm.execute(zexus.compile("action double(n) { return n * 2 }\ndouble"))
    assert isinstance(f, Handle)
    assert (f.kind, f.inspect(), f(21)) == ("Action", "action(n) {\n  ...\n}", 42)
    with pytest.raises(TypeError, match="has no fields"):
        f.fields()
    p = vm.execute(zexus.compile("data P { x: int, next: any }\nP(1, P(2, null))"))
    assert (p.kind, p.is_instance, p.inspect()) == ("P", True, "P(x=1, next=P(x=2, next=null))")
    assert p.fields()["next"].fields() == {"x": 2, "next": None}
    with pytest.raises(zexus.ZexusRuntimeError):
        p(1)
    # A handle is valid long after its machine has gone on.
    for _ in range(3):
        vm.execute(zexus.compile("1"))
    del vm
    assert f(4) == 8
    # Functions may go into other machines, other values may not.
    call = Bytecode([("LOAD_CONST", 1), ("CALL_NAME", (0, 1))], ["f", 5])
    assert VM(env={"f": f}).execute(call) == 10
    with pytest.raises(TypeError, match="stays in its machine"):
        echo([p])


def test_functions_stay_in_the_environment():
    import zexus

    vm, code = VM(), zexus.compile("action f() { return 1 }\nf()")
    assert [vm.execute(code), vm.execute(code), vm.env["f"]()] == [1, 1, 1]
