"""Fills that the broker takes back or corrects after it has told of them, in its own books first."""

from collections.abc import Iterator

from attrs import evolve

from adapters.simulated.exchange.book import BookOrder
from composition.simulation.days.plan import Amendment, Correction
from composition.simulation.market import Market
from composition.simulation.truth.witness import Witness
from domain.orders import Fill
from ports.clock import Clock


def correct_fill(market: Market, witness: Witness, clock: Clock, wanted: Correction) -> None:
    """Take back or correct one fill of an ended order, where there is one that the account can give back."""
    able = [(order, fill) for order, fill in _fills(market) if _can(market, order, fill, wanted.what)]
    if not able:
        return
    order, fill = able[wanted.index % len(able)]
    name = order.client_order_id or ""
    witness.strike(clock.now(), wanted.what, f"{fill.fill_id} of {name}: {fill.quantity} @ {fill.price}")
    amended = _amended(order, fill, wanted.what)
    for known in (fill, amended):
        if known is not None:
            witness.amended.setdefault(known.fill_id, (name, known))
    if wanted.what is Amendment.RENAME:
        witness.renamed.add(name)
    else:
        witness.changed[name] += fill.quantity
    witness.amended_symbols.add(order.contract.symbol)
    witness.amended_at = clock.now()
    market.broker.amend_fill(order.broker_order_id, fill.fill_id, amended, clock.now())


def _fills(market: Market) -> Iterator[tuple[BookOrder, Fill]]:
    for order in market.broker.register.all():
        if order.has_ended and order.client_order_id is not None:
            yield from ((order, fill) for fill in order.fills)


def _can(market: Market, order: BookOrder, fill: Fill, what: Amendment) -> bool:
    """Whether the books can undo the fill first: what a buy brought must still be held."""
    if what is Amendment.QUANTITY and fill.quantity == 1:
        return False
    return not order.side.is_buy or market.broker.ledger.held(order.contract.symbol) >= fill.quantity


def _amended(order: BookOrder, fill: Fill, what: Amendment) -> Fill | None:
    match what:
        case Amendment.BUST:
            return None
        case Amendment.PRICE:
            return evolve(fill, price=order.contract.ticks.up(fill.price))
        case Amendment.QUANTITY:
            return evolve(fill, quantity=fill.quantity - 1)
        case Amendment.RENAME:
            return evolve(fill, fill_id=f"{fill.fill_id}R")
