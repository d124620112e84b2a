"""Text as typed -> plain lower-case ASCII where that is safe, with what could deceive a reader kept visible as `MARK`.

Look-alike letters become the letters they imitate, decoration becomes a space. Characters whose plain form would
invent a digit (superscripts, circled numbers, keycaps) or reorder the text are never repaired: they become `MARK`.
"""

import unicodedata

MARK = "\ufffd"  # a character that no careful reader would trade on

# An alert is written with a few dozen characters: a text of more distinct ones is no alert in any reading.
DISTINCT_MAX = 150

_LOOK_ALIKES = dict(
    zip("авсеёнкмортхуүіѕјһԁԛԝӏαβεικνορτυχηζμ", "abceehkmoptxyyisjhdqwlabeiknoptuxhzm", strict=True),
)
_VULGAR_FRACTIONS = {"½": " 1/2 ", "⅓": " 1/3 ", "⅔": " 2/3 ", "¼": " 1/4 ", "¾": " 3/4 "}
_REFUSING_EMOJI = "❌✖❎🚫⛔👎🛑"
_REPLACED = {
    **_VULGAR_FRACTIONS,
    **dict.fromkeys(_REFUSING_EMOJI, f" {MARK} "),
    **dict.fromkeys("→➡⇒➜➔⟶", " -> "),
    **dict.fromkeys("’‘ʼ´", "'"),
    **dict.fromkeys("“”„«»", '"'),
    "\u20e3": MARK,  # keycap: the digit before it is a picture
    "×": "x",
    "•": " | ",
    "…": " ... ",
    "−": "-",
    "⁄": "/",
    "∕": "/",
}
_TABLE = str.maketrans(_REPLACED)
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ASCII_TABLE = str.maketrans(dict.fromkeys("\t\r\x0b\x0c\x1c\x1d\x1e\x1f`*", " "))


def normalise(text: str) -> str:
    """Return the text in lower case with decoration, look-alikes and invisible characters resolved."""
    if not text.isascii():
        if len(set(text)) > DISTINCT_MAX:
            return MARK
        text = text.translate(_Plain(_TABLE))
    text = text.lower().translate(_ASCII_TABLE)
    while "  " in text:
        text = text.replace("  ", " ")
    return text


class _Plain(dict[int, str]):
    """What each character becomes, worked out once for each that occurs."""

    def __missing__(self, point: int) -> str:
        plain = self[point] = _plain(chr(point))
        return plain


def _plain(character: str) -> str:
    if character.isascii() or character == MARK:
        return character
    category = unicodedata.category(character)
    if category == "No" or character in _BIDI_CONTROLS:
        return MARK
    plain = unicodedata.normalize("NFKC", character)
    if plain.isascii():
        return plain
    lowered = plain.lower()
    if lowered in _LOOK_ALIKES:
        return _LOOK_ALIKES[lowered]
    return _decoration(category)


def _decoration(category: str) -> str:
    """Invisible characters vanish, dashes and quotes keep their sense, pictures become a space, the rest is marked."""
    if category in {"Cf", "Mn", "Me"}:
        return ""
    if category == "Pd":
        return "-"
    if category in {"Sm", "Sc"}:  # "≤ 1.20", "€1.20"
        return MARK
    return " " if category[0] in "SZP" else MARK
