"""Any interleaving of people, network, broker, market and crashes keeps the promises, and comes to rest."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from domain.messages import MessageKind
from domain.orders import Signal
from tests.properties.desk_chaos import Chaos
from tests.support.builders import AUTHOR, OTHER_AUTHOR, STRANGER
from tests.support.model_broker import Fate

INDEX = st.integers(0, 6)
FATES = st.sampled_from([Fate.ARRIVES] * 4 + list(Fate))
USERS = st.sampled_from([AUTHOR, AUTHOR, OTHER_AUTHOR, STRANGER])
KINDS = st.sampled_from([MessageKind.POST] * 12 + list(MessageKind))


class DeskMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.chaos = Chaos()

    # ---- often -----------------------------------------------------------------------------------------------------

    @rule(contract=INDEX, price=INDEX, user=USERS, kind=KINDS, dry_run=st.sampled_from([False] * 6 + [True]))
    def post_entry(self, contract, price, user, kind, dry_run):
        self.chaos.post_entry(contract, price, user, kind, dry_run=dry_run)

    @rule(index=INDEX, fate=FATES)
    def perform(self, index, fate):
        self.chaos.perform(index, fate)

    @rule(index=INDEX, twice=st.booleans())
    def deliver(self, index, twice):
        self.chaos.deliver(index, twice=twice)

    @rule(index=INDEX)
    def broker_moves(self, index):
        self.chaos.broker_moves(index)

    @rule(index=INDEX, quantity=st.integers(1, 10))
    def fill(self, index, quantity):
        self.chaos.fill(index, quantity)

    @rule(span=st.sampled_from([0.5, 2, 10, 20, 25, 45, 90, 300]))
    def wait(self, span):
        self.chaos.wait(span)

    @rule()
    def settle(self):
        self.chaos.settle()

    @rule(contract=INDEX, form=st.integers(0, 4), user=USERS)
    def post_close(self, contract, form, user):
        self.chaos.post_close(contract, form, user)

    # ---- now and then ----------------------------------------------------------------------------------------------

    @rule(
        what=st.sampled_from(["halt", "resume", "lose_authorization", "restore_authorization", "crash", "arrive_late"])
    )
    def event(self, what):
        getattr(self.chaos, what)()

    @rule(what=st.sampled_from(["cancel", "delete", "drop", "lag"]), index=INDEX)
    def on_one(self, what, index):
        getattr(self.chaos, what)(index)

    @rule(index=INDEX, ticks=st.integers(-3, 3))
    def replace(self, index, ticks):
        self.chaos.replace(index, ticks)

    @rule(symbol=st.sampled_from(["UBER", "AAPL"]))
    def close(self, symbol):
        self.chaos.close(symbol)

    @rule(user=USERS, allowed=st.booleans())
    def allow(self, user, allowed):
        if user != STRANGER:
            self.chaos.allow(user, allowed=allowed)

    @rule(fail=st.booleans())
    def fail_reads(self, fail):
        self.chaos.fail_reads(fail=fail)

    @rule(
        index=INDEX,
        status=st.sampled_from([Signal.REPORTED_CANCELLED, Signal.REPORTED_EXPIRED, Signal.REPORTED_REJECTED]),
    )
    def end(self, index, status):
        self.chaos.end(index, status)

    @rule(
        quote=st.sampled_from([("0.70", "0.80"), ("0.75", "0.76"), ("0.50", "1.20"), (None, "0.05"), ("0.90", "0.80")])
    )
    def quote(self, quote):
        self.chaos.quote(*quote)

    @invariant()
    def promises_hold(self):
        self.chaos.check()

    def teardown(self):
        self.chaos.finish()


# A machine is dearer than a value: fewer lives, each of many steps. `HYPOTHESIS_PROFILE=deep` looks for long.
DeskMachine.TestCase.settings = settings(max_examples=settings.default.max_examples // 2)
TestDesk = DeskMachine.TestCase
