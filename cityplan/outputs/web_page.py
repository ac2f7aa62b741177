"""What the web map says and holds: words in both languages, figures, packed shapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely

from cityplan.model.result import Result
from cityplan.outputs.facts import built_up_words, study_notes
from cityplan.outputs.findings import finding, is_judged, main_measure, worst_unit_sentence
from cityplan.outputs.ledger_table import LEDGER_VERDICTS, is_overdue
from cityplan.outputs.packing import Packer
from cityplan.outputs.style import (
    BUILT_UP,
    INK,
    MISSED_RAMP,
    OUTLINE,
    PAPER,
    VERDICTS,
    format_value,
)
from cityplan.outputs.web_columns import both
from cityplan.outputs.web_layers import Detail, Drawn, layers_of, outline
from cityplan.outputs.web_measures import in_both, measures_of
from cityplan.outputs.words import ROLES as ROLE_WORDS
from cityplan.outputs.words import VERDICTS as VERDICT_WORDS
from cityplan.outputs.words import WORDS, word

if TYPE_CHECKING:
    from cityplan.model.ledger import Ledger
    from cityplan.model.report import Report
    from cityplan.model.result import Skipped
    from cityplan.outputs.tiles import Tiles
    from cityplan.text import Language

BUDGET_BYTES = 12_000_000
_SLIVERS_SHARE = 0.001
_ROOM_FOR_THE_REST = 300_000  # Leaflet, our scripts and styles
_DETAILS = (
    *(Detail(thin_m=thin_m, most=None) for thin_m in (1.0, 2.0, 4.0, 8.0, 16.0)),
    *(Detail(thin_m=16.0, most=most) for most in (100_000, 40_000, 15_000, 5_000)),
)
# Where a page is sure to be too large, packing it to find that out is a waste of time.
_MOST_VERTICES = 4_000_000


@dataclass(frozen=True, kw_only=True)
class PageData:
    """The packed content of a page, and the detail that fitted into the budget."""

    packed: str
    detail: Detail


def page_data(report: Report, *, tiles: Tiles | None = None) -> PageData:
    """Return the content of the page, in as much detail as its budget of 12 MB allows."""
    for detail in _DETAILS:
        drawn = Drawn(report=report, detail=detail, packer=Packer())
        header = _header(report, drawn, tiles)
        if drawn.vertices > _MOST_VERTICES and detail is not _DETAILS[-1]:
            continue
        packed = drawn.packer.packed(header)
        if len(packed) + _ROOM_FOR_THE_REST <= BUDGET_BYTES:
            break
    return PageData(packed=packed, detail=detail)


def findings(report: Report) -> list[tuple[str, str]]:
    """Return mark and finding of every analysis in the report's language: the page in words."""
    return [
        (
            VERDICTS[main_measure(result).verdict].mark if isinstance(result, Result) else "",
            finding(result, report.standard, report.lang),
        )
        for result in ordered(report)
    ]


def ordered(report: Report) -> list[Result | Skipped]:
    """Return all analyses, those with a result first."""
    return sorted(report.results, key=lambda result: not isinstance(result, Result))


def _header(report: Report, drawn: Drawn, tiles: Tiles | None) -> dict[str, Any]:
    area = report.area
    header = {
        "lang": report.lang,
        "name": area.name,
        "subtitle": in_both(lambda lang: _study_line(report, lang)),
        "builtUp": in_both(lambda lang: built_up_words(report, lang)),
        "basis": both(area.built_up.basis),
        "notes": [both(note) for note in study_notes(report)],
        "credits": list(report.attribution),
        "bounds": _bounds(report),
        "ground": {
            "boundary": outline([area.boundary], area.crs, drawn),
            "builtUp": outline(shapely.get_parts(area.built_up.geometry), area.crs, drawn),
            "units": outline(area.units.geometry, area.crs, drawn),
        },
        "unitsCover": _units_cover(report),
        "units": [str(unit) for unit in area.units["unit"]],
        "plan": None if report.ledger is None else _plan(report.ledger),
        "analyses": [_analysis(result, report, drawn) for result in ordered(report)],
        "words": {key: both(text) for key, text in WORDS.items()},
        "roles": {role: both(text) for role, text in ROLE_WORDS.items()},
        "verdicts": {
            verdict: {
                "color": style.color, "soft": style.soft, "mark": style.mark,
                "word": both(VERDICT_WORDS[verdict]),
            }
            for verdict, style in VERDICTS.items()
        },
        "colors": {
            "ink": INK, "paper": PAPER, "outline": OUTLINE, "builtUp": BUILT_UP,
            "missed": MISSED_RAMP,
        },
        "tiles": None if tiles is None else {
            "urls": tiles.urls, "subdomains": tiles.subdomains, "maxZoom": tiles.max_zoom,
            "credit": both(tiles.credit),
        },
    }  # fmt: skip
    return header | {"size": _size(drawn)}


def _units_cover(report: Report) -> bool:
    """Whether the reporting units fill the boundary, but for slivers nobody sees on the map."""
    left = report.area.boundary.difference(report.area.units.union_all())
    return bool(left.area < _SLIVERS_SHARE * report.area.boundary.area)


def _study_line(report: Report, lang: Language) -> str:
    built_up = format_value(report.area.built_up.km2, "km2", lang)
    if report.area.built_up.is_proxy:
        built_up += f"（{word('proxy', lang)}）" if lang == "zh" else f" ({word('proxy', lang)})"
    units = len(report.area.units)
    return word("study_line_one" if units == 1 else "study_line", lang).format(
        units=units,
        built_up=built_up,
        standard=report.standard.title.get(lang),
    )


def _analysis(result: Result | Skipped, report: Report, drawn: Drawn) -> dict[str, Any]:
    told = {
        "name": result.analyzer,
        "title": both(result.title),
        "finding": in_both(lambda lang: finding(result, report.standard, lang)),
        "skipped": not isinstance(result, Result),
    }
    if not isinstance(result, Result):
        return told
    main = main_measure(result)
    return told | {
        "main": result.measures.index(main),
        "judged": is_judged(main),
        "worst": in_both(lambda lang: worst_unit_sentence(result, main, lang)),
        "measures": measures_of(result, report),
        "layers": layers_of(result, drawn),
        "notes": [both(note) for note in result.notes],
    }


def _plan(ledger: Ledger) -> dict[str, Any]:
    """Return how many clauses of the plan stand how."""
    clauses = ledger.clauses
    overdue = sum(map(is_overdue, clauses))

    def total(lang: Language) -> str:
        told = [word("plan_total", lang).format(clauses=len(clauses), day=ledger.as_of.isoformat())]
        if overdue:
            told.append(word("plan_overdue", lang).format(overdue=overdue))
        return ("，" if lang == "zh" else ", ").join(told)

    return {
        "title": both(ledger.plan.title),
        "total": in_both(total),
        "parts": [
            {
                "key": verdict,
                "word": both(LEDGER_VERDICTS[verdict]),
                "clauses": sum(clause.verdict == verdict for clause in clauses),
            }
            for verdict in LEDGER_VERDICTS
        ],
    }


def _size(drawn: Drawn) -> list[str]:
    """Say how much the page holds and what was done to make it fit; the page fills in its size."""

    def said(lang: Language) -> str:
        left_out = (
            word("page_left_out", lang).format(count=f"{drawn.left_out:,}")
            if drawn.left_out
            else word("page_all", lang)
        )
        return word("page_holds", lang).format(
            shapes=f"{drawn.shapes:,}",
            vertices=f"{drawn.vertices:,}",
            size="{size}",
            budget=f"{BUDGET_BYTES / 1e6:g}",
            metres=f"{drawn.detail.thin_m:g}",
            left_out=left_out,
        )

    return in_both(said)


def _bounds(report: Report) -> list[float]:
    boundary = gpd.GeoSeries([report.area.boundary], crs=report.area.crs).to_crs("EPSG:4326")
    west, south, east, north = boundary.total_bounds.tolist()
    return [round(degrees, 6) for degrees in (south, west, north, east)]
