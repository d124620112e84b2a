"""The heads file and its key: what a line says, what makes it genuine, what survives a torn or damaged file."""

import json
import re
import stat
from contextlib import closing

import pytest
from attrs import evolve

from adapters.sqlite import heads
from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.sqlite.chain import Head
from adapters.sqlite.heads import HeadKeeper, SignedHead, sign
from adapters.sqlite.reader import AuditReader
from adapters.sqlite.signing import HeadsError, SigningKey
from domain.policies import Mode
from tests.fakes.audit_entries import asked, instant

HEAD = Head(40, "ab" * 32)


@pytest.fixture
def keeper(tmp_path):
    return HeadKeeper(tmp_path / "paper.sqlite", None, "the-database")


def read(keeper):
    return dict(heads.read(keeper.path))


def test_a_kept_head_is_read_back_and_genuine(keeper):
    kept = keeper.keep(HEAD, instant(1))
    assert read(keeper) == {1: kept}
    assert (kept.head, kept.at, kept.database_id, kept.void_above) == (HEAD, instant(1), "the-database", None)
    assert kept.is_genuine
    assert kept.key == SigningKey.read(keeper.key_path).public


def test_heads_are_appended_and_nothing_before_them_changes(keeper):
    keeper.keep(HEAD, instant(1))
    first = keeper.path.read_bytes()
    keeper.keep(Head(41, "cd" * 32), instant(2), void_above=7)
    assert keeper.path.read_bytes().startswith(first)
    assert [signed.void_above for signed in read(keeper).values()] == [None, 7]


def test_the_key_is_made_once_and_is_its_owners_alone(keeper):
    keeper.keep(HEAD, instant(1))
    made = keeper.key_path.read_bytes()
    keeper.keep(HEAD, instant(2))
    assert keeper.key_path.read_bytes() == made
    assert stat.S_IMODE(keeper.key_path.stat().st_mode) == 0o600
    assert stat.S_IMODE(keeper.path.stat().st_mode) == 0o600


def test_a_half_made_key_of_a_process_that_died_is_made_anew(keeper):
    keeper.key_path.with_name(f"{keeper.key_path.name}.new").write_text("ed25519 5a")
    assert keeper.keep(HEAD, instant(1)).is_genuine


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no key",
        b"\xff\x00",
        b"ed25519 " + b"ab" * 32,
        b"ed25519 " + b"AB" * 32 + b"\n",
        b"ed25519 " + b"ab" * 31 + b"\n",
        b"x25519 " + b"ab" * 32 + b"\n",
        b"-----BEGIN PRIVATE KEY-----\n",
    ],
)
def test_a_key_that_is_none_is_named_and_kept(keeper, content):
    keeper.key_path.write_bytes(content)
    with pytest.raises(HeadsError, match=r"paper\.sqlite\.key holds no line `ed25519`"):
        keeper.keep(HEAD, instant(1))
    assert keeper.key_path.read_bytes() == content
    assert not keeper.path.exists()


def test_a_key_that_cannot_be_read_is_named_with_what_is_wrong(keeper):
    keeper.key_path.mkdir()
    with pytest.raises(HeadsError, match=r"paper\.sqlite\.key cannot be read \(.*Is a directory"):
        keeper.keep(HEAD, instant(1))


def test_a_key_is_made_as_one_line_and_read_back_as_the_same(keeper):
    made = SigningKey.read_or_make(keeper.key_path)
    assert re.fullmatch(rb"ed25519 [0-9a-f]{64}\n", keeper.key_path.read_bytes())
    assert SigningKey.read(keeper.key_path).sign(b"row") == made.sign(b"row")


def test_a_key_that_is_not_there_is_named(keeper):
    with pytest.raises(HeadsError, match="there is no key"):
        SigningKey.read(keeper.key_path)


def test_any_bit_flipped_in_a_line_makes_it_no_head_or_not_genuine(keeper):
    line = keeper.keep(HEAD, instant(1), void_above=3).line().encode()
    for where in range(len(line)):
        for bit in range(8):
            changed = bytearray(line)
            changed[where] ^= 1 << bit
            keeper.path.write_bytes(bytes(changed))
            assert not any(signed is not None and signed.is_genuine for signed in read(keeper).values()), changed


@pytest.mark.parametrize("field", ["at", "database_id", "hash", "key", "seq", "void_above"])
def test_no_field_can_be_exchanged(keeper, tmp_path, field):
    one = keeper.keep(HEAD, instant(1), void_above=3)
    other = sign(
        SigningKey.read_or_make(tmp_path / "other.key"), "another", Head(9, "ef" * 32), instant(2), void_above=5
    )
    name = "head" if field in {"seq", "hash"} else field
    assert not evolve(one, **{name: getattr(other, name)}).is_genuine


def test_a_loss_and_a_head_are_not_taken_for_each_other(keeper):
    assert not evolve(keeper.keep(HEAD, instant(1)), void_above=0).is_genuine
    assert not evolve(keeper.keep(HEAD, instant(1), void_above=0), void_above=None).is_genuine


GOOD = {
    "at": "2026-11-20T15:30:00.000000+00:00",
    "database_id": "d",
    "hash": "0" * 64,
    "key": "0" * 64,
    "seq": 1,
    "signature": "0" * 128,
}


@pytest.mark.parametrize(
    "change",
    [
        {"at": "yesterday"},
        {"at": "2026-11-20T15:30:00"},
        {"at": 5},
        {"hash": "0" * 63},
        {"hash": "G" * 64},
        {"key": None},
        {"seq": -1},
        {"seq": "1"},
        {"seq": True},
        {"seq": 2**63},
        {"signature": ""},
        {"void_above": -1},
        {"void_above": None},
        {"more": 1},
    ],
    ids=str,
)
def test_a_line_with_an_impossible_field_is_no_head(tmp_path, change):
    path = tmp_path / "a.heads"
    path.write_text(
        "".join(json.dumps(line, sort_keys=True, separators=(",", ":")) + "\n" for line in (GOOD, {**GOOD, **change}))
    )
    first, second = dict(heads.read(path)).values()
    assert isinstance(first, SignedHead)
    assert second is None


@pytest.mark.parametrize("line", ["", "  ", "[]", "{}", "null", "{", "\x00", "[" * 100_000])
def test_a_line_that_is_something_else_is_no_head(tmp_path, line):
    path = tmp_path / "a.heads"
    path.write_text(line)
    assert set(dict(heads.read(path)).values()) <= {None}


def test_every_torn_end_is_passed_over_and_followed_by_a_new_line(keeper):
    first = keeper.keep(HEAD, instant(1))
    whole = keeper.path.read_bytes()
    keeper.keep(Head(41, "cd" * 32), instant(2))
    both = keeper.path.read_bytes()
    for end in range(len(whole), len(both) - 1, 7):
        keeper.path.write_bytes(both[:end])
        again = keeper.keep(Head(42, "ef" * 32), instant(3))
        found = list(read(keeper).values())
        assert found[0] == first
        assert found[-1] == again
        assert len(found) == (2 if end == len(whole) else 3)


def test_a_file_that_cannot_be_written_is_named(keeper):
    keeper.path.mkdir()
    with pytest.raises(HeadsError, match=r"paper\.sqlite\.heads cannot be written"):
        keeper.keep(HEAD, instant(1))
    with pytest.raises(HeadsError, match=r"paper\.sqlite\.heads cannot be read"):
        read(keeper)


def test_a_folder_that_is_not_there_is_not_made(tmp_path):
    keeper = HeadKeeper(tmp_path / "paper.sqlite", tmp_path / "share" / "paper.heads", "the-database")
    with pytest.raises(HeadsError, match=r"paper\.heads cannot be written: .*No such file"):
        keeper.keep(HEAD, instant(1))
    assert not (tmp_path / "share").exists()


def test_why_heads_cannot_be_read_is_known_before_new_ones_are_kept(keeper):
    assert keeper.why_not_readable() is None
    keeper.keep(HEAD, instant(1))
    assert keeper.why_not_readable() is None
    keeper.path.unlink()
    assert "are not at" in keeper.why_not_readable()
    keeper.path.mkdir()
    assert "cannot be read" in keeper.why_not_readable()


def test_a_link_to_a_log_has_the_logs_own_key_and_heads(tmp_path):
    log = tmp_path / "paper.sqlite"
    SqliteAuditLog.open(log, Mode.PAPER).close()
    (tmp_path / "link.sqlite").symlink_to(log)
    assert HeadKeeper(tmp_path / "link.sqlite", None, "d").path == HeadKeeper(log, None, "d").path


def test_a_reader_gives_a_rows_hash(tmp_path):
    with closing(SqliteAuditLog.open(tmp_path / "a.sqlite", Mode.PAPER)) as log:
        log.append(asked(1))
        log.commit()
        with AuditReader(tmp_path / "a.sqlite") as reader:
            assert (reader.hash_of(1), reader.hash_of(2)) == (log.head().hash, None)
