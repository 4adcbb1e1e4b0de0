"""An institution is founded by somebody with an operator's certificate, who names accomplices.

What must hold: the first record names two officers, is written once, and everybody sees whom it names by their keys;
from then on it takes two of those. What remains: whoever is first founds it.
"""

import pytest
from actors import Actor, Refused, key_in
from lone import NAME, Lone

DESCRIBED = {"title": "Hanbit", "country": "KR", "contact": "data@hanbit.example", "roles": ["dac"]}


def enrolled(lone: Lone, person: str, *roles: str) -> Actor:
    return Actor.at(lone.home, key_in(lone.network.enrol(NAME, person, roles), NAME))


def officer(actor: Actor, person: str, *roles: str) -> dict[str, object]:
    return {"id": person, "roles": [*roles], "key": actor.fingerprint}


def refused(actor: Actor, function: str, argument: object) -> str:
    with pytest.raises(Refused) as told:
        actor.endorse(function, argument, NAME)
    return told.value.code


def test_who_founds_it_is_seen_and_does_it_once(lone: Lone) -> None:
    mallory, trudy = enrolled(lone, "mallory-op", "operator"), enrolled(lone, "trudy", "steward", "privacy")
    honest, steward = enrolled(lone, "honest-op", "operator"), enrolled(lone, "honest-steward", "steward")
    own = officer(mallory, "mallory-op", "operator")
    alone = ([own], [own, own | {"id": "myself"}], [officer(trudy, "trudy", "steward"), own | {"roles": ["steward"]}])
    for officers in alone:  # one officer, one key under two names, nobody who could name another
        assert refused(mallory, "institution.set", DESCRIBED | {"officers": officers}) == "CONFLICT"
    for stranger in (trudy, steward):
        assert refused(stranger, "institution.set", DESCRIBED | {"officers": [own]}) == "FORBIDDEN"
    both = [own, officer(trudy, "trudy", "steward", "privacy")]
    mallory.alone("institution.set", DESCRIBED | {"officers": both}, NAME)
    mallory.seen.everywhere()
    shown = honest.ask("institution.get", {"institution": NAME})["record"]
    assert shown["body"]["officers"] == both
    assert shown["changes"][0]["by"]["id"] == "mallory-op"
    # whoever should have founded it finds out, and cannot do it over again
    own_ones = [officer(honest, "honest-op", "operator"), officer(steward, "honest-steward", "steward")]
    assert refused(honest, "institution.set", DESCRIBED | {"officers": own_ones}) == "FORBIDDEN"
    roster = {"role": "dac", "members": [{"id": "honest-op", "key": honest.fingerprint}]}
    assert refused(steward, "committee.set", roster) == "FORBIDDEN"
    # and from now on one of those who founded it is not enough
    more = [*both, officer(honest, "honest-op", "operator")]
    answer = mallory.alone("institution.set", DESCRIBED | {"officers": more}, NAME)
    assert set(answer) == {"proposal"}
    assert honest.ask("institution.get", {"institution": NAME})["record"]["body"]["officers"] == both
