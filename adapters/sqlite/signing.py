"""The key that signs a log's heads: Ed25519, in a file beside the log that only its owner can read.

The file is one line: `ed25519` and the private key, 64 hexadecimal digits. This is the one place that imports
cryptography, and of it the signatures alone: its readers of key files would double that. It knows bytes and files, and
nothing of rows.
"""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

OWNER_ONLY = 0o600
KEY_LINE = re.compile(rb"ed25519 ([0-9a-f]{64})\n")


class HeadsError(Exception):
    """A head could not be signed, kept or read. The message names the file and the mend."""


class SigningKey:
    """A private key. `public` is what others check its signatures with: 64 hexadecimal digits."""

    def __init__(self, private: "Ed25519PrivateKey") -> None:
        self._private = private
        self.public = private.public_key().public_bytes_raw().hex()

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the key in a file. Raises HeadsError where there is none, or something else."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        try:
            line = KEY_LINE.fullmatch(path.read_bytes())
        except FileNotFoundError as error:
            raise HeadsError(f"there is no key {path}: the desk makes it at its first start") from error
        except OSError as error:
            raise HeadsError(f"the key {path} cannot be read ({error}): mend the disk or its rights") from error
        if line is None:
            raise HeadsError(f"{path} holds no line `ed25519` with 64 digits, so it is no key: put the right file back")
        return cls(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(line[1].decode())))

    @classmethod
    def read_or_make(cls, path: Path) -> Self:
        """Return the key in a file, made where there is none: whole or not at all. Raises HeadsError as `read` does."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        if not path.exists():
            made = Ed25519PrivateKey.generate().private_bytes_raw()
            beside = path.with_name(f"{path.name}.new")
            try:
                beside.unlink(missing_ok=True)
                append_durably(beside, b"ed25519 %s\n" % made.hex().encode())
                beside.rename(path)
            except OSError as error:
                raise HeadsError(f"the key {path} cannot be made ({error}): mend the disk or its rights") from error
        return cls.read(path)

    def sign(self, data: bytes) -> str:
        """Return the signature of `data` in hexadecimal; the same for the same data."""
        return self._private.sign(data).hex()


def is_signed(public: str, data: bytes, signature: str) -> bool:
    """Return whether the owner of the key `public` signed `data`."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def append_durably(path: Path, data: bytes) -> None:
    """Append `data` to a file, made for its owner alone where there is none. It is on the disk when this returns.

    Raises OSError; then a part of it may stand at the end.
    """
    is_new = not path.exists()
    descriptor = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY, OWNER_ONLY)
    try:
        written = os.write(descriptor, data)
        if written != len(data):
            raise OSError(f"only {written} of {len(data)} bytes fitted")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if is_new:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
