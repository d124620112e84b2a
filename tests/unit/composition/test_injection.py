"""What the container's library would load for nothing stays out, and can still be had."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def printed(program: str) -> list[str]:
    done = subprocess.run(  # noqa: S603 - our own interpreter on our own text
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_container_loads_neither_pydantic_nor_starlette_and_both_can_still_be_imported():
    assert printed(
        "import composition.container, sys\n"
        "print(sorted({'pydantic', 'pydantic_core', 'starlette'} & sys.modules.keys()))\n"
        "import pydantic, starlette.requests\n"
        "print(hasattr(pydantic, 'BaseModel'), starlette.requests.Request.__name__)\n"
    ) == ["[]", "True Request"]


def test_what_is_loaded_already_stays():
    assert printed(
        "import sys, pydantic, starlette.requests\n"
        "before = sys.modules['pydantic'], sys.modules['starlette']\n"
        "import composition.container\n"
        "print((sys.modules['pydantic'], sys.modules['starlette']) == before)\n"
    ) == ["True"]
