"""Text messages: a few words to a telephone."""

from __future__ import annotations

from typing import Protocol


class NotSent(Exception):
    """The message did not go out, or nobody knows whether it did."""


class Messenger(Protocol):
    """Whoever can send text messages. Keeps neither the number nor the words."""

    def send(self, number: str, text: str) -> None:
        """Hand a message over for this number, within a few seconds; NotSent."""
