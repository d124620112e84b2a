"""One step a kind of token. What no step expects where it stands is refused: nothing is skipped unread."""

from domain.grammar.order import Step
from domain.grammar.steps.data import DATA_STEPS
from domain.grammar.steps.remarks import REMARK_STEPS
from domain.grammar.vocabulary.kinds import Kind

STEPS: dict[Kind, Step] = {**DATA_STEPS, **REMARK_STEPS}
