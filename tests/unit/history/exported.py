"""A channel's export as its tool writes it, made up for the tests: members in the documented order, ids as text."""

import json

AUTHOR = {"id": "501", "name": "ana", "discriminator": "0000", "nickname": "Ana", "color": None, "isBot": False}
HOOK = {"id": "777", "name": "alerts", "discriminator": "0000", "nickname": "Alerts", "color": None, "isBot": True}


def post(number, text, **more):
    """Return a message of the export, posted `number` seconds after nine in the morning."""
    return {
        "id": str(1_300_000_000_000_000_000 + number),
        "type": "Default",
        "timestamp": f"2026-11-02T15:{number // 60:02}:{number % 60:02}.125+00:00",
        "timestampEdited": None,
        "callEndedTimestamp": None,
        "isPinned": False,
        "content": text,
        "author": AUTHOR,
        "attachments": [],
        "embeds": [],
        "stickers": [],
        "reactions": [],
        "mentions": [],
        "inlineEmojis": [],
        **more,
    }


def export(*messages, channel=None, **more):
    """Return the export's text."""
    return json.dumps(
        {
            "guild": {"id": "100", "name": "Made up", "iconUrl": ""},
            "channel": {
                "id": "200",
                "type": "GuildTextChat",
                "categoryId": "150",
                "category": "rooms",
                "name": "day-trades",
                "topic": None,
                **(channel or {}),
            },
            "dateRange": {"after": None, "before": None},
            "exportedAt": "2026-11-03T00:00:00+00:00",
            "messages": list(messages),
            "messageCount": len(messages),
            **more,
        },
        indent=2,
        ensure_ascii=False,
    )
