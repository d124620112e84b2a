"""The composition root: which adapter plays which port. The only place that knows both the desk and its adapters.

Resolved once, at the start; nothing asks the container for anything afterwards.
"""

from collections.abc import Mapping
from typing import Any

from dependency_injector import containers, providers

from adapters.simulated.authorization import SimulatedAuthorization
from adapters.simulated.create import Simulated, create_simulated
from adapters.system.ids import TimedTradeIds
from composition.dispatch import Dispatcher
from composition.runtime import Observer, Runtime
from domain.calendar import TradingCalendar
from domain.events import AlertRead
from domain.gate import query_of
from domain.messages import Source
from domain.policies import Policies
from ports.alert_source import AlertSource
from ports.audit_log import AuditLog, Entry
from ports.clock import Clock
from ports.notifier import Notifier


def hint_at_prices(simulated: Simulated) -> Observer:
    """Return an observer that anchors a contract's first simulated price near the price its alert names.

    The hint reaches the market before the contract is asked for, and never the core.
    """

    def observe(_seq: int, entry: Entry) -> None:
        read = entry.body
        if isinstance(read, AlertRead) and read.alert.is_entry and read.alert.price is not None:
            query = query_of(read.alert)
            if query is not None:
                simulated.anchor(query, read.alert.price)

    return observe


class PaperContainer(containers.DeclarativeContainer):
    """The paper desk: the core and its log on the simulated broker and market."""

    clock: providers.Dependency[Clock] = providers.Dependency()
    audit: providers.Dependency[AuditLog] = providers.Dependency()
    policies: providers.Dependency[Policies] = providers.Dependency()
    notifier: providers.Dependency[Notifier] = providers.Dependency()
    rooms: providers.Dependency[Mapping[Source, AlertSource]] = providers.Dependency()
    seed: providers.Dependency[int] = providers.Dependency()
    scenario: providers.Dependency[Any] = providers.Dependency()
    store: providers.Dependency[Any] = providers.Dependency()
    show: providers.Dependency[Observer] = providers.Dependency()
    measure: providers.Dependency[Observer] = providers.Dependency()

    calendar = providers.Singleton(TradingCalendar, policies.provided.calendar)
    simulated = providers.Singleton(
        create_simulated, clock, seed=seed, calendar=calendar, scenario=scenario, store=store
    )
    dispatcher = providers.Singleton(
        Dispatcher,
        clock=clock,
        gateway=simulated.provided.gateway,
        account=simulated.provided.account,
        market_data=simulated.provided.market_data,
        contracts=simulated.provided.contracts,
        notifier=notifier,
        authorization=providers.Singleton(SimulatedAuthorization),
        rooms=rooms,
    )
    runtime = providers.Singleton(
        Runtime,
        audit=audit,
        clock=clock,
        trade_ids=providers.Singleton(TimedTradeIds, clock.provided.now),
        dispatcher=dispatcher,
        observers=providers.List(show, measure, providers.Factory(hint_at_prices, simulated)),
    )
