"""Every sentence that a person reads has its English."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_python
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from tests.house import tree

PLACES = re.compile(r"%\((\w+)\)[sd]")
CATALOGUE = "words.en.po"
# Where dispatch/foundation/words.py looks for catalogues.
CATALOGUE_FOLDERS = ("dispatch", "hall_display")
PAGE_SUFFIXES = {".html", ".js", ".mjs"}
KEYWORDS: dict[str, None] = {"_": None}


def template_sentences() -> Iterator[tuple[str, str]]:
    options = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}
    for folder in tree.PACKAGES:
        for path in sorted((tree.ROOT / folder).rglob("templates/**/*.*")):
            if path.suffix in {".html", ".txt", ".xml", ".svg"}:
                with path.open("rb") as file:
                    for line, _, message, _ in babel_extract(file, ["_", "gettext"], [], options):
                        yield from _sentences(message, f"{tree.place(path)}:{line}")


def python_sentences() -> Iterator[tuple[str, str]]:
    for path in tree.python_files(*tree.PACKAGES):
        with path.open("rb") as file:
            for line, _, message, _ in extract_python(file, KEYWORDS, [], {}):
                yield from _sentences(message, f"{tree.place(path)}:{line}")


def refusal_sentences() -> Iterator[tuple[str, str]]:
    """A refusal is a class with a `code` and a `sentence`."""
    for path in tree.python_files(*tree.PACKAGES):
        for node in ast.walk(tree.parsed(path)):
            if isinstance(node, ast.ClassDef):
                yield from ((text, tree.place(path, node)) for text in _class_sentences(node))


def _class_sentences(node: ast.ClassDef) -> Iterator[str]:
    for statement in node.body:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Constant):
            continue
        names = {target.id for target in statement.targets if isinstance(target, ast.Name)}
        if "sentence" in names and isinstance(statement.value.value, str):
            yield statement.value.value


def _sentences(message: object, where: str) -> Iterator[tuple[str, str]]:
    """The first argument of a call of `_`, however many it has."""
    first = message[0] if isinstance(message, (tuple, list)) and message else message
    if isinstance(first, str) and first:
        yield first, where


def sentences() -> list[tuple[str, str]]:
    """Every (sentence, place) of the house."""
    return [*template_sentences(), *python_sentences(), *refusal_sentences()]


def english() -> dict[str, str]:
    """Chinese → English out of all catalogues."""
    known: dict[str, str] = {}
    for path in catalogues():
        known.update(_catalogue(path))
    return known


def catalogues() -> list[Path]:
    """The files of English words."""
    return [path for folder in CATALOGUE_FOLDERS for path in sorted((tree.ROOT / folder).rglob(CATALOGUE))]


def _catalogue(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        return {
            str(each.id): str(each.string)
            for each in read_po(file, locale="en", abort_invalid=True)
            if each.id and each.string
        }


def test_every_sentence_has_its_english() -> None:
    known = english()
    missing = [f"{where}: {sentence}" for sentence, where in sentences() if sentence not in known]
    assert missing == []


def test_the_english_fills_the_same_places() -> None:
    """A place in one language only would show %(n)s, or fail."""
    wrong = [
        f"{chinese} → {text}"
        for chinese, text in english().items()
        if set(PLACES.findall(chinese)) != set(PLACES.findall(text))
    ]
    assert wrong == []


def test_one_sentence_has_one_english() -> None:
    """All catalogues become one at start, so two of them must not say different things."""
    known: dict[str, str] = {}
    differing = []
    for path in catalogues():
        for chinese, text in _catalogue(path).items():
            if known.setdefault(chinese, text) != text:
                differing.append(f"{tree.place(path)}: {chinese} → {text}, elsewhere {known[chinese]}")
    assert differing == []


def test_catalogues_keep_no_sentence_that_is_gone() -> None:
    """Some words go through variables (a state's name): to be written anywhere is enough."""
    used = {sentence for sentence, _ in sentences()}
    written = _written()
    left = [each for each in english() if each not in used and each not in written]
    assert left == []


def _written() -> str:
    """Every string constant of the Python files, and the pages' files as they are."""
    texts = [
        node.value
        for path in tree.python_files(*tree.PACKAGES)
        for node in ast.walk(tree.parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    for folder in CATALOGUE_FOLDERS:
        pages = (path for path in (tree.ROOT / folder).rglob("*.*") if path.suffix in PAGE_SUFFIXES)
        texts += [path.read_text(encoding="utf-8") for path in pages]
    return "\n".join(texts)
