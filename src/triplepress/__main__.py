"""`python -m triplepress`."""

from triplepress.cli import main

main()
