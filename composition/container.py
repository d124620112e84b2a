"""The composition root: which adapter plays which port. The only place that knows both the desk and its adapters.

Resolved once, at the start; nothing asks the container for anything afterwards.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.system.ids import TimedTradeIds
from composition.dispatch import Dispatcher
from composition.injection import containers, providers
from composition.runtime import Observer, Runtime
from domain.messages import Source
from ports.account import Account
from ports.alert_source import AlertSource
from ports.audit_log import AuditLog
from ports.authorization import Authorization
from ports.clock import Clock
from ports.contracts import Contracts
from ports.market_data import MarketData
from ports.notifier import Notifier
from ports.order_gateway import OrderGateway


class DeskContainer(containers.DeclarativeContainer):
    """The desk: core, log and loop, on whatever plays the ports. Every mode is this container with other parts."""

    clock: providers.Dependency[Clock] = providers.Dependency()
    audit: providers.Dependency[AuditLog] = providers.Dependency()
    gateway: providers.Dependency[OrderGateway] = providers.Dependency()
    account: providers.Dependency[Account] = providers.Dependency()
    market_data: providers.Dependency[MarketData] = providers.Dependency()
    contracts: providers.Dependency[Contracts] = providers.Dependency()
    authorization: providers.Dependency[Authorization] = providers.Dependency()
    notifier: providers.Dependency[Notifier] = providers.Dependency()
    rooms: providers.Dependency[Mapping[Source, AlertSource]] = providers.Dependency()
    observers: providers.Dependency[Sequence[Observer]] = providers.Dependency()

    dispatcher = providers.Singleton(
        Dispatcher,
        clock=clock,
        gateway=gateway,
        account=account,
        market_data=market_data,
        contracts=contracts,
        notifier=notifier,
        authorization=authorization,
        rooms=rooms,
    )
    runtime = providers.Singleton(
        Runtime,
        audit=audit,
        clock=clock,
        trade_ids=providers.Singleton(TimedTradeIds, clock.provided.now),
        dispatcher=dispatcher,
        observers=observers,
    )


def create_runtime(**parts: Any) -> Runtime:  # noqa: ANN401 - each part's type stands with its Dependency
    """Return a desk's loop, put together from its parts by the container's names. A missing or wrong part raises."""
    container = DeskContainer(**{name: providers.Object(part) for name, part in parts.items()})
    container.check_dependencies()
    return container.runtime()
