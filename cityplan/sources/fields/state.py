"""Rows of a source that are no part of the city as it stands: planned, being built, closed, gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cityplan.sources.fields.columns import Found
from cityplan.sources.fields.rules import find_column, load_field_rules
from cityplan.sources.fields.values import read_texts
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.sources.fields.reader import ColumnReader
    from cityplan.spatial.arrays import Bools

NOT_THERE = "planned, being built or no longer in use"


def not_there(reader: ColumnReader) -> Bools:
    """Return which rows their source says are planned, being built, closed or gone.

    A column of states tells, and the class of a road that begins with a word for it
    (规划主干路). Where every road is of such a class it tells nothing apart: all are
    used, with a note.
    """
    marked = np.zeros(len(reader.frame), dtype=bool)
    if reader.layer not in load_field_rules().state.layers:
        return marked
    found = _column(reader)
    if found is not None:
        reader.claim("state", found)
        marked |= _gone(reader, found)
    if reader.layer == "streets":
        marked |= _planned_classes(reader)
    return marked & reader.keep


def _column(reader: ColumnReader) -> Found | None:
    """Return the user's column of states, else the first by name that holds a word for one."""
    if "state" in reader.given:
        return reader.given["state"]
    state, left = load_field_rules().state, list(reader.names)
    while (name := find_column(left, state.names)) is not None:
        if any(state.words.find(text) for text in read_texts(reader.cells(name)) if text):
            return Found((name,))
        left.remove(name)
    return None


def _gone(reader: ColumnReader, found: Found) -> Bools:
    words = load_field_rules().state.words
    texts = read_texts(reader.cells(found.columns[0]))
    return np.array([text is not None and words.find(text) == "gone" for text in texts], dtype=bool)


def _planned_classes(reader: ColumnReader) -> Bools:
    """Return which roads are planned by their class."""
    found = reader.choose("highway", "text", reader.names)
    if found is None:
        return np.zeros(len(reader.frame), dtype=bool)
    beginnings = load_field_rules().state.planned
    texts = read_texts(reader.cells(found.columns[0]))
    planned = np.array([(text or "").startswith(beginnings) for text in texts], dtype=bool)
    if planned.any() and planned.all():
        reader.notes.append(_all_planned(str(found)))
        return np.zeros(len(planned), dtype=bool)
    return planned


def _all_planned(name: str) -> Text:
    return Text(
        en=f"Column '{name}' calls every road planned: all are measured as if they were there.",
        zh=f"字段“{name}”中道路全部标为规划或在建，均按现状道路计算。",
    )
