"""Changes of who is in the channel, by files: as many sign as have to, and each signs what it computed itself."""

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import channel as attacks
import pytest
from fabric_protos.common import common_pb2, configtx_pb2, policies_pb2
from fabric_protos.msp import msp_principal_pb2
from fabric_protos.orderer import configuration_pb2
from founders import Founder, agreed, rewritten, signatures, spoiled

from medconsent.fabric.channel_config import ChannelConfig
from medconsent.fabric.identity import Identity, PrivateKeySigner
from medconsent.fabric.wallet import load
from medconsent_network.errors import NetworkError
from medconsent_network.founding import inspection, papers, rounds
from medconsent_network.founding.held import Held
from medconsent_network.home import Home
from medconsent_network.membership import changes, hardened, updates
from medconsent_network.membership.updates import Administrator, Change

THREE = ("hanbit", "nuri", "saerom")
FOUR = (*THREE, "onnuri")

Institutions = dict[str, Founder]
MakeChannel = Callable[..., Any]


@pytest.fixture(scope="module")
def four(institutions: Callable[..., Institutions]) -> Institutions:
    """Three that are in a channel, and one that may come; three have to agree."""
    return institutions(*FOUR, quorum=3)


@pytest.fixture(scope="module")
def change(four: Institutions, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The change that adds the fourth, as hanbit wrote it down."""
    hanbit, path = four["hanbit"], tmp_path_factory.mktemp("papers") / "add-onnuri.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rounds, "current", lambda home: Held.of(home).configuration(THREE))
        hanbit.run("org-add", "onnuri", "--out", path)
    return path


@pytest.fixture
def written(four: Institutions, channel_of: MakeChannel, change: Path) -> Path:
    """The same, in the channel of the three."""
    channel_of(four["hanbit"], *THREE)
    return change


def members(config: configtx_pb2.Config) -> list[str]:
    return [one.group for one in ChannelConfig(config).members()]


@pytest.mark.parametrize("quorum", ["all", 3])
def test_one_comes_and_goes_again(
    institutions: Callable[..., Institutions], channel_of: MakeChannel, quorum: int | str
) -> None:
    """Where a number has to agree, the one that goes is not asked; the rule names whoever is there."""
    hanbit, *others, onnuri = institutions(*FOUR, quorum=quorum).values()
    channel = channel_of(hanbit, *THREE)
    first = channel.config
    change = agreed(hanbit, [hanbit, *others], "add", "onnuri")
    told = "policies/Membership is now any 3 of (hanbit.admin, nuri.admin, onnuri.admin, saerom.admin)"
    assert (told in hanbit.run("channel", "inspect", change).stdout) == (quorum != "all")
    said = hanbit.run("channel", "submit", change, *signatures(hanbit, change)).stdout
    assert said == "onnuri is in the channel now; 3 signatures: hanbit, nuri, saerom\n"
    assert hardened.softened(channel.config, quorum) == []
    assert hardened.needed(channel.config) == (4 if quorum == "all" else 3, sorted(FOUR))

    signing = [hanbit, *others, onnuri] if quorum == "all" else [hanbit, *others]
    change = agreed(hanbit, signing, "remove", "onnuri")
    said = hanbit.run("channel", "submit", change, *signatures(hanbit, change)).stdout
    assert said.startswith(f"onnuri is in the channel no more; {len(signing)} signatures: ")
    assert hardened.softened(channel.config, quorum) == []
    assert members(channel.config) == members(first) == list(THREE)
    assert hardened.needed(channel.config) == hardened.needed(first)


def test_the_capability_is_raised_by_all_who_know_it(
    institutions: Callable[..., Institutions], channel_of: MakeChannel, tmp_path: Path
) -> None:
    """A home on an earlier Fabric, whose nodes would stop at that block, does not sign."""
    hanbit, nuri, saerom = institutions(*THREE).values()
    channel = channel_of(hanbit, *THREE)
    change = hanbit.desk / "raise.json"
    hanbit.run("upgrade", "capability", "V3_0", "--out", change)
    hanbit.send(change, nuri, saerom)
    file = nuri.home.consortium_file
    now = file.read_text()
    file.write_text(now.replace("3.1.1", "2.5.9"))
    said = nuri.refused("NOT_AGREED", "channel", "sign", nuri.desk / change.name, "--yes")
    assert "Fabric 2.5.9, which this home runs, does not know V3_0" in said
    file.write_text(now)
    other = rewritten(change, tmp_path / "other.json", partial(dict.update, capability="V9_9"))
    assert "which this version does not know" in hanbit.refused("PAPER_INVALID", "channel", "inspect", other)
    for one in (hanbit, nuri, saerom):
        assert "V3_0, and were V2_0" in one.run("channel", "inspect", one.desk / change.name).stdout
        mine = one.desk / f"raise.{one.name}.json"
        one.run("channel", "sign", one.desk / change.name, "--yes", "--out", mine)
        if one is not hanbit:
            one.send(mine, hanbit)
    said = hanbit.run("channel", "submit", change, *signatures(hanbit, change)).stdout
    assert said == "V3_0 is in the channel now; 3 signatures: hanbit, nuri, saerom\n"
    assert (changes.capabilities(channel.config), hardened.softened(channel.config, "all")) == ({"V3_0"}, [])
    inspection.in_force(Held.of(saerom.home), channel.config).require()  # as whoever joins now looks at it
    file.write_text(now.replace("3.1.1", "2.5.9"))
    with pytest.raises(NetworkError, match=r"capability V3_0: Fabric 2\.5\.9 stops at it"):
        inspection.in_force(Held.of(nuri.home), channel.config).require()
    again = hanbit.refused("CHANNEL_FAILED", "upgrade", "capability", "V3_0", "--out", tmp_path / "again.json")
    assert "V3_0 is already in the channel" in again
    hanbit.run("upgrade", "capability", "V9_9", exit_code=2)


@pytest.mark.parametrize(("number", "change"), [(2, "org-add onnuri"), (3, "org-remove nuri")])
def test_a_number_has_to_fit_also_afterwards(
    institutions: Callable[..., Institutions], channel_of: MakeChannel, tmp_path: Path, number: int, change: str
) -> None:
    """With one more it has to be a majority still, and with one less there have to be as many."""
    hanbit = institutions(*FOUR, quorum=number)["hanbit"]
    channel_of(hanbit, *THREE)
    said = hanbit.refused("CONSORTIUM_INVALID", *change.split(), "--out", tmp_path / "change.json")
    assert f"membership.quorum is {number}, no number from a majority to all of the" in said
    assert not (tmp_path / "change.json").exists()


def by_majority(config: configtx_pb2.Config) -> None:
    membership(config).type = policies_pb2.Policy.IMPLICIT_META
    attacks.membership_by_majority("")(config)


def by_two(config: configtx_pb2.Config) -> None:
    """Two administrators of all the institutions."""
    names, role = members(config), msp_principal_pb2.MSPRole.ADMIN
    roles = [msp_principal_pb2.MSPRole(msp_identifier=name, role=role) for name in names]
    two = policies_pb2.SignaturePolicy.NOutOf(
        n=2, rules=[policies_pb2.SignaturePolicy(signed_by=index) for index in range(len(names))]
    )
    rule = policies_pb2.SignaturePolicyEnvelope(
        rule=policies_pb2.SignaturePolicy(n_out_of=two),
        identities=[msp_principal_pb2.MSPPrincipal(principal=one.SerializeToString()) for one in roles],
    )
    membership(config).type, membership(config).value = policies_pb2.Policy.SIGNATURE, rule.SerializeToString()


def membership(config: configtx_pb2.Config) -> Any:
    return config.channel_group.groups["Application"].policies["Membership"].policy


def slower(config: configtx_pb2.Config) -> None:
    timeout = configuration_pb2.BatchTimeout(timeout="30s").SerializeToString()
    config.channel_group.groups["Orderer"].values["BatchTimeout"].value = timeout


def other_root(config: configtx_pb2.Config) -> None:
    """The new one is known by a root of somebody else."""
    groups = config.channel_group.groups["Application"].groups
    root = []
    attacks.edit_msp(groups["hanbit"], lambda msp: root.extend(msp.root_certs))

    def replace(msp: Any) -> None:
        msp.root_certs[:] = root
        for unit in ("client", "peer", "admin", "orderer"):
            getattr(msp.fabric_node_ous, f"{unit}_ou_identifier").certificate = root[0]

    attacks.edit_msp(groups["onnuri"], replace)


HOSTILE: dict[str, tuple[Change, str, str]] = {
    "by majority": (by_majority, "NOT_HARDENED", "policies/Membership is MAJORITY Admins, and has to be"),
    "by two": (by_two, "NOT_HARDENED", "policies/Membership is any 2 of (hanbit.admin, nuri.admin, onnuri.admin"),
    "endorsed by another": (
        attacks.endorsement_of("nuri", "hanbit"), "NOT_HARDENED", "nuri/policies/Endorsement is hanbit.peer",
    ),
    "older": (attacks.lower_application_capability(""), "NOT_HARDENED", "are V1_2, and have to be V2_5"),
    "in another's name": (
        attacks.second_name_of_own_group("hanbit", "nuri"), "NOT_HARDENED", "has the MSP ID nuri: it speaks for",
    ),
    "one out": (attacks.remove("saerom"), "NOT_HARDENED", "are not those of the ordering"),
    "slower": (slower, "NOT_AGREED", "/Channel/Orderer/BatchTimeout has changed"),
    "another's root": (other_root, "NOT_AGREED", "onnuri (Application): the root certificates are now"),
}  # fmt: skip


@pytest.mark.parametrize("how", HOSTILE)
def test_a_change_that_does_something_else_besides_is_refused(
    four: Institutions, written: Path, tmp_path: Path, how: str
) -> None:
    """By whoever looks at it to sign it, and by whoever is to hand it in, signed or not."""
    edit, code, words = HOSTILE[how]
    change = spoiled(four["hanbit"], written, edit, tmp_path / "spoiled.json")
    blind = signature_of(four["nuri"], change, folder(tmp_path / "blind"))
    nuri = four["nuri"]
    for command in (("sign", change, "--yes"), ("submit", change, blind)):
        assert words in nuri.refused(code, "channel", *command), command
    assert not change.with_suffix(".nuri.json").exists()


SAID: dict[str, tuple[dict[str, Any], str, str]] = {
    "of another channel": ({"channel": "other"}, "PAPER_INVALID", "the change is of the channel 'other'"),
    "of another kind": ({"what": "improve"}, "PAPER_INVALID", "it would 'improve', which this version does not know"),
    "no name": ({"institution": "../nuri"}, "PAPER_INVALID", "is of an institution called '../nuri', which is no name"),
    "of a stranger": ({"institution": "haram"}, "HOME_MISSING", "the bundle of haram is not here"),
    "of a member": ({"institution": "saerom"}, "NOT_AGREED", "saerom is already in the channel"),
    "removes": ({"what": "remove"}, "NOT_AGREED", "onnuri is not in the channel"),
    "removes a member": (
        {"what": "remove", "institution": "saerom"},
        "CONSORTIUM_INVALID",
        "membership.quorum is 3, no",
    ),
    "nothing": ({"update": ""}, "NOT_AGREED", "onnuri"),
    "no update": ({"update": papers.packed(b"\xff\xff")}, "NOT_AGREED", "it cannot be read"),
    "no base64": ({"update": "?"}, "PAPER_INVALID", "'update' of the update is not base64"),
    "a number": ({"update": 7}, "PAPER_INVALID", "the update has no text 'update'"),
}


@pytest.mark.parametrize("how", SAID)
def test_a_change_that_is_not_what_it_says_is_refused(
    four: Institutions, written: Path, tmp_path: Path, how: str
) -> None:
    said, code, words = SAID[how]
    forged = rewritten(written, tmp_path / "forged.json", partial(dict.update, **said))
    assert words in four["nuri"].refused(code, "channel", "inspect", forged)


def signature_of(
    one: Founder, change: Path, folder: Path, signer: tuple[Identity, PrivateKeySigner] | None = None
) -> Path:
    """What somebody signs who looks at nothing; the administrator unless another is given."""
    update = papers.read(change, rounds.UPDATE).data("update")
    made = updates.signature(update, Administrator(*signer) if signer else Administrator.of(one.home))
    content = {
        "channel": one.home.spec.channel,
        "institution": one.name,
        "of": sha256(update).hexdigest(),
        "header": papers.packed(made.signature_header),
        "signature": papers.packed(made.signature),
    }
    papers.write(folder / f"{change.stem}.{one.name}.json", rounds.SIGNATURE, content)
    return folder / f"{change.stem}.{one.name}.json"


def without_creator() -> str:
    return papers.packed(common_pb2.SignatureHeader(nonce=b"n").SerializeToString())


NOBODYS = "is not of an administrator of"
FORGED: dict[str, tuple[dict[str, Any], str, str]] = {
    "another's name": ({"institution": "saerom"}, "NOT_SIGNED", f"the signature of saerom {NOBODYS} saerom"),
    "a stranger's": ({"institution": "haram"}, "NOT_SIGNED", f"the signature of haram {NOBODYS} haram in this channel"),
    "the new one's": ({"institution": "onnuri"}, "NOT_SIGNED", f"the signature of onnuri {NOBODYS} onnuri in this"),
    "no name": ({"institution": "a b"}, "PAPER_INVALID", "called 'a b', which is no name"),
    "another change": ({"of": "0" * 64}, "NOT_SIGNED", "the signature of nuri is over another change"),
    "no signature": ({"signature": ""}, "NOT_SIGNED", "the signature of nuri does not fit the change"),
    "junk": ({"signature": papers.packed(b"0" * 71)}, "NOT_SIGNED", "the signature of nuri does not fit the change"),
    "no header": ({"header": ""}, "NOT_SIGNED", f"the signature of nuri {NOBODYS} nuri in this channel"),
    "nobody": ({"header": without_creator()}, "NOT_SIGNED", f"the signature of nuri {NOBODYS} nuri in this channel"),
    "no header at all": ({"header": papers.packed(b"\xff")}, "NOT_SIGNED", "the signature of nuri cannot be read"),
    "no base64": ({"header": "?"}, "PAPER_INVALID", "'header' of the signature is not base64"),
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_signature_is_refused_with_whose_it_is(
    four: Institutions, written: Path, tmp_path: Path, how: str
) -> None:
    said, code, words = FORGED[how]
    hanbit = four["hanbit"]
    genuine = [signature_of(four[name], written, tmp_path) for name in THREE]
    forged = rewritten(genuine[1], tmp_path / "forged.json", partial(dict.update, **said))
    assert words in hanbit.refused(code, "channel", "submit", written, genuine[0], forged, genuine[2])
    assert members(rounds.current(hanbit.home)) == list(THREE)


def test_who_signs_is_an_administrator_and_counts_once(four: Institutions, written: Path, tmp_path: Path) -> None:
    hanbit, nuri, saerom, onnuri = four.values()

    def given(*papers_: Path) -> str:
        return hanbit.refused("NOT_SIGNED", "channel", "submit", written, *papers_)

    mine = signature_of(hanbit, written, tmp_path)
    twice = signature_of(hanbit, written, folder(tmp_path / "again"))
    assert "1 of the 3 signatures are here; not signed yet: nuri, saerom" in given(mine, twice, mine)
    for who in ("registrar", "peer"):
        signer = load(place_of(nuri.home, who), "nuri")
        other = signature_of(nuri, written, folder(tmp_path / who), signer)
        assert "the signature of nuri is not of an administrator of nuri in this channel" in given(mine, other)
    own = signature_of(onnuri, written, tmp_path)
    assert "onnuri is not of an administrator of onnuri in this channel" in given(mine, own)
    earlier = rewritten(written, tmp_path / "earlier.json", partial(dict.update, update=papers.packed(b"x")))
    other = signature_of(saerom, earlier, tmp_path)
    assert "the signature of saerom is over another change" in given(mine, other)
    assert "is of the kind 'update', and wanted is signature" in hanbit.refused(
        "PAPER_INVALID", "channel", "submit", written, written
    )


def place_of(home: Home, who: str) -> Path:
    return home.node(who) / "msp" if who == "peer" else home.user(who)


def folder(path: Path) -> Path:
    path.mkdir()
    return path
