"""Complete OpenStreetMap data of a rectangle, from an Overpass server.

A tile the server finds too large is asked for in quarters. What the server remarks
inside an HTTP 200 makes the answer worthless, however much data comes with it.
"""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cityplan.errors import FetchError
from cityplan.sources.online.osm_text import NoOsmDataError, to_text
from cityplan.sources.online.tiles import Tile
from cityplan.sources.online.web_client import (
    Server,
    TryAgainError,
    WebClient,
    not_data,
    one_line,
    plain,
)
from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cityplan.sources.online.answer_cache import AnswerCache

INTERPRETER = "/interpreter"
TOO_LARGE = re.compile(r"timed out|out of memory", flags=re.IGNORECASE)
BUSY = re.compile(r"too busy|dispatcher|rate_limited|another request", flags=re.IGNORECASE)
FAULT = re.compile(r"runtime error|parse error|static error|Error\s*</strong>", re.IGNORECASE)
SPLIT = b"split"

# Everything in the tile, ways with all their nodes, and areas made of several ways
# with all of these: what stands half in the tile comes whole. Boundaries do not:
# they may be a country's.
QUERY = """[out:json][timeout:180];
way({box})->.ways;
relation({box})->.relations;
relation.relations["type"="multipolygon"]->.areas;
way(r.areas)->.rings;
(.ways;.rings;)->.all;
(node({box});node(w.all);.all;.relations;);
out meta qt;"""


class TooLargeError(Exception):
    """The server gave up on a tile; the message is its remark."""


@dataclass(frozen=True)
class TileAnswer:
    """Where the cache keeps a tile's data, and whether it did before this fetch."""

    key: str
    reused: bool


def question(tile: Tile) -> str:
    """Return the query for all data of a tile."""
    box = ",".join(f"{side:.7f}" for side in (tile.south, tile.west, tile.north, tile.east))
    return QUERY.format(box=box)


def fetch_tiles(
    tiles: Sequence[Tile],
    *,
    server: Server,
    client: WebClient,
    cache: AnswerCache,
    on_tile: Callable[[int, int], None],
) -> list[TileAnswer]:
    """Ask for one tile after the other; what the cache holds is not asked for again.

    Parameters
    ----------
    on_tile
        Is told how many tiles are done, of how many.

    Returns
    -------
    list of TileAnswer
        Keys of the cache, in the order of the tiles.

    Raises
    ------
    FetchError
        The server cannot be reached, refuses, or gives no usable answer.
    OutputError
        The cache cannot be written.
    """
    done: list[TileAnswer] = []
    waiting = deque(tiles)
    on_tile(0, len(waiting))
    while waiting:
        tile = waiting.popleft()
        key = f"{server.url}\n{question(tile)}"
        kept = cache.get(key)
        if kept is None:
            kept = _ask(tile, server, client)
            cache.put(key, kept)
            reused = False
        else:
            reused = True
        if kept == SPLIT:
            waiting.extendleft(reversed(tile.quarters()))
        else:
            done.append(TileAnswer(key, reused))
        on_tile(len(done), len(done) + len(waiting))
    return done


def _ask(tile: Tile, server: Server, client: WebClient) -> bytes:
    """Return the data of a tile as text, or SPLIT where the server found it too large."""
    path = "" if server.url.rstrip("/").endswith(INTERPRETER) else INTERPRETER
    try:
        return client.ask(
            server, path, lambda body: read_answer(body, server), form={"data": question(tile)}
        )
    except TooLargeError as error:
        if not tile.quarters():
            raise _gave_up(server, str(error)) from None
        client.tell(
            Text(
                en=f"The {server.title.en}: '{error}'; asking for the tile in quarters.",
                zh=f"{server.title.zh}：“{error}”，改为分四块请求。",
            )
        )
        return SPLIT


def read_answer(body: bytes, server: Server) -> bytes:
    """Return the data of an answer as text.

    Raises
    ------
    TryAgainError
        The answer is cut off, or the server is busy.
    TooLargeError
        The server gave up in the middle.
    FetchError
        The server reports an error, or the answer is no OpenStreetMap data.
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        if FAULT.search(body.decode("utf-8", errors="replace")):
            raise _remarked(plain(body), server) from None
        if body.lstrip()[:1] == b"<":
            raise not_data(server, body) from None
        raise TryAgainError(Text(en="the answer was cut off", zh="应答不完整")) from None
    if not isinstance(answer, dict):
        raise not_data(server, body)
    if "remark" in answer:
        raise _remarked(one_line(str(answer["remark"])), server)
    return _data(answer, body, server)


def _data(answer: dict[str, Any], body: bytes, server: Server) -> bytes:
    try:
        return to_text(answer["elements"], str(answer["osm3s"]["timestamp_osm_base"]))
    except (KeyError, TypeError, NoOsmDataError):
        raise not_data(server, body) from None


def _remarked(remark: str, server: Server) -> Exception:
    """Return what a remark of the server comes to."""
    if BUSY.search(remark):
        return TryAgainError(Text(en=f"'{remark}'", zh=f"“{remark}”"))
    if TOO_LARGE.search(remark):
        return TooLargeError(remark)
    return _gave_up(server, remark)


def _gave_up(server: Server, remark: str) -> FetchError:
    return FetchError(
        Text(
            en=f"The {server.title.en} ({server.host}) reports '{remark}': its answer is not complete and "
            f"was not used; try later or name another server with {server.option}.",
            zh=f"{server.title.zh}（{server.host}）报告“{remark}”：应答不完整，未采用，请稍后再试或用 "
            f"{server.option} 指定其他服务器。",
        )
    )
