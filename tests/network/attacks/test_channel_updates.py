"""Two institutions, a majority of the administrators, sign changes of the channel's configuration that would break
the third one's seals.

The seals hold only under a configuration that a majority cannot bend (docs/decisions/0005). The same changes on a
channel as Fabric's tools make it are accepted: the last test does them there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import channel
import counterfeit
import pytest
from administration import Administration
from channel import Change
from colluders import configuration
from networks import running
from scene import COLLUDERS, VICTIM, Scene

from medconsent_network.consortium import Consortium
from medconsent_network.spec import Spec

AUTHORITY = counterfeit.authority(VICTIM).identity.certificate_pem
NOT_ALL = "requires 3 of the 'Admins' sub-policies to be satisfied"
NOT_THE_VICTIM = "signature set did not satisfy policy"


@dataclass(frozen=True)
class Attack:
    """A change, the element of the configuration that it must not get past, and what the orderer says of the policy
    there.
    """

    change: Change
    element: str
    reason: str = NOT_ALL


ATTACKS = {
    "remove the third": Attack(channel.remove(VICTIM), "[Group]  /Channel/Application"),
    "remove the third from ordering": Attack(channel.remove_from_ordering(VICTIM), "[Group]  /Channel/Orderer"),
    "the third's MSP ID with another CA": Attack(
        channel.other_authority(VICTIM, AUTHORITY), f"[Value]  /Channel/Application/{VICTIM}/MSP", NOT_THE_VICTIM
    ),
    "the third's MSP ID with another CA, in a further group": Attack(
        channel.second_group_with_other_authority(VICTIM, AUTHORITY), "[Group]  /Channel/Application"
    ),
    "the third's MSP copied under another name": Attack(
        channel.copied(VICTIM, COLLUDERS[0]), "[Group]  /Channel/Application"
    ),
    "the third replaced by a copy": Attack(channel.replaced(VICTIM, COLLUDERS[0]), "[Group]  /Channel/Application"),
    "the third's endorsement policy": Attack(
        channel.endorsement_of(VICTIM, COLLUDERS[0]),
        f"[Policy] /Channel/Application/{VICTIM}/Endorsement",
        NOT_THE_VICTIM,
    ),
    "a lower application capability": Attack(
        channel.lower_application_capability(VICTIM), "[Value]  /Channel/Application/Capabilities"
    ),
    "a lower channel capability": Attack(channel.lower_channel_capability(VICTIM), "[Value]  /Channel/Capabilities"),
    "membership by majority": Attack(
        channel.membership_by_majority(VICTIM), "[Policy] /Channel/Application/Membership"
    ),
    "another rule for the group": Attack(channel.other_rule_for_the_group(VICTIM), "[Group]  /Channel/Application"),
    "endorsement by any one": Attack(channel.endorsement_by_any(VICTIM), "[Policy] /Channel/Application/Endorsement"),
    "blocks signed by anybody": Attack(channel.blocks_by_anybody(VICTIM), "[Policy] /Channel/Orderer/BlockValidation"),
}
# What a channel without the hardening accepts, in an order in which each is still possible after the one before.
# (There the rule for the group is the Admins anyway.)
ACCEPTED_WHEN_PLAIN = [
    "membership by majority",
    "endorsement by any one",
    "blocks signed by anybody",
    "a lower channel capability",
    "a lower application capability",
    "the third replaced by a copy",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_two_are_refused(scene: Scene, attack: str) -> None:
    before = configuration(scene.auditor)
    status, sentence = Administration(scene.network, scene.auditor).hand_in(ATTACKS[attack].change, *COLLUDERS)
    assert status == "BAD_REQUEST"
    assert f"policy for {ATTACKS[attack].element} not satisfied" in sentence
    assert ATTACKS[attack].reason in sentence
    assert configuration(scene.auditor) == before


def test_all_three_may(scene: Scene) -> None:
    """The control: a change under the same policy, made and signed in the same way, is accepted with the third
    signature.
    """
    administration = Administration(scene.network, scene.auditor)
    assert administration.hand_in(channel.administration_by_all(VICTIM), *COLLUDERS)[0] != "SUCCESS"
    assert administration.hand_in(channel.administration_by_all(VICTIM), *COLLUDERS, VICTIM) == ("SUCCESS", "")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (channel.second_name_of_own_group(COLLUDERS[0], VICTIM), "two different versions of MSP"),
        (channel.nested_in_own_group(COLLUDERS[0], VICTIM), "does not allow sub-groups"),
    ],
    ids=["takes the third's MSP ID", "nests the third's group"],
)
def test_nor_can_one_by_its_own_group(scene: Scene, change: Change, sentence: str) -> None:
    """Each institution administers its own group alone; Fabric itself keeps that from reaching further."""
    status, said = Administration(scene.network, scene.auditor).hand_in(change, COLLUDERS[0])
    assert status == "BAD_REQUEST"
    assert sentence in said


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory, sample_consortium: Spec) -> Iterator[Consortium]:
    """Another sample consortium, for what would leave a network unusable if it were accepted."""
    with running(tmp_path_factory.mktemp("fresh") / "network", sample_consortium) as network:
        yield network


def test_two_do_not_change_the_ordering(fresh: Consortium) -> None:
    """Without its consenter the third one's orderer, and so its peer, would get no more blocks."""
    administration = Administration.by(fresh, VICTIM)
    for change, element in (
        (channel.lower_ordering_capability(VICTIM), "[Value]  /Channel/Orderer/Capabilities"),
        (channel.without_orderer(VICTIM, fresh.spec), "[Value]  /Channel/Orderer/ConsensusType"),
    ):
        status, sentence = administration.hand_in(change, *COLLUDERS)
        assert status == "BAD_REQUEST", f"{element} was changed"
        assert f"policy for {element} not satisfied" in sentence
        assert NOT_ALL in sentence


@pytest.fixture
def plain(unhardened: None, fresh: Consortium) -> Consortium:
    """The same on a channel just as Fabric's configtxgen makes it."""
    return fresh


def test_two_are_enough_on_a_plain_channel(plain: Consortium) -> None:
    """The same changes, from the same code: so it is the hardening that refuses them, and nothing else."""
    administration = Administration.by(plain, COLLUDERS[0])
    for name in ACCEPTED_WHEN_PLAIN:
        administration.enforce(ATTACKS[name].change, *COLLUDERS)
    assert VICTIM not in configuration(administration.asking).channel_group.groups["Application"].groups
