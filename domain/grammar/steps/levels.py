"""Stops and targets: the numbers after "SL", "PT 125% TS 30%", "TP .45 / .55 / .75", "SL if it loses 106"."""

from decimal import Decimal

from domain.alerts import Level
from domain.grammar.order import Order
from domain.grammar.vocabulary.kinds import Kind, Token
from domain.grammar.vocabulary.symbols import word_set

_NUMBERS = frozenset({Kind.NUMBER, Kind.MONEY})
_LINKS = frozenset({Kind.AT, Kind.COLON, Kind.CONNECTIVE, Kind.DASH})
_LINK_WORDS = word_set("is set = ~ around near it once the")
_UNDERLYING_WORDS = word_set("if below under above over loses lose underlying breaks break")
_BETWEEN = frozenset({Kind.SLASH, Kind.COMMA, Kind.PLUS})
_LINKS_MAX = 5


def read_levels(order: Order, tokens: list[Token], at: int) -> tuple[list[Level], int] | None:
    """Return the levels after a stop's or target's word and the index behind them, None where no value follows."""
    at, underlying = _skip_links(tokens, at)
    levels: list[Level] = []
    while True:
        token = tokens[at]
        if token.kind is Kind.NUMBER and tokens[at + 1].kind is Kind.COLON:  # "TP 1: 2.75"
            at += 2
            continue
        level = _level(order, token, underlying=underlying)
        if level is None:
            break
        trail, at = _trail(tokens, at + 1)
        levels.append(Level(level.value, level.basis, trail))
        between = tokens[at].kind in _BETWEEN or tokens[at].text == "and"
        if not between or _level(order, tokens[at + 1], underlying=underlying) is None:
            break
        at += 1
    if not levels:
        return None
    if tokens[at].kind is Kind.OPENING and tokens[at + 1].text in {"runners", "runner"}:
        at += 3
    return levels, at


def _skip_links(tokens: list[Token], at: int) -> tuple[int, bool]:
    underlying = False
    for _ in range(_LINKS_MAX):
        token = tokens[at]
        if token.text in _UNDERLYING_WORDS:
            underlying = True
        elif token.kind not in _LINKS and token.text not in _LINK_WORDS:
            break
        at += 1
    return at, underlying


def _level(order: Order, token: Token, *, underlying: bool) -> Level | None:
    if token.kind is Kind.PERCENT:
        return Level(token.value, "percent")
    if token.kind is Kind.BREAK_EVEN:
        return Level("breakeven", "text")
    if token.kind not in _NUMBERS:
        return None
    if order.strike is None:
        return Level(token.value, "price")
    far = order.price is not None and Decimal(token.value) > 10 * order.price
    return Level(token.value, "underlying" if underlying or far else "premium")


def _trail(tokens: list[Token], at: int) -> tuple[str | None, int]:
    if tokens[at].kind is Kind.TRAIL and tokens[at + 1].kind is Kind.PERCENT:
        return tokens[at + 1].value, at + 2
    return None, at
