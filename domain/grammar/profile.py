"""Channel profiles: what one room means by habit and the default must refuse. Everything is off by default."""

from collections.abc import Callable
from typing import TypeAlias

from attrs import Attribute, field, frozen

from domain.grammar.vocabulary.kinds import Kind
from domain.grammar.vocabulary.words import WORDS
from domain.value import Value

_SYMBOL_MAX = 6

_Words: TypeAlias = "Attribute[tuple[str, ...]]"


def _words(example: str) -> Callable[[object, _Words, tuple[str, ...]], None]:
    """Return a validator for a tuple of single lower-case words."""

    def validate(_: object, attribute: _Words, value: tuple[str, ...]) -> None:
        for word in value:
            if not (word.isascii() and word.isalpha() and word.islower()):
                mend = f"write single words in lower case, such as {example}"
                raise ValueError(f"{attribute.name} = {word!r}: {mend}")

    return validate


def _verbs(example: str) -> Callable[[object, _Words, tuple[str, ...]], None]:
    """Return a validator for words that are verbs in this room and no verbs of the grammar's already."""
    single_words = _words(example)

    def validate(profile: object, attribute: _Words, value: tuple[str, ...]) -> None:
        single_words(profile, attribute, value)
        for word in value:
            if WORDS.get(word, (None, ""))[0] is Kind.VERB:
                raise ValueError(f"{attribute.name} = {word!r}: it has a meaning in every room, leave it out")
            if attribute.name == "exit_verbs" and word in getattr(profile, "entry_verbs", ()):
                raise ValueError(f"exit_verbs = {word!r}: it is in entry_verbs too, keep one")

    return validate


def _symbols(_: object, attribute: _Words, value: tuple[str, ...]) -> None:
    for symbol in value:
        if not (symbol.isascii() and symbol.isalpha() and symbol.isupper() and len(symbol) <= _SYMBOL_MAX):
            raise ValueError(f'{attribute.name} = {symbol!r}: write symbols in capitals without $, such as "SPX"')


def _name(_: object, attribute: "Attribute[str]", value: str) -> None:
    if not value or value != value.strip() or ":" in value or "\n" in value:
        mend = 'give the profile a short name without a colon, such as "spx-room"'
        raise ValueError(f"{attribute.name} = {value!r}: {mend}")


@frozen(kw_only=True)
class ChannelProfile(Value):
    """A room's habits.

    `no_verb_is_entry`: a full contract without a verb is bought. `zero_dte_symbols`: these symbols without an expiry
    expire on the posting day. `quoted_is_alert`: a block quote is the author's own alert. `entry_verbs`,
    `exit_verbs`: the room's own words for BTO and STC. `labels`: house labels, whose size the settings give.
    A reading that needed one of these says so in `Alert.habits`.
    """

    name: str = field(default="default", validator=_name)
    no_verb_is_entry: bool = False
    zero_dte_symbols: tuple[str, ...] = field(default=(), validator=_symbols)
    quoted_is_alert: bool = False
    entry_verbs: tuple[str, ...] = field(default=(), validator=_verbs('"in" or "scooping"'))
    exit_verbs: tuple[str, ...] = field(default=(), validator=_verbs('"peel" or "banking"'))
    labels: tuple[str, ...] = field(default=(), validator=_words('"rocket"'))


DEFAULT_PROFILE = ChannelProfile()
