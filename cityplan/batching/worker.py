"""One city of a batch, start to finish: the same in a process here and on a cluster."""

from __future__ import annotations

import io
import logging
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cityplan.batching.memory import peak_gb, start_peak
from cityplan.errors import CityplanError
from cityplan.spatial.parallel import at_most
from cityplan.stages import Stages
from cityplan.text import Language, Text

if TYPE_CHECKING:
    from cityplan.sources.study import Study

log = logging.getLogger(__name__)

CARD = "card.json"


@dataclass(frozen=True, kw_only=True)
class Job:
    """All a worker has to know about a city; it can be sent to another machine.

    Attributes
    ----------
    folder
        Name of the city's folder of outputs.
    out
        Where that folder goes; None sends it back in the outcome.
    cache
        Where layers of extracts are kept; None keeps none.
    parcel
        The study's files, where the worker cannot see them: a ZIP archive.
    threads
        Of the worker at most; None for as many as its machine has cores.
    """

    name: str
    folder: str
    study: Study
    only: tuple[str, ...]
    lang: Language
    out: Path | None
    cache: Path | None
    parcel: bytes | None = None
    threads: int | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a city.

    Attributes
    ----------
    cause
        Why it failed; None if it did not.
    traceback
        Where, for what nobody foresaw.
    parcel
        Its folder of outputs as a ZIP archive, where it was asked for.
    """

    cause: Text | None
    seconds: float
    peak_gb: float | None = None
    traceback: str | None = None
    parcel: bytes | None = None

    @property
    def failed(self) -> bool:
        """Whether there is no result."""
        return self.cause is not None


def measure_city(job: Job, told: Callable[[Text], None] | None = None) -> Outcome:
    """Measure a city and write its outputs under a temporary name, renamed when whole.

    Whatever goes wrong with the city is part of the outcome, nothing is raised.
    """
    start = time.perf_counter()
    start_peak()
    parcel, cause, where = None, None, None
    try:
        with at_most(job.threads):
            parcel = _measure(job, told)
    except CityplanError as error:
        cause = error.text
    except MemoryError:
        cause = Text(
            en="Not enough memory: give fewer --jobs, narrow the boundary, or use a larger machine.",
            zh="内存不足：请减少 --jobs、缩小边界或换用内存更大的机器。",
        )
    except OSError as error:
        cause = _no_room(error)
    except Exception as error:  # noqa: BLE001 - one city must never stop the others
        cause, where = _unforeseen(error), traceback.format_exc()
    return Outcome(
        cause=cause,
        seconds=round(time.perf_counter() - start, 3),
        peak_gb=peak_gb(),
        traceback=where,
        parcel=parcel,
    )


def _measure(job: Job, told: Callable[[Text], None] | None) -> bytes | None:
    from cityplan.outputs.atlas_card import write_card  # noqa: PLC0415 - heavy
    from cityplan.pipeline import run  # noqa: PLC0415
    from cityplan.writing import put_in_place, write  # noqa: PLC0415

    stages = Stages(listener=told)
    if job.out is not None:
        job.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        dir=job.out, prefix=f".{job.folder[:40]}-", ignore_cleanup_errors=True
    ) as scratch:
        study = job.study if job.parcel is None else _unpacked(job, Path(scratch) / "in")
        report = run(study, only=job.only, lang=job.lang, stages=stages, cache=job.cache)
        fresh = Path(scratch) / "out"
        write(report, fresh, stages=stages)
        write_card(report, fresh / CARD)
        if job.out is None:
            return _packed(fresh)
        put_in_place(fresh, job.out / job.folder)
    return None


def files_of(study: Study) -> list[Path]:
    """Return the files a study is made of, with the parts of a Shapefile; no databases."""
    areas = [area.path for area in (study.boundary, study.built_up, study.units) if area]
    layers = [source.path for sources in study.layers.values() for source in sources]
    named: list[Path | str] = [*([study.osm.path] if study.osm else []), *areas, *layers]
    if study.standard.endswith(".toml"):
        named.append(study.standard)
    files: dict[Path, None] = {}
    for path in [Path(name) for name in named if "://" not in str(name)]:
        files[path] = None
        if path.suffix.lower() == ".shp":
            files |= dict.fromkeys(sorted(path.parent.glob(f"{path.stem}.*")))
    return list(files)


def parcel_of(study: Study) -> bytes:
    """Pack the files of a study, each in a numbered folder of its parent's.

    Raises
    ------
    OSError
        A file cannot be read.
    """
    files = files_of(study)
    folders = _numbered(files)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in files:
            if path.is_file():
                archive.write(path, f"{folders[path.parent]}/{path.name}")
    return made.getvalue()


def _numbered(files: list[Path]) -> dict[Path, int]:
    return {parent: n for n, parent in enumerate(dict.fromkeys(path.parent for path in files))}


def _unpacked(job: Job, folder: Path) -> Study:
    """Unpack a job's parcel and return its study with the paths that go with it."""
    # The list of files is that of the sender: Shapefiles are complete in the parcel only.
    with zipfile.ZipFile(io.BytesIO(job.parcel or b"")) as archive:
        archive.extractall(folder)
        names = archive.namelist()
    where = {tuple(name.split("/", 1)): folder / name for name in names}
    study = job.study
    folders = _numbered(files_of(study))

    def moved(path: Path | str) -> Path | str:
        if "://" in str(path):
            return path
        path = Path(path)
        return where.get((str(folders[path.parent]), path.name), path)

    update: dict[str, object] = {
        key: area.model_copy(update={"path": moved(area.path)})
        for key in ("boundary", "built_up", "units")
        for area in [getattr(study, key)]
        if area is not None
    }
    if study.osm is not None:
        update["osm"] = study.osm.model_copy(update={"path": moved(study.osm.path)})
    update["layers"] = {
        name: tuple(s.model_copy(update={"path": moved(s.path)}) for s in sources)
        for name, sources in study.layers.items()
    }
    if study.standard.endswith(".toml"):
        update["standard"] = str(moved(study.standard))
    return study.model_copy(update=update)


def _packed(folder: Path) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())
    return made.getvalue()


def unpack_outcome(parcel: bytes, out: Path, folder: str) -> None:
    """Put outputs that were sent back in their place, whole or not at all.

    Raises
    ------
    OSError
        They cannot be written.
    """
    from cityplan.writing import put_in_place  # noqa: PLC0415 - heavy

    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        dir=out, prefix=f".{folder[:40]}-", ignore_cleanup_errors=True
    ) as scratch:
        fresh = Path(scratch) / "out"
        fresh.mkdir()
        with zipfile.ZipFile(io.BytesIO(parcel)) as archive:
            archive.extractall(fresh)
        put_in_place(fresh, out / folder)


def _no_room(error: OSError) -> Text:
    return Text(
        en=f"Cannot read or write ({error.strerror or error}{_at(error)}): free some space or check "
        "the permissions.",
        zh=f"无法读写（{error.strerror or error}{_at(error)}），请释放空间或检查权限。",
    )


def _at(error: OSError) -> str:
    return f": '{error.filename}'" if error.filename else ""


def _unforeseen(error: Exception) -> Text:
    said = f"{type(error).__name__}: {error}".strip().splitlines()[0][:300]
    return Text(
        en=f"Something nobody foresaw ({said}): please report it with the traceback in batch.jsonl.",
        zh=f"出现未预料的错误（{said}），请附上 batch.jsonl 中的 traceback 反馈。",
    )
