"""The text of an Elpub landing page, English or Russian interface.

`page` cuts the text into its sections (`headings` is the table of them); `authors`, `citation`, `texts` and
`reference_list` read one section each; `record` puts an article's record together or says why the page is none.
"""

from triplepress.sources.elpub.record import read_elpub

__all__ = ["read_elpub"]
