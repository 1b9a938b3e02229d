"""What changes would do, and figures of a discipline that make sense, for the pages that change halls by templates."""

from collections.abc import Mapping
from typing import Any

from flask import current_app

from dispatch.ports.previews import Previews
from dispatch.queues.policy import Policy


def previews() -> Previews:
    """Who tells what a change would do."""
    keeper: Previews = current_app.extensions["previews"]
    return keeper


def refuse_bad_policy(values: Mapping[str, Any]) -> None:
    """BadInput for figures of a discipline that are out of bounds; `values` by path."""
    figures = {path: value for path, value in values.items() if path.startswith("policy.")}
    Policy.of({path.removeprefix("policy."): value for path, value in figures.items()})
