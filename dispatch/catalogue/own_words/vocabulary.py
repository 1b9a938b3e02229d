"""The words that a city knows, and a text cut into them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from dispatch.catalogue.own_words.plain import is_han, plain
from dispatch.catalogue.own_words.spelling import folded, initials, spelled

Role = Literal["thing", "deed", "hint", "filler", "other"]

EXACT, TYPED, HOMOPHONE, MISTYPED, INITIALS = 1.0, 0.95, 0.75, 0.7, 0.8
"""How surely a word was meant: as written, in pinyin, by characters of the same sound, with a typo, by initials."""
HEARD = 0.4
"""How surely where not one character is as written."""
LONGEST_WORD = 12
"""In Chinese characters."""
LEAST_LIKENESS = {5: 0.8, 8: 0.75}
"""From how many Latin letters on how alike a word must be to count as mistyped: one edit in five letters, two in eight.

An edit is a letter more, less, other, or swapped with its neighbour (optimal string alignment).
"""
WITHIN = 0.5
"""How surely a word is meant that is part of a longer one."""
GUESS = (0.45, 0.65)
"""What a word of the same sound counts for against others: with no character as written, and with all of them more."""
PARTICLES = frozenset("的了过个")
"""They stand in the middle of any word (买了房, 离个婚) and say nothing there."""
NUMBERS, MEASURES = (
    frozenset("一两二三四五六七八九十百千万几半多"),
    frozenset("个年套张本次天月家间块份回点平层亩"),
)
"""A number with its measure may stand there too (当过几年兵, 买了一套房)."""
VOWELS = frozenset("aeiou")
SHORTEST_INITIALS = 3


@dataclass(frozen=True)
class Group:
    """Words that mean the same to an office.

    A `thing` is what it is about, a `deed` what is to happen to it, a `hint` who or where; a `filler` says nothing
    about what somebody comes for, and an `other` that it is no office's business.
    """

    code: str
    role: Role
    words: tuple[str, ...]


class Token(NamedTuple):
    """A word that was meant, by its group, and how surely."""

    group: str
    sure: float


class Cut(NamedTuple):
    """A text cut into words: those known, and the runs of characters between that are neither known nor filler.

    `core` is the text without its fillers.
    """

    tokens: tuple[Token, ...]
    between: tuple[str, ...]
    core: str


class _Unit(NamedTuple):
    """A Chinese character or a Latin letter or digit; Latin words begin and end, every character does both."""

    text: str
    sound: str
    begins: bool
    ends: bool


class _Span(NamedTuple):
    value: float
    tokens: tuple[Token, ...]


class Vocabulary:
    """Groups of words, ready to be found in a text. Never changes, so any thread may ask it."""

    def __init__(self, groups: Iterable[Group]) -> None:
        texts: defaultdict[str, list[str]] = defaultdict(list)
        sounds: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        short: defaultdict[str, list[str]] = defaultdict(list)
        self.roles: dict[str, Role] = {}
        self.foreign: list[Sequence[str]] = []
        """What no office does, by topic."""
        for group in groups:
            if group.role == "other":
                self.foreign.append(group.words)
            self.roles[group.code] = group.role
            for word in filter(None, map(plain, group.words)):
                texts[word].append(group.code)
                if not word.isascii() and group.role != "other":
                    syllables = spelled(word)
                    sounds[folded("".join(syllables))].append((word, group.code))
                    if len(word) > 1 and group.role != "filler":
                        short[initials(syllables)].append(group.code)
        self._texts, self._sounds = dict(texts), dict(sounds)
        self._short = {
            letters: [Token(code, INITIALS / len(set(codes))) for code in dict.fromkeys(codes)]
            for letters, codes in short.items()
        }
        self._beginnings = {key[:end] for key in (*texts, *sounds) for end in range(1, len(key) + 1)}
        self._latin = {word: codes for word, codes in texts.items() if word.isascii()}
        self._latin |= {sound: [code for _, code in words] for sound, words in sounds.items()}
        self._latin = {key: codes for key, codes in self._latin.items() if len(key) >= min(LEAST_LIKENESS)}
        self._english = {part for word in texts if word.isascii() for part in word.split()}
        self._within = {word: self._inside(word) for word in texts if not word.isascii()}

    def cut(self, text: str, *, typed: bool = True) -> Cut:
        """The text cut into the words that explain most of it; what was `typed` by somebody may have typos."""
        said = plain(text)
        units = _units(" ".join(map(self._mended, said.split())) if typed else said)
        steps = self._way(units)
        tokens: list[Token] = []
        between: list[str] = []
        core: list[str] = []
        place = gap = 0
        while place < len(units):
            step, span = steps[place]
            if span is not None:
                runs = _runs(units[gap:place])
                between += runs
                core += runs
                tokens += span.tokens
                core += [] if self._is_filler(span) else [_joined(units[place : place + step])]
                gap = place + step
            place += step
        last = _runs(units[gap:])
        guesses = {run: self._guessed(run) for run in [*between, *last] if typed and run.isascii()}
        tokens += [token for found in guesses.values() for token in found]
        return Cut(
            tuple(token for token in tokens if self.roles[token.group] != "filler"),
            tuple(run for run in [*between, *last] if not guesses.get(run)),
            " ".join([*core, *last]),
        )

    def _is_filler(self, span: _Span) -> bool:
        return all(self.roles[token.group] == "filler" for token in span.tokens)

    def _way(self, units: Sequence[_Unit]) -> list[tuple[int, _Span | None]]:
        """From each place the next step on the way of the highest value through the rest (dynamic programming)."""
        worth = [0.0] * (len(units) + 1)
        steps: list[tuple[int, _Span | None]] = [(1, None)] * len(units)
        for place in range(len(units) - 1, -1, -1):
            worth[place] = worth[place + 1]
            for end, span in self._spans(units, place):
                if span.value + worth[end] >= worth[place]:
                    worth[place] = span.value + worth[end]
                    steps[place] = (end - place, span)
        return steps

    def _spans(self, units: Sequence[_Unit], start: int) -> Iterator[tuple[int, _Span]]:
        """The words that may begin here, each with its end."""
        text = sound = ""
        latin, counts = True, False
        for end in range(start + 1, len(units) + 1):
            unit = units[end - 1]
            if text and text + unit.text not in self._beginnings:
                is_number = unit.text in NUMBERS
                if is_number or unit.text in PARTICLES or (counts and unit.text in MEASURES):
                    counts = is_number
                    continue
            latin = latin and not is_han(unit.text)
            text += f" {unit.text}" if unit.begins and text and latin else unit.text
            sound += unit.sound
            alike = folded(sound)
            if text not in self._beginnings and alike not in self._beginnings:
                return
            whole = units[start].begins and unit.ends
            if whole and text in self._texts:
                length = 1 + text.count(" ") if text.isascii() else end - start
                words = self._texts[text]
                yield end, self._span(words, EXACT, 2 * length if text.isascii() else length, text)
            if latin and " " in text and not whole:
                continue  # of syllables typed one by one none is taken in halves
            others = [
                (word, code)
                for word, code in self._sounds.get(alike, ())
                if word != text and (len(word) > 1 or (latin and whole))
            ]
            if others:
                word = others[0][0]
                codes = [code for _, code in others]
                if latin:
                    yield end, self._span(codes, TYPED, len(word), word)
                else:
                    guess = _guess(word, text)
                    sure = HOMOPHONE if guess > GUESS[0] else HEARD
                    span = self._span(codes, sure, len(word), word)
                    yield end, span._replace(value=span.value * guess)

    def _span(self, codes: Iterable[str], sure: float, length: float, word: str) -> _Span:
        """A long word is worth more than the same letters as two words."""
        meant = dict.fromkeys(codes)
        inside = (
            code for code in self._within.get(word, ()) if code not in meant and self.roles[code] != "other"
        )
        tokens = [Token(code, sure) for code in meant] + [Token(code, sure * WITHIN) for code in inside]
        return _Span(sure * length**1.3, tuple(tokens))

    def _inside(self, word: str) -> tuple[str, ...]:
        """The groups of the words of two characters and more that are part of this one."""
        parts = (word[start:end] for start in range(len(word)) for end in range(start + 2, len(word) + 1))
        return tuple(dict.fromkeys(code for part in parts for code in self._texts.get(part, ())))

    def _mended(self, word: str) -> str:
        """An English word without its typo."""
        if not word.isascii() or word in self._english or folded(word) in self._sounds:
            return word
        near = _nearest(word, self._english)
        return near or word

    def _guessed(self, letters: str) -> tuple[Token, ...]:
        """What Latin letters may mean that are no word: initials, or a word with a typo."""
        if found := self._of_initials(letters):
            return tuple(found)
        near = _nearest(letters, self._latin)
        return tuple(Token(code, MISTYPED) for code in self._latin[near]) if near else ()

    def _of_initials(self, letters: str) -> list[Token]:
        """The longest words whose initials make up all the letters; the more it may be, the less sure is each.

        What has vowels is no initials, and words of two syllables alone could be anything.
        """
        if VOWELS & set(letters) or len(set(letters)) == 1:
            return []
        ways: list[tuple[int, int, list[Token]] | None] = [(0, 0, [])]
        for end in range(1, len(letters) + 1):
            here = [
                (before[0] + (end - start) ** 2, max(before[1], end - start), before[2] + self._short[part])
                for start in range(max(0, end - LONGEST_WORD), end)
                if (before := ways[start]) is not None and (part := letters[start:end]) in self._short
            ]
            ways.append(max(here, key=lambda way: way[0], default=None))
        last = ways[-1]
        return last[2] if last is not None and last[1] >= SHORTEST_INITIALS else []


def _nearest(letters: str, words: Collection[str]) -> str | None:
    """The word that these letters were meant to be, if one is near enough."""
    least = [likeness for length, likeness in LEAST_LIKENESS.items() if len(letters) >= length]
    if not least:
        return None
    near = process.extractOne(letters, words, scorer=OSA.normalized_similarity, score_cutoff=least[-1])
    return near[0] if near else None


def _guess(word: str, text: str) -> float:
    same = sum(one == other for one, other in zip(word, text, strict=False)) / len(word)
    return GUESS[0] + GUESS[1] * same


def _units(text: str) -> list[_Unit]:
    units = []
    for word in text.split():
        kinds = [is_han(character) for character in word]
        for place, (character, sound) in enumerate(zip(word, spelled(word), strict=True)):
            begins = place == 0 or kinds[place] or kinds[place - 1]
            ends = place == len(word) - 1 or kinds[place] or kinds[place + 1]
            units.append(_Unit(character, sound, begins, ends))
    return units


def _joined(units: Sequence[_Unit]) -> str:
    return " ".join(_runs(units))


def _runs(units: Sequence[_Unit]) -> list[str]:
    """The characters as runs of Chinese or as Latin words."""
    runs: list[str] = []
    for place, unit in enumerate(units):
        joins = place > 0 and (
            is_han(unit.text) and is_han(units[place - 1].text) if is_han(unit.text) else not unit.begins
        )
        if joins:
            runs[-1] += unit.text
        else:
            runs.append(unit.text)
    return runs
