"""The chaincode's definition: installed, approved by every institution, committed.

Approval and commit go through each institution's own Gateway, as transactions of the system chaincode `_lifecycle`. The
endorsement policy stays the channel's (a majority), and there is no collection configuration: records are sealed in the
institutions' implicit collections.
"""

from collections.abc import Sequence

from fabric_protos.peer.lifecycle import lifecycle_pb2 as pb

from medconsent.fabric.errors import CommitStatusError, EndorseError, FabricError, SubmitError
from medconsent.fabric.gateway import Gateway
from medconsent_network import files
from medconsent_network.administration import gateway, run_peer, words_of
from medconsent_network.chaincode.package import label, package, package_id
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.waiting import wait_for

LIFECYCLE = "_lifecycle"
_TIMEOUT = 60.0

# Fabric's words for what is done already.
_INSTALLED = "already successfully installed"
_APPROVED = "with unchanged content"
_COMMITTED = "but new definition must be sequence"
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


def approve(home: Home) -> None:
    """Approve the definition of the consortium file on behalf of the home's institution, unless it did already.

    Raises:
        NetworkError: CHAINCODE_FAILED with what the peers said.
    """
    wanted = home.spec.chaincode
    source = pb.ChaincodeSource(local_package=pb.ChaincodeSource.Local(package_id=package_id(home)))
    arguments = pb.ApproveChaincodeDefinitionForMyOrgArgs(
        name=wanted.name, version=wanted.version, sequence=wanted.sequence, source=source
    )
    _transact(home, "ApproveChaincodeDefinitionForMyOrg", arguments.SerializeToString(), [home.name], done=_APPROVED)


def commit(home: Home, endorsers: Sequence[str]) -> None:
    """Commit the definition, endorsed by the institutions `endorsers`, through the home's Gateway.

    Raises:
        NetworkError: CHAINCODE_FAILED with what the peers said.
    """
    wanted = home.spec.chaincode
    arguments = pb.CommitChaincodeDefinitionArgs(name=wanted.name, version=wanted.version, sequence=wanted.sequence)
    _transact(home, "CommitChaincodeDefinition", arguments.SerializeToString(), endorsers, done=_COMMITTED)


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
        with gateway(home) as client:
            contract = client.channel(home.spec.channel).contract(LIFECYCLE)
            answer = contract.evaluate("QueryChaincodeDefinition", arguments, target_organizations=[home.name])
    except FabricError as error:
        if _UNDEFINED in words_of(error):
            return 0, ""
        raise _failed(home, "QueryChaincodeDefinition", words_of(error)) from error
    definition = pb.QueryChaincodeDefinitionResult.FromString(answer)
    return int(definition.sequence), str(definition.version)


def _transact(home: Home, function: str, arguments: bytes, endorsers: Sequence[str], *, done: str) -> None:
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
            return done in said
        return True

    with gateway(home) as client:
        try:
            wait_for(lambda: submitted(client), function, _TIMEOUT)
        except (FabricError, NetworkError) as error:
            raise _failed(home, function, said or str(error)) from error


def _failed(home: Home, function: str, said: str) -> NetworkError:
    wanted = home.spec.chaincode
    definition = f"{wanted.name} {wanted.version}, sequence {wanted.sequence}"
    return NetworkError("CHAINCODE_FAILED", f"{function} for {definition}, through {home.name}: {said}")
