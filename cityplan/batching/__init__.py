"""Many cities, unattended: planned, measured side by side, kept account of, compared."""

from cityplan.batching.run import BatchReport, batch

__all__ = ["BatchReport", "batch"]
