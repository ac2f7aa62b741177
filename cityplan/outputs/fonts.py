"""Fonts of printed maps: never a box in place of a letter."""

from __future__ import annotations

import logging
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from matplotlib import font_manager

if TYPE_CHECKING:
    from cityplan.text import Language

logger = logging.getLogger(__name__)

CJK_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Sans CJK JP",
    "Noto Sans CJK TC",
    "SimHei",
    "SimSun",
    "Arial Unicode MS",
)
LATIN_FONT = "DejaVu Sans"
_PROBE = "建成区短板"
_ADVANCE_PT = 100


@cache
def cjk_font() -> str | None:
    """Return the first installed font that can write Chinese, None without one."""
    installed = set(font_manager.fontManager.get_font_names())
    fonts = (name for name in CJK_FONTS if name in installed)
    return next((name for name in fonts if all(ord(c) in _letters(name) for c in _PROBE)), None)


def font_families() -> list[str]:
    """Return the fonts of figures in the order they are tried."""
    name = cjk_font()
    return [LATIN_FONT] if name is None else [name, LATIN_FONT]


@cache
def figure_language(lang: Language) -> Language:
    """Return the language of figures: English, with one warning, without a Chinese font."""
    if lang == "zh" and cjk_font() is None:
        logger.warning(
            "No Chinese font found: map sheets are labelled in English. Install one, for example "
            "Noto Sans CJK SC (Debian: fonts-noto-cjk). / "
            "未找到中文字体，专题图改用英文标注。请安装中文字体，例如 Noto Sans CJK SC。"
        )
        return "en"
    return lang


def drawable(text: str) -> str:
    """Return ``text`` without the characters that no font of the figure can draw."""
    known = [_letters(name) for name in font_families()]
    plain = " ".join(text.split())
    return "".join(
        character
        for character in plain
        if any(ord(character) in letters for letters in known)
        and unicodedata.category(character)[0] != "C"
    ).strip()


def text_width(text: str, size_pt: float) -> float:
    """Return the width of a line of text in inches, as the figure's fonts set it."""
    return sum(_advance(character) for character in text) * size_pt / 72


@cache
def _advance(character: str) -> float:
    """Return the width of a character in ems, by the first font that has it."""
    code = ord(character)
    name = next((name for name in font_families() if code in _letters(name)), None)
    if name is None:
        return 1.0
    font = font_manager.get_font(font_manager.findfont(name, fallback_to_default=False))
    font.set_size(_ADVANCE_PT, 72)
    return float(font.load_char(code).linearHoriAdvance) / 65536 / _ADVANCE_PT


@cache
def _letters(name: str) -> frozenset[int]:
    path = font_manager.findfont(name, fallback_to_default=False)
    return frozenset(font_manager.get_font(path).get_charmap())
