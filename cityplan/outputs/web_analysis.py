"""What the web map shows of each analysis: layers, pop-ups, classes and worst places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cityplan.model.result import Result
from cityplan.outputs.classes import classify_units
from cityplan.outputs.findings import (
    finding,
    is_judged,
    main_measure,
    target_words,
    unit_name,
    unit_values,
)
from cityplan.outputs.labels import kind_title, measure_title
from cityplan.outputs.shapes import people_text, reporting_units, split_kinds, with_geometry
from cityplan.outputs.style import (
    ROLES,
    VERDICTS,
    format_gap,
    format_measure,
    format_value,
    line_look,
)
from cityplan.outputs.web_data import collection, layer_data
from cityplan.outputs.words import ROLES as ROLE_WORDS
from cityplan.outputs.words import VERDICTS as VERDICT_WORDS
from cityplan.outputs.words import pair, word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cityplan.model.report import Report
    from cityplan.model.result import Measure, Role, Skipped, Verdict
    from cityplan.outputs.classes import UnitClass
    from cityplan.outputs.findings import UnitValue
    from cityplan.outputs.web_data import LayerData
    from cityplan.text import Language

WORST_PLACES = 8
POINT_RADIUS: Mapping[Role, float] = {
    "context": 3, "served": 3, "facility": 4.5, "gap": 6, "proposal": 7.5,
}  # fmt: skip
CROWD = 1_000  # more points than this are drawn small
_HOLLOW = 0.12


@dataclass(frozen=True, kw_only=True)
class Look:
    """How the shapes of a layer are drawn."""

    color: str
    weight: float
    dash: str
    fill: str
    opacity: float
    radius: float


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer of an analysis; the layer of units has classes in place of role and look."""

    title: str
    role: Role | None
    collection: dict[str, Any]
    popup: dict[str, Any]
    dimension: int
    count: int
    look: Look | None = None
    classes: tuple[UnitClass, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WorstPlace:
    """A gap the reader can jump to: its layer, and its position in the layer."""

    name: str
    detail: str
    layer: int
    feature: int
    lon: float
    lat: float
    weight: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """One analysis as the panel shows it."""

    title: str
    finding: str
    verdict: Verdict | None
    mark: str
    layers: tuple[Layer, ...]
    worst: tuple[WorstPlace, ...]
    notes: tuple[str, ...]


def analyses(report: Report) -> list[Analysis]:
    """Return all analyses of a report, those with a result first."""
    lang = report.lang
    ordered = sorted(report.results, key=lambda result: not isinstance(result, Result))
    return [
        _answered(result, report, lang)
        if isinstance(result, Result)
        else _skipped(result, report, lang)
        for result in ordered
    ]


def _skipped(skipped: Skipped, report: Report, lang: Language) -> Analysis:
    return Analysis(
        title=skipped.title.get(lang),
        finding=finding(skipped, report.standard, lang),
        verdict=None,
        mark="",
        layers=(),
        worst=(),
        notes=(),
    )


def _answered(result: Result, report: Report, lang: Language) -> Analysis:
    measure = main_measure(result)
    facts = _facts(measure, report, lang)
    layers = [_unit_layer(result, measure, report, lang)]
    notes: list[str] = []
    worst: list[WorstPlace] = []
    for role in sorted(result.shapes, key=lambda role: ROLES[role].order):
        kinds = split_kinds(with_geometry(result.shapes[role]))
        for rank, (kind, frame) in enumerate(kinds):
            data = layer_data(frame, report, lang)
            title = _layer_title(role, kind, report, lang)
            look = _look(role, rank, len(kinds), data.dimension, crowded=len(frame) > CROWD)
            layer = _shape_layer(data, role, title, look, facts)
            if role == "gap":
                worst += _worst(data, len(layers), lang, several=len(kinds) > 1)
            layers.append(layer)
            notes += data.notes
    worst.sort(key=lambda place: place.weight, reverse=True)
    return Analysis(
        title=result.title.get(lang),
        finding=finding(result, report.standard, lang),
        verdict=measure.verdict,
        mark=VERDICTS[measure.verdict].mark,
        layers=tuple(layers),
        worst=tuple(worst[:WORST_PLACES]),
        notes=tuple(dict.fromkeys(notes)),
    )


def _facts(measure: Measure, report: Report, lang: Language) -> list[tuple[str, str]]:
    """Return what every pop-up of an analysis ends with: the city's figure and its basis."""
    rows = [(measure_title(measure.id, report.standard).get(lang), format_measure(measure, lang))]
    if measure.target is not None:
        rows += [
            (word("target", lang), target_words(measure.target, lang)),
            (word("gap", lang), format_gap(measure.gap, measure.unit, lang)),
        ]
    rows.append((word("verdict", lang), VERDICT_WORDS[measure.verdict].get(lang)))
    rows.append((word("basis", lang), measure.basis.get(lang)))
    return [(term, text) for term, text in rows if text]


def _unit_layer(result: Result, measure: Measure, report: Report, lang: Language) -> Layer:
    """Return the units coloured by the main measure, with all judged measures in pop-ups."""
    frame = reporting_units(result)
    numbers = {row.unit: row.value for row in unit_values(result, measure)}
    classes, indexes = classify_units(
        [numbers.get(str(unit)) for unit in frame["unit"]], measure, lang
    )
    shown = [measure, *(m for m in result.measures if is_judged(m) and m is not measure)]
    tables = [{row.unit: row for row in unit_values(result, m)} for m in shown]
    headings = [measure_title(m.id, report.standard).get(lang) for m in shown]
    if is_judged(measure):
        headings[1:1] = [word("target", lang), word("gap", lang), word("verdict", lang)]
    thin = frame.set_geometry(frame.geometry.simplify(1.0))
    properties = [
        {"v": [unit_name(unit, lang), *_unit_texts(str(unit), shown, tables, lang)], "c": index}
        for unit, index in zip(frame["unit"], indexes, strict=True)
    ]
    return Layer(
        title=word("units", lang),
        role=None,
        collection=collection(thin, properties),
        popup={
            "kind": word("unit", lang),
            "fields": headings,
            "facts": [(word("basis", lang), measure.basis.get(lang))],
            "below": True,
        },
        dimension=2,
        count=len(frame),
        classes=tuple(classes),
    )


def _unit_texts(
    unit: str, shown: list[Measure], tables: list[dict[str, UnitValue]], lang: Language
) -> list[str]:
    texts = []
    for measure, table in zip(shown, tables, strict=True):
        value = table[unit].value if unit in table else None
        texts.append(format_value(value, measure.unit, lang))
    main = shown[0]
    if is_judged(main) and main.target is not None:
        value = tables[0][unit].value if unit in tables[0] else None
        gap = format_gap(None if value is None else main.target.gap(value), main.unit, lang)
        verdict = VERDICT_WORDS[tables[0][unit].verdict if unit in tables[0] else "cannot_tell"]
        texts[1:1] = [target_words(main.target, lang), gap, verdict.get(lang)]
    return texts


def _shape_layer(
    data: LayerData, role: Role, title: str, look: Look, facts: list[tuple[str, str]]
) -> Layer:
    return Layer(
        title=title,
        role=role,
        collection=data.collection,
        popup={"kind": title, "fields": data.fields, "facts": facts, "below": False},
        dimension=data.dimension,
        count=data.total,
        look=look,
    )


def _layer_title(role: Role, kind: str, report: Report, lang: Language) -> str:
    title = ROLE_WORDS[role].get(lang)
    return pair(title, kind_title(kind, report.standard).get(lang), lang) if kind else title


def _look(role: Role, rank: int, kinds: int, dimension: int, *, crowded: bool) -> Look:
    """Return the look of the kind of this rank: kinds differ by filling, size or shade."""
    style = ROLES[role]
    color, width = line_look(style.edge, max(style.width * 2.4, 1.2), rank, kinds)
    lines = dimension == 1
    return Look(
        color=color if lines else style.edge,
        weight=width if lines else max(style.width * 1.5, 1),
        dash=style.dash if dimension > 0 else "",
        fill=style.fill,
        opacity=_HOLLOW if rank % 2 else style.opacity,
        radius=(POINT_RADIUS[role] - 0.7 * (rank // 2)) * (0.4 if crowded else 1.0),
    )


def _worst(data: LayerData, layer: int, lang: Language, *, several: bool) -> list[WorstPlace]:
    """Return the heaviest places of a layer, with what is known of them in one line."""
    worst = []
    for feature, place in enumerate(data.places[:WORST_PLACES]):
        people = people_text(place.people)
        facts = (
            place.kind if several and place.kind != place.name else "",
            place.unit if place.unit != place.name else "",
            f"{word('people', lang)} {people}" if people else "",
            place.size,
        )
        worst.append(
            WorstPlace(
                name=place.name,
                detail=" · ".join(fact for fact in facts if fact),
                layer=layer,
                feature=feature,
                lon=place.lon,
                lat=place.lat,
                weight=(place.people or 0.0, place.weight or 0.0),
            )
        )
    return worst
