"""Changes of the configuration, each told in words; and whether it still names the pinned root certificates."""

from collections.abc import Callable
from typing import Any

import pytest
from fabric_protos.common import policies_pb2
from fabric_protos.msp import msp_config_pb2
from fabric_protos.peer import configuration_pb2 as peer_pb2
from watch_world import Institution, World, capabilities, consensus, set_meta, set_policy, signature_policy

from medconsent.watch.judge import Judge
from medconsent.watch.scope import LEDGER, Scope

ANY = policies_pb2.ImplicitMetaPolicy.ANY


def application(channel: Any) -> Any:
    return channel.groups["Application"]


def other_root(name: str, section: str = "Application") -> Callable[[Any], None]:
    def change(channel: Any) -> None:
        channel.groups[section].groups[name].values["MSP"].value = Institution(name).msp()

    return change


def own_msp(name: str, change: Callable[[Any], None]) -> Callable[[Any], None]:
    """Change something inside an institution's MSP."""

    def changed(channel: Any) -> None:
        value = application(channel).groups[name].values["MSP"]
        wrapped = msp_config_pb2.MSPConfig.FromString(value.value)
        msp = msp_config_pb2.FabricMSPConfig.FromString(wrapped.config)
        change(msp)
        wrapped.config = msp.SerializeToString()
        value.value = wrapped.SerializeToString()

    return changed


def joined(name: str = "onnuri") -> Callable[[Any], None]:
    return lambda channel: application(channel).groups[name].CopyFrom(Institution(name).group())


def copied(channel: Any) -> None:
    groups = application(channel).groups
    groups["hanbit-copy"].CopyFrom(groups["hanbit"])
    set_policy(groups["hanbit-copy"], "Endorsement", signature_policy("nuri"))


def replaced(channel: Any) -> None:
    copied(channel)
    del application(channel).groups["hanbit"]


def removed(channel: Any) -> None:
    del application(channel).groups["hanbit"]


def removed_from_ordering(channel: Any) -> None:
    del channel.groups["Orderer"].groups["hanbit"]


def weaker_membership(channel: Any) -> None:
    set_meta(application(channel), "Membership", policies_pb2.ImplicitMetaPolicy.MAJORITY, "Admins")


def other_rule(channel: Any) -> None:
    application(channel).mod_policy = "Admins"


def endorsement_of_hanbit(channel: Any) -> None:
    set_policy(application(channel).groups["hanbit"], "Endorsement", signature_policy("nuri"))


def further_policy(channel: Any) -> None:
    set_meta(application(channel), "Anything", ANY, "Writers")


def further_group(channel: Any) -> None:
    channel.groups["Consortiums"].mod_policy = "Admins"


def acls(channel: Any) -> None:
    listed = peer_pb2.ACLs(acls={"qscc/GetChainInfo": peer_pb2.APIResource(policy_ref="/Channel/Application/Admins")})
    application(channel).values["ACLs"].value = listed.SerializeToString()


def unknown_value(channel: Any) -> None:
    application(channel).values["Surprise"].value = b"?"


def lower_capability(channel: Any) -> None:
    application(channel).values["Capabilities"].value = capabilities("V1_2")


def other_consenters(channel: Any) -> None:
    channel.groups["Orderer"].values["ConsensusType"].value = consensus("one:7050", "two:7050", "four:7050")


def batch_size(channel: Any) -> None:
    channel.groups["Orderer"].values["BatchSize"].value = b"\x08\x64"


def anchor(channel: Any) -> None:
    application(channel).groups["nuri"].values["AnchorPeers"].value = b""


@pytest.mark.parametrize(
    ("change", "expected", "words"),
    [
        (joined(), {"MEMBER_JOINED"}, "onnuri joined the channel; its root certificates: "),
        (removed, {"MEMBER_LEFT"}, "hanbit (this institution) was removed from the channel"),
        (copied, {"MEMBER_ALIAS", "MEMBER_JOINED"}, "have the same MSP ID, hanbit"),
        (replaced, {"MEMBER_LEFT", "MEMBER_JOINED"}, "hanbit-copy (MSP ID hanbit) (this institution) joined"),
        (
            removed_from_ordering,
            {"ORDERING_CHANGED"},
            "hanbit (this institution) was removed from the ordering service",
        ),
        (other_root("hanbit"), {"IDENTITY_CHANGED"}, "authorities that are not pinned"),
        (other_root("nuri"), {"IDENTITY_CHANGED"}, "the root certificates are now "),
        (other_root("nuri", "Orderer"), {"IDENTITY_CHANGED"}, "nuri (Orderer): the root certificates are now "),
        (
            own_msp("nuri", lambda msp: setattr(msp, "name", "other")),
            {"IDENTITY_CHANGED"},
            "is now other, and was nuri",
        ),
        (own_msp("nuri", lambda msp: msp.admins.append(b"x")), {"IDENTITY_CHANGED"}, "administrators or NodeOUs"),
        (own_msp("nuri", lambda msp: msp.revocation_list.append(b"x")), {"CONFIG_CHANGED"}, "revoked certificates"),
        (weaker_membership, {"POLICY_CHANGED"}, "is now MAJORITY Admins, and was ALL Admins"),
        (other_rule, {"POLICY_CHANGED"}, "is now decided by 'Admins', and was by 'Membership'"),
        (endorsement_of_hanbit, {"POLICY_CHANGED"}, "is now nuri.peer, and was hanbit.peer"),
        (further_policy, {"POLICY_CHANGED"}, "is now ANY Writers, and was not there"),
        (further_group, {"POLICY_CHANGED"}, "the group /Channel/Consortiums was added to"),
        (acls, {"POLICY_CHANGED"}, "qscc/GetChainInfo now needs /Channel/Application/Admins"),
        (unknown_value, {"POLICY_CHANGED"}, "/Channel/Application/Surprise has changed"),
        (lower_capability, {"CAPABILITIES_CHANGED"}, "/Channel/Application/Capabilities are now V1_2, and were V2_5"),
        (other_consenters, {"ORDERING_CHANGED"}, "new consenters: four:7050; consenters removed: three:7050"),
        (batch_size, {"CONFIG_CHANGED"}, "/Channel/Orderer/BatchSize has changed"),
        (anchor, {"CONFIG_CHANGED"}, "/Channel/Application/nuri/AnchorPeers has changed"),
    ],
)
def test_a_change_is_told(change: Callable[[Any], None], expected: set[str], words: str) -> None:
    world = World()
    judge = world.judge()
    found = judge.judge(world.add(world.change(change)))
    assert {one.code for one in found} == expected
    assert any(words in one.sentence for one in found), [one.sentence for one in found]
    assert judge.judge(world.add(world.config_envelope())) == [] or expected == {"IDENTITY_CHANGED"}, "told once"


def test_the_pinned_roots_are_asked_for_in_every_configuration() -> None:
    """Also in the first: it is the institution's own files that say who it is, not the channel."""
    found = Judge(Institution("hanbit").authority, "medconsent").judge(World().blocks[0])
    assert [one.code for one in found] == ["IDENTITY_CHANGED"] * 2
    assert all("not pinned" in one.sentence for one in found)


def test_a_joiner_that_shares_a_root_is_an_alias() -> None:
    world = World()

    def change(channel: Any) -> None:
        joined()(channel)
        value = application(channel).groups["onnuri"].values["MSP"]
        msp = msp_config_pb2.FabricMSPConfig(name="onnuri", root_certs=[world["nuri"].root_pem])
        value.value = msp_config_pb2.MSPConfig(config=msp.SerializeToString()).SerializeToString()

    found = world.judged(world.change(change))
    assert {one.code for one in found} == {"MEMBER_JOINED", "MEMBER_ALIAS"}


def test_an_unreadable_msp_closes_what_rests_on_it() -> None:
    world = World()

    def change(channel: Any) -> None:
        application(channel).groups["nuri"].values["MSP"].value = b"\xff\xff"

    found = world.judged(world.change(change))
    assert {one.scope for one in found if one.closes} == {Scope.of(["nuri"])}


def renamed_policy(section: str, group: str = "") -> Callable[[Any], None]:
    def change(channel: Any) -> None:
        where = channel.groups[section]
        set_policy(where.groups[group] if group else where, "Own", signature_policy("nuri"))

    return change


def own_mod_policy(channel: Any) -> None:
    application(channel).groups["nuri"].mod_policy = "Readers"


def endpoints(channel: Any) -> None:
    channel.groups["Orderer"].groups["nuri"].values["Endpoints"].value = b"x"


def capabilities_of_ones_own(channel: Any) -> None:
    application(channel).groups["nuri"].values["Capabilities"].value = capabilities("V1_2")


def nested(channel: Any) -> None:
    application(channel).groups["nuri"].groups["more"].mod_policy = "Admins"


def another_kind(channel: Any) -> None:
    value = application(channel).groups["nuri"].values["MSP"]
    value.value += msp_config_pb2.MSPConfig(type=1).SerializeToString()


def root_of_hanbit(world: World) -> Callable[[Any], None]:
    return own_msp("nuri", lambda msp: msp.root_certs.append(world["hanbit"].root_pem))


def test_what_an_institution_changes_in_its_own_group_closes_what_rests_on_it() -> None:
    """Its administrator does that alone. Elsewhere all sign, and it closes the ledger."""
    base = World()
    own = {
        "a policy": renamed_policy("Application", "nuri"),
        "a policy of its orderers": renamed_policy("Orderer", "nuri"),
        "who may change it": own_mod_policy,
        "its orderers' addresses": endpoints,
        "a value that is the channel's elsewhere": capabilities_of_ones_own,
        "a group in it": nested,
        "its roots": other_root("nuri"),
        "its orderers' roots": other_root("nuri", "Orderer"),
        "hanbit's root beside its own": root_of_hanbit(base),
        "two certificates of which one cannot be read": own_msp("nuri", lambda msp: msp.root_certs.append(b"x")),
        "another kind of MSP": another_kind,
    }
    for what, change in own.items():
        world = World(base.institutions)
        found = [one for one in world.judged(world.change(change)) if one.closes]
        assert {one.scope for one in found} == {Scope.of(["nuri"])}, what
    for what, change in {
        "a policy of all": renamed_policy("Application"),
        "of all orderers": renamed_policy("Orderer"),
        "membership": weaker_membership,
        "capabilities": lower_capability,
        "consenters": other_consenters,
    }.items():
        world = World(base.institutions)
        found = [one for one in world.judged(world.change(change)) if one.closes]
        assert {one.scope for one in found} == {LEDGER}, what
    world = World(base.institutions)
    assert LEDGER in {one.scope for one in world.judged(world.change(other_root("hanbit")))}, "one's own roots"


def test_after_a_change_the_new_orderers_count() -> None:
    """Who signs blocks is what the newest configuration says; that it changed was told."""
    world = World()
    stranger = Institution("onnuri")
    assert {one.code for one in world.judged(b"", orderer=stranger.key("orderer"))} >= {"BLOCK_UNSIGNED"}

    def change(channel: Any) -> None:
        channel.groups["Orderer"].groups["onnuri"].CopyFrom(stranger.group())

    assert {one.code for one in world.judged(world.change(change))} == {"ORDERING_CHANGED"}
    assert "BLOCK_UNSIGNED" not in {one.code for one in world.judged(b"", orderer=stranger.key("orderer"))}
