"""Crypt4GH as others read it, and keys that nobody reads."""

import base64
import io
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from medconsent.errors import DamagedCiphertext, DocumentError, ReleaseError
from medconsent.release import container, keys
from medconsent.release.container import OVERHEAD, SEALED, SEGMENT, SessionKey


@pytest.mark.parametrize("size", [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT, 3 * SEGMENT + 5])
def test_what_is_sealed_has_the_size_that_is_told_and_opens_again(size: int) -> None:
    key, plaintext = SessionKey.generate(), os.urandom(size)
    sealed = container.seal(key, plaintext)
    assert len(sealed) == container.ciphertext_size(size)
    assert b"".join(container.unseal(key, segment) for segment in container.split(sealed)) == plaintext


@pytest.mark.parametrize("place", [0, 11, 12, 500, -1])
def test_one_bit_that_is_another_is_found(place: int) -> None:
    key = SessionKey.generate()
    sealed = bytearray(container.seal(key, b"m" * 1000))
    sealed[place] ^= 1
    with pytest.raises(DamagedCiphertext):
        container.unseal(key, bytes(sealed))


@pytest.mark.parametrize("segment", [b"", b"x" * 11, b"x" * OVERHEAD, b"x" * (OVERHEAD - 1)])
def test_what_is_too_short_for_a_segment_is_none(segment: bytes) -> None:
    with pytest.raises(DamagedCiphertext):
        container.unseal(SessionKey.generate(), segment)


def test_a_header_opens_for_its_reader_and_for_nobody_else() -> None:
    key, reader, other = SessionKey.generate(), keys.SecretKey.generate(), keys.SecretKey.generate()
    header = container.make_header(key, reader.public)
    assert container.open_header(header, reader.secret) == key
    with pytest.raises(DamagedCiphertext):
        container.open_header(header, other.secret)


@pytest.mark.parametrize("spoil", [lambda it: it[:-1], lambda it: it + b"x", lambda it: b"x" + it, lambda it: b""])
def test_a_header_that_is_cut_or_has_more_is_none(spoil: Callable[[bytes], bytes]) -> None:
    reader = keys.SecretKey.generate()
    header = container.make_header(SessionKey.generate(), reader.public)
    with pytest.raises(DamagedCiphertext):
        container.open_header(spoil(header), reader.secret)


def test_no_key_is_in_any_log(caplog: pytest.LogCaptureFixture) -> None:
    key, reader = SessionKey.generate(), keys.SecretKey.generate()
    container.open_header(container.make_header(key, reader.public), reader.secret)  # the library is loaded now
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("crypt4gh").setLevel(logging.DEBUG)
        container.open_header(container.make_header(key, reader.public), reader.secret)
    assert key.secret.hex() not in caplog.text
    assert reader.secret.hex() not in caplog.text
    assert key.secret.hex() not in repr(key)
    assert reader.secret.hex() not in repr(reader)


class Trickle(io.BytesIO):
    """Gives less at once than is asked for, as a pipe or a network's disk may."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 0, 7))


def test_short_reads_are_no_end() -> None:
    stream = Trickle(b"0123456789" * 10)
    assert container.read_exactly(stream, 64) == (b"0123456789" * 10)[:64]
    assert container.read_exactly(stream, 64) == (b"0123456789" * 10)[64:]
    assert container.read_exactly(stream, 64) == b""


def test_the_command_line_of_crypt4gh_decrypts_it(tmp_path: Path) -> None:
    plaintext = os.urandom(2 * SEGMENT + 77)
    reader = keys.create(tmp_path / "reader.sec")
    key = SessionKey.generate()
    sealed = container.make_header(key, reader.public) + container.seal(key, plaintext)
    command = [sys.executable, "-m", "crypt4gh", "decrypt", "--sk", str(tmp_path / "reader.sec")]
    decrypted = subprocess.run(command, input=sealed, capture_output=True, check=True)
    assert decrypted.stdout == plaintext


def test_what_the_command_line_of_crypt4gh_encrypts_opens_here(tmp_path: Path) -> None:
    plaintext = os.urandom(SEGMENT + 3)
    reader = keys.create(tmp_path / "reader.sec")
    sender = keys.create(tmp_path / "sender.sec")
    assert sender.public != reader.public
    command = [
        sys.executable, "-m", "crypt4gh", "encrypt",
        "--sk", str(tmp_path / "sender.sec"), "--recipient_pk", str(tmp_path / "reader.pub"),
    ]  # fmt: skip
    sealed = subprocess.run(command, input=plaintext, capture_output=True, check=True).stdout
    body = container.ciphertext_size(len(plaintext))
    key = container.open_header(sealed[:-body], reader.secret)
    opened = b"".join(container.unseal(key, one) for one in container.split(sealed[-body:]))
    assert opened == plaintext
    assert SEALED == SEGMENT + OVERHEAD


def test_a_key_is_kept_for_its_owner_alone_and_read_again(tmp_path: Path) -> None:
    made = keys.delivery(tmp_path)
    assert keys.delivery(tmp_path) == made
    assert (tmp_path / keys.DELIVERY).stat().st_mode & 0o777 == 0o600
    assert keys.load_public((tmp_path / keys.DELIVERY).with_suffix(".pub")) == made.public
    with pytest.raises(FileExistsError):
        keys.create(tmp_path / keys.DELIVERY)


@pytest.mark.parametrize(
    "public",
    [b"", b"x" * 31, b"x" * 33, bytes(32), b"\x01" + bytes(31),
     bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")],
)  # fmt: skip
def test_a_key_with_which_nothing_stays_secret_is_refused(public: bytes) -> None:
    with pytest.raises(ReleaseError):
        keys.check_public(public)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"no key", b"-----BEGIN CRYPT4GH PRIVATE KEY-----\n!\n-----END CRYPT4GH PRIVATE KEY-----\n",
     b"-----BEGIN CRYPT4GH PRIVATE KEY-----\n" + base64.b64encode(b"c4gh-v1\x00\x06scrypt") + b"\n-----END X-----\n",
     b"-----BEGIN CRYPT4GH PRIVATE KEY-----\n" + base64.b64encode(b"c4gh-v1\x00\x04none\x00\x04none\x00\x02hi")
     + b"\n-----END X-----\n"],
)  # fmt: skip
def test_a_file_that_is_no_key_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key.sec").write_bytes(content)
    with pytest.raises(DocumentError):
        keys.load(tmp_path / "key.sec")
