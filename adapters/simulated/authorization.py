"""The simulated broker's credentials: it needs none, so they are always good."""

from ports.authorization import Authorization


class SimulatedAuthorization(Authorization):
    async def refresh(self) -> None:
        """Do nothing: there is nothing that could run out."""

    def describe(self) -> str:
        return "the simulated broker needs no credentials"
