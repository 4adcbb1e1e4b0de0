"""Who is asked to endorse, what is repeated, what never is, and what the failures become."""

import json
from datetime import UTC, datetime

import grpc
import pytest
from fake_gateway import FakeGateway, Refusal, async_client, client, digest, identity, view

from medconsent import errors
from medconsent._internal.endorsers import Endorsers
from medconsent._internal.refusals import translate
from medconsent.fabric.contract import Timeouts
from medconsent.fabric.errors import EndorseError, EvaluateError
from medconsent.fabric.flow import EndorserDetail

REQUEST = digest("request")


def steady(function, argument):
    found = view("institution", "hanbit", "hanbit", title="Hanbit", country="KR", contact="x", roles=[])
    return found["record"] if function.endswith(".set") else found


def set_institution(gateway, institution="hanbit"):
    return client(gateway, institution).institutions.set(title="Hanbit", country="KR", contact="x", roles=["dac"])


def refusing(code, **members):
    return f"chaincode response 500, {json.dumps({'code': code, 'message': f'{code}!', **members})}"


def test_a_question_goes_to_ones_own_institution_and_nobody_else():
    gateway = FakeGateway(steady)
    client(gateway, "nuri").institutions.get("hanbit")
    (asked,) = gateway.asked
    assert asked.organizations == ("nuri",)
    assert asked.argument == {"institution": "hanbit"}


def test_a_change_names_a_majority_with_the_owner_in_it():
    gateway = FakeGateway(steady, organizations=("a", "b", "c", "d", "e", "hanbit"))
    written = set_institution(gateway)
    (asked,) = gateway.changes()
    assert asked.organizations == ("hanbit", "a", "b", "c")
    assert written.transaction_id == asked.transaction_id == gateway.sent[0]
    assert written.block == gateway.height
    assert written.answer.title == "Hanbit"


def test_who_gains_by_refusing_is_asked_last():
    chosen = Endorsers.choose(["hanbit"], ["hanbit", "nuri", "saerom"], own="hanbit", avoid=["nuri"])
    assert chosen.chosen == ("hanbit", "saerom")
    assert chosen.replace({"saerom"})
    assert chosen.chosen == ("hanbit", "nuri")
    assert not chosen.replace({"nuri"})  # nobody is left
    assert not Endorsers.choose(["hanbit"], ["hanbit", "nuri"], own="hanbit").replace({"hanbit"})  # required


def test_alone_means_that_nobody_else_is_needed():
    assert Endorsers.choose(["hanbit"], (), own="hanbit", alone=True).chosen == ("hanbit",)


@pytest.mark.parametrize("said", ["gone", "rpc error: code = Unavailable", "could not launch chaincode"])
def test_another_institution_stands_in_for_one_that_does_not_answer(said):
    # Where nobody's word is quoted, the same proposal is tried for a moment before it counts as a failure.
    gateway = FakeGateway(steady, endorse=iter([{"nuri": said}] * (3 if said == "gone" else 1)))
    set_institution(gateway)
    assert gateway.changes()[0].organizations == ("hanbit", "nuri")
    assert gateway.changes()[-1].organizations == ("hanbit", "saerom")
    assert len(gateway.sent) == 1


def test_an_owner_that_does_not_answer_cannot_be_replaced():
    gateway = FakeGateway(steady, endorse=iter([{"hanbit": "gone"}] * 9))
    with pytest.raises(errors.Unreachable, match="hanbit"):
        set_institution(gateway)
    assert gateway.sent == []


def test_a_chaincode_that_is_down_is_told_from_a_peer_that_is():
    said = "error in simulation: could not launch chaincode medconsent_0.1.0: connection refused"
    gateway = FakeGateway(steady, endorse=iter([{"hanbit": said}]))
    with pytest.raises(errors.Unreachable, match="the peer of hanbit runs, and its chaincode does not") as caught:
        set_institution(gateway)
    assert caught.value.words[0].message == said


def test_a_refusal_by_all_is_raised_at_once_with_every_word():
    def contract(function, argument):
        raise Refusal("FORBIDDEN", "only the operator", field="title", hint="ask", details=["a"])

    gateway = FakeGateway(contract)
    with pytest.raises(errors.Forbidden) as caught:
        set_institution(gateway)
    error = caught.value
    assert (error.code, error.message, error.field, error.hint) == ("FORBIDDEN", "only the operator", "title", "ask")
    assert error.details == ("a",)
    assert [(word.institution, word.code) for word in error.words] == [("hanbit", "FORBIDDEN"), ("nuri", "FORBIDDEN")]
    assert error.transaction_id == gateway.changes()[0].transaction_id
    assert len(gateway.changes()) == 1


def test_one_who_refuses_what_the_others_endorse_is_passed_over():
    gateway = FakeGateway(steady, endorse=iter([{"nuri": refusing("FORBIDDEN")}]))
    set_institution(gateway)
    assert gateway.changes()[-1].organizations == ("hanbit", "saerom")


def test_a_peer_that_is_behind_gets_time():
    behind = {"nuri": "ProposalResponsePayloads do not match", "saerom": refusing("NOT_FOUND")}
    gateway = FakeGateway(steady, endorse=iter([behind, behind]))
    set_institution(gateway)
    assert len(gateway.changes()) == 3
    assert len({asked.transaction_id for asked in gateway.changes()}) == 3  # each time a new proposal
    assert len(gateway.pauses) == 2


def test_a_lasting_disagreement_is_raised_with_both_words():
    gateway = FakeGateway(steady, endorse=iter([{"nuri": refusing("FORBIDDEN"), "saerom": refusing("FORBIDDEN")}] * 9))
    with pytest.raises(errors.Forbidden) as caught:
        set_institution(gateway)
    assert len(gateway.changes()) == 5
    assert gateway.sent == []
    assert "saerom" in str(caught.value.words[0])


def test_ones_own_institution_has_the_word_when_refusals_differ():
    gateway = FakeGateway(steady, endorse=iter([{"nuri": refusing("NOT_FOUND"), "hanbit": refusing("CONFLICT")}]))
    with pytest.raises(errors.Conflict) as caught:
        set_institution(gateway)
    assert "NOT_FOUND" in caught.value.diagnostics()


@pytest.mark.parametrize("code", ["MVCC_READ_CONFLICT", "PHANTOM_READ_CONFLICT", "ENDORSEMENT_POLICY_FAILURE"])
def test_a_lost_race_is_proposed_anew(code):
    gateway = FakeGateway(steady, validation=iter([code, code]))
    set_institution(gateway)
    assert len(set(gateway.sent)) == 3
    assert all(0 < pause < 1 for pause in gateway.pauses)


def test_an_institution_that_joined_meanwhile_makes_the_majority_larger():
    gateway = FakeGateway(steady, validation=iter(["VALID", "ENDORSEMENT_POLICY_FAILURE"]))
    institutions = client(gateway).institutions
    said = {"title": "Hanbit", "country": "KR", "contact": "x", "roles": ["dac"]}
    institutions.set(**said)
    gateway.organizations = ("hanbit", "nuri", "onnuri", "saerom")
    institutions.set(**said)
    assert [len(asked.organizations) for asked in gateway.changes()] == [2, 2, 3]


def test_a_race_is_lost_five_times_at_most():
    gateway = FakeGateway(steady, validation=iter(["MVCC_READ_CONFLICT"] * 9))
    with pytest.raises(errors.Invalidated) as caught:
        set_institution(gateway)
    assert len(gateway.sent) == 5
    assert caught.value.validation_code == "MVCC_READ_CONFLICT"


def test_any_other_invalid_transaction_is_not_repeated():
    gateway = FakeGateway(steady, validation=iter(["BAD_PROPOSAL_TXID"]))
    with pytest.raises(errors.Invalidated, match="BAD_PROPOSAL_TXID"):
        set_institution(gateway)
    assert len(gateway.sent) == 1


@pytest.mark.parametrize("status", [grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNAVAILABLE])
def test_what_may_be_committed_is_never_proposed_anew(status):
    gateway = FakeGateway(steady, submit_fails=status)
    caller = client(gateway)
    caller._session.contract.timeouts = Timeouts(submit=0.5)
    with pytest.raises(errors.OutcomeUnknown) as caught:
        caller.institutions.set(title="Hanbit", country="KR", contact="x", roles=["dac"])
    assert set(gateway.sent) == {caught.value.transaction_id}  # the same one, at most again
    assert len(gateway.changes()) == 1
    assert f"medconsent transaction status {gateway.sent[0]}" in caught.value.diagnostics()


def test_a_peer_that_is_down_is_unreachable():
    with pytest.raises(errors.Unreachable, match="your institution"):
        client(FakeGateway(steady, down=True)).institutions.get("hanbit")


@pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b'{"record": {"body": []}}'])
def test_an_answer_off_the_contract_is_named_so(answer):
    with pytest.raises(errors.UnexpectedAnswer):
        client(FakeGateway(lambda function, argument: answer)).institutions.get("hanbit")


def test_a_question_waits_for_the_block_that_was_asked_for():
    gateway = FakeGateway(steady, height=7)
    caller = client(gateway)
    caller.wait_for_block(12)
    assert gateway.height == 13  # a height of 13 means that block 12 is there
    caller.institutions.get("hanbit")
    assert gateway.height == 13  # and it is not asked again


def test_a_block_is_waited_for_no_longer_than_an_answer():
    gateway = FakeGateway(steady, height=7)
    caller = client(gateway)
    caller._session.channel.timeouts = Timeouts(evaluate=0.2)
    with pytest.raises(errors.Unreachable, match=r"^block 10000 did not reach the peer within 0\.2 s") as caught:
        caller.wait_for_block(10_000)
    assert "it stands at block " in str(caught.value)
    assert "did not answer" not in str(caught.value)
    assert "running" not in caught.value.hint


def test_what_the_peer_was_not_seen_to_hold_is_told():
    """As after a change whose outcome came from others' peers: what is wanted is not held yet."""
    caller = client(FakeGateway(steady, height=7))
    assert caller.behind == 0
    caller._session.want_block(10_000)
    assert caller.behind == 10_000
    with pytest.raises(errors.Unreachable, match=r"within 0\.2 s"):
        caller.wait_for_block(10_000, 0.2)
    assert caller.behind == 10_000
    caller = client(FakeGateway(steady, height=7))
    caller.wait_for_block(9, 5.0)
    assert caller.behind == 0


def test_text_that_is_not_unicode_is_not_sent():
    gateway = FakeGateway(steady)
    with pytest.raises(errors.DocumentError, match="Unicode"):
        client(gateway).institutions.get("\udcff")
    assert gateway.asked == []


async def _get(gateway):
    found = await async_client(gateway).institutions.get("hanbit")
    return found, [
        item async for item in async_client(FakeGateway(lambda *_: {"items": [], "bookmark": ""})).grants.iterate()
    ]


def test_the_same_nouns_can_be_awaited():
    import asyncio  # noqa: PLC0415

    found, none = asyncio.run(_get(FakeGateway(steady)))
    assert found.country == "KR"
    assert none == []


def test_a_peer_that_refuses_a_time_before_the_contract_is_asked_is_a_clock_refusal_too():
    said = "access denied: request unauthorized due to incorrect timestamp 2026-11-24T09:00:00Z, peer time 10:00:00"
    gateway = FakeGateway(
        steady, endorse=iter([{"hanbit": said, "a": said, "b": said}] * 9), organizations=("hanbit", "a", "b")
    )
    with pytest.raises(errors.Clock) as caught:
        set_institution(gateway)
    assert "incorrect timestamp" in str(caught.value)
    assert len(gateway.changes()) == 1


def test_an_identity_whose_certificate_has_ended_is_told_when_and_how_to_enrol_again(monkeypatch):
    person, _ = identity("hanbit", "kim", "dac")
    monkeypatch.setattr(type(person), "expires", datetime(2026, 11, 1, 9, tzinfo=UTC))
    denied = EvaluateError("error validating proposal: access denied: channel [m]", transaction_id="ab" * 32)
    error = translate(denied, "hanbit", person)
    assert "has ended at 2026-11-01T09:00:00" in error.message
    assert "identity secret ID" in error.hint
    assert "identity enroll ID" in error.hint


@pytest.mark.parametrize(
    "said", ["access denied: channel [medconsent] creator org [hanbit]", "creator org unknown, creator is malformed"]
)
def test_an_identity_that_the_peer_does_not_know_is_said_to_be_one(said):
    denied = EvaluateError(f"error validating proposal: {said}", transaction_id="ab" * 32)
    error = translate(denied, "hanbit")
    assert isinstance(error, errors.ContextError)
    assert "hanbit" in error.message
    assert "--replace" in error.hint, "it may be of an earlier network"
    other = EndorseError("no", details=[EndorserDetail("n:1", "nuri", said)])
    assert isinstance(translate(other, "hanbit"), errors.Unreachable)


@pytest.mark.parametrize(
    "said", ["OPENSSL_internal:CERTIFICATE_VERIFY_FAILED: self signed", "Hostname Verification Check failed."]
)
def test_a_context_of_an_earlier_network_is_said_to_be_one(said):
    failed = (
        f"failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:7051: Tls handshake failed: {said}"
    )
    error = translate(EvaluateError(failed, status=grpc.StatusCode.UNAVAILABLE), "hanbit")
    assert isinstance(error, errors.Unreachable)
    assert "identity enroll ID --profile FILE --replace" in error.hint
