"""The alert that the desk reads in a message, as the admin API shows it."""

from domain.alerts import NotAnAlert
from domain.calendar import new_york_date
from domain.desk.state import DeskState
from domain.grammar import DEFAULT_PROFILE, read
from domain.grammar.plain import alert_as_dict
from domain.messages import Message


def read_as(message: Message, state: DeskState) -> dict[str, object] | None:
    """Return the alert that the desk reads in a message, or None where it reads none.

    The grammar is a function: this is what the desk decided on, read with the same room's habits and calendar.
    """
    profile = state.policies.profiles.get(message.channel_id, DEFAULT_PROFILE)
    reading = read(message.text, new_york_date(message.posted_at), state.calendar, profile)
    return None if isinstance(reading, NotAnAlert) else alert_as_dict(reading)
