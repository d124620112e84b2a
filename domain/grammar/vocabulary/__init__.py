"""The words, symbols and verbs of the grammar, as tables. Importing any of them enters all words."""

from domain.grammar.vocabulary import prose

__all__ = ["prose"]
