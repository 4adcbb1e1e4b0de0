"""What the watcher remembers of the keys that the institution guards."""

from medconsent.watch.state import Guards


def test_guards_are_what_their_log_says() -> None:
    guards = Guards()
    for number in range(100):
        guards.add(f"k{number}")
        guards.add(f"k{number}")
    for number in range(0, 100, 2):
        guards.remove(f"k{number}")
    guards.remove("never there")
    guards.add("k0")
    again = Guards(bytes(guards.pending), guards.secret)
    assert len(again) == len(guards) == 51
    assert all((f"k{number}" in again) == (number % 2 == 1 or number == 0) for number in range(100))


def test_nobody_can_search_for_a_key_that_is_taken_for_a_guarded_one() -> None:
    """Two watchers, and one whose log went to another place, number the same key otherwise."""
    one, other = Guards(), Guards()
    one.add("grant/1")
    other.add("grant/1")
    assert bytes(one.pending) != bytes(other.pending)
