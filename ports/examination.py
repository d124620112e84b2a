"""What is found when something is looked over before the desk relies on it. Looking changes nothing there."""

from abc import abstractmethod
from enum import StrEnum
from typing import Protocol

from attrs import frozen

from domain.value import Value


class Outcome(StrEnum):
    OK = "ok"
    NOTE = "note"  # the desk works like this, and a person should know
    NO = "no"  # a person must mend something: the desk does not start
    UNKNOWN = "unknown"  # it could not be asked, or what was answered says nothing


@frozen(kw_only=True)
class Finding(Value):
    """One thing that was looked at: what was found, and the mend, empty where there is nothing to do.

    `stops`: like this not even open trades can be looked after.
    """

    check: str
    outcome: Outcome
    told: str
    mend: str = ""
    stops: bool = False

    def __str__(self) -> str:
        return f"{self.check}: {self.told}" + (f"; {self.mend}" if self.mend else "")


class Examination(Protocol):
    @abstractmethod
    async def examine(self) -> tuple[Finding, ...]:
        """Return what was found, in the order in which it was looked at. Sends reads only, each once; safe to repeat.

        The first finding is whether the service lets us in: where that is unknown, the service is away. Never raises
        for what the service answers or for its silence: that is a finding too.
        """
