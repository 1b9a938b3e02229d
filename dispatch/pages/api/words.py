"""Enumerations of the document, made from the rooms' own tables so that the two cannot differ."""

from dataclasses import dataclass

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema


@dataclass(frozen=True)
class OneOf:
    """Marks a text as one of these words: `Annotated[str, OneOf(STATES)]`."""

    words: tuple[str, ...]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Accept these words only, and say so in the document."""
        return core_schema.literal_schema(list(self.words))
