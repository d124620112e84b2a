"""Every metric there is: name, help, labels, buckets. A name that is not here cannot be recorded.

Label values come from closed vocabularies of the domain, so that the number of series stays small.
"""

from collections.abc import Mapping
from enum import StrEnum

from attrs import frozen

from domain.value import Value


class Kind(StrEnum):
    COUNTER = "counter"
    HISTOGRAM = "histogram"
    GAUGE = "gauge"


@frozen
class Declaration(Value):
    """One metric. `buckets` are the upper bounds of a histogram, in seconds."""

    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


# A disk's commit, from a fast one to one that stalls.
WRITES = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
# A decision has 10 s, an exit 5 s.
ANSWERS = (0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 30.0, 60.0)

DECLARATIONS: Mapping[str, Declaration] = {
    "alert_trader_messages_received_total": Declaration(
        Kind.COUNTER, "Messages taken in, by where they came from.", ("source",)
    ),
    "alert_trader_alerts_total": Declaration(
        Kind.COUNTER, "First answers to messages, by verdict and its code.", ("verdict", "code")
    ),
    "alert_trader_decision_seconds": Declaration(
        Kind.HISTOGRAM, "From the message taken in to the first answer to it.", ("verdict",), ANSWERS
    ),
    "alert_trader_message_age_seconds": Declaration(
        Kind.HISTOGRAM, "From the message posted to the message taken in.", ("source",), ANSWERS
    ),
    "alert_trader_ladder_moves_total": Declaration(
        Kind.COUNTER, "Rungs of price discovery, by what they did: steps, conversions, skips.", ("move",)
    ),
    "alert_trader_order_attempts_total": Declaration(
        Kind.COUNTER, "Orders sent, replacements too, by what for and with which outcome.", ("role", "outcome")
    ),
    "alert_trader_cancel_attempts_total": Declaration(
        Kind.COUNTER, "Cancels sent, by what the order was for and with which outcome.", ("role", "outcome")
    ),
    "alert_trader_fills_total": Declaration(Kind.COUNTER, "Executions, by what the order was for.", ("role",)),
    "alert_trader_fill_to_exit_seconds": Declaration(
        Kind.HISTOGRAM, "From an entry's fill to the broker's acceptance of the exit for it.", (), ANSWERS
    ),
    "alert_trader_exits_withheld_total": Declaration(
        Kind.COUNTER, "Fills that the exit policy left without an exit.", ()
    ),
    "alert_trader_halts_total": Declaration(Kind.COUNTER, "Halts of new entries, by cause.", ("cause",)),
    "alert_trader_requests_refused_total": Declaration(
        Kind.COUNTER, "Operators' requests that could not be done, by code.", ("code",)
    ),
    "alert_trader_notifications_total": Declaration(
        Kind.COUNTER, "Notices to the operator, by severity.", ("severity",)
    ),
    "alert_trader_deliveries_total": Declaration(
        Kind.COUNTER,
        "Tries to hand over a reply or notice, by which and outcome; given_up is the last one.",
        ("what", "outcome"),
    ),
    "alert_trader_reads_failed_total": Declaration(
        Kind.COUNTER, "Questions to the broker that stayed without an answer, by which.", ("read",)
    ),
    "alert_trader_read_attempts_total": Declaration(
        Kind.COUNTER, "Single attempts of reads that are repeated on failure, by read and outcome.", ("read", "outcome")
    ),
    "alert_trader_audit_writes_total": Declaration(
        Kind.COUNTER, "Commits to the audit log by outcome, and appends that failed.", ("operation", "outcome")
    ),
    "alert_trader_audit_write_seconds": Declaration(
        Kind.HISTOGRAM, "How long a commit to the audit log took.", ("operation",), WRITES
    ),
    "alert_trader_open_trades": Declaration(Kind.GAUGE, "Trades that hold contracts or have an order working."),
    "alert_trader_working_orders": Declaration(Kind.GAUGE, "Orders that are or may be live at the broker."),
    "alert_trader_unknown_orders": Declaration(Kind.GAUGE, "Orders sent without an answer that proves either way."),
    "alert_trader_premium_at_risk_dollars": Declaration(
        Kind.GAUGE, "Dollars paid for what is held plus what working entries may still cost."
    ),
    "alert_trader_halted": Declaration(Kind.GAUGE, "1 while new entries are halted, else 0."),
    "alert_trader_ready": Declaration(Kind.GAUGE, "1 once recovery is done and alerts are taken, else 0."),
}
# Set once, when the metrics are made.
BUILD_INFO = "alert_trader_build_info"
