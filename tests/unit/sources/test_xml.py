"""XML is read without loading anything, and hostile XML costs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from triplepress.record import ArticleRecord, Rejected
from triplepress.settings import Settings
from triplepress.sources import read
from triplepress.sources.xml import parse_xml, root_name

_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))


def test_standard_entities_are_resolved_here() -> None:
    root = parse_xml(b"<!DOCTYPE a SYSTEM 'http://nowhere.invalid/a.dtd'><a>&alpha;&ndash;&nosuch;&amp;&#8805;</a>")
    assert "".join(map(str, root.itertext())) == "α–&nosuch;&≥"


def test_no_external_entity_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SECRET", encoding="utf-8")
    root = parse_xml(f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]><a>&x;</a>'.encode())
    assert "SECRET" not in etree.tostring(root, encoding="unicode", method="text")


@pytest.mark.parametrize("place", ["<a>&l11;</a>", '<a b="&l11;"/>'])
def test_entities_of_entities_are_not_expanded(place: str) -> None:
    data = f'<!DOCTYPE a [<!ENTITY l0 "ha">{_LAUGHS}]>{place}'.encode("utf-16")  # where no text is replaced before
    try:
        root = parse_xml(data)
    except etree.XMLSyntaxError:
        return
    assert len(etree.tostring(root)) < 10_000


def test_the_root_is_told_past_what_stands_before_it() -> None:
    assert (
        root_name(b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- <b/> -->\n<!DOCTYPE x:a [\n<!ENTITY y 'z'>]>\n<x:a>") == "a"
    )
    assert root_name("<article>".encode("utf-16")) == "article"
    assert root_name(b"{}") is None


def test_broken_xml_is_set_aside_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text("<article><front>\n</article>", encoding="utf-8")
    (result,) = read([str(path)], Settings())
    assert isinstance(result, Rejected)
    assert (result.source.position or "").startswith("line 2")


def test_articles_in_a_wrapper_and_in_utf_16(tmp_path: Path) -> None:
    title = "<title-group><article-title>{}</article-title></title-group>"
    article = f"<article><front><article-meta>{title}</article-meta></front></article>"
    path = tmp_path / "a.xml"
    text = f"<pmc-articleset>{article.format('Один')}{article.format('Два')}</pmc-articleset>"
    path.write_bytes(f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode("utf-16"))
    titles = [result.titles[0].text for result in read([str(path)], Settings()) if isinstance(result, ArticleRecord)]
    assert titles == ["Один", "Два"]
