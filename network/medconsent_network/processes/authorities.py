"""The two Fabric CAs of a home: for identities, and for TLS."""

import json
from pathlib import Path
from typing import ClassVar

from medconsent_network import identities, operations
from medconsent_network.home import Authority, Home
from medconsent_network.processes.probes import accepts
from medconsent_network.processes.process import Process, SettingsFile, Stage


class _CertificateAuthority(Process):
    """A Fabric CA."""

    name: ClassVar[Authority]
    stage = Stage.AUTHORITY

    def command(self, home: Home) -> str:
        return '"%(here)s/../bin/fabric-ca-server" start -H .'

    def settings(self, home: Home) -> list[SettingsFile]:
        one = home.institution
        file = SettingsFile.of_template(
            self.folder(home) / "fabric-ca-server-config.yaml",
            name=one.name,
            listen=one.listen,
            ca_name=f"{self.name}-{one.name}",
            port=one.port(self.name),
            operations_port=one.port(f"{self.name}-operations"),
            country=one.country,
            title=json.dumps(one.title),
            hosts=json.dumps(home.hosts),
            identities=json.dumps(identities.to_register(home, self.name)),
        )
        return [file]

    def serves(self, home: Home) -> bool:
        return accepts(home, self.name)

    def version(self, home: Home) -> str:
        return operations.version(home, self.name)

    def certificates(self, home: Home) -> list[Path]:
        return [home.ca_certificate(self.name), self.folder(home) / "tls-cert.pem"]


class EnrolmentCA(_CertificateAuthority):
    """Issues the certificates of people, peers, orderers and administrators."""

    name = "ca"
    services = ("ca", "ca-operations")


class TLSCA(_CertificateAuthority):
    """Issues the certificates of servers, and of the clients of the home's own listeners."""

    name = "tlsca"
    services = ("tlsca", "tlsca-operations")
