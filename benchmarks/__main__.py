# noqa: INP001 (run as a module, no package)
"""Every benchmark, each beside its floor of the same run: `make bench`, or `python -m benchmarks`.

It takes some minutes, is no test and fails on nothing: it prints what is met and what is missed.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path

from benchmarks.figures import HEAD, Figure, as_json, machine, markdown, table

# By name: the module, and what its part of the page is called.
PARTS: Mapping[str, tuple[str, str]] = {
    "grammar": ("benchmarks.grammar", "Reading a message"),
    "path": ("benchmarks.message_path", "From a message to its order's intent on disk"),
    "core": ("benchmarks.core", "Steps of the core"),
    "burst": ("benchmarks.burst", "A thousand alerts at once"),
    "replay": ("benchmarks.replaying", "Replaying a history"),
    "start": ("benchmarks.starting", "Starting, and memory"),
    "recovery": ("benchmarks.recovery", "Recovery by length of the log"),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"only these: {', '.join(PARTS)}")
    parser.add_argument("--long", action="store_true", help="recovery on a million rows too: minutes and 500 MB more")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument("--tables", type=Path, metavar="FILE", help="write them as a page's tables as well")
    asked = parser.parse_args()
    unknown = sorted(set(asked.parts) - PARTS.keys())
    if unknown:
        parser.error(f"{', '.join(unknown)}: no such part, there are {', '.join(PARTS)}")
    found: list[Figure] = []
    pages = [f"{', '.join(f'{name} {value}' for name, value in machine().items())}\n"]
    _say(pages[0])
    _say(HEAD)
    for name in asked.parts or PARTS:
        module, title = PARTS[name]
        measure: Callable[..., Iterator[Figure]] = import_module(module).measure
        arguments = (
            [(*import_module(module).SIZES, import_module(module).LONGEST)] if name == "recovery" and asked.long else []
        )
        figures = []
        for one in measure(*arguments):
            _say(table([one]).partition("\n")[2])
            figures.append(one)
        found += figures
        pages.append(f"## {title}\n{markdown(figures)}\n")
    if asked.json is not None:
        asked.json.write_text(as_json(found), "utf-8")
    if asked.tables is not None:
        asked.tables.write_text("\n".join(pages), "utf-8")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
