"""What the command line adds to the settings for one paper run."""

from pathlib import Path

from attrs import frozen

from domain.value import Value

STDIN = "-"


@frozen(kw_only=True)
class PaperOptions(Value):
    """`alerts` is a file of lines, `-` for standard input, None for the keyboard and, with a token, Discord.

    `speed` is market seconds a second. `db` and `port` stand in for ALERT_TRADER_DB and ADMIN_API_PORT.
    """

    alerts: str | None = None
    speed: float = 1.0
    seed: int = 1
    exit_when_idle: bool = False
    market_hours: bool = False
    as_json: bool = False
    scenario: Path | None = None
    db: Path | None = None
    port: int | None = None
