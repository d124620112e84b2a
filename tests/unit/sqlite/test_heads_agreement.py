"""A log held to the heads that were signed of it: what is named, what is passed over, what a person may accept."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from adapters.sqlite.agreement import agreement
from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.sqlite.chain import Head
from adapters.sqlite.heads import HeadKeeper, sign
from adapters.sqlite.reader import AuditReader
from adapters.sqlite.signing import SigningKey
from domain.policies import Mode
from tests.fakes.audit_entries import instant, received
from tests.unit.sqlite.hands_on import tamper

EVERY, ROWS = 10, 40
THOROUGH = pytest.mark.parametrize("thorough", [True, False])


@pytest.fixture
def log(written):
    """A log of 40 rows whose heads 10, 20, 30 and 40 were signed."""
    keeper = keeper_of(written)
    with AuditReader(written) as reader:
        for seq in range(EVERY, ROWS + 1, EVERY):
            keeper.keep(Head(seq, reader.hash_of(seq)), instant(seq))
    return written


def keeper_of(path):
    with AuditReader(path) as reader:
        return HeadKeeper(path, None, reader.about().database_id)


def held(path, *, thorough=True, key=None):
    keeper = keeper_of(path)
    with AuditReader(path) as reader:
        return agreement(reader, keeper.path, key or SigningKey.read(keeper.key_path).public, thorough=thorough)


def cut(path, after):
    tamper(path, "DELETE FROM audit WHERE seq > ?", (after,))


def go_on(path, *, other=False):
    """Have the desk write 20 more rows."""
    with closing(SqliteAuditLog.open(path, Mode.PAPER)) as log:
        for number in range(20):
            log.append(received(500 + number, text="another" if other else "BTO UBER 78p 12/05 @ 0.75"))
        log.commit()
        return log.head()


@THOROUGH
def test_a_log_agrees_with_its_heads_and_with_more_rows(log, thorough):
    go_on(log)
    found = held(log, thorough=thorough)
    assert (found.held, found.void, found.damaged, found.foreign, found.contradiction) == (4, 0, (), (), None)
    assert found.newest.head.seq == ROWS


def test_without_a_heads_file_there_is_nothing_to_hold_it_to(written):
    found = held(written, key="0" * 64)
    assert (found.held, found.newest, found.contradiction) == (0, None, None)


@THOROUGH
@pytest.mark.parametrize("after", range(ROWS))
def test_every_row_cut_off_the_end_is_noticed_with_rows_and_instants(log, after, thorough):
    cut(log, after)
    broken = held(log, thorough=thorough).contradiction
    assert broken.told.startswith(f"row {after + 1} is missing: row 40 was signed at 2026-11-20 15:30:00 UTC")
    assert (f"row {after} of 2026-11-20" in broken.told) or ("is empty" in broken.told and after == 0)
    assert (broken.lost_from, broken.lost_to, broken.can_be_accepted) == (after + 1, 40, True)


@THOROUGH
def test_an_older_copy_that_was_gone_on_from_is_noticed_when_it_is_longer_again(log, thorough):
    cut(log, 25)
    assert go_on(log, other=True).seq == 45
    broken = held(log, thorough=thorough).contradiction
    assert broken.told.startswith("row 30 is not the one that was kept: another row 30 was signed at 2026-11-20")
    assert "line 3" in broken.told
    assert (broken.lost_from, broken.lost_to, broken.void_above) == (21, 40, 20)


@THOROUGH
def test_another_log_in_its_place_is_named_and_cannot_be_accepted(log, tmp_path, thorough):
    other = tmp_path / "other.sqlite"
    with closing(SqliteAuditLog.open(other, Mode.PAPER)) as fresh:
        fresh.append(received(1))
    shutil.copy(other, log)
    broken = held(log, thorough=thorough).contradiction
    assert "as the end of another log" in broken.told
    assert not broken.can_be_accepted


# ---- what counts as evidence -----------------------------------------------------------------------------------------


def kept_lines(log):
    return keeper_of(log).path.read_text().splitlines()


def rewrite(log, lines):
    keeper_of(log).path.write_text("".join(f"{line}\n" for line in lines))


@THOROUGH
def test_a_damaged_line_says_nothing_about_the_log_and_is_listed(log, thorough):
    lines = kept_lines(log)
    lines[1] = lines[1].replace('"seq":20', '"seq":99')
    rewrite(log, [*lines, "torn"])
    found = held(log, thorough=thorough)
    assert found.contradiction is None
    assert (found.held, found.damaged) == (3, (2, 5))


def test_a_damaged_line_hides_no_cut_that_another_one_shows(log):
    lines = kept_lines(log)
    lines[3] = lines[3].replace('"seq":40', '"seq":39')
    rewrite(log, lines)
    cut(log, 25)
    assert held(log, thorough=False).contradiction.lost_to == 30


@THOROUGH
def test_a_log_restored_without_its_key_is_still_held_to_its_heads(log, thorough):
    cut(log, 35)
    keeper_of(log).key_path.unlink()
    with AuditReader(log) as reader:
        assert agreement(reader, keeper_of(log).path, None, thorough=thorough).contradiction.lost_from == 36
    SigningKey.read_or_make(keeper_of(log).key_path)
    found = held(log, thorough=thorough)
    assert found.contradiction.lost_from == 36
    assert found.foreign == (1, 2, 3, 4)


# ---- an accepted loss ------------------------------------------------------------------------------------------------


def accept(log, *, key=None, head=None):
    """Sign the log's end as what is left, by the log's own key unless another is given."""
    keeper = keeper_of(log)
    with AuditReader(log) as reader:
        broken = agreement(reader, keeper.path, None, thorough=False).contradiction
        head = head or reader.head()
    if key is None:
        keeper.keep(head, instant(99), void_above=broken.void_above)
        return
    with AuditReader(log) as reader:
        signed = sign(key, reader.about().database_id, head, instant(99), void_above=broken.void_above)
    with keeper.path.open("a") as file:
        file.write(f"{signed.line()}\n")


@THOROUGH
def test_an_accepted_loss_sets_the_lost_heads_aside_and_later_cuts_are_noticed_again(log, thorough):
    cut(log, 25)
    accept(log)
    head = go_on(log, other=True)
    keeper_of(log).keep(head, instant(200))
    found = held(log, thorough=thorough)
    assert (found.held, found.void, found.contradiction) == (4, 2, None)
    cut(log, 44)
    assert held(log, thorough=thorough).contradiction.lost_from == 45


@THOROUGH
def test_a_second_loss_below_the_first_is_noticed(log, thorough):
    cut(log, 25)
    accept(log)
    cut(log, 15)
    broken = held(log, thorough=thorough).contradiction
    assert (broken.lost_from, broken.lost_to) == (16, 25)


@THOROUGH
def test_only_the_logs_own_key_accepts_a_loss(log, tmp_path, thorough):
    cut(log, 25)
    accept(log, key=SigningKey.read_or_make(tmp_path / "thief.key"))
    found = held(log, thorough=thorough)
    assert found.contradiction.lost_from == 26
    assert found.foreign == (5,)


@THOROUGH
def test_an_acceptance_that_was_touched_is_none(log, thorough):
    cut(log, 25)
    accept(log)
    lines = kept_lines(log)
    lines[4] = lines[4].replace('"void_above":20', '"void_above":0')
    rewrite(log, lines)
    found = held(log, thorough=thorough)
    assert found.contradiction.lost_from == 26
    assert found.damaged == (5,)


def test_a_file_of_a_years_heads_is_read_in_order(written):
    """The newest of them is what the last line says, not the one with the highest row."""
    keeper = keeper_of(written)
    with AuditReader(written) as reader:
        hashes = {seq: reader.hash_of(seq) for seq in range(1, ROWS + 1)}
    for seq in (40, 39, 40, 12):
        keeper.keep(Head(seq, hashes[seq]), instant(seq))
    assert held(written).newest.head.seq == 12


def test_a_row_whose_hash_was_changed_with_its_head_is_no_agreement(log):
    with closing(sqlite3.connect(log)) as conn:
        assert conn.execute("SELECT count(*) FROM audit").fetchone() == (ROWS,)
    tamper(log, "UPDATE audit SET hash = ? WHERE seq = 20", ("0" * 64,))
    assert held(log).contradiction.told.startswith("row 20 is not the one that was kept")


def test_a_signed_head_of_an_empty_log_is_true_of_every_log(log):
    keeper = keeper_of(log)
    keeper.keep(Head(), instant(1))
    assert held(log).contradiction is None
