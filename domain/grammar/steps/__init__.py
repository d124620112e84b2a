"""One step a kind of token. What no step expects where it stands is refused: nothing is skipped unread."""

from domain.grammar.order import Step
from domain.grammar.steps.amounts import AMOUNT_STEPS
from domain.grammar.steps.contract import CONTRACT_STEPS
from domain.grammar.steps.levels import LEVEL_STEPS
from domain.grammar.steps.remarks import REMARK_STEPS
from domain.grammar.vocabulary.kinds import Kind

# A kind that only refuses stands in `REMARK_STEPS`, and a step of its own comes before it.
STEPS: dict[Kind, Step] = {**REMARK_STEPS, **CONTRACT_STEPS, **AMOUNT_STEPS, **LEVEL_STEPS}
