"""The way of a close: clear the position, decide the quantity, sell it down a mirrored ladder, restore the exits."""

from datetime import timedelta
from decimal import Decimal

from attrs import evolve

from domain.alerts import Alert
from domain.closing import WHOLE, Closing, Portion, close_id, portion_of
from domain.commands import ReadQuote
from domain.desk.entering import decide_due_rung, ladder_moved
from domain.desk.lifecycle import ask_for_rung, progress, withdraw_entry
from domain.desk.positions import explain_loss
from domain.desk.replies import order_name
from domain.desk.turn import Turn
from domain.desk.watching import watch
from domain.events import AlertReceived, CloseFinished, CloseRequested, RequestRefused
from domain.execution import Execution, advance, withdraw
from domain.gate import query_of
from domain.instruments import Contract, ContractQuery
from domain.ladder import LadderPlan, Rung, opening_price, rung_offsets
from domain.orders import Fill, OrderRole, Side
from domain.quotes import Quote
from domain.trade import Trade
from domain.verdicts import AnswerStatus, DenialCode, LadderMove, Severity
from domain.wording import money

# After the window the last limit follows the bid at this pace until all is sold or the session ends.
CLOSE_OUT_EVERY = timedelta(seconds=20)
# By then a cancel is answered and read, and an order without an answer is mostly found.
HINDERED_AFTER = timedelta(minutes=2)


def start_close_alert(turn: Turn, event: AlertReceived, alert: Alert) -> None:
    """Begin what an STC asks for, or deny it with the one reason; only what this system holds is ever sold."""
    message, trade_id = event.message, event.trade_id
    _drop_undecided(turn, trade_id, alert)
    trades = [trade for trade in turn.state.trades.values() if _is_meant(trade, alert)]
    denial = _close_denial(turn, trades, alert.symbol)
    if denial is not None:
        turn.deny(message, trade_id, *denial)
        return
    try:
        portion = portion_of(alert, turn.state.policies.trim_fraction)
    except (ValueError, ZeroDivisionError) as error:
        turn.deny(message, trade_id, DenialCode.UNCLEAR_FRACTION, str(error))
        return
    if message.dry_run:
        held = sum(trade.held for trade in trades)
        text = f"Dry run, nothing placed: would sell {portion.of(held)} of {held} {trades[0].contract.label}."
        turn.tell(message, trade_id, text, status=AnswerStatus.DRY_RUN)
        return
    closing = _new_closing(turn, trades, trade_id, portion, str(message.user_id))
    _start(turn, evolve(closing, message=message, alert=alert))


def start_close_request(turn: Turn, event: CloseRequested) -> None:
    """Begin an operator's close of everything held in a symbol, one close for each contract."""
    symbol = event.symbol.upper()
    trades = [
        trade for trade in turn.state.trades.values() if symbol in {trade.contract.underlying, trade.contract.symbol}
    ]
    groups: dict[str, list[Trade]] = {}
    for trade in trades:
        groups.setdefault(trade.contract.symbol, []).append(trade)
    if not groups:
        turn.emit(RequestRefused(event.by, DenialCode.NO_POSITION, f"nothing is held in {symbol}"))
    for number, group in enumerate(groups.values(), start=1):
        denial = _close_denial(turn, group, symbol)
        if denial is not None:
            turn.emit(RequestRefused(event.by, *denial))
            continue
        closing_id = close_id(event.trade_id, number)
        _start(turn, _new_closing(turn, group, closing_id, Portion(None, WHOLE), event.by))


def _new_closing(turn: Turn, trades: list[Trade], trade_id: str, portion: Portion, by: str) -> Closing:
    return Closing(
        trade_id=trade_id,
        by=by,
        message=None,
        alert=None,
        contract=trades[0].contract,
        trades=tuple(trade.trade_id for trade in trades),
        portion=portion,
        started_at=turn.at,
    )


def _drop_undecided(turn: Turn, trade_id: str, alert: Alert) -> None:
    """An entry that is still being decided is not bought after its analyst has sold."""
    for candidate in tuple(turn.state.candidates.values()):
        query = query_of(candidate.alert)
        if query is not None and _names(alert, {query.symbol}, query):
            turn.drop_candidate(candidate.trade_id)
            detail = f"{query} was sold by {trade_id} before it was bought"
            turn.deny(candidate.message, candidate.trade_id, DenialCode.SOLD_BEFORE_BOUGHT, detail)


def _is_meant(trade: Trade, alert: Alert) -> bool:
    """Whether the alert means this trade's contract."""
    return _names(alert, {trade.alert.symbol, trade.contract.underlying}, trade.contract)


def _names(alert: Alert, symbols: set[str], contract: Contract | ContractQuery) -> bool:
    """Whether everything that the alert names is the same."""
    named = (
        (alert.instrument, contract.kind),
        (alert.strike, contract.strike),
        (alert.right, contract.right),
        (alert.expires_on, contract.expires_on),
    )
    return alert.symbol in symbols and all(wanted is None or wanted == given for wanted, given in named)


def _close_denial(turn: Turn, trades: list[Trade], symbol: str) -> tuple[DenialCode, str] | None:
    if not trades:
        return DenialCode.NO_POSITION, f"this system holds nothing that matches in {symbol}; nothing was sent"
    contracts = {trade.contract.symbol: trade.contract for trade in trades}
    if len(contracts) > 1:
        names = ", ".join(contract.label for contract in contracts.values())
        return DenialCode.AMBIGUOUS_POSITION, f"several positions match: {names}; name the contract"
    contract = trades[0].contract
    if any(trade.closing is not None for trade in trades):
        return DenialCode.CLOSE_IN_PROGRESS, f"{contract.label} is being closed already"
    if contract.cut_off is not None and turn.at >= contract.cut_off:
        return DenialCode.PAST_CUT_OFF, f"{contract.label} has stopped trading"
    if contract.calendar.session_at(turn.at) is None:
        return DenialCode.MARKET_CLOSED, "the market is closed; the exits stay as they are"
    return None


def _start(turn: Turn, closing: Closing) -> None:
    turn.put_closing(closing)
    for trade_id in closing.trades:
        trade = evolve(turn.state.trades[trade_id], closing=closing.trade_id)
        withdraw_entry(turn, trade, f"closed by {closing.trade_id}")
    progress_closing(turn, closing)


def reopen_closing(turn: Turn, closing: Closing) -> None:
    """Take the position in hand again for a finished close, of which an order turned up: it is cancelled."""
    run = closing.run and withdraw(closing.run, "the close was over")
    turn.reopen_closing(evolve(closing, run=run))
    for trade in _trades_of(turn, closing):
        if trade.closing is None:
            progress(turn, evolve(trade, closing=closing.trade_id))


def progress_closing(turn: Turn, closing: Closing) -> None:
    """Do what is due for a close, and put it, or finish it. Called after everything that may have changed it."""
    if not turn.state.is_ready:
        turn.put_closing(closing)
        return
    trades = _trades_of(turn, closing)
    held = sum(max(trade.held, 0) for trade in trades)
    if closing.quantity is None:
        if not all(trade.is_cleared for trade in trades):
            turn.put_closing(closing)
            return
        closing = evolve(closing, quantity=closing.portion.of(held))
        if not closing.quantity:
            _finish(turn, closing, DenialCode.NOTHING_LEFT, f"{closing.portion} of {held} held is nothing to sell")
            return
    if closing.run is None:
        if not closing.asking:
            turn.emit(ReadQuote(closing.trade_id, closing.contract))
        turn.put_closing(evolve(closing, asking=True))
        return
    run = closing.run if closing.run.leaves <= held else withdraw(closing.run, "less is held than was")
    run, commands = advance(run, turn.at, blocked=not all(trade.is_cleared for trade in trades))
    turn.emit(*commands)
    closing = evolve(closing, run=ask_for_rung(turn, run))
    if run.is_finished:
        _finish(turn, closing)
    else:
        turn.put_closing(closing)


def page_hindered(turn: Turn, closing: Closing) -> None:
    """Page once where the way of a close is not clear for long: nothing is sold, and its exits are being cancelled."""
    if closing.quantity is not None or closing.hindrance_told or turn.at - closing.started_at < HINDERED_AFTER:
        return
    orders = [order for trade in _trades_of(turn, closing) for order in trade.orders if not order.is_settled]
    if not turn.state.is_ready or not orders:
        return
    names = ", ".join(f"{order_name(order)} ({order.status})" for order in orders)
    text = f"Close of {closing.contract.label} waits for the end of {names}: nothing is sold until then."
    turn.notify(Severity.PAGE, text, closing.trade_id)
    turn.put_closing(evolve(closing, hindrance_told=True))


def on_closing_quote(turn: Turn, closing: Closing, quote: Quote | None, *, unread: str = "") -> None:
    """Start the selling ladder from a quote, or decide the rung that is due."""
    if closing.run is not None:
        decided = _close_out(turn, closing.run, quote) if closing.closing_out else None
        run = decided or decide_due_rung(turn, closing.run, quote, unread)
        progress_closing(turn, evolve(closing, run=run))
        return
    policies = turn.state.policies
    sound = quote is not None and quote.fault(turn.at, policies.risk.max_quote_age) is None
    mid = quote.mid if quote is not None and sound else None
    start = opening_price(closing.contract, Side.SELL_TO_CLOSE, closing.price, mid)
    quantity = min(closing.quantity or 0, sum(max(trade.held, 0) for trade in _trades_of(turn, closing)))
    if start is None:
        _finish(turn, closing, DenialCode.NO_PRICE, unread or "neither a quote nor a price to sell at")
        return
    plan = LadderPlan(
        contract=closing.contract,
        side=Side.SELL_TO_CLOSE,
        start=start,
        cap=None,
        policy=policies.entry,
        quote_age_max=policies.risk.max_quote_age,
    )
    run = Execution(
        trade_id=closing.trade_id,
        role=OrderRole.CLOSE,
        plan=plan,
        quantity=quantity,
        started_at=turn.at,
        target=start,
    )
    for number, offset in enumerate(rung_offsets(policies.entry), start=1):
        turn.start_timer("rung", closing.trade_id, turn.at + offset, str(number))
    turn.start_timer("window", closing.trade_id, turn.at + policies.entry.window)
    progress_closing(turn, evolve(closing, run=run, asking=False))


def on_closing_rung(turn: Turn, closing: Closing) -> None:
    if closing.run is not None and not closing.run.withdrawn:
        closing = evolve(closing, run=evolve(closing.run, rung_due=True))
    progress_closing(turn, closing)


def on_closing_window_end(turn: Turn, closing: Closing) -> None:
    """Go to the bid, and look again until it is sold: a close is not given up at the window's end."""
    turn.start_timer("window", closing.trade_id, turn.at + CLOSE_OUT_EVERY)
    on_closing_rung(turn, evolve(closing, closing_out=True))


def _close_out(turn: Turn, run: Execution, quote: Quote | None) -> Execution | None:
    """Return the execution with its limit at the bid, or None where no bid can be acted on or the rung is not due."""
    ready = run.rung_due and not run.in_flight and not run.withdrawn
    if not ready or quote is None or quote.fault(turn.at, run.plan.quote_age_max) is not None:
        return None
    price = run.plan.contract.ticks.floor(quote.far_touch(Side.SELL_TO_CLOSE))
    if price is None:
        return None
    rung = Rung(LadderMove.CLOSE_OUT, price, "the window ended: marketable limit at the bid")
    turn.emit(ladder_moved(run, rung, quote))
    return evolve(run, rungs=run.rungs + 1, rung_due=False, asking=False, target=price)


def allocate(turn: Turn, closing: Closing, fill: Fill) -> int:
    """Book a close's fill on the trades that held the contracts, oldest first. Return how many none of them held.

    A trade that was put aside because its contracts were gone takes the fill that explains it.
    """
    over = [turn.state.archive[trade_id] for trade_id in closing.trades if trade_id in turn.state.archive]
    return book_sale(turn, _trades_of(turn, closing) + over, fill.quantity, fill.price)


def book_sale(turn: Turn, trades: list[Trade], quantity: int, price: Decimal) -> int:
    """Book contracts that were sold on these trades, oldest first: on what they hold, then on what was taken for gone.

    Return how many none of them held. What the trades do about it is due after that.
    """
    for trade in trades:
        part = min(quantity, max(trade.held, 0))
        if part:
            turn.put_trade(_sold(turn, trade, part, price))
            quantity -= part
    for trade_id in [trade.trade_id for trade in trades]:
        is_open = trade_id in turn.state.trades
        trade = turn.state.trades[trade_id] if is_open else turn.state.archive[trade_id]
        part = min(quantity, trade.lost)
        if part:
            explained = explain_loss(turn, _sold(turn, trade, part, price))
            if is_open:
                turn.put_trade(explained)
            else:
                turn.archive(explained)
            quantity -= part
    return quantity


def _sold(turn: Turn, trade: Trade, quantity: int, price: Decimal) -> Trade:
    sold, proceeds = trade.sold + quantity, trade.proceeds + price * quantity
    return evolve(trade, sold=sold, proceeds=proceeds, last_fill_at=turn.at)


def _trades_of(turn: Turn, closing: Closing) -> list[Trade]:
    return [turn.state.trades[trade_id] for trade_id in closing.trades if trade_id in turn.state.trades]


def _finish(turn: Turn, closing: Closing, code: DenialCode | None = None, detail: str = "") -> None:
    run = closing.run
    sold, average = (0, None) if run is None else (run.filled, run.average_price)
    reason = detail or (run.withdrawn if run is not None and run.withdrawn else "sold")
    turn.emit(CloseFinished(closing.trade_id, sold, average, reason))
    if code is None and not closing.answered:  # its order was given up before anybody took it
        code, detail = DenialCode.ABANDONED, f"nothing was sold; the exits are restored ({reason})"
    turn.finish_closing(evolve(closing, answered=True))
    watch(turn, closing)
    for trade in _trades_of(turn, closing):
        if trade.closing == closing.trade_id:
            progress(turn, evolve(trade, closing=None))
    label = closing.contract.label
    if code is not None:
        turn.deny(closing.message, closing.trade_id, code, detail)
    elif sold:
        rest = _rest_words(closing.quantity or 0, sold, reason)
        turn.tell(
            closing.message,
            closing.trade_id,
            f"Sold {sold} {label} @ {money(average)} on average.{rest}",
            facts=_facts(sold, average),
        )
    elif run is not None and any(order.broker_order_id is not None for order in run.orders):
        words = f"Not sold: {label} ({reason}). The exits are restored."
        turn.tell(closing.message, closing.trade_id, words, facts=_facts(0, None))
    if run is not None and sold < (closing.quantity or 0):
        turn.notify(Severity.PAGE, f"Close of {label}: {sold} of {closing.quantity} sold ({reason}).", closing.trade_id)


def _rest_words(wanted: int, sold: int, reason: str) -> str:
    return "" if sold >= wanted else f" The other {wanted - sold} were not sold ({reason})."


def _facts(sold: int, average: Decimal | None) -> dict[str, int | Decimal | None]:
    return {"sold": sold, "exit_price": average}
