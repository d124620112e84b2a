"""The HTTP server in the desk's own loop: it owns its socket, and leaves the process's signals alone."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator
from errno import EACCES, EADDRINUSE
from ipaddress import ip_address

import uvicorn
from starlette.types import ASGIApp

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8877
PORT_MAX = 65535
CONNECTIONS_MAX = 100
HEADERS_BYTES_MAX = 16 * 1024
GRACE_SECONDS = 2
_LOG = logging.getLogger(__name__)


class AdminServerError(Exception):
    """The server cannot listen. The message names the address, the setting and the mend."""


class _EmbeddedServer(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none: signals are the process's own business."""
        yield


class AdminServer:
    """Serves one application on one address. `bind` it, then run `serve`; cancelling `serve` ends it in order."""

    def __init__(self, app: ASGIApp, bound: socket.socket) -> None:
        """Take over a bound, listening socket. `bind` makes one."""
        self._socket = bound
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
        self._server = _EmbeddedServer(config)

    @classmethod
    def bind(cls, app: ASGIApp, host: str = DEFAULT_HOST, port: int = DEFAULT_PORT) -> "AdminServer":
        """Return a server that holds its address: connections wait from now on. Port 0 takes any free one.

        Raises AdminServerError for an address that cannot be had.
        """
        if not 0 <= port <= PORT_MAX:
            raise _cannot_listen(host, port, ValueError("there is no such port"))
        try:
            family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            bound = socket.create_server(address[:2], family=family)
        except OSError as error:
            raise _cannot_listen(host, port, error) from error
        if not ip_address(bound.getsockname()[0]).is_loopback:
            _LOG.warning("the admin API listens on %s, which is not the loopback: put TLS in front of it", host)
        return cls(app, bound)

    @property
    def address(self) -> tuple[str, int]:
        """Return the host and the port that it listens on. Raises OSError once it has ended."""
        host, port = self._socket.getsockname()[:2]
        return str(host), int(port)

    async def serve(self) -> None:
        """Answer requests until cancelled or stopped; then finish those under way, within two seconds."""
        running = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            self.stop()
            await running
            raise
        finally:
            self.close()

    def stop(self) -> None:
        """Have `serve` end in order. Does nothing when it has."""
        self._server.should_exit = True

    def close(self) -> None:
        """Give the address back. Only needed for a server that was bound and never served."""
        self._socket.close()


def _cannot_listen(host: str, port: int, error: Exception) -> AdminServerError:
    code = error.errno if isinstance(error, OSError) else None
    if code == EADDRINUSE:
        mend = "another program has it: end that, or set ADMIN_API_PORT to a free port"
    elif code == EACCES or isinstance(error, ValueError):
        mend = "set ADMIN_API_PORT to a port from 1024 to 65535"
    else:
        mend = "set ADMIN_API_HOST to an address of this machine, such as 127.0.0.1"
    return AdminServerError(f"the admin API cannot listen on {host}:{port} ({error}): {mend}")
