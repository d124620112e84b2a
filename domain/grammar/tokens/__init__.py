"""From text to tokens: normalise, scan, fuse. Kinds only; what a token does is decided in `steps`."""

from domain.grammar.tokens.fusing import fuse
from domain.grammar.tokens.scanner import scan
from domain.grammar.vocabulary.kinds import Token

__all__ = ["tokens_of"]


def tokens_of(plain: str) -> list[Token]:
    """Return the tokens of a normalised text, with a few `END` behind the last."""
    return fuse(scan(plain))
