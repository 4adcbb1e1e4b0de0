"""What homes have changed to, as the file of their network says it."""

from dataclasses import replace
from pathlib import Path

from medconsent_network import files
from medconsent_network.spec import amended, read


def recorded(network: Path) -> None:
    """Write into the file of a network what its homes have changed to; of what differs between them nothing yet.

    Raises:
        NetworkError: CONSORTIUM_INVALID when a file cannot be read.
    """
    file = network / "consortium.yaml"
    if not file.is_file():
        return
    spec = read(file)
    files_of_homes = [network / "homes" / name / "consortium.yaml" for name in spec.names]
    if not all(one.is_file() for one in files_of_homes):
        return
    homes = [read(one) for one in files_of_homes]
    for name, home in zip(spec.names, homes, strict=True):
        spec = spec.with_institution(home.institution(name))
    if len({home.chaincode for home in homes}) == 1:
        spec = replace(spec, chaincode=homes[0].chaincode)
    if len({home.fabric_version for home in homes}) == 1:
        spec = replace(spec, fabric_version=homes[0].fabric_version)
    files.write_private(file, amended(file, spec))
