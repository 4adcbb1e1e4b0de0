"""What the ontologies of a client send, and in which order."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from fake_gateway import FakeGateway, async_client, client, digest, view

from medconsent import errors
from medconsent.nouns import ontologies
from medconsent.nouns.ontologies import Hierarchy, OntologyState, StatedTerm


def hierarchy(size: int = 1000) -> Hierarchy:
    stated = [StatedTerm(f"DOID:{n:05}", f"term {n}", (f"DOID:{n // 2:05}",) if n else ()) for n in range(size)]
    return Hierarchy.of(stated, system="DOID", version="1", source="here", licence="CC0 1.0")


class Ledger:
    """Keeps pages and publishes, as the contract does."""

    def __init__(self, *there: str) -> None:
        self.pages = set(there)
        self.called: list[str] = []

    def __call__(self, function: str, argument: dict[str, Any]) -> Any:
        self.called.append(function)
        return getattr(self, function.partition(".")[2] + "_")(**argument)

    def missing_(self, sha256: list[str]) -> Any:
        return {"missing": [one for one in sha256 if one not in self.pages]}

    def page_(self, pages: list[Any]) -> Any:
        hashes = [_sha256(page) for page in pages]
        answer = [{"sha256": one, "new": one not in self.pages} for one in hashes]
        self.pages.update(hashes)
        return {"pages": answer}

    def publish_(self, pages: list[str], **_members: str) -> Any:
        assert self.pages.issuperset(pages)
        return record(hierarchy().digest)

    def adopt_(self, system: str, digest: str) -> Any:
        return record(digest)

    def get_(self, system: str) -> Any:
        return state()

    def list_(self, **_members: str) -> Any:
        return {"items": [state()], "bookmark": ""}

    def term_(self, system: str, code: str) -> Any:
        term = {"code": code, "parents": ["4"], "ancestors": ["4"], "name": "cancer"}
        return {"system": system, "digest": digest("x"), "version": "1", "in_force": True, "term": term}


def _sha256(page: Any) -> str:
    text = json.dumps(page, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def record(index: str) -> Any:
    return view("ontology", f"DOID/{index}/hanbit", "hanbit", system="DOID", index=index, source="here")["record"]


def state() -> dict[str, Any]:
    records = [view("ontology", f"DOID/{digest('x')}/hanbit", "hanbit", system="DOID", index=digest("x"))]
    return {
        "system": "DOID", "digest": digest("x"), "version": "1", "terms": 3, "pages": 1, "institutions": 3,
        "in_force": False, "adopted_by": ["hanbit"], "records": records,
    }  # fmt: skip


@pytest.fixture(autouse=True)
def small_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ontologies, "_SENT_AT_ONCE", 40_000)


def test_a_load_sends_what_is_missing_and_publishes() -> None:
    loaded, told = hierarchy(), []
    ledger = Ledger(*(page.sha256 for page in loaded.pages[:3]))
    gateway = FakeGateway(ledger)
    written = client(gateway).ontologies.load(loaded, on_progress=lambda done, total: told.append((done, total)))
    assert written.answer.index == loaded.digest
    pages = [asked for asked in gateway.changes() if asked.function == "ontology.page"]
    assert ledger.called[0] == "ontology.missing"
    assert ledger.called[-1] == "ontology.publish"
    assert len(pages) > 2
    assert sum(len(page["terms"]) for asked in pages for page in asked.argument["pages"]) == 1000 - 3 * 64
    assert all(len(json.dumps(asked.argument)) < 512 * 1024 for asked in pages)
    assert told[0] == (192, 1000)
    assert told[-1] == (1000, 1000)
    assert all(asked.organizations == ("hanbit", "nuri") for asked in gateway.changes())
    publish = gateway.changes()[-1].argument
    assert publish["pages"] == [page.sha256 for page in loaded.pages]
    assert (publish["version"], publish["source"], publish["licence"]) == ("1", "here", "CC0 1.0")


def test_a_load_that_stopped_is_taken_up() -> None:
    ledger = Ledger()

    def stop(done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client(FakeGateway(ledger)).ontologies.load(hierarchy(), on_progress=stop)
    before = len(ledger.pages)
    assert 0 < before < len(hierarchy().pages)
    gateway = FakeGateway(ledger)
    client(gateway).ontologies.load(hierarchy())
    sent = [page for asked in gateway.changes() for page in asked.argument.get("pages", ()) if isinstance(page, dict)]
    assert len(sent) == len(hierarchy().pages) - before


def test_a_load_of_what_is_there_sends_no_page() -> None:
    ledger = Ledger(*(page.sha256 for page in hierarchy().pages))
    client(FakeGateway(ledger)).ontologies.load(hierarchy(), source="elsewhere")
    assert "ontology.page" not in ledger.called


async def _load(gateway: FakeGateway) -> Any:
    return await async_client(gateway).ontologies.load(hierarchy())


def test_in_asyncio() -> None:
    import asyncio  # noqa: PLC0415

    assert asyncio.run(_load(FakeGateway(Ledger()))).answer.index == hierarchy().digest


@pytest.mark.parametrize("lies", ["page", "publish"])
def test_a_contract_that_computes_another_hash(lies: str) -> None:
    class Altered(Ledger):
        def page_(self, pages: list[Any]) -> Any:
            answer = super().page_(pages)
            return {"pages": [{"sha256": digest("other"), "new": True}]} if lies == "page" else answer

        def publish_(self, pages: list[str], **_members: str) -> Any:
            return record(digest("other"))

    with pytest.raises(errors.UnexpectedAnswer, match="another digest" if lies == "publish" else "other hashes"):
        client(FakeGateway(Altered())).ontologies.load(hierarchy())


def test_what_is_no_hierarchy_is_not_sent(tmp_path: Path) -> None:
    ledger = Ledger()
    path = tmp_path / "x.tsv"
    path.write_text("id\tparent_id\nDOID:1\tDOID:2\n")
    with pytest.raises(errors.DocumentError, match="DOID:2"):
        client(FakeGateway(ledger)).ontologies.load(path, version="1")
    assert not ledger.called


def test_more_than_the_ledger_takes_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ontologies, "_MAX_BYTES", 1000)
    ledger = Ledger()
    with pytest.raises(errors.DocumentError, match="the ledger takes 1000"):
        client(FakeGateway(ledger)).ontologies.load(hierarchy())
    assert not ledger.called


def test_questions() -> None:
    ledger = Ledger()
    found = client(FakeGateway(ledger)).ontologies
    assert found.adopt("DOID", digest("x")).answer.owner == "hanbit"
    assert found.get("DOID").adopted_by == ("hanbit",)
    assert found.term("DOID", "162").term.ancestors == ("4",)
    assert [it.digest for it in found.iterate(system="DOID")] == [digest("x")]
    assert found.list().items[0].to_json() == OntologyState.from_json(state()).to_json() == state()
