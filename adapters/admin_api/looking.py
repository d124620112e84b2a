"""What an operator may look at: the audit log, trades, positions, orders, halts; and whether the machine lives."""

from collections.abc import Callable

from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response

from adapters.admin_api.answer import Answer
from adapters.admin_api.errors import RequestError, failure
from adapters.admin_api.fields import query_fields
from adapters.admin_api.views import (
    closing_view,
    halts_view,
    order_view,
    position_views,
    row_view,
    trade_view,
    working_orders,
)
from domain.value import Value
from ports.audit_log import AuditLog
from ports.control import Control

PAGE = 100
PAGE_MAX = 1000
STORY_MAX = 1000
# The highest number that a row of the log can have: SQLite has no larger integer.
CURSOR_MAX = 2**63 - 1
# What the exposition is in: https://prometheus.io/docs/instrumenting/exposition_formats/
EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@frozen(kw_only=True)
class Looking(Value):
    """The endpoints and what they need. Nothing here changes anything."""

    control: Control
    audit: AuditLog

    async def audit_recent(self, request: Request) -> Response:
        """Return a page of the log, newest first, and where the next one begins: None at the log's first row."""
        fields = query_fields(request, known=("limit", "cursor"))
        limit = fields.whole("limit", default=PAGE, most=PAGE_MAX) or PAGE
        rows = self.audit.rows(before=fields.whole("cursor", default=None, most=CURSOR_MAX), limit=limit)
        oldest = rows[-1].seq if rows else 1
        cursor = str(oldest) if oldest > 1 else None
        return Answer({"events": [row_view(row) for row in rows], "next_cursor": cursor})

    async def trades(self, request: Request) -> Response:
        """Return the open trades and those closed within the last month, newest first."""
        fields = query_fields(request, known=("limit",))
        limit = fields.whole("limit", default=PAGE, most=PAGE_MAX)
        state = self.control.state
        known = [(trade, True) for trade in state.trades.values()]
        known += [(trade, False) for trade in state.archive.values()]
        known.sort(key=lambda pair: pair[0].entry.started_at, reverse=True)
        return Answer({"trades": [trade_view(trade, is_open=is_open) for trade, is_open in known[:limit]]})

    async def trade(self, request: Request) -> Response:
        """Return one trade or close and all that the log has of it, oldest first."""
        query_fields(request, known=())
        trade_id = request.path_params["trade_id"].upper()
        rows = self.audit.rows(trade_id=trade_id, limit=STORY_MAX)
        state = self.control.state
        trade = state.trades.get(trade_id) or state.archive.get(trade_id)
        closing = state.closings.get(trade_id)
        if not rows and trade is None and closing is None:
            raise RequestError(404, "no_such_trade", f"the log has no trade {trade_id[:40]!r}")
        view = None if trade is None else trade_view(trade, is_open=trade_id in state.trades)
        return Answer(
            {
                "trade_id": trade_id,
                "trade": view,
                "closing": None if closing is None else closing_view(closing),
                "events": [row_view(row) for row in reversed(rows)],
                "truncated": len(rows) == STORY_MAX,
            }
        )

    async def positions(self, request: Request) -> Response:
        query_fields(request, known=())
        return Answer({"positions": position_views(self.control.state.trades.values())})

    async def halts(self, request: Request) -> Response:
        """Return whether entries are stopped, and every cause that holds."""
        query_fields(request, known=())
        return Answer(halts_view(self.control.state))

    async def orders(self, request: Request) -> Response:
        query_fields(request, known=())
        return Answer({"orders": [order_view(order) for order in working_orders(self.control.state)]})


@frozen(kw_only=True)
class Health(Value):
    """What a supervisor and a monitoring system ask, without a key."""

    why_not_ready: Callable[[], str | None]
    exposition: Callable[[], bytes]

    async def healthz(self, _request: Request) -> Response:
        """Answer: that it does is the news."""
        return Answer({"status": "ok"})

    async def readyz(self, _request: Request) -> Response:
        why = self.why_not_ready()
        return Answer({"status": "ready"}) if why is None else failure(503, "not_ready", why)

    async def metrics(self, _request: Request) -> Response:
        return Response(self.exposition(), media_type=EXPOSITION_TYPE)
