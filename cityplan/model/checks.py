"""What was noticed about the inputs: the table that ``cityplan check`` prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cityplan.model.causes import CAUSES_OF_INPUT, REMEDIES
from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cityplan.model.layers import InputCount

Severity = Literal["warning", "note"]
NOTHING = Text(en="", zh="")
LEFT_OUT = Text(en="left out", zh="未采用")
USED = Text(en="the row is used", zh="该行照常采用")
MENDED = Text(en="mended and used", zh="已修复并采用")


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing noticed about an input.

    Attributes
    ----------
    layer
        Layer of the catalogue, or ``boundary``, ``built_up``, ``units``.
    severity
        ``warning`` where a result may be wrong for it, else ``note``.
    what
        What was found.
    rows
        How many rows it concerns; 0 where it is about the whole layer.
    done
        What cityplan did about it.
    fix
        What the user may do.
    """

    layer: str
    severity: Severity
    what: Text
    rows: int = 0
    done: Text = NOTHING
    fix: Text = NOTHING


def notes(layer: str, texts: Iterable[Text], severity: Severity = "note") -> list[Check]:
    """Return a check for each note about a layer."""
    return [Check(layer=layer, severity=severity, what=text) for text in texts]


def count_checks(counts: Mapping[str, InputCount]) -> list[Check]:
    """Return a check for each cause for which rows were mended or left out."""
    found: list[Check] = []
    for layer, count in counts.items():
        area = count.repaired_area_m2
        changed = Text(
            en=f"mended and used, area changed by {area:,.1f} m²",
            zh=f"已修复并采用，面积变化{area:,.1f}平方米",
        )
        for cause, rows in count.repaired.items():
            done = changed if cause == MENDED_POLYGON else MENDED
            doubtful = cause in DOUBTFUL
            found.append(
                _counted(layer, cause, rows, USED if doubtful else done, _warned(doubtful))
            )
        for cause, rows in count.rejected.items():
            found.append(_counted(layer, cause, rows, LEFT_OUT, _warned(cause not in HARMLESS)))
    return found


def _warned(serious: bool) -> Severity:  # noqa: FBT001 - says how serious
    return "warning" if serious else "note"


MENDED_POLYGON = "invalid polygon mended"
# Cells that somebody meant to say something with.
DOUBTFUL = (
    "text where a number belongs: left empty", "impossible value: left empty",
    "a word nobody knows: left empty",
    "road class not recognised: taken as a road of unknown class",
)  # fmt: skip
# Rows that no analysis misses.
HARMLESS = (
    "beyond the margin around the boundary", "pitch of another category's size",
    "duplicate of another row", "already in another source",
    "the same line drawn in the other direction", "label point among polygons",
    "a piece of another row: united with it", "its tags do not belong to this layer",
    "land of another use", "a local layer takes its place",
)  # fmt: skip


def _counted(layer: str, cause: str, rows: int, done: Text, severity: Severity) -> Check:
    return Check(
        layer=layer,
        severity=severity,
        what=CAUSES_OF_INPUT.get(cause, Text(en=cause, zh=cause)),
        rows=rows,
        done=done,
        fix=REMEDIES.get(cause, NOTHING),
    )


def sorted_checks(checks: Iterable[Check]) -> list[Check]:
    """Return warnings first, each kind in the order it was found."""
    return sorted(checks, key=lambda check: check.severity != "warning")
