"""Which character set the text of a file is written in.

What the user says is taken, if the text agrees. Else what the file says (`.cpg`,
language byte), unless the text contradicts it. Else the text itself decides:
strict UTF-8, then GB18030 or Big5, whichever gives the more common Chinese
letters. Where nothing fits, the error shows the text in three ways.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cityplan.errors import InputFileError, StudyError
from cityplan.text import Text

UTF8, GB18030, BIG5 = "UTF-8", "GB18030", "Big5"
LATIN1, CP1252 = "ISO-8859-1", "CP1252"

# Windows' page 950 holds Big5 and what Windows added to it.
_CODECS = {BIG5: "cp950"}
_SPELLINGS = {
    UTF8: ("utf8", "utf8sig", "65001"),
    GB18030: ("gb18030", "gbk", "gb2312", "936", "cp936", "ansi936", "windows936", "54936"),
    BIG5: ("big5", "950", "cp950", "ansi950", "windows950", "big5hkscs"),
    LATIN1: ("iso88591", "88591", "latin1", "28591"),
    CP1252: ("1252", "cp1252", "windows1252", "ansi1252"),
}

# Letters that are in daily use stand in the first part of each Chinese set:
# GB 2312 level 1 (3 755 letters) and Big5 level 1 (5 401).
_DAILY = {GB18030: ("gb2312", range(0xB0, 0xD8)), BIG5: ("big5", range(0xA4, 0xC7))}
PLAUSIBLE, CERTAIN = 0.5, 0.6  # share of such letters; wrongly decoded text has few
MOST = 0.5
# Spellings in pinyin stand beside Chinese names and say nothing about either set.
PINYIN = frozenset("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüêńňǹḿĀÁǍÀĒÉĚÈĪÍǏÌŌÓǑÒŪÚǓÙǕǗǙǛÜÊŃŇǸḾ")
BEYOND_ASCII = 0x80
SHOWN_BEFORE, SHOWN_LETTERS = 8, 24


class Sample(NamedTuple):
    """Bytes of a text; ``cut`` where a field was too short for it."""

    raw: bytes
    cut: bool = False


class Said(NamedTuple):
    """An encoding that a file states, and where."""

    encoding: str
    where: Text


@dataclass(frozen=True)
class Choice:
    """The encoding that was chosen, and what to tell the user about it."""

    encoding: str
    notes: tuple[Text, ...] = ()


def canonical(name: str) -> str | None:
    """Return the name cityplan uses for an encoding, or None where there is none such.

    GBK and GB 2312 become GB18030, which holds both.
    """
    plain = "".join(letter for letter in name.lower() if letter.isalnum())
    for label, spellings in _SPELLINGS.items():
        if plain in spellings:
            return label
    try:
        label = codecs.lookup(f"cp{plain}" if plain.isdigit() else name.strip()).name
        "".encode(label)
    except (LookupError, ValueError):
        return None
    return label


def decode(raw: bytes, encoding: str, *, cut: bool = False) -> str:
    """Decode strictly; with ``cut`` an incomplete letter at the end is left out.

    Raises
    ------
    UnicodeDecodeError
        The bytes are no text in this encoding.
    """
    decoder = codecs.getincrementaldecoder(_CODECS.get(encoding, encoding))()
    return decoder.decode(raw, final=not cut)


def choose_encoding(
    samples: Sequence[Sample],
    *,
    file: str,
    asked: str | None = None,
    said: Iterable[Said] = (),
    last_resort: str | None = None,
) -> Choice:
    """Decide which encoding a file's text has.

    Parameters
    ----------
    samples
        Texts of the file; those in ASCII tell nothing and may be left out.
    file
        Name for messages.
    asked
        What the study file says.
    said
        What the file itself says, the most trustworthy first.
    last_resort
        A single-byte encoding for text that is neither UTF-8 nor Chinese.

    Raises
    ------
    StudyError
        ``asked`` is no encoding, or the text is not written in it.
    InputFileError
        No encoding fits.
    """
    samples = [sample for sample in samples if not sample.raw.isascii()]
    if asked is not None:
        return Choice(_checked(asked, samples, file))
    notes: list[Text] = []
    for label, where in said:
        if not _contradicts(samples, label):
            return Choice(label, tuple(notes))
        notes.append(
            Text(
                en=f"{where.en} of '{file}' says {label}, but its text is not {label}.",
                zh=f"“{file}”的{where.zh}声明编码为 {label}，但文字并非 {label}。",
            )
        )
    found = _from_text(samples) or last_resort
    if found is None:
        raise _undecided(samples, file)
    if samples:
        notes.append(
            Text(
                en=f"Text of '{file}' was read as {found}, which fits its letters.",
                zh=f"“{file}”的文字按 {found} 读取（由文字内容判定）。",
            )
        )
    return Choice(found, tuple(notes))


def _text(samples: Sequence[Sample], encoding: str) -> str | None:
    try:
        return "\n".join(decode(raw, encoding, cut=cut) for raw, cut in samples)
    except UnicodeDecodeError:
        return None


def _from_text(samples: Sequence[Sample]) -> str | None:
    if _text(samples, UTF8) is not None:
        return UTF8
    shares = {label: chinese_share(samples, label) for label in (GB18030, BIG5)}
    best = max(shares, key=lambda label: shares[label])
    return best if shares[best] >= PLAUSIBLE else None


def _contradicts(samples: Sequence[Sample], said: str) -> bool:
    """Whether the text cannot be, or hardly is, what the file says."""
    if _text(samples, said) is None:
        return True
    if said == UTF8 or not samples:
        return False
    if said in _DAILY and chinese_share(samples, said) >= PLAUSIBLE:
        return False
    if _text(samples, UTF8) is not None:
        return True
    return any(chinese_share(samples, other) >= CERTAIN for other in _DAILY if other != said)


def chinese_share(samples: Sequence[Sample], encoding: str) -> float:
    """Return the share of Chinese letters in daily use among all beyond ASCII but pinyin.

    -1 where the bytes are no text in ``encoding``, or the most letters are not Chinese.
    """
    text = _text(samples, encoding)
    if text is None:
        return -1.0
    counted = Counter(text)
    letters = Counter({letter: n for letter, n in counted.items() if _is_letter(letter)})
    total = letters.total()
    if not total:
        return 1.0
    if sum(n for letter, n in letters.items() if _is_chinese(letter)) <= MOST * total:
        return -1.0
    codec, leads = _DAILY[encoding]
    daily = sum(n for letter, n in letters.items() if letter.encode(codec, "replace")[0] in leads)
    return daily / total


def _is_letter(letter: str) -> bool:
    if letter <= "\x7f" or letter in PINYIN:
        return False
    return letter.isalpha() or not letter.isprintable()


def _is_chinese(letter: str) -> bool:
    return "\u3400" <= letter <= "\u9fff" or "\uf900" <= letter <= "\ufaff" or letter > "\U00020000"


def _checked(asked: str, samples: Sequence[Sample], file: str) -> str:
    label = canonical(asked)
    if label is None:
        raise StudyError(
            Text(
                en=f"'{asked}' is no encoding Python knows: give for example "
                'encoding = "GB18030", "UTF-8" or "Big5".',
                zh=f'未知编码“{asked}”，可写 encoding = "GB18030"、"UTF-8" 或 "Big5"。',
            )
        )
    if _text(samples, label) is None:
        found = _from_text(samples)
        raise StudyError(
            Text(
                en=f"The text of '{file}' is not {label}, which encoding = \"{asked}\" says: "
                + (f'write encoding = "{found}".' if found else "leave the line out to see more."),
                zh=f'“{file}”的文字并非 encoding = "{asked}" 所述的 {label}，'
                + (f'请改为 encoding = "{found}"。' if found else "请删去该行以查看详情。"),
            )
        )
    return label


def _undecided(samples: Sequence[Sample], file: str) -> InputFileError:
    raw = max(
        (sample.raw for sample in samples),
        key=lambda raw: sum(byte >= BEYOND_ASCII for byte in raw),
    )
    start = next(at for at, byte in enumerate(raw) if byte >= BEYOND_ASCII)
    shown = raw[max(start - SHOWN_BEFORE, 0) :][: 2 * SHOWN_LETTERS]
    ways = [
        (label, " ".join(shown.decode(_CODECS.get(label, label), "replace").split()))
        for label in (GB18030, BIG5, CP1252)
    ]
    return InputFileError(
        Text(
            en=f"The encoding of '{file}' cannot be told: the same text reads "
            + ", ".join(f"'{text}' in {label}" for label, text in ways)
            + '. Say which is right, for example encoding = "GB18030".',
            zh=f"无法判定“{file}”的文字编码，同一段文字"
            + "、".join(f"按 {label} 为“{text}”" for label, text in ways)
            + '。请指明正确的一种，如 encoding = "GB18030"。',
        )
    )
