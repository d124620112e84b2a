"""A desk in virtual time with the last check of its orders between it and the broker, as the program has it."""

from typing import Any

from composition.order_check import OrderCheck
from domain import events
from domain.commands import ReplaceOrder, SubmitOrder
from domain.desk import Output
from domain.events import Input, OrderWithheld, Stamped
from domain.policies import Policies
from ports.audit_log import Entry, RowClass
from tests.support.builders import make_policies
from tests.support.desk_driver import DeskDriver
from tests.support.model_broker import Fate


class CheckedDriver(DeskDriver):
    """`check` has seen every row."""

    def __init__(self, **policies: Any) -> None:
        self.check = OrderCheck()
        super().__init__(make_policies(**policies))

    def feed(self, event: Input) -> tuple[Output, ...]:
        self.check(1, Entry(self.now, RowClass.INPUT, Stamped(self.now, event), None))
        outputs = super().feed(event)
        for output in outputs:
            self.check(1, Entry(self.now, RowClass.COMMAND, output, None))
        return outputs

    def _write(self, command: Any, fate: Fate) -> Input:
        if isinstance(command, SubmitOrder | ReplaceOrder):
            instead = self.check.answer_instead(command, events.Operation.SUBMIT)
            if instead:
                return instead[-1]
        return super()._write(command, fate)

    def crash(self, policies: Policies | None = None) -> None:
        self.check = OrderCheck()
        self.check.take_over(self.state)
        super().crash(policies)

    @property
    def withheld(self) -> list[str]:
        """Return the client order ids that the check kept back."""
        return [entry.event.client_order_id for entry in self.log if isinstance(entry.event, OrderWithheld)]
