"""The session as an operator sees it."""

from adapters.tastytrade.session import TastytradeSession
from ports.authorization import Authorization


class TastytradeAuthorization(Authorization):
    def __init__(self, session: TastytradeSession) -> None:
        self._session = session

    async def refresh(self) -> None:
        await self._session.renew()

    def describe(self) -> str:
        where = "certification environment" if self._session.endpoints.sandbox else "production"
        place = f"Tastytrade {where}, account {self._session.shown_account}"
        if self._session.refusal is not None:
            return f"{place}: {self._session.refusal}"
        left = self._session.token_seconds
        if left <= 0:
            return f"{place}: no access token yet; one is fetched at the next request"
        return f"{place}: the access token is good for {left:.0f} s and is renewed by itself"
