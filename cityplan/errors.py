"""Everything cityplan raises on purpose.

Each error also inherits the built-in it resembles, and each message says what
is wrong, where, and what to do, in English and in Chinese.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cityplan.text import Language, Text


class CityplanError(Exception):
    """Base of all cityplan errors."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text

    def __str__(self) -> str:
        return self.text.en

    def in_language(self, lang: Language) -> str:
        """Return the message in ``lang``."""
        return self.text.get(lang)


class MissingFileError(CityplanError, FileNotFoundError):
    """A named file or folder does not exist."""


class InputFileError(CityplanError, ValueError):
    """A file exists but cannot be used as what it was given for."""


class CrsError(CityplanError, ValueError):
    """Coordinates without a usable coordinate reference system."""


class StudyError(CityplanError, ValueError):
    """The study file, or an option that overrides it, is wrong."""


class UnknownNameError(CityplanError, LookupError):
    """An analyzer, standard, layer or key that does not exist."""


class StandardError(CityplanError, ValueError):
    """A standards profile breaks its schema."""


class PlanError(CityplanError, ValueError):
    """A plan file, or a table of reported figures, breaks its rules."""


class LayerError(CityplanError, ValueError):
    """A layer breaks the catalogue's rules."""


class NothingToMeasureError(CityplanError, ValueError):
    """The inputs hold nothing an analysis could rest on."""


class OutputError(CityplanError, OSError):
    """The output folder cannot be written."""


class FetchError(CityplanError, ConnectionError):
    """An online service cannot be reached, or its answer cannot be used."""


class PlaceError(CityplanError, LookupError):
    """A place name that stands for no area, or for several."""
