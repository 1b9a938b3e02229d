"""What the documents say of the code is what the code does."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from dispatch.wiring import documents
from dispatch.wiring.cli import main
from dispatch.wiring.documents import PARTS, Part


def test_every_generated_part_is_true() -> None:
    assert documents.untrue() == [], f"run: {documents.REGENERATE}"


def test_the_command_says_so_too() -> None:
    assert CliRunner().invoke(main, ["documents"]).exit_code == 0


def test_two_parts_of_a_file_have_different_names() -> None:
    assert len({(part.file, part.marker) for part in PARTS}) == len(PARTS)


def test_only_what_is_between_the_markers_is_replaced() -> None:
    part = Part("any.md", "numbers", lambda: "| one |\n")
    text = "before\n<!-- generated: numbers -->\nold\n\\1\n<!-- /generated -->\nafter\n"
    new = part.written(text)
    assert new == "before\n<!-- generated: numbers -->\n| one |\n<!-- /generated -->\nafter\n"
    assert part.written(new) == new


def test_a_document_without_its_marker_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"any\.md"):
        Part("any.md", "numbers", lambda: "").written("nothing here\n")


def test_a_stale_part_is_named_and_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(documents, "ROOT", tmp_path)
    monkeypatch.setattr(documents, "PARTS", (Part("page.md", "numbers", lambda: "| one |"),))
    (tmp_path / "page.md").write_text("<!-- generated: numbers -->\n<!-- /generated -->\n", encoding="utf-8")
    stale = CliRunner().invoke(main, ["documents"])
    assert stale.exit_code == 1
    assert "page.md: numbers" in stale.stderr
    assert documents.write() == ["page.md"]
    assert documents.untrue() == []
