"""docs/errors.md has every code that anything here answers with: made from the code, and compared with it.

UPDATE_DOCS=1 python -m pytest tests/unit/test_docs_errors.py writes it anew.
"""

import os
import re
from pathlib import Path
from typing import TypeGuard, get_args

from medconsent import contract, errors
from medconsent.watch.kinds import KINDS
from medconsent_cli import reference
from medconsent_cli.app import failures
from medconsent_network import errors as network

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "errors.md"
_ROW = re.compile(r"^\| (`[A-Z_`, ]+`) \| (.+) \|$", re.MULTILINE)


def rows(text: str) -> dict[str, str]:
    """Code -> meaning, of the tables in a text; a row may name several codes."""
    return {code: meaning for codes, meaning in _ROW.findall(text) for code in re.findall("[A-Z_]+", codes)}


def of_the_contract(kind: str) -> dict[str, str]:
    """The codes of contract.json: its ``refusals`` or ``reasons``."""
    return {code["code"]: code["means"] for code in contract.document()[kind]}


def network_codes() -> dict[str, str]:
    """The network's codes with the comments beside them."""
    source = Path(network.__file__).read_text(encoding="utf-8")
    return dict(re.findall(r'^    "([A-Z_]+)",  # (.+)$', source, re.MULTILINE))


def section(title: str, text: str, codes: dict[str, str]) -> str:
    table = "".join(f"| `{code}` | {meaning} |\n" for code, meaning in codes.items())
    return f"\n## {title}\n\n{text}\n\n| code | meaning |\n|---|---|\n{table}"


def page() -> str:
    return (
        "# Every code\n\n"
        "This page is made from the code by `UPDATE_DOCS=1 python -m pytest tests/unit/test_docs_errors.py`.\n"
        "A code is never renamed and never changes its meaning.\n"
        + section(
            "Refusals of the contract",
            "The contract said no, and nothing was written. In the SDK each is a subclass of "
            "`medconsent.errors.Refused`;\nthe program ends with 5.",
            of_the_contract("refusals"),
        )
        + section(
            "Reasons of a decision",
            "Of `check` and `explain`, and in the `details` of a refusal: all of them, with the clause or record that "
            "each comes from.",
            of_the_contract("reasons"),
        )
        + section(
            "The program's own",
            "What `medconsent` says of itself. Besides, it passes on Fabric's validation codes (`MVCC_READ_CONFLICT`, "
            "`ENDORSEMENT_POLICY_FAILURE` ...),\nthe status names of gRPC, and `CA_<number>` of Fabric CA.",
            rows(reference._ERRORS),
        )
        + section(
            "Findings of the watcher",
            "Of `medconsent watch`; which of them close the institution's decisions, and what to do, is in "
            "[watcher.md](watcher.md).",
            {kind.code: kind.meaning for kind in KINDS.values()},
        )
        + section(
            "The network's", "Of `medconsent-network`, which runs the processes of a consortium.", network_codes()
        )
    )


def _is_of_the_sdk(kind: object) -> TypeGuard[type[errors.MedconsentError]]:
    """Whether it is a kind of error that is no refusal of the contract and has a code of its own."""
    return (
        isinstance(kind, type)
        and issubclass(kind, errors.MedconsentError)
        and "code" in vars(kind)
        and not issubclass(kind, errors.Refused)
    )


def test_the_page_is_made_from_the_code() -> None:
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_tables_are_complete() -> None:
    assert set(of_the_contract("refusals")) == set(errors.BY_CODE)
    assert set(network_codes()) == set(get_args(network.Code))
    told = set(re.findall(r'"([A-Z][A-Z_]{3,})"', Path(failures.__file__).read_text(encoding="utf-8")))
    told |= {kind.code for kind in vars(errors).values() if _is_of_the_sdk(kind)}
    assert told - {"MEDCONSENT_DEBUG"} <= set(rows(reference._ERRORS)), "docs/cli.md lacks a code of the program"
