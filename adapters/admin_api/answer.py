"""The body of every answer: JSON that can be sent, whatever the texts in it hold."""

import json
from typing import Any

from starlette.responses import JSONResponse


class Answer(JSONResponse):
    """JSON in UTF-8. Half of a surrogate pair, which UTF-8 cannot hold, is sent as JSON's own escape of it."""

    def render(self, content: Any) -> bytes:  # noqa: ANN401 - as the class it extends has it
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode("utf-8", "backslashreplace")
