"""Counts and durations for whoever watches the machine."""

from abc import abstractmethod
from typing import Protocol


class Metrics(Protocol):
    """Never raises and never waits. Label values come from closed vocabularies, so that series stay few."""

    @abstractmethod
    def count(self, name: str, **labels: str) -> None:
        """Add one to a counter. Names and labels are listed in docs/metrics.md."""

    @abstractmethod
    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Record a duration in seconds."""

    @abstractmethod
    def gauge(self, name: str, value: float) -> None:
        """Set the current value of something that rises and falls."""
