"""Tastytrade as the settings name it: for `run` the broker, for paper its quotes. Signing in, and ending in time."""

import asyncio
import logging

import stamina

from adapters.tastytrade.account import AccountNotFoundError
from adapters.tastytrade.create import Tastytrade
from adapters.tastytrade.sdk_session import Credentials, Endpoints
from composition.serving import StartError
from composition.settings import Settings
from ports.errors import PortProtocolError, PortUnauthorizedError, PortUnavailableError

REQUIRED = ("TASTYTRADE_CLIENT_SECRET", "TASTYTRADE_REFRESH_TOKEN", "TASTYTRADE_ACCOUNT")
SLOWEST_RETRY = 60.0
# SIGTERM ends everything within ten seconds; the parts of the desk take the rest.
CLOSE_SECONDS = 5.0
_LOG = logging.getLogger(__name__)


def credentials_of(settings: Settings) -> Credentials:
    """Return what signs in at Tastytrade. Raises StartError naming what is not set."""
    secret, token, account = (
        settings.tastytrade_client_secret,
        settings.tastytrade_refresh_token,
        settings.tastytrade_account,
    )
    if secret is None or token is None or account is None:
        missing = [name for name in REQUIRED if getattr(settings, name.lower()) is None]
        raise StartError(f"not set: {', '.join(missing)}")
    return Credentials(client_secret=secret.reveal(), refresh_token=token.reveal(), account=account)


def endpoints_of(settings: Settings) -> Endpoints:
    """Return where Tastytrade is."""
    return Endpoints(
        sandbox=settings.tastytrade_use_sandbox,
        api_url=settings.tastytrade_api_url,
        streamer_url=settings.tastytrade_streamer_url,
    )


async def sign_in(tastytrade: Tastytrade) -> None:
    """Sign in and confirm the account, for as long as that takes. Raises StartError where a person must act."""
    away = (PortUnavailableError, PortProtocolError)
    attempts = stamina.retry_context(on=away, attempts=None, timeout=None, wait_max=SLOWEST_RETRY)
    try:
        async for attempt in attempts:
            with attempt:
                await tastytrade.open()
    except (PortUnauthorizedError, AccountNotFoundError) as error:
        raise StartError(str(error)) from error
    _LOG.info("Tastytrade: signed in, the account is confirmed")


async def close(tastytrade: Tastytrade) -> None:
    """End its streams and connections, or leave them behind after five seconds."""
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await tastytrade.close()
    except TimeoutError:
        _LOG.warning("Tastytrade's connections did not end within %g s and are left behind", CLOSE_SECONDS)
