"""Chains: transactions with receipts, on a store that anybody can check."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike, fspath
from typing import Any, Dict, List, Mapping, Optional, Tuple, Union

from . import _zexus
from ._zexus import Proof

__all__ = ["Chain", "Proof", "Receipt"]


@dataclass(frozen=True)
class Receipt:
    """What a transaction did (chain.md 8.4). Hashes and addresses are hex digits; `hash` is that of the receipt."""

    id: str
    height: int
    number: int
    time: int
    block_hash: str
    status: str
    error: str
    result: Any
    gas_used: int
    gas_limit: int
    schedule: int
    semantics: int
    code: str
    state_before: str
    state_after: str
    ledger_before: str
    ledger_after: str
    first_entry: int
    entries: int
    events: List[Tuple[str, List[Any]]]
    hash: str
    message: str
    output: str
    address: Optional[str]


def _segment(data: bytes) -> bytes:
    length, head = len(data), bytearray()
    while length > 127:
        head.append(length & 127 | 128)
        length >>= 7
    head.append(length)
    return bytes(head) + data


class Chain:
    """A chain in a file, or in memory. It can be used as a context manager.

    >>> with Chain() as chain:
    ...     code = chain.publish("contract Counter { state n = 0  action add(k) { n = n + k  return n } }")
    ...     made = chain.execute({"caller": "ann", "code": code, "contract": "Counter"})
    ...     call = {"caller": "ann", "target": made.address, "action": "add", "args": [5]}
    ...     receipt = chain.execute(call)
    ...     receipt.status, receipt.result, chain.state("n", made.address), chain.replay()
    ('ok', 5, 5, 2)
    """

    def __init__(self, path: Union[str, PathLike[str], None] = None, chain_id: str = "dev") -> None:
        self._chain = _zexus.Chain(None if path is None else fspath(path), chain_id)

    def publish(self, source: str) -> str:
        """Publishes the module of a program; gives its code hash."""
        return self._chain.publish(source)

    def execute(self, tx: Mapping[str, Any]) -> Receipt:
        """Executes a transaction as a block of its own.

        It has `caller` and one of: `target` and `action`, to call a contract; `code` and `contract`, to make one; `code`, to run a
        module. Besides it may have `args`, `value`, `gas_limit`, `nonce`, and `height` and `time` (seconds) of its block.
        """
        return Receipt(**self._chain.execute(dict(tx)))

    def state(self, name: str, address: Optional[str] = None) -> Any:
        """The value of a state variable, or of a field of the contract at an address; None if there is none."""
        return self._chain.state(self.key(name, address))

    def prove(self, key: Union[str, bytes]) -> Proof:
        """A proof of what is, or is not, under a key, or under that of a state variable."""
        return self._chain.prove(self.key(key) if isinstance(key, str) else key)

    @staticmethod
    def key(name: str, address: Optional[str] = None) -> bytes:
        """The key of a state variable, or of a field of a contract (chain.md 4.1).

        >>> Chain.key("x").hex()
        '010178'
        """
        segment = _segment(name.encode())
        if address is None:
            return b"\x01" + segment
        return b"\x02" + bytes.fromhex(address[2:] if address.startswith("0x") else address) + segment

    def ledger(self) -> List[Dict[str, Any]]:
        """The entries of the ledger, oldest first."""
        return self._chain.ledger()

    def checkpoint(self) -> Dict[str, Any]:
        """What binds the whole chain (chain.md 8.5), with its hash."""
        return self._chain.checkpoint()

    def verify(self) -> None:
        """Checks the whole store; raises `StoreError` for damage."""
        self._chain.verify()

    def replay(self) -> int:
        """Executes everything again and compares each receipt; gives their number."""
        return self._chain.replay()

    def export(self, file: Union[str, PathLike[str]]) -> str:
        """Writes the chain to a file that can be verified without the engine; gives its hash."""
        return self._chain.export(fspath(file))

    def close(self) -> None:
        """Closes the store."""
        self._chain.close()

    def __enter__(self) -> Chain:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
