"""The access token: when it is renewed, what a refusal means, and that nothing but it is ever asked twice for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from attrs import define

from adapters.tastytrade.account import AccountNotFoundError
from adapters.tastytrade.classification import TastytradeAuthError
from adapters.tastytrade.sdk_session import Credentials, Endpoints
from adapters.tastytrade.session import TastytradeSession
from domain.events import OrderNotSent
from ports.errors import PortUnauthorizedError, PortUnavailableError
from tests.wire.tastytrade.bench import QUICK, Beside, run, until
from tests.wire.tastytrade.faults import Answer, Fault
from tests.wire.tastytrade.stand_in import ACCOUNT, CLIENT_SECRET, REFRESH_TOKEN, TastytradeStandIn, running_stand_in

CREDENTIALS = Credentials(client_secret=CLIENT_SECRET, refresh_token=REFRESH_TOKEN, account=ACCOUNT)
FINAL = [
    (400, {"error": "invalid_grant", "error_description": "Grant revoked"}),
    (400, {"error_code": "invalid_grant", "error_description": "Grant revoked"}),
    (401, {"error": {"code": "invalid_client", "message": "Client authentication failed"}}),
    (401, {"error": "invalid_client"}),
    (403, {"error": {"code": "access_denied", "message": "Denied"}}),
    (400, {"error": "unauthorized_client"}),
]
PASSING = [
    (500, {"error": {"code": "server_error", "message": "An internal error occurred"}}),
    (502, "<html>Bad Gateway</html>"),
    (429, {"error": {"code": "too_many_requests", "message": "Slow down"}}),
    (408, {}),
    (400, {}),
    (200, {}),
    (200, {"token_type": "Bearer"}),
    (400, {"error": "invalid_grant", "error_description": "User is not a TastyTrade customer"}),
]


@define
class Elapsed:
    """Monotonic seconds that a test moves."""

    seconds: float = 1000

    def __call__(self) -> float:
        return self.seconds


@asynccontextmanager
async def signed_in(
    elapsed: Elapsed, lifetime: int | None = 900
) -> AsyncIterator[tuple[TastytradeSession, TastytradeStandIn]]:
    async with running_stand_in() as stand_in:
        stand_in.tokens.lifetime = lifetime
        endpoints = Endpoints(api_url=stand_in.api_url)
        session = TastytradeSession(CREDENTIALS, endpoints, QUICK.retries, elapsed)
        try:
            await session.authorize()
            yield session, stand_in
        finally:
            await session.close()


def test_the_token_is_asked_for_as_documented() -> None:
    async def main() -> None:
        async with signed_in(Elapsed()) as (_, stand_in):
            (asked,) = stand_in.sent("POST", "/oauth/token")
            assert asked.body == {
                "grant_type": "refresh_token",
                "client_secret": CLIENT_SECRET,
                "refresh_token": REFRESH_TOKEN,
            }
            assert "Authorization" not in asked.headers

    asyncio.run(main())


@pytest.mark.parametrize(("lifetime", "used", "renewals"), [
    (900, 779, 0), (900, 781, 1), (None, 779, 0), (None, 781, 1), (60, 29, 0), (60, 31, 1),
])  # fmt: skip
def test_a_token_is_renewed_two_minutes_before_its_end_or_at_half_its_life(
    lifetime: int | None, used: float, renewals: int
) -> None:
    async def main() -> None:
        elapsed = Elapsed()
        async with signed_in(elapsed, lifetime) as (session, stand_in):
            elapsed.seconds += used
            await session.authorize()
            assert stand_in.tokens.issued == 1 + renewals

    asyncio.run(main())


def test_many_at_once_renew_it_once() -> None:
    async def main() -> None:
        elapsed = Elapsed()
        async with signed_in(elapsed) as (session, stand_in):
            elapsed.seconds += 890
            await asyncio.gather(*(session.authorize() for _ in range(8)))
            assert stand_in.tokens.issued == 2

    asyncio.run(main())


@pytest.mark.parametrize(("used", "is_usable"), [(800, True), (890, False)])
def test_a_token_that_cannot_be_renewed_is_used_while_it_is_good(*, used: float, is_usable: bool) -> None:
    async def main() -> None:
        elapsed = Elapsed()
        async with signed_in(elapsed) as (session, stand_in):
            elapsed.seconds += used
            stand_in.tokens.replies = [(503, {})] * 5
            if is_usable:
                await session.authorize()
            else:
                with pytest.raises(PortUnavailableError):
                    await session.authorize()
            assert stand_in.tokens.replies == []

    asyncio.run(main())


def test_a_renewal_that_fails_is_tried_once_in_ten_seconds_while_the_token_is_good() -> None:
    async def main() -> None:
        elapsed = Elapsed()
        async with signed_in(elapsed) as (session, stand_in):
            elapsed.seconds += 800
            stand_in.tokens.replies = [(503, {})] * 10
            await asyncio.gather(*(session.authorize() for _ in range(8)))
            elapsed.seconds += 9
            await asyncio.gather(*(session.authorize() for _ in range(8)))
            assert len(stand_in.tokens.replies) == 5  # of one renewal, which makes five attempts
            elapsed.seconds += 1
            await session.authorize()
            assert stand_in.tokens.replies == []
            elapsed.seconds += 10
            await session.authorize()
            assert stand_in.tokens.issued == 2

    asyncio.run(main())


def test_the_pause_after_a_renewal_that_failed_ends_with_the_token() -> None:
    async def main() -> None:
        elapsed = Elapsed()
        async with signed_in(elapsed) as (session, stand_in):
            elapsed.seconds += 875
            stand_in.tokens.replies = [(503, {})] * 15
            await session.authorize()
            elapsed.seconds += 5  # 20 s are left of it
            for _ in range(2):
                with pytest.raises(PortUnavailableError):
                    await session.authorize()
            assert stand_in.tokens.replies == []

    asyncio.run(main())


def test_a_token_that_the_broker_does_not_take_is_renewed_in_spite_of_the_pause() -> None:
    async def main() -> None:
        elapsed = Elapsed()
        async with signed_in(elapsed) as (session, stand_in):
            elapsed.seconds += 800
            stand_in.tokens.replies = [(503, {})] * 5
            await session.authorize()
            session.distrust_token()
            await session.authorize()
            assert stand_in.tokens.issued == 2

    asyncio.run(main())


def test_the_wall_clock_has_no_say() -> None:
    async def main() -> None:
        async with signed_in(Elapsed(), lifetime=30) as (session, stand_in):
            await session.sdk.refresh()  # what the SDK does in front of every request: by wall clock it would renew now
            assert stand_in.tokens.issued == 1

    asyncio.run(main())


@pytest.mark.parametrize(("status", "reply"), FINAL)
def test_a_refusal_is_final_until_a_person_has_it_tried_again(status: int, reply: object) -> None:
    async def story(there: Beside) -> None:
        there.stand_in.tokens.replies = [(status, reply)]
        with pytest.raises(TastytradeAuthError, match="refuses the credentials"):
            await there.broker.gateway.ensure_authorized()
        for _ in range(3):
            with pytest.raises(PortUnauthorizedError):
                await there.broker.gateway.ensure_authorized()
            with pytest.raises(PortUnauthorizedError):
                await there.broker.account.balances()
        assert len(there.stand_in.sent("POST", "/oauth/token")) == 1
        assert "refuses the credentials" in there.broker.authorization.describe()
        await there.broker.authorization.refresh()
        await there.broker.gateway.ensure_authorized()
        await there.broker.account.balances()

    run(story)


@pytest.mark.parametrize(("status", "reply"), PASSING)
def test_a_failure_that_may_pass_is_tried_again(status: int, reply: object) -> None:
    async def story(there: Beside) -> None:
        there.stand_in.tokens.replies = [(status, reply)] * 4
        await there.broker.gateway.ensure_authorized()
        assert len(there.stand_in.sent("POST", "/oauth/token")) == 5

    run(story)


def test_a_token_that_cannot_be_had_is_no_refusal() -> None:
    async def story(there: Beside) -> None:
        there.stand_in.tokens.replies = [(503, {})] * 5
        with pytest.raises(PortUnavailableError):
            await there.broker.authorization.refresh()
        await there.broker.gateway.ensure_authorized()

    run(story)


def test_a_revoked_grant_refuses_at_the_next_renewal_and_orders_are_not_sent() -> None:
    async def story(there: Beside) -> None:
        order = await there.order()
        there.stand_in.tokens.forget_all()
        there.stand_in.tokens.replies = [FINAL[0]]
        with pytest.raises(PortUnauthorizedError):
            await there.broker.account.balances()
        answer = await there.broker.gateway.submit(order)
        assert isinstance(answer, OrderNotSent)
        assert not answer.retryable
        assert not there.stand_in.sent("POST", "/orders")

    run(story)


def test_wrong_credentials_are_refused() -> None:
    async def story(there: Beside) -> None:
        with pytest.raises(PortUnauthorizedError, match="invalid_grant: Invalid refresh token"):
            await there.broker.open()

    wrong = Credentials(client_secret="other", refresh_token="other", account=ACCOUNT)
    run(story, credentials=wrong)


def test_a_read_that_meets_401_renews_the_token_once_and_is_answered() -> None:
    async def story(there: Beside) -> None:
        await there.broker.account.balances()
        there.stand_in.tokens.forget_all()
        await asyncio.gather(there.broker.account.balances(), there.broker.account.positions())
        assert there.stand_in.tokens.issued == 2

    run(story)


def test_a_401_that_a_new_token_does_not_mend_is_not_repeated_for_ever() -> None:
    async def story(there: Beside) -> None:
        there.stand_in.faults.plan("GET", "USD", *[Fault(answer=Answer.STATUS, status=401)] * 10)
        with pytest.raises(PortUnavailableError, match="401"):
            await there.broker.account.balances()
        assert len(there.stand_in.sent("GET", "/balances/USD")) == 2

    run(story)


def test_the_account_is_confirmed() -> None:
    async def story(there: Beside) -> None:
        await there.broker.open()
        assert "good for" in there.broker.authorization.describe()
        assert ACCOUNT not in there.broker.authorization.describe()

    run(story)


def test_an_account_of_someone_else_is_refused() -> None:
    async def story(there: Beside) -> None:
        with pytest.raises(AccountNotFoundError, match="TASTYTRADE_ACCOUNT"):
            await there.broker.open()

    other = Credentials(client_secret=CLIENT_SECRET, refresh_token=REFRESH_TOKEN, account="5WT99999")
    run(story, credentials=other)


def test_a_proxy_in_the_environment_has_no_say_beside_a_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    async def story(there: Beside) -> None:
        there.broker.order_events.reports()
        there.broker.quotes.start()
        await until(lambda: there.broker.is_connected and there.broker.quotes.is_connected)

    run(story)
