"""What is a command and what a decision: the runtime dispatches the first and only records the second."""

from typing import get_args

import pytest

from domain.commands import COMMANDS, WORLD, Command, ReadAccount, is_command
from domain.events import Decision, Denied
from domain.verdicts import DenialCode


def test_a_command_is_told_from_a_decision():
    assert is_command(ReadAccount(None))
    assert not is_command(Denied("T1", DenialCode.NOT_ALLOWED, "a stranger"))


@pytest.mark.parametrize("kind", get_args(Command))
def test_every_member_of_the_union_is_a_command(kind):
    assert kind in COMMANDS


def test_no_decision_is_a_command_and_what_changes_the_world_is_one():
    assert not COMMANDS & set(get_args(Decision))
    assert WORLD < COMMANDS
