"""Strangers' words made harmless for a terminal, which obeys what it is shown."""


def printable(text: str) -> str:
    """Return `text` with a space for each character that would not be seen: escapes, line ends, turned directions."""
    return text if text.isprintable() else "".join(char if char.isprintable() else " " for char in text)
