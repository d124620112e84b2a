"""The four ways a port can fail. Anything else that an adapter raises is a bug."""


class PortUnavailableError(Exception):
    """The question could not be asked, after the adapter's own retries. Nothing is known."""


class PortUnauthorizedError(Exception):
    """The credentials are refused for good. Trying again without a person cannot help."""


class PortProtocolError(Exception):
    """The peer answered outside its contract. The message holds no payload, only what was wrong with it."""


class AuditUnavailableError(Exception):
    """The log cannot be written. Nothing may be sent."""
