"""The last check of an order, between the desk and the socket: on books of its own, with none of the desk's rules.

It watches the rows of the log. Each new order, replacement or dry run is judged as its row is written, by the rows
before it; at the socket it goes out only as that row says, only once, and no entry while entries are halted. What fails
is withheld: the desk hears of it, halts entries and pages a person.

What is independent of what. The size, the highest price and the contract are taken as they were decided, from the rows
of the decision; the chase limit and the share that exits cover are computed again. What is filled, working and over
comes from the broker's word (`order_books`). In a process that starts anew the books begin with the state that the desk
recovered: they agree with it about what was before, and are their own from there on. What an answer says is believed:
an adapter that takes a missing answer for a refusal is not found out here, nor is a size that was wrong when it was
decided.
"""

from typing import Any

from composition.order_books import Entered, OrderBooks
from composition.sent_orders import NewOrder, SentOrder, counted, filled, working
from domain.alerts import Alert
from domain.commands import ReplaceOrder, SubmitOrder, ValidateOrder
from domain.desk import DeskState
from domain.events import Input, Operation, OrderNotSent, OrderWithheld, OutcomeUnknown, Stamped
from domain.instruments import Contract
from domain.orders import Order, OrderRole, Side
from ports.audit_log import Entry

NEW_ORDERS = frozenset({SubmitOrder, ReplaceOrder, ValidateOrder})
HALTED_MEANWHILE = "entries were halted before it left"
NOT_AS_WRITTEN = "it is not in the log as it was to be sent"
GONE_BEFORE = "an order under this id has gone out before"
NOT_READY = "the broker has not been read since the start"
NOT_DECIDED = "no entry was decided that it could rest on"
NOT_ASKED = "nobody asked for a close of what was bought in this contract"
NO_DRY_RUN = "a dry run is only checked, and nothing else is"


class OrderCheck:
    """Call it with each appended row and its number, in order; ask it before an order goes out."""

    def __init__(self) -> None:
        self._books = OrderBooks()

    def take_over(self, state: DeskState) -> None:
        """Begin with what a desk has recovered."""
        self._books.take_over(state)

    def __call__(self, _seq: int, entry: Entry) -> None:
        """Book what one row says, and judge the order that it writes."""
        body: Any = entry.body.event if isinstance(entry.body, Stamped) else entry.body
        if type(body) in NEW_ORDERS:
            self._judge(body)
        else:
            self._books.read(body)

    def answer_instead(self, command: NewOrder, operation: Operation) -> tuple[Input, ...]:
        """Return what answers an order that must not go out; nothing for one that may, which counts as gone then.

        An entry that a halt has overtaken on its way is no fault: it was not sent, and nobody is paged for it.
        """
        name = command.order.client_order_id
        sent = self._books.orders.get(name)
        if sent is not None and sent.gone:
            # What became of the first one is not proven by withholding the second.
            return OutcomeUnknown(name, operation, GONE_BEFORE), OrderWithheld(name, GONE_BEFORE)
        if sent is None or sent.command != command:
            return (OrderWithheld(name, NOT_AS_WRITTEN),)
        if sent.objection is not None:
            return (OrderWithheld(name, sent.objection),)
        if self._books.halts and command.order.role is OrderRole.ENTRY:
            return (OrderNotSent(name, HALTED_MEANWHILE),)
        sent.gone = True
        return ()

    def _judge(self, command: NewOrder) -> None:
        """Note what is against an order, and count it as working where nothing is."""
        if command.order.client_order_id in self._books.orders:
            return  # whichever of the two is asked for first is the only one that may go
        sent = self._books.book(command)
        sent.objection = self._objection(sent)
        if sent.objection is not None or isinstance(command, ValidateOrder):
            sent.end(for_good=False)

    def _objection(self, sent: SentOrder) -> str | None:
        books, order = self._books, sent.order
        if not books.ready:
            return NOT_READY
        if order.role is OrderRole.CLOSE:
            return self._against_close(sent, books.closes.setdefault(order.trade_id, []))
        entered = books.entered.get(order.trade_id)
        if entered is None:
            return NOT_DECIDED
        if order.role is OrderRole.ENTRY:
            return self._against_entry(sent, entered)
        return self._against_exit(sent, entered)

    def _against_entry(self, sent: SentOrder, entered: Entered) -> str | None:
        entered.entries.append(sent)
        price, halts = sent.order.limit_price, self._books.halts
        if halts:
            return f"entries are halted ({', '.join(sorted(halts))})"
        if entered.dry_run != isinstance(sent.command, ValidateOrder):
            return NO_DRY_RUN
        if sent.order.side is not Side.BUY_TO_OPEN:
            return f"an entry may only buy to open, and it is {sent.order.side}"
        if price is None and not entered.may_be_market:
            return "a market order is not what the policy allows"
        if price is not None and price > entered.highest:
            return f"its price {price} is above {entered.highest}, the highest that was decided"
        size = (counted(entered.entries), working(entered.entries), entered.size)
        return _against_shape(sent.order, entered.contract) or _against_size(*size)

    def _against_exit(self, sent: SentOrder, entered: Entered) -> str | None:
        entered.exits.append(sent)
        if sent.order.limit_price is None:
            return "an exit has a limit"
        covered = filled(entered.exits) - entered.of_others + working(entered.exits)
        if covered > entered.to_cover:
            return f"exits would cover {covered} contracts and may cover {entered.to_cover}"
        return self._against_sale(sent, entered.contract)

    def _against_close(self, sent: SentOrder, closes: list[SentOrder]) -> str | None:
        """A close's size is its first order's, which was never more than what was held, nor than what was asked."""
        closes.append(sent)
        asked = self._books.who_asked(sent.order.trade_id)
        holders = self._books.entered_in(sent.order.contract.symbol)
        if asked is None or not holders or not _names(asked, holders):
            return NOT_ASKED
        size = closes[0].order.quantity
        if isinstance(asked, Alert) and asked.quantity is not None and asked.fraction is None:
            size = min(size, asked.quantity)
        return _against_size(filled(closes), working(closes), size) or self._against_sale(sent, holders[0].contract)

    def _against_sale(self, sent: SentOrder, contract: Contract) -> str | None:
        if isinstance(sent.command, ValidateOrder):
            return NO_DRY_RUN
        if sent.order.side is not Side.SELL_TO_CLOSE:
            return f"it may only sell to close, and it is {sent.order.side}"
        offered, held = self._books.offered(contract.symbol), self._books.held(contract.symbol)
        if offered > held:
            return f"{offered} contracts would be offered and {held} are held"
        return _against_shape(sent.order, contract)


def _names(asked: Alert | str, holders: list[Entered]) -> bool:
    """Whether what was asked to be closed is the contract that these entries are in."""
    contract = holders[0].contract
    if isinstance(asked, str):
        return asked in {contract.underlying, contract.symbol}
    named = (
        (asked.instrument, contract.kind),
        (asked.strike, contract.strike),
        (asked.right, contract.right),
        (asked.expires_on, contract.expires_on),
    )
    symbols = {contract.underlying, *(entered.named for entered in holders)}
    fits = all(wanted is None or wanted == given for wanted, given in named)
    return not asked.is_entry and asked.symbol in symbols and fits


def _against_shape(order: Order, contract: Contract) -> str | None:
    """Return what is wrong with contract, quantity or price, seen from the contract that was decided."""
    if order.contract.symbol != contract.symbol:
        return f"it is in {order.contract.symbol}, and {contract.symbol} was decided"
    if order.quantity < 1:
        return f"{order.quantity} is no quantity"
    price = order.limit_price
    if price is not None and not (price.is_finite() and contract.ticks.on_grid(price)):
        return f"{price} is no price on the tick grid"
    return None


def _against_size(done: int, still: int, size: int) -> str | None:
    """Return what is wrong where more is filled and working than was decided."""
    if done + still > size:
        return f"{done} contracts filled and {still} working are more than the {size} that were decided"
    return None
