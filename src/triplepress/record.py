"""The canonical record of one article, and what was set aside: plain frozen values, no RDF in them.

Every text that enters one of these structs is made clean on the way in: Unicode NFC, without characters that XML
forbids, without lone surrogates, an empty text being no text. Language tags are well-formed BCP 47 or None. So no later
stage has to check again. Unknown fields are refused.
"""

from __future__ import annotations

import re
import unicodedata
from contextvars import ContextVar
from functools import cache
from typing import Any, Final, Literal, get_origin

import msgspec
from msgspec.structs import fields as fields_of
from msgspec.structs import force_setattr

from triplepress.errors import RecordError
from triplepress.identifiers import normalise_doi, parse_orcid

# https://www.w3.org/TR/xml/#charsets, production [2] Char, with surrogates and the two non-characters left out.
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# RFC 5646, section 2.1, langtag and privateuse; grandfathered tags are deprecated and not taken.
_LANGUAGE_TAG: Final = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+",
    re.IGNORECASE,
)
_DATE: Final = re.compile(r"[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?")


def clean_text(text: str) -> str:
    r"""Return `text` in NFC, without characters that XML forbids and without lone surrogates.

    Example:
        >>> clean_text("e\u0301\x00\ud800")
        'é'
    """
    # What is printable has nothing in it that XML forbids; most texts are, and are in NFC.
    if text.isprintable() and (text.isascii() or unicodedata.is_normalized("NFC", text)):
        return text
    return unicodedata.normalize("NFC", _NOT_XML.sub("", text))


def language_tag(text: str | None) -> str | None:
    """Return a language tag in lower case if it is well-formed BCP 47, else None: a tag is never guessed.

    Example:
        >>> language_tag("zh-Hant"), language_tag("en_US"), language_tag("")
        ('zh-hant', None, None)

    References:
        RFC 5646, section 2.1.
    """
    return text.lower() if text and _LANGUAGE_TAG.fullmatch(text) else None


def _is_clean(value: Any) -> bool:  # noqa: ANN401
    """Tell whether a value is one of the many texts that cleaning would leave as they are."""
    return isinstance(value, str) and bool(value) and value.isascii() and value.isprintable()


def _cleaned(value: Any) -> Any:  # noqa: ANN401 - it walks whatever JSON a source states
    """Return a JSON value with every text in it clean and empty texts as None."""
    if isinstance(value, str):
        return value if value and value.isascii() and value.isprintable() else clean_text(value) or None
    if isinstance(value, dict):
        if all(map(_is_clean, value)) and all(map(_is_clean, value.values())):
            return value
        return {clean_text(key): _cleaned(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(item) for item in value]
    return value


# Set while records are read back that went through the cleaning before; it takes three quarters of reading them.
_known_clean: Final[ContextVar[bool]] = ContextVar("_known_clean", default=False)


class _Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all values of a record share: texts are made clean as they come in."""

    def __post_init__(self) -> None:
        if _known_clean.get():
            return
        fields = _cleaned_fields(type(self))
        for field in fields:
            value = getattr(self, field)
            if isinstance(value, str):
                if value and value.isascii() and value.isprintable():  # most are clean: one call less for each
                    continue
                clean = clean_text(value)
                if clean != value or not clean:
                    force_setattr(self, field, clean or (None if field not in _NEVER_NONE else ""))
            elif value and isinstance(value, dict):
                force_setattr(self, field, _cleaned(value))
        if "lang" in fields:
            force_setattr(self, "lang", language_tag(getattr(self, "lang")))  # noqa: B009 - the base has no such field


@cache
def _cleaned_fields(kind: type[_Value]) -> tuple[str, ...]:
    """Return the fields of a kind of value that hold texts themselves: what is in a list was cleaned as it was made."""
    return tuple(
        field.name for field in fields_of(kind) if field.type not in (int, bool) and get_origin(field.type) is not list
    )


# Texts that a value cannot be without: an empty one stays empty, and the gate says so.
_NEVER_NONE: Final = frozenset({"text", "name", "role", "kind", "message", "url", "type", "location"})


class Text(_Value, frozen=True, kw_only=True):
    """A text and its language, None where the source does not say."""

    text: str
    lang: str | None = None


class OtherName(_Value, frozen=True, kw_only=True):
    """The same person's name in another script or language."""

    name: str
    given: str | None = None
    family: str | None = None
    lang: str | None = None


class OrganisationName(_Value, frozen=True, kw_only=True):
    """The same organisation's name in another language."""

    name: str
    lang: str | None = None


class Affiliation(_Value, frozen=True, kw_only=True):
    """An organisation as one article states it; `ror` is the bare nine characters, `country` as printed."""

    name: str
    lang: str | None = None
    other_names: list[OrganisationName] = []
    country: str | None = None
    ror: str | None = None


class Contributor(_Value, frozen=True, kw_only=True):
    """One person or organisation in the author line (or another role); `name` as printed, `position` from 1."""

    name: str
    role: str = "author"
    position: int
    given: str | None = None
    family: str | None = None
    lang: str | None = None
    other_names: list[OtherName] = []
    orcid: str | None = None
    corresponding: bool = False
    organisation: bool = False
    affiliations: list[Affiliation] = []

    def __post_init__(self) -> None:
        """Keep the iD bare, refuse one whose check digit is wrong."""
        super().__post_init__()
        if self.orcid is not None:
            force_setattr(self, "orcid", parse_orcid(self.orcid).removeprefix("https://orcid.org/"))


class Journal(_Value, frozen=True, kw_only=True):
    """A journal as one article states it; ISSNs as `NNNN-NNNX`."""

    titles: list[Text] = []
    issn: str | None = None
    eissn: str | None = None
    issn_l: str | None = None
    publisher: str | None = None


class Reference(_Value, frozen=True, kw_only=True):
    """One entry of the reference list.

    `text` is verbatim, or None where the source has only fields; `fields` as the source states them; `parsed` what a
    parser found in the text; `identifiers` other than the DOI, by scheme.
    """

    position: int
    text: str | None = None
    doi: str | None = None
    identifiers: dict[str, str] = {}
    fields: dict[str, Any] = {}
    parsed: dict[str, Any] = {}

    def __post_init__(self) -> None:
        """Refuse a DOI that is not canonical."""
        super().__post_init__()
        _require_canonical_doi(self.doi)


class Relation(_Value, frozen=True, kw_only=True):
    """A stated relation to another work, such as `is-corrected-by`."""

    type: str
    doi: str | None = None
    text: str | None = None

    def __post_init__(self) -> None:
        """Refuse a DOI that is not canonical."""
        super().__post_init__()
        _require_canonical_doi(self.doi)


class File(_Value, frozen=True, kw_only=True):
    """A file of the article's full text."""

    url: str
    media_type: str | None = None


class Citation(_Value, frozen=True, kw_only=True):
    """The "for citation" line, verbatim."""

    text: str
    lang: str | None = None


class Source(_Value, frozen=True, kw_only=True):
    """Where a record comes from.

    `location` is the path as it was named, a URL, or a member of an archive; `position` such as `line 9`; `sha256` of
    the file's bytes, hexadecimal; `retrieved` (an xsd:dateTime) only for what was fetched.
    """

    kind: str
    location: str
    position: str | None = None
    sha256: str | None = None
    retrieved: str | None = None


class RecordWarning(_Value, frozen=True, kw_only=True):
    """Something a reader of the record should know; it does not stop the record."""

    field: str
    message: str


class ArticleRecord(_Value, frozen=True, kw_only=True):
    """All that the sources say of one article, first-hand first; absent is None or an empty list."""

    doi: str | None = None
    local_id: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    kind: str = "journal-article"
    titles: list[Text] = []
    abstracts: list[Text] = []
    keywords: list[Text] = []
    language: str | None = None
    issued: str | None = None
    received: str | None = None
    accepted: str | None = None
    available: str | None = None
    journal: Journal | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    first_page: str | None = None
    last_page: str | None = None
    article_number: str | None = None
    contributors: list[Contributor] = []
    licences: list[str] = []
    references: list[Reference] = []
    relations: list[Relation] = []
    landing_pages: list[str] = []
    files: list[File] = []
    citation: Citation | None = None
    sources: list[Source] = []
    origins: dict[str, int] = {}
    warnings: list[RecordWarning] = []

    def __post_init__(self) -> None:
        """Refuse a DOI that is not canonical and a date that is not one."""
        super().__post_init__()
        _require_canonical_doi(self.doi)
        force_setattr(self, "language", language_tag(self.language))
        for field in ("issued", "received", "accepted", "available"):
            date = getattr(self, field)
            if date is not None and not _DATE.fullmatch(date):
                raise RecordError(field, date, "not a date", "Write YYYY, YYYY-MM or YYYY-MM-DD")


def _require_canonical_doi(doi: str | None) -> None:
    """Raise unless `doi` is None or stands in its canonical form."""
    if doi is not None and not _known_clean.get() and normalise_doi(doi) != doi:
        raise RecordError("doi", doi, "not in its canonical form", f"Write {normalise_doi(doi)}")


Severity = Literal["Violation", "Warning", "Info"]
Stage = Literal["read", "record", "validate"]


class Finding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that is wrong with a record: where, what, and what to do.

    `field` is the record's field, `value` the offending value as text; `shape` and `component` are IRIs where a shape
    found it.
    """

    severity: Severity
    field: str | None = None
    value: str | None = None
    message: str
    remedy: str
    shape: str | None = None
    component: str | None = None


class Rejected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An input that was set aside, with place, reason and remedy; one line of `rejected.jsonl`."""

    source: Source
    doi: str | None = None
    title: str | None = None
    stage: Stage
    findings: list[Finding]


class Skipped(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An input that is sound but no journal article, such as a standard or a peer review."""

    source: Source
    doi: str | None = None
    kind: str


class Withdrawn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source's word that a record it gave before is gone: what it said is no longer said.

    `local_id` is the source's own identifier, the one that the record itself came with; `doi` only where that
    identifier holds one. `withdrawn` is when (`YYYY-MM-DD` or an xsd:dateTime): what the same source gave before that
    is meant, and nothing that other sources say.
    """

    source: Source
    local_id: str
    doi: str | None = None
    withdrawn: str | None = None


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(ArticleRecord)


def encode_record(record: ArticleRecord | Rejected | Skipped | Withdrawn) -> bytes:
    """Return one line of JSON, without its line end: equal records give equal bytes."""
    return _ENCODER.encode(record)


def decode_stored(line: bytes) -> ArticleRecord:
    """Return a record from the line that `encode_record` made of it in this run: checked and clean already.

    Raises:
        msgspec.DecodeError: It was made by something else.
    """
    token = _known_clean.set(True)
    try:
        return _DECODER.decode(line)
    finally:
        _known_clean.reset(token)


def decode_record(line: bytes) -> ArticleRecord:
    """Return the record in one line of JSON.

    Raises:
        RecordError: It is not JSON, has an unknown field, or a value that has no place in a record. `field` is the path
            to the value, such as `references[3].doi`.
    """
    try:
        return _DECODER.decode(line)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `")
        field = path.removesuffix("`").removeprefix("$").lstrip(".")
        cause = error.__cause__
        if isinstance(cause, RecordError):  # one of the checks above: it knows better
            field = f"{field}.{cause.field}" if field else cause.field
            raise RecordError(field, cause.value, cause.reason, cause.remedy) from error
        field = field or "record"
        raise RecordError(field, "", reason, "Correct the field, or leave it out") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordError("record", "", f"not a line of JSON: {error}", "Write one JSON object a line") from error


def record_schema() -> dict[str, Any]:
    """Return the JSON Schema of the canonical record (draft 2020-12)."""
    schema = msgspec.json.schema(ArticleRecord)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Triplepress article record"} | schema
