"""The two Fabric CAs of a home: for identities, and for TLS."""

import json
from pathlib import Path
from typing import ClassVar

from medconsent_network import identities, operations
from medconsent_network.home import Authority, Home
from medconsent_network.processes.probes import answers
from medconsent_network.processes.process import Process, SettingsFile, Stage
from medconsent_network.spec.services import SERVICES

LIFETIME = "8760h"
"""How long what a CA issues holds, a Go duration: a year."""


class _CertificateAuthority(Process):
    """A Fabric CA."""

    name: ClassVar[Authority]
    server_usage: ClassVar[str]
    """What certificates of the profile `tls` are for, in the CA's words."""

    def command(self, home: Home) -> str:
        return '"%(here)s/../bin/fabric-ca-server" start -H .'

    def settings(self, home: Home) -> list[SettingsFile]:
        one = home.institution
        file = SettingsFile.of_template(
            self.folder(home) / "fabric-ca-server-config.yaml",
            name=one.name,
            listen="127.0.0.1" if SERVICES[self.name].loopback else one.listen,
            ca_name=f"{self.name}-{one.name}",
            port=one.port(self.name),
            operations=json.dumps(self._operations(home)),
            tls=json.dumps({"enabled": True, "clientauth": {"type": "noclientcert"}, **self._listener(home)}),
            tls_usage=self.server_usage,
            lifetime=LIFETIME,
            country=one.country,
            title=json.dumps(one.title),
            hosts=json.dumps(home.hosts),
            identities=json.dumps(identities.to_register(home, self.name)),
        )
        return [file]

    def serves(self, home: Home) -> bool:
        return answers(home, self.name)

    def version(self, home: Home) -> str:
        return operations.version(home, self.name)

    def certificates(self, home: Home) -> list[Path]:
        return [home.ca_certificate(self.name), self.folder(home) / "tls" / "cert.pem"]

    def _listener(self, home: Home) -> dict[str, str]:
        """Certificate and key for HTTPS. A TLS CA that has none yet makes itself one when it starts."""
        if not (self.folder(home) / "tls" / "cert.pem").is_file():
            return {}
        return {"certfile": "tls/cert.pem", "keyfile": "tls/key.pem"}

    def _operations(self, home: Home) -> dict[str, object]:
        """The operations listener, once there is a certificate for it; before that a port that nobody knows."""
        listener = self._listener(home)
        if not listener:
            return {"listenaddress": "127.0.0.1:0", "tls": {"enabled": False}}
        return {
            "listenaddress": f"127.0.0.1:{home.institution.port(f'{self.name}-operations')}",
            "tls": {
                "enabled": True,
                **listener,
                "clientcertrequired": True,
                "clientcacertfiles": [f"../{path}" for path in operations.client_certificates(home)],
            },
        }


class EnrolmentCA(_CertificateAuthority):
    """Issues the certificates of people, peers, orderers and administrators."""

    name = "ca"
    stage = Stage.AUTHORITY
    server_usage = "digital signature"  # it certifies no servers, whoever asks
    services = ("ca", "ca-operations")


class TLSCA(_CertificateAuthority):
    """Issues the certificates of servers, and of the clients of the home's own listeners."""

    name = "tlsca"
    stage = Stage.FIRST
    server_usage = "signing, key encipherment, server auth, client auth, key agreement"
    services = ("tlsca", "tlsca-operations")
