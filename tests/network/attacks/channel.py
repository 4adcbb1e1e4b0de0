"""Changes of the channel's configuration, as attackers would hand them in: computed by Fabric's own tool, signed by
whom they have.
"""

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from fabric_protos.common import common_pb2, configtx_pb2, configuration_pb2, policies_pb2
from fabric_protos.msp import msp_config_pb2
from fabric_protos.orderer import configuration_pb2 as orderer_pb2
from fabric_protos.orderer.etcdraft import configuration_pb2 as raft_pb2
from forge import Key, sign
from rwset import peers_of

Change = Callable[[configtx_pb2.Config], None]


def update(config: configtx_pb2.Config, change: Change, *, channel: str, configtxlator: Path) -> bytes:
    """Serialized `ConfigUpdate` that turns `config` into what `change` makes of it."""
    changed = configtx_pb2.Config()
    changed.CopyFrom(config)
    change(changed)
    with TemporaryDirectory() as folder:
        before, after, out = (Path(folder, name) for name in ("before.pb", "after.pb", "update.pb"))
        before.write_bytes(config.SerializeToString())
        after.write_bytes(changed.SerializeToString())
        command: list[str | Path] = [configtxlator, "compute_update", "--channel_id", channel]
        command += ["--original", before, "--updated", after, "--output", out]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return out.read_bytes()


def envelope(change: bytes, signers: Sequence[Key], *, channel: str) -> common_pb2.Envelope:
    """The update signed by every one of `signers` (administrators); the first of them hands it in."""
    signatures = []
    for signer in signers:
        header = common_pb2.SignatureHeader(creator=signer.creator, nonce=b"n" * 24).SerializeToString()
        signatures.append(configtx_pb2.ConfigSignature(signature_header=header, signature=signer.sign(header + change)))
    client = signers[0]
    header = common_pb2.Header(
        channel_header=common_pb2.ChannelHeader(type=common_pb2.CONFIG_UPDATE, channel_id=channel).SerializeToString(),
        signature_header=common_pb2.SignatureHeader(creator=client.creator, nonce=b"e" * 24).SerializeToString(),
    )
    body = configtx_pb2.ConfigUpdateEnvelope(config_update=change, signatures=signatures)
    return sign(client, common_pb2.Payload(header=header, data=body.SerializeToString()))


# What attackers with a majority of the administrators would like to change. Each takes the victim and gives the change.


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


def revoked(institution: str, revocations: bytes) -> Change:
    """The institution's list of revoked certificates (PEM) becomes known to the channel."""

    def change(config: configtx_pb2.Config) -> None:
        for part in ("Application", "Orderer"):
            group = config.channel_group.groups[part].groups[institution]
            wrapped = msp_config_pb2.MSPConfig.FromString(group.values["MSP"].value)
            msp = msp_config_pb2.FabricMSPConfig.FromString(wrapped.config)
            msp.revocation_list.append(revocations)
            wrapped.config = msp.SerializeToString()
            group.values["MSP"].value = wrapped.SerializeToString()

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

    def change(config: configtx_pb2.Config) -> None:
        value = _application(config).groups[attacker].values["MSP"]
        wrapped = msp_config_pb2.MSPConfig.FromString(value.value)
        msp = msp_config_pb2.FabricMSPConfig.FromString(wrapped.config)
        msp.name = victim
        wrapped.config = msp.SerializeToString()
        value.value = wrapped.SerializeToString()

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


def without_consenter(endpoint: str) -> Change:
    """Raft without the consenter at `host:port`: its institution's orderer gets no more blocks, and so neither does
    its peer.
    """
    host, _, port = endpoint.rpartition(":")

    def change(config: configtx_pb2.Config) -> None:
        value = config.channel_group.groups["Orderer"].values["ConsensusType"]
        consensus = orderer_pb2.ConsensusType.FromString(value.value)
        metadata = raft_pb2.ConfigMetadata.FromString(consensus.metadata)
        kept = [one for one in metadata.consenters if (one.host, one.port) != (host, int(port))]
        assert len(kept) < len(metadata.consenters), "no such consenter"
        del metadata.consenters[:]
        metadata.consenters.extend(kept)
        consensus.metadata = metadata.SerializeToString()
        value.value = consensus.SerializeToString()

    return change


def removed_everywhere(victim: str, endpoint: str) -> Change:
    """The victim is neither in the application nor in the ordering, nor is its consenter."""

    def change(config: configtx_pb2.Config) -> None:
        without_consenter(endpoint)(config)
        remove_from_ordering(victim)(config)
        remove(victim)(config)

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
    wrapped = msp_config_pb2.MSPConfig.FromString(group.values["MSP"].value)
    msp = msp_config_pb2.FabricMSPConfig.FromString(wrapped.config)
    del msp.root_certs[:], msp.intermediate_certs[:], msp.admins[:], msp.revocation_list[:]
    msp.root_certs.append(authority)
    for unit in ("client", "peer", "admin", "orderer"):
        getattr(msp.fabric_node_ous, f"{unit}_ou_identifier").certificate = b""
    wrapped.config = msp.SerializeToString()
    group.values["MSP"].value = wrapped.SerializeToString()


def _unversioned(group: configtx_pb2.ConfigGroup) -> configtx_pb2.ConfigGroup:
    """A copy as if it were new: a new element's version is 0."""
    copy = configtx_pb2.ConfigGroup()
    copy.CopyFrom(group)
    copy.version = 0
    for element in (*copy.values.values(), *copy.policies.values(), *copy.groups.values()):
        element.version = 0
    return copy
