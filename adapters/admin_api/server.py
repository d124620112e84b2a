"""The HTTP server in the desk's own loop: its address is taken at once, the web's library loaded when it serves."""

import asyncio
import logging
import socket
from errno import EACCES, EADDRINUSE
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.admin_api.app import AdminApp
    from adapters.admin_api.embedded import EmbeddedServer

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8877
PORT_MAX = 65535
_LOG = logging.getLogger(__name__)


class AdminServerError(Exception):
    """The server cannot listen. The message names the address, the setting and the mend."""


class AdminServer:
    """Serves one application on one address. `bind` it, then run `serve`; cancelling `serve` ends it in order."""

    def __init__(self, app: "AdminApp", bound: socket.socket) -> None:
        """Take over a bound, listening socket. `bind` makes one."""
        self._app = app
        self._socket = bound
        self._server: EmbeddedServer | None = None
        self._is_over = False

    @classmethod
    def bind(cls, app: "AdminApp", host: str = DEFAULT_HOST, port: int = DEFAULT_PORT) -> "AdminServer":
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
        try:
            # In a thread: the imports take a tenth of a second, and the desk is at work already.
            self._server = await asyncio.to_thread(self._load)
            if not self._is_over:
                await self._serve(self._server)
        finally:
            self.close()

    async def _serve(self, server: "EmbeddedServer") -> None:
        running = asyncio.create_task(server.serve(sockets=[self._socket]))
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            self.stop()
            await running
            raise

    def _load(self) -> "EmbeddedServer":
        from adapters.admin_api.embedded import EmbeddedServer

        self._app.load()
        return EmbeddedServer.of(self._app)

    def stop(self) -> None:
        """Have `serve` end in order. Does nothing when it has."""
        self._is_over = True
        if self._server is not None:
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
