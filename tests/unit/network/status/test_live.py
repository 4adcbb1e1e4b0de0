"""What `top` shows, computed from two looks."""

from collections.abc import Callable

import pytest

from medconsent_network import operations
from medconsent_network.home import Home
from medconsent_network.operations import Samples
from medconsent_network.status import ProcessStatus, live

PEER = """\
# TYPE ledger_blockchain_height gauge
ledger_blockchain_height{{channel="medconsent"}} {height}
ledger_blockchain_height{{channel="another"}} 999
# TYPE ledger_transaction_count counter
ledger_transaction_count{{channel="medconsent",validation_code="VALID"}} {valid}
ledger_transaction_count{{channel="medconsent",validation_code="MVCC_READ_CONFLICT"}} {conflicts}
# TYPE endorser_proposal_duration histogram
endorser_proposal_duration_sum{{channel="medconsent"}} {spent}
endorser_proposal_duration_count{{channel="medconsent"}} {proposals}
# TYPE endorser_successful_proposals counter
endorser_successful_proposals {endorsed}
"""
ORDERER = 'consensus_etcdraft_is_leader{{channel="medconsent"}} {leads}\n'


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], list[str]]:
    """What the processes say, one text after the other; an empty one when a process does not answer."""
    texts: dict[tuple[str, str], list[str]] = {}
    monkeypatch.setattr(operations, "_get", lambda home, process, path: texts[home.name, process].pop(0) or None)
    return texts


def peer(**numbers: float) -> str:
    return PEER.format(**numbers)


def test_rates_are_of_the_span_between_two_looks(
    make_home: Callable[..., Home], said: dict[tuple[str, str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    homes = [make_home(name=name) for name in ("hanbit", "nuri")]
    said["hanbit", "peer"] = [
        peer(height=100, valid=1000, conflicts=3, spent=2.0, proposals=50, endorsed=40),
        peer(height=110, valid=1080, conflicts=5, spent=3.0, proposals=70, endorsed=58),
    ]
    said["hanbit", "orderer"] = [ORDERER.format(leads=1)] * 2
    said["nuri", "peer"] = [
        peer(height=90, valid=500, conflicts=0, spent=1.0, proposals=5, endorsed=5),
        peer(height=3, valid=2, conflicts=0, spent=0.1, proposals=1, endorsed=1),
    ]  # it was started anew
    said["nuri", "orderer"] = [ORDERER.format(leads=0), ""]
    clock = iter([10.0, 10.0, 14.0, 14.0])
    monkeypatch.setattr(live.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(live.time, "sleep", lambda _: None)
    rows = [
        ProcessStatus("hanbit", "peer", "RUNNING", 1, 1, True, "", 110, 300),
        ProcessStatus("nuri", "peer", "RUNNING", 1, 1, True, "", 3, 300, trouble="it is 107 blocks behind"),
        ProcessStatus("nuri", "orderer", "STOPPED", 0, 0, False, "", None, 300),
    ]
    monkeypatch.setattr(live, "status", lambda homes: rows)
    hanbit, nuri = next(live.doing(homes, 4))
    assert (hanbit.blocks, hanbit.valid, hanbit.invalid, hanbit.endorsed) == (2.5, 20.0, 0.5, 4.5)
    assert (hanbit.endorsing, hanbit.height, hanbit.behind, hanbit.leads) == (0.05, 110, 0, True)
    assert (nuri.blocks, nuri.valid, nuri.endorsing, nuri.behind, nuri.leads) == (0.0, 0.0, None, 107, False)
    assert (hanbit.serving, nuri.serving, nuri.wrong) == ((1, 1), (1, 2), ("peer: it is 107 blocks behind",))

    head, first, second, wrong = live.table([hanbit, nuri]).splitlines()
    assert head.split()[:4] == ["INSTITUTION", "SERVES", "BLOCKS", "BEHIND"]
    assert first.split() == ["hanbit", "1/1", "110", "0", "2.5", "20.0", "0.5", "4.5", "50", "yes"]
    assert second.split() == ["nuri", "1/2", "3", "107", "0.0", "0.0", "0.0", "0.0", "-"]
    assert wrong == "nuri: peer: it is 107 blocks behind"
    assert max(map(len, live.table([hanbit, nuri], 80).splitlines())) <= 80


def test_of_a_peer_that_does_not_answer_no_number_is_made_up(
    make_home: Callable[..., Home], said: dict[tuple[str, str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    said["nuri", "peer"] = said["nuri", "orderer"] = ["", "", "", ""]
    monkeypatch.setattr(live, "status", lambda homes: [])
    (nuri,) = next(live.doing([make_home()], 0.01))
    assert (nuri.height, nuri.behind, nuri.endorsing, nuri.blocks) == (None, None, None, 0.0)


def test_samples_are_summed_by_name_and_labels() -> None:
    found = Samples((("a", {"x": "1", "y": "2"}, 3.0), ("a", {"x": "1"}, 4.0), ("b", {}, 5.0)))
    assert (found.total("a"), found.total("a", {"y": "2"}), found.total("c"), found.has("b")) == (7.0, 3.0, 0, True)
