"""Scenario files: every key is read, every mistake is named, and the example of the documentation is one."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.simulated.market.chain import list_contract
from adapters.simulated.market.products import INDEX_EVENING_ROOTS
from adapters.simulated.scenario.naming import ROOTS_OF_INDEXES, can_name_a_contract
from adapters.simulated.scenario.scenario import (
    AfterPartialFill,
    AnswerRule,
    CancelRule,
    Execution,
    FillRule,
    LostAnswer,
    QuoteScript,
    QuoteStep,
    Read,
    ReadRule,
    RejectRule,
    ReplaceRule,
    ReportRule,
    Scenario,
)
from adapters.simulated.scenario.scenario_file import load_scenario, parse_scenario
from domain.alerts import InstrumentKind, Right
from domain.calendar import TradingCalendar
from domain.events import Operation
from domain.instruments import Contract, ContractQuery
from domain.orders import OrderRole, Side

PAGE = Path(__file__).parents[3] / "docs" / "simulated-market.md"

EVERYTHING = """
replace_after_partial_fill = "remaining"
[[quotes]]
contract = "UBER"
steps = [{ bid = 0.74, ask = 0.76 }, { after = 30 }, { after = 40.5, bid = 1, ask = 2, age = 9 }]
settles_at = 0
[[fills]]
side = "buy"
role = "entry"
skip = 1
times = 2
executions = [{ after = 5, quantity = 2, price = 0.75 }, {}]
[[rejects]]
reason = "no"
after = 3
[[cancels]]
refuse = "too late"
[[cancels]]
takes = 2
fill = { quantity = 1 }
[[replaces]]
side = "sell"
role = "exit"
takes = 0
[[answers]]
operation = "replace"
outcome = "not_accepted"
[[reports]]
role = "close"
copies = 0
[[reads]]
read = "authorization"
forbidden = true
times = 3
"""


def test_every_key_is_read():
    assert parse_scenario(EVERYTHING) == Scenario(
        replace_after_partial_fill=AfterPartialFill.REMAINING,
        quotes=(
            QuoteScript(
                contract="UBER",
                steps=(
                    QuoteStep(bid=Decimal("0.74"), ask=Decimal("0.76")),
                    QuoteStep(after=timedelta(seconds=30)),
                    QuoteStep(after=timedelta(seconds=40.5), bid=Decimal(1), ask=Decimal(2), age=timedelta(seconds=9)),
                ),
                settles_at=Decimal(0),
            ),
        ),
        fills=(
            FillRule(
                side=Side.BUY_TO_OPEN,
                role=OrderRole.ENTRY,
                skip=1,
                times=2,
                executions=(
                    Execution(after=timedelta(seconds=5), quantity=2, price=Decimal("0.75")),
                    Execution(),
                ),
            ),
        ),
        rejects=(RejectRule(reason="no", after=timedelta(seconds=3)),),
        cancels=(
            CancelRule(refuse="too late"),
            CancelRule(takes=timedelta(seconds=2), fill=Execution(quantity=1)),
        ),
        replaces=(ReplaceRule(side=Side.SELL_TO_CLOSE, role=OrderRole.EXIT, takes=timedelta(0)),),
        answers=(AnswerRule(operation=Operation.REPLACE, outcome=LostAnswer.NOT_ACCEPTED),),
        reports=(ReportRule(role=OrderRole.CLOSE, copies=0),),
        reads=(ReadRule(read=Read.AUTHORIZATION, forbidden=True, times=3),),
    )


def test_an_empty_file_is_the_plain_market():
    assert parse_scenario("") == Scenario()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("= 1", "no TOML"),
        ("quote = []", "quote is no key here; there are quotes, fills"),
        ("quotes = 3", "quotes = 3 must be a list; write [[quotes]]"),
        ("fills = [1]", r"fills[0] = 1 must be a table of contract"),
        ("[[fills]]\ncontact = 'UBER'", "fills[0].contact is no key here; there are contract"),
        ("[[fills]]\ncontract = 5", 'fills[0].contract = 5 must be a text, such as "UBER"'),
        ("[[fills]]\nside = 'long'", "fills[0].side = 'long' must be one of buy, sell"),
        ("[[fills]]\nside = ['buy']", "fills[0].side = ['buy'] must be one of buy, sell"),
        ("[[fills]]\ntimes = 0", "fills[0].times = 0 must be a whole number from 1"),
        ("[[fills]]\nskip = true", "fills[0].skip = True must be a whole number from 0"),
        ("[[fills]]\nexecutions = [{ after = -1 }]", "fills[0].executions[0].after = -1 must be a number of seconds"),
        ("[[fills]]\nexecutions = [{ after = nan }]", "executions[0].after = NaN must be a number of seconds"),
        ("[[fills]]\nexecutions = [{ price = '0.75' }]", "executions[0].price = '0.75' must be a price"),
        ("[[fills]]\nexecutions = [{ price = inf }]", "executions[0].price = Infinity must be a price"),
        ("[[quotes]]\nsteps = []", "quotes[0] has no contract; add contract = "),
        (
            "[[quotes]]\ncontract = '*'\nsteps = [{ after = 5 }, { after = 5 }]",
            "quotes[0].steps[1].after = 5 must be more than the 5 of the step before",
        ),
        ("[[rejects]]\nafter = 1", "rejects[0] has no reason"),
        ("[[answers]]\noperation = 'submit'", "answers[0] has no outcome"),
        ("[[answers]]\noperation = 'ask'", "answers[0].operation = 'ask' must be one of submit, replace, cancel"),
        ("[[reads]]\nread = 'quote'\nforbidden = 1", "reads[0].forbidden = 1 must be true or false"),
        ("[[reads]]\nread = 'quote'\nside = 'buy'", "reads[0].side is no key here"),
        (
            "replace_after_partial_fill = 'both'",
            "replace_after_partial_fill = 'both' must be one of refuse, total, remaining",
        ),
    ],
)
def test_a_mistake_is_named_with_its_value_and_its_mend(text: str, words: str):
    with pytest.raises(ValueError, match=re.escape(words)):
        parse_scenario(text)


@pytest.mark.parametrize(
    "name",
    [
        "UBER 78x 12/05",
        "UBER 78p 12/05",
        "UBER 78p 2026-02-30",
        "UBER 78.0p 2026-12-04",
        "UBER 78P 2026-12-04",
        "UBER  78p 2026-12-04",
        "uber",
        "$UBER",
        "UBER261204P00078000",
        "UBER  261304P00078000",
        "SPXW",
        "SPXW 6900c 2026-12-04",
        "BRK.B",
        "**",
    ],
)
@pytest.mark.parametrize("table", ["quotes", "fills", "reads"])
def test_a_contract_that_none_can_be_called_is_refused_with_the_forms(table, name):
    text = f"[[{table}]]\ncontract = '{name}'\n" + ("read = 'quote'\n" if table == "reads" else "")
    words = f"{table}[0].contract = {name!r} names no contract: it must be a broker symbol (UBER  261204P00078000"
    with pytest.raises(ValueError, match=re.escape(words)):
        parse_scenario(text)


@pytest.mark.parametrize(
    "name",
    [
        "*",
        "UBER",
        "BRK/B",
        "SPX",
        "UBER 78p 2026-12-04",
        "UBER 78.5c 2026-12-04",
        "F 0.5c 2026-12-04",
        "UBER  261204P00078000",
        "SPXW  261204C06900000",
        "/ESZ6",
        "/6EZ26",
        "./ESZ6 EW1Z6 261204C6900",
    ],
)
def test_a_contract_may_be_called_by_symbol_label_or_underlying(name):
    assert parse_scenario(f"[[fills]]\ncontract = '{name}'") == Scenario(fills=(FillRule(contract=name),))


def test_the_roots_that_are_no_underlying_are_those_of_the_market():
    assert {root for index, root in INDEX_EVENING_ROOTS.items() if root != index} == ROOTS_OF_INDEXES


def test_every_contract_that_the_market_lists_has_a_name_that_is_taken():
    now = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
    expiry = date(2026, 12, 4)
    queries = [
        *(ContractQuery(root, InstrumentKind.EQUITY) for root in ("UBER", "BRK/B")),
        *(ContractQuery(root, InstrumentKind.FUTURE) for root in ("/ESZ6", "/GCZ6", "/ZBZ6", "/6EZ6")),
        *(
            ContractQuery(root, InstrumentKind.OPTION, strike, right, expiry)
            for root in ("UBER", "SPX", "BRK/B")
            for strike in (Decimal("0.5"), Decimal(150), Decimal("77.5"))
            for right in Right
        ),
    ]
    listed = [list_contract(query, now, TradingCalendar()) for query in queries]
    contracts = [contract for contract in listed if isinstance(contract, Contract)]
    assert len(contracts) >= len(queries) - 4  # which futures there are is the market's own
    for contract in contracts:
        for name in (contract.symbol, contract.label, contract.underlying):
            assert can_name_a_contract(name), name


def test_an_error_in_a_file_names_the_file(tmp_path: Path):
    path = tmp_path / "storm.toml"
    path.write_text("quote = []")
    with pytest.raises(ValueError, match=r"storm\.toml: quote is no key here"):
        load_scenario(path)
    path.write_bytes(b"\xff")
    with pytest.raises(ValueError, match=r"storm\.toml cannot be read"):
        load_scenario(path)
    with pytest.raises(ValueError, match=r"nowhere\.toml cannot be read"):
        load_scenario(tmp_path / "nowhere.toml")


def test_the_documented_examples_are_scenarios():
    examples = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(examples) >= 2
    for example in examples:
        assert parse_scenario(example) != Scenario()


def test_the_documentation_names_every_key():
    page = PAGE.read_text("utf-8")
    keys = set(re.findall(r"(\w+) = ", EVERYTHING)) | {"arrives_after", "delay"}
    assert [key for key in sorted(keys) if f"`{key}`" not in page] == []
