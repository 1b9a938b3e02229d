"""Chinese first, English by a switch. Texts are written in Chinese; `words.en.po` files hold the English."""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
_ROOTS = (Path(__file__).parents[1], Path(__file__).parents[2] / "hall_display")


@cache
def translations(lang: Language) -> NullTranslations:
    """The words of a language, read from every folder's catalogue; Chinese is what the source says."""
    if lang == "zh":
        return NullTranslations()
    merged = Catalog(locale="en")
    for root in _ROOTS:
        for path in sorted(root.rglob("words.en.po")):
            with path.open("rb") as file:
                for message in read_po(file, locale="en", abort_invalid=True):
                    if message.id:
                        merged[message.id] = message
    compiled = BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return Translations(compiled)


def translate(lang: Language, msgid: str, **params: Any) -> str:  # noqa: ANN401 - whatever %-formatting takes
    """The sentence in this language, its places filled."""
    sentence = translations(lang).gettext(msgid)
    return sentence % params if params else sentence


def local(thing: Any, lang: Language, field: str = "name") -> str:  # noqa: ANN401 - an object or a mapping
    """The name of a thing that has `name` and `name_en`, in this language."""

    def read(key: str) -> object:
        return thing.get(key) if isinstance(thing, dict) else getattr(thing, key, None)

    return str((read(f"{field}_en") if lang == "en" else None) or read(field))
