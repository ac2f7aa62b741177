"""What is said when a layer's coordinates are not what they seem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cityplan.errors import CrsError
from cityplan.spatial.crs import WEB_MERCATOR
from cityplan.spatial.readings import Box, Numbers, Reading, code_of, spot
from cityplan.text import Text

if TYPE_CHECKING:
    from pyproj import CRS

SAME_LAYER = Text(en="The same layer", zh="该图层")

# --- notes -------------------------------------------------------------------


def only_reading(reading: Reading, lack: Text) -> tuple[Text, ...]:
    """Return what to say of numbers that could be understood in one way."""
    where = spot(*reading.centre)
    code = code_of(reading.crs)
    notes = [
        Text(
            en=f"{lack.en}. Its numbers fit {code} ({reading.crs.name}) only, around {where.en}, "
            f'and were read so. To settle it: crs = "{code}".',
            zh=f"{lack.zh}。其坐标值只符合 {code}（{reading.crs.name}），位于{where.zh}附近，已按此读取。"
            f'如需确定，请写明 crs = "{code}"。',
        )
    ]
    if "CGCS2000" in reading.crs.name:
        notes.append(
            Text(
                en="Numbers alone cannot tell CGCS2000 from Xian 1980 or Beijing 1954, which lie "
                "tens of metres off: ask where the layer comes from.",
                zh="仅凭坐标值无法区分 CGCS2000 与1980西安、1954北京坐标系（相差数十米），请核实来源。",
            )
        )
    if reading.swapped:
        notes.append(swap_note(SAME_LAYER, reading))
    return tuple(notes)


def overruled(what: Text, declared: CRS | None, stated: CRS | None) -> tuple[Text, ...]:
    """Return a note where the study file contradicts the file."""
    if declared is None or stated is None or stated.equals(declared, ignore_axis_order=True):
        return ()
    if declared.to_epsg() is not None and declared.to_epsg() == stated.to_epsg():
        return ()
    return (
        Text(
            en=f"{what.en} names the CRS '{declared.name}'; it was read as {code_of(stated)}, as "
            "the study file says.",
            zh=f"{what.zh}自述坐标系为“{declared.name}”，已按研究文件以 {code_of(stated)} 读取。",
        ),
    )


def differences(reading: Reading, given: CRS, what: Text) -> tuple[Text, ...]:
    """Return a note for each way in which a layer was not read as it says."""
    notes = []
    if reading.crs is not given:
        notes.append(
            Text(
                en=f"{what.en} names {code_of(given)}, but its eastings are those of "
                f"{code_of(reading.crs)}, the same zone {_easting_words(reading.crs).en}: they "
                "were read so.",
                zh=f"{what.zh}自述为 {code_of(given)}，但横坐标属于同一投影带"
                f"{_easting_words(reading.crs).zh}的 {code_of(reading.crs)}，已按后者读取。",
            )
        )
    if reading.swapped:
        notes.append(swap_note(what, reading))
    if reading.crs.to_epsg() == WEB_MERCATOR:
        notes.append(
            Text(
                en=f"{what.en} is in EPSG:3857 (web Mercator). Its shapes were reprojected; areas "
                "and lengths in its columns, if computed there, are too large.",
                zh=f"{what.zh}采用 EPSG:3857（Web 墨卡托），图形已重新投影；"
                "若属性中的面积、长度在该坐标系下计算，则偏大。",
            )
        )
    return tuple(notes)


def _easting_words(crs: CRS) -> Text:
    if "zone" in crs.name:
        return Text(en="with its number in front", zh="带号")
    return Text(en="without its number", zh="不带带号")


def swap_note(what: Text, reading: Reading) -> Text:
    """Return that x and y were exchanged."""
    where = spot(*reading.centre)
    if reading.crs.is_geographic:
        return Text(
            en=f"{what.en} holds latitude before longitude: they were exchanged, which puts it "
            f"around {where.en}.",
            zh=f"{what.zh}纬度在前、经度在后，已互换，位于{where.zh}附近。",
        )
    return Text(
        en=f"{what.en} holds northing before easting (X north, as in surveying): they were "
        f"exchanged, which puts it around {where.en}.",
        zh=f"{what.zh}北坐标在前、东坐标在后（测量坐标系 X 指北），已互换，位于{where.zh}附近。",
    )


def outside_note(what: Text, reading: Reading, place: Box) -> Text:
    """Return that a layer lies away from the study."""
    where, study = spot(*reading.centre), _middle(place)
    return Text(
        en=f"{what.en} lies around {where.en}, away from the study around {study.en}.",
        zh=f"{what.zh}位于{where.zh}附近，不在研究范围（{study.zh}附近）内。",
    )


def _middle(place: Box) -> Text:
    return spot((place[0] + place[2]) / 2, (place[1] + place[3]) / 2)


# --- refusals ----------------------------------------------------------------


def elsewhere(what: Text, reading: Reading, place: Box) -> Text:
    """Return that a CRS puts a layer away from the study, as the start of a refusal."""
    where, study = spot(*reading.centre), _middle(place)
    return Text(
        en=f"By its CRS {code_of(reading.crs)}, {what.en} lies around {where.en}; the study "
        f"lies around {study.en}",
        zh=f"按坐标系 {code_of(reading.crs)}，{what.zh}位于{where.zh}附近，而研究范围位于{study.zh}附近",
    )


def contradiction(numbers: Numbers, what: Text, crs: CRS, *, by_study: bool) -> Text:
    """Return that numbers cannot be what is said of them, as the start of a refusal."""
    x, y = numbers.centre
    said = Text(en="The study file", zh="研究文件") if by_study else Text(en="The file", zh="文件")
    return Text(
        en=f"{what.en}: {said.en.lower()} says {code_of(crs)} ({crs.name}), which numbers around "
        f"x {x:.10g}, y {y:.10g} contradict",
        zh=f"{what.zh}：{said.zh}称其为 {code_of(crs)}（{crs.name}），"
        f"但坐标值（x 约 {x:.10g}，y 约 {y:.10g}）与之矛盾",
    )


def uncertain(lack: Text, found: tuple[Reading, ...]) -> CrsError:
    """Return a refusal that lists what the numbers may be."""
    if not found:
        return CrsError(
            Text(
                en=f"{lack.en}. Correct the CRS, or remove it to have the numbers examined.",
                zh=f"{lack.zh}。请更正坐标系，或删去该设置以便按坐标值判断。",
            )
        )
    texts = [reading.text() for reading in found]
    code = code_of(found[0].crs)
    return CrsError(
        Text(
            en=f"{lack.en}. The numbers would fit: {'; '.join(t.en for t in texts)}. Write the "
            f'right one in the table of the layer in the study file, like crs = "{code}".',
            zh=f"{lack.zh}。坐标值可能属于：{'；'.join(t.zh for t in texts)}。"
            f'请在研究文件该图层下写明正确的坐标系，如 crs = "{code}"。',
        )
    )


def unknown(numbers: Numbers, lack: Text) -> CrsError:
    """Return a refusal of numbers that fit nothing."""
    x, y = numbers.centre
    return CrsError(
        Text(
            en=f"{lack.en}. The numbers (x around {x:.10g}, y around {y:.10g}) are no degrees, no "
            "CGCS2000 zone, no UTM and no web Mercator of the place: perhaps a city's own grid. "
            "Have the surveying office transform the layer to CGCS2000, or write its projection "
            "in the table of the layer in the study file: crs = "
            "'+proj=tmerc +lon_0=... +x_0=... +y_0=... +ellps=GRS80 +units=m'.",
            zh=f"{lack.zh}。坐标值（x 约 {x:.10g}，y 约 {y:.10g}）不是经纬度，也不属于当地的 CGCS2000 "
            "分带、UTM 或 Web 墨卡托，可能是城市独立坐标系。请由测绘部门转换为 CGCS2000，"
            "或在研究文件该图层下写明投影："
            "crs = '+proj=tmerc +lon_0=... +x_0=... +y_0=... +ellps=GRS80 +units=m'。",
        )
    )
