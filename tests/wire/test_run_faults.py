"""`run` through faults of the wire: one order for each alert, an exit for what filled, the operator told once."""

import asyncio
import json
from decimal import Decimal

import pytest
from attrs import define, evolve

from tests.wire.discord.bench import OPERATOR_ROOM, ROOM
from tests.wire.running import ALERT, EXPIRY, Town, story, until
from tests.wire.tastytrade import listings
from tests.wire.tastytrade.faults import Answer, Fault

# The stand-in counts bought contracts as money lost, and several outcomes are unknown on purpose.
TOLERANT = {
    "RISK_MAX_DAY_LOSS": "100",
    "RISK_MAX_UNKNOWNS": "20",
    "RISK_MAX_CONTRACTS": "4",
    "RISK_MAX_ENTRIES_MINUTE": "60",
    "RISK_MAX_ENTRIES_AUTHOR": "50",
    "RISK_MAX_POSITIONS": "20",
    "RISK_MAX_PREMIUM_AT_RISK": "100",
}
SPOILT = (
    Fault(answer=Answer.DROP),
    Fault(answer=Answer.TRUNCATED),
    Fault(answer=Answer.EMPTY),
    Fault(answer=Answer.GARBAGE),
    Fault(answer=Answer.NO_DATA),
    Fault(answer=Answer.HTML, status=502),
    Fault(answer=Answer.STATUS, status=500),
    Fault(answer=Answer.STATUS, status=429, code="too_many_requests"),
    Fault(answer=Answer.STATUS, status=401, code="token_invalid"),
)


@define
class Strike:
    """One of the contracts of a story, each with a fault of its own."""

    made: Town
    strike: int

    @property
    def symbol(self) -> str:
        return listings.occ("UBER", EXPIRY, "P", Decimal(self.strike))

    def sent(self, side: str = "Buy to Open") -> int:
        return sum(body["legs"][0]["symbol"] == self.symbol for body in self.made.sent(side))

    def orders(self, side: str = "Buy to Open", status: str = "Live") -> list[dict]:
        found = self.made.broker.ledger.orders.values()
        legs = [(order, order["legs"][0]) for order in found if order["status"] == status]
        return [order for order, leg in legs if (leg["symbol"], leg["action"]) == (self.symbol, side)]

    async def alert(self) -> None:
        """Have the alert posted, and return when its order has been sent."""
        await self.made.post(ALERT.replace("78p", f"{self.strike}p"))
        await until(lambda: self.sent() == 1)

    async def fill(self, quantity: int = 2, status: str = "Live") -> None:
        """Fill a part of the one order in this status, as soon as there is one."""
        await until(lambda: bool(self.orders(status=status)))
        (order,) = self.orders(status=status)
        self.made.broker.ledger.fill(order["id"], quantity, Decimal(order["price"]))

    async def covered(self, count: int = 1) -> None:
        await until(lambda: sum(int(order["size"]) for order in self.orders("Sell to Close")) == count)

    def told(self, words: str) -> int:
        """Return how often the operator was told something of this contract."""
        said = self.made.said(OPERATOR_ROOM)
        return sum(words in text and f"{self.strike}p" in text for text in said)


async def strikes(made: Town, count: int) -> list[Strike]:
    """List and quote so many contracts, and start the desk."""
    numbers = range(60, 60 + count)
    listed = listings.expiration("UBER", EXPIRY, [f"{number}.0" for number in numbers])
    made.broker.chains["UBER"] = [listings.chain("UBER", "UBER", listed)]
    found = [Strike(made, number) for number in numbers]
    for strike in found:
        await made.broker.set_book(strike.symbol, Decimal("0.74"), Decimal("0.80"))
    await made.ready()
    return found


def test_an_entry_whose_answer_is_spoilt_is_one_order_with_its_exit_and_is_told_once(tmp_path):
    async def tell(made: Town) -> None:
        found = await strikes(made, len(SPOILT))
        made.broker.account_stream.sockets.clear()  # or the stream would tell of the order before anybody asks
        for strike, fault in zip(found, SPOILT, strict=True):
            made.broker.faults.plan("POST", "orders", evolve(fault, does_it=True))
            await strike.alert()
        for strike in found:
            await until(lambda strike=strike: strike.told("No clear answer") == 1)
            await strike.fill(4)
        for strike in found:
            await strike.covered(2)
            assert (strike.sent(), strike.sent("Sell to Close"), strike.told("No clear answer")) == (1, 1, 1)
            await made.says("Placed", f"{strike.strike}p")

    story(tell, tmp_path, **TOLERANT)


def test_an_exit_whose_answer_is_spoilt_is_not_sent_twice_and_pages_once(tmp_path):
    async def tell(made: Town) -> None:
        found = await strikes(made, len(SPOILT))
        for strike in found:
            await strike.alert()
            await made.says("Placed", f"{strike.strike}p")
        made.broker.account_stream.sockets.clear()  # as above
        for strike, fault in zip(found, SPOILT, strict=True):
            made.broker.faults.plan("POST", "orders", evolve(fault, does_it=True))
            await strike.fill()
        for strike in found:
            await until(lambda strike=strike: strike.told("No clear answer") == 1)
            await strike.covered()
        for strike in found:
            await made.says("Exit placed", f"{strike.strike}p")
            assert (strike.sent("Sell to Close"), strike.told("No clear answer")) == (1, 1)

    story(tell, tmp_path, **TOLERANT)


def test_an_exit_that_is_refused_is_sent_again_until_it_stands(tmp_path):
    async def tell(made: Town) -> None:
        (strike,) = await strikes(made, 1)
        await strike.alert()
        await until(lambda: bool(strike.orders()))
        made.broker.faults.plan(
            "POST", "orders", Fault(answer=Answer.STATUS, status=422, code="odd", message="not now")
        )
        await strike.fill()
        await strike.covered()
        assert strike.sent("Sell to Close") == 2
        assert strike.told("not placed (attempt 1)") == 1
        names = [body["external-identifier"] for body in made.sent("Sell to Close")]
        assert len(set(names)) == len(names)

    story(tell, tmp_path, **TOLERANT)


@pytest.mark.slow
def test_an_entry_that_never_arrived_is_not_sent_again_and_is_told(tmp_path):
    async def tell(made: Town) -> None:
        found = await strikes(made, len(SPOILT))
        for strike, fault in zip(found, SPOILT, strict=True):
            made.broker.faults.plan("POST", "orders", fault)
            await strike.alert()
        for strike in found:
            await until(lambda strike=strike: strike.told("never reached the broker") == 1, 140)
        for strike in found:
            assert (strike.sent(), strike.orders(), strike.told("No clear answer")) == (1, [], 1)

    story(tell, tmp_path, **TOLERANT)


SHORT = {"ENTRY_INITIAL_WAIT": "1", "ENTRY_WINDOW": "5", "ENTRY_MAX_INCREMENTS": "1"}
MOMENTS = (
    "step lost",
    "fill during a step",
    pytest.param("fill before a step", marks=pytest.mark.slow),
    pytest.param("cancel lost", marks=pytest.mark.slow),
    "fill before a cancel",
)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_step_or_a_cancel_that_goes_wrong_leaves_what_was_filled_covered_and_nothing_working(tmp_path, moment):
    async def tell(made: Town) -> None:
        (strike,) = await strikes(made, 1)
        faults, held = made.broker.faults, asyncio.Event()
        method = "DELETE" if "cancel" in moment else "PUT"
        if moment == "fill during a step":
            made.broker.replace_takes = 1.0
        else:
            is_lost = "lost" in moment
            faults.plan(method, "order", Fault(answer=Answer.DROP, does_it=True) if is_lost else Fault(hold=held))
        await strike.alert()
        await until(lambda: any(request.method == method for request in made.broker.requests))
        if moment == "step lost":
            await until(lambda: [order["price"] for order in strike.orders()] == ["0.76"])
        if moment != "cancel lost":
            await strike.fill(status="Replace Requested" if moment == "fill during a step" else "Live")
        held.set()
        await until(lambda: any(words in str(made.said()) for words in ("Entry done", "Not filled, cancelled")))
        bought = 0 if moment == "cancel lost" else 2
        await strike.covered(bought // 2)
        await until(lambda: strike.orders() == [])
        assert made.broker.ledger.quantity(strike.symbol) == bought
        assert made.live() == []

    story(tell, tmp_path, **TOLERANT, **SHORT)


def test_an_order_that_the_exchange_rejects_later_is_told_and_not_tried_again(tmp_path):
    async def tell(made: Town) -> None:
        (strike,) = await strikes(made, 1)
        await strike.alert()
        await made.says("Placed")
        (order,) = strike.orders()
        order["reject-reason"] = "Price is off the tick"
        made.broker.ledger.end(order["id"], "Rejected")
        await made.says("rejected", "off the tick")
        assert (len(made.sent()), made.sent("Sell to Close")) == (1, [])

    story(tell, tmp_path, **TOLERANT)


def test_repeated_older_and_unheard_of_news_of_an_order_count_each_fill_once(tmp_path):
    async def tell(made: Town) -> None:
        (strike,) = await strikes(made, 1)
        await strike.alert()
        await made.says("Placed")
        (order,) = strike.orders()
        older = json.loads(json.dumps(order))
        await strike.fill()
        for _ in range(3):
            await made.broker.account_stream.push("Order", order)
        await made.broker.account_stream.push("Order", older)
        await made.broker.account_stream.push("Order", order | {"status": "Of a kind that nobody knows"})
        await made.broker.account_stream.push("Order", {"id": None, "status": 7})
        await strike.covered()
        await strike.fill()
        await strike.covered(2)
        assert made.broker.ledger.quantity(strike.symbol) == 4
        assert len(made.sent()) == 1

    story(tell, tmp_path, **TOLERANT)


def test_a_fill_on_a_silent_stream_is_found_and_covered(tmp_path):
    async def tell(made: Town) -> None:
        (strike,) = await strikes(made, 1)
        await strike.alert()
        await made.says("Placed")
        made.broker.account_stream.sockets.clear()  # open, and nothing comes any more
        await strike.fill()
        await strike.covered()

    story(tell, tmp_path, **TOLERANT)


def test_an_alert_that_discord_delivers_again_and_again_is_one_order(tmp_path):
    async def tell(made: Town) -> None:
        (strike,) = await strikes(made, 1)
        number = await made.post(ALERT.replace("78p", "60p"))
        for _ in range(3):
            await made.discord.repeat(ROOM, number)
        await made.discord.close_all(4000)
        await made.discord.repeat(ROOM, number)
        await strike.fill()
        await made.post(ALERT.replace("78p", "60p"))  # another message, the same order
        await made.says("Duplicate")
        assert len(made.sent()) == 1

    story(tell, tmp_path, **TOLERANT)
