"""The stand-in is only worth something if the SDK's own models take what it says, with every key they require."""

from decimal import Decimal

from tastytrade import Account
from tastytrade.account import AccountBalance, CurrentPosition
from tastytrade.instruments import Equity, Future, NestedOptionChain, Option
from tastytrade.market_data import get_market_data_by_type
from tastytrade.order import PlacedOrder, UnplacedOrder

from adapters.tastytrade.payloads import sdk_order
from tests.wire.tastytrade import listings
from tests.wire.tastytrade.bench import EXPIRY, Beside, run
from tests.wire.tastytrade.stand_in import ACCOUNT


def test_the_sdk_reads_what_it_says() -> None:
    async def story(there: Beside) -> None:
        session = there.broker.session.sdk
        (account,) = await Account.get(session)
        assert account.account_number == ACCOUNT
        payload = sdk_order(await there.order(), "alert-trader/0.1.0")
        dry = await account.place_order(session, payload, dry_run=True)
        assert isinstance(dry.order, UnplacedOrder)
        placed = await account.place_order(session, payload, dry_run=False)
        assert placed.order.price == Decimal("-0.70")
        replaced = await account.replace_order(session, placed.order.id, payload)
        assert replaced.replaces_order_id == placed.order.id
        there.stand_in.ledger.fill(replaced.id, 4, Decimal("0.70"))
        orders = await account.get_live_orders(session) + await account.get_order_history(session, page_offset=None)
        assert all(isinstance(order, PlacedOrder) for order in orders)
        assert len(orders) == 4
        assert isinstance(await account.get_balances(session), AccountBalance)
        (position,) = await account.get_positions(session)
        assert isinstance(position, CurrentPosition)
        (chain,) = await NestedOptionChain.get(session, "UBER")
        assert chain.expirations[0].expiration_date == EXPIRY
        option = await Option.get(session, chain.expirations[0].strikes[0].put)
        assert option.strike_price == 77
        there.stand_in.pages |= {"UBER": listings.equity_page("UBER"), "/ESZ6": listings.future_page("/ESZ6")}
        assert (await Equity.get(session, "UBER")).symbol == "UBER"
        (future,) = await Future.get(session, product_codes=["ES"])
        assert future.symbol == "/ESZ6"
        await there.stand_in.set_book(option.symbol, Decimal("0.74"), None)
        (quote,) = await get_market_data_by_type(session, options=[option.symbol])
        assert (quote.bid, quote.ask) == (Decimal("0.74"), None)

    run(story)
