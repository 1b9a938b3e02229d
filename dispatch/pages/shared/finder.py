"""What somebody's own words may mean, as every page shows it: items with how each is done, and bundles around them."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue.models import Bundle, Item
from dispatch.foundation.words import translate
from dispatch.pages.shared import searching
from dispatch.pages.shared.calls import Call, language
from dispatch.pages.shared.telling import Named, papers_of

LONGEST_QUESTION = 60
MOST_BUNDLES = 2
BY_ONESELF = {"app": "手机", "web": "电脑", "kiosk": "自助机"}
"""Channels at which nobody waits in a line, as a list names them."""


@dataclass(frozen=True)
class ItemFound:
    """An item in a list of results; `where` says by which ways it can be done."""

    code: str
    name: str
    name_en: str
    department: Named
    papers: int
    where: tuple[str, ...] = ()


@dataclass(frozen=True)
class BundleFound:
    """Several items done together."""

    code: str
    name: str
    name_en: str
    members: int


@dataclass(frozen=True)
class Found:
    """What the words may mean, the likeliest first; bundles that hold it are offered before it."""

    words: str
    items: Sequence[ItemFound] = ()
    bundles: Sequence[BundleFound] = ()

    @property
    def best(self) -> ItemFound | None:
        """What was most likely meant."""
        return self.items[0] if self.items else None


def find(call: Call, words: str, limit: int) -> Found:
    """What these words may mean; a search in vain is counted."""
    items = [item for item, _ in searching.search(call, words, limit)]
    said = [bundle for bundle, _ in catalogue.search_bundles(call.session, words, MOST_BUNDLES)]
    around = bundles_around(call, items[0]) if items else said
    named = [bundle for bundle in said if bundle in around]
    ordered = [*named, *(bundle for bundle in around if bundle not in named)][:MOST_BUNDLES]
    return Found(words, in_a_list(call, items), [bundle_found(bundle) for bundle in ordered])


def bundles_around(call: Call, item: Item) -> list[Bundle]:
    """Bundles that hold an item: first those it is the heart of. Those for companies only where it is theirs."""
    company = item.details.get("service_object") == "legal"
    fitting = [
        bundle
        for bundle in catalogue.bundles_with(call.session, [item.code])
        if company or bundle.details["service_object"] != "legal"
    ]
    return sorted(fitting, key=lambda bundle: bundle.details["key_item"] != item.code)


def in_a_list(call: Call, items: Sequence[Item]) -> list[ItemFound]:
    """Items as a list shows them; one statement for all."""
    placed = Counter(row.item for row in catalogue.placements_of(call.session, [item.code for item in items]))
    return [item_found(item, placed[item.code]) for item in items]


def item_found(item: Item, halls: int = 0) -> ItemFound:
    """An item in a list, done at so many halls."""
    where = ways_in_words([channel for channel, there in item.channels.items() if there], halls)
    office = Named(item.department, item.department_en)
    return ItemFound(item.code, item.name, item.name_en, office, len(papers_of(item)), where)


def ways_in_words(channels: Collection[str], halls: int) -> tuple[str, ...]:
    """By which ways something can be done: by oneself, and at so many halls."""
    lang = language()
    where = [translate(lang, word) for channel, word in BY_ONESELF.items() if channel in channels]
    return (*where, *([translate(lang, "%(n)s 个大厅", n=halls)] if halls else []))


def bundle_found(bundle: Bundle) -> BundleFound:
    """A bundle in a list."""
    return BundleFound(bundle.code, bundle.name, bundle.name_en, len(bundle.details["members"]))
