"""Which proxy leads to a peer or a CA: one answer for both, from `https_proxy`, `all_proxy` and `no_proxy`.

gRPC and requests each read these variables in their own way: gRPC takes `http_proxy` too, and the two compare
`no_proxy` differently. So neither is left to read them.
"""

import os

_NAMES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


def proxy_for(endpoint: str) -> str | None:
    """The address of the proxy for `host:port`, as `http://proxy:3128`; None where one goes there directly.

    `no_proxy` lists hosts, domains, addresses and networks (`10.0.0.0/8`) without one, or is `*`.
    """
    proxy = next((found for name in _NAMES if (found := os.environ.get(name))), None)
    if proxy is None:
        return None
    # Which hosts go without a proxy is requests' to say; without a proxy it is not loaded, as it takes long.
    from requests.utils import should_bypass_proxies  # noqa: PLC0415

    if should_bypass_proxies(f"https://{endpoint}", no_proxy=None):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
