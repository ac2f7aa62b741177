"""Pages that ask nothing of any network: Leaflet inlined, everything else refused."""

from __future__ import annotations

import base64
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from xstatic.pkg import leaflet

from cityplan.errors import OutputError
from cityplan.text import Text

_CSS_ADDRESS = re.compile(r"""@import\s+[^;]+|url\(\s*['"]?(?!data:|#)[^)]*\)""", re.IGNORECASE)
_IMAGE = re.compile(r"url\(images/([\w.-]+)\)")
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)
_LOADING_ATTRIBUTES = frozenset(
    {"src", "srcset", "data", "poster", "background", "action", "formaction", "manifest"}
)


@cache
def leaflet_script() -> str:
    """Return Leaflet's script from the installed package."""
    return _SOURCE_MAP.sub("", _leaflet_file("leaflet.js").decode("utf-8")).strip()


@cache
def leaflet_style() -> str:
    """Return Leaflet's style from the installed package, its images inlined."""
    style = _leaflet_file("leaflet.css").decode("utf-8")
    return _IMAGE.sub(lambda match: f"url({_data_uri(match[1])})", style).strip()


def check_offline(html: str) -> None:
    """Refuse a page that would load anything from elsewhere.

    Raises
    ------
    OutputError
        The page names a script, style, image or font that is not inside it.
    """
    finder = _AddressFinder()
    finder.feed(html)
    finder.close()
    if finder.addresses:
        address = finder.addresses[0][:200]
        raise OutputError(
            Text(
                en=f"The page would load '{address}' from elsewhere and fail offline: "
                "remove the map element that brings it.",
                zh=f"页面会从外部加载“{address}”，离线时无法显示：请移除引用它的地图要素。",
            )
        )


class _AddressFinder(HTMLParser):
    """Collects what a browser would load; text and data may name any address."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.addresses: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        for name, value in attrs:
            loads = name in _LOADING_ATTRIBUTES or (tag == "link" and name == "href")
            if loads and value and not value.startswith(("data:", "#")):
                self.addresses.append(value)
            if name == "style" and value:
                self.addresses += _CSS_ADDRESS.findall(value)

    def handle_endtag(self, tag: str) -> None:
        self._in_style = self._in_style and tag != "style"

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.addresses += _CSS_ADDRESS.findall(data)


def _leaflet_file(name: str) -> bytes:
    return (Path(leaflet.BASE_DIR) / name).read_bytes()


def _data_uri(image: str) -> str:
    data = base64.b64encode(_leaflet_file(f"images/{image}")).decode("ascii")
    return f"data:image/png;base64,{data}"
