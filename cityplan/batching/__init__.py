"""Many cities, unattended: planned, measured side by side, kept account of, compared."""

from cityplan.batching.dry_run import DryRun, dry_run
from cityplan.batching.run import BatchReport, batch

__all__ = ["BatchReport", "DryRun", "batch", "dry_run"]
