"""Background tiles for a web map that may use the network: only where they are asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cityplan.errors import OutputError
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.model.output_options import OutputOptions

_KEY = re.compile(r"[0-9A-Za-z]{8,64}")
_TIANDITU = (
    "https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
    "&LAYER={layer}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}"
    "&TILECOL={{x}}&tk={key}"
)


@dataclass(frozen=True, kw_only=True)
class Tiles:
    """Where tiles come from, the lowest layer first.

    Attributes
    ----------
    urls
        Templates of Leaflet with ``{s}``, ``{z}``, ``{x}`` and ``{y}``.
    hosts
        The only hosts the page may ask.
    """

    urls: tuple[str, ...]
    subdomains: str
    hosts: str
    max_zoom: int
    credit: Text


def chosen_tiles(options: OutputOptions) -> Tiles | None:
    """Return the tiles the user asked for, None for none.

    Raises
    ------
    OutputError
        Tianditu is asked for without a key.
    """
    if options.tiles == "osm":
        return osm_tiles()
    return tianditu_tiles(options.tianditu_key) if options.tiles == "tianditu" else None


def osm_tiles() -> Tiles:
    """Return the tiles of openstreetmap.org; see their usage policy before publishing."""
    return Tiles(
        urls=("https://tile.openstreetmap.org/{z}/{x}/{y}.png",),
        subdomains="",
        hosts="https://tile.openstreetmap.org",
        max_zoom=19,
        credit=Text(en="© OpenStreetMap contributors", zh="© OpenStreetMap contributors"),
    )


def tianditu_tiles(key: str) -> Tiles:
    """Return the street map of Tianditu (天地图) with its names.

    Parameters
    ----------
    key
        The user's own key (tk) of the service.

    Raises
    ------
    OutputError
        ``key`` is not the form of a key.
    """
    if not _KEY.fullmatch(key):
        raise OutputError(
            Text(
                en="This is no key of Tianditu: it has 8 to 64 letters and digits; get one at "
                "console.tianditu.gov.cn.",
                zh="天地图密钥格式不正确（应为 8 至 64 位字母数字），请在 console.tianditu.gov.cn 申请。",
            )
        )
    return Tiles(
        urls=tuple(_TIANDITU.format(layer=layer, key=key) for layer in ("vec", "cva")),
        subdomains="01234567",
        hosts="https://*.tianditu.gov.cn",
        max_zoom=18,
        credit=Text(en="Tianditu", zh="天地图"),
    )
