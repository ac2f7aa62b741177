"""``python -m cityplan``."""

from cityplan.cli import main

main()
