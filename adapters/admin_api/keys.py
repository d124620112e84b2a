"""Who may use the admin API: one key, compared without telling how near a guess was, and guesses counted.

Nothing of the web is needed here: a start looks at the key before there is a server.
"""

import hashlib
import hmac
import math
import time
from collections.abc import Callable

KEY_HEADER = "X-Admin-Key"
KEY_LENGTH_MIN = 16
GUESSES_MAX = 5
GUESS_WINDOW = 60.0
PEERS_MAX = 1024


class AdminKey:
    """The key itself is not kept, only its SHA-256 digest."""

    def __init__(self, key: str | None) -> None:
        """Take the key in. Raises ValueError, naming ADMIN_API_KEY and the mend, for none or a weak one."""
        mend = "set it to a random text, such as what `openssl rand -hex 32` prints"
        if not key:
            raise ValueError(f"ADMIN_API_KEY is not set, and the admin API does not start without it: {mend}")
        if len(key) < KEY_LENGTH_MIN:
            raise ValueError(f"ADMIN_API_KEY has {len(key)} characters, at least {KEY_LENGTH_MIN} are needed: {mend}")
        if not key.isascii() or not key.isprintable() or key != key.strip():
            raise ValueError(f"ADMIN_API_KEY holds characters that no HTTP header can carry: {mend}")
        self._digest = _digest(key)

    def matches(self, presented: str) -> bool:
        return hmac.compare_digest(_digest(presented), self._digest)


class Guesses:
    """The different wrong keys that each peer has tried within the last minute, `GUESSES_MAX` at most.

    The same wrong key again is an old configuration and no guess: a forgotten script is never told to leave off.
    """

    def __init__(self, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._elapsed = elapsed
        self._tried: dict[str, dict[bytes, float]] = {}

    def note(self, peer: str, presented: str) -> bool:
        """Remember a wrong key, and return whether it is new. The peers that guessed longest ago are forgotten."""
        tried = self._tried.pop(peer, {})
        digest = _digest(presented)
        is_new = digest not in tried
        if is_new:
            tried[digest] = self._elapsed()
        self._tried[peer] = tried
        if len(self._tried) > PEERS_MAX:
            del self._tried[next(iter(self._tried))]
        return is_new

    def wait(self, peer: str) -> int:
        """Return for how many whole seconds this peer is to send no other wrong key; 0 where it may. Call it first."""
        tried = self._tried.get(peer)
        if tried is None:
            return 0
        now = self._elapsed()
        recent = {digest: at for digest, at in tried.items() if now - at < GUESS_WINDOW}
        if recent:
            self._tried[peer] = recent
        else:
            del self._tried[peer]
        if len(recent) < GUESSES_MAX:
            return 0
        return max(math.ceil(min(recent.values()) + GUESS_WINDOW - now), 1)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
