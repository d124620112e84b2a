"""Several legs: verticals, straddles, strangles and condors, read as what they are so that they can be denied.

Only a named structure is read (a spread, a straddle, a debit …, or legs joined by "+"); two strikes alone are refused.
"""

from decimal import Decimal

from domain.alerts import Action, Leg, NotAnAlert, Refusal, Right
from domain.grammar.order import Order, refuse
from domain.grammar.vocabulary.kinds import Kind, Token

RIGHTS = {"C": Right.CALL, "P": Right.PUT}
_AMOUNTS = frozenset({Kind.NUMBER, Kind.MONEY})
_JOINTS = frozenset({Kind.SLASH, Kind.PLUS})
_LEGS_MAX = 4
_PAIR = 2
_CONDORS = frozenset({"ic", "condor", "iron_condor"})
_PAIRS = frozenset({"spread", "spreads", "vertical"})
_OPPOSITE = {
    Action.BUY_TO_OPEN: Action.SELL_TO_OPEN,
    Action.SELL_TO_OPEN: Action.BUY_TO_OPEN,
    Action.SELL_TO_CLOSE: Action.BUY_TO_CLOSE,
    Action.BUY_TO_CLOSE: Action.SELL_TO_CLOSE,
}


def starts_chain(tokens: list[Token], at: int) -> bool:
    """Say whether a strike is followed by another: "680/685", "640C + 640P"."""
    after = tokens[at + 2].kind
    return tokens[at + 1].kind in _JOINTS and (after in _AMOUNTS or after is Kind.CONTRACT)


def read_chain(order: Order, tokens: list[Token], at: int) -> int | NotAnAlert:
    """Read the strikes of a chain into `order.strikes`; a side that only the last one names is everyone's."""
    strikes: list[tuple[str, str | None]] = []
    while True:
        token = tokens[at]
        if token.kind is Kind.CONTRACT:
            strikes.append((token.value[:-1], token.value[-1]))
        else:
            strikes.append((token.value, None))
        order.joined = order.joined or tokens[at + 1].text == "+"
        at += 1
        if not starts_chain(tokens, at - 1):
            break
        at += 1
    if order.strikes or order.symbol is None or order.closed or len(strikes) > _LEGS_MAX:
        return refuse(Refusal.SEVERAL_ORDERS, token)
    order.strikes = tuple(strikes)
    return at


def legs_of(order: Order) -> tuple[Leg, ...] | NotAnAlert:
    """Return the legs of an order that names several strikes or a structure, or why they are not clear."""
    assert order.verb is not None  # `settle` refused an order without one  # noqa: S101
    action = order.verb.action
    if action is Action.SELL_TO_CLOSE and order.effect == "credit" and not order.verb.certain:
        action = Action.SELL_TO_OPEN
    strikes = order.strikes or (((order.loose, None),) if order.loose is not None else ())
    named = order.structure is not None or order.joined or order.effect is not None
    if not named or not strikes or order.symbol is None or order.expiry is None:
        return refuse(Refusal.SEVERAL_ORDERS, f"{order.structure or 'several strikes'} without all its parts")
    if order.structure in _CONDORS:
        return _condor(order, strikes)
    if order.structure in {"straddle", "strangle"}:
        both = [(strikes[-1][0], "C"), (strikes[0][0], "P")]
        clear = len(strikes) == (1 if order.structure == "straddle" else _PAIR) and order.right is None
        return tuple(_leg(order, action, *one) for one in both) if clear else _unclear(order)
    if len(strikes) != _PAIR or order.structure not in {None, *_PAIRS}:
        return _unclear(order)
    sides = [right or strikes[1][1] or order.right for _, right in strikes]
    if order.joined:
        second = action
    elif sides[0] != sides[1] or strikes[0][0] == strikes[1][0]:
        return _unclear(order)
    else:
        second = _OPPOSITE[action]
    if None in sides:
        return refuse(Refusal.NO_SIDE, order.structure or "")
    return (_leg(order, action, strikes[0][0], sides[0]), _leg(order, second, strikes[1][0], sides[1]))


def _condor(order: Order, strikes: tuple[tuple[str, str | None], ...]) -> tuple[Leg, ...] | NotAnAlert:
    """Read the shorthand of an iron condor: the put pair, then the call pair, each with the short strike first."""
    credit = order.effect == "credit" or (order.verb is not None and order.verb.action is Action.SELL_TO_OPEN)
    numbers = [Decimal(strike) for strike, _ in strikes]
    if not credit or len(numbers) != _LEGS_MAX or not numbers[1] < numbers[0] < numbers[2] < numbers[3]:
        return _unclear(order)
    actions = (Action.SELL_TO_OPEN, Action.BUY_TO_OPEN) * _PAIR
    sides = ("P", "P", "C", "C")
    return tuple(
        _leg(order, action, strike, side) for action, (strike, _), side in zip(actions, strikes, sides, strict=True)
    )


def _leg(order: Order, action: Action, strike: str, side: str | None) -> Leg:
    return Leg(action, Decimal(strike), RIGHTS[side] if side is not None else None, order.expiry)


def _unclear(order: Order) -> NotAnAlert:
    return refuse(Refusal.SEVERAL_ORDERS, f"{order.structure or 'legs'}: not clear which is bought and which is sold")
