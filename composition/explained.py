"""An explanation as lines for people: at the command line with colours, in a room without."""

import json
from collections.abc import Iterator
from decimal import Decimal

import click

from composition.explaining import Explanation, exit_of, ladder_of
from composition.printable import printable
from domain.alerts import NotAnAlert
from domain.grammar.explain import ExplainedToken
from domain.grammar.plain import alert_as_dict
from domain.wording import in_full, new_york_minute

HEAD = 10
# The checks whose words tell what the account is worth.
OF_MONEY = frozenset({"balances", "size", "premium at risk", "buying power"})


def lines_of(found: Explanation, *, amounts: bool = True) -> Iterator[str]:
    """Yield the explanation as lines for people, with colours; without `amounts` nothing tells the account's money."""
    if found.is_simulated:
        yield "The price is simulated, not the market's; the contract is not looked up at the broker."
    words = "  ".join(f"{printable(token.text)}{_faint(f' {_kind(token)}')}" for token in found.reading.tokens)
    yield _headed("Message", " ".join(printable(found.text).split()))
    yield _headed("Words", words or "-")
    yield _headed("Shape", found.reading.shape or "none fits")
    yield from _alert(found)
    yield from _market(found)
    yield _headed("Account", found.standing.account)
    yield from _checks(found, amounts=amounts)
    yield from _prices(found, amounts=amounts)
    yield ""
    if not amounts:
        yield _faint("Amounts are told in a direct message or in the operator's channel only: ask there.")
    yield _verdict(found, amounts=amounts)


def _alert(found: Explanation) -> Iterator[str]:
    alert = found.reading.outcome
    if isinstance(alert, NotAnAlert):
        return
    said = {key: value for key, value in alert_as_dict(alert).items() if value not in (None, [], False)}
    if "expiry_resolved" in said:
        said["expiry"] = said.pop("expiry_resolved")
    texts = (
        f"{_faint(key)} {printable(value) if isinstance(value, str) else json.dumps(value)}"
        for key, value in said.items()
    )
    yield _headed("Alert", "  ".join(texts))


def _market(found: Explanation) -> Iterator[str]:
    if found.contract is None:
        return
    cut_off = "" if found.contract.cut_off is None else f", tradable until {new_york_minute(found.contract.cut_off)}"
    yield _headed("Contract", f"{found.contract.label} ({found.contract.symbol}{cut_off})")
    quote = "no quote" if found.quote is None else f"{in_full(found.quote.bid)} x {in_full(found.quote.ask)}"
    yield _headed("Market", f"{quote}, simulated")


def _checks(found: Explanation, *, amounts: bool) -> Iterator[str]:
    if found.assessment is None:
        return
    width = max(len(check.name) for check in found.assessment.checks)
    yield ""
    yield click.style("Checks", bold=True)
    for check in found.assessment.checks:
        mark = click.style("ok", fg="green") if check.code is None else click.style("NO", fg="red", bold=True)
        code = "" if check.code is None else f"{check.code}: "
        detail = printable(check.detail) if amounts or check.name not in OF_MONEY else ""
        yield f"  {mark}  {check.name:<{width}}  {code}{detail}".rstrip()


def _prices(found: Explanation, *, amounts: bool) -> Iterator[str]:
    if found.assessment is None or found.assessment.plan is None:
        return
    plan, sizing = found.assessment.plan, found.assessment.sizing
    if sizing is not None:
        power = found.session_buying_power
        share = (sizing.allocation / power * 100).normalize() if power else Decimal(0)
        yield ""
        yield click.style("Size", bold=True)
        if amounts:
            yield f"  {share:f} % of {power:,.2f} buying power = {sizing.allocation:,.2f}"
            yield f"  {sizing}"
        else:
            yield f"  {share:f} % of the session's buying power: {sizing.quantity}"
    yield ""
    cap = "no chase limit without an alert price" if plan.cap is None else f"never above {in_full(plan.cap)}"
    yield click.style("Ladder", bold=True) + f", where nobody meets it ({cap})"
    before = None
    for seconds, price in ladder_of(found):
        note = _faint("  stays: the next step would pass the limit") if price == before else ""
        yield f"  {round(seconds, 1):>6g} s  {in_full(price)}{note}"
        before = price
    window = plan.policy.window.total_seconds()
    end = {"cancel": "cancel what is unfilled", "rest": "leave the rest working"}[plan.policy.on_exhausted]
    yield f"  {window:>6g} s  {end}"
    profit_exit = exit_of(found)
    if profit_exit is not None:
        yield ""
        yield click.style("Exit", bold=True) + f", where all is filled at {in_full(profit_exit['if_filled_at'])}"
        offer = f"sell {profit_exit['quantity']} @ {in_full(profit_exit['price'])} GTC"
        yield f"  {offer if profit_exit['quantity'] else 'none: the fraction of so few contracts is no whole one'}"


def _verdict(found: Explanation, *, amounts: bool) -> str:
    obstacle = found.obstacle
    if obstacle is not None:
        is_told = obstacle.detail and (amounts or obstacle.check not in OF_MONEY)
        detail = f" ({printable(obstacle.detail)})" if is_told else ""
        return click.style(f"It would not trade. {obstacle.check}: {obstacle.code}{detail}", fg="red", bold=True)
    if found.sale is not None:
        return click.style(f"It would trade. {printable(found.sale)}", fg="green", bold=True)
    quantity, price = "?", "?"
    if found.assessment is not None and found.assessment.sizing is not None and found.assessment.plan is not None:
        quantity, price = str(found.assessment.sizing.quantity), in_full(found.assessment.plan.start)
    label = "" if found.contract is None else found.contract.label
    return click.style(f"It would trade: buy {quantity} {label} @ {price}", fg="green", bold=True)


def _headed(head: str, text: str) -> str:
    return f"{click.style(f'{head:<{HEAD}}', bold=True)}{text}"


def _kind(token: ExplainedToken) -> str:
    # The grammar knows a symbol by where it stands, so it scans as a word without a meaning of its own.
    return "word" if token.kind == "unknown word" else token.kind


def _faint(text: str) -> str:
    return click.style(text, dim=True)
