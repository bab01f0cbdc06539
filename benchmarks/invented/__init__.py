"""Invented articles of realistic shape: no word of them is anybody's text, no person in them lives."""
