"""Neighbouring tokens that mean one thing become one token: phrases, "78 puts", "Dec 19 2025", "3 contracts", "Price:".

Each rule looks a few tokens ahead, so the pass is linear.
"""

from domain.grammar.vocabulary.kinds import Kind, Token
from domain.grammar.vocabulary.words import FIELDS, PHRASES

END = Token(Kind.END, "", "")
_LOOKAHEAD = 9
_DAYS_MAX = 31
_YEARS = frozenset(str(year) for year in range(2015, 2040))
_AMOUNTS = frozenset({Kind.NUMBER, Kind.MONEY})


def fuse(tokens: list[Token]) -> list[Token]:
    """Return the tokens with neighbours combined, and a few `END` after the last so that looking ahead is safe."""
    tokens = [*tokens, *(END,) * _LOOKAHEAD]
    fused: list[Token] = []
    at = 0
    while (token := tokens[at]) is not END:
        kind = token.kind
        if kind is Kind.NUMBER or kind is Kind.MONEY:
            token, taken = _amount(tokens, at)
        elif kind is Kind.MONTH or kind is Kind.ORDINAL:
            token, taken = _date(tokens, at)
        elif kind is Kind.QUANTITY_FIELD:
            token, taken = _quantity(tokens, at)
        elif (token.text, tokens[at + 1].text) in PHRASES or (token.text in FIELDS and _is_colon(tokens, at + 1)):
            token, taken = _phrase(tokens, at)
        else:
            taken = 1
        fused.append(token)
        at += taken
    fused.extend((END,) * _LOOKAHEAD)
    return fused


def _phrase(tokens: list[Token], at: int) -> tuple[Token, int]:
    """Return the longest phrase that begins here, as a card's field where a colon follows."""
    token = tokens[at]
    text, kind, value, taken = token.text, token.kind, token.value, 1
    texts = tuple(token.text for token in tokens[at : at + _LOOKAHEAD])
    for words, phrase_kind, phrase_value in PHRASES.get((token.text, tokens[at + 1].text), ()):
        if texts[: len(words)] == words:
            text, kind, value, taken = " ".join(words), phrase_kind, phrase_value, len(words)
            break
    a_field = text in FIELDS and _is_colon(tokens, at + taken)
    if a_field and (kind is not Kind.VERB or tokens[at + taken + 1].kind in _AMOUNTS):  # "Exit: 3.00", not "EXIT: SPY"
        return Token(Kind.FIELD, text, FIELDS[text]), taken + 1
    return Token(kind, text, value), taken


def _is_colon(tokens: list[Token], at: int) -> bool:
    return tokens[at].kind is Kind.COLON


def _amount(tokens: list[Token], at: int) -> tuple[Token, int]:
    token, after = tokens[at], tokens[at + 1]
    if after.kind is Kind.RIGHT:
        return Token(Kind.CONTRACT, f"{token.text} {after.text}", token.value + after.value), 2
    if after.kind is Kind.ARROW and tokens[at + 2].kind in _AMOUNTS:
        return Token(Kind.RESULT, f"{token.text} -> {tokens[at + 2].text}", token.value), 3
    if token.kind is Kind.NUMBER and token.value.isdigit():
        if after.kind is Kind.UNIT:
            return Token(Kind.QUANTITY, f"{token.text} {after.text}", token.value), 2
        if after.kind is Kind.SHARES:
            return Token(Kind.QUANTITY, token.text, token.value), 1
        if after.kind is Kind.MONTH and int(token.value) <= _DAYS_MAX:
            return _date(tokens, at)
    return token, 1


def _quantity(tokens: list[Token], at: int) -> tuple[Token, int]:
    colon = tokens[at + 1].kind is Kind.COLON
    number = tokens[at + 1 + colon]
    if number.kind is Kind.NUMBER and number.value.isdigit():
        return Token(Kind.QUANTITY, f"{tokens[at].text} {number.text}", number.value), 2 + colon
    return Token(Kind.MARK, tokens[at].text, ""), 1


def _date(tokens: list[Token], at: int) -> tuple[Token, int]:
    """Combine "Dec 19[th][, 2025]" or "19[th] Dec [2025]"; what is open to two readings becomes unreadable."""
    first, second = tokens[at], tokens[at + 1]
    if first.kind is Kind.MONTH:
        month, day = first, second
        if day.kind is not Kind.ORDINAL and not _is_day(day):
            kind = Kind.PLAN if first.text == "may" else Kind.VAGUE_EXPIRY
            return Token(kind, first.text, first.text), 1
    else:
        day, month = first, second
        if month.kind is not Kind.MONTH:
            return Token(Kind.MARK, first.text, ""), 1
    comma = tokens[at + 2].kind is Kind.COMMA
    year = tokens[at + 2 + comma]
    if year.text == "'" and tokens[at + 3].kind is Kind.NUMBER and len(tokens[at + 3].text) == len("26"):
        return Token(
            Kind.DATE,
            f"{first.text} {second.text} '{tokens[at + 3].text}",
            f"20{tokens[at + 3].text}-{month.value}-{day.value}",
        ), 4
    text = f"{first.text} {second.text}"
    if year.kind is Kind.NUMBER and year.value in _YEARS:
        if tokens[at + 3 + comma].kind is Kind.RIGHT:
            return Token(Kind.MARK, f"{text} {year.text}", ""), 3 + comma  # a year, or a strike?
        return Token(Kind.DATE, f"{text} {year.text}", f"{year.value}-{month.value}-{day.value}"), 3 + comma
    if first is day and year.kind in {Kind.NUMBER, Kind.ORDINAL, Kind.MONEY} and not comma:
        return Token(Kind.MARK, f"{text} {year.text}", ""), 3  # "12 Dec 19 call": a strike, or a day?
    return Token(Kind.DATE, text, f"-{month.value}-{day.value}"), 2


def _is_day(token: Token) -> bool:
    return token.kind is Kind.NUMBER and token.value.isdigit() and 1 <= int(token.value) <= _DAYS_MAX
