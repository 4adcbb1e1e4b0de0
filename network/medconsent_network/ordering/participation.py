"""Channel participation: what an orderer says of the channel, and how it joins it.

The API is that of Fabric's orderer (`osnadmin`), at its admin listener, with the home's client certificate `osnadmin`.
"""

from pathlib import Path
from typing import Any

import requests

from medconsent_network.errors import NetworkError
from medconsent_network.home import Home

_TIMEOUT = (3.0, 30.0)  # seconds to connect, and to wait for bytes


def channel(home: Home) -> dict[str, Any] | None:
    """What the home's orderer knows of the channel.

    Returns:
        `status`, `consensusRelation`, `height` (a number of blocks); None when it has not joined.

    Raises:
        NetworkError: CHANNEL_FAILED when the orderer does not answer.
    """
    answer = _ask(home, "GET", f"/{home.spec.channel}")
    if answer.status_code == requests.codes.not_found:
        return None
    return dict(_checked(home, answer).json())


def join(home: Home) -> None:
    """Let the home's orderer join the channel, unless it has.

    Raises:
        NetworkError: CHANNEL_FAILED when it refuses.
    """
    if channel(home) is None:
        block = home.genesis.read_bytes()
        _checked(home, _ask(home, "POST", "", {"config-block": ("genesis.block", block)}))


def _ask(home: Home, method: str, path: str, upload: dict[str, Any] | None = None) -> requests.Response:
    tls: Path = home.user("osnadmin") / "tls"
    url = f"https://127.0.0.1:{home.institution.port('orderer-admin')}/participation/v1/channels{path}"
    with requests.Session() as session:
        session.trust_env = False  # no proxy and no other roots from the environment
        try:
            return session.request(
                method,
                url,
                files=upload,
                cert=(str(tls / "cert.pem"), str(tls / "key.pem")),
                verify=str(tls / "ca.pem"),
                timeout=_TIMEOUT,
            )
        except requests.RequestException as error:
            raise NetworkError("CHANNEL_FAILED", f"the orderer of {home.name} does not answer: {error}") from error


def _checked(home: Home, answer: requests.Response) -> requests.Response:
    if answer.status_code >= requests.codes.bad_request:
        raise NetworkError(
            "CHANNEL_FAILED", f"the orderer of {home.name} refused (HTTP {answer.status_code}): {answer.text.strip()}"
        )
    return answer
