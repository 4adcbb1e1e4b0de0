"""The Python in docs/sdk.md runs, in the order of the page, against a contract that answers as it should."""

import re
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

from contract_answers import (
    DATASET,
    GRANT_RECORD,
    OFFER,
    PROPOSAL,
    PROPOSAL_VIEW,
    PUBLISHED,
    REQUEST_VIEW,
    VOTE,
    Contract,
)
from fake_gateway import AT, FakeGateway, async_client, client

import medconsent
from medconsent import contexts, staff

PAGE = Path(__file__).parents[2] / "docs" / "sdk.md"
DECISION = {"decision": "permit", "reasons": [{"code": "X", "message": "because"}], "at": AT}


def test_the_page_s_code_runs(tmp_path, monkeypatch, capsys):
    (tmp_path / "data.csv").write_text("id,value\n1,2\n")
    fake = FakeGateway(
        Contract(
            dataset__list={"items": [DATASET], "bookmark": ""},
            dataset__get=DATASET,
            dataset__publish=PUBLISHED,
            policy__offer=OFFER,
            policy__set={"proposal": PROPOSAL["record"]},
            proposal__list={"items": [PROPOSAL_VIEW], "bookmark": ""},
            proposal__confirm={"proposal": PROPOSAL["record"], "done": {}},
            explain=DECISION,
            check=DECISION,
            request__submit=REQUEST_VIEW["request"]["record"],
            request__get=REQUEST_VIEW,
            request__list={"items": [REQUEST_VIEW], "bookmark": ""},
            delegation__list={"items": [], "bookmark": ""},
            invitation__list={"items": [], "bookmark": ""},
            breakglass__list={"items": [], "bookmark": ""},
            request__vote={"vote": VOTE["record"], "state": "in-review"},
            grant__list={"items": [{"grant": GRANT_RECORD, "state": "active"}], "bookmark": ""},
            grant__get={"grant": GRANT_RECORD, "state": "active"},
            grant__revoke=GRANT_RECORD["record"],
        )
    )

    class Open:
        """The fake client, in the two kinds of `with`."""

        def __enter__(self):
            return client(fake, "hanbit", "lee", "dac")

        async def __aenter__(self):
            return async_client(fake)

        def __exit__(self, *error):
            pass

        async def __aexit__(self, *error):
            pass

    monkeypatch.setattr(medconsent, "connect", Open, raising=False)
    monkeypatch.setattr(medconsent, "connect_async", Open, raising=False)
    for name in ("enroll", "add", "use"):
        monkeypatch.setattr(contexts.Contexts, name, lambda self, *arguments, **members: None)
    monkeypatch.setattr(contexts.Contexts, "get", lambda self, *arguments: None)
    monkeypatch.setattr(staff, "Staff", lambda _context: nullcontext(SimpleNamespace(list=list)))
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    names = {
        "secret": "x",
        "folder": tmp_path,
        "policy_file": PAGE.parents[1] / "examples" / "policy.yaml",
    }
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102 - it is our own page
    assert len(blocks) == 12
    assert "hanbit/bc Breast cancer ('download',)" in capsys.readouterr().out
    assert names["found"].changed == ()


def test_the_page_names_every_noun():
    page = PAGE.read_text()
    nouns = [name for name in vars(client(FakeGateway(Contract()))) if not name.startswith("_")]
    assert all(f"| `{noun}` |" in page for noun in nouns)
