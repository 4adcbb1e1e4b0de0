"""The settings of a home: of each of its processes, and of the supervisord that keeps them.

They are written anew whenever the home starts, so that it can be moved, and the consortium file changed, in between.
"""

from pathlib import Path

from medconsent_network import files, processes
from medconsent_network.home import Home
from medconsent_network.processes.process import Process, template

_SECTION = """
[program:{name}]
command = {command}
directory = %(here)s/../{folder}
{environment}autostart = false
autorestart = true
startsecs = 1
startretries = 10
stopwaitsecs = 15
redirect_stderr = true
stdout_logfile = %(here)s/../logs/%(program_name)s.log
stdout_logfile_maxbytes = 20MB
stdout_logfile_backups = 5
"""


def make_folders(home: Home) -> None:
    """Make the folders that the processes expect, also of those that this consortium does not run."""
    home.make_folders()
    for process in processes.ALL:
        files.private_folder(process.folder(home))


def write(home: Home, socket: Path) -> None:
    """Write the settings of all processes.

    Args:
        home: Whose settings, from its consortium file and from where it stands now.
        socket: Where supervisord is to listen.
    """
    files.write_private(home.consortium_file, home.spec.to_yaml())
    wanted = processes.of(home)
    for process in wanted:
        for file in process.settings(home):
            files.write_private(file.path, file.text, file.mode)
    head = template(
        "supervisord.conf",
        name=home.name,
        socket=_escaped(str(socket)),
    )
    text = "".join([head, *(_section(process, home) for process in wanted)])
    if "%" in str(home.path):  # supervisord would look for variables in what it puts in the place of this one
        text = text.replace("%(here)s", ".")  # which is where it is started
    files.write_private(home / "supervisor" / "supervisord.conf", text)


def _section(process: Process, home: Home) -> str:
    environment = ",".join(f'{name}="{_escaped(value)}"' for name, value in process.environment(home).items())
    return _SECTION.format(
        name=process.name,
        command=process.command(home),
        folder=process.folder(home).relative_to(home.path),
        environment=f"environment = {environment}\n" if environment else "",
    )


def _escaped(value: str) -> str:
    """As it has to stand in supervisord's file, where `%` begins a variable."""
    return value.replace("%", "%%")
