"""The simulator of bad days: the real core, runtime and log against a broker of its own truth, every fault by seed."""
