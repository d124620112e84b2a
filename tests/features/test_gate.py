"""Who may trigger a trade."""

from pytest_bdd import scenarios

scenarios("gate.feature")
