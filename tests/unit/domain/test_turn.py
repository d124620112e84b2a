"""A turn replaces named parts of the desk's state and leaves the state it was given as it is."""

from datetime import UTC, datetime

import pytest
from attrs import evolve

from domain.desk.state import DeskState, Phase
from domain.desk.turn import Turn

AT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def test_a_change_is_a_new_state_that_shares_what_did_not_change():
    before = evolve(DeskState(), phase=Phase.ACTIVE, timers={"reconcile": AT})
    turn = Turn(AT, before)
    turn.change(deliveries=3, rejects_in_row=1)
    assert turn.state == evolve(before, deliveries=3, rejects_in_row=1)
    assert turn.state.timers is before.timers
    assert (before.deliveries, before.rejects_in_row) == (0, 0)


def test_a_part_that_there_is_not_is_refused_by_name():
    turn = Turn(AT, DeskState())
    with pytest.raises(TypeError, match=r"phases: the desk's state has no such part"):
        turn.change(phases=Phase.ACTIVE)
