"""Which of a channel's policies some signers meet, by its configuration."""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from google.protobuf.message import DecodeError

from medconsent.fabric import _protos as pb
from medconsent.fabric.channel_config import ChannelConfig, Element
from medconsent.fabric.decoding import decode

_DEEPEST = 100
APPLICATION = "/Channel/Application"


class Signer(NamedTuple):
    """Somebody who signed, and whose signature is right: institution (MSP id), and units of the certificate."""

    institution: str
    units: frozenset[str]


class Policies:
    """The policies of one configuration."""

    def __init__(self, config: ChannelConfig) -> None:
        self._elements = config.elements

    def met(self, path: str, signers: Collection[Signer]) -> bool:
        """Whether signers meet a policy.

        Args:
            path: The policy's path, as `/Channel/Application/Endorsement`.
            signers: Who signed.
        """
        group, _, name = path.rpartition("/")
        element = self._elements.get(f"{group}/policies/{name}")
        return element is not None and self._content(element, signers, 0)

    def application(self, signers: Collection[Signer]) -> list[str]:
        """Those of the application's policies that signers meet."""
        prefix = f"{APPLICATION}/policies/"
        names = (path.removeprefix(prefix) for path in self._elements if path.startswith(prefix))
        return sorted(path for name in names if self.met(path := f"{APPLICATION}/{name}", signers))

    def may_change(self, path: str, signers: Collection[Signer]) -> bool:
        """Whether signers may change the element at a path, by its `mod_policy`.

        Args:
            path: The element's path in the configuration, as `/Channel/Application`; where there is none, nobody may.
            signers: Whose signatures were verified, each counted once.
        """
        element = self._elements.get(path)
        if element is None:
            return False
        policy = element.mod_policy
        return self.met(policy if policy.startswith("/") else f"{element.group}/{policy}", signers)

    def _content(self, element: Element, signers: Collection[Signer], depth: int) -> bool:
        if depth > _DEEPEST:
            return False
        try:
            policy = decode(pb.Policy, element.content)
            if policy.type == pb.Policy.IMPLICIT_META:
                return self._meta(element, decode(pb.ImplicitMetaPolicy, policy.value), signers, depth)
            if policy.type == pb.Policy.SIGNATURE:
                return signed_by(decode(pb.SignaturePolicyEnvelope, policy.value), signers)
        except DecodeError:
            pass
        return False

    def _meta(self, element: Element, meta: Any, signers: Collection[Signer], depth: int) -> bool:
        below = [self._elements.get(f"{group}/policies/{meta.sub_policy}") for group in self._groups(element.group)]
        found = sum(one is not None and self._content(one, signers, depth + 1) for one in below)
        rule = meta.Rule.Name(meta.rule)
        wanted = {"ANY": 1, "ALL": len(below), "MAJORITY": len(below) // 2 + 1}[rule]
        return bool(found >= wanted) if below else False

    def _groups(self, parent: str) -> Iterator[str]:
        """The groups directly below one."""
        for path, element in self._elements.items():
            if element.kind == "group" and path.rpartition("/")[0] == parent:
                yield path


def signed_by(envelope: Any, signers: Collection[Signer]) -> bool:
    """Whether signers meet a `common.SignaturePolicyEnvelope`; each counts for one of its identities.

    Args:
        envelope: The policy, decoded.
        signers: Whose signatures were verified; one may be there several times.
    """
    left = list(signers)

    def met(rule: Any, depth: int) -> bool:
        if depth > _DEEPEST:
            return False
        if rule.WhichOneof("Type") == "n_out_of":
            found = sum(met(one, depth + 1) for one in rule.n_out_of.rules)
            return bool(found >= rule.n_out_of.n)
        if rule.WhichOneof("Type") != "signed_by" or not 0 <= rule.signed_by < len(envelope.identities):
            return False
        for signer in left:
            if _is(envelope.identities[rule.signed_by], signer):
                left.remove(signer)
                return True
        return False

    return met(envelope.rule, 0)


def _is(principal: Any, signer: Signer) -> bool:
    if principal.principal_classification != pb.MSPPrincipal.ROLE:
        return False
    role = decode(pb.MSPRole, principal.principal)
    kind = pb.MSPRole.MSPRoleType.Name(role.role).lower()
    return bool(role.msp_identifier == signer.institution and (kind == "member" or kind in signer.units))
