"""The words, symbols and verbs of the grammar, as tables."""
