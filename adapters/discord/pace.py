"""How fast the connection tries again, and how long it waits: seconds."""

import random
from collections.abc import Iterator
from itertools import chain, repeat

from attrs import frozen

from domain.value import Value


@frozen(kw_only=True)
class Pace(Value):
    """Delays double from `first` to `most`, each shortened by chance to between half and all of it.

    `identify` is kept between two logins of a session, `guilds` is waited for the last guild after a login, `hold` is
    how long live posts wait for the history, `answer` how long a send may take before it counts as not done. A
    heartbeat that is not answered within `heartbeat` ends the connection; one that is not up within `begin`, or down
    for `resume`, is given up for a new one. After one that lasted for `steady` the delays begin anew. `watch` is how
    often all this is looked at.
    """

    first: float = 1.0
    most: float = 30.0
    identify: float = 5.0
    guilds: float = 1.0
    hold: float = 5.0
    answer: float = 30.0
    heartbeat: float = 10.0
    resume: float = 20.0
    begin: float = 90.0
    steady: float = 60.0
    watch: float = 1.0

    def delays(self) -> Iterator[float]:
        """Yield the delays before one try after the other, without end."""
        doubling = []
        delay = self.first
        while delay < self.most:
            doubling.append(delay)
            delay *= 2
        for longest in chain(doubling, repeat(self.most)):
            yield longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads tries, hides nothing
