"""The facts about a study that every output repeats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cityplan.model.causes import CAUSES_OF_INPUT
from cityplan.model.layers import CATALOGUE
from cityplan.outputs.style import format_value
from cityplan.outputs.words import word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyproj import CRS

    from cityplan.model.report import Report
    from cityplan.model.result import Measure
    from cityplan.text import Language, Text


SOURCES_SHOWN = 8


def data_date(report: Report) -> str:
    """Return the day of the OSM data, from the oldest to the newest input; empty if unknown."""
    days = sorted(
        {count.osm_timestamp[:10] for count in report.inputs.values() if count.osm_timestamp}
    )
    if not days:
        return ""
    return days[0] if len(days) == 1 else f"{days[0]} – {days[-1]}"


def group_words(measure: Measure, lang: Language) -> str:
    """Return the value for each group of people, empty where none is counted."""
    if not measure.by_group:
        return ""
    groups = [
        f"{word(f'group_{name}', lang)} {format_value(value, measure.unit, lang)}"
        for name, value in measure.by_group.items()
    ]
    return word("by_group", lang).format(groups=word("comma", lang).join(groups))


def source_words(report: Report, lang: Language) -> str:
    """Return whose data a sheet shows: the credits asked for, then the local sources."""
    local = dict.fromkeys(
        source
        for count in report.inputs.values()
        for source in count.source.split(" + ")
        if not count.osm_timestamp
    )
    names = list(local)[:SOURCES_SHOWN] + (["…"] if len(local) > SOURCES_SHOWN else [])
    return ("；" if lang == "zh" else "; ").join([*report.attribution, *names])


def crs_words(crs: CRS) -> str:
    """Return the name of a CRS with its code, for example ``… (EPSG:4548)``."""
    authority = crs.to_authority()
    return f"{crs.name} ({':'.join(authority)})" if authority else str(crs.name)


def built_up_words(report: Report, lang: Language) -> str:
    """Return the words for the built-up area, which say so where it is estimated."""
    text = word("built_up", lang)
    if not report.area.built_up.is_proxy:
        return text
    return f"{text}（{word('proxy', lang)}）" if lang == "zh" else f"{text} ({word('proxy', lang)})"


def study_sentence(report: Report, lang: Language) -> str:
    """Say in one sentence what was studied and by which standard."""
    return word("generated_for", lang).format(
        name=report.area.name,
        units=len(report.area.units),
        built_up=format_value(report.area.built_up.km2, "km2", lang),
        standard=report.standard.title.get(lang),
    )


def study_notes(report: Report) -> tuple[Text, ...]:
    """Return what was assumed about the study, each note once."""
    return tuple(dict.fromkeys((*report.notes, *report.area.notes)))


def layer_title(name: str, lang: Language) -> str:
    """Return the title of a layer of the catalogue, or of an area of the study."""
    spec = CATALOGUE.get(name)
    return spec.title.get(lang) if spec is not None else word(name, lang)


def cause_words(cause: str, lang: Language) -> str:
    """Return why a row was repaired or rejected; causes without a translation stay as they are."""
    text = CAUSES_OF_INPUT.get(cause)
    return text.get(lang) if text is not None else cause


def flattened(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield the leaves of nested tables as ``a.b.c`` and a text."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from flattened(item, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list):
        yield key, ", ".join(str(item) for item in value)
    else:
        yield key, "" if value is None else str(value)
