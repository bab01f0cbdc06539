"""JATS and its NLM ancestors: one article with its front matter, its translations and its reference list."""

from triplepress.sources.jats.article import read_jats

__all__ = ["read_jats"]
