"""The atlas of a batch: cities ranked, small maps, how far the data carry, what failed."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cityplan.outputs.atlas_rows import Entry, Ranked, Table, quality_figures, tables
from cityplan.outputs.atlas_words import atlas_words
from cityplan.outputs.sheet_cells import Cell, Number, Sheet
from cityplan.outputs.style import ROLES, VERDICTS
from cityplan.outputs.tables import write_book
from cityplan.outputs.templating import page_template
from cityplan.outputs.words import VERDICTS as VERDICT_WORDS
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.text import Language

__all__ = ["Entry", "write_atlas"]

FILES = ("atlas.html", "atlas.xlsx")


def write_atlas(entries: Sequence[Entry], folder: Path, *, lang: Language) -> None:
    """Write ``atlas.html`` and ``atlas.xlsx``, each under a temporary name first.

    Parameters
    ----------
    entries
        The cities of the batch, those that failed among them.

    Raises
    ------
    OSError
        A file cannot be written.
    """
    ranked = tables(entries)
    html, book = (folder / name for name in FILES)
    fresh = html.with_suffix(".fresh")
    fresh.write_text(atlas_html(entries, ranked, lang), encoding="utf-8", newline="\n")
    fresh.replace(html)
    words = atlas_words(lang)
    fresh = folder / f".{book.name}"
    write_book(fresh, _sheets(entries, ranked, lang), title=words["atlas"], comments="")
    fresh.replace(book)


def atlas_html(entries: Sequence[Entry], ranked: Sequence[Table], lang: Language) -> str:
    """Return the atlas as one page that needs no network; all text of the data is escaped."""
    words = atlas_words(lang)
    failed = _failures(entries, words, lang)
    return page_template("atlas.html.j2", lang).render(
        a=words,
        lang=lang,
        counts=words["counts"].format(
            cities=len(entries), done=len(entries) - len(failed), failed=len(failed)
        ),
        tables=ranked,
        failed=failed,
        titles=_analyzer_titles(entries, lang),
        marks={key: style.mark for key, style in VERDICTS.items()},
        verdict_words={key: text.get(lang) for key, text in VERDICT_WORDS.items()},
        roles=ROLES,
        version=importlib.metadata.version("cityplan"),
        attribution=_attribution(entries),
    )


def _failures(
    entries: Sequence[Entry], words: dict[str, str], lang: Language
) -> list[tuple[str, str]]:
    return [
        (entry.city, entry.cause.get(lang) if entry.cause else words["unreadable"])
        for entry in entries
        if entry.results is None
    ]


def _analyzer_titles(entries: Sequence[Entry], lang: Language) -> dict[str, str]:
    return {
        analyzer["name"]: Text(**analyzer["title"]).get(lang)
        for entry in entries
        if entry.results is not None
        for analyzer in entry.results["analyzers"]
    }


def _attribution(entries: Sequence[Entry]) -> list[str]:
    lines = (line for e in entries if e.results for line in e.results["study"]["attribution"])
    return list(dict.fromkeys(lines))


def _sheets(entries: Sequence[Entry], ranked: Sequence[Table], lang: Language) -> list[Sheet]:
    words = atlas_words(lang)
    sheets = [_ranking(table, words, lang) for table in ranked]
    sheets += [_measures(ranked, words, lang), _quality(ranked, words, lang)]
    rows: list[tuple[Cell, ...]] = [*_failures(entries, words, lang)]
    header = (words["city"], words["cause"])
    return [*sheets, Sheet(name=words["failures"], header=header, rows=rows)]


def _ranking(table: Table, words: dict[str, str], lang: Language) -> Sheet:
    columns = table.measures
    keys = ("rank", "city", "tier", "met", "missed", "open")
    header = (*(words[key] for key in keys), *(m.title.get(lang) for m in columns))
    rows: list[tuple[Cell, ...]] = []
    for city in table.cities:
        found = city.by_id
        values = [Number(found[m.id].value, m.unit) if m.id in found else None for m in columns]
        rows.append((city.rank, city.entry.city, city.tier, *_counts(city), *values))
    name = f"{words['ranking']} {table.standard.get(lang)}"
    return Sheet(name=name, header=header, rows=rows)


def _counts(city: Ranked) -> tuple[int, int, int]:
    return city.count("met"), city.count("not_met"), city.count("cannot_tell")


def _measures(ranked: Sequence[Table], words: dict[str, str], lang: Language) -> Sheet:
    keys = ("city", "measure", "value", "unit", "target", "verdict")
    rows: list[tuple[Cell, ...]] = [
        (
            city.entry.city,
            measure.title.get(lang),
            Number(measure.value, measure.unit),
            measure.unit,
            measure.target.get(lang),
            VERDICT_WORDS[measure.verdict].get(lang),  # type: ignore[index]  # of results.json
        )
        for table in ranked
        for city in table.cities
        for measure in city.judged
    ]
    return Sheet(name=words["measures"], header=tuple(words[key] for key in keys), rows=rows)


def _quality(ranked: Sequence[Table], words: dict[str, str], lang: Language) -> Sheet:
    keys = ("city", "tier", "lacking")
    cities = [city for table in ranked for city in table.cities]
    titles = {
        row["id"]: (Text(**row["title"]).get(lang), row["unit"])
        for city in cities
        for row in (city.entry.results or {}).get("quality", ())
    }
    rows: list[tuple[Cell, ...]] = []
    for city in cities:
        figures = quality_figures(city.entry.results or {})
        lacking = "; ".join(text.get(lang) for text in city.lacking)
        numbers = [Number(figures.get(key), unit) for key, (_, unit) in titles.items()]
        rows.append((city.entry.city, city.tier, lacking, *numbers))
    header = (*(words[key] for key in keys), *(title for title, _ in titles.values()))
    return Sheet(name=words["quality"], header=header, rows=rows)
