"""Uvicorn as a part of the desk's process: its limits, and none of its hold on the process's signals."""

import contextlib
from collections.abc import Iterator
from typing import Self

import uvicorn
from starlette.types import ASGIApp

CONNECTIONS_MAX = 100
HEADERS_BYTES_MAX = 16 * 1024
GRACE_SECONDS = 2


class EmbeddedServer(uvicorn.Server):
    """Serves in a loop that is not its own. `of` makes one."""

    @classmethod
    def of(cls, app: ASGIApp) -> Self:
        """Return a server of an application that has not begun to serve."""
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            http="h11",
            ws="none",
            interface="asgi3",
            server_header=False,
            proxy_headers=False,
            limit_concurrency=CONNECTIONS_MAX,
            h11_max_incomplete_event_size=HEADERS_BYTES_MAX,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        return cls(config)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none: signals are the process's own business."""
        yield
