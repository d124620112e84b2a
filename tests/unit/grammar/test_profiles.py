"""Channel profiles: a room's habits, off by default, validated, and named when a reading needed them."""

import pytest

from domain.alerts import Alert
from domain.calendar import TradingCalendar
from domain.grammar import DEFAULT_PROFILE, ChannelProfile, read

BARE = ChannelProfile(name="bare-room", no_verb_is_entry=True)
ZERO = ChannelProfile(name="spx-room", zero_dte_symbols=("SPX",))
QUOTES = ChannelProfile(name="quoting", quoted_is_alert=True)
SLANG = ChannelProfile(name="slang", entry_verbs=("scooping",), exit_verbs=("peel",), labels=("rocket",))


@pytest.mark.parametrize(
    ("text", "profile", "by_default", "in_the_room"),
    [
        ("UBER 78p 12/05 @ 0.75", BARE, "no: no_verb", "BTO UBER 78P 12/5 @0.75"),
        ("$UBER 78p 12/05 .75 lotto", BARE, "no: no_verb", "BTO UBER 78P 12/5 @0.75"),
        ("UBER puts getting cooked", BARE, "no: no_order", "no: recap"),
        ("BTO SPX 6900c @ 3.10", ZERO, "no: no_expiry", "BTO SPX 6900C 0dte @3.10"),
        ("BTO SPY 680c @ 3.10", ZERO, "no: no_expiry", "no: no_expiry"),
        ("STC SPX 6900c @ 3.10", ZERO, "STC SPX 6900C @3.10 held", "STC SPX 6900C @3.10 held"),
        ("> BTO UBER 78p 12/05 @ 0.75", QUOTES, "no: quoted", "BTO UBER 78P 12/5 @0.75"),
        ("> BTO UBER 78p 12/05 @ 0.75\nlol", QUOTES, "no: quoted", "no: quoted"),
        ("scooping UBER 78p 12/05 @ 0.75", SLANG, "no: no_verb", "BTO UBER 78P 12/5 @0.75"),
        ("Symbol: UBER\nStrike: 78p\nExpiry: 12/05\nPrice: 0.75", SLANG, "no: no_verb", "no: no_verb"),
        ("peel half UBER 78p 12/05 @ 1.75", SLANG, "no: no_verb", "STC UBER 78P 12/5 1/2 @1.75"),
        ("Rocket: BTO UBER 78p 12/05 @ 0.75", SLANG, "no: unknown_words", "BTO UBER 78P 12/5 @0.75"),
    ],
)
def test_a_habit_reads_what_the_default_refuses(told, text, profile, by_default, in_the_room):
    assert told(text) == by_default
    assert told(text, profile=profile) == in_the_room


@pytest.mark.parametrize(
    ("text", "profile", "habits"),
    [
        ("UBER 78p 12/05 @ 0.75", BARE, ("bare-room: no_verb_is_entry",)),
        ("BTO UBER 78p 12/05 @ 0.75", BARE, ()),
        ("BTO SPX 6900c @ 3.10", ZERO, ("spx-room: zero_dte_symbols",)),
        ("> BTO UBER 78p 12/05 @ 0.75", QUOTES, ("quoting: quoted_is_alert",)),
        ("Rocket: scooping UBER 78p 12/05 @ 0.75", SLANG, ("slang: labels", "slang: entry_verbs")),
        ("peel UBER 78p 12/05 @ 0.75", SLANG, ("slang: exit_verbs",)),
        ("scooping UBER 78p 12/05 @ 0.75 rocket", SLANG, ("slang: entry_verbs",)),
    ],
)
def test_a_reading_names_the_habits_it_needed(text, profile, habits):
    alert = read(text, None, TradingCalendar(), profile)
    assert isinstance(alert, Alert)
    assert alert.habits == habits


def test_a_house_label_is_the_label_whose_size_the_settings_give():
    alert = read("Rocket: BTO UBER 78p 12/05 @ 0.75", None, TradingCalendar(), SLANG)
    assert isinstance(alert, Alert)
    assert alert.label == "rocket"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"name": ""}, "name = ''"),
        ({"name": "a: b"}, "name = 'a: b'"),
        ({"zero_dte_symbols": ("$SPX",)}, r"zero_dte_symbols = '\$SPX'.*capitals"),
        ({"zero_dte_symbols": ("spx",)}, "zero_dte_symbols = 'spx'.*capitals"),
        ({"entry_verbs": ("going in",)}, "entry_verbs = 'going in'.*single words"),
        ({"exit_verbs": ("Peel",)}, "exit_verbs = 'Peel'.*lower case"),
        ({"entry_verbs": ("stc",)}, "entry_verbs = 'stc'.*leave it out"),
        ({"entry_verbs": ("peel",), "exit_verbs": ("peel",)}, "exit_verbs = 'peel'.*entry_verbs too"),
        ({"labels": ("x1",)}, "labels = 'x1'.*single words"),
    ],
)
def test_a_wrong_profile_names_field_value_and_mend(fields, named):
    with pytest.raises(ValueError, match=named):
        ChannelProfile(**fields)


def test_the_default_has_no_habits():
    assert ChannelProfile() == DEFAULT_PROFILE
