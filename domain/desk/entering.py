"""From a candidate to a working entry: the questions, the verdict, the order, and the rungs of its ladder."""

from datetime import datetime
from decimal import Decimal

from attrs import evolve

from domain.account import Balances
from domain.bounds import MAX_CANDIDATES, is_money
from domain.calendar import new_york_date
from domain.commands import ReadAccount, ReadQuote, ResolveContract
from domain.desk.forgetting import forget_old
from domain.desk.lifecycle import progress
from domain.desk.state import Candidate
from domain.desk.turn import Turn
from domain.events import (
    AccountRead,
    ChecksPassed,
    ContractNotFound,
    ContractResolved,
    EntrySized,
    LadderMoved,
    QuoteRead,
    SessionStarted,
)
from domain.execution import Execution
from domain.gate import age_denial, query_of
from domain.instruments import Contract
from domain.ladder import Rung, decide_rung, rung_offsets
from domain.orders import OrderRole, OrderStatus
from domain.quotes import Quote
from domain.risk import Assessment, Baseline, EntryMark, EntryRequest, assess, day_loss
from domain.trade import Trade
from domain.verdicts import DenialCode, HaltCause, LadderMove, Severity


def begin_entry(turn: Turn, candidate: Candidate) -> None:
    """Ask for what an entry is judged on, one after the other: contract, account, and last the quote, to be fresh."""
    alert = candidate.alert
    query = query_of(alert)
    if query is None or query.kind not in turn.state.policies.instruments:
        detail = f"{alert.instrument} is not in INSTRUMENTS ({', '.join(sorted(turn.state.policies.instruments))})"
        turn.deny(candidate.message, candidate.trade_id, DenialCode.INSTRUMENT_DISABLED, detail)
        return
    if turn.state.halts:
        reasons = "; ".join(f"{halt.cause}: {halt.reason}" for halt in turn.state.halts)
        turn.deny(candidate.message, candidate.trade_id, DenialCode.HALTED, f"entries are halted ({reasons})")
        return
    if len(turn.state.candidates) >= MAX_CANDIDATES:
        detail = f"{len(turn.state.candidates)} alerts are being decided already"
        turn.deny(candidate.message, candidate.trade_id, DenialCode.TOO_MANY_WAITING, detail)
        return
    turn.put_candidate(candidate)
    if candidate.contract is None:
        turn.emit(ResolveContract(candidate.trade_id, query))
    else:
        turn.emit(ReadAccount(candidate.trade_id))


def on_contract(turn: Turn, event: ContractResolved) -> None:
    candidate = turn.state.candidates.get(event.trade_id)
    if candidate is not None:
        turn.drop_candidate(candidate.trade_id)
        begin_entry(turn, evolve(candidate, contract=event.contract))


def on_no_contract(turn: Turn, event: ContractNotFound) -> None:
    candidate = turn.state.candidates.get(event.trade_id)
    if candidate is not None:
        turn.drop_candidate(event.trade_id)
        turn.deny(candidate.message, event.trade_id, DenialCode.NO_SUCH_CONTRACT, event.detail)


def on_account(turn: Turn, event: AccountRead) -> None:
    """Take in the account's money; the first look of a trading day is its baseline, a day's loss halts."""
    balances, candidate = event.balances, turn.state.candidates.get(event.trade_id or "")
    if not (is_money(balances.buying_power) and is_money(balances.net_liquidation)):
        detail = f"the account's money can not be {balances.buying_power} and {balances.net_liquidation}"
        if candidate is not None:
            on_candidate_unread(turn, candidate, detail)
        turn.notify(Severity.WARNING, f"The broker's answer is not believed: {detail}.")
        return
    _see_account(turn, balances)
    if candidate is not None and candidate.contract is not None:
        turn.put_candidate(evolve(candidate, account_known=True))
        turn.emit(ReadQuote(candidate.trade_id, candidate.contract))


def on_candidate_quote(turn: Turn, event: QuoteRead) -> None:
    candidate = turn.state.candidates.get(event.trade_id)
    if candidate is not None and candidate.contract is not None and candidate.account_known:
        turn.drop_candidate(candidate.trade_id)
        _judge(turn, candidate, candidate.contract, event.quote)


def on_candidate_unread(turn: Turn, candidate: Candidate, detail: str) -> None:
    """Deny a candidate whose question could not be asked: what is not known is not traded."""
    turn.drop_candidate(candidate.trade_id)
    turn.deny(candidate.message, candidate.trade_id, DenialCode.READ_FAILED, detail)


def resume_candidate(turn: Turn, candidate: Candidate) -> None:
    """Ask again for an alert that a restart interrupted, while it is fresh; nothing was sent for it."""
    denial = age_denial(candidate.message, turn.at, turn.state.policies.gate)
    turn.drop_candidate(candidate.trade_id)
    if denial is not None:
        turn.deny(candidate.message, candidate.trade_id, *denial)
    else:
        begin_entry(turn, evolve(candidate, account_known=False))


def _see_account(turn: Turn, balances: Balances) -> None:
    turn.change(balances=balances)
    today = new_york_date(turn.at)
    baseline = turn.state.baseline
    if baseline is None or baseline.day != today:
        turn.change(baseline=Baseline(today, balances.buying_power, balances.net_liquidation))
        turn.emit(SessionStarted(today, balances.buying_power, balances.net_liquidation))
        forget_old(turn)
        return
    code, words = day_loss(baseline, balances, turn.state.policies)
    if code is not None:
        turn.halt(HaltCause.DAY_LOSS, words, "risk")


def _judge(turn: Turn, candidate: Candidate, contract: Contract, quote: Quote | None) -> None:
    message, trade_id = candidate.message, candidate.trade_id
    if not turn.state.allows(message):
        detail = f"author {message.user_id} was taken off the allowlist"
        turn.deny(message, trade_id, DenialCode.NOT_ALLOWED, detail, stranger=True)
        return
    stale = age_denial(message, turn.at, turn.state.policies.gate)
    if stale is not None:  # the answers took so long that the alert is no longer fresh
        turn.deny(message, trade_id, *stale)
        return
    request = EntryRequest(
        at=turn.at,
        user_id=message.user_id,
        channel_id=message.channel_id,
        alert=candidate.alert,
        contract=contract,
        quote=quote,
        balances=turn.state.balances,
        baseline=turn.state.baseline,
        exposure=turn.state.exposure(),
        policies=turn.state.policies,
    )
    assessment = assess(request)
    denial = assessment.denial
    if denial is not None and denial.code is not None:
        turn.deny(message, trade_id, denial.code, denial.detail)
        if denial.code is DenialCode.INSUFFICIENT_BUYING_POWER:
            turn.notify(Severity.WARNING, f"{contract.label}: {denial.detail}", trade_id)
        return
    _send_entry(turn, candidate, assessment)


def _send_entry(turn: Turn, candidate: Candidate, assessment: Assessment) -> None:
    plan, sizing = assessment.approved
    trade_id, policies = candidate.trade_id, turn.state.policies
    turn.emit(
        ChecksPassed(trade_id, {check.name: check.detail for check in assessment.checks}),
        EntrySized(trade_id, sizing.quantity, sizing.allocation, plan.start, plan.worst_price, str(sizing)),
    )
    run = Execution(
        trade_id=trade_id,
        role=OrderRole.ENTRY,
        plan=plan,
        quantity=sizing.quantity,
        started_at=turn.at,
        target=plan.start,
    )
    if not candidate.message.dry_run:
        turn.change(entries=(*turn.state.entries, EntryMark(turn.at, candidate.message.user_id)))
        for number, offset in enumerate(rung_offsets(policies.entry), start=1):
            turn.start_timer("rung", trade_id, turn.at + offset, str(number))
        turn.start_timer("window", trade_id, turn.at + policies.entry.window)
    trade = Trade(trade_id=trade_id, message=candidate.message, alert=candidate.alert, policy=policies.exit, entry=run)
    progress(turn, trade)


# ---- the ladder's rungs --------------------------------------------------------------------------------------------


def on_rung(turn: Turn, trade: Trade) -> None:
    """Mark a rung as due; it is decided as soon as the last step's outcome is known and a fresh quote is here."""
    run = trade.entry
    if not run.is_finished and not run.withdrawn:
        trade = evolve(trade, entry=evolve(run, rung_due=True))
    progress(turn, trade)


def on_entry_quote(turn: Turn, trade: Trade, quote: Quote | None, *, unread: str = "") -> None:
    """Decide the rung that is due. `unread` says why the quote could not be read: then nothing moves."""
    run = trade.entry
    if turn.at >= run.started_at + run.plan.policy.window:  # a slow quote, or a desk that was away: the steps are over
        progress(turn, evolve(trade, entry=evolve(run, asking=False, rung_due=False)))
        return
    progress(turn, evolve(trade, entry=decide_due_rung(turn, run, quote, unread)))


def decide_due_rung(turn: Turn, run: Execution, quote: Quote | None, unread: str) -> Execution:
    """Return the execution with its due rung decided and recorded; unchanged where an outcome is open again."""
    run = evolve(run, asking=False)
    live = run.live_order
    if not run.rung_due or run.withdrawn or run.in_flight or live is None or live.status is not OrderStatus.WORKING:
        return run
    if live.limit_price is None:
        return evolve(run, rung_due=False)
    rung = rung_for(run, live.limit_price, quote, turn.at, unread)
    turn.emit(ladder_moved(run, rung, quote))
    target = run.target if rung.move in {LadderMove.HOLD, LadderMove.SKIP} else rung.price
    return evolve(run, rungs=run.rungs + 1, rung_due=False, target=target)


def rung_for(run: Execution, price: Decimal, quote: Quote | None, at: datetime, unread: str) -> Rung:
    """Return the rung's move, or a skip where the quote could not be read or is not fit to act on."""
    fault = None if quote is None else quote.fault(at, run.plan.quote_age_max)
    if unread or fault is not None:
        return Rung(LadderMove.SKIP, None, unread or f"the quote is {fault}")
    return decide_rung(run.plan, price, quote)


def ladder_moved(run: Execution, rung: Rung, quote: Quote | None) -> LadderMoved:
    bid, ask = (None, None) if quote is None else (quote.bid, quote.ask)
    return LadderMoved(run.trade_id, run.rungs + 1, rung.move, rung.price, bid, ask, rung.reason)
