"""The connection profile that a home offers to its people: where peer, orderer and CA are, with the TLS roots inline.

The format is Fabric's common connection profile, which other Fabric clients read too.
"""

import json
from typing import Any

from medconsent_network import files
from medconsent_network.home import Home


def profile(home: Home) -> dict[str, Any]:
    """The connection profile of the home's institution.

    `x-medconsent` names the channel and the chaincode, and has the root that certifies the institution's people: the
    CA's own TLS certificate comes from another, so nothing else in a profile tells it.
    """
    one, spec = home.institution, home.spec
    tls_root = home.tls_root.read_text()
    peer, orderer, ca = f"peer.{one.name}", f"orderer.{one.name}", f"ca.{one.name}"
    return {
        "name": f"{spec.channel}-{one.name}",
        "version": "1.0",
        "client": {"organization": one.name},
        "channels": {spec.channel: {"orderers": [orderer], "peers": {peer: {}}}},
        "organizations": {one.name: {"mspid": one.name, "peers": [peer], "certificateAuthorities": [ca]}},
        "peers": {peer: {"url": f"grpcs://{one.address('peer')}", "tlsCACerts": {"pem": tls_root}}},
        "orderers": {orderer: {"url": f"grpcs://{one.address('orderer')}", "tlsCACerts": {"pem": tls_root}}},
        "certificateAuthorities": {
            ca: {
                "url": home.ca_url("ca"),
                "caName": f"ca-{one.name}",
                "tlsCACerts": {"pem": tls_root},
            }
        },
        "x-medconsent": {
            "channel": spec.channel,
            "chaincode": spec.chaincode.name,
            "rootCerts": {"pem": home.ca_certificate("ca").read_text()},
        },
    }


def write(home: Home) -> None:
    """Write the profile to `connection.json` in the home; it holds no secret."""
    files.write_private(home.connection_profile, json.dumps(profile(home), indent=2) + "\n", mode=0o644)
