"""How much memory there is, and how much a process took."""

from __future__ import annotations

import os
import sys
from pathlib import Path

GROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
FREE_SHARE = 0.85  # of the free memory may be given to workers
RESET_PEAK = "5"  # see proc(5), clear_refs


def total_gb() -> float | None:
    """Return the memory of the machine, or what its container allows; None if nobody tells."""
    known = [_meminfo("MemTotal"), _pages("SC_PHYS_PAGES")]
    whole = next((value for value in known if value is not None), None)
    limits = [float(text) / 1e9 for text in _limits() if text.isdigit()]
    sizes = [*limits, *([whole] if whole is not None else [])]
    return min(sizes, default=None)


def available_gb() -> float | None:
    """Return the memory nobody uses at the moment; None if nobody tells."""
    free = _meminfo("MemAvailable")
    if free is None:
        free = _pages("SC_AVPHYS_PAGES")
    whole = total_gb()
    if free is None or whole is None:
        return whole
    return min(free, whole)


def start_peak() -> None:
    """Forget this process's largest memory so far, where the system can."""
    try:
        Path("/proc/self/clear_refs").write_text(RESET_PEAK, encoding="ascii")
    except OSError:
        return


def peak_gb() -> float | None:
    """Return the largest memory of this process since ``start_peak``, else of its life."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return _kilobytes(status, "VmHWM")
    except OSError:
        pass
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def _meminfo(key: str) -> float | None:
    try:
        return _kilobytes(Path("/proc/meminfo").read_text(encoding="ascii"), key)
    except OSError:
        return None


def _kilobytes(text: str, key: str) -> float | None:
    for line in text.splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) * 1024 / 1e9
    return None


def _pages(name: str) -> float | None:
    try:
        return os.sysconf(name) * os.sysconf("SC_PAGE_SIZE") / 1e9
    except (AttributeError, OSError, ValueError):
        return None


def _limits() -> list[str]:
    found = []
    for path in GROUP_LIMITS:
        try:
            found.append(path.read_text(encoding="ascii").strip())
        except OSError:
            continue
    return found
