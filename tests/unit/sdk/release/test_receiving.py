"""What arrives and is not what the ledger has is refused, whatever Crypt4GH says of it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from medconsent.errors import DamagedCiphertext, ReleaseError
from medconsent.release import container
from medconsent.release.container import SEALED, SEGMENT
from medconsent.release.keys import create
from medconsent.release.leaves import ArchivedFile
from medconsent.release.receiving import Checker, PlainFile, RawFile, receive

from .conftest import CONTENTS, Kept

BIG = "scans/three and a bit.bin"


def pieces(body: bytes, size: int = 10_007) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


def take(kept: Kept, file: ArchivedFile, out: Path, body: bytes, digests: bytes | None = None) -> None:
    key = kept.session_key(file)
    with PlainFile(out, file, key) as sink:
        for _size in receive(file, digests or kept.digests(file), sink, pieces(body[sink.first * SEALED :])):
            pass


def test_every_file_arrives_as_it_was(kept: Kept, tmp_path: Path) -> None:
    for file in kept.archive.files:
        take(kept, file, tmp_path / "out", kept.body(file))
        assert (tmp_path / "out" / file.path).read_bytes() == CONTENTS[file.path]
    assert not list((tmp_path / "out").rglob("*.part"))


def swapped(body: bytes) -> bytes:
    return body[SEALED : 2 * SEALED] + body[:SEALED] + body[2 * SEALED :]


@pytest.mark.parametrize(
    "spoil",
    [
        swapped,
        lambda body: body[:-SEALED],
        lambda body: body[: 2 * SEALED],
        lambda body: body[SEALED:],
        lambda body: body + body[:SEALED],
        lambda body: body + b"x",
        lambda body: body[:-1],
        lambda body: b"",
        lambda body: body[:70_000] + bytes([body[70_000] ^ 1]) + body[70_001:],
        lambda body: body[:SEALED] + body[:SEALED] + body[2 * SEALED :],
    ],
)
def test_a_body_that_was_cut_swapped_or_grew_is_refused(
    kept: Kept, tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    file = kept.archive.by_path[BIG]
    with pytest.raises(DamagedCiphertext):
        take(kept, file, tmp_path / "out", spoil(kept.body(file)))
    assert not (tmp_path / "out" / BIG).exists()


def test_crypt4gh_itself_notices_neither_a_missing_segment_nor_a_swapped_one(kept: Kept, tmp_path: Path) -> None:
    """Why there is a root over the segments."""
    file = kept.archive.by_path[BIG]
    reader = create(tmp_path / "r.sec")
    header = container.make_header(kept.session_key(file), reader.public)
    for body in (swapped(kept.body(file)), kept.body(file)[: 2 * SEALED]):
        command = [sys.executable, "-m", "crypt4gh", "decrypt", "--sk", str(tmp_path / "r.sec")]
        told = subprocess.run(command, input=header + body, capture_output=True, check=False)
        assert told.returncode == 0
        assert told.stdout
        assert told.stdout != CONTENTS[BIG]


def test_the_body_of_another_file_with_its_own_digests_is_refused(kept: Kept, tmp_path: Path) -> None:
    file, other = kept.archive.by_path[BIG], kept.archive.by_path["scans/a whole segment.bin"]
    with pytest.raises(DamagedCiphertext):
        take(kept, file, tmp_path / "out", kept.body(other), kept.digests(other))


def test_digests_that_are_not_the_archives_are_refused_before_anything_is_read(kept: Kept) -> None:
    file = kept.archive.by_path[BIG]
    digests = kept.digests(file)
    for odd in (digests[:-32], digests + digests[:32], digests[32:] + digests[:32], b"", digests[:-1]):
        with pytest.raises(DamagedCiphertext):
            Checker(file, odd)


def test_it_goes_on_behind_the_last_whole_segment(kept: Kept, tmp_path: Path) -> None:
    file, out = kept.archive.by_path[BIG], tmp_path / "out"
    body, key = kept.body(file), kept.session_key(file)
    with pytest.raises(DamagedCiphertext, match="ended after 2 of its 4"):
        take(kept, file, out, body[: 2 * SEALED + 100])
    with PlainFile(out, file, key) as sink:
        assert sink.first == 2
        for _size in receive(file, kept.digests(file), sink, pieces(body[2 * SEALED :])):
            pass
    assert (out / BIG).read_bytes() == CONTENTS[BIG]


def test_half_a_segment_that_was_left_is_cut_off(kept: Kept, tmp_path: Path) -> None:
    file, out = kept.archive.by_path[BIG], tmp_path / "out"
    with pytest.raises(DamagedCiphertext):
        take(kept, file, out, kept.body(file)[: 2 * SEALED])
    (part,) = out.rglob("*.part")
    with part.open("ab") as left:
        left.write(b"half of one")
    take(kept, file, out, kept.body(file))
    assert (out / BIG).read_bytes() == CONTENTS[BIG]


def test_what_was_left_and_changed_is_found_at_the_end_and_not_gone_on_with_again(kept: Kept, tmp_path: Path) -> None:
    file, out = kept.archive.by_path[BIG], tmp_path / "out"
    with pytest.raises(DamagedCiphertext):
        take(kept, file, out, kept.body(file)[: 2 * SEALED])
    (part,) = out.rglob("*.part")
    with part.open("r+b") as left:
        left.write(b"CHANGED")
    with pytest.raises(DamagedCiphertext, match="not the file of the version"):
        take(kept, file, out, kept.body(file))
    assert not (out / BIG).exists()
    take(kept, file, out, kept.body(file))
    assert (out / BIG).read_bytes() == CONTENTS[BIG]


def test_what_is_at_the_place_stays_until_the_new_one_is_whole(kept: Kept, tmp_path: Path) -> None:
    file, out = kept.archive.by_path[BIG], tmp_path / "out"
    (out / BIG).parent.mkdir(parents=True)
    (out / BIG).write_bytes(b"before")
    with pytest.raises(DamagedCiphertext):
        take(kept, file, out, kept.body(file)[:SEALED])
    assert (out / BIG).read_bytes() == b"before"


def test_two_at_once_do_not_write_into_one_file(kept: Kept, tmp_path: Path) -> None:
    file, key = kept.archive.by_path[BIG], kept.session_key(kept.archive.by_path[BIG])
    with PlainFile(tmp_path, file, key), pytest.raises(ReleaseError, match="another program"):
        PlainFile(tmp_path, file, key)


def test_a_link_on_the_way_leads_nowhere(kept: Kept, tmp_path: Path) -> None:
    file, key = kept.archive.by_path[BIG], kept.session_key(kept.archive.by_path[BIG])
    out = tmp_path / "out"
    out.mkdir()
    (out / "scans").symlink_to(tmp_path)
    with pytest.raises(ReleaseError, match="leads out"):
        PlainFile(out, file, key)


def test_a_link_in_the_place_of_what_was_left_is_not_followed(kept: Kept, tmp_path: Path) -> None:
    file, out = kept.archive.by_path[BIG], tmp_path / "out"
    with PlainFile(out, file, kept.session_key(file)):
        (part,) = out.rglob("*.part")
    part.unlink()
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    part.symlink_to(victim)
    with pytest.raises(ReleaseError):
        PlainFile(out, file, kept.session_key(file))
    assert victim.read_bytes() == b"mine"


def test_the_command_line_of_crypt4gh_decrypts_what_was_kept_raw(kept: Kept, tmp_path: Path) -> None:
    reader = create(tmp_path / "r.sec")
    for path in (BIG, "empty.bin", "병원/검사 결과.csv"):
        file = kept.archive.by_path[path]
        header = container.make_header(kept.session_key(file), reader.public)
        with RawFile(tmp_path / "out", file, header) as sink:
            for _size in receive(file, kept.digests(file), sink, pieces(kept.body(file))):
                pass
        command = [sys.executable, "-m", "crypt4gh", "decrypt", "--sk", str(tmp_path / "r.sec")]
        raw = (tmp_path / "out" / f"{path}.c4gh").read_bytes()
        assert subprocess.run(command, input=raw, capture_output=True, check=True).stdout == CONTENTS[path]
    assert not list((tmp_path / "out").rglob("*.part"))


def test_pieces_of_every_size_make_the_same(kept: Kept) -> None:
    file = kept.archive.by_path[BIG]
    key, body = kept.session_key(file), kept.body(file)
    for size in (1 << 20, SEGMENT, SEALED, SEALED + 1, 4099):
        checker = Checker(file, kept.digests(file))
        found = [container.unseal(key, one) for piece in pieces(body, size) for one in checker.feed(piece)]
        checker.finish()
        assert b"".join(found) == CONTENTS[BIG]
    assert os.path.basename(BIG)


@pytest.mark.parametrize("spoil", [swapped, lambda body: body[:SEALED] + body[:SEALED] + body[2 * SEALED :]])
def test_what_is_kept_raw_is_checked_too_though_nothing_is_decrypted(
    kept: Kept, tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    """Only the root over the segments tells: there is no plaintext here whose SHA-256 could."""
    file = kept.archive.by_path[BIG]
    with RawFile(tmp_path, file, b"header") as sink, pytest.raises(DamagedCiphertext, match=r"segment [01] "):
        for _size in receive(file, kept.digests(file), sink, pieces(spoil(kept.body(file)))):
            pass
    assert not (tmp_path / f"{BIG}.c4gh").exists()
