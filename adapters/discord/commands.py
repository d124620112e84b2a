"""What an operator types, as what he asks for: pure text in, one action out. Nothing is done here.

A command begins with `!tt` or `!allowlist` as a word of its own. What follows is read strictly: a command that is not
exactly right becomes `Help` with the reason, never something near it.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from attrs import frozen

from domain.allowlist import ListName
from domain.value import Value

PREFIXES = frozenset({"!tt", "!allowlist"})
REASON_LENGTH_MAX = 200
_ORDER_ID = re.compile(r"#?([A-Za-z0-9-]{1,40})")
_PRICE = re.compile(r"\$?([0-9]{1,6}(?:\.[0-9]{1,4})?|\.[0-9]{1,4})")
_SYMBOL = re.compile(r"\$?([A-Za-z0-9./ ]{1,24})")
_ID = re.compile(r"(?:<(?P<sign>@!?|#))?(?P<number>[0-9]{1,19})>?")
_SIGNS = {ListName.USER: ("@", "@!"), ListName.CHANNEL: ("#",)}
SECRETS = "it takes nothing after it: secrets are never accepted in chat. Delete what you sent, and renew that secret"


@frozen
class Help(Value):
    """How it is done; `problem` says what was not understood, empty where help was asked for."""

    problem: str = ""


@frozen
class Status(Value):
    pass


@frozen
class ShowAccount(Value):
    pass


@frozen
class ShowPositions(Value):
    pass


@frozen
class ShowOrders(Value):
    pass


@frozen
class ShowOrder(Value):
    order_id: str


@frozen
class Cancel(Value):
    order_id: str


@frozen
class Replace(Value):
    order_id: str
    price: Decimal


@frozen
class Close(Value):
    symbol: str


@frozen
class Halt(Value):
    reason: str


@frozen
class Resume(Value):
    reason: str


@frozen
class Explain(Value):
    text: str


@frozen
class AuthStatus(Value):
    pass


@frozen
class AuthRefresh(Value):
    pass


@frozen
class ShowAllowlist(Value):
    pass


@frozen
class ChangeAllowlist(Value):
    name: ListName
    number: int
    allowed: bool


Action = (
    Help
    | Status
    | ShowAccount
    | ShowPositions
    | ShowOrders
    | ShowOrder
    | Cancel
    | Replace
    | Close
    | Halt
    | Resume
    | Explain
    | AuthStatus
    | AuthRefresh
    | ShowAllowlist
    | ChangeAllowlist
)


class UsageError(Exception):
    """A command that is not as it must be. The message says how it is, and repeats nothing that was typed."""


def is_command(text: str) -> bool:
    """Return whether a message is a command, rightly written or not: then it is nothing else."""
    return _first_word(text)[0].lower() in PREFIXES


def name_of(text: str) -> str:
    """Return the known command that a text names, for the log: never anything else that was typed."""
    prefix, rest = _first_word(text)
    verb = _first_word(rest)[0].lower()
    known = COMMANDS if prefix.lower() == "!tt" else LISTS
    return f"{prefix.lower()} {verb}" if verb in known else f"{prefix.lower()} (unknown)"


def parse(text: str) -> Action:
    """Return what a command asks for; `Help` with the problem for one that is not exactly right."""
    prefix, rest = _first_word(text)
    known = COMMANDS if prefix.lower() == "!tt" else LISTS
    verb, argument = _first_word(rest)
    if not verb:
        return Help()
    read = known.get(verb.lower())
    if read is None:
        return Help("there is no such command")
    try:
        return read(argument)
    except UsageError as error:
        return Help(f"{prefix.lower()} {verb.lower()}: {error}")


def _first_word(text: str) -> tuple[str, str]:
    first, *rest = text.strip().split(maxsplit=1)[:2] or [""]
    return first, rest[0].strip() if rest else ""


# ---- one reader for each command -----------------------------------------------------------------------------------


def _alone(action: Action) -> Callable[[str], Action]:
    def read(argument: str) -> Action:
        if argument:
            raise UsageError("it takes nothing after it")
        return action

    return read


def _order(argument: str) -> Action:
    return ShowOrder(_order_id(argument))


def _cancel(argument: str) -> Action:
    return Cancel(_order_id(argument))


def _replace(argument: str) -> Action:
    order_id, price = _first_word(argument)
    found = _PRICE.fullmatch(price)
    if found is None or not Decimal(found[1]):
        raise UsageError("it takes an order id and a price, such as !tt replace 123456 1.25")
    return Replace(_order_id(order_id), Decimal(found[1]))


def _close(argument: str) -> Action:
    found = _SYMBOL.fullmatch(argument)
    if found is None:
        raise UsageError("it takes a symbol, such as !tt close SPY")
    return Close(found[1].upper())


def _halt(argument: str) -> Action:
    return Halt(_reason(argument))


def _resume(argument: str) -> Action:
    return Resume(_reason(argument))


def _explain(argument: str) -> Action:
    if not argument:
        raise UsageError("it takes an alert's text, such as !tt explain BTO UBER 78p 12/05 @ 0.75")
    return Explain(argument)


def _auth(argument: str) -> Action:
    verb, rest = _first_word(argument)
    actions: Mapping[str, Action] = {"status": AuthStatus(), "refresh": AuthRefresh()}
    if verb.lower() not in actions:
        raise UsageError("it takes status or refresh")
    if rest:
        raise UsageError(SECRETS)
    return actions[verb.lower()]


def _change(*, allowed: bool) -> Callable[[str], Action]:
    def read(argument: str) -> Action:
        kind, number = _first_word(argument)
        found = _ID.fullmatch(number)
        if kind.lower() not in set(ListName) or found is None:
            raise UsageError("it takes user or channel and an id, such as !allowlist add user 123456789012345678")
        name = ListName(kind.lower())
        sign = found["sign"]
        if (sign is not None) != number.endswith(">") or (sign is not None and sign not in _SIGNS[name]):
            raise UsageError(f"that is no id of a {name}")
        return ChangeAllowlist(name, int(found["number"]), allowed)

    return read


def _order_id(text: str) -> str:
    found = _ORDER_ID.fullmatch(text)
    if found is None:
        raise UsageError("it takes an order id, as !tt orders shows it")
    return found[1]


def _reason(argument: str) -> str:
    if len(argument) > REASON_LENGTH_MAX:
        raise UsageError(f"the reason has at most {REASON_LENGTH_MAX} characters")
    return " ".join(argument.split())


COMMANDS: Mapping[str, Callable[[str], Action]] = {
    "help": _alone(Help()),
    "status": _alone(Status()),
    "account": _alone(ShowAccount()),
    "accounts": _alone(ShowAccount()),
    "positions": _alone(ShowPositions()),
    "orders": _alone(ShowOrders()),
    "order": _order,
    "cancel": _cancel,
    "replace": _replace,
    "close": _close,
    "halt": _halt,
    "resume": _resume,
    "explain": _explain,
    "auth": _auth,
}
LISTS: Mapping[str, Callable[[str], Action]] = {
    "list": _alone(ShowAllowlist()),
    "add": _change(allowed=True),
    "remove": _change(allowed=False),
}
