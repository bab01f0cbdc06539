"""What the pages say of settings, links, decisions and data formats is so."""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import msgspec
import pytest

from tests.docs.conftest import CHECKOUT, Block, blocks, pages
from triplepress.record import Rejected
from triplepress.settings import Settings

# Packages whose values are part of a dependency's own interface, and come with it.
_PART_OF = {"anyio": "starlette", "markupsafe": "jinja2", "py4j": "pyspark", "pyparsing": "rdflib"}


def headings(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as both the site and a forge make them."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_links_within_the_repository_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.is_relative_to(CHECKOUT), target
        assert linked.exists(), f"{page.name}: {target} leads nowhere"
        assert not anchor or anchor in headings(linked), f"{page.name}: {target} has no such heading"


def test_every_setting_is_documented_with_its_default() -> None:
    text = (CHECKOUT / "docs" / "configuration.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \| .+ \|$", text, re.MULTILINE))
    assert set(rows) == set(Settings.__struct_fields__)
    defaults = Settings()
    for name, shown in rows.items():
        assert shown.strip("`") == as_written(getattr(defaults, name)), name


def as_written(default: object) -> str:
    """Return a setting's default as the page writes it."""
    if isinstance(default, bool):
        return "on" if default else "off"
    if default == "https://creativecommons.org/publicdomain/zero/1.0/":
        return "CC0 1.0"
    return f"{default:g}" if isinstance(default, float) else str(default) if default or default == 0 else "none"


@pytest.mark.parametrize("block", blocks("toml"), ids=str)
def test_settings_in_the_pages_are_settings(block: Block) -> None:
    msgspec.convert(tomllib.loads(block.text), Settings)


@pytest.mark.parametrize("block", blocks("json"), ids=str)
def test_json_in_the_pages_is_json(block: Block) -> None:
    value = json.loads(block.text)
    if "findings" in value:
        assert msgspec.convert(value, Rejected).findings


def test_every_decision_is_in_the_index_and_on_the_site() -> None:
    index = (CHECKOUT / "docs" / "decisions" / "index.md").read_text(encoding="utf-8")
    site = (CHECKOUT / "mkdocs.yml").read_text(encoding="utf-8")
    decisions = sorted((CHECKOUT / "docs" / "decisions").glob("[0-9]*.md"))
    assert decisions
    for number, page in enumerate(decisions, 1):
        text = page.read_text(encoding="utf-8")
        assert int(page.name[:4]) == number
        assert text.startswith(f"# {number}. ")
        assert [part in text for part in ("Status: ", "## Context", "## Decision", "## Consequences")] == [True] * 4
        assert page.name in index
        assert f"decisions/{page.name}" in site


def test_every_page_is_on_the_site() -> None:
    site = (CHECKOUT / "mkdocs.yml").read_text(encoding="utf-8")
    for page in (CHECKOUT / "docs").glob("*.md"):
        assert f"- {page.name}\n" in site


def test_every_runtime_dependency_is_defended() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.split(r"[^\w-]", line, maxsplit=1)[0] for line in project["dependencies"]}
    decision = (CHECKOUT / "docs" / "decisions" / "0002-runtime-dependencies.md").read_text(encoding="utf-8")
    cells = [row.split("|")[1] for row in decision.splitlines() if row.startswith("| `")]
    assert {name for cell in cells for name in re.findall(r"`([\w-]+)`", cell)} == needed


def test_every_package_that_the_code_imports_is_a_declared_dependency() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *extras["bulk"], *extras["spark"]]
    declared = {re.split(r"[^\w-]", line, maxsplit=1)[0].lower() for line in lines}
    imported = set()
    for path in (CHECKOUT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.partition(".")[0])
    for name, parent in _PART_OF.items():
        assert parent in declared
        assert any(re.match(rf"{name}\b", line, re.IGNORECASE) for line in requires(parent) or [])
    packages = packages_distributions()
    foreign = imported - sys.stdlib_module_names - {"triplepress", *_PART_OF}
    assert {name for name in foreign if not {each.lower() for each in packages.get(name, [])} & declared} == set()


def test_locked_versions_have_neither_addresses_nor_hashes() -> None:
    lines = (CHECKOUT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9._+!]+", line) for line in lines if not line.startswith("#"))
