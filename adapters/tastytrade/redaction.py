"""Keeps secrets out of words: what the broker or a library says is cleaned before it is logged, replied or raised.

The account number counts as a secret; of it the last four characters may be shown.
"""

import logging
import re

MASK = "****"
WORDS_MAX = 300
SHOWN_OF_ACCOUNT = 4
SECRET_MIN = 4  # what is shorter is no secret, and would mask half of every sentence
# These log tokens, or addresses with the account number in them.
TALKATIVE = ("tastytrade", "httpx2", "httpcore2")
_BEARER = re.compile(r"(?i)\bbearer\s+[^\s\"',}]+")


class Redactor:
    """Knows what must not be shown. Access tokens are added as they come; only the last few can still be in use."""

    def __init__(self, *secrets: str) -> None:
        self._secrets = [secret for secret in secrets if len(secret) >= SECRET_MIN]
        self._tokens: list[str] = []

    def add_token(self, token: str) -> None:
        self._tokens = [*self._tokens[-3:], token]

    def clean(self, words: object, limit: int = WORDS_MAX) -> str:
        """Return `words` in one line of at most `limit` characters, with every known secret masked."""
        text = str(words)
        for secret in (*self._secrets, *self._tokens):
            text = text.replace(secret, MASK)
        text = _BEARER.sub(f"Bearer {MASK}", text)
        text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
        return text if len(text) <= limit else f"{text[: limit - 1]}…"


def masked_account(number: str) -> str:
    """Return an account number as it may be shown: its last four characters."""
    return f"{MASK}{number[-SHOWN_OF_ACCOUNT:]}" if len(number) > 2 * SHOWN_OF_ACCOUNT else MASK


def quieten_libraries() -> None:
    """Have the SDK and its HTTP client log warnings only: below that they log tokens and addresses."""
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
