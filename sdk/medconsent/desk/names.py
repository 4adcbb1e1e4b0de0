"""Names of an institution's own people, for their own screens.

Certificates and the ledger have pseudonymous enrolment ids. Who that is may be written down beside the contexts, in
`contexts/<institution>/names.yaml` (mode 0600):

    kim: "Kim Minji"

Nothing of it is sent anywhere.
"""

import unicodedata
from collections.abc import Mapping
from pathlib import Path

from medconsent.contexts import default_home
from medconsent.documents.yaml import Quoted, Reader, dump, read_source
from medconsent.errors import DocumentError
from medconsent.private_files import private_folder, write_private

MOST_CHARACTERS = 100


class StaffNames:
    """The names file of one institution on this machine."""

    def __init__(self, institution: str, home: str | Path | None = None) -> None:
        """`home` is the folder of `medconsent.contexts`; None takes the usual one."""
        base = Path(home) if home is not None else default_home()
        self.path = base / "contexts" / institution / "names.yaml"

    def read(self) -> Mapping[str, str]:
        """Enrolment id -> name; empty when there is no file.

        Raises:
            DocumentError: The file is no names file.
        """
        if not self.path.exists():
            return {}
        reader = Reader("names file", str(self.path))
        try:
            document, _name = read_source(self.path, "names file")
            members = reader.pairs(reader.compose(document), "the names file")
            return {person: reader.text(node, person) for person, node in members.items()}
        except DocumentError as error:
            mend = "correct the file, or delete it: medconsent identity names remove --all"
            error.hint = f"{error.hint}; {mend}" if error.hint else mend
            raise

    def set(self, person: str, name: str) -> None:
        """Write down who an enrolment id is.

        Args:
            person: The enrolment id; a name that it had is replaced.
            name: The name, one line of text; spaces around it are taken off.

        Raises:
            DocumentError: The name is no line of text.
        """
        text = unicodedata.normalize("NFC", name).strip()
        if not text or len(text) > MOST_CHARACTERS or any(unicodedata.category(char)[0] == "C" for char in text):
            raise DocumentError(f"a name is one line of 1 to {MOST_CHARACTERS} characters, and not {name!r}")
        self._write({**self.read(), person: text})

    def remove(self, person: str) -> None:
        """Forget who an enrolment id is.

        Raises:
            DocumentError: It is not there.
        """
        names = dict(self.read())
        if names.pop(person, None) is None:
            raise DocumentError(f"{person} has no name in {self.path}", hint="medconsent identity names list")
        self._write(names)

    def remove_all(self) -> None:
        """Delete the file, also one that cannot be read.

        Raises:
            DocumentError: There is none.
        """
        if not self.path.exists():
            raise DocumentError(f"there is no names file {self.path}")
        self.path.unlink()

    def _write(self, names: Mapping[str, str]) -> None:
        if not names:
            self.path.unlink(missing_ok=True)
            return
        private_folder(self.path.parent)
        write_private(self.path, dump({person: Quoted(names[person]) for person in sorted(names)}).encode())
