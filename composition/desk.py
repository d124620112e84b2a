"""A desk put together: loop, admin API, metrics, and Discord where there is a token.

Every mode is this, on other parts. Nothing here asks which mode it is.
"""

from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

import click
from attrs import frozen

from adapters.admin_api.app import create_admin_app
from adapters.admin_api.server import AdminServer
from adapters.prometheus.metrics import PrometheusMetrics
from adapters.system.notifiers import Notifiers
from composition.container import create_runtime
from composition.heads import HeadService
from composition.measuring import MeasuredAuditLog, Measuring, record_state
from composition.runtime import Observer, Runtime
from composition.settings import Settings
from composition.version import VERSION
from domain.desk import DeskState
from domain.messages import Message, Source
from domain.policies import Policies
from domain.value import Value
from ports.account import Account
from ports.alert_source import AlertSource
from ports.audit_log import AuditLog
from ports.authorization import Authorization
from ports.clock import Clock
from ports.contracts import Contracts
from ports.control import OperatorRequest
from ports.market_data import MarketData
from ports.notifier import Notifier
from ports.order_events import OrderEvents
from ports.order_gateway import OrderGateway

if TYPE_CHECKING:
    from composition.discord_room import DiscordRoom


@frozen(kw_only=True)
class Broker(Value):
    """Whoever plays the broker, port by port. `why_away` says why it cannot be used now, or None."""

    gateway: OrderGateway
    order_events: OrderEvents
    account: Account
    market_data: MarketData
    contracts: Contracts
    authorization: Authorization
    why_away: Callable[[], str | None]


@frozen(kw_only=True)
class Desk(Value):
    """Everything that runs for as long as the desk works. `room` is Discord, None without a token."""

    runtime: Runtime
    server: AdminServer
    policies: Policies
    broker: Broker
    services: tuple[Callable[[], Coroutine[Any, Any, Any]], ...]

    def parts(self) -> list[Coroutine[Any, Any, Any]]:
        """Return what has to run side by side, each to be awaited once."""
        return [self.server.serve(), *self.trading(), *self.hearing()]

    def trading(self, first: Sequence[OperatorRequest] = ()) -> list[Coroutine[Any, Any, Any]]:
        """Return the parts that look after orders. `first` is taken in before anything else is."""
        return [
            self.runtime.run(self.policies, VERSION, first),
            self.runtime.follow(self.broker.order_events),
        ]

    def hearing(self) -> list[Coroutine[Any, Any, Any]]:
        """Return the parts that alerts and commands come in by."""
        return [service() for service in self.services]


def create_desk(
    settings: Settings,
    *,
    policies: Policies,
    clock: Clock,
    audit: AuditLog,
    broker: Broker,
    tell: Notifier,
    admin_key: str | None,
    bind: Callable[[Any], AdminServer],
    lines: AlertSource | None = None,
    observers: Sequence[Observer] = (),
    metrics: PrometheusMetrics | None = None,
    heads: HeadService | None = None,
    wall: Clock | None = None,
) -> Desk:
    """Return a desk on `broker`. `tell` is where notices go besides Discord, `bind` gives the admin API its address.

    `metrics` are given where the broker's adapter counts in them too, `heads` where the log's heads are signed, `wall`
    where `clock` may be ahead of the machine's: it tells the age of commands.
    """
    metrics = metrics or PrometheusMetrics(version=VERSION, mode=policies.mode)
    measured = MeasuredAuditLog(audit, metrics)

    def state() -> DeskState:
        return runtime.state

    room = _discord_room(settings, policies, clock, state)
    notifier = tell if room is None or room.notifier is None else Notifiers(tell, room.notifier)
    runtime = create_runtime(
        clock=clock,
        audit=measured,
        gateway=broker.gateway,
        account=broker.account,
        market_data=broker.market_data,
        contracts=broker.contracts,
        authorization=broker.authorization,
        notifier=notifier,
        rooms=_rooms(lines, room),
        observers=(*observers, Measuring(metrics)),
    )

    def expose() -> bytes:
        record_state(metrics, state())
        return metrics.expose()

    def why_not_ready() -> str | None:
        return broker.why_away() or (None if room is None else room.why_away())

    app = create_admin_app(
        control=runtime, audit=measured, clock=clock, key=admin_key, readiness=why_not_ready, exposition=expose
    )
    return Desk(
        runtime=runtime,
        server=bind(app),
        policies=policies,
        broker=broker,
        services=(
            *(() if room is None else _room_services(settings, room, runtime, broker, wall or clock)),
            *(() if heads is None else (lambda: heads.serve(notifier),)),
        ),
    )


def _discord_room(
    settings: Settings, policies: Policies, clock: Clock, state: Callable[[], DeskState]
) -> "DiscordRoom | None":
    if settings.discord_bot_token is None:
        return None
    from composition.discord_room import create_discord_room

    return create_discord_room(settings, settings.discord_bot_token, policies, clock, state)


def _rooms(lines: AlertSource | None, room: "DiscordRoom | None") -> dict[Source, AlertSource]:
    found: dict[Source, AlertSource] = {} if lines is None else {Source.LOCAL: lines}
    return found if room is None else {**found, Source.DISCORD: room.source}


def _room_services(
    settings: Settings, room: "DiscordRoom", runtime: Runtime, broker: Broker, clock: Clock
) -> tuple[Callable[[], Coroutine[Any, Any, Any]], ...]:
    from composition.discord_room import create_commands
    from composition.explained import lines_of
    from composition.explaining import explain_now

    def explain(text: str, command: Message, *, amounts: bool) -> str:
        found = explain_now(runtime.state, text, command, clock.now())
        return "\n".join(click.unstyle(line) for line in lines_of(found, amounts=amounts))

    commands = create_commands(
        settings, room, control=runtime, authorization=broker.authorization, clock=clock, explain=explain
    )
    return (lambda: room.serve(commands), lambda: runtime.feed(room.source))
