"""Who may trade: ids only, seeds and commands, an empty list allows nobody."""

import pytest

from domain.allowlist import Allowlist, IdList, ListName

USER, CHANNEL, HOOK = 1, 2, 3


def allowlist() -> Allowlist:
    return Allowlist().seeded(frozenset({USER}), frozenset({CHANNEL}), frozenset({HOOK}))


@pytest.mark.parametrize(
    ("user_id", "channel_id", "webhook_id", "allowed"),
    [
        (USER, CHANNEL, None, True),
        (9, CHANNEL, None, False),
        (USER, 9, None, False),
        (9, CHANNEL, HOOK, True),
        (9, 9, HOOK, False),
        (USER, CHANNEL, 9, False),
    ],
)
def test_both_ids_count_and_a_webhook_has_its_own_list(user_id, channel_id, webhook_id, allowed):
    assert allowlist().allows(user_id=user_id, channel_id=channel_id, webhook_id=webhook_id) is allowed


def test_an_empty_list_allows_nobody():
    assert not Allowlist().allows(user_id=USER, channel_id=CHANNEL, webhook_id=None)


@pytest.mark.parametrize("name", list(ListName))
def test_commands_change_a_list_and_undo_each_other(name):
    def ids(one: Allowlist) -> frozenset[int]:
        return (one.users if name is ListName.USER else one.channels).ids

    more = allowlist().add(name, 7)
    assert 7 in ids(more)
    assert 7 not in ids(more.remove(name, 7))
    assert 7 in ids(more.remove(name, 7).add(name, 7))


def test_a_removal_by_command_outlasts_the_settings():
    removed = allowlist().remove(ListName.USER, USER)
    again = removed.seeded(frozenset({USER}), frozenset({CHANNEL}), frozenset())
    assert not again.allows(user_id=USER, channel_id=CHANNEL, webhook_id=None)


def test_an_addition_by_command_outlasts_the_settings():
    added = allowlist().add(ListName.USER, 7).seeded(frozenset(), frozenset({CHANNEL}), frozenset())
    assert added.users.ids == {7}


def test_an_id_that_leaves_the_settings_leaves_the_list():
    assert IdList(seeds=frozenset({USER})).ids == {USER}
    assert not allowlist().seeded(frozenset(), frozenset(), frozenset()).users.ids
