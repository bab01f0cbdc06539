"""HTML pages of articles: what they say of themselves in their head.

`page` makes bytes a tree and collects its statements; `highwire`, `dublin_core` (with PRISM) and `json_ld` read one
vocabulary each into a `Statement`; `references` reads the cited works; `refusal` says what a page is that is no
article's; `article` puts the record together, the nearest vocabulary first, field by field.

References:
    Google Scholar, Inclusion Guidelines for Webmasters, "Indexing" (Highwire Press tags); DCMI, Expressing Dublin Core
    metadata using HTML meta elements; PRISM 3.0; schema.org, ScholarlyArticle; the Open Graph protocol.
"""

from triplepress.sources.html.article import KIND, is_html, read_html

__all__ = ["KIND", "is_html", "read_html"]
