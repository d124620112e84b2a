"""What the broker's account says: money and positions."""

from decimal import Decimal

from attrs import frozen

from domain.value import Value


@frozen
class Balances(Value):
    """Dollars. `buying_power` is what options may be bought with now, `net_liquidation` what the account is worth."""

    buying_power: Decimal
    net_liquidation: Decimal


@frozen
class Position(Value):
    """A holding as the broker sees it: signed, negative is short. `average_price` is per share."""

    symbol: str
    quantity: int
    average_price: Decimal | None = None
