"""Rows in XML: elements that repeat and hold nothing but fields of text.

So write .NET data sets and many open-data portals. A document type is refused
before anything of it is expanded, hence no entity of any kind is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO
from xml.parsers import expat

from cityplan.sources.files.faults import unusable
from cityplan.text import Text

DEEPEST = 100


class _HasDoctypeError(Exception):
    pass


class _RootSeenError(Exception):
    pass


def _refuse(*_: object) -> None:
    raise _HasDoctypeError


def _parser() -> Any:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.buffer_text = True
    return parser


def _parse(stream: BinaryIO, parser: Any, what: Text, path: object) -> None:
    try:
        parser.ParseFile(stream)
    except _HasDoctypeError:
        raise unusable(
            what, f"{path}",
            Text(
                en="declares a document type, which data needs not and attacks use: export it without",
                zh="含文档类型声明（DOCTYPE），存在安全风险，请导出不含该声明的文件",
            ),
        ) from None  # fmt: skip
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise unusable(
            what, f"{path}",
            Text(en=f"is no valid XML ({error}): export it again",
                 zh=f"不是有效的 XML（{error}），请重新导出"),
        ) from None  # fmt: skip


def refuse_document_type(stream: BinaryIO, what: Text, path: object) -> None:
    """Read XML up to its root element.

    Raises
    ------
    InputFileError
        It is no XML, or declares a document type.
    """

    def root(*_: object) -> None:
        raise _RootSeenError

    parser = _parser()
    parser.StartElementHandler = root
    try:
        _parse(stream, parser, what, path)
    except _RootSeenError:
        return


class _Records:
    """Collects elements whose children are all text: their tag, and their fields."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, str]]] = {}
        self.stack: list[tuple[str, dict[str, str], list[str]]] = []
        self.leaf = False

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        if len(self.stack) >= DEEPEST:
            raise ValueError("elements nested too deeply")
        self.stack.append((tag.rpartition(":")[2], {}, []))
        self.leaf = True

    def text(self, text: str) -> None:
        self.stack[-1][2].append(text)

    def end(self, _tag: str) -> None:
        tag, fields, text = self.stack.pop()
        if self.leaf:
            value = "".join(text).strip()
            if self.stack and value:
                self.stack[-1][1][tag] = value
        elif fields:
            self.rows.setdefault(tag, []).append(fields)
        self.leaf = False


def read_records(stream: BinaryIO, what: Text, path: object) -> dict[str, list[dict[str, str]]]:
    """Return the rows of an XML document under the tag of their element.

    Parameters
    ----------
    stream
        The document.
    what, path
        What it is for and where it is, for messages.

    Raises
    ------
    InputFileError
        It is no XML, declares a document type, or is nested absurdly deep.
    """
    records = _Records()
    parser = _parser()
    handlers: tuple[Callable[..., None], ...] = (records.start, records.text, records.end)
    parser.StartElementHandler, parser.CharacterDataHandler, parser.EndElementHandler = handlers
    _parse(stream, parser, what, path)
    return records.rows
