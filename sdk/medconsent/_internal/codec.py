"""Values <-> the contract's JSON, by the type hints of frozen dataclasses.

The members are named as in docs/contract.md; a trailing underscore (`from_`) is there for Python only. Members that
are not known are passed over, so that a newer contract may add some; one that is missing or of another type is an
`UnexpectedAnswer`.
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal, Self, Union, get_args, get_origin, get_type_hints

from medconsent import times
from medconsent.errors import UnexpectedAnswer

Json = Mapping[str, Any]
_Decoder = Callable[[Any, str], Any]


class Value:
    """Mixin of the frozen dataclasses that mirror the contract: `from_json` and `to_json`."""

    @classmethod
    def from_json(cls, data: Json, where: str = "") -> Self:
        """The value that a JSON object of the contract stands for.

        Raises:
            UnexpectedAnswer: It is not what docs/contract.md says.
        """
        return cls(**decode_members(cls, data, where))

    def to_json(self) -> dict[str, Any]:
        """The JSON object of the contract; members that are None are left out, lists never are."""
        return encode_members(self)


def decode_members(cls: type, data: Json, where: str) -> dict[str, Any]:
    """The constructor arguments of dataclass `cls` out of the JSON object `data`."""
    _expect(data, Mapping, "an object", where)
    found = {}
    for field, name, decoder in _members(cls):
        if data.get(name) is not None:
            found[field.name] = decoder(data[name], f"{where}.{name}" if where else name)
        elif field.default is MISSING and field.default_factory is MISSING:
            raise UnexpectedAnswer(f"the answer lacks the member {f'{where}.{name}' if where else name!r}")
    return found


def encode(value: Any) -> Any:
    """JSON for the value of a member."""
    if isinstance(value, datetime):
        return times.format_time(value)
    if isinstance(value, Value):
        return value.to_json()
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    if isinstance(value, Mapping):
        return {key: encode(item) for key, item in value.items()}
    return value


def encode_members(value: Any) -> dict[str, Any]:
    """The JSON object of a dataclass, without the members that are None."""
    pairs = ((field.name.rstrip("_"), getattr(value, field.name)) for field in fields(value))
    return {name: encode(member) for name, member in pairs if member is not None}


@cache
def _members(cls: type) -> list[tuple[Field[Any], str, _Decoder]]:
    hints = get_type_hints(cls)
    if not is_dataclass(cls):
        raise TypeError(f"{cls.__name__} is not a dataclass")
    return [(field, field.name.rstrip("_"), _decoder(hints[field.name])) for field in fields(cls)]


@cache
def _decoder(hint: Any) -> _Decoder:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return _SCALARS[str]  # a newer contract may know more words
    if origin in (types.UnionType, Union):
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return _decoder(inner)  # None never gets here: `decode_members` leaves it out
    if origin is tuple:
        return _tuple(_decoder(arguments[0]))
    if isinstance(hint, type) and issubclass(hint, Value):
        return hint.from_json
    if hint in _SCALARS:
        return _SCALARS[hint]
    return lambda data, where: data  # Any, Mapping: JSON as it is


def _tuple(item: _Decoder) -> _Decoder:
    def decoder(data: Any, where: str) -> Any:
        _expect(data, list, "a list", where)
        return tuple(item(element, f"{where}[{position}]") for position, element in enumerate(data))

    return decoder


def _scalar(kind: type, what: str) -> _Decoder:
    def decoder(data: Any, where: str) -> Any:
        if kind is int and isinstance(data, bool):
            data = None  # bool is a subclass of int in Python, and is not a number in JSON
        _expect(data, kind, what, where)
        return data

    return decoder


def _moment(data: Any, where: str) -> datetime:
    _expect(data, str, "a time", where)
    try:
        return times.parse_time(data)
    except ValueError as error:
        raise UnexpectedAnswer(f"{where}: {error}") from error


_SCALARS: Mapping[Any, _Decoder] = {
    str: _scalar(str, "text"),
    int: _scalar(int, "a whole number"),
    bool: _scalar(bool, "true or false"),
    datetime: _moment,
}


def _expect(data: Any, kind: Any, what: str, where: str) -> None:
    if not isinstance(data, kind):
        raise UnexpectedAnswer(f"the answer's {where or 'top level'} should be {what}, and is {type(data).__name__}")
