"""Looks Tastytrade over before the desk relies on it: credentials, account, what it may trade. With reads only."""

from adapters.tastytrade.account import AccountNotFoundError, TastytradeAccount
from adapters.tastytrade.classification import NotFoundError
from adapters.tastytrade.json_values import Json, mapping, text
from adapters.tastytrade.retrying import Retries
from adapters.tastytrade.session import TastytradeSession
from ports.errors import PortProtocolError, PortUnauthorizedError, PortUnavailableError
from ports.examination import Examination, Finding, Outcome

CREDENTIALS, ACCOUNT, OPTIONS, TRADING = "Tastytrade credentials", "account", "options level", "trading status"
AWAY = "ask again; look at the network if it stays"
# What the broker says of an account that may buy options; other words are shown to a person.
BUYING_LEVELS = frozenset({"no restrictions", "defined risk spreads", "limited"})
NOT_BUYING = ("no option", "none", "disabled", "not permitted", "closing")
# Flag by flag: what it means where it is true.
FLAGS = {
    "is-closed": "closed",
    "is-frozen": "frozen",
    "is-closing-only": "closing only",
    "is-risk-reducing-only": "risk reducing only",
}


class TastytradeExamination(Examination):
    def __init__(self, session: TastytradeSession, account: TastytradeAccount) -> None:
        self._session = session
        self._account = account

    async def examine(self) -> tuple[Finding, ...]:
        try:
            await self._session.authorize()
        except PortUnauthorizedError as error:
            told, _, mend = str(error).partition(": ")
            return (_found(CREDENTIALS, Outcome.NO, told, mend, stops=True),)
        except PortUnavailableError as error:
            return (_found(CREDENTIALS, Outcome.UNKNOWN, str(error), AWAY),)
        signed_in = _found(CREDENTIALS, Outcome.OK, "the refresh token is good")
        owned = await self._owned()
        return (signed_in, owned) if owned.stops else (signed_in, owned, *await self._allowed())

    async def _owned(self) -> Finding:
        try:
            await self._account.confirm()
        except AccountNotFoundError as error:
            told, _, mend = str(error).partition(": ")
            return _found(ACCOUNT, Outcome.NO, told, mend, stops=True)
        except (PortUnavailableError, PortUnauthorizedError, PortProtocolError) as error:
            return _found(ACCOUNT, Outcome.UNKNOWN, str(error), AWAY)
        return _found(ACCOUNT, Outcome.OK, f"{self._session.shown_account} is open and belongs to this login")

    async def _allowed(self) -> tuple[Finding, ...]:
        path = f"/accounts/{self._session.account}/trading-status"
        try:
            envelope = await self._session.read("trading_status", path, listed=False, retries=Retries(attempts=2))
        except NotFoundError:
            return (_found(TRADING, Outcome.UNKNOWN, "the broker has no trading status for this account", AWAY),)
        except (PortUnavailableError, PortUnauthorizedError, PortProtocolError) as error:
            return (_found(TRADING, Outcome.UNKNOWN, str(error), AWAY),)
        told = mapping(envelope["data"])
        return (_options(told), _trading(told))


def _options(told: Json) -> Finding:
    level = text(told.get("options-level"))
    if level is None:
        return _found(OPTIONS, Outcome.UNKNOWN, "the broker tells none", "make sure that options may be bought")
    if any(word in level.lower() for word in NOT_BUYING):
        mend = "ask the broker for a level that allows buying options"
        return _found(OPTIONS, Outcome.NO, f"{level}: options cannot be bought", mend)
    if level.lower() in BUYING_LEVELS:
        return _found(OPTIONS, Outcome.OK, f"{level}: options can be bought")
    return _found(OPTIONS, Outcome.UNKNOWN, f"{level!r} is not known here", "make sure that it allows buying options")


def _trading(told: Json) -> Finding:
    held = [words for flag, words in FLAGS.items() if told.get(flag) is True]
    if held:
        mend = "the account takes no new positions: ask the broker why"
        return _found(TRADING, Outcome.NO, f"the account is {', '.join(held)}", mend)
    return _found(TRADING, Outcome.OK, "the account may open positions")


def _found(check: str, outcome: Outcome, told: str, mend: str = "", *, stops: bool = False) -> Finding:
    return Finding(check=check, outcome=outcome, told=told, mend=mend, stops=stops)
