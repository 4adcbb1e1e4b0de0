"""The chaincode's definition: installed, approved by every institution, committed.

Approval and commit go through each institution's own Gateway, as transactions of the system chaincode `_lifecycle`. The
endorsement policy stays the channel's (a majority), and there is no collection configuration: records are sealed in the
institutions' implicit collections.
"""

import re
from collections.abc import Callable, Sequence

from fabric_protos.peer.lifecycle import lifecycle_pb2 as pb

from medconsent.fabric.errors import CommitStatusError, EndorseError, FabricError, SubmitError
from medconsent.fabric.gateway import Gateway
from medconsent_network import files
from medconsent_network.administration import gateway, run_peer, words_of
from medconsent_network.chaincode.package import label, package, package_id
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.spec import Chaincode
from medconsent_network.waiting import wait_for

LIFECYCLE = "_lifecycle"
_TIMEOUT = 60.0

# Fabric's words for what is done already.
_INSTALLED = "already successfully installed"
# The second is 3.1.1's, for a definition that is committed; one that differs is refused "with different parameters".
_APPROVED = re.compile(r"with unchanged content|current committed sequence \(\d+\) for namespace \S+(?! with)(?=\s|$)")
# Of an approval whose text was lost with the peer's data. Its hash is on the ledger, and the peer goes by that.
_LOST = "private data matching public hash version is not available"
_COMMITTED = "but new definition must be sequence"
_UNAPPROVED = "could not fetch approved chaincode definition"
_UNDEFINED = "is not defined"
# What a peer without Docker says when no external builder takes a package.
_NOT_OURS = "no DockerBuilder"


def install(home: Home) -> None:
    """Install the package at the home's peer, unless it is there.

    Raises:
        NetworkError: CHANNEL_FAILED with what the peer said.
    """
    file = home.path / "channel" / f"{label(home)}.tar.gz"
    files.write_private(file, package(home))
    try:
        run_peer(home, "lifecycle", "chaincode", "install", str(file))
    except NetworkError as error:
        if _NOT_OURS in error.message:
            said = (
                f"the external builder of the peer of {home.name} did not recognise the chaincode package {file.name}"
            )
            raise NetworkError("CHAINCODE_FAILED", said, "It must be of type ccaas; see logs/peer.log.") from error
        if _INSTALLED not in error.message:
            raise


def installed(home: Home) -> bool:
    """Whether the home's peer keeps a package of the home's chaincode."""
    return any((home.node("peer") / "data" / "lifecycle" / "chaincodes").glob(f"{label(home)}.*.tar.gz"))


def approve(home: Home, definition: Chaincode | None = None) -> None:
    """Approve a definition on behalf of the home's institution, unless it did already.

    Its rules are always the channel's: a committed definition with others is not approved by this.

    Args:
        home: Whose administrator approves, for the package that is installed there.
        definition: The consortium file's unless given. It may be the next one, before anybody commits it.

    Raises:
        NetworkError: CHAINCODE_FAILED with what the peers said.
    """
    wanted = definition or home.spec.chaincode
    source = pb.ChaincodeSource(local_package=pb.ChaincodeSource.Local(package_id=package_id(home)))
    arguments = pb.ApproveChaincodeDefinitionForMyOrgArgs(
        name=wanted.name, version=wanted.version, sequence=wanted.sequence, source=source
    )
    function = "ApproveChaincodeDefinitionForMyOrg"

    def done(said: str) -> bool:
        return _APPROVED.search(said) is not None or (_LOST in said and runs(home, wanted))

    _transact(home, function, arguments.SerializeToString(), [home.name], done=done, wanted=wanted)


def commit(home: Home, endorsers: Sequence[str], definition: Chaincode | None = None) -> None:
    """Commit a definition, endorsed by the institutions `endorsers`, through the home's Gateway.

    Raises:
        NetworkError: CHAINCODE_FAILED with what the peers said.
    """
    wanted = definition or home.spec.chaincode
    arguments = pb.CommitChaincodeDefinitionArgs(name=wanted.name, version=wanted.version, sequence=wanted.sequence)
    function = "CommitChaincodeDefinition"
    _transact(home, function, arguments.SerializeToString(), endorsers, done=_is_committed, wanted=wanted)


def commit_with_all(home: Home, definition: Chaincode) -> None:
    """Commit a definition that every institution of the channel has approved, so that no peer has to wait for its
    administrator.

    Raises:
        NetworkError: CHAINCODE_FAILED with who has not approved it, or with what the peers said.
    """
    given = approvals(home, definition)
    missing = sorted(name for name, approved in given.items() if not approved)
    if missing:
        raise NetworkError(
            "CHAINCODE_FAILED",
            f"{', '.join(missing)} did not approve {_words(definition)}: committed now, it would stop them",
            f"Each of them first: medconsent-network approve --sequence {definition.sequence} "
            f"--version {definition.version}",
        )
    commit(home, sorted(given), definition)


def approvals(home: Home, definition: Chaincode) -> dict[str, bool]:
    """Which institutions of the channel have approved a definition that is to come, as the home's peer knows it.

    Raises:
        NetworkError: CHAINCODE_FAILED with what the peer said.
    """
    arguments = pb.CheckCommitReadinessArgs(
        name=definition.name, version=definition.version, sequence=definition.sequence
    ).SerializeToString()
    answer = _evaluate(home, "CheckCommitReadiness", arguments, definition)
    return dict(pb.CheckCommitReadinessResult.FromString(answer).approvals)


def approved(home: Home, definition: Chaincode) -> bool:
    """Whether the home's institution has approved a definition, as the home's peer knows it.

    Raises:
        NetworkError: CHAINCODE_FAILED with what the peer said.
    """
    arguments = pb.QueryApprovedChaincodeDefinitionArgs(name=definition.name, sequence=definition.sequence)
    try:
        answer = _evaluate(home, "QueryApprovedChaincodeDefinition", arguments.SerializeToString(), definition)
    except NetworkError as error:
        if _UNAPPROVED in error.message:
            return False
        raise
    found = pb.QueryApprovedChaincodeDefinitionResult.FromString(answer)
    return (int(found.sequence), str(found.version)) == (definition.sequence, definition.version)


def committed(home: Home) -> bool:
    """Whether the definition of the consortium file is committed, as the home's peer knows it.

    Raises:
        NetworkError: CHAINCODE_FAILED when another definition has its sequence, and with what the peer said.
    """
    wanted = home.spec.chaincode
    sequence, version = committed_definition(home)
    if sequence == wanted.sequence and version != wanted.version:
        raise NetworkError(
            "CHAINCODE_FAILED",
            f"sequence {sequence} of {wanted.name} is committed with version {version}, not {wanted.version}",
            f"A changed definition needs the next sequence: {sequence + 1}.",
        )
    return sequence >= wanted.sequence


def committed_definition(home: Home) -> tuple[int, str]:
    """Sequence and version of the committed definition as the home's peer knows it; sequence 0 when there is none.

    Raises:
        NetworkError: CHAINCODE_FAILED with what the peer said.
    """
    arguments = pb.QueryChaincodeDefinitionArgs(name=home.spec.chaincode.name).SerializeToString()
    try:
        answer = _evaluate(home, "QueryChaincodeDefinition", arguments, home.spec.chaincode)
    except NetworkError as error:
        if _UNDEFINED in error.message:
            return 0, ""
        raise
    definition = pb.QueryChaincodeDefinitionResult.FromString(answer)
    return int(definition.sequence), str(definition.version)


def _is_committed(said: str) -> bool:
    return _COMMITTED in said


def runs(home: Home, wanted: Chaincode) -> bool:
    """Whether the home's peer runs the chaincode by this definition: then it is approved, whatever can be read."""
    try:
        if committed_definition(home) != (wanted.sequence, wanted.version):
            return False
        with gateway(home) as client:
            contract = client.channel(home.spec.channel).contract(wanted.name)
            return bool(contract.evaluate("contract.version", b"{}", target_organizations=[home.name]))
    except (FabricError, NetworkError):
        return False


def _evaluate(home: Home, function: str, arguments: bytes, wanted: Chaincode) -> bytes:
    try:
        with gateway(home) as client:
            contract = client.channel(home.spec.channel).contract(LIFECYCLE)
            return contract.evaluate(function, arguments, target_organizations=[home.name])
    except FabricError as error:
        raise _failed(home, function, words_of(error), wanted) from error


def _transact(
    home: Home,
    function: str,
    arguments: bytes,
    endorsers: Sequence[str],
    *,
    done: Callable[[str], bool],
    wanted: Chaincode,
) -> None:
    """Submit until it is committed, or is refused with the words `done`.

    Right after the peers joined, the Gateway may not have found the others' peers yet, nor these have seen every
    approval, nor its orderer have heard who leads. Trying again is safe here, also when an outcome is not known: a
    sequence can be approved and committed once only.
    """
    said = ""

    def submitted(client: Gateway) -> bool:
        nonlocal said
        contract = client.channel(home.spec.channel).contract(LIFECYCLE)
        try:
            contract.submit(function, arguments, endorsing_organizations=endorsers)
        except (EndorseError, SubmitError, CommitStatusError) as error:
            said = words_of(error)
            return done(said)
        return True

    with gateway(home) as client:
        try:
            wait_for(lambda: submitted(client), function, _TIMEOUT)
        except (FabricError, NetworkError) as error:
            raise _failed(home, function, said or str(error), wanted) from error


def _failed(home: Home, function: str, said: str, wanted: Chaincode) -> NetworkError:
    return NetworkError("CHAINCODE_FAILED", f"{function} for {_words(wanted)}, through {home.name}: {said}")


def _words(definition: Chaincode) -> str:
    return f"{definition.name} {definition.version}, sequence {definition.sequence}"
