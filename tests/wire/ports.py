"""Ports for servers that go away and come back in a test."""

import random
import socket

# Below the range that the system gives to connections: while nobody listens on it, none of them takes the port.
LOWEST, HIGHEST = 12_000, 32_000


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    while True:
        port = random.randrange(LOWEST, HIGHEST)  # noqa: S311 - spreads tests that run side by side
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
