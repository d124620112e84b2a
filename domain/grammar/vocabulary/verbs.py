"""What each verb of the grammar means, and how much must stand beside it before it is an order."""

from attrs import field, frozen

from domain.alerts import Action
from domain.value import Value


@frozen
class Verb(Value):
    """One verb.

    `terse`: a word people also tell stories with, an order only beside a full contract.
    `priced`: needs a price as well. `certain`: says itself that something held is closed.
    `fraction`: how much it closes when no other word says.
    """

    action: Action
    terse: bool = False
    priced: bool = False
    certain: bool = False
    fraction: str | None = None
    opens: bool = field(init=False)

    @opens.default
    def _opens(self) -> bool:
        return self.action in {Action.BUY_TO_OPEN, Action.SELL_TO_OPEN}


VERBS = {
    "bto": Verb(Action.BUY_TO_OPEN),
    "buy": Verb(Action.BUY_TO_OPEN),
    "bought": Verb(Action.BUY_TO_OPEN, terse=True),
    "opening": Verb(Action.BUY_TO_OPEN, terse=True),
    "taking": Verb(Action.BUY_TO_OPEN, terse=True, priced=True),
    "stc": Verb(Action.SELL_TO_CLOSE, certain=True),
    "sell": Verb(Action.SELL_TO_CLOSE),
    "sold": Verb(Action.SELL_TO_CLOSE, terse=True),
    "close": Verb(Action.SELL_TO_CLOSE, certain=True, fraction="all"),
    "close_long": Verb(Action.SELL_TO_CLOSE, certain=True),
    "out": Verb(Action.SELL_TO_CLOSE, certain=True, fraction="all"),
    "stopped": Verb(Action.SELL_TO_CLOSE, certain=True, fraction="all"),
    "halve": Verb(Action.SELL_TO_CLOSE, certain=True, fraction="1/2"),
    "trim": Verb(Action.SELL_TO_CLOSE, certain=True, fraction="partial"),
    "sto": Verb(Action.SELL_TO_OPEN),
    "btc": Verb(Action.BUY_TO_CLOSE, certain=True),
}
