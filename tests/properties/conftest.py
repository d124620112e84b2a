"""How hard the properties look: the same examples every time for each change, a long random search on request."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile(
    "deep", deadline=None, max_examples=5000, stateful_step_count=120, suppress_health_check=list(HealthCheck)
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
