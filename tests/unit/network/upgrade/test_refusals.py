"""When a change to another version waits or is refused, without a network."""

from collections.abc import Callable
from pathlib import Path

import pytest

from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.upgrade import chaincode, fabric

EVERYBODY = dict.fromkeys(("hanbit", "nuri", "saerom"), True)


def approved_by(*names: str) -> dict[str, bool]:
    return {name: name in names for name in EVERYBODY}


@pytest.mark.parametrize(
    ("given", "by_majority", "waits"),
    [
        (EVERYBODY, False, ""),
        (EVERYBODY, True, ""),
        (approved_by("hanbit", "nuri"), True, ""),
        (approved_by("hanbit", "nuri"), False, "2 of 3 institutions have approved it, and not yet saerom (there:"),
        (approved_by("nuri"), True, "1 of 3 institutions have approved it, and not yet hanbit, saerom: 2 are needed"),
        ({"hanbit": True, "nuri": False}, True, "1 of 2 institutions have approved it, and not yet nuri: 2 are needed"),
        ({"a": True, "b": True, "c": False, "d": False}, True, "not yet c, d: 3 are needed"),
    ],
    ids=[
        "all",
        "all-by-majority",
        "two-of-three",
        "one-is-missing",
        "no-majority",
        "one-of-two",
        "half-is-no-majority",
    ],
)
def test_a_definition_is_committed_by_all_or_by_more_than_half(
    given: dict[str, bool], by_majority: bool, waits: str
) -> None:
    agreed = sorted(name for name, approved in given.items() if approved)
    said = chaincode._not_yet(given, agreed, "0.3.0", by_majority=by_majority)
    assert waits in said
    assert bool(said) == bool(waits)


@pytest.mark.parametrize(
    ("away", "refused"),
    [((), False), (("saerom",), True), (("hanbit", "saerom"), True)],
    ids=["nobody", "one", "both"],
)
def test_a_node_is_not_stopped_while_the_channel_needs_it(
    make_home: Callable[..., Home], monkeypatch: pytest.MonkeyPatch, away: tuple[str, ...], refused: bool
) -> None:
    """Of three, both others have to be there: the two of them are more than half."""
    home = make_home()
    ports = {home.spec.institution(name).port("peer") for name in away}
    monkeypatch.setattr(fabric, "reached", lambda host, port: port not in ports)
    if not refused:
        fabric._require_others(home)
        return
    with pytest.raises(NetworkError, match=", ".join(away)) as problem:
        fabric._require_others(home)
    assert problem.value.code == "CHANNEL_FAILED"


def test_one_whose_orderer_alone_is_away_counts_as_away(
    make_home: Callable[..., Home], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = make_home()
    gone = home.spec.institution("saerom").port("orderer")
    monkeypatch.setattr(fabric, "reached", lambda host, port: port != gone)
    with pytest.raises(NetworkError, match="saerom"):
        fabric._require_others(home)


def test_the_program_that_serves_is_no_next_version(make_home: Callable[..., Home], tmp_path: Path) -> None:
    home = make_home()
    program = tmp_path / "program"
    program.write_bytes(b"#!/bin/sh\n")
    home.binary(home.institution.chaincode_at).unlink(missing_ok=True)
    home.binary(home.institution.chaincode_at).symlink_to(program)
    with pytest.raises(NetworkError, match="cannot be") as problem:
        chaincode._beside(home, "0.3.0", program)
    assert problem.value.code == "CHAINCODE_FAILED"
    assert not home.kept_program("0.3.0").exists()


def test_a_program_that_is_not_there(make_home: Callable[..., Home], tmp_path: Path) -> None:
    with pytest.raises(NetworkError) as problem:
        chaincode._beside(make_home(), "0.3.0", tmp_path / "nothing")
    assert problem.value.code == "TOOL_MISSING"
