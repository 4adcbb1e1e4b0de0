"""What attackers with a majority of the administrators would like to change in the channel's configuration.

Each takes the victim and gives the change. `administration.py` computes it, signs it and hands it in with the product's
own builder of channel updates.
"""

from typing import Any

from fabric_protos.common import configtx_pb2, configuration_pb2, policies_pb2
from rwset import peers_of

from medconsent_network import ordering
from medconsent_network.membership.changes import edit_msp
from medconsent_network.membership.updates import Change
from medconsent_network.spec import Spec


def remove(victim: str) -> Change:
    """Throw the victim out."""

    def change(config: configtx_pb2.Config) -> None:
        del _application(config).groups[victim]

    return change


def remove_from_ordering(victim: str) -> Change:
    """Throw the victim out of the ordering organisations."""

    def change(config: configtx_pb2.Config) -> None:
        del config.channel_group.groups["Orderer"].groups[victim]

    return change


def other_authority(victim: str, authority: bytes) -> Change:
    """The victim's own MSP ID, with a certification authority of the attackers (PEM)."""

    def change(config: configtx_pb2.Config) -> None:
        _replace_authority(_application(config).groups[victim], authority)

    return change


def second_group_with_other_authority(victim: str, authority: bytes) -> Change:
    """A further group that defines the victim's MSP ID by the attackers' authority."""

    def change(config: configtx_pb2.Config) -> None:
        groups = _application(config).groups
        groups[f"{victim}-renewed"].CopyFrom(_unversioned(groups[victim]))
        _replace_authority(groups[f"{victim}-renewed"], authority)

    return change


def copied(victim: str, endorser: str) -> Change:
    """The victim's MSP, unchanged, under another name, whose Endorsement policy `endorser` can meet."""

    def change(config: configtx_pb2.Config) -> None:
        groups = _application(config).groups
        groups[f"{victim}-copy"].CopyFrom(_unversioned(groups[victim]))
        _let_endorse(groups[f"{victim}-copy"], endorser)

    return change


def replaced(victim: str, endorser: str) -> Change:
    """Both at once: the copy comes and the victim goes."""

    def change(config: configtx_pb2.Config) -> None:
        copied(victim, endorser)(config)
        remove(victim)(config)

    return change


def endorsement_of(victim: str, endorser: str) -> Change:
    """The victim's Endorsement policy, which its seals stand on, met by `endorser`."""

    def change(config: configtx_pb2.Config) -> None:
        _let_endorse(_application(config).groups[victim], endorser)

    return change


def lower_application_capability(_: str) -> Change:
    """Back to the application capability V1_2: key-level policies and implicit collections are unknown there."""

    def change(config: configtx_pb2.Config) -> None:
        lowered = configuration_pb2.Capabilities(capabilities={"V1_2": configuration_pb2.Capability()})
        _application(config).values["Capabilities"].value = lowered.SerializeToString()

    return change


def lower_channel_capability(_: str) -> Change:
    """The same for the channel."""

    def change(config: configtx_pb2.Config) -> None:
        lowered = configuration_pb2.Capabilities(capabilities={"V1_4_3": configuration_pb2.Capability()})
        config.channel_group.values["Capabilities"].value = lowered.SerializeToString()

    return change


def membership_by_majority(_: str) -> Change:
    """First make the rule itself weaker: Membership by MAJORITY instead of ALL."""

    def change(config: configtx_pb2.Config) -> None:
        _application(config).policies["Membership"].policy.value = policies_pb2.ImplicitMetaPolicy(
            sub_policy="Admins", rule=policies_pb2.ImplicitMetaPolicy.MAJORITY
        ).SerializeToString()

    return change


def other_rule_for_the_group(_: str) -> Change:
    """First let Admins (a majority) change the group of applications."""

    def change(config: configtx_pb2.Config) -> None:
        _application(config).mod_policy = "Admins"

    return change


def endorsement_by_any(_: str) -> Change:
    """The channel's Endorsement policy, which public writes stand on, met by any one institution."""

    def change(config: configtx_pb2.Config) -> None:
        _application(config).policies["Endorsement"].policy.value = policies_pb2.ImplicitMetaPolicy(
            sub_policy="Endorsement", rule=policies_pb2.ImplicitMetaPolicy.ANY
        ).SerializeToString()

    return change


def blocks_by_anybody(_: str) -> Change:
    """Blocks that any writer may sign, not only an orderer."""

    def change(config: configtx_pb2.Config) -> None:
        config.channel_group.groups["Orderer"].policies["BlockValidation"].policy.CopyFrom(
            policies_pb2.Policy(
                type=policies_pb2.Policy.IMPLICIT_META,
                value=policies_pb2.ImplicitMetaPolicy(
                    sub_policy="Writers", rule=policies_pb2.ImplicitMetaPolicy.ANY
                ).SerializeToString(),
            )
        )

    return change


def second_name_of_own_group(attacker: str, victim: str) -> Change:
    """The attacker's own group, which its own administrator may change, takes the victim's MSP ID."""

    def rename(msp: Any) -> None:
        msp.name = victim

    def change(config: configtx_pb2.Config) -> None:
        edit_msp(_application(config).groups[attacker], rename)

    return change


def copy_of(victim: str, attacker: str) -> Change:
    """The attacker's own group takes the victim's MSP as it is, and keeps its own Endorsement policy."""

    def change(config: configtx_pb2.Config) -> None:
        groups = _application(config).groups
        groups[attacker].values["MSP"].value = groups[victim].values["MSP"].value

    return change


def nested_in_own_group(attacker: str, victim: str) -> Change:
    """A copy of the victim's group inside the attacker's own."""

    def change(config: configtx_pb2.Config) -> None:
        groups = _application(config).groups
        groups[attacker].groups[victim].CopyFrom(_unversioned(groups[victim]))
        _let_endorse(groups[attacker].groups[victim], attacker)

    return change


def lower_ordering_capability(_: str) -> Change:
    """The ordering service's capability back to V1_1."""

    def change(config: configtx_pb2.Config) -> None:
        lowered = configuration_pb2.Capabilities(capabilities={"V1_1": configuration_pb2.Capability()})
        config.channel_group.groups["Orderer"].values["Capabilities"].value = lowered.SerializeToString()

    return change


def without_orderer(victim: str, spec: Spec) -> Change:
    """An ordering service without the victim's orderer: that gets no more blocks, and so neither does its peer."""
    one = spec.institution(victim)

    def change(config: configtx_pb2.Config) -> None:
        ordering.of(spec).remove(config, one.host, one.port("orderer"))

    return change


def impersonated(victim: str, group: configtx_pb2.ConfigGroup, authority: bytes) -> Change:
    """The group that the victim had before it was removed, with a certification authority of the attackers (PEM)."""

    def change(config: configtx_pb2.Config) -> None:
        groups = _application(config).groups
        groups[victim].CopyFrom(_unversioned(group))
        _replace_authority(groups[victim], authority)

    return change


def administration_by_all(_: str) -> Change:
    """A harmless change under the same policy as the others: the Admins of the applications are all of them, not a
    majority.
    """

    def change(config: configtx_pb2.Config) -> None:
        _application(config).policies["Admins"].policy.value = policies_pb2.ImplicitMetaPolicy(
            sub_policy="Admins", rule=policies_pb2.ImplicitMetaPolicy.ALL
        ).SerializeToString()

    return change


def _application(config: configtx_pb2.Config) -> configtx_pb2.ConfigGroup:
    return config.channel_group.groups["Application"]


def _let_endorse(group: configtx_pb2.ConfigGroup, endorser: str) -> None:
    group.policies["Endorsement"].policy.CopyFrom(
        policies_pb2.Policy(type=policies_pb2.Policy.SIGNATURE, value=peers_of(endorser))
    )


def _replace_authority(group: configtx_pb2.ConfigGroup, authority: bytes) -> None:
    """Root, and the authority that NodeOUs name, become `authority`."""

    def replace(msp: Any) -> None:
        del msp.root_certs[:], msp.intermediate_certs[:], msp.admins[:], msp.revocation_list[:]
        msp.root_certs.append(authority)
        for unit in ("client", "peer", "admin", "orderer"):
            getattr(msp.fabric_node_ous, f"{unit}_ou_identifier").certificate = b""

    edit_msp(group, replace)


def _unversioned(group: configtx_pb2.ConfigGroup) -> configtx_pb2.ConfigGroup:
    """A copy as if it were new: a new element's version is 0."""
    copy = configtx_pb2.ConfigGroup()
    copy.CopyFrom(group)
    copy.version = 0
    for element in (*copy.values.values(), *copy.policies.values(), *copy.groups.values()):
        element.version = 0
    return copy
