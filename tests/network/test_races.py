"""Two people at the same moment, each at their own institution's peer: both are counted, or one comes too late."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from people import DONE, REFUSED, Ran
from scenario import Cast


@pytest.fixture(scope="module", autouse=True)
def published(cast: Cast, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder: Path = tmp_path_factory.mktemp("races") / "data"
    folder.mkdir()
    (folder / "t.csv").write_text("a\n1\n")
    cast.publish("races", folder)


def at_once(*calls: tuple[object, ...]) -> list[Ran]:
    """Run the commands at the same time; `calls` are (person, *arguments)."""
    with ThreadPoolExecutor(len(calls)) as pool:
        running = [pool.submit(call[0].run, "--json", *call[1:], exit_code=None) for call in calls]  # type: ignore[attr-defined]
        return [each.result() for each in running]


@pytest.mark.parametrize("attempt", range(3))
def test_votes_that_race_are_both_counted(cast: Cast, attempt: int) -> None:
    request = cast.submit("nuri/kim", "hanbit/races")
    voters = ("hanbit/d-1", "hanbit/d-2", "saerom/e-1")
    block = str(cast.network.heights()["nuri"] - 1)
    approve = ("--wait-block", block, "request", "approve", request, "--yes")
    ran = at_once(*((cast.people[name], *approve) for name in voters))
    assert [each.exit_code for each in ran] == [DONE] * 3, "\n".join(map(str, ran))
    shown = cast.people["hanbit/d-1"].json(
        "--wait-block", str(max(each.json["block"] for each in ran)), "request", "show", request
    )
    assert shown["state"] == "approved"
    assert sorted(vote["record"]["body"]["seq"] for vote in shown["votes"]) == [1, 2, 3]
    assert sum("grant" in each.json for each in ran) == 1, "one grant, by the vote that completed"


@pytest.mark.parametrize("attempt", range(3))
def test_of_a_vote_and_a_withdrawal_that_race_one_wins(cast: Cast, attempt: int) -> None:
    request = cast.submit("nuri/kim", "hanbit/races")
    cast.approve(request, "hanbit/d-1", "saerom/e-1")
    block = str(cast.network.heights()["saerom"] - 1)
    kim, member = cast.people["nuri/kim"], cast.people["hanbit/d-2"]
    withdrawn, voted = at_once(
        (kim, "--wait-block", block, "request", "withdraw", request, "--yes"),
        (member, "--wait-block", block, "request", "approve", request, "--yes"),
    )
    assert sorted((withdrawn.exit_code, voted.exit_code)) == [DONE, REFUSED], f"{withdrawn}\n{voted}"
    won, lost = (withdrawn, voted) if withdrawn.exit_code == DONE else (voted, withdrawn)
    assert lost.error["code"] == "DECIDED"
    state = "withdrawn" if won is withdrawn else "approved"
    for person in (kim, member):
        assert person.json("--wait-block", str(won.json["block"]), "request", "show", request)["state"] == state
