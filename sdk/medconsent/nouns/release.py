"""The data itself: what was granted is fetched into a folder, or read without a copy on disk.

The owner's server is believed nothing. Which files there are, and what is in each of their segments, is compared with
the archive that one's own peer holds; what was decrypted with the content that the dataset's version has.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from medconsent._internal.codec import Value
from medconsent.errors import NotFound, ReleaseDenied, ReleaseError, Unreachable
from medconsent.fabric.flow import Flow, aside, operation
from medconsent.nouns.archives import Archives
from medconsent.nouns.base import Noun
from medconsent.nouns.decisions import Decisions
from medconsent.nouns.grants import Grants
from medconsent.nouns.institutions import Institutions
from medconsent.nouns.processing import ending
from medconsent.nouns.receipts import Receipts
from medconsent.release import keys, leaves
from medconsent.release.delivery import Delivery
from medconsent.release.door import Caller, Door
from medconsent.release.downloads import Downloads, Progress, is_there
from medconsent.release.leaves import ArchivedFile
from medconsent.release.opened import Opened, cut, files_of
from medconsent.release.visas import Issuer, Visa
from medconsent.values.grants import GrantView
from medconsent.values.releases import Archive, Ask, ExcludedUntil

M = TypeVar("M")

_TOLD = 3  # so many grants that do not count are told of


@dataclass(frozen=True)
class Fetched(Value):
    """What came of it.

    Attributes:
        dataset: The dataset.
        version: Its version.
        grant: The grant that it was fetched under.
        receipt: The receipt; empty when everything was there already.
        files: How many files were fetched.
        there: How many were there already, as the version has them.
        bytes: Bytes of plaintext that were fetched.
        content: The root of what the archive has when all of it is there now; empty otherwise.
        without: Who is not in it: those who withdrew by these epochs.
    """

    dataset: str
    version: int
    grant: str
    receipt: str
    files: int
    there: int
    bytes: int
    content: str
    without: tuple[ExcludedUntil, ...] = ()


@dataclass(frozen=True)
class _Granted:
    """What was found before anything is asked for: the grant, the archive, its files, and those that are wanted."""

    grant: GrantView
    archive: Archive
    every: list[ArchivedFile]
    chosen: list[ArchivedFile]


class Release(Noun[M]):
    """What was granted to oneself, from its owner's server."""

    @operation
    def fetch(
        self,
        dataset: str,
        url: str | None,
        out: Path,
        *,
        version: int | None = None,
        paths: Sequence[str] | None = None,
        grant: str | None = None,
        ca: Path | None = None,
        key: Path | None = None,
        raw: bool = False,
        at_once: int = 4,
        progress: Callable[[Progress], None] = lambda _progress: None,
    ) -> Flow[Fetched]:
        """Write what was granted into a folder. What is there already and fits is not fetched; an interrupted run is
        gone on with by the same call.

        Args:
            dataset: The dataset.
            url: The owner's server, as `https://release.hanbit.example:7443`; None: where its owner says that it is.
            out: The folder that the files come to.
            version: The version; None: that of the grant.
            paths: The files; None: all of them.
            grant: The grant; None: the one of this dataset that is in force.
            ca: The file with the CA that the server's certificate is of; None: those that the system trusts.
            key: The file with the secret delivery key; None: the one in the context's folder.
            raw: Keep files encrypted, as Crypt4GH has them.
            at_once: How many files are fetched side by side.
            progress: Told of how far it is, in the caller's thread.

        Raises:
            NotFound: There is no grant, no archive or no such file.
            Refused: The contract says no, with its reasons.
            HeaderRefused: The keyholder says no, with its reasons.
            ReleaseCut: It was permitted and is not any more; what is there stays.
            DamagedCiphertext: What came is not what the ledger has.
            DiskFull: There is no room; run it again when there is.
            Unreachable: The owner's server, or one's own peer, does not answer.
        """
        secret = self._secret(key)
        door = yield from self._door(dataset, url, ca, at_once)
        try:
            found = yield from self._granted(door, dataset, version, grant, paths)
            chosen = found.chosen
            todo = yield from aside(lambda: [file for file in chosen if raw or not is_there(out, file)])
            total, missing = sum(file.size for file in chosen), sum(file.size for file in todo)
            begun = Progress(len(chosen) - len(todo), len(chosen), total - missing, total)
            progress(begun)
            receipt = ""
            if todo:
                opened = self._opened(door, secret, found, todo)
                downloads = Downloads(opened, out, begun, raw=raw, at_once=at_once)
                receipt = yield from self._downloaded(opened, downloads, todo, progress)
        finally:
            door.close()
        content = found.archive.content.root if len(chosen) == len(found.every) and not raw else ""
        return Fetched(
            dataset=dataset,
            version=found.archive.version,
            grant=found.grant.id,
            receipt=receipt,
            files=len(todo),
            there=len(chosen) - len(todo),
            bytes=missing,
            content=content,
            without=found.archive.exclusions,
        )

    @operation
    def open(
        self,
        dataset: str,
        url: str | None = None,
        *,
        version: int | None = None,
        paths: Sequence[str] | None = None,
        grant: str | None = None,
        ca: Path | None = None,
        key: Path | None = None,
    ) -> Flow[Delivery[M]]:
        """Open what was granted, to be read by a program without a copy on disk; a receipt is written first.

        Args:
            dataset: The dataset.
            url: As in `fetch`, and so are the others.
            version: The version; None: that of the grant.
            paths: The files; None: all of them.
            grant: The grant.
            ca: The CA's file.
            key: The key's file.

        Returns:
            What is read, in a `with` statement.

        Raises:
            NotFound: There is no grant, no archive or no such file.
            Refused: The contract says no, with its reasons.
            HeaderRefused: The keyholder says no, with its reasons.
            Unreachable: The owner's server, or one's own peer, does not answer.
        """
        secret = self._secret(key)
        door = yield from self._door(dataset, url, ca, 4)
        try:
            found = yield from self._granted(door, dataset, version, grant, paths)
        except BaseException:
            door.close()
            raise
        opened = self._opened(door, secret, found, found.chosen, beats=True)
        try:
            yield from aside(opened.begin)
        except BaseException:
            opened.abandon()
            raise
        return Delivery(
            self._driver, opened, self._gone, grant=found.grant.id, dataset=dataset, version=found.archive.version
        )

    @operation
    def visa(self, grant: str, issuer: Issuer, *, person: str | None = None) -> Flow[Visa]:
        """Mint a visa of GA4GH Passports on a grant on one's own institution's data, by a check at this moment.

        Args:
            grant: The grant, by its id or a unique prefix of it.
            issuer: Who signs.
            person: Whose visa, as `nuri/kim`; None: of the only one who holds it.

        Raises:
            NotFound: There is no such grant, or the person does not hold it.
            ReleaseDenied: The check does not permit it now; `details` has every reason.
            ReleaseError: The data is another institution's, or several people hold the grant.
        """
        found = (yield from Grants.get.flow(self, grant)).grant
        if found.owner != self._session.institution:
            raise ReleaseError(f"{found.dataset} is {found.owner}'s: its owner mints visas on it")
        holders = [f"{found.institution}/{one}" for one in found.grantees]
        if person is None and len(holders) > 1:
            raise ReleaseError(f"several people hold that grant: name one of {', '.join(holders)}")
        who = person or holders[0]
        if who not in holders:
            raise NotFound(f"{who} does not hold the grant {found.id[:12]}")
        decided = yield from Decisions.check.flow(
            self, found.dataset, for_=who, purpose=found.purpose, mode=found.mode, version=found.version
        )
        if not decided.permitted or decided.grant != found.id:
            told = "; ".join(reason.message for reason in decided.reasons)
            raise ReleaseDenied(
                f"{who} may not use {found.dataset} under this grant now: {told}",
                details=[reason.to_json() for reason in decided.reasons],
            )
        return issuer.mint(found, who, at=decided.at)

    def _secret(self, given: Path | None) -> keys.SecretKey:
        folder = self._session.folder
        if given is None and (folder is None or not (folder / keys.DELIVERY).exists()):
            raise ReleaseError(
                f"there is no delivery key in the context's folder {folder or ''}".rstrip(),
                hint="`medconsent release key` makes one; it stands on the ledger before the request is stated",
            )
        return keys.load(given or (folder / keys.DELIVERY))  # type: ignore[operator]

    def _door(self, dataset: str, url: str | None, ca: Path | None, connections: int) -> Flow[Door]:
        """The owner's server. Where it is decides nothing: it is asked for what is signed for its owner alone."""
        owner = dataset.partition("/")[0]
        if url is None:
            url = (yield from Institutions.get.flow(self, owner)).release
        if not url:
            raise NotFound(
                f"{owner} does not say where its server of the release is",
                hint="ask it, and name the address: medconsent fetch --from URL",
            )
        caller = Caller.of(self._session.identity, self._session.channel.signer)
        return Door(url, owner, caller, ca=ca, connections=connections)

    def _granted(
        self, door: Door, dataset: str, version: int | None, grant: str | None, paths: Sequence[str] | None
    ) -> Flow[_Granted]:
        view = yield from self._grant(door.caller.person, dataset, version, grant)
        archive = (yield from Archives.get.flow(self, dataset, version=view.grant.version)).archive
        every = yield from aside(partial(files_of, door, archive, view.id))
        chosen = every
        if paths is not None:
            wanted = set(paths)
            if odd := sorted(wanted - {file.path for file in every}):
                raise NotFound(f"{dataset} has no file {odd[0]!r}")
            chosen = [file for file in every if file.path in wanted]
        return _Granted(view, archive, every, chosen)

    def _grant(self, person: str, dataset: str, version: int | None, grant: str | None) -> Flow[GrantView]:
        seen: list[GrantView] = []
        bookmark: str | None = None
        if grant is not None:
            seen, bookmark = [(yield from Grants.get.flow(self, grant))], ""
        while bookmark != "":
            page = yield from Grants.list.flow(self, holder=person, dataset=dataset, bookmark=bookmark)
            seen += page.items
            bookmark = page.bookmark
        for view in seen:
            if view.state == "active" and version in (None, view.grant.version):
                return view
        told = "; ".join(_standing(view) for view in seen[:_TOLD])
        raise NotFound(
            f"{person} has no grant on {dataset} that is in force" + (f": {told}" if told else ""),
            hint=f"ask for one: medconsent request submit {dataset}",
        )

    def _opened(
        self, door: Door, secret: keys.SecretKey, found: _Granted, files: list[ArchivedFile], *, beats: bool = False
    ) -> Opened:
        ask = Ask(found.grant.id, door.caller.person, secret.fingerprint, found.archive.id, leaves.whole(files))
        return Opened(door, secret, ask, files, whole=len(files) == len(found.every), beats=beats)

    def _downloaded(
        self, opened: Opened, downloads: Downloads, todo: list[ArchivedFile], progress: Callable[[Progress], None]
    ) -> Flow[str]:
        """The receipt under which they were written; what came of it is said whatever happens."""
        try:
            yield from aside(opened.begin)
            downloads.start(todo)
            while downloads.running:
                yield from aside(downloads.wait)
                progress(downloads.progress)
        except GeneratorExit:
            opened.abandon()
            raise
        except BaseException as error:
            yield from aside(downloads.stop)
            yield from aside(partial(opened.end, complete=False))
            if isinstance(error, NotFound) and opened.receipt:
                raise (yield from self._gone(opened.receipt)) from error
            raise
        yield from aside(downloads.stop)
        yield from aside(partial(opened.end, complete=True))
        return opened.receipt

    def _gone(self, receipt: str) -> Flow[Exception]:
        """The error for a receipt that is not open at the owner's server any more: why, as one's own peer has it."""
        standing = yield from Receipts.check.flow(self, receipt)
        if not standing.permitted:
            return cut([reason.to_json() for reason in standing.reasons])
        return Unreachable(
            f"the owner's server has ended the release {receipt[:12]}",
            hint="run it again: what has arrived stays",
        )


def _standing(view: GrantView) -> str:
    """Where a grant stands, and why it ended."""
    why = ending(view)
    return f"grant {view.id[:12]} on version {view.grant.version} is {view.state}" + (f" ({why})" if why else "")
