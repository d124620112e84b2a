"""The program's door: a text to read is read at once, everything else goes to the command line.

It is here for the time a start takes, and decides nothing that `composition.cli` would not decide the same way.
"""

import gc
import sys

# Nearly all that a start makes lives to the end. At the usual 700 the collector looks through all of it many times, at
# this not at all.
COLLECT_AFTER = 100_000


def main() -> None:
    """Run the command that the process was started with."""
    gc.set_threshold(COLLECT_AFTER)
    match sys.argv[1:]:
        case ["parse", text] if not text.startswith("-"):
            _read(text)
        case _:
            from composition.cli import main as command_line

            command_line()


def _read(text: str) -> None:
    # The same as `parse` does, without the command line's library: that takes as long to import as all the grammar.
    import json

    from composition.reading import parse_text

    print(json.dumps(parse_text(text)))  # noqa: T201 - the command's answer
    gc.freeze()  # or the interpreter looks through everything once more as it ends


if __name__ == "__main__":
    main()
