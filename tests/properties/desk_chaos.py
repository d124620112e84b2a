"""Chaos around a desk, and what must hold whatever happens: the rules that random runs draw from."""

from decimal import Decimal

from attrs import evolve

from domain import events
from domain.allowlist import ListName
from domain.commands import SubmitOrder, ValidateOrder
from domain.events import AlertRead, EntrySized, OrderReported
from domain.exits import covered_quantity
from domain.messages import MessageKind
from domain.orders import OrderRole, Signal
from domain.policies import OnExhausted
from domain.trade import Trade
from tests.support.builders import AUTHOR, OTHER_AUTHOR, make_policies, seconds
from tests.support.desk_driver import WRITES, DeskDriver, replayed
from tests.support.model_broker import Booked, Fate, ModelBroker

CONTRACTS = ("UBER 78p 12/04", "UBER 80p 12/04", "AAPL 150c 12/04")
PRICES = ("@ 0.75", "", "@ 0.80")
CLOSES = ("STC {}", "STC 1/2 {}", "STC 2 {}")
WHOLE_CLOSES = ("STC UBER", "STC AAPL")
MINUTES = 20


class Chaos:
    """One desk, one slow broker, and a network that does what it likes. Every method is one thing that can happen."""

    def __init__(self, **policies: object) -> None:
        self.desk = DeskDriver(make_policies(**policies), broker=ModelBroker(slow=True))
        self.allowed = {AUTHOR, OTHER_AUTHOR}
        self.posted: dict[str, int] = {}
        self.checked = 0

    # ---- people ----------------------------------------------------------------------------------------------------

    def post_entry(self, contract: int, price: int, user_id: int, kind: MessageKind, *, dry_run: bool) -> None:
        text = f"BTO {CONTRACTS[contract % 3]} {PRICES[price % 3]}".strip()
        trade_id = self.desk.post(text, user_id=user_id, kind=kind, dry_run=dry_run)
        self.posted[trade_id] = user_id

    def post_close(self, contract: int, form: int, user_id: int) -> None:
        text = WHOLE_CLOSES[contract % 2] if form >= len(CLOSES) else CLOSES[form].format(CONTRACTS[contract % 3])
        self.posted[self.desk.post(text, user_id=user_id)] = user_id

    def delete(self, number: int) -> None:
        self.desk.feed(events.MessageDeleted(f"m{number}"))

    def edit(self, number: int, text: str) -> None:
        self.desk.feed(events.MessageEdited(f"m{number}", text))

    def allow(self, user_id: int, *, allowed: bool) -> None:
        (self.allowed.add if allowed else self.allowed.discard)(user_id)
        self.desk.feed(events.AllowlistChangeRequested("admin", ListName.USER, user_id, allowed))

    def halt(self) -> None:
        self.desk.feed(events.HaltRequested("admin", "test"))

    def resume(self) -> None:
        self.desk.feed(events.ResumeRequested("admin", "test"))

    def lose_authorization(self) -> None:
        self.desk.feed(events.AuthorizationLost("expired"))

    def restore_authorization(self) -> None:
        self.desk.feed(events.AuthorizationRestored("admin"))

    def cancel(self, index: int) -> None:
        if self.desk.broker.books:
            booked = self.desk.broker.books[index % len(self.desk.broker.books)]
            self.desk.feed(events.CancelRequested("admin", booked.broker_order_id))

    def replace(self, index: int, ticks: int) -> None:
        if self.desk.broker.books:
            booked = self.desk.broker.books[index % len(self.desk.broker.books)]
            price = (booked.order.limit_price or Decimal(1)) + Decimal(ticks) / 100
            self.desk.feed(events.ReplaceRequested("admin", booked.broker_order_id, price))

    def close(self, symbol: str) -> None:
        self.desk.trades += 1
        self.desk.feed(events.CloseRequested("admin", f"T{self.desk.trades}", symbol))

    # ---- the network -----------------------------------------------------------------------------------------------

    def perform(self, index: int, fate: Fate) -> None:
        if self.desk.pending:
            command = self.desk.pending.pop(index % len(self.desk.pending))
            self.desk.perform(command, fate if isinstance(command, WRITES) else Fate.ARRIVES)

    def deliver(self, index: int, *, twice: bool) -> None:
        self.desk.collect()
        if self.desk.inbox:
            event = self.desk.inbox.pop(index % len(self.desk.inbox))
            self.desk.feed(event)
            if twice and isinstance(event, OrderReported):
                self.desk.inbox.append(event)

    def drop(self, index: int) -> None:
        """Lose a report on its way: reads must make up for it."""
        reports = [event for event in self.desk.inbox if isinstance(event, OrderReported)]
        if reports:
            self.desk.inbox.remove(reports[index % len(reports)])

    def lag(self, index: int) -> None:
        """Let a report run ahead of its executions: the broker counts a fill that it does not list yet."""
        reports = [event for event in self.desk.inbox if isinstance(event, OrderReported) and event.report.fills]
        if reports:
            told = reports[index % len(reports)]
            self.desk.inbox.remove(told)
            self.desk.inbox.append(OrderReported(evolve(told.report, fills=told.report.fills[:-1])))

    def settle(self) -> None:
        self.desk.settle()

    def arrive_late(self) -> None:
        if self.desk.broker.late_arrivals:
            self.desk.broker.arrive_late()
            self.desk.collect()

    def crash(self) -> None:
        self.desk.crash()

    def fail_reads(self, *, fail: bool) -> None:
        self.desk.reads_fail = fail

    # ---- the broker and the market ---------------------------------------------------------------------------------

    def broker_moves(self, index: int) -> None:
        live = self.desk.broker.live
        if live:
            self.desk.broker.settle(live[index % len(live)])

    def fill(self, index: int, quantity: int) -> None:
        at_work = [booked for booked in self.desk.broker.live if not booked.waits_for_replaced]
        at_work = [booked for booked in at_work if booked.status is Signal.REPORTED_WORKING]
        if at_work:
            booked = at_work[index % len(at_work)]
            held = self.desk.broker.positions.get(booked.order.contract.symbol, 0)
            most = booked.leaves if booked.order.side.is_buy or not self.desk.broker.by_hand else held
            if most > 0:
                self.desk.broker.fill(booked, min(quantity, booked.leaves, most), self.desk.now)

    def end(self, index: int, status: Signal) -> None:
        live = [booked for booked in self.desk.broker.live if not booked.waits_for_replaced]
        if live:
            booked = live[index % len(live)]
            if status is not Signal.REPORTED_REJECTED or not booked.fills:
                self.desk.broker.end(booked, status, "by the test")

    def sell_by_hand(self, index: int, quantity: int) -> None:
        """A person sells what this system bought."""
        held = [symbol for symbol, count in self.desk.broker.positions.items() if count > 0]
        if held:
            symbol = held[index % len(held)]
            self.desk.broker.trade_by_hand(symbol, -min(quantity, self.desk.broker.positions[symbol]))

    def quote(self, bid: str | None, ask: str | None) -> None:
        self.desk.bid, self.desk.ask = bid, ask

    def wait(self, span: float) -> None:
        """Let time pass at once: everything that was due in it fires late."""
        self.desk.now += seconds(span)
        for _ in range(100):
            due = [(at, name) for name, at in self.desk.state.timers.items() if at <= self.desk.now]
            if not due:
                return
            self.desk.feed(events.TimerFired(min(due)[1]))
        raise AssertionError("timers set timers that are due at once")

    # ---- what must hold at every moment ----------------------------------------------------------------------------

    def check(self) -> None:
        broker = self.desk.broker
        assert not broker.faults, broker.faults
        for trade_id, size in self.sizes().items():
            own = [b for b in broker.books if b.order.trade_id == trade_id and b.order.role is OrderRole.ENTRY]
            working = [b for b in own if b.is_live and not b.waits_for_replaced]
            assert len(working) <= 1, f"{len(working)} live entry orders of {trade_id}"
            filled = sum(b.filled for b in own)
            leaves = sum(b.leaves for b in working)
            assert filled + leaves <= size, f"{filled} filled and {leaves} working of {size} in {trade_id}"
        fresh, self.checked = self.desk.outputs[self.checked :], len(self.desk.outputs)
        self.check_commands(fresh)

    def check_commands(self, fresh: list[object]) -> None:
        for output in fresh:
            if not isinstance(output, SubmitOrder | ValidateOrder):
                continue
            trade_id = output.order.trade_id
            if output.order.role is OrderRole.ENTRY:
                assert self.posted[trade_id] in {AUTHOR, OTHER_AUTHOR}, "a stranger's order"
                kinds = {type(said) for said in self.desk.outputs if getattr(said, "trade_id", None) == trade_id}
                assert {AlertRead, EntrySized, events.ChecksPassed} <= kinds, "an order without its decisions"
            assert output.order.quantity > 0
            assert self.desk.state.is_ready, "an order before recovery is done"

    def sizes(self) -> dict[str, int]:
        return {sized.trade_id: sized.quantity for sized in self.desk.all(EntrySized)}

    # ---- the end: when the trouble stops, everything comes to rest -------------------------------------------------

    def finish(self) -> None:
        desk = self.desk
        desk.reads_fail = False
        desk.broker.slow = False
        desk.broker.late_arrivals.clear()
        desk.bid, desk.ask = "0.70", "0.80"
        self.restore_authorization()
        for _ in range(MINUTES):
            for booked in desk.broker.live:
                desk.broker.settle(booked)
            desk.settle()
            desk.advance(60)
            self.check()
            for booked in desk.broker.live:
                if booked.order.role is OrderRole.CLOSE:
                    self.fill_close(booked)
                elif booked.order.role is OrderRole.ENTRY and desk.policies.entry.on_exhausted is OnExhausted.REST:
                    desk.broker.end(booked, Signal.REPORTED_EXPIRED)
        self.check_rest()
        self.check_replay()

    def fill_close(self, booked: Booked) -> None:
        held = self.desk.broker.positions.get(booked.order.contract.symbol, 0)
        if held >= booked.leaves:
            self.desk.broker.fill(booked, booked.leaves, self.desk.now)
        else:
            self.desk.broker.end(booked, Signal.REPORTED_CANCELLED, "less is held")

    def check_rest(self) -> None:
        state = self.desk.state
        assert state.is_ready
        assert not state.candidates
        assert not state.waiting
        assert not state.closings, state.closings
        for trade in state.trades.values():
            assert trade.entry.is_finished, trade.entry
            self.check_exits(trade)
        assert state.is_idle, [trade.orders for trade in state.trades.values() if not trade.is_quiet]
        for trade_id in self.posted:
            assert len(self.desk.answers(trade_id)) == 1, (trade_id, self.desk.replies(trade_id))
        self.check_positions()

    def check_exits(self, trade: Trade) -> None:
        """What is covered in the broker's books is what the policy says of what is held."""
        own = [b for b in self.desk.broker.books if b.order.trade_id == trade.trade_id]
        exits = [b for b in own if b.order.role is OrderRole.EXIT]
        bought = sum(b.filled for b in own if b.order.role is OrderRole.ENTRY)
        assert bought == trade.bought
        done = sum(b.filled for b in exits)
        assert done == trade.exited
        if trade.uncovered:
            return
        wanted = max(covered_quantity(bought - trade.sold - trade.lost, trade.policy), done)
        working = sum(b.leaves for b in exits)
        assert done + working == wanted, f"{done} done and {working} working exits, {wanted} wanted: {trade}"

    def check_positions(self) -> None:
        held: dict[str, int] = {}
        for trade in self.desk.state.trades.values():
            held[trade.contract.symbol] = held.get(trade.contract.symbol, 0) + trade.held
        for symbol, quantity in self.desk.broker.positions.items():
            assert held.get(symbol, 0) == quantity, (symbol, held, quantity)

    def check_replay(self) -> None:
        state, said = replayed(self.desk.log)
        assert said == self.desk.outputs
        assert state == self.desk.state
