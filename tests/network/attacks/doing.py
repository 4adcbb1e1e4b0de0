"""What is done in more than one attack, by the contract's rules and by an owner's own."""

import json
from typing import Any

from actors import Actor, Outcome, fingerprint
from forge import Key
from past import Owner, canonical
from scene import Scene, with_another

from medconsent.fabric.identity import Identity
from medconsent.ontology.pages import Hierarchy, StatedTerm


def done(actor: Actor, function: str, argument: Any, *endorsers: str) -> str:
    """Change something by the contract's rules, confirmed by a second officer if it waits for one; the transaction."""
    endorsed = actor.endorse(function, argument, *endorsers)
    outcome = actor.send(endorsed)
    assert outcome.code == "VALID", f"{function}: {outcome}"
    answer = json.loads(endorsed.result)
    if function == "proposal.confirm" or "proposal" not in answer:
        return outcome.transaction_id
    second = actor.seen.seconds[actor.institution]
    return done(second, "proposal.confirm", second.confirmation(answer["proposal"]["id"]), *second.with_another())


def of_nuri(scene: Scene, role: str) -> Actor:
    return scene.actor(f"nuri/{role}", role)


def restated(owner: Owner, standing: dict[str, Any], said: dict[str, Any]) -> Outcome:
    """A new state of an owner's record, which says something else. Of a request it still says what it was made with."""
    record = standing["record"]
    if record["type"] == "request":
        said = {"as_made": record["body"]} | said
    last = record["changes"][-1] | {"action": f"{record['type']}.updated", "tx": "cd" * 32}
    told = {"revision": record["revision"] + 1, "changes": [*record["changes"], last]}
    return owner.rewrites(standing["key"], canonical(record | told | {"body": record["body"] | said}))


def namesake(scene: Scene, person: str, name: str, *roles: str) -> Actor:
    """Somebody has their own key certified in another name too."""
    holder = scene.actors[person]
    secret = scene.network.register(holder.institution, name, roles)
    with scene.network.ca(holder.institution) as ca:
        issued = ca.enroll(name, secret, key=holder.key.signer)
    key = Key(Identity(holder.institution, issued.certificate_pem), holder.key.signer)
    assert fingerprint(key) == holder.fingerprint
    actor = Actor.at(scene.network.home(holder.institution), key, scene.seen)
    scene.actors[f"{holder.institution}/{name}"] = actor
    return actor


def explained(scene: Scene, dataset: str, purpose: dict[str, Any]) -> Any:
    asked = {"dataset": dataset, "purpose": purpose, "mode": "download", "institution": "nuri", "researchers": ["kim"]}
    return scene.auditor.ask("explain", asked)


def loaded(scene: Scene, institution: str, terms: tuple[StatedTerm, ...], version: str) -> str:
    """Published, and so adopted, by the institution; its digest."""
    named = StatedTerm("DOID:305", f"carcinoma, as {version} has it", ("DOID:162",))  # so that its pages are its own
    hierarchy = Hierarchy.of((*terms, named), system="DOID", version=version)
    steward = scene.actor(f"{institution}/steward")
    steward.change("ontology.page", {"pages": [page.content() for page in hierarchy.pages]}, *with_another(institution))
    pages = [page.sha256 for page in hierarchy.pages]
    published = {"system": "DOID", "version": version, "pages": pages}
    steward.change("ontology.publish", published, *with_another(institution))
    return hierarchy.digest


def adopted(scene: Scene, institution: str, digest: str) -> None:
    adopts = {"system": "DOID", "digest": digest}
    scene.actor(f"{institution}/steward").change("ontology.adopt", adopts, *with_another(institution))
