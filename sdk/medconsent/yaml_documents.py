"""YAML 1.2 documents whose shape the contract judges: read so that they mean what they seem to say.

Duplicate keys, anchors, tags, directives and documents over 64 KiB are refused; a bare `NO` is text.
"""

from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, DocumentStartEvent, NodeEvent

from medconsent.errors import DocumentError

MAX_BYTES = 64 * 1024


def load_mapping(file: Path) -> dict[str, Any]:
    """The mapping in a YAML file; raises `DocumentError` with the line."""
    try:
        text = file.read_bytes()[: MAX_BYTES + 1].decode("utf-8-sig")
    except OSError as error:
        raise DocumentError(f"it cannot be read: {error.strerror}", source=str(file)) from error
    except UnicodeDecodeError as error:
        raise DocumentError("it is not UTF-8", source=str(file)) from error
    if len(text.encode()) > MAX_BYTES:
        raise DocumentError(f"it has more than {MAX_BYTES // 1024} KiB", source=str(file))
    try:
        for event in YAML(typ="safe", pure=True).parse(StringIO(text)):
            _plain(event, file)
        value = YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = {"line": mark.line + 1, "column": mark.column + 1} if mark else {}
        raise DocumentError(f"not YAML: {error.problem or error}", source=str(file), **place) from error
    except (YAMLError, RecursionError) as error:
        raise DocumentError(f"not YAML: {error}".strip(), source=str(file)) from error
    if not isinstance(value, dict):
        raise DocumentError("it should be a mapping of names to values", source=str(file), line=1)
    return value


def dump_mapping(value: dict[str, Any]) -> str:
    """A document that `load_mapping` reads back."""
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = None  # collections without collections in them on one line
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.width = 120
    stream = StringIO()
    writer.dump(value, stream)
    return stream.getvalue()


def _plain(event: Any, file: Path) -> None:
    what = ""
    if isinstance(event, DocumentStartEvent) and (event.version or event.tags):
        what = "directives"
    elif isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
        what = "anchors (&) and aliases (*)"
    elif isinstance(event, NodeEvent) and getattr(event, "tag", None):
        what = "tags (!)"
    if what:
        mark = event.start_mark
        raise DocumentError(f"{what} are not taken", source=str(file), line=mark.line + 1, column=mark.column + 1)
