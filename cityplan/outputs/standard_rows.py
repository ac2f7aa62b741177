"""The standard's figures as one list, each with its source and how sure it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cityplan.outputs.style import format_target
from cityplan.outputs.words import KIND_OF_TARGET, word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cityplan.model.standard import (
        Band,
        Category,
        ParkClause,
        RoadClass,
        Service,
        Sourced,
        Standard,
    )
    from cityplan.text import Language


@dataclass(frozen=True, kw_only=True)
class FigureRow:
    """One figure of the standard in words."""

    table: str
    id: str
    title: str
    figure: str
    source: str
    clause: str
    confidence: str
    verified: bool


def standard_rows(standard: Standard, lang: Language) -> list[FigureRow]:
    """Return every figure of a standard: targets first, the methods' settings last."""
    return [
        FigureRow(
            table=table,
            id=row_id,
            title=title,
            figure=figure,
            source=row.source,
            clause=row.clause,
            confidence=row.confidence,
            verified=row.verified,
        )
        for table, row_id, title, figure, row in _rows(standard, lang)
    ]


def _rows(standard: Standard, lang: Language) -> Iterator[tuple[str, str, str, str, Sourced]]:
    for target in standard.targets.values():
        kind = KIND_OF_TARGET[target.kind].get(lang)
        figure = f"{format_target(target, lang)} · {kind}"
        yield word("targets", lang), target.measure, target.title.get(lang), figure, target
    for category in standard.categories.values():
        figure = _category(category, standard, lang)
        yield word("categories", lang), category.id, category.title.get(lang), figure, category
    for clause in standard.park_clauses.values():
        figure = _clause(clause, lang)
        yield word("park_clauses", lang), clause.id, clause.title.get(lang), figure, clause
    for road in standard.road_classes.values():
        yield word("road_classes", lang), road.id, road.title.get(lang), _road(road, lang), road
    for service in standard.services.values():
        yield (
            word("services", lang),
            service.id,
            service.title.get(lang),
            _service(service, lang),
            service,
        )
    for setting in standard.settings.values():
        value = setting.value if isinstance(setting.value, list) else [setting.value]
        figure = f"{', '.join(map(_figure, value))} {setting.unit}".strip()
        yield word("settings", lang), setting.id, setting.id, figure, setting


def _category(category: Category, standard: Standard, lang: Language) -> str:
    group = standard.groups.get(category.group)
    parts = (
        f"≤ {category.limit_m:g} m",
        word("required" if category.required else "optional", lang),
        group.get(lang) if group is not None else category.group,
        category.tier,
    )
    return " · ".join(part for part in parts if part)


def _clause(clause: ParkClause, lang: Language) -> str:
    return word("semicolon", lang).join(_band(band, lang) for band in clause.bands)


def _band(band: Band, lang: Language) -> str:
    size = f"≥ {band.min_m2:,g} m²"
    if math.isfinite(band.max_m2):
        size = f"{band.min_m2:,g}–{band.max_m2:,g} m²"
    return f"{word(f'band_{band.layer}', lang)} {size}: {band.distance_m:g} m"


def _road(road: RoadClass, lang: Language) -> str:
    red_line = f"{road.red_line_m:g} ({road.red_line_low_m:g}–{road.red_line_high_m:g}) m"
    return (
        f"{word('carriageway', lang)} {road.carriageway_m:g} m · "
        f"{word('lane', lang)} {road.lane_m:g} m · "
        f"{word('sidewalk', lang)} {road.sidewalk_m:g} m · {word('red_line', lang)} {red_line}"
    )


def _service(service: Service, lang: Language) -> str:
    if service.distance_m is None:
        return word("counted_only", lang)
    method = word(f"by_{service.method}", lang)
    return f"{service.distance_m:g} m · {method} · {word(f'of_{service.denominator}', lang)}"


def _figure(value: object) -> str:
    return f"{value:,g}" if isinstance(value, int | float) else str(value)
