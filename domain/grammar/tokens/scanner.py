"""Plain text -> tokens: one pass of one pattern whose alternatives are possessive, so nothing is tried twice.

A piece that looks like data and fits no alternative whole ("5oo", ".1.01", "12k") becomes one unreadable token.
"""

import re
from collections.abc import Callable
from functools import cache

from domain.grammar.vocabulary.kinds import Kind, Token
from domain.grammar.vocabulary.symbols import FUTURES_ROOTS, SHARED_FUTURES_ROOTS
from domain.grammar.vocabulary.words import MONTHS, WORDS

_MONTH = "|".join(MONTHS)
# Of groups, `(?>…)` and never `(…)*+`: Python 3.11 repeats those wrongly before 3.11.5, and Debian 12 has 3.11.2.
_AMOUNT = r"(?:[0-9]{1,9}+(?>(?:,[0-9]{3}(?![0-9])){0,3})(?>(?:\.[0-9]{1,9}+)?)|\.[0-9]{1,9}+)"
_SHORT = r"(?:[0-9]{1,6}+(?>(?:\.[0-9]{1,3})?)|\.[0-9]{1,3}+)"
_DECIMAL = r"[0-9]{0,6}\.[0-9]{1,4}+"
_ENDS = r"(?![0-9a-z]|[.,][0-9])"
_RIGHT = r"(?:calls?|puts?|cs?|ps?|ce|pe)"

# Name and pattern, tried in this order at each place.
_ALTERNATIVES = (
    ("class_share", r"(?:brk|bf)[./]?[ab](?![a-z0-9])"),
    ("times", r"x ?[0-9]{1,6}(?![0-9a-z.%/])|[0-9]{1,6}(?:x|cts?|cons?|contracts?)(?![0-9a-z])"),
    ("result", r"p ?[/&] ?l(?![a-z0-9])|pnl(?![a-z0-9])"),
    ("word", r"[a-z]++(?>(?:'[a-z]++)*)(?![0-9])"),
    ("dte", rf"[0-9]{{1,3}}[ -]?dte{_ENDS}"),
    ("iso", r"20[0-9][0-9][-/][0-9]{1,2}[-/][0-9]{1,2}(?![0-9a-z/-])"),
    ("mdy", r"[0-9]{1,2}(?:/[0-9]{1,2}/(?:20)?[0-9][0-9]|-[0-9]{1,2}-20[0-9][0-9])(?![0-9a-z/-]|\.[0-9])"),
    ("ratio", r"[0-9]{1,2}/[0-9]{1,2}(?![0-9a-z/%]|\.[0-9])"),
    ("dmy", rf"[0-9]{{1,2}}-?(?:{_MONTH})-?(?:20)?[0-9][0-9]{_ENDS}"),
    ("month_day", rf"(?:{_MONTH})[0-9]{{1,2}}{_ENDS}"),
    ("ordinal", rf"[0-9]{{1,2}}(?:st|nd|rd|th){_ENDS}"),
    ("contract", rf"\$?{_AMOUNT}\$?{_RIGHT}{_ENDS}"),
    ("prefixed", rf"[cp]{_SHORT}(?![0-9a-z%/]|[.,][0-9])"),
    ("percent", rf"[+-]?{_SHORT}(?>(?:-{_SHORT})?) ?%"),
    ("range", rf"\$?{_DECIMAL}(?:-| - )\$?{_DECIMAL}{_ENDS}|\$?[0-9]{{1,6}}-\$?[0-9]{{1,6}}(?![0-9a-z%/.,-])"),
    ("money", rf"\$ ?{_AMOUNT}(?:(?=ts[0-9])|{_ENDS})|{_SHORT}\${_ENDS}"),
    ("number", rf"{_AMOUNT}(?:(?=ts[0-9])|{_ENDS})"),
    ("nth", r"(?:tp|pt|target|t)[1-9](?![0-9.,%a-z/])"),
    ("numbered", r"(?:tp|pt|sl|ts|target)(?=[0-9.])"),
    ("cashtag", r"\$[a-z]{1,6}(?>(?:[./][a-z])?)(?![a-z0-9])"),
    ("glued", r"[.$]{0,3}+[0-9][0-9a-z.,$%/_']*+|[a-z][a-z0-9.,$%_']*+"),
    ("end", r"\n|[.!;|]++"),
    ("mention", r"<[@#:a][^<>\n]{0,80}>|@(?!(?:m|mkt|mrkt|market|be)(?![a-z]))[a-z][a-z_-]++[0-9]{0,4}(?![a-z0-9.])"),
    ("future", r"(?<![a-z0-9])/[a-z0-9]{2,6}(?![a-z0-9/])"),
    ("shortcode", r":[a-z][a-z0-9_+-]{0,40}:"),
    ("struck", r"~~"),
    ("minus", r"(?<![0-9a-z)\]])-(?=[$.]?[0-9])"),
    ("arrow", r"-{1,3}>|={1,3}>"),
    ("sign", r"[\s\S]"),
)


@cache  # compiled with the first text that comes here: to read a core form or chatter nobody waits for it
def _pattern() -> re.Pattern[str]:
    alternatives = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _ALTERNATIVES)
    return re.compile(r"(?>(?:[ #_]|(?<=[a-z])-(?=[a-z]))*)(?:" + alternatives + ")")


_CONTRACT_PARTS = re.compile(rf"\$?({_AMOUNT})\$?([cp])")
_FUTURE_PARTS = re.compile(r"/?([a-z0-9]{1,3}?)([fghjkmnquvxz][0-9]{1,2})?")
_REFUSING_SHORTCODES = frozenset({":x:", ":no_entry:", ":no_entry_sign:", ":octagonal_sign:", ":thumbsdown:"})
# No alert, card or embed has as many words. What follows is not looked at, and the message refused.
PIECES_MAX = 250

_SIGNS = {
    "@": Kind.AT,
    ":": Kind.COLON,
    ",": Kind.COMMA,
    "/": Kind.SLASH,
    "-": Kind.DASH,
    "+": Kind.PLUS,
    "&": Kind.PLUS,
    "(": Kind.OPENING,
    "[": Kind.OPENING,
    ")": Kind.CLOSING,
    "]": Kind.CLOSING,
    "?": Kind.QUESTION,
    ">": Kind.CONDITION,
    "<": Kind.CONDITION,
    "'": Kind.CONNECTIVE,
    '"': Kind.QUOTED,
}
_FUTURES = FUTURES_ROOTS | SHARED_FUTURES_ROOTS


def scan(text: str) -> list[Token]:
    """Return the tokens of a normalised text, in order, decoration and mentions left out."""
    tokens: list[Token] = []
    for number, match in enumerate(_pattern().finditer(text.rstrip(" \n_#"))):
        name = match.lastgroup or ""
        piece = match[name]
        if name == "word":
            word = piece.replace("'", "")
            kind, value = WORDS.get(word) or (Kind.WORD, word)
            tokens.append(Token(kind, word, value))
        elif (kind_and_value := _DATA[name](piece)) is not None:
            tokens.append(Token(kind_and_value[0], piece, kind_and_value[1]))
        if number == PIECES_MAX:
            tokens.append(Token(Kind.TOO_MANY, f"more than {PIECES_MAX} words", ""))
            break
    return tokens


_Meaning = tuple[Kind, str]


def _digits(piece: str) -> str:
    """Return the amount in plain form, as written but for `$`, thousands commas and a missing leading zero."""
    plain = piece.replace("$", "").replace(",", "").strip()
    return f"0{plain}" if plain[0] == "." else plain


def _mdy(piece: str) -> _Meaning:
    month, day, year = piece.replace("-", "/").split("/")
    return Kind.DATE, f"20{year[-2:]}-{month}-{day}"


def _iso(piece: str) -> _Meaning:
    year, month, day = piece.replace("/", "-").split("-")
    return Kind.DATE, f"20{year[-2:]}-{month}-{day}"


def _dmy(piece: str) -> _Meaning:
    plain = piece.replace("-", "")
    at = 1 if plain[1].isalpha() else 2
    year = plain[at + 3 :].lstrip("abcdefghijklmnopqrstuvwxyz")
    return Kind.DATE, f"20{year[-2:]}-{MONTHS[plain[at : at + 3]]}-{plain[:at]}"


def _month_day(piece: str) -> _Meaning:
    return Kind.DATE, f"-{MONTHS[piece[:3]]}-{piece[3:].lstrip('t')}"


def _contract(piece: str) -> _Meaning:
    parts = _CONTRACT_PARTS.match(piece)
    assert parts is not None  # the scanner's own alternative  # noqa: S101
    return Kind.CONTRACT, _digits(parts[1]) + parts[2].upper()


def _range(piece: str) -> _Meaning:
    low, _, high = piece.partition("-")
    return Kind.RANGE, f"{_digits(low.strip())}-{_digits(high.strip())}"


def _glued(piece: str) -> _Meaning:
    parts = _FUTURE_PARTS.fullmatch(piece)
    if parts is not None and parts[1] in _FUTURES and parts[2]:
        return Kind.FUTURE, f"/{piece.upper()}"
    return Kind.MARK, piece


def _future(piece: str) -> _Meaning:
    parts = _FUTURE_PARTS.fullmatch(piece)
    known = parts is not None and parts[1] in _FUTURES
    return (Kind.FUTURE, piece.upper()) if known else (Kind.MARK, piece)


def _sign(piece: str) -> _Meaning:
    return _SIGNS.get(piece, Kind.MARK), piece


def _shortcode(piece: str) -> _Meaning | None:
    return (Kind.MARK, piece) if piece in _REFUSING_SHORTCODES else None


_DATA: dict[str, Callable[[str], _Meaning | None]] = {
    "class_share": lambda piece: (Kind.SYMBOL, f"{piece[:-1].rstrip('./').upper()}.{piece[-1].upper()}"),
    "result": lambda piece: (Kind.RESULT, piece),
    "dte": lambda piece: (Kind.EXPIRY, str(int(piece.rstrip(" -dte")))),
    "iso": _iso,
    "mdy": _mdy,
    "ratio": lambda piece: (Kind.RATIO, piece),
    "dmy": _dmy,
    "month_day": _month_day,
    "ordinal": lambda piece: (Kind.ORDINAL, piece[:-2]),
    "contract": _contract,
    "prefixed": lambda piece: (Kind.CONTRACT, _digits(piece[1:]) + piece[0].upper()),
    "times": lambda piece: (Kind.QUANTITY, piece.strip("x cotnras")),
    "percent": lambda piece: (Kind.PERCENT, piece.replace(" ", "")),
    "range": _range,
    "money": lambda piece: (Kind.MONEY, _digits(piece)),
    "number": lambda piece: (Kind.NUMBER, _digits(piece)),
    "nth": lambda piece: (Kind.TARGET, piece),
    "numbered": lambda piece: (Kind.STOP if piece == "sl" else Kind.TRAIL if piece == "ts" else Kind.TARGET, piece),
    "cashtag": lambda piece: (Kind.SYMBOL, piece[1:].upper().replace("/", ".")),
    "glued": _glued,
    "end": lambda piece: (Kind.BREAK, piece),
    "mention": lambda _: None,
    "future": _future,
    "shortcode": _shortcode,
    "struck": lambda piece: (Kind.STOP_MOVE, piece),
    "minus": lambda _: (Kind.DASH, "minus"),
    "arrow": lambda piece: (Kind.ARROW, piece),
    "sign": _sign,
}
