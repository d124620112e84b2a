"""The steps for what stands around an order's data: verbs, labels, levels, remarks, and the words that refuse.

Entries allow fewer remarks than exits: what praises, counts gains or looks back turns an entry into a story.
"""

from domain.alerts import Action, NotAnAlert, Refusal
from domain.grammar.order import Order, Outcome, Step, refuse
from domain.grammar.steps.amounts import AMOUNTS, set_price
from domain.grammar.steps.contract import close_part
from domain.grammar.steps.levels import planned_exit
from domain.grammar.vocabulary.kinds import Kind, Token
from domain.grammar.vocabulary.symbols import word_set
from domain.grammar.vocabulary.verbs import VERBS

REFUSALS = {
    Kind.NEGATION: Refusal.NEGATED,
    Kind.QUESTION: Refusal.QUESTION,
    Kind.CONDITION: Refusal.CONDITIONAL,
    Kind.PLAN: Refusal.PLAN,
    Kind.RECAP: Refusal.RECAP,
    Kind.STOP_MOVE: Refusal.STOP_MOVE,
    Kind.ADD: Refusal.ADD,
    Kind.ANALYSIS: Refusal.ANALYSIS,
    Kind.ADVERTISEMENT: Refusal.ADVERTISEMENT,
    Kind.INSTRUCTION: Refusal.INSTRUCTION,
    Kind.VAGUE_EXPIRY: Refusal.VAGUE_EXPIRY,
    Kind.QUOTED: Refusal.QUOTED,
    Kind.MARK: Refusal.MALFORMED,
    Kind.TOO_MANY: Refusal.TOO_LONG,
    Kind.SLASH: Refusal.MALFORMED,
    Kind.ARROW: Refusal.UNKNOWN_WORDS,
    Kind.UNDERLYING: Refusal.CONDITIONAL,
    Kind.TRAIL: Refusal.UNKNOWN_WORDS,
    Kind.UNIT: Refusal.UNKNOWN_WORDS,
    Kind.GAIN: Refusal.RECAP,
    Kind.STOP: Refusal.STOP_MOVE,
    Kind.TARGET: Refusal.STOP_MOVE,
}

# "I am not gonna hold this": a closing author's reasons may say no to holding, and to nothing else.
_BEFORE_HOLDING = word_set("gonna going to feel like want wanna be getting trying need any more risk worth be")
_HOLDING = word_set("hold holding swing swinging risk greedy wait waiting overnight chance chances baghold")
_HOLDING_WITHIN = 6
_RESULT = frozenset(
    {Kind.COLON, Kind.PERCENT, Kind.OPENING, Kind.CLOSING, Kind.MONEY, Kind.NUMBER, Kind.DASH, Kind.PLUS}
)
_JOINED = frozenset({Kind.CONTRACT, Kind.SYMBOL, Kind.FUTURE, Kind.VERB, Kind.WORD, Kind.DATE, Kind.RATIO, Kind.END})
_REMAINING = frozenset(
    {Kind.NUMBER, Kind.QUANTITY, Kind.RATIO, Kind.FRACTION, Kind.CONNECTIVE, Kind.NEUTRAL, Kind.ADD, Kind.REMAINS}
    | {Kind.LABEL, Kind.UNIT, Kind.TAG, Kind.HEADER, Kind.AT}
)


def step_refuse(_order: Order, tokens: list[Token], at: int) -> Outcome:
    return refuse(REFUSALS[tokens[at].kind], tokens[at])


def step_skip(_order: Order, _tokens: list[Token], at: int) -> Outcome:
    return at + 1


def step_recap(order: Order, tokens: list[Token], at: int) -> Outcome:
    """Refuse what looks back, but for "last" as the last part of a position: "selling last SPY 680c"."""
    ends = tokens[at + 1].kind in {Kind.END, Kind.BREAK, Kind.CLOSING}
    if tokens[at].text == "last" and order.verb is not None and not order.opens and (order.symbol is None or ends):
        return close_part(order, tokens[at], "all", at + 1)
    return refuse(Refusal.RECAP, tokens[at])


def step_break_even(order: Order, tokens: list[Token], at: int) -> Outcome:
    if order.opens or not order.complete:
        return refuse(Refusal.STOP_MOVE, tokens[at])
    return at + 1


def step_heading(order: Order, tokens: list[Token], at: int) -> Outcome:
    """Read "entry 1.20": an entry's price, an exit's old one. Any other heading word is a remark."""
    if tokens[at].text == "entry" and tokens[at + 1].kind in AMOUNTS and order.complete:
        if order.opens:
            return set_price(order, tokens[at + 1], at + 2)
        order.old_entry = True
        return at + 2
    return step_remark(order, tokens, at)


def step_dash(_order: Order, tokens: list[Token], at: int) -> Outcome:
    """Skip a dash between parts, refuse a minus before a number."""
    minus = tokens[at].value == "minus" and tokens[at + 1].kind is not Kind.QUANTITY
    return refuse(Refusal.BAD_VALUE, f"-{tokens[at + 1].text}") if minus else at + 1


def step_remark(order: Order, tokens: list[Token], at: int) -> Outcome:
    if not order.complete:
        return refuse(Refusal.UNKNOWN_WORDS, tokens[at])
    order.closed = True
    order.remarks += 1
    return at + 1


def step_verb(order: Order, tokens: list[Token], at: int) -> Outcome:
    """Read a verb after the first: a heading made precise, a target ("sell at 6.00"), or a closing author's remark."""
    token = tokens[at]
    verb = VERBS[token.value]
    first = order.verb
    if first is None or (first.action is verb.action and order.symbol is None and order.strike is None):
        order.verb_field = order.verb_field or first is None
        order.verb, order.verb_text = verb, token.text
        order.fraction = order.quantity = None  # "sold half, selling the rest of …": a new start
        return at + 1
    if order.opens and not verb.opens and order.complete:
        return planned_exit(order, tokens, at)
    if first.opens or verb.opens or verb.action is Action.BUY_TO_CLOSE:
        return refuse(Refusal.SEVERAL_ORDERS, token)
    order.certain = order.certain or verb.certain
    order.closes_long = order.closes_long or token.value == "close_long"
    if token.value in {"out", "trim", "halve"} and order.fraction is None:
        order.fraction = verb.fraction
    order.closed = order.closed or order.complete
    return at + 1


def step_label(order: Order, tokens: list[Token], at: int) -> Outcome:
    order.labels += (tokens[at].value,)
    return at + 1


def step_tag(order: Order, tokens: list[Token], at: int) -> Outcome:
    order.tags += (tokens[at].value.replace("_", " "),)
    return at + 1


def step_structure(order: Order, tokens: list[Token], at: int) -> Outcome:
    if order.structure is not None or order.closed or order.symbol is None:
        return refuse(Refusal.SEVERAL_ORDERS, tokens[at])
    order.structure = tokens[at].value
    return at + 1


def step_effect(order: Order, tokens: list[Token], at: int) -> Outcome:
    if (order.strike is None and not order.strikes) or order.effect is not None:
        return refuse(Refusal.MALFORMED, tokens[at])
    order.effect = tokens[at].value
    return at + 1


def step_colon(order: Order, tokens: list[Token], at: int) -> Outcome:
    """Skip a colon inside the order; after a remark it begins what somebody says."""
    return refuse(Refusal.QUOTED, tokens[at - 1]) if order.closed else at + 1


def step_plus(order: Order, tokens: list[Token], at: int) -> Outcome:
    """Skip "and" between remarks; inside an order, at the end or before data it promises another one."""
    if not order.complete or tokens[at + 1].kind in _JOINED:
        return refuse(Refusal.SEVERAL_ORDERS, f"{tokens[at].text} {tokens[at + 1].text}")
    return at + 1


def step_from(order: Order, tokens: list[Token], at: int) -> Outcome:
    """Read "from 1.75 to 2.60" of an exit: the old entry, which is nothing to us, and the price."""
    then = at + 2 if tokens[at + 1].kind is Kind.AT else at + 1
    if order.opens or tokens[then].kind not in AMOUNTS:
        return refuse(Refusal.RECAP, tokens[at])
    order.old_entry = True
    if tokens[then + 1].text == "to" and tokens[then + 2].kind in AMOUNTS:
        return set_price(order, tokens[then + 2], then + 3)
    return then + 1


def step_gain(order: Order, tokens: list[Token], at: int) -> Outcome:
    """Skip joy and regret after an exit; beside an entry, or a verb of stories, they make it one."""
    if tokens[at + 1].kind is Kind.COLON:  # "Profit: 34%", a card's field
        return step_result(order, tokens, at)
    if order.verb is None or order.verb.terse:
        return refuse(Refusal.RECAP, tokens[at])
    return _told_gains(order, tokens[at]) or at + 1


def step_result(order: Order, tokens: list[Token], at: int) -> Outcome:
    """Skip "P/L: +85.45% ($235.00)" or "$2.10 -> $1.50 (-29%)" after an exit."""
    refused = _told_gains(order, tokens[at])
    if refused is not None:
        return refused
    then = at + 1
    while tokens[then].kind in _RESULT:
        then += 1
    return then


def _told_gains(order: Order, token: Token) -> NotAnAlert | None:
    if order.opens:
        return refuse(Refusal.RECAP, token)
    if not order.complete:
        return refuse(Refusal.UNKNOWN_WORDS, token)
    order.closed = order.gains = True
    return None


def step_up(order: Order, tokens: list[Token], at: int) -> Outcome:
    if order.opens or not order.complete or tokens[at + 1].kind is not Kind.PERCENT:
        return refuse(Refusal.RECAP, tokens[at])
    order.closed = order.gains = True
    return at + 2


def step_quote(order: Order, tokens: list[Token], at: int) -> Outcome:
    """Skip the quote at the time of posting: "(bid 1.90)", "bid 1.90 ask 2.00"."""
    then = at + 1
    while tokens[then].kind in {Kind.COLON, Kind.AT}:
        then += 1
    if not order.complete or tokens[then].kind not in AMOUNTS:
        return refuse(Refusal.ANALYSIS, tokens[at])
    return then + 1


def step_later(order: Order, tokens: list[Token], at: int) -> Outcome:
    """Skip an addition announced for later: "will add at 1.80"."""
    if not (order.opens and order.complete):
        return refuse(Refusal.ADD, tokens[at])
    order.closed = True
    then = at + 1
    while tokens[then].kind in {Kind.AT, Kind.CONNECTIVE, Kind.ADD}:
        then += 1
    return then + 1 if tokens[then].kind in AMOUNTS else then


def step_remains(order: Order, tokens: list[Token], at: int) -> Outcome:
    """Skip what the author keeps: "holding 2 runners", "leaving 1 more". It is never what is sold."""
    if not order.complete:
        return refuse(Refusal.RECAP, tokens[at])
    order.closed = order.about_rest = True
    if order.opens:
        return at + 1
    order.keeps = True
    then = at + 1
    while tokens[then].kind in _REMAINING:
        then += 1
    return then


def step_negation(order: Order, tokens: list[Token], at: int) -> Outcome:
    if order.opens or not order.priced:
        return refuse(Refusal.NEGATED, tokens[at])
    for ahead in range(at + 1, at + 1 + _HOLDING_WITHIN):
        word = tokens[ahead].text
        if word in _HOLDING or tokens[ahead].kind is Kind.REMAINS:
            order.closed = True
            return ahead + 1
        if word not in _BEFORE_HOLDING:
            break
    return refuse(Refusal.NEGATED, tokens[at])


REMARK_STEPS: dict[Kind, Step] = {
    **dict.fromkeys(REFUSALS, step_refuse),
    Kind.DASH: step_dash,
    **dict.fromkeys(
        (Kind.CONNECTIVE, Kind.COMMA, Kind.OPENING, Kind.CLOSING, Kind.BREAK, Kind.QUANTITY_FIELD), step_skip
    ),
    Kind.NEUTRAL: step_remark,
    Kind.HEADER: step_heading,
    Kind.RECAP: step_recap,
    Kind.BREAK_EVEN: step_break_even,
    Kind.VERB: step_verb,
    Kind.LABEL: step_label,
    Kind.TAG: step_tag,
    Kind.EFFECT: step_effect,
    Kind.SPREAD: step_structure,
    Kind.COLON: step_colon,
    Kind.PLUS: step_plus,
    Kind.FROM: step_from,
    Kind.GAIN: step_gain,
    Kind.RESULT: step_result,
    Kind.UP: step_up,
    Kind.QUOTE: step_quote,
    Kind.LATER: step_later,
    Kind.REMAINS: step_remains,
    Kind.NEGATION: step_negation,
}
