"""What is found when an outside service is looked over before the desk relies on it. Looking changes nothing there."""

from abc import abstractmethod
from enum import StrEnum
from typing import Protocol

from attrs import frozen


class Outcome(StrEnum):
    OK = "ok"
    NO = "no"  # a person must mend something
    UNKNOWN = "unknown"  # it could not be asked


@frozen(kw_only=True)
class Finding:
    """One thing that was looked at: what was found, and the mend, empty where there is nothing to do.

    `stops`: no desk can start like this, because only other settings and a restart mend it.
    """

    check: str
    outcome: Outcome
    told: str
    mend: str = ""
    stops: bool = False


class Examination(Protocol):
    @abstractmethod
    async def examine(self) -> tuple[Finding, ...]:
        """Return what was found, in the order in which it was looked at. Sends reads only, each once; safe to repeat.

        Never raises for what the service answers or for its silence: that is a finding too.
        """
