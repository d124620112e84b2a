"""The file that the paper account survives a restart in: written whole, or not at all.

It knows bytes and JSON, not what an account is. A file that cannot be read stops the start: a fresh account in its
place would hide what was held.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

OWNER_ONLY = 0o600


class PaperAccountFileError(Exception):
    """The paper account's file cannot be read or written. The message names it and says what to do."""


class PaperAccountFile:
    """One JSON file beside the database. `save` leaves either the old account in it or the new one, never a mixture."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> Mapping[str, Any] | None:
        """Return what was saved last, None where nothing ever was. Raises PaperAccountFileError for a broken file."""
        try:
            text = self.path.read_text("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise self.broken(error) from error
        try:
            data = json.loads(text)
        except ValueError as error:
            raise self.broken(error) from error
        if not isinstance(data, dict):
            raise self.broken(f"it holds a {type(data).__name__} instead of an object")
        return data

    def save(self, data: Mapping[str, Any]) -> None:
        """Replace the file by `data`, durable when this returns. Raises PaperAccountFileError when it could not."""
        beside = self.path.with_name(f"{self.path.name}.new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            beside.unlink(missing_ok=True)
            beside.touch(mode=OWNER_ONLY)
            with beside.open("w", encoding="utf-8") as file:
                json.dump(data, file, separators=(",", ":"))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path)
            _sync_directory(self.path.parent)
        except OSError as error:
            raise PaperAccountFileError(
                f"the paper account {self.path} cannot be written: {error}; free space or correct its permissions"
            ) from error

    def broken(self, why: object) -> PaperAccountFileError:
        """Return the error for a file that is there and cannot be used."""
        return PaperAccountFileError(
            f"the paper account {self.path} cannot be read: {why}; put a copy of it back, or start afresh by moving "
            "this file and the paper database beside it away"
        )


def _sync_directory(directory: Path) -> None:
    """Make the renaming itself durable."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
