"""Text as Discord shows it: harmless, and still what it says."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.words import LENGTH_MAX, block, fit, masked, plain

FREE = re.compile(r"(?<!\\)(?:\\\\)*[*`|~<]")


@pytest.mark.parametrize(
    "text",
    [
        "[paper] Placed: buy 4 UBER 78p 2026-12-05 @ 0.75 (order 4711).",
        "Denied (too_many_entries_day): 30 of 30",
        "Entry done: 3 UBER 78p 2026-12-05 @ 0.765 on average.",
        "first line\nsecond line",
        "50 % of $2,500 = $1,250.00!",
    ],
)
def test_our_own_words_stay_as_they_are(text):
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**bold** and `code`", r"\*\*bold\*\* and \`code\`"),
        ("_soft_ but no_such_order", r"\_soft\_ but no_such_order"),
        ("||spoiler|| ~~gone~~", r"\|\|spoiler\|\| \~\~gone\~\~"),
        ("[click](https://evil.example)", r"[click\](https://evil.example)"),
        ("<@123456789012345678> <#5> <:a:1> <t:0>", "\\<@\u200b123456789012345678> \\<#5> \\<:a:1> \\<t:0>"),
        ("@everyone @here @EVERYONE", "@\u200beveryone @\u200bhere @\u200bEVERYONE"),
        ("# loud\n> said\n-# small", "\\# loud\n\\> said\n\\-# small"),
        ("a\u202egnol\u202c b\x00c\u200bd", "agnol bcd"),
        ("back\\slash", "back\\\\slash"),
    ],
)
def test_marks_and_mentions_take_no_effect(text, shown):
    assert plain(text) == shown


@given(st.text(max_size=300))
def test_no_mark_is_ever_free(text):
    shown = plain(text)
    unescaped = shown.replace("\\\\", "")
    assert not re.search(r"(?<!\\)[*`|~<]", unescaped)
    assert not re.search(r"@(everyone|here|[!&]?\d{17})", shown, re.IGNORECASE)


def test_only_a_command_of_ours_is_shown_as_code():
    assert plain("`!tt resume` ends it, see `!allowlist list`.") == "`!tt resume` ends it, see `!allowlist list`."
    assert plain("`!tt **x**` and `!rm all`") == "\\`!tt \\*\\*x\\*\\*\\` and \\`!rm all\\`"


@given(st.one_of(st.text(max_size=300), st.text("`\n a", max_size=50), st.just("x`" * 2000)))
def test_nothing_gets_out_of_a_block(text):
    shown = block(text)
    assert len(shown) <= LENGTH_MAX
    assert shown.startswith("```\n")
    assert shown.endswith("\n```")
    assert "```" not in shown[3:-3]


@given(st.text(max_size=60), st.integers(min_value=1, max_value=50))
def test_a_text_is_cut_to_its_length_and_says_so(text, longest):
    cut = fit(text, longest)
    assert len(cut) <= longest
    assert cut == text or cut.endswith("…")


def test_a_cut_leaves_no_half_of_an_escape():
    assert fit("ab\\*cd", 4) == "ab…"
    assert len(fit("x" * 5000)) == LENGTH_MAX


@pytest.mark.parametrize(("number", "shown"), [("5WT00001", "****001"), ("123456", "****"), ("", "****")])
def test_an_account_number_shows_its_end_at_most(number, shown):
    assert masked(number) == shown
