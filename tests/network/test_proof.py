"""A real ledger, exported: it proves itself to an auditor, and every way to bend it is found.

The contract's program is the executable that the institutions' own chaincode services run.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from medical_data import write_wisconsin
from people import DIFFERS, Person
from scenario import Cast

from medconsent.contexts import Contexts
from medconsent.errors import DocumentError
from medconsent.fabric.ledger_blocks import LedgerBlock
from medconsent.services.watch.sources import own_peer
from medconsent_network.consortium import Consortium
from medconsent_network.tools.toolchain import build_folder

DATASET = "hanbit/proven"
APPROVERS = ("hanbit/d-1", "saerom/e-1", "hanbit/d-2")
CONFLICT = 11


@pytest.fixture(scope="module")
def told(cast: Cast, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A dataset, a grant that was revoked, one that stands, a request that was rejected; the ids."""
    folder = tmp_path_factory.mktemp("proven")
    write_wisconsin(folder / "data")
    cast.publish("proven", folder / "data")
    revoked = str(cast.approve(cast.submit("nuri/kim", DATASET), *APPROVERS)["grant"]["id"])
    rejected = cast.submit("nuri/lee", DATASET)
    cast.people["saerom/e-1"].run("request", "reject", rejected, "--reason", "not this one", "--yes")
    steward = cast.people["hanbit/steward"]
    ended = steward.json("grant", "revoke", revoked, "--reason", "a test", "--yes")
    standing = str(cast.approve(cast.submit("nuri/lee", DATASET), *APPROVERS)["grant"]["id"])
    return {"revoked": revoked, "standing": standing, "revocation": str(ended["transaction_id"])}


@pytest.fixture(scope="module")
def auditor(cast: Cast, told: dict[str, str]) -> Person:
    return cast.enrol("nuri/auditor", "auditor")


@pytest.fixture(scope="module")
def blocks(auditor: Person, network: Consortium, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The ledger at nuri's peer, and the channel's first block from saerom's home."""
    folder = tmp_path_factory.mktemp("exported")
    auditor.run("watch", "export", str(folder / "blocks"))
    return folder / "blocks", network.home("saerom").path / "channel" / "genesis.block"


def verify(person: Person, folder: Path, genesis: Path, exit_code: int = 0) -> dict[str, Any]:
    program = build_folder() / "chaincode" / "medconsent"
    told = person.run(
        "audit", "verify", str(folder), "--genesis", str(genesis), "--contract", str(program), "--json",
        exit_code=exit_code,
    )  # fmt: skip
    return json.loads(told.stdout)  # type: ignore[no-any-return]


def test_an_honest_ledger_proves_itself(auditor: Person, blocks: tuple[Path, Path], told: dict[str, str]) -> None:
    report = verify(auditor, *blocks)
    assert report["findings"] == []
    counts = report["counts"]
    assert counts["valid"] + counts["invalid"] == counts["transactions"]
    assert counts["again"] > 20
    permitted = {one["grant"]: one for one in report["permitted"]}
    revoked, standing = permitted[told["revoked"]], permitted[told["standing"]]
    assert (revoked["state"], standing["state"]) == ("revoked", "active")
    assert revoked["ended"].startswith("grant.revoked by hanbit/steward at ")
    assert (revoked["people"], standing["people"]) == (["nuri/kim"], ["nuri/lee"])
    assert set(standing["by"]) == {"hanbit/d-1 (dac)", "hanbit/d-2 (dac)", "saerom/e-1 (ethics)"}
    assert [one["decision"] for one in standing["checks"]] == ["permit"]


def hide(folder: Path, transaction: str) -> None:
    """The peer calls a transaction invalid, which is valid: what it took away is there again."""

    def other(block: LedgerBlock) -> LedgerBlock:
        ids = [one.id for one in block.transactions()]
        if transaction not in ids:
            return block
        flags = bytearray(block.flags)
        flags[ids.index(transaction)] = CONFLICT
        metadata = (*block.metadata[:2], bytes(flags), *block.metadata[3:])
        return LedgerBlock(block.number, block.previous_hash, block.data_hash, block.envelopes, metadata)

    rewritten(folder, other)


def rewritten(folder: Path, change: Callable[[LedgerBlock], LedgerBlock]) -> None:
    for file in sorted(folder.iterdir()):
        block = LedgerBlock.parse(file.read_bytes())
        file.write_bytes(change(block).to_bytes())


def without_a_block(folder: Path, _transaction: str) -> None:
    sorted(folder.iterdir())[5].unlink()


def one_bit(folder: Path, transaction: str) -> None:
    def other(block: LedgerBlock) -> LedgerBlock:
        if transaction not in [one.id for one in block.transactions()]:
            return block
        envelopes = (bytes([*block.envelopes[0][:-1], block.envelopes[0][-1] ^ 1]), *block.envelopes[1:])
        return LedgerBlock(block.number, block.previous_hash, block.data_hash, envelopes, block.metadata)

    rewritten(folder, other)


def chained_anew(folder: Path, transaction: str) -> None:
    """The block of a transaction is left out, and all hashes are made to fit: the orderers did not sign that."""
    blocks = [LedgerBlock.parse(file.read_bytes()) for file in sorted(folder.iterdir())]
    shutil.rmtree(folder)
    folder.mkdir()
    previous = b""
    kept = [block for block in blocks if transaction not in [one.id for one in block.transactions()]]
    for number, block in enumerate(kept):
        new = LedgerBlock(number, previous, block.data_hash, block.envelopes, block.metadata)
        previous = new.hash
        (folder / f"{number:05}.block").write_bytes(new.to_bytes())


@pytest.mark.parametrize(
    ("bend", "code"),
    [
        (hide, "REFUSED_WRONGLY"),
        (without_a_block, "CHAIN_BROKEN"),
        (one_bit, "CHAIN_BROKEN"),
        (chained_anew, "BLOCK_UNSIGNED"),
    ],
)
def test_a_ledger_that_was_bent_is_found(  # noqa: PLR0917 - fixtures
    bend: Callable[[Path, str], None],
    code: str,
    auditor: Person,
    blocks: tuple[Path, Path],
    told: dict[str, str],
    tmp_path: Path,
) -> None:
    folder = tmp_path / "blocks"
    shutil.copytree(blocks[0], folder)
    bend(folder, told["revocation"])
    report = verify(auditor, folder, blocks[1], exit_code=DIFFERS)
    assert code in {one["code"] for one in report["findings"]}
    if bend is hide:  # it is there all the same
        states = {one["grant"]: one["state"] for one in report["permitted"]}
        assert states[told["revoked"]] == "revoked"


def test_the_ledger_is_asked_for_blocks_and_transactions(auditor: Person, told: dict[str, str]) -> None:
    context = Contexts(auditor.home).get()
    with own_peer(context) as channel:
        info = channel.info(timeout=60)
        found = channel.block_by_transaction(told["revocation"])
        assert channel.block_by_number(found.number).hash == found.hash == channel.block_by_hash(found.hash).hash
        assert info.height > found.number
        transaction = channel.transaction(told["revocation"])
    assert transaction in list(found.decoded())
    assert (transaction.function, transaction.valid, transaction.chaincode) == ("grant.revoke", True, "medconsent")
    assert transaction.creator is not None
    assert (transaction.creator.msp_id, transaction.creator.common_name) == ("hanbit", "steward")
    assert transaction.event is not None
    assert transaction.event.name == "grant.revoke"
    assert any(one.key.startswith("grant/") for one in transaction.writes)
    assert transaction.private_writes
    assert {one.msp_id for one in transaction.endorsers} >= {"hanbit"}


def test_a_program_that_is_none_is_an_error(blocks: tuple[Path, Path], tmp_path: Path) -> None:
    from medconsent.proof.verify import verify as proven  # noqa: PLC0415
    from medconsent.services.watch.sources import exported  # noqa: PLC0415

    (tmp_path / "program").write_text("no program")
    with pytest.raises(DocumentError):
        proven(next(exported(blocks[1])), exported(blocks[0]), tmp_path / "program")
