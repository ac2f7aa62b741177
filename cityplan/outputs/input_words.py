"""What was found in the inputs, as words for a terminal and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from cityplan.model.checks import sorted_checks
from cityplan.outputs.facts import layer_title
from cityplan.outputs.results_json import plain
from cityplan.outputs.style import format_value
from cityplan.outputs.words import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cityplan.model.area import StudyArea
    from cityplan.model.checks import Check
    from cityplan.model.layers import InputCount, Layers
    from cityplan.model.quality import Quality
    from cityplan.text import Language


class _Inputs(Protocol):
    @property
    def area(self) -> StudyArea: ...
    @property
    def layers(self) -> Layers: ...
    @property
    def checks(self) -> tuple[Check, ...]: ...
    @property
    def quality(self) -> tuple[Quality, ...]: ...


def input_lines(inputs: _Inputs, lang: Language) -> list[str]:
    """Return what ``cityplan check`` prints."""
    return [
        f"{inputs.area.name}: {inputs.area.crs.name} ({inputs.area.crs.to_string()})",
        "",
        word("inputs", lang),
        *(f"  {_count(name, count, lang)}" for name, count in inputs.layers.counts.items()),
        "",
        word("checks", lang),
        *(f"  {line}" for check in sorted_checks(inputs.checks) for line in _check(check, lang)),
        "",
        word("input_quality", lang),
        *(
            f"  {row.title.get(lang)}: {format_value(row.value, row.unit, lang)}  {row.meaning.get(lang)}"
            for row in inputs.quality
        ),
    ]


def input_document(inputs: _Inputs) -> dict[str, Any]:
    """Return what ``cityplan check --json`` prints."""
    return {
        "study": inputs.area.name,
        "crs": inputs.area.crs.to_string(),
        "inputs": {name: plain(count) for name, count in inputs.layers.counts.items()},
        "checks": plain(sorted_checks(inputs.checks)),
        "quality": plain(inputs.quality),
    }


def check_cells(check: Check, lang: Language) -> tuple[str, ...]:
    """Return a check as cells: severity, layer, rows, what, what was done, how to fix it."""
    return (
        word(f"severity.{check.severity}", lang),
        layer_title(check.layer, lang),
        str(check.rows) if check.rows else "",
        check.what.get(lang),
        check.done.get(lang),
        check.fix.get(lang),
    )


def quality_cells(row: Quality, lang: Language) -> tuple[str, ...]:
    """Return a figure about the inputs as cells: title, value, what follows."""
    return (row.title.get(lang), format_value(row.value, row.unit, lang), row.meaning.get(lang))


def _count(name: str, count: InputCount, lang: Language) -> str:
    text = word("count_line", lang).format(
        layer=layer_title(name, lang), source=count.source, read=count.read, used=count.used
    )
    known: Sequence[str] = [part for part in (count.encoding, count.datum) if part]
    return f"{text} ({', '.join(known)})" if known else text


def _check(check: Check, lang: Language) -> list[str]:
    severity, layer, rows, what, done, fix = check_cells(check, lang)
    rows = f" ({rows})" if rows else ""
    done = f" → {done}" if done else ""
    first = f"[{severity}] {layer}{rows}: {what}{done}"
    return [first, f"    {fix}"] if fix else [first]
