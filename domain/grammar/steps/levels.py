"""Stops and targets: the numbers after "SL", "PT 125% TS 30%", "TP .45 / .55 / .75", "SL if it loses 106"."""

from decimal import Decimal

from domain.alerts import Level, NotAnAlert, Refusal
from domain.grammar.order import Order, Outcome, Step, refuse
from domain.grammar.vocabulary.kinds import Kind, Token
from domain.grammar.vocabulary.symbols import word_set

_NUMBERS = frozenset({Kind.NUMBER, Kind.MONEY})
_LINKS = frozenset({Kind.AT, Kind.COLON, Kind.CONNECTIVE, Kind.DASH})
_LINK_WORDS = word_set("is set = ~ around near it once the close closes candle daily rest")
_UNDERLYING_WORDS = word_set("if below under above over loses lose underlying breaks break")
_BETWEEN = frozenset({Kind.SLASH, Kind.COMMA, Kind.PLUS})
_RUNNERS = frozenset({"runner", "runners"})
_LEVEL_WORDS = word_set("entry none tight lod hod vwap")
_PLANNED_EXITS = word_set("sell selling out exit trim close")
_LINKS_MAX = 6
FAR_FROM_PREMIUM = 10  # a level so many times the premium is one of the underlying


def read_levels(order: Order, tokens: list[Token], at: int) -> tuple[tuple[Level, ...], int] | None:
    """Return the levels after a stop's or target's word and the index behind them, None where no value follows."""
    at, underlying = _skip_links(tokens, at)
    levels: tuple[Level, ...] = ()
    while True:
        if tokens[at].kind is Kind.NUMBER and tokens[at + 1].kind is Kind.COLON:  # "TP 1: 2.75"
            at += 2
            continue
        more = _levels(order, tokens[at], underlying=underlying)
        if not more:
            break
        trail, at = _trail(tokens, at + 1)
        levels += tuple(Level(level.value, level.basis, trail) for level in more)
        between = tokens[at].kind in _BETWEEN or tokens[at].text == "and"
        if between and _levels(order, tokens[at + 1], underlying=underlying):
            at += 1
        elif not order.priced:  # "PT 2 1.20": the price may still come
            break
    if not levels:
        return None
    if tokens[at].kind is Kind.OPENING and tokens[at + 1].text in _RUNNERS:
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


def _levels(order: Order, token: Token, *, underlying: bool) -> tuple[Level, ...]:
    if token.kind is Kind.PERCENT:
        return (Level(token.value, "percent"),)
    if token.kind is Kind.BREAK_EVEN or token.text in _LEVEL_WORDS:
        return (Level("breakeven" if token.kind is Kind.BREAK_EVEN else token.text, "text"),)
    if token.kind is Kind.RANGE:
        values = token.value.split("-")
    elif token.kind in _NUMBERS:
        values = [token.value]
    else:
        return ()
    return tuple(Level(value, _basis(order, value, underlying=underlying)) for value in values)


def _basis(order: Order, value: str, *, underlying: bool) -> str:
    if order.strike is None:
        return "price"
    far = order.price is not None and Decimal(value) > FAR_FROM_PREMIUM * order.price
    return "underlying" if underlying or far else "premium"


def _trail(tokens: list[Token], at: int) -> tuple[str | None, int]:
    if tokens[at].kind is Kind.TRAIL and tokens[at + 1].kind is Kind.PERCENT:
        return tokens[at + 1].value, at + 2
    return None, at


def planned_exit(order: Order, tokens: list[Token], at: int) -> Outcome:
    """Read "sell at 6.00" or "out at 1.40" after an entry; what was sold already is a story."""
    then = at + 2 if tokens[at + 1].kind is Kind.FRACTION else at + 1
    read = read_levels(order, tokens, then) if tokens[then].kind is Kind.AT else None
    if read is None or tokens[at].text not in _PLANNED_EXITS:
        return refuse(Refusal.SEVERAL_ORDERS, tokens[at])
    levels, then = read
    level = levels[0]
    below = order.price is not None and level.basis in {"premium", "price"} and Decimal(level.value) < order.price
    if below:
        order.stop = level
    else:
        order.targets += levels
    order.closed = True
    return then


def step_stop(order: Order, tokens: list[Token], at: int) -> Outcome:
    read = _remark_levels(order, tokens, at)
    if isinstance(read, NotAnAlert):
        return read
    levels, then = read
    if len(levels) > 1 or order.stop is not None:
        return refuse(Refusal.BAD_VALUE, tokens[at])
    order.stop = levels[0]
    return then


def step_target(order: Order, tokens: list[Token], at: int) -> Outcome:
    read = _remark_levels(order, tokens, at)
    if isinstance(read, NotAnAlert):
        return read
    levels, then = read
    order.targets += levels
    return then


def _remark_levels(order: Order, tokens: list[Token], at: int) -> tuple[tuple[Level, ...], int] | NotAnAlert:
    if not order.complete:
        return refuse(Refusal.STOP_MOVE, tokens[at])
    order.closed = order.about_rest = True
    return read_levels(order, tokens, at + 1) or refuse(Refusal.BAD_VALUE, tokens[at])


LEVEL_STEPS: dict[Kind, Step] = {Kind.STOP: step_stop, Kind.TARGET: step_target}
