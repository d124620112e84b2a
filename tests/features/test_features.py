"""Binds every scenario of every feature file: a file that is added there runs here."""

from pytest_bdd import scenarios

scenarios(".")
