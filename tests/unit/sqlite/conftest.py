from contextlib import closing

import pytest

from adapters.sqlite.audit_log import SqliteAuditLog
from domain.policies import Mode
from tests.fakes.audit_entries import story


@pytest.fixture
def path(tmp_path):
    """Where no log is yet."""
    return tmp_path / "data" / "paper.sqlite"


@pytest.fixture(scope="session")
def _original(tmp_path_factory):
    path = tmp_path_factory.mktemp("audit") / "paper.sqlite"
    with closing(SqliteAuditLog.open(path, Mode.PAPER)) as log:
        for number in range(10):
            for entry in story(f"T{number}", first=10 * number):
                log.append(entry)
            log.commit()
    return path.read_bytes()


@pytest.fixture
def written(path, _original):
    """A closed log of 40 rows: ten trades of four, T0 to T9."""
    path.parent.mkdir()
    path.write_bytes(_original)
    return path
