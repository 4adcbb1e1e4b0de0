"""What is in a backup: read back whole, and refused in every other case. Encryption is in tests/network."""

import contextlib
import io
import json
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medconsent.fabric.ledger_blocks import LedgerBlock
from medconsent_network.backup import archive, picture
from medconsent_network.backup.archive import About
from medconsent_network.backup.blocks import Chain, NotAChainError
from medconsent_network.backup.picture import File, Picture
from medconsent_network.errors import NetworkError

ABOUT = About("gaon", "medconsent", "3.1.1", "2026-12-01T08:00:00Z", ledger=True)
BLOCKS = "peer/data/ledgersData/chains/chains/medconsent/blockfile_000000"


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def octets(data: bytes) -> bytes:
    return varint(len(data)) + data


def framed(block: LedgerBlock) -> bytes:
    """As Fabric writes it into a block file."""
    body = varint(block.number) + octets(block.data_hash) + octets(block.previous_hash)
    body += varint(len(block.envelopes)) + b"".join(map(octets, block.envelopes))
    return octets(body + varint(len(block.metadata)) + b"".join(map(octets, block.metadata)))


def chained(count: int) -> list[LedgerBlock]:
    found: list[LedgerBlock] = []
    for number in range(count):
        envelopes = (f"transaction {number}".encode(), bytes(200 * number))
        previous = found[-1].hash if found else b""
        found.append(LedgerBlock(number, previous, sha256(b"".join(envelopes)).digest(), envelopes, (b"", b"\0")))
    return found


def file_of(data: bytes) -> File:
    return File(len(data), program=False, data=data.rstrip(b"\0"))


def written(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    archive.write(Picture({place: file_of(data) for place, data in files.items()}), ABOUT, out)
    return out.getvalue()


CHAIN = chained(5)
FILES = {
    "ca/ca-key.pem": b"key",
    "orderer/data/etcdraft/wal/0.wal": b"raft" + bytes(10_000),
    BLOCKS: b"".join(map(framed, CHAIN[:3])),
    BLOCKS[:-1] + "1": b"".join(map(framed, CHAIN[3:])),
}

WHOLE = written(FILES)


def test_what_is_written_is_read_back_with_its_chain(tmp_path: Path) -> None:
    seen = archive.read(io.BytesIO(written(FILES)), tmp_path)
    assert seen.about == ABOUT
    assert seen.files == len(FILES)
    assert (seen.chains["peer"].height, seen.chains["peer"].tip) == (5, CHAIN[-1].hash)
    assert {place: (tmp_path / place).read_bytes() for place in FILES} == FILES
    assert {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_file()} == {0o600}


def rewritten(edit: Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]) -> bytes:
    """An archive with other members."""
    members = []
    with tarfile.open(fileobj=io.BytesIO(written(FILES)), mode="r|gz") as tar:
        for member in tar:
            content = tar.extractfile(member)
            members.append((member, content.read() if content else b""))
    edit(members)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w|gz") as tar:
        for member, data in members:
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


def put(name: str, data: bytes, kind: bytes = tarfile.REGTYPE) -> Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]:
    def edit(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = kind, "/etc/passwd"
        digests = json.loads(members[-1][1])
        digests[name.removeprefix("home/")] = sha256(data).hexdigest()
        members[-1] = (members[-1][0], json.dumps(digests).encode())
        members.insert(1, (entry, data))

    return edit


def test_the_rewriting_of_these_tests_is_read(tmp_path: Path) -> None:
    """Else they would be refused for another reason."""
    assert archive.read(io.BytesIO(rewritten(put("home/more", b"more"))), tmp_path).files == len(FILES) + 1


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (put("home/../escaped", b"x"), "is no file of a home"),
        (put("home//etc/escaped", b"x"), "is no file of a home"),
        (put("/home/escaped", b"x"), "is no file of a home"),
        (put("home/link", b"", tarfile.SYMTYPE), "is no file of a home"),
        (put("home/link", b"", tarfile.LNKTYPE), "is no file of a home"),
        (put("home/ca/ca-key.pem", b"another"), "is there twice"),
        (lambda members: members.pop(), "its end is missing"),
        (lambda members: members.pop(2), "its files are not those that it lists"),
        (lambda members: members.append(members[1]), "there is more in it than it lists"),
        (lambda members: members.pop(0), "it has no about.json where one has to be"),
        (lambda members: members.clear(), "its end is missing"),
        (lambda members: members.__setitem__(1, (members[1][0], b"kez")), "its files are not those that it lists"),
    ],
)
def test_another_archive_is_refused(tmp_path: Path, edit: Callable[..., None], said: str) -> None:
    with pytest.raises(NetworkError, match=said) as refused:
        archive.read(io.BytesIO(rewritten(edit)), tmp_path / "home")
    assert refused.value.code == "BACKUP_DAMAGED"
    assert not list(tmp_path.glob("escaped")) + list(tmp_path.rglob("link"))


@settings(deadline=None, max_examples=25)
@given(cut=st.integers(0, 10_000), flip=st.integers(1, 255), whole=st.booleans())
def test_cut_or_damaged_it_is_refused_or_the_same(cut: int, flip: int, whole: bool) -> None:
    data = WHOLE
    at = cut % len(data)
    other = data[:at] if not whole else data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :]
    with contextlib.suppress(NetworkError):  # or it is what gzip does not look at, such as the time in its head
        seen = archive.read(io.BytesIO(other))
        assert (seen.files, seen.chains["peer"].tip) == (len(FILES), CHAIN[-1].hash)


def swapped(blocks: list[LedgerBlock]) -> list[LedgerBlock]:
    return [blocks[0], blocks[2], blocks[1]]


def forged(blocks: list[LedgerBlock]) -> list[LedgerBlock]:
    other = LedgerBlock(1, blocks[0].hash, blocks[1].data_hash, (b"another",), ())
    return [blocks[0], other, blocks[2]]


def rebuilt(blocks: list[LedgerBlock]) -> list[LedgerBlock]:
    other = LedgerBlock(1, blocks[0].hash, sha256(b"another").digest(), (b"another",), ())
    return [blocks[0], other, blocks[2]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (swapped, "after 1 blocks there is block 2"),
        (forged, "block 1 holds other transactions than its header says"),
        (rebuilt, "block 2 does not name the block before it"),
    ],
)
def test_blocks_that_are_no_chain(change: Callable[[list[LedgerBlock]], list[LedgerBlock]], said: str) -> None:
    with pytest.raises(NotAChainError, match=said):
        Chain().add(io.BytesIO(b"".join(map(framed, change(CHAIN[:3])))))


def test_a_block_that_was_being_written_does_not_count_and_is_the_last() -> None:
    data = b"".join(map(framed, CHAIN))
    chain = Chain()
    chain.add(io.BytesIO(data[:-3]))
    assert (chain.height, chain.tip) == (4, CHAIN[3].hash)
    with pytest.raises(NotAChainError, match="after block 3 something is missing"):
        chain.add(io.BytesIO(framed(CHAIN[4])))


def test_a_file_of_reserved_room_is_read_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "journal"
    with file.open("wb") as out:
        out.write(b"begin")
        out.seek(1 << 20)
        out.write(b"middle")
        out.truncate(8 << 20)
    read = picture.File.read(file)
    assert (read.size, len(read.data)) == (8 << 20, (1 << 20) + len(b"middle"))
    with read.opened() as opened:
        pieces = iter(lambda: opened.read(100_003), b"")
        assert b"".join(pieces) == file.read_bytes()
