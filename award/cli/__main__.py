"""`python -m award.cli`: the command line without an installed script."""

from award.cli import main

main()
