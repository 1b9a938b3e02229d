"""Everything the catalogue says, ready to be compared with a person's own words.

An item or bundle has phrases (names, aliases) and a bag of all that is said about it (questions, papers, department).
Words weigh as in BM25 (Robertson & Zaragoza 2009): the rarer in the catalogue, the more. A phrase is as likely as the
cosine of its words and the person's; the bag counts with the share of her words that it holds. Beside this witness
stands another: how alike it is to what people said who came for the thing (`sayings`).
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import exp, log, sqrt
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dispatch.catalogue.own_words.plain import is_han, plain
from dispatch.catalogue.own_words.sayings import Sayings
from dispatch.catalogue.own_words.spelling import folded, initials, spelled
from dispatch.catalogue.own_words.vocabulary import Vocabulary

Kind = Literal["item", "bundle"]

LEAST_SCORE = 0.3
"""Whatever is less likely is not shown: an honest nothing helps more."""
LEAST_BOTH = 0.3
"""What words and sayings must come to together, to be looked at further: less than makes the least score."""
ROLE_WEIGHT = {"thing": 1.0, "deed": 0.65, "hint": 0.35, "other": 1.0}
PAIR_WEIGHT, SOUND_WEIGHT, UNKNOWN_WEIGHT, CHARACTER_WEIGHT = 0.3, 0.15, 0.3, 0.4
PHRASE_SHARE = 0.7
"""How much of the score the best phrase makes, and how much the rest."""
UNGROUNDED = 0.6
"""What a score is worth that rests on what is to happen alone, where the thing it is to happen to is unknown."""
SURELY = 0.95
"""The most that a likeness can score: only the very words of the catalogue score 1."""
SAYING_WEIGHT = 3.0
"""What likeness to people's sayings weighs beside the words of the catalogue; it is small even where it is right."""
FOREIGN_SHARE = 0.5
"""From what share of the best likeness on a likeness to what no office does speaks against it.

Where that likeness is the greater, sayings count for nothing.
"""
FIELD_WEIGHT = {"phrases": 1.0, "questions": 0.5, "papers": 0.35, "department": 0.3}


@dataclass(frozen=True)
class Entry:
    """What the catalogue says about an item or a bundle."""

    kind: Kind
    code: str
    phrases: tuple[str, ...]
    sayings: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    department: tuple[str, ...] = ()


class Hit(NamedTuple):
    """What the words may mean, and how likely, from 0 to 1."""

    code: str
    score: float


class Suggestion(NamedTuple):
    """Words to choose while typing, and the item they are of."""

    words: str
    code: str


class _Holders:
    """Where each word stands and with what weight: a sparse matrix of words by places, kept by its rows."""

    def __init__(self, places: Sequence[Mapping[str, float]]) -> None:
        rows: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, weights in enumerate(places):
            for word, weight in weights.items():
                rows[word].append((place, weight))
        self._count = len(places)
        self._rows = {
            word: (np.array([place for place, _ in row]), np.array([weight for _, weight in row]))
            for word, row in rows.items()
        }

    def __contains__(self, word: str) -> bool:
        return word in self._rows

    def products(self, asked: Mapping[str, float]) -> NDArray[np.float64]:
        """The inner product of the words asked for with those at each place, (places,)."""
        sums = np.zeros(self._count)
        for word, weight in asked.items():
            if row := self._rows.get(word):
                sums[row[0]] += weight * row[1]
        return sums


class Index:
    """A catalogue's words, built once and never changed: any thread may ask it."""

    def __init__(self, entries: Sequence[Entry], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._entries = tuple(entries)
        self._exact = self._spellings(entries)
        self._ways = sorted(self._exact)
        self._sayings = Sayings(
            [*((*entry.phrases, *entry.sayings) for entry in entries), *vocabulary.foreign]
        )
        said = cache(self._said)  # many items ask for the same papers
        told = [
            {field: [said(text) for text in getattr(entry, field)] for field in FIELD_WEIGHT}
            for entry in entries
        ]
        seen = Counter(word for fields in told for word in {w for words in fields["phrases"] for w in words})
        count = len(entries)
        self._rarity = {word: log(1 + (count - many + 0.5) / (many + 0.5)) for word, many in seen.items()}
        self._most = log(1 + (count - 0.5) / 1.5) if count else 1.0
        self._bags = _Holders([self._bag(fields) for fields in told])
        phrases = [
            (number, self._unit(words)) for number, fields in enumerate(told) for words in fields["phrases"]
        ]
        self._phrases = _Holders([unit for _, unit in phrases])
        self._entry_of = np.array([number for number, _ in phrases], dtype=int)

    def search(self, words: str, kind: Kind = "item") -> list[Hit]:
        """What these words may mean, the likeliest first; nothing for empty or foreign words."""
        text = plain(words)
        if not text:
            return []
        scores = self._scores(text)
        found = [
            Hit(entry.code, round(scores[number], 4))
            for number, entry in enumerate(self._entries)
            if entry.kind == kind and scores.get(number, 0.0) >= LEAST_SCORE
        ]
        return sorted(found, key=lambda hit: (-hit.score, hit.code))

    def core(self, words: str) -> str:
        """The words without fillers: what somebody wants, in her own words."""
        return self._vocabulary.cut(words).core

    def suggest(self, typed: str, limit: int) -> list[Suggestion]:
        """Phrases of items that begin as typed (as written, in pinyin, by initials), then items that it may mean."""
        text = plain(typed).replace(" ", "")
        found: dict[str, str] = {}
        place = bisect_left(self._ways, text) if text else len(self._ways)
        while len(found) < limit and place < len(self._ways) and self._ways[place].startswith(text):
            for number in self._exact[self._ways[place]]:
                entry = self._entries[number]
                if entry.kind == "item":
                    found.setdefault(entry.code, self._phrase_of(entry, self._ways[place]))
            place += 1
        names = {entry.code: entry.phrases[0] for entry in self._entries}
        for hit in self.search(typed):
            found.setdefault(hit.code, names[hit.code])
        return [Suggestion(words, code) for code, words in list(found.items())[:limit]]

    @staticmethod
    def _phrase_of(entry: Entry, way: str) -> str:
        """The phrase that is spelled so."""
        return next(phrase for phrase in entry.phrases if way in _ways_of(phrase))

    def _scores(self, text: str) -> dict[int, float]:
        said = self._words(text)
        asked = {word: sure * self._weight(word) for word, sure in said.items()}
        total = sum(asked.values())
        likely = self._alike(text)
        if total:
            words = (
                PHRASE_SHARE * self._best_phrases(asked)
                + (1 - PHRASE_SHARE) * self._bags.products(asked) / total
            )
            likely += self._worth(said) * np.minimum(1, words)
        scores = {
            number: SURELY * (1 - exp(-both))
            for number, both in enumerate(likely.tolist())
            if both > LEAST_BOTH
        }
        for number, sure in self._exact.get(text.replace(" ", ""), {}).items():
            scores[number] = max(scores.get(number, 0.0), sure)
        return scores

    def _alike(self, text: str) -> NDArray[np.float64]:
        """How alike this is to what people said who came for each entry, and not to what no office does."""
        ours, foreign = np.split(self._sayings.likeness(text), [len(self._entries)])
        best, other = ours.max(initial=0), foreign.max(initial=0)
        against = other - FOREIGN_SHARE * best if other < best else best
        alike: NDArray[np.float64] = SAYING_WEIGHT * np.maximum(ours - max(0, against), 0).astype(np.float64)
        return alike

    def _worth(self, said: Mapping[str, float]) -> float:
        """How surely a thing is known that it is about; all, where nothing is unknown."""
        roles = self._vocabulary.roles
        words = {word: sure for word, sure in said.items() if not word.startswith("in ")}
        if all(word in roles or word in self._bags for word in words):
            return 1.0
        things = [
            sure for word, sure in words.items() if roles.get(word, "thing") == "thing" and word in self._bags
        ]
        return max(things, default=UNGROUNDED)

    def _best_phrases(self, asked: Mapping[str, float]) -> NDArray[np.float64]:
        """The best cosine of the words asked for with a phrase of each entry, (entries,)."""
        best = np.zeros(len(self._entries))
        length = sqrt(sum(weight * weight for weight in asked.values()))
        np.maximum.at(best, self._entry_of, self._phrases.products(asked) / length)
        return best

    def _said(self, text: str) -> dict[str, float]:
        """The words of the catalogue itself: whatever it speaks of is an office's business."""
        roles = self._vocabulary.roles
        words = self._words(text, typed=False)
        return {word: sure for word, sure in words.items() if roles.get(word) != "other"}

    def _words(self, text: str, *, typed: bool = True) -> dict[str, float]:
        """The words of a text with how surely each is meant; pairs of characters where it knows no word."""
        cut = self._vocabulary.cut(text, typed=typed)
        words: dict[str, float] = {}
        for token in cut.tokens:
            words[token.group] = max(words.get(token.group, 0.0), token.sure)
        for run in cut.between:
            if not is_han(run[0]):
                words[f"latin {run}"] = 1.0
                continue
            words |= {"".join(pair): 1.0 for pair in pairwise(run)}
            words |= {f"sound {' '.join(pair)}": 1.0 for pair in pairwise(map(folded, spelled(run)))}
        words |= {f"in {character}": 1.0 for character in cut.core if is_han(character)}
        return words

    def _weight(self, word: str) -> float:
        role = self._vocabulary.roles.get(word)
        rarity = self._rarity.get(word, self._most)
        if role is not None:
            return ROLE_WEIGHT[role] * rarity
        if word.startswith("in "):
            return CHARACTER_WEIGHT * self._rarity.get(word, 0.0)
        known = word in self._rarity
        if not known:
            return UNKNOWN_WEIGHT * PAIR_WEIGHT * rarity
        return (
            SOUND_WEIGHT if word.startswith("sound ") else PAIR_WEIGHT if is_han(word[0]) else 1.0
        ) * rarity

    def _bag(self, fields: Mapping[str, Iterable[Mapping[str, float]]]) -> dict[str, float]:
        bag: dict[str, float] = {}
        for field, texts in fields.items():
            for words in texts:
                for word in words:
                    bag[word] = max(bag.get(word, 0.0), FIELD_WEIGHT[field])
        return bag

    def _unit(self, words: Mapping[str, float]) -> Mapping[str, float]:
        """The words of a phrase as a unit vector; none where nothing in it weighs anything."""
        weights = {word: sure * self._weight(word) for word, sure in words.items()}
        length = sqrt(sum(weight * weight for weight in weights.values()))
        return {word: weight / length for word, weight in weights.items()} if length else {}

    @staticmethod
    def _spellings(entries: Sequence[Entry]) -> dict[str, dict[int, float]]:
        """Whole phrases as written, in pinyin and by their initials."""
        known: defaultdict[str, dict[int, float]] = defaultdict(dict)
        for number, entry in enumerate(entries):
            for phrase in entry.phrases:
                for way, likely in _ways_of(phrase).items():
                    known[way][number] = max(known[way].get(number, 0.0), likely)
        return dict(known)


def _ways_of(phrase: str) -> dict[str, float]:
    """How a whole phrase may be typed, and how surely it is meant then."""
    joined = plain(phrase).replace(" ", "")
    if joined.isascii():
        return {joined: 1.0} if joined else {}
    sounds = spelled(joined)
    ways = {initials(sounds): 0.9} if len(joined) > 2 else {}
    return {**ways, "".join(sounds): 0.97, joined: 1.0}
