"""systemd units of one home: the home itself, and daily renewal and revocation lists."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from medconsent_network import files
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.tools.toolchain import build_folder

_HOME = """\
[Unit]
Description=medconsent: the home of {name}
Wants=network-online.target
After=network-online.target time-sync.target

[Service]
# `up` ends when the home serves; supervisord, whose process this file names, stays and keeps the others.
Type=forking
PIDFile={home}/supervisor/supervisord.pid
User={user}
Environment={build}
ExecStart={program} up --institution {name} --homes {homes}
ExecStop={program} down --institution {name} --homes {homes}
Restart=on-failure
RestartSec=5
TimeoutStartSec=300
TimeoutStopSec=60
{limits}
[Install]
WantedBy=multi-user.target
"""

_TASK = """\
[Unit]
Description=medconsent: {title} of {name}
Requisite=medconsent-{name}.service
After=medconsent-{name}.service

[Service]
Type=oneshot
User={user}
Environment={build}
ExecStart={program} {command} --institution {name} --homes {homes}
{limits}"""

_TIMER = """\
[Unit]
Description=medconsent: {title} of {name}, daily

[Timer]
OnCalendar=daily
RandomizedDelaySec=3600
Persistent=true

[Install]
WantedBy=timers.target
"""

_LIMITS = """\
UMask=0077
LimitNOFILE=65536
NoNewPrivileges=yes
ProtectSystem=full
ReadWritePaths={home}
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
LockPersonality=yes
"""

_PLAIN = re.compile(r"[A-Za-z0-9_./=@:+-]+")
_TASKS = {"renew": "renewed certificates", "crl": "revoked certificates"}


@dataclass(frozen=True)
class Unit:
    """A unit file: its name and its text."""

    name: str
    text: str


def of(home: Home, user: str) -> list[Unit]:
    """The units of a home that `user` owns.

    Raises:
        NetworkError: CONSORTIUM_INVALID when a path has what systemd reads otherwise.
    """
    program = f"{sys.executable} -m medconsent_network"
    values = {
        "name": home.name,
        "home": str(home.path),
        "homes": str(home.path.parent),
        "program": program,
        "user": user,
        "build": f"MEDCONSENT_BUILD={build_folder()}",
    }
    for value in (values["home"], values["build"], user, sys.executable):
        if not _PLAIN.fullmatch(value):
            raise NetworkError(
                "CONSORTIUM_INVALID", f"systemd would read {value!r} otherwise: use another path or user"
            )
    limits = _LIMITS.format(**values)
    units = [Unit(f"medconsent-{home.name}.service", _HOME.format(limits=limits, **values))]
    for command, title in _TASKS.items():
        name = f"medconsent-{home.name}-{command}"
        task = _TASK.format(limits=limits, command=command, title=title, **values)
        units += [Unit(f"{name}.service", task), Unit(f"{name}.timer", _TIMER.format(title=title, **values))]
    return units


def write(home: Home, user: str, folder: Path) -> list[Path]:
    """Write the units of a home into `folder`.

    Args:
        home: The home.
        user: The system's user that runs it.
        folder: Where the files are written.

    Raises:
        NetworkError: As `of`.
    """
    written = []
    for unit in of(home, user):
        path = folder / unit.name
        files.write_private(path, unit.text, mode=0o644)
        written.append(path)
    return written
