"""How a scenario names contracts, and which texts can be the name of one: what cannot is a slip of the pen."""

import re
from datetime import date

from adapters.simulated.scenario.scenario import ANY

FORMS = (
    "a broker symbol (UBER  261204P00078000, /ESZ6), a label (UBER 78p 2026-12-04), "
    f"an underlying (UBER; SPX, not SPXW) or {ANY}"
)
# Roots of options on an index, which no contract has as its underlying.
ROOTS_OF_INDEXES = frozenset({"SPXW", "NDXP", "RUTW", "VIXW"})
_UNDERLYING = r"(?P<underlying>[A-Z]{1,6}(?:/[A-Z])?|/[A-Z0-9]{1,4}[FGHJKMNQUVXZ][0-9]{1,2})"
_STRIKE = r"(?:[1-9][0-9]*|0(?=\.))(?:\.[0-9]*[1-9])?"
_LABEL = re.compile(rf"{_UNDERLYING}(?: {_STRIKE}[cp] (?P<day>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}))?")
_OCC = re.compile(r"(?=.{21}$)[A-Z0-9]{1,6} *(?P<day>[0-9]{6})[CP][0-9]{8}")
_FUTURE_OPTION = re.compile(r"\./[A-Z0-9 ]+[CP][0-9.]+")


def can_name_a_contract(text: str) -> bool:
    """Return whether a contract can have this symbol, label or underlying."""
    if text == ANY or _FUTURE_OPTION.fullmatch(text):
        return True
    occ = _OCC.fullmatch(text)
    if occ is not None:
        day = occ["day"]
        return _is_day(f"20{day[:2]}-{day[2:4]}-{day[4:]}")
    label = _LABEL.fullmatch(text)
    if label is None or label["underlying"] in ROOTS_OF_INDEXES:
        return False
    return label["day"] is None or _is_day(label["day"])


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
