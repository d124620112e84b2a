"""The paper account survives a restart whole, and a broken file is never taken for an empty account."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.simulated.create import Simulated, create_simulated
from adapters.simulated.exchange.broker import SimulatedBroker
from adapters.simulated.exchange.snapshot import restore, snapshot
from adapters.simulated.exchange.store import PaperAccountFile, PaperAccountFileError
from adapters.simulated.market.market import SimulatedMarket
from adapters.simulated.scenario.scenario import Execution, FillRule, QuoteScript, QuoteStep, RejectRule, Scenario
from adapters.simulated.scenario.script import Script
from adapters.simulated.virtual import VirtualClock, VirtualTimeLoop, run_virtual
from domain.orders import Side, Signal, TimeInForce
from tests.unit.simulated.paper_bench import ALWAYS_OPEN, START, PaperBench

BUSY = Scenario(
    quotes=(QuoteScript(contract="AAPL", steps=(QuoteStep(bid=Decimal(1), ask=Decimal(2)),)),),
    rejects=(RejectRule(reason="no", skip=50),),
    fills=(
        FillRule(times=1, skip=2, executions=(Execution(after=timedelta(seconds=90)), Execution(quantity=1))),
        FillRule(times=1, skip=3),
    ),
)


def busy_bench() -> PaperBench:
    """A bench with something of everything in it."""
    bench = PaperBench(BUSY, seed=5)
    bench.market.anchor(bench.contract, Decimal("0.75"), START)
    bench.held(5)
    entry, other = bench.order(quantity=3), bench.order(price="0.40")
    bench.placed(entry)
    bench.working(other)
    bench.working(bench.order(quantity=2))
    bench.working(bench.order(Side.SELL_TO_CLOSE, 2, "1.50", time_in_force=TimeInForce.GTC))
    bench.broker.replace(bench.order(price="0.41", replaces=other.client_order_id), other, bench.now)
    bench.broker.cancel(entry, bench.now)
    return bench


def reborn(broker: SimulatedBroker, scenario: Scenario = BUSY, seed: int = 5) -> SimulatedBroker:
    script = Script(scenario)
    return restore(json.loads(json.dumps(snapshot(broker))), SimulatedMarket(seed, script), script)


def test_a_restored_broker_is_the_same_broker():
    bench = busy_bench()
    again = reborn(bench.broker)
    assert snapshot(again) == snapshot(bench.broker)
    assert again.next_at() is not None
    assert again.orders(START, bench.now) == bench.broker.orders(START, bench.now)
    assert again.balances(bench.now) == bench.broker.balances(bench.now)


def test_a_restored_broker_has_the_same_future():
    bench = busy_bench()
    again = reborn(bench.broker)
    for hours in (1, 30, 300):
        later = bench.now + timedelta(hours=hours)
        bench.broker.advance(later)
        again.advance(later)
        assert snapshot(again) == snapshot(bench.broker)


def test_another_version_is_refused():
    data = snapshot(PaperBench().broker) | {"version": 99}
    with pytest.raises(ValueError, match="version 99 is not 1"):
        restore(data, SimulatedMarket(1, Script(Scenario())), Script(Scenario()))


def desk(loop: VirtualTimeLoop, path: Path, scenario: Scenario | None = None) -> Simulated:
    return create_simulated(
        VirtualClock(START, loop),
        seed=1,
        calendar=ALWAYS_OPEN,
        scenario=scenario,
        store=PaperAccountFile(path),
        starting_cash=Decimal(10_000),
    )


def test_an_account_is_there_again_after_a_restart(tmp_path: Path):
    path = tmp_path / "new" / "paper-account.json"

    async def before(loop: VirtualTimeLoop) -> None:
        paper, bench = desk(loop, path), PaperBench()
        paper.anchor(bench.contract, Decimal("0.75"))
        await paper.gateway.submit(bench.order())

    async def after(loop: VirtualTimeLoop) -> None:
        paper = desk(loop, path)
        (report,) = await paper.account.orders(START)
        assert report.client_order_id == "T1-1"
        quote = await paper.market_data.quote(PaperBench().contract)
        assert quote is not None
        assert abs(quote.mid - Decimal("0.75")) < Decimal("0.05")
        assert (await paper.account.balances()).buying_power == 10_000 - 300 - Decimal("4.52")

    run_virtual(before)
    run_virtual(after)
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_what_the_broker_told_is_in_the_file_already(tmp_path: Path):
    path = tmp_path / "paper-account.json"

    async def main(loop: VirtualTimeLoop) -> None:
        paper = desk(loop, path, Scenario(fills=(FillRule(executions=(Execution(),)),)))
        on_disk: list[int] = []

        def look(_report: object) -> None:
            on_disk.append(json.loads(path.read_text())["fills_given"])

        paper.broker.listen(look)
        order = PaperBench().order()
        paper.broker.submit(order, START)
        paper.broker.advance(START + timedelta(seconds=1))
        assert len(on_disk) >= 2
        assert set(on_disk) == {1}

    run_virtual(main)


def test_looks_at_the_book_are_not_written(tmp_path: Path):
    path = tmp_path / "paper-account.json"

    async def main(loop: VirtualTimeLoop) -> None:
        paper = desk(loop, path)
        bench = PaperBench()
        paper.broker.set_quote(bench.contract, QuoteStep(bid=Decimal(2), ask=Decimal(3)), START)
        paper.broker.submit(bench.order(), START)
        paper.broker.advance(START + timedelta(seconds=2))
        written = path.stat().st_ino
        paper.broker.advance(START + timedelta(hours=2))
        assert path.stat().st_ino == written

    run_virtual(main)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"version": 1}', b"\xff\xfe", b'{"version": 7, "orders": []}']
)
def test_a_broken_file_stops_the_start_and_stays(tmp_path: Path, content: bytes):
    path = tmp_path / "paper-account.json"
    path.write_bytes(content)

    async def main(loop: VirtualTimeLoop) -> None:
        with pytest.raises(PaperAccountFileError, match=r"paper-account.json cannot be read: .*put a copy of it back"):
            desk(loop, path)

    run_virtual(main)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "broken", [{"orders": [{}]}, {"ledger": {}}, {"ledger": None}, {"anchors": {"UBER": {"price": "x"}}}]
)
def test_a_file_with_a_broken_part_stops_the_start(tmp_path: Path, broken: dict[str, object]):
    path = tmp_path / "paper-account.json"
    path.write_text(json.dumps(snapshot(busy_bench().broker) | broken))

    async def main(loop: VirtualTimeLoop) -> None:
        with pytest.raises(PaperAccountFileError, match="cannot be read"):
            desk(loop, path)

    run_virtual(main)


def test_an_account_that_cannot_be_written_says_so(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(PaperAccountFileError, match="cannot be written"):
        PaperAccountFile(tmp_path / "file" / "paper-account.json").save({})


def test_the_account_is_readable_by_its_owner_only(tmp_path: Path):
    file = PaperAccountFile(tmp_path / "paper-account.json")
    file.save({"version": 1})
    assert file.path.stat().st_mode & 0o777 == 0o600


def test_a_save_that_fails_leaves_the_old_account(tmp_path: Path):
    file = PaperAccountFile(tmp_path / "paper-account.json")
    file.save({"version": 1})
    with pytest.raises(TypeError):
        file.save({"version": object()})
    assert file.load() == {"version": 1}


def test_without_a_store_nothing_is_written_and_nothing_is_needed():
    async def main(loop: VirtualTimeLoop) -> Signal:
        paper = create_simulated(VirtualClock(START, loop), calendar=ALWAYS_OPEN)
        await paper.gateway.submit(PaperBench().order())
        (report,) = await paper.account.orders(START)
        return report.status

    assert run_virtual(main) in {Signal.REPORTED_PENDING, Signal.REPORTED_WORKING}
