"""What a batch is given: the list of cities, the shared extract, the folder of what is kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from cityplan.batching.folder import unwritable
from cityplan.errors import CityplanError
from cityplan.sources.city_list import read_cities
from cityplan.sources.osm_file import check_extract

if TYPE_CHECKING:
    from cityplan.sources.city_rows import CityRow
    from cityplan.text import Language


def cache_folder(folder: str | Path | None) -> Path:
    """Return where parts and layers are kept."""
    if folder is not None:
        return Path(folder).absolute()
    return platformdirs.user_cache_path("cityplan", appauthor=False) / "batch"


def read_list(
    cities: str | Path,
    extract: str | Path | None,
    standard: str | None,
    lang: Language | None,
    cache: Path,
    *,
    pictures: bool,
) -> list[CityRow]:
    """Read the list of cities; an extract for all of them has to be there."""
    if extract is not None:
        extract = Path(extract).absolute()
        check_extract(extract)
    try:
        rows = read_cities(
            Path(cities), extract=extract, standard=standard, lang=lang, scratch=cache / "extents"
        )
    except OSError as error:
        if isinstance(error, CityplanError):
            raise
        raise unwritable(cache, error) from None
    return rows if pictures else [row.without_pictures() for row in rows]
