"""A private text is purged by each institution alone; the other one's peer is not asked.

Who: whoever of the two institutions that keep a text does not want it gone, or whose peer is down. What must hold: each
purges its own copy with its own peer's endorsement, and its people read it no more.
"""

import json
import secrets
import time
from hashlib import sha256

import pytest
from actors import Actor, Refused
from scene import Scene, application, with_another


@pytest.mark.parametrize(("person", "role"), [("hanbit/privacy", "privacy"), ("nuri/kim", "researcher")])
def test_each_purges_its_own_copy_alone(scene: Scene, person: str, role: str) -> None:
    dataset = f"hanbit/purge-{time.time_ns() % 10**8}"
    scene.publish(dataset, ("hanbit", "dac"))
    kim = scene.actor("nuri/kim", "researcher")
    text, salt = b"what the project is about", secrets.token_bytes(32)
    commitment = sha256(b"medconsent/text/1\0" + salt + text).hexdigest()
    asked = application(kim, dataset) | {"texts": [{"kind": "description", "commitment": commitment}]}
    request = kim.change("request.submit", asked, *with_another("nuri", "hanbit"))["id"]
    said = {"request": request, "commitment": commitment}
    kim.seen.everywhere()
    both, sent = ("hanbit", "nuri"), {"text": text, "salt": salt}
    kept = kim.contract.endorse("text.keep", json.dumps(said).encode(), endorsing_organizations=both, transient=sent)
    assert kim.send(kept).code == "VALID"
    who: Actor = scene.actor(person, role)
    assert who.ask("text.get", said)["text"] == text.decode()
    purged = who.endorse("text.purge", said, who.institution)
    assert who.send(purged).code == "VALID"
    with pytest.raises(Refused) as refused:
        who.ask("text.get", said)
    assert refused.value.code == "NOT_FOUND"
