"""Who is who on a day, and the policies and the broker's ways that vary from day to day."""

from decimal import Decimal

from attrs import frozen

from adapters.simulated.scenario.scenario import AfterPartialFill
from domain.calendar import CalendarName
from domain.policies import Conversion, EntryPolicy, ExitPolicy, GatePolicy, OnExhausted, OtherAuthor, Policies
from domain.value import Value

AUTHOR, OTHER_AUTHOR, STRANGER = 11, 12, 99
ROOM, OTHER_ROOM, STRANGE_ROOM = 21, 22, 29
WEBHOOK = 31


@frozen(kw_only=True)
class Habits(Value):
    """The policies that vary from day to day, and the account's cash."""

    cash: int = 50_000
    calendar: CalendarName = CalendarName.ALWAYS_OPEN
    other_author: OtherAuthor = OtherAuthor.IGNORE
    conversion: Conversion = Conversion.MARKETABLE_LIMIT
    on_exhausted: OnExhausted = OnExhausted.CANCEL
    trade_without_quote: bool = True
    max_chase: int = 20
    exit_fraction: int = 50
    exit_min: int = 0
    replace_after_partial_fill: AfterPartialFill = AfterPartialFill.REFUSE
    position_lag: int = 0  # how much later than its fills the broker's positions change

    def policies(self) -> Policies:
        return Policies(
            calendar=self.calendar,
            allowed_users=frozenset({AUTHOR, OTHER_AUTHOR}),
            allowed_channels=frozenset({ROOM, OTHER_ROOM}),
            allowed_webhooks=frozenset({WEBHOOK}),
            gate=GatePolicy(other_author=self.other_author),
            entry=EntryPolicy(
                conversion=self.conversion,
                on_exhausted=self.on_exhausted,
                trade_without_quote=self.trade_without_quote,
                max_chase=Decimal(self.max_chase),
            ),
            exit=ExitPolicy(fraction=Decimal(self.exit_fraction), min=self.exit_min),
        )
