"""The snapshot's file beside the log: written whole or not at all, and believed only where it belongs to log and code.

Its first line names the log, the row that it stands after with its hash, and the code whose rules led to the state.
Then come the state's lines, at last their checksum. Other rules may lead to another state, so every change of the code
that a state follows from makes the snapshot void. Nothing in it is a record: deleting it is always safe.
"""

import json
import logging
import os
import time
from hashlib import sha256
from itertools import chain
from pathlib import Path
from threading import Lock

import domain
from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.sqlite.state_codec import StateCodecError, decode_state, encode_state
from ports.errors import AuditUnavailableError
from ports.snapshots import Snapshot, Snapshots

OWNER_ONLY = 0o600
FORMAT = 1
# So long other threads have the interpreter after each line of a gentle save, which itself takes less than that.
REST_SECONDS = 0.0005
_FAILURES = (OSError, ValueError, LookupError, TypeError, StateCodecError, AuditUnavailableError)
_LOG = logging.getLogger(__name__)


class SnapshotFile(Snapshots):
    """The snapshot of `log`, in the file `path`."""

    def __init__(self, path: Path, log: SqliteAuditLog) -> None:
        self._path, self._log = path, log
        self._saving = Lock()
        self._newest = 0
        self._asked = 0
        self._code = code_fingerprint()  # now: files that an update changes later are not what this process runs

    def load(self) -> Snapshot | None:
        try:
            snapshot = self._read(self._path.read_text("ascii"))
        except FileNotFoundError:
            return None
        except _FAILURES as error:
            _LOG.warning("snapshot %s is not used, the whole log is replayed: %s", self._path, error)
            return None
        _LOG.info("snapshot %s stands after row %d of the log", self._path, snapshot.seq)
        return snapshot

    def save(self, snapshot: Snapshot, *, gently: bool = False) -> None:
        self._newest = max(self._newest, snapshot.seq)
        self._asked = mine = self._asked + 1
        try:
            with self._saving:
                self._write(snapshot, mine, gently=gently)
        except _FAILURES as error:
            _LOG.warning("snapshot %s could not be written, the next start takes longer: %s", self._path, error)

    # ---- reading -----------------------------------------------------------------------------------------------------

    def _read(self, text: str) -> Snapshot:
        body, _, last = text.removesuffix("\n").rpartition("\n")
        if last != _checksum_line(sha256(f"{body}\n".encode("ascii")).hexdigest()):
            raise ValueError("it is damaged: its checksum is not that of its content")
        first, *lines = body.split("\n")
        seq = json.loads(first)["seq"]
        if first != self._first_line(seq):
            raise ValueError(f"after row {seq}, it belongs to another log or to another version of alert-trader")
        return Snapshot(seq, decode_state(lines))

    # ---- writing -----------------------------------------------------------------------------------------------------

    def _write(self, snapshot: Snapshot, mine: int, *, gently: bool) -> None:
        first = self._first_line(snapshot.seq)
        draft = self._path.with_name(f"{self._path.name}.new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY), "wb") as out:
            digest = sha256()
            for line in chain((first,), encode_state(snapshot.state)):
                if gently and (snapshot.seq < self._newest or mine < self._asked):
                    return
                written = f"{line}\n".encode("ascii")
                digest.update(written)
                out.write(written)
                if gently:
                    time.sleep(REST_SECONDS)
            out.write(f"{_checksum_line(digest.hexdigest())}\n".encode("ascii"))
            out.flush()
            os.fsync(out.fileno())
        draft.replace(self._path)
        _sync_folder(self._path.parent)

    def _first_line(self, seq: int) -> str:
        database_id, row_hash = self._log.database_id(), self._log.durable_hash(seq)
        return json.dumps(
            {"format": FORMAT, "database_id": database_id, "seq": seq, "hash": row_hash, "code": self._code}
        )


def _checksum_line(checksum: str) -> str:
    return json.dumps({"sha256": checksum})


def code_fingerprint() -> str:
    """Return a hash of all code that a state follows from, as it lies on the disk: rules, and how rows are read."""
    rules = Path(domain.__file__).parent
    sources = [(path.relative_to(rules).as_posix(), path) for path in sorted(rules.rglob("*.py"))]
    sources += [(name, Path(__file__).with_name(name)) for name in ("codec.py", "hooks.py", "state_codec.py")]
    digest = sha256()
    for name, path in sources:
        digest.update(f"{name} {sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
