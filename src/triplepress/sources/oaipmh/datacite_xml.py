"""DataCite's XML (kernel 3 and 4), bare or in the envelope of its OAI-PMH endpoint.

The elements are put under the names that DataCite's own JSON has for them, so that one reader knows both.

References:
    DataCite Metadata Schema 4.6; DataCite, "OAI-PMH: oai_datacite".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

from triplepress.record import ArticleRecord, Rejected, Skipped, Source
from triplepress.sources.datacite import read_resource
from triplepress.sources.oaipmh.protocol import first_text, plain
from triplepress.sources.rejection import reject
from triplepress.sources.xml import child, children, language_of, local_name

_ATTRIBUTES = {
    "title": "title",
    "subject": "subject",
    "description": "description",
    "rights": "rights",
    "date": "date",
    "relatedIdentifier": "relatedIdentifier",
}


def read_datacite(element: etree._Element, source: Source) -> ArticleRecord | Skipped | Rejected:
    """Return the record of one `resource`, or of the one in an `oai_datacite` envelope."""
    resource = element if local_name(element) == "resource" else child(element, "payload", "resource")
    if resource is None:
        return reject(source, "the DataCite record holds no resource", "Harvest it again, or tell the repository")
    return read_resource(as_json(resource), source)


def as_json(resource: etree._Element) -> Mapping[str, Any]:
    """Return a `resource` as DataCite's JSON names its parts."""
    kind = child(resource, "resourceType")
    identifier = child(resource, "identifier")
    stated = plain(identifier)
    is_doi = identifier is not None and (identifier.get("identifierType") or "DOI").upper() == "DOI"
    return {
        "doi": stated if is_doi else None,
        "identifiers": [] if is_doi else [{"identifier": stated, "identifierType": _kind_of(identifier)}],
        "creators": [_person(found, "creatorName") for found in _listed(resource, "creators", "creator")],
        "contributors": [
            _person(found, "contributorName") | {"contributorType": found.get("contributorType")}
            for found in _listed(resource, "contributors", "contributor")
        ],
        "titles": _items(resource, "titles", "title"),
        "publisher": first_text(resource, "publisher"),
        "publicationYear": first_text(resource, "publicationYear"),
        "subjects": _items(resource, "subjects", "subject"),
        "dates": _items(resource, "dates", "date"),
        "language": first_text(resource, "language"),
        "types": {
            "resourceTypeGeneral": None if kind is None else kind.get("resourceTypeGeneral"),
            "resourceType": plain(kind),
        },
        "relatedIdentifiers": _items(resource, "relatedIdentifiers", "relatedIdentifier"),
        "relatedItems": [_related(found) for found in _listed(resource, "relatedItems", "relatedItem")],
        "rightsList": _items(resource, "rightsList", "rights"),
        "descriptions": _items(resource, "descriptions", "description"),
        "container": _container(resource),
    }


def _listed(resource: etree._Element, group: str, name: str) -> list[etree._Element]:
    """Return the elements of one of the groups."""
    return children(child(resource, group), name)


def _kind_of(element: etree._Element | None) -> str | None:
    return None if element is None else element.get("identifierType")


def _items(resource: etree._Element, group: str, name: str) -> list[dict[str, Any]]:
    """Return the elements of a group as objects: their attributes, their language and their text."""
    return [
        {local: value for key, value in found.attrib.items() if (local := str(key).rpartition("}")[2]) != "lang"}
        | {"lang": language_of(found), _ATTRIBUTES[name]: plain(found)}
        for found in _listed(resource, group, name)
    ]


def _person(element: etree._Element, name: str) -> dict[str, Any]:
    """Return a creator or contributor."""
    stated = child(element, name)
    return {
        "name": plain(stated),
        "nameType": None if stated is None else stated.get("nameType"),
        "givenName": first_text(element, "givenName"),
        "familyName": first_text(element, "familyName"),
        "nameIdentifiers": [
            {
                "nameIdentifier": plain(found),
                "nameIdentifierScheme": found.get("nameIdentifierScheme"),
                "schemeUri": found.get("schemeURI"),
            }
            for found in children(element, "nameIdentifier")
        ],
        "affiliation": [
            {
                "name": plain(found),
                "affiliationIdentifier": found.get("affiliationIdentifier"),
                "affiliationIdentifierScheme": found.get("affiliationIdentifierScheme"),
            }
            for found in children(element, "affiliation")
        ],
    }


def _related(element: etree._Element) -> dict[str, Any]:
    """Return a related item."""
    identifier = child(element, "relatedItemIdentifier")
    return (
        {str(key): value for key, value in element.attrib.items()}
        | {
            "relatedItemIdentifier": {
                "relatedItemIdentifier": plain(identifier),
                "relatedItemIdentifierType": None
                if identifier is None
                else identifier.get("relatedItemIdentifierType"),
            },
            "titles": [{"title": plain(found)} for found in _listed(element, "titles", "title")],
        }
        | {name: first_text(element, name) for name in ("volume", "issue", "firstPage", "lastPage", "publicationYear")}
    )


def _container(resource: etree._Element) -> dict[str, Any]:
    """Return the journal that the resource is published in, as DataCite's API derives it from the related items."""
    for item in _listed(resource, "relatedItems", "relatedItem"):
        if item.get("relationType") == "IsPublishedIn" and item.get("relatedItemType") == "Journal":
            identifier = child(item, "relatedItemIdentifier")
            return {
                "type": "Journal",
                "title": first_text(child(item, "titles"), "title"),
                "identifier": plain(identifier),
                "identifierType": None if identifier is None else identifier.get("relatedItemIdentifierType"),
                "volume": first_text(item, "volume"),
                "issue": first_text(item, "issue"),
                "firstPage": first_text(item, "firstPage"),
                "lastPage": first_text(item, "lastPage"),
            }
    return {}
