"""How many seeds it takes until a mutant breaks the promise that it should break."""

from composition.simulation.mutants.planting import Mutant
from composition.simulation.run import run_seeds

STEP = 20


def hunt(mutant: Mutant, seeds: range, jobs: int = 1) -> int | None:
    """Return how many of `seeds`, from the first, it takes until the mutant's own promise is broken, or None."""
    for at in range(0, len(seeds), STEP):
        tally = run_seeds(seeds[at : at + STEP], jobs=jobs, mutant=mutant.name)
        for failure in tally.failures:
            if any(violation.promise == mutant.promise for violation in failure.violations):
                return failure.seed - seeds.start + 1
    return None
