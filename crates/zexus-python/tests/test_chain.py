"""Chains (python.md 7.9)."""

import pytest

import zexus
from zexus import Chain, StoreError

BANK = """
contract Bank {
    state balances = {}
    state total = 0
    action deposit(n) { require(n > 0, "too little"); total = total + n; ledger_append({"n": n}); print(total); emit Deposit(n); return total }
}
"""


def filled(chain):
    code = chain.publish(BANK)
    bank = chain.execute({"caller": "ann", "code": code, "contract": "Bank"}).address
    return bank, [chain.execute({"caller": "ann", "target": bank, "action": "deposit", "args": [n]}) for n in (5, 7, 0)]


def test_transactions():
    chain = Chain()
    bank, receipts = filled(chain)
    assert [(r.status, r.result, r.error, r.message, r.output) for r in receipts] == [
        ("ok", 5, "", "", "5\n"),
        ("ok", 12, "", "", "12\n"),
        ("error", None, "E0501", "Requirement failed: too little", ""),
    ]
    assert receipts[0].events == [("Deposit", [5])]
    assert receipts[1].state_before == receipts[0].state_after != receipts[1].state_after
    assert len({r.hash for r in receipts}) == 3
    assert chain.state("total", bank) == 12 and chain.state("nothing") is None
    assert [entry["value"] for entry in chain.ledger()] == [{"n": 5}, {"n": 7}]
    checkpoint = chain.checkpoint()
    assert (checkpoint["chain"], checkpoint["receipts"], checkpoint["entries"], len(checkpoint["hash"])) == ("dev", 4, 2, 64)
    chain.verify()
    assert chain.replay() == 4


def test_proofs():
    chain = Chain()
    bank, _ = filled(chain)
    key = Chain.key("total", bank)
    proof = chain.prove(key)
    assert proof.verify(chain.checkpoint()["state_root"], key, proof.record)
    assert not proof.verify(proof.root, key, b"other")
    assert not proof.verify("00" * 32, key, proof.record)
    nothing = chain.prove("nothing")
    assert nothing.record is None and nothing.verify(proof.root, Chain.key("nothing"))


def test_files(tmp_path):
    path = tmp_path / "chain.db"
    with Chain(path, "test") as chain:
        filled(chain)
        before = chain.checkpoint()
        assert len(chain.export(tmp_path / "chain.zxl")) == 64
        with pytest.raises(StoreError) as caught:
            Chain(path, "test")
        assert caught.value.in_use
    with pytest.raises(ValueError, match="the chain is closed"):
        chain.ledger()
    with Chain(path, "test") as chain:
        assert chain.checkpoint() == before
    with pytest.raises(StoreError, match="not 'other'"):
        Chain(path, "other")


def test_bad_transactions():
    chain = Chain()
    code = chain.publish(BANK)
    make = {"caller": "ann", "code": code, "contract": "Bank"}
    for change, error in (
        ({"nonce": 5}, zexus.ZexusError),
        ({"gas_limit": 1}, zexus.ZexusError),
        ({"code": "00" * 32}, zexus.ZexusError),
        ({"code": "zz"}, ValueError),
        ({"colour": 1}, ValueError),
        ({"target": "0x" + "00" * 20}, ValueError),
        ({"args": [object()]}, TypeError),
    ):
        with pytest.raises(error):
            chain.execute({**make, **change})
    assert chain.checkpoint()["receipts"] == 0
    with pytest.raises(zexus.CompileError):
        chain.publish("let = 1")
