"""The small parts: values out of JSON, prices onto the wire, words without secrets, names, ticks, pauses."""

import asyncio
import math
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.tastytrade import supervision
from adapters.tastytrade.chains import parse_chain, parse_ticks, underlying_of
from adapters.tastytrade.json_values import day, decimal, instant, text, whole
from adapters.tastytrade.payloads import plain
from adapters.tastytrade.redaction import MASK, Redactor, masked_account
from adapters.tastytrade.sdk_session import Credentials, Endpoints
from adapters.tastytrade.supervision import Backoff, Supervised
from adapters.tastytrade.symbols import option_name
from domain.alerts import Right
from domain.instruments import occ_symbol
from domain.ticks import NICKEL, PENNY_ALL, PENNY_PROGRAM
from ports.errors import PortProtocolError

GUARD_SECONDS = 20  # the guard of a test that fails, not a wait


@pytest.mark.parametrize(
    ("price", "written"),
    [
        ("0.75", "0.75"),
        ("0.7500", "0.75"),
        ("1E+1", "10.00"),
        ("5", "5.00"),
        ("0.015625", "0.015625"),
        ("0.05", "0.05"),
    ],
)
def test_a_price_is_written_plainly(price: str, written: str) -> None:
    assert str(plain(Decimal(price))) == written


@settings(deadline=None)
@given(st.decimals(min_value="0.0001", max_value=100_000, places=6))
def test_a_written_price_is_the_price(price: Decimal) -> None:
    assert plain(price) == price
    assert "E" not in str(plain(price)) or plain(price) < Decimal("0.000001")


@pytest.mark.parametrize(
    ("value", "number"),
    [("1.50", "1.50"), (3, "3"), (Decimal("0.1"), "0.1"), ("-2", "-2"), (0.76, "0.76"), (4.35, "4.35"), (2.0, "2")],
)
def test_money_is_exact(value: object, number: str) -> None:
    assert decimal(value) == Decimal(number)


@pytest.mark.parametrize(
    "value", ["x", "", "NaN", "Infinity", True, None, math.nan, math.inf, [], "1e999999", "1e-13", 10**15]
)
def test_what_is_no_money_is_none(value: object) -> None:
    assert decimal(value) is None


def test_whole_numbers() -> None:
    assert [whole(value) for value in (3, "3", "3.0", "2.5", None, "x")] == [3, 3, 3, None, None, None]


def test_instants_are_aware() -> None:
    at = datetime(2026, 11, 20, 15, tzinfo=UTC)
    assert instant("2026-11-20T15:00:00.000+00:00") == instant("2026-11-20T10:00:00-05:00") == at
    assert instant(int(at.timestamp() * 1000)) == at
    for senseless in ("2026-11-20T15:00:00", "soon", 0, -5, True, None, 10**30):
        assert instant(senseless) is None


def test_days_and_texts() -> None:
    assert day("2026-11-20") == date(2026, 11, 20)
    assert [day(value) for value in ("soon", None, 7)] == [None] * 3
    assert [text(value) for value in ("a", "", 7, True, None, [])] == ["a", None, "7", None, None, None]


class TestRedactor:
    def test_secrets_and_bearers_are_masked_in_one_line(self) -> None:
        redactor = Redactor("secret-one", "5WT00042")
        redactor.add_token("token-1234")
        words = "secret-one\nof 5WT00042: token-1234, Authorization: Bearer another-token\x07"
        assert redactor.clean(words) == f"{MASK} of {MASK}: {MASK}, Authorization: Bearer {MASK}"

    def test_words_are_cut(self) -> None:
        assert Redactor().clean("x" * 1000, limit=10) == "xxxxxxxxx…"

    def test_what_is_too_short_to_be_a_secret_masks_nothing(self) -> None:
        assert Redactor("", "a").clean("a banana") == "a banana"

    @settings(deadline=None)
    @given(st.text(), st.text())
    def test_a_secret_never_shows(self, before: str, after: str) -> None:
        assert "canary-1" not in Redactor("canary-1").clean(f"{before}canary-1{after}", limit=10_000)

    def test_an_account_shows_its_end(self) -> None:
        assert (masked_account("5WT000421"), masked_account("5WT1")) == (f"{MASK}0421", MASK)

    def test_credentials_show_nothing(self) -> None:
        shown = repr(Credentials(client_secret="canary-1", refresh_token="canary-2", account="canary-3"))
        assert "canary" not in shown


class TestSymbols:
    @pytest.mark.parametrize(
        ("root", "strike", "name"),
        [("SPY", "690", ".SPY261120C690"), ("SPXW", "6900.5", ".SPXW261120C6900.5"), ("F", "12.25", ".F261120C12.25")],
    )
    def test_an_options_name_in_the_stream(self, root: str, strike: str, name: str) -> None:
        assert option_name(occ_symbol(root, date(2026, 11, 20), Right.CALL, Decimal(strike))) == name

    def test_what_is_no_option_has_none(self) -> None:
        assert option_name("UBER") is None

    def test_roots_and_spellings_have_one_underlying(self) -> None:
        assert [underlying_of(symbol) for symbol in ("SPXW", "SPX", "BRK.B", "UBER")] == ["SPX", "SPX", "BRK/B", "UBER"]


class TestTicks:
    def test_thresholds_hold_below_themselves(self) -> None:
        told = [{"value": "0.05"}, {"value": "0.01", "threshold": "3.0"}]
        assert parse_ticks(told, "UBER") == PENNY_PROGRAM
        assert parse_ticks([{"value": "0.01"}], "SPY") == PENNY_ALL
        assert parse_ticks([{"value": "0.05", "threshold": "3.0"}, {"value": "0.10"}], "X") == NICKEL

    def test_entries_for_something_else_are_left_out(self) -> None:
        told = [{"value": "0.01", "symbol": "OTHER"}, {"value": "0.05", "symbol": "UBER"}]
        table = parse_ticks(told, "UBER")
        assert table is not None
        assert table.up(Decimal(1)) == Decimal("1.05")
        assert parse_ticks(told[:1], "UBER") is None

    @pytest.mark.parametrize("told", [None, [], "x", [{"value": "0"}], [{"value": None}], [{"threshold": "3"}]])
    def test_nothing_readable_is_no_table(self, told: object) -> None:
        assert parse_ticks(told, "UBER") is None

    def test_a_table_without_its_open_end_goes_on_with_its_last_tick(self) -> None:
        table = parse_ticks([{"value": "0.05", "threshold": "3"}], "UBER")
        assert table is not None
        assert table.up(Decimal(4)) == Decimal("4.05")

    def test_a_senseless_table_is_the_brokers_fault(self) -> None:
        with pytest.raises(PortProtocolError, match="make no table"):
            parse_ticks([{"value": "0.03", "threshold": "1"}, {"value": "0.05"}], "UBER")


CHAIN_KEYS = ["root-symbol", "expirations", "expiration-date", "strikes", "strike-price", "call", "shares-per-contract"]
ODD = st.recursive(
    st.none() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(CHAIN_KEYS), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(ODD)
def test_odd_chains_are_read_for_what_they_are(told: object) -> None:
    items = [told] if isinstance(told, dict) else []
    assert parse_chain("UBER", items).underlying == "UBER"


def test_a_stand_ins_stream_is_never_the_real_one() -> None:
    assert Endpoints(sandbox=False).stream_override is None
    assert Endpoints(api_url="http://127.0.0.1:1").stream_override == "ws://127.0.0.1:1"
    assert (
        Endpoints(api_url="http://127.0.0.1:1", streamer_url="ws://127.0.0.1:2/s").stream_override
        == "ws://127.0.0.1:2/s"
    )


class TestSupervision:
    def test_pauses_double_up_to_a_limit_and_half_of_each_is_chance(self) -> None:
        backoff = Backoff(first=1, longest=8)
        for failures, full in ((1, 1), (2, 2), (3, 4), (4, 8), (5, 8), (5000, 8)):
            assert full / 2 <= backoff.seconds(failures) <= full

    def test_a_connection_is_begun_again_however_it_ended_until_it_is_closed(self) -> None:
        async def main() -> None:
            ends: list[Exception | None] = [None, ValueError("x"), ExceptionGroup("g", [OSError("y")])]
            enough = asyncio.Event()

            async def connect() -> None:
                if not ends:
                    enough.set()
                    await asyncio.Event().wait()
                elif (end := ends.pop(0)) is not None:
                    raise end

            line = Supervised("line", connect, Redactor(), Backoff(first=0.001, longest=0.001))
            line.start()
            line.start()
            async with asyncio.timeout(GUARD_SECONDS):
                await enough.wait()
            await line.close()
            assert ends == []
            line.start()  # closed for good
            await line.close()

        asyncio.run(main())

    def test_a_connection_that_will_not_end_is_left_behind(
        self, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(supervision, "CLOSE_SECONDS", 0)

        async def main() -> None:
            begun, end = asyncio.Event(), asyncio.Event()

            async def connect() -> None:
                begun.set()
                while not end.is_set():
                    with suppress(asyncio.CancelledError):
                        await end.wait()
                raise asyncio.CancelledError

            line = Supervised("line", connect, Redactor(), Backoff())
            line.start()
            async with asyncio.timeout(GUARD_SECONDS):
                await begun.wait()
            await line.close()
            assert "did not end within 0 s" in caplog.text
            end.set()
            await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}), return_exceptions=True)

        asyncio.run(main())
