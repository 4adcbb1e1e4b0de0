"""Networks of their own for tests that would spoil the shared one, or need another consortium."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from medconsent_network.consortium import Consortium
from medconsent_network.spec import Spec


@contextmanager
def running(folder: Path, spec: Spec) -> Iterator[Consortium]:
    """A consortium like `spec`, brought up on free ports in the new folder `folder`, and gone at the end."""
    network = Consortium.with_free_ports(folder, spec)
    try:
        network.up()
        yield network
    finally:
        network.clean()
