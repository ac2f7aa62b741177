"""The command line: words to calls, errors to sentences and exit codes."""

from __future__ import annotations

import click

from cityplan.cli.look import analyzers, inspect, standards
from cityplan.cli.many import batch, fetch
from cityplan.cli.measure import check, demo, ledger, run


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "CITYPLAN"}
)
@click.version_option(package_name="cityplan", message="%(prog)s %(version)s")
def main() -> None:
    """Measure a city against its plan: what is met, what is missed, where, by how much."""


for command in (demo, run, check, inspect, fetch, batch, ledger, standards, analyzers):
    main.add_command(command)
