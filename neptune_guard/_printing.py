"""Values made short, safe and free of secrets, and the guess at what a misspelt name stands for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sized
from datetime import datetime
from difflib import get_close_matches
from typing import Any
from urllib.parse import unquote

REDACTED = "<redacted>"
_LONGEST_VALUE = 100  # an ARN is shown whole
_SECRET_NAMES = (
    "masteruserpassword",
    "tdecredentialpassword",
    "presignedurl",
    "xamzsignature",
    "xamzsecuritytoken",
    "xamzcredential",
)
_SECRET_MARK = re.compile(
    "x[^a-z]{0,8}amz[^a-z]{0,8}(?:signature|security[^a-z]{0,8}token|credential)|signature[ \t]*="
)
# Behind the name of a secret, from its last letter on: its value in the same word.
_VALUE = re.compile(r"[a-z]?[^\w=:]*[=:]\W*\w")
_ENCODED_PERCENT = re.compile("%(?:25)+")
_JSON_ESCAPE = re.compile(r"\\+u([0-9a-f]{4})")
_MOST_ENCODINGS = 4
_DEEPEST = 8  # no request of these operations nests deeper than four levels
NOT_IN_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
"""A character that XML cannot hold, as a pattern; compiling it takes 3 ms, so that is left to who needs it."""
# A parser makes a line feed of a bare carriage return.
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_NAMING, _NAMED = ("key", "name"), ("value", "values")
_WORD_ENDS = re.compile(r"""([\s\[\]<>'"]+)""")


class Absent:
    """Stands for the value of a parameter that is not there."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


class Opaque:
    """Stands for a value of a type that no parameter has, so that no method of the caller's own type ever runs."""

    __slots__ = ("kind",)

    def __init__(self, value: object) -> None:
        self.kind = type(value)


# ---------------------------------------------------------------------- secrets


def is_secret_name(name: object) -> bool:
    """Tell whether a parameter of this name holds a secret, however the name is spelt: `PreSignedURL` too.

    The name may also be the end of a path, or be percent-encoded.
    """
    if type(name) is bytes or type(name) is bytearray:
        name = _ascii(name)
    if not isinstance(name, str):
        return False
    letters = _decoded(str.__str__(name))
    if not (letters.isascii() and letters.isalpha()):
        letters = re.sub("[^a-z]", "", letters)
    return any(each in letters for each in _SECRET_NAMES)


def is_secret(text: str) -> bool:
    """Tell whether a text carries a signature, a session token or a credential, percent-encoded or not."""
    return _secret_mark(text) is not None


def _secret_mark(text: str) -> re.Match[str] | None:
    """Return the name of a secret in a text, matched in the text's decoded form."""
    lower = _decoded(text)
    # Most texts have neither word, and a regular expression takes ten times as long to see it.
    return _SECRET_MARK.search(lower) if "amz" in lower or "signature" in lower else None


def _decoded(text: str) -> str:
    """Return a text in lower case, without percent-encoding and JSON's escapes, each of which may be repeated."""
    lower = text.lower()
    for _ in range(_MOST_ENCODINGS if "%" in lower or "\\u" in lower else 0):
        decoded = _JSON_ESCAPE.sub(lambda found: chr(int(found[1], 16)), lower)
        decoded = unquote(_ENCODED_PERCENT.sub("%", decoded)).lower()
        if decoded == lower:
            break
        lower = decoded
    return lower


def _ascii(value: bytes | bytearray) -> str:
    """Return the ASCII characters of bytes in UTF-8, UTF-16 or UTF-32 as text; others become something else."""
    return value.replace(b"\0", b"").decode("latin-1")


def secret_members(pair: Mapping[Any, Any]) -> tuple[str, ...]:
    """Return, in lower case, the members that hold a secret if another one says so, as the key of a tag does."""
    is_named = any(_lower(name) in _NAMING and is_secret_name(each) for name, each in pair.items())
    return _NAMED if is_named else ()


def _lower(name: object) -> str:
    return str.lower(name) if isinstance(name, str) else ""


def redacted_text(text: str) -> str:
    """Return a text without its secrets: each word that carries one is replaced, such as the URL in a sentence.

    After a bare name, as in `X-Amz-Security-Token: ...`, any word may be the secret, so the rest is left out.
    """
    if not is_secret(text):
        return text
    parts = []
    for part in _WORD_ENDS.split(text):
        mark = _secret_mark(part)
        parts.append(REDACTED if mark else part)
        if mark and not _VALUE.match(mark.string, mark.end() - 1):
            break
    joined = "".join(parts)
    return REDACTED if is_secret(joined) else joined


def redacted(value: Any, depth: int = 0) -> Any:
    """Return a value without its secrets, by name and by value, at any depth; the value itself stays as it is.

    Args:
        value: Parameters, or any part of them. Only exact dicts, lists and tuples are looked into.
        depth: How deep `value` is nested; what is nested deeper than any request is, is replaced by its type's name.
    """
    kind = type(value)
    if depth > _DEEPEST and kind in (dict, list, tuple):
        return type_name(value)
    if kind is str:
        return REDACTED if is_secret(value) else value
    if kind is bytes or kind is bytearray:
        return REDACTED if is_secret(_ascii(value)) else value
    if kind is dict:
        hidden = secret_members(value)
        return {
            redacted(name, depth + 1): REDACTED
            if _lower(name) in hidden or is_secret_name(name)
            else redacted(each, depth + 1)
            for name, each in value.items()
        }
    return [redacted(each, depth + 1) for each in value] if kind is list or kind is tuple else value


# ---------------------------------------------------------------------- short and safe


def xml_text(text: str) -> str:
    """Return a text as XML holds it; what XML cannot hold, such as most control characters, is replaced."""
    return re.sub(NOT_IN_XML, "\ufffd", text).translate(_ENTITIES)


def escaped(text: object) -> str:
    """Return a text from outside with its control characters escaped, so that it cannot forge lines of output."""
    text = str(text)
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def printable(path: str, value: object) -> str | None:
    """Return a value as a message shows it: short, one line, never a secret. None stands for an absent value.

    Args:
        path: Where the value was found, `Tags[0].Key`; a name on the way may make the value a secret.
        value: The value.
    """
    if value is ABSENT:
        return None
    if is_secret_name(path):
        return REDACTED
    text = str.__str__(value) if issubclass(type(value), str) else value  # runs no method of the caller's type
    show = _PRINTED.get(type(text)) if type(type(text)) is type else None
    return show(text) if show else type_name(value)


def type_name(value: object) -> str:
    """Return the name of a value's type for a message: `<datetime>`."""
    kind = value.kind if isinstance(value, Opaque) else type(value)
    name: str = type.__dict__["__name__"].__get__(kind)  # a metaclass may define a __name__ that runs code
    return f"<{escaped(redacted_text(name)[:_LONGEST_VALUE])}>"


def _short_text(text: str) -> str:
    if is_secret(text):
        return REDACTED
    if len(text) <= _LONGEST_VALUE:
        return repr(text)
    return f"{text[:_LONGEST_VALUE]!r}... ({len(text)} characters)"


def _short_bytes(value: bytes) -> str:
    if is_secret(_ascii(value)):
        return REDACTED
    if len(value) <= _LONGEST_VALUE:
        return repr(value)
    return f"{value[:_LONGEST_VALUE]!r}... ({len(value)} bytes)"


def _short_int(value: int) -> str:
    # Python refuses to print an integer of more than 4,300 digits.
    bits = value.bit_length()
    return repr(value) if bits <= 200 else f"<int of {bits} bits>"


def _short_time(value: datetime) -> str:
    try:
        return value.isoformat()
    except Exception:  # noqa: BLE001 - tzinfo is the caller's own class and may fail in any way
        return "<datetime>"


def _count(value: Sized) -> str:
    return f"a list of {len(value)} item{'s' * (len(value) != 1)}"


# By exact type, so that printing runs no method of the caller's own types.
_PRINTED: Mapping[type, Callable[[Any], str]] = {
    str: _short_text,
    bytes: _short_bytes,
    bytearray: _short_bytes,
    int: _short_int,
    bool: repr,
    float: repr,
    type(None): repr,
    datetime: _short_time,
    list: _count,
    tuple: _count,
}


# ---------------------------------------------------------------------- misspelt names


def nearest(name: object, known: Iterable[str]) -> str | None:
    """Return the known name that a misspelt one probably stands for, None where none is near."""
    by_lower = {each.lower(): each for each in known}
    near = get_close_matches(name[:_LONGEST_VALUE].lower(), by_lower, n=1) if isinstance(name, str) else []
    return by_lower[near[0]] if near else None


def did_you_mean(name: object, known: Iterable[str], otherwise: str = "") -> str:
    """Return the end of a message about an unknown name: `; did you mean 'x'?`, or else `otherwise`."""
    near = nearest(name, known)
    return f"; did you mean {near!r}?" if near else otherwise
