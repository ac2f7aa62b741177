"""Writers of results: each takes a ``Report`` and nothing else."""
