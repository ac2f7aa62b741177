"""Fetch a city's OpenStreetMap data into a folder that ``cityplan run`` takes.

OSMnx gives the addresses of the public servers (and of whatever servers its settings
name) and grows the boundary by the margin. Its downloads are not used:

- They come as graphs and features. A run needs what an extract holds: every object
  with its tags, members, version and time.
- They take an answer as good that the server cut short with a remark.
- They repeat a refused question every 55 s without end, whatever the server asks for.
- They may look up the server's address at 8.8.8.8 (DNS over HTTPS).

So the questions are our own, asked one after the other through requests; the
addresses are looked up as the system does. The area is cut into tiles, each answer is
kept in the user's cache folder, and an interrupted fetch asks for what is missing.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import osmnx
import shapely

from cityplan.errors import FetchError, OutputError, PlaceError, StudyError
from cityplan.model.place import MARGIN_M
from cityplan.sources.areas import read_areas
from cityplan.sources.layer_source import AreaSource
from cityplan.sources.online.answer_cache import AnswerCache, default_folder
from cityplan.sources.online.fetch_folder import FolderText, check_folder, write_folder
from cityplan.sources.online.geocode import find_place
from cityplan.sources.online.osm_text import is_empty, osm_base_of, write_extract
from cityplan.sources.online.overpass import fetch_tiles
from cityplan.sources.online.tiles import box_of, cut_into_tiles, tiles_in
from cityplan.sources.online.web_client import Server, WebClient, one_line
from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cityplan.sources.online.overpass import TileAnswer
    from cityplan.spatial.arrays import Area
    from cityplan.text import Language

MOST_TILES = 1000  # some 25 000 km²: more is a matter of ready-made extracts
MOST_MARGIN_M = 50_000.0
OVERPASS = Text(en="Overpass server", zh="Overpass 服务器")
NOMINATIM = Text(en="Nominatim server", zh="Nominatim 服务器")
ROLE = Text(en="boundary", zh="边界")


@dataclass(frozen=True, kw_only=True)
class Online:
    """Which servers to ask, through which proxy, and where answers are kept.

    Attributes
    ----------
    overpass_url, nominatim_url
        Absent: those of ``osmnx.settings``, by default the public ones.
    proxy
        Absent: what the system says (``HTTPS_PROXY``).
    cache
        Absent: the user's cache folder.
    """

    overpass_url: str | None = None
    nominatim_url: str | None = None
    proxy: str | None = None
    cache: Path | None = None


@dataclass(frozen=True)
class Watch:
    """Who is told of progress: ``tiles`` of how many are done, ``tell`` of waits."""

    tiles: Callable[[int, int], None] = lambda _done, _of: None
    tell: Callable[[Text], None] = lambda _: None


@dataclass(frozen=True, kw_only=True)
class FetchedCity:
    """What a fetch gave.

    Attributes
    ----------
    folder
        Holds a study file, the extract, the boundary and the attribution.
    name
        Of the place.
    tiles, reused
        How many tiles the data came in; how many of them were kept from before.
    oldest, newest
        When the data were current (ISO 8601): tiles may come from different minutes.
    """

    folder: Path
    name: str
    tiles: int
    reused: int
    oldest: str
    newest: str
    notes: tuple[Text, ...]

    def in_language(self, lang: Language) -> list[str]:
        """Return what to tell the user, a line each."""
        reused = Text(
            en=f", {self.reused} of them kept from before" if self.reused else "",
            zh=f"，其中{self.reused}块为此前已下载" if self.reused else "",
        )
        done = Text(
            en=f"{self.name}: OpenStreetMap data as of {self.oldest}, {self.tiles} tiles{reused.en}.",
            zh=f"{self.name}：OpenStreetMap 数据，时间 {self.oldest}，共{self.tiles}块{reused.zh}。",
        )
        return [
            *(text.get(lang) for text in (done, *self.notes)),
            f"cityplan run {shlex.quote(str(self.folder))}",
        ]


def fetch(
    place: str | None = None,
    *,
    boundary: Path | None = None,
    out: Path,
    margin_m: float = MARGIN_M,
    overwrite: bool = False,
    online: Online | None = None,
    lang: Language = "en",
    watch: Watch | None = None,
) -> FetchedCity:
    """Fetch all OpenStreetMap data of a place into a folder that ``run`` takes.

    Parameters
    ----------
    place
        A name that stands for one area, or an OpenStreetMap id such as ``R3221112``.
    boundary
        A file of polygons, instead of a place.
    out
        The folder to write.
    margin_m
        How far beyond the boundary data are fetched; the default is what a run looks at.
    overwrite
        Replace an earlier fetch. Its study file stays if it is of the same place.
    online
        Servers, proxy, cache.
    lang
        Language of the place's name.
    watch
        Who is told of progress.

    Returns
    -------
    FetchedCity
        The folder, and how old the data are.

    Raises
    ------
    PlaceError
        The place is not found, is no area or may be one of several, or is too large.
    FetchError
        A server cannot be reached, or gives no usable answer.
    OutputError
        The folder exists, or cannot be written.
    CityplanError
        The boundary file cannot be used.
    """
    watch, online, out = watch or Watch(), online or Online(), Path(out)
    if (place is None) == (boundary is None) or not 0 <= margin_m <= MOST_MARGIN_M:
        raise _wrong_call()
    check_folder(out, overwrite=overwrite)
    client = WebClient(proxy=online.proxy, lang=lang, tell=watch.tell)
    cache = AnswerCache(online.cache or default_folder())
    cache.forget_old()
    overpass = Server(
        OVERPASS, online.overpass_url or osmnx.settings.overpass_url, "--overpass-url"
    )
    wanted = (
        _from_file(Path(boundary))
        if boundary is not None
        else _from_name(str(place), online, client, cache)
    )
    if tiles_in(wanted.area) > MOST_TILES:
        raise _too_large(wanted.name)
    reach = _reach(wanted.area, margin_m)
    done = fetch_tiles(
        cut_into_tiles(reach), server=overpass, client=client, cache=cache, on_tile=watch.tiles
    )
    heads = [(osm_base_of(text), is_empty(text)) for text in _texts(done, cache)]
    if all(empty for _, empty in heads):
        raise _nothing_there(overpass, wanted.name)
    bases = sorted({base for base, _ in heads})
    city = FetchedCity(
        folder=out,
        name=wanted.name,
        tiles=len(done),
        reused=sum(tile.reused for tile in done),
        oldest=bases[0],
        newest=bases[-1],
        notes=(*wanted.notes, *_age_note(bases)),
    )
    write_folder(
        FolderText(
            name=wanted.name,
            area=wanted.area,
            boundary_source=wanted.source,
            data_source=Text(
                en=f"Data as of {_dates(bases)}, in {len(done)} tiles from {overpass.host}.",
                zh=f"数据时间 {_dates(bases)}，分{len(done)}块取自 {overpass.host}。",
            ),
        ),
        out,
        write_data=lambda path: write_extract(
            path, _texts(done, cache), box=box_of(reach), osm_base=bases[0]
        ),
    )
    return city


def _dates(bases: list[str]) -> str:
    return bases[0] if len(bases) == 1 else f"{bases[0]} – {bases[-1]}"


@dataclass(frozen=True)
class _Wanted:
    """The area asked for, and where it comes from."""

    name: str
    area: Area
    source: Text
    notes: tuple[Text, ...] = ()


def _from_name(query: str, online: Online, client: WebClient, cache: AnswerCache) -> _Wanted:
    url = online.nominatim_url or osmnx.settings.nominatim_url
    server = Server(NOMINATIM, url, "--nominatim-url")
    place = find_place(query, server=server, client=client, cache=cache)
    if place.area is None:  # find_place gives areas only
        raise TypeError
    return _Wanted(
        place.name,
        place.area,
        Text(
            en=f"OpenStreetMap {place.osm_id} ({place.full_name}), from {server.host}",
            zh=f"OpenStreetMap {place.osm_id}（{place.full_name}），来自 {server.host}",
        ),
    )


def _from_file(path: Path) -> _Wanted:
    file = read_areas(AreaSource(path=path), ROLE)
    area = shapely.union_all(file.frame.geometry.to_numpy())
    source = Text(en=f"the file {path.name}", zh=f"文件 {path.name}")
    names = [str(name) for name in file.frame["unit"]]
    name = names[0] if len(names) == 1 and not names[0].isdigit() else path.stem
    return _Wanted(one_line(name), area, source, file.notes)


def _reach(area: Area, margin_m: float) -> Area:
    """Return the area whose data are fetched.

    With the full margin no walk from inside the boundary leaves it. With less it is
    filled up to its box: the extract declares that box, and homes near its edge count
    as near the edge of the data.
    """
    grown = osmnx.utils_geo.buffer_geometry(area, margin_m) if margin_m > 0 else area
    return grown if margin_m >= MARGIN_M else shapely.box(*grown.bounds)


def _texts(tiles: list[TileAnswer], cache: AnswerCache) -> Iterator[bytes]:
    for tile in tiles:
        text = cache.get(tile.key)
        if text is None:
            raise OutputError(
                Text(
                    en=f"The cache '{cache.folder}' lost an answer while fetching: run the same "
                    "command again.",
                    zh=f"下载过程中缓存“{cache.folder}”丢失了内容，请再次运行同一命令。",
                )
            )
        yield text


def _age_note(bases: list[str]) -> tuple[Text, ...]:
    if len(bases) == 1:
        return ()
    return (
        Text(
            en=f"The tiles are of different times, from {bases[0]} to {bases[-1]}: the extract is "
            "dated by the oldest.",
            zh=f"各分块数据时间不同，从 {bases[0]} 到 {bases[-1]}，以最早的时间为准。",
        ),
    )


# --- what can be wrong -------------------------------------------------------


def _wrong_call() -> StudyError:
    return StudyError(
        Text(
            en="fetch takes a place or a boundary file, one of the two, and a margin from 0 to "
            f"{MOST_MARGIN_M:.0f} m.",
            zh=f"fetch 需要地名或边界文件（二选一），外扩距离为 0 至 {MOST_MARGIN_M:.0f} 米。",
        )
    )


def _too_large(name: str) -> PlaceError:
    return PlaceError(
        Text(
            en=f"'{name}' is too large to be fetched tile by tile from a public server: take a "
            "ready-made extract (.osm.pbf) of the region and run on it with --boundary.",
            zh=f"“{name}”范围过大，不宜从公共服务器逐块下载：请使用现成的区域数据提取文件（.osm.pbf），"
            "并用 --boundary 指定边界运行。",
        )
    )


def _nothing_there(server: Server, name: str) -> FetchError:
    return FetchError(
        Text(
            en=f"The {server.title.en} ({server.host}) holds no data of '{name}': check the boundary; a "
            f"server of one region only is no use elsewhere, name another with {server.option}.",
            zh=f"{server.title.zh}（{server.host}）没有“{name}”的数据：请检查边界；"
            f"区域性服务器不含其他地区，请用 {server.option} 指定其他服务器。",
        )
    )
