"""What an update makes of the channel's configuration, read without asking an orderer.

As Fabric does it (`common/configtx/update.go`): an element counts as changed when its version in the write set is
another than it has now; the members of a group are those of the write set when the group's own version is another.
"""

from fabric_protos.common import configtx_pb2


def applied(config: configtx_pb2.Config, update: bytes) -> configtx_pb2.Config:
    """The configuration after a serialized `ConfigUpdate`; `config` is not changed.

    Whether an orderer takes it (versions, policies) is not looked at.

    Args:
        config: The configuration that the update was computed from.
        update: The serialized `ConfigUpdate`.
    """
    after = configtx_pb2.Config(sequence=config.sequence + 1)
    written = configtx_pb2.ConfigUpdate.FromString(update).write_set
    after.channel_group.CopyFrom(_group(config.channel_group, written))
    return after


def _group(now: configtx_pb2.ConfigGroup, written: configtx_pb2.ConfigGroup) -> configtx_pb2.ConfigGroup:
    after = configtx_pb2.ConfigGroup()
    after.CopyFrom(now)
    kinds = ("values", "policies", "groups")
    if written.version != now.version:
        after.version, after.mod_policy = written.version, written.mod_policy
        for kind in kinds:
            for name in set(getattr(after, kind)) - set(getattr(written, kind)):
                del getattr(after, kind)[name]
    for kind in kinds:
        before, members = getattr(now, kind), getattr(after, kind)
        for name, one in getattr(written, kind).items():
            if name not in before:
                members[name].CopyFrom(one)
            elif kind == "groups":
                members[name].CopyFrom(_group(before[name], one))
            elif one.version != before[name].version:
                members[name].CopyFrom(one)
    return after
