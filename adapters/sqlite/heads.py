"""The heads file: one line of JSON for each head that was signed, appended and never changed.

It is meant to lie on another disk, so that whoever restores or cuts the log does not take it back too. A line is whole
or does not count: a torn one is passed over by readers and followed by a new line. What a line means for a log is
decided in `agreement`.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from adapters.sqlite.chain import Head
from adapters.sqlite.hooks import read_instant, write_instant
from adapters.sqlite.signing import HeadsError, SigningKey, append_durably, is_signed
from domain.value import Value

HASH_DIGITS, KEY_DIGITS, SIGNATURE_DIGITS = 64, 64, 128
FIELDS = {"at", "database_id", "hash", "key", "seq", "signature"}
ACCEPTED_LOSS = "void_above"


@frozen(kw_only=True)
class SignedHead(Value):
    """The log `database_id` ended with `head` at this instant, says the owner of the public key `key`.

    `void_above` is None, or this head was signed when a loss was accepted: heads on earlier lines of a row above that
    one no longer hold.
    """

    database_id: str
    head: Head
    at: datetime
    key: str
    signature: str = ""
    void_above: int | None = None

    def statement(self) -> bytes:
        """Return what is signed: everything but the signature, as canonical JSON."""
        return _json(self._fields()).encode()

    def line(self) -> str:
        """Return it as a line of a heads file, without the line's end."""
        return _json({**self._fields(), "signature": self.signature})

    @property
    def is_genuine(self) -> bool:
        """Whether the owner of `key` signed this, to the letter."""
        return is_signed(self.key, self.statement(), self.signature)

    def _fields(self) -> dict[str, Any]:
        told = {
            "at": write_instant(self.at),
            "database_id": self.database_id,
            "hash": self.head.hash,
            "key": self.key,
            "seq": self.head.seq,
        }
        return told if self.void_above is None else {**told, ACCEPTED_LOSS: self.void_above}


def sign(key: SigningKey, database_id: str, head: Head, at: datetime, *, void_above: int | None = None) -> SignedHead:
    """Return a head with the signature of `key`."""
    bare = SignedHead(database_id=database_id, head=head, at=at, key=key.public, void_above=void_above)
    return evolve(bare, signature=key.sign(bare.statement()))


def read(path: Path) -> Iterator[tuple[int, SignedHead | None]]:
    """Yield each line's number and head, None for a line that is none; nothing where there is no file.

    Raises HeadsError for a file that cannot be read.
    """
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return
    except OSError as error:
        raise HeadsError(f"the heads file {path} cannot be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield number, _parsed(line)


class HeadKeeper:
    """Signs the heads of the log at `log` and appends them to `heads`, by default the file `.heads` beside the log."""

    def __init__(self, log: Path, heads: Path | None, database_id: str) -> None:
        self.path = heads_path(log, heads)
        self.key_path = key_path(log)
        self._database_id = database_id

    def why_not_readable(self) -> str | None:
        """Return why the heads that were signed so far cannot be read, None where they can, or where there are none."""
        try:
            with self.path.open("rb"):
                return None
        except FileNotFoundError:
            if not self.key_path.exists():
                return None
            return f"The log's signed heads are not at {self.path}, though some were signed; they begin anew"
        except OSError as error:
            return f"The log's signed heads at {self.path} cannot be read: {error}"

    def keep(self, head: Head, at: datetime, *, void_above: int | None = None) -> SignedHead:
        """Sign a durable head, append it and return it. The key is made at the first one.

        Raises HeadsError where that cannot be done. A folder is never made: it would stand in for a disk that is away.
        """
        key = SigningKey.read_or_make(self.key_path)
        signed = sign(key, self._database_id, head, at, void_above=void_above)
        try:
            before = "" if self._ends_with_a_line() else "\n"
            append_durably(self.path, f"{before}{signed.line()}\n".encode())
        except OSError as error:
            raise HeadsError(f"the heads file {self.path} cannot be written: {error}") from error
        return signed

    def _ends_with_a_line(self) -> bool:
        if not self.path.exists():
            return True
        with self.path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(size - 1, 0))
            return file.read(1) in {b"", b"\n"}


def heads_path(log: Path, heads: Path | None) -> Path:
    """Return where the heads of the log at `log` are: `heads`, or beside it."""
    return heads.absolute() if heads is not None else Path(f"{log.resolve()}.heads")


def key_path(log: Path) -> Path:
    """Return where the key of the log at `log` is: beside it."""
    return Path(f"{log.resolve()}.key")


def _parsed(line: bytes) -> SignedHead | None:
    try:
        found = json.loads(line)
        if not isinstance(found, dict) or not FIELDS <= found.keys() <= FIELDS | {ACCEPTED_LOSS}:
            return None
        parsed = SignedHead(
            database_id=_text(found["database_id"]),
            head=Head(_number(found["seq"]), _digits(found["hash"], HASH_DIGITS)),
            at=read_instant(_text(found["at"])),
            key=_digits(found["key"], KEY_DIGITS),
            signature=_digits(found["signature"], SIGNATURE_DIGITS),
            void_above=_number(found[ACCEPTED_LOSS]) if ACCEPTED_LOSS in found else None,
        )
    except (ValueError, RecursionError):  # what is no JSON and no text are ValueErrors too
        return None
    return parsed if parsed.line().encode() == line else None  # one form for one head, to the letter


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")  # noqa: TRY004 - read as any other wrong line
    return value


def _number(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError(f"{value!r} is no row")
    return value


def _digits(value: object, count: int) -> str:
    text = _text(value)
    if len(text) != count or not set(text) <= set("0123456789abcdef"):
        raise ValueError(f"{text!r} is not {count} hexadecimal digits")
    return text


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
