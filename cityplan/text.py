"""A sentence in the two languages cityplan speaks."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence, in English and in Chinese."""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.en

    def __add__(self, other: Text) -> Text:
        return Text(en=f"{self.en} {other.en}".strip(), zh=f"{self.zh}{other.zh}")

    def get(self, lang: Language) -> str:
        """Return the sentence in ``lang``."""
        return self.zh if lang == "zh" else self.en

    def as_dict(self) -> dict[str, str]:
        """Return both languages, as they stand in ``results.json``."""
        return {"en": self.en, "zh": self.zh}


def did_you_mean(word: str, known: Sequence[str]) -> Text:
    """Name the known word nearest to an unknown one, or all that are known."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.4)
    if near:
        return Text(en=f"Did you mean '{near[0]}'?", zh=f"是否指“{near[0]}”？")
    return Text(en=f"Known: {', '.join(known)}.", zh=f"可用：{'、'.join(known)}。")
