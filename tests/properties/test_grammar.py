"""What holds for every message: total, deterministic, linear, blind to case, spacing and decoration.

Not covered here: which reading a form has (tests/unit/grammar) and long runs (tests/fuzz).
"""

import json
import sys
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.alerts import Action, Alert, NotAnAlert, Refusal
from domain.calendar import TradingCalendar
from domain.grammar import DEFAULT_PROFILE, ChannelProfile, read
from domain.grammar.reader import TEXT_MAX, read_outcome, read_whole
from domain.grammar.shortcuts.first_look import surely_no_order
from domain.grammar.vocabulary.kinds import Kind
from domain.grammar.vocabulary.words import WORDS

NYSE = TradingCalendar()
MONDAY = date(2025, 11, 24)
DATA = Path(__file__).parents[1] / "data" / "alerts.jsonl"
LABELLED = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
MESSAGES = [line["text"] for line in LABELLED]
STORIES = [line["text"] for line in LABELLED if line["kind"] == "not_an_alert"]
ROOM = ChannelProfile(name="room", no_verb_is_entry=True, quoted_is_alert=True, zero_dte_symbols=("SPY",))
HOSTILE_MS_MAX = 5
SLOWER_THAN_LINEAR_MAX = 8  # for four times the text
NOISE_MS = 1

relaxed = settings(deadline=None)
words = st.sampled_from(sorted({word for text in MESSAGES for word in text.split()}))
texts = st.one_of(
    st.text(max_size=120),
    st.sampled_from(MESSAGES),
    st.lists(words, max_size=14).map(" ".join),
)
symbols = st.sampled_from(["UBER", "SPY", "TSLA", "SPX", "PLTR", "BABA"])
strikes = st.decimals(min_value=20, max_value=7000, places=1).map(lambda strike: format(strike.normalize(), "f"))
days = st.dates(MONDAY, MONDAY + timedelta(days=200))
prices = st.decimals(min_value=Decimal("0.05"), max_value=9, places=2)


@st.composite
def orders(draw: st.DrawFn) -> str:
    """Write an order in the core form."""
    verb = draw(st.sampled_from(["BTO", "STC", "BUY", "SELL", "bto"]))
    label = draw(st.sampled_from(["", "Alert: ", "Lotto: ", "Super Lotto: "]))
    quantity = draw(st.sampled_from(["", "3 ", "12 "]))
    day = draw(days)
    expiry = draw(st.sampled_from([f"{day.month}/{day.day}", f"{day:%m/%d/%Y}", f"{day:%m/%d/%y}", "0DTE", "3dte"]))
    price = draw(st.one_of(st.just(""), prices.map(lambda price: f" @ {price}"), prices.map(lambda price: f" {price}")))
    return f"{label}{verb} {quantity}{draw(symbols)} {draw(strikes)}{draw(st.sampled_from('cpCP'))} {expiry}{price}"


def outcome_of(text: str, profile: ChannelProfile = DEFAULT_PROFILE) -> Alert | NotAnAlert:
    return read(text, MONDAY, NYSE, profile)


def same(one: Alert | NotAnAlert, other: Alert | NotAnAlert) -> bool:
    """Two alerts are the same in every field, two refusals in that they refuse."""
    return one == other if isinstance(one, Alert) else isinstance(other, NotAnAlert)


@relaxed
@given(texts, st.dates(date(2015, 1, 1), date(2035, 1, 1)))
def test_every_text_has_a_reading_and_always_the_same(text, posted_on):
    outcome = read(text, posted_on, NYSE)
    assert isinstance(outcome, Alert | NotAnAlert)
    assert read(text, posted_on, NYSE) == outcome
    assert isinstance(read(text, posted_on, NYSE, ROOM), Alert | NotAnAlert)


@relaxed
@given(texts)
def test_an_alert_is_possible_in_every_field(text):
    alert = outcome_of(text)
    assume(isinstance(alert, Alert))
    assert isinstance(alert, Alert)
    for amount in (alert.price, alert.strike, alert.quantity):
        assert amount is None or amount > 0
    assert alert.price_low is None or alert.price_high is None or alert.price_low < alert.price_high
    if alert.action is Action.BUY_TO_OPEN and alert.instrument == "option":
        assert None not in (alert.strike, alert.right, alert.expires_on)
        assert alert.expires_on is not None
        assert alert.expires_on >= MONDAY
    assert alert.is_entry or alert.action in {Action.SELL_TO_CLOSE, Action.BUY_TO_CLOSE, Action.SPREAD_CLOSE}


@relaxed
@given(texts)
def test_the_shortcuts_decide_as_the_long_way_does(text):
    assert same(
        read_outcome(text, MONDAY, NYSE, DEFAULT_PROFILE)[1], read_whole(text, MONDAY, NYSE, DEFAULT_PROFILE)[1]
    )
    if surely_no_order(text) is not None:
        assert isinstance(read_whole(text, MONDAY, NYSE, DEFAULT_PROFILE)[1], NotAnAlert)


@relaxed
@given(orders())
def test_the_core_form_reads_at_a_glance_as_it_does_token_by_token(text):
    assert read_outcome(text, MONDAY, NYSE, DEFAULT_PROFILE) == read_whole(text, MONDAY, NYSE, DEFAULT_PROFILE)


@relaxed
@given(orders(), prices)
def test_the_core_form_is_read_as_written(text, price):
    alert = outcome_of(text)
    assume(isinstance(alert, Alert))
    assert isinstance(alert, Alert)
    assert f"{alert.symbol} {alert.strike}{alert.right[0] if alert.right else ''}".lower() in text.lower()
    assert alert.price is None or f"{alert.price}" in text


@relaxed
@given(texts, st.sampled_from([str.upper, str.lower, str.swapcase, str.title]))
def test_case_makes_no_difference(text, change):
    assume(text.isascii())
    assert same(outcome_of(text), outcome_of(change(text)))


@relaxed
@given(texts, st.sampled_from(["  ", "\t", "\u00a0", " \u200b", "\u2003 "]))
def test_spacing_makes_no_difference(text, space):
    assume(text.isprintable() and "\\" not in text)
    assert same(outcome_of(text), outcome_of(f"{space}{text.replace(' ', space)}{space}"))


@relaxed
@given(
    st.one_of(st.sampled_from(MESSAGES), orders()),
    st.sampled_from(
        ["🚀 {} 🔥", "**{}**", "__{}__", "@everyone {}", "{} @here", "<@&123456> {}", "{} :rocket:", "||{}||"]
    ),
)
def test_decoration_makes_no_difference(text, decorated):
    assume("\n" not in text and ">" not in text)
    assert same(outcome_of(text), outcome_of(decorated.format(text)))


@relaxed
@given(st.one_of(st.sampled_from(MESSAGES), orders()))
def test_bold_words_and_look_alike_letters_make_no_difference(text):
    assume(text.isascii() and "'" not in text and "`" not in text)
    look_alike = text.translate(str.maketrans("BTOSPYcpaeo", "ВТОЅРҮсраео"))
    assert same(outcome_of(text), outcome_of(" ".join(f"**{word}**" for word in text.split(" "))))
    assert same(outcome_of(text), outcome_of(look_alike))


def letters(piece: str) -> str:
    return "".join(character for character in piece.lower() if character.isalnum())


def decides(piece: str, outcome: NotAnAlert) -> bool:
    """Say whether a word is a verb, or is what the refusal names: without it the message may honestly be an order."""
    plain, named = letters(piece), letters(outcome.detail)
    return (
        not plain
        or WORDS.get(plain, (Kind.WORD, ""))[0] is Kind.VERB
        or plain in named
        or (named != "" and named in plain)
    )


@relaxed
@given(st.sampled_from(STORIES), st.data())
def test_a_story_with_a_word_dropped_or_misplaced_is_no_order(text, data):
    story = read_whole(text, MONDAY, NYSE, DEFAULT_PROFILE)[1]
    assert isinstance(story, NotAnAlert)
    pieces = text.split(" ")
    at = data.draw(st.integers(0, len(pieces) - 1))
    assume(not decides(pieces[at], story))
    if data.draw(st.booleans()):
        mutated = pieces[:at] + pieces[at + 1 :]
    else:
        other = data.draw(st.integers(0, len(pieces) - 1))
        assume(not decides(pieces[other], story))
        mutated = [*pieces]
        mutated[at], mutated[other] = mutated[other], mutated[at]
    assert isinstance(outcome_of(" ".join(mutated)), NotAnAlert)


@relaxed
@given(
    texts.filter(lambda text: len(text) < TEXT_MAX), st.sampled_from(["?", " if it breaks 80", " yesterday", " lol jk"])
)
def test_doubt_after_an_order_refuses_it(text, doubt):
    assert isinstance(outcome_of(text + doubt), NotAnAlert)


@relaxed
@given(orders(), st.sampled_from(["I will never ", "not ", "should I ", "he said ", "watchlist: ", "> ", "cancel: "]))
def test_doubt_before_an_order_refuses_it(text, doubt):
    assert isinstance(outcome_of(doubt + text), NotAnAlert)


@relaxed
@given(orders(), orders())
def test_two_orders_are_never_one(first, second):
    both = outcome_of(f"{first}\n{second}")
    assert isinstance(both, NotAnAlert) or contract_of(both) == contract_of(outcome_of(first)) == contract_of(
        outcome_of(second)
    )


def contract_of(outcome: Alert | NotAnAlert) -> object:
    if isinstance(outcome, NotAnAlert):
        return None
    return outcome.action, outcome.symbol, outcome.strike, outcome.right, outcome.expires_on


@relaxed
@given(st.integers(1, 10**6))
def test_text_beyond_the_limit_is_refused_at_once(more):
    outcome = outcome_of("BTO " * (TEXT_MAX // 4 + 1 + more % 100))
    assert isinstance(outcome, NotAnAlert)
    assert outcome.reason is Refusal.TOO_LONG


@pytest.mark.parametrize("start", ["BTO SPY ", "🚀 STC SPY 680C 12/05 @ 2.20 "])
@pytest.mark.parametrize(
    "piece",
    [
        *(
            "1",
            "a",
            "1/",
            "$",
            " x",
            "\n",
            "a1",
            ".",
            "1.",
            "@",
            "@a",
            "-",
            "1-",
            "- ",
            "<",
            "<@1>",
            ":a",
            ":a:",
            "* ",
            "_",
        ),
        *(
            "1,000,",
            "680/",
            "680c + ",
            "was on ",
            "not ",
            "will add ",
            "SL ",
            "TP 1: ",
            "dec 5 ",
            "½",
            "é",
            "🚀",
            "ａ",
            "a'",
        ),
        "".join(map(chr, range(0x400, 0x480))),
    ],
)
def test_hostile_text_of_full_length_is_read_in_time(start, piece):
    text = (start + piece * TEXT_MAX)[:TEXT_MAX]
    whole, quarter = time_of(text), time_of(text[: TEXT_MAX // 4])
    assert whole <= SLOWER_THAN_LINEAR_MAX * quarter + NOISE_MS
    if sys.gettrace() is None:  # nothing measures coverage meanwhile
        assert whole <= HOSTILE_MS_MAX


def time_of(text: str) -> float:
    """Return the best of a few processor times, in milliseconds."""
    taken = []
    for _ in range(3):
        before = time.process_time()
        outcome_of(text)
        taken.append((time.process_time() - before) * 1000)
    return min(taken)
