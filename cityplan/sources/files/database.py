"""Tables and queries of a PostGIS database, read in a transaction that cannot write."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from cityplan.sources.files.faults import LayerInfo, not_installed, pick_layer, unusable
from cityplan.sources.files.raw import RawLayer
from cityplan.sources.layer_source import Source
from cityplan.text import Text

if TYPE_CHECKING:
    from sqlalchemy import Connection

SCHEMES = ("postgresql://", "postgresql+psycopg://")
PATIENCE_S = 10
LONGEST_REASON = 200

_TABLES = """
select g.f_table_schema, g.f_table_name, g.f_geometry_column, g.type,
       greatest(c.reltuples, -1)::bigint as rows
from geometry_columns g
join pg_namespace n on n.nspname = g.f_table_schema
join pg_class c on c.relnamespace = n.oid and c.relname = g.f_table_name
order by 1, 2, 3
"""


def is_database(path: object) -> bool:
    """Whether a path is the address of a database."""
    return str(path).startswith(SCHEMES)


def list_database_tables(address: str, *, what: Text) -> list[LayerInfo]:
    """Return the tables with geometry, and how many rows the server thinks they have."""
    with _connected(address, what) as (connection, _):
        return [info for info, _ in _tables(connection)]


def read_database(source: Source, *, what: Text) -> RawLayer:
    """Read a table (``layer``, as ``table`` or ``schema.table``) or a ``query``.

    Raises
    ------
    InputFileError
        The server cannot be reached, refuses, or gives no geometry; or the drivers
        are not installed.
    StudyError
        There is no such table, or several and none is named.
    """
    with _connected(str(source.path), what) as (connection, shown):
        notes: tuple[Text, ...] = ()
        statement: Any
        geometry: str | None
        if source.query is not None:
            name, statement = "query", source.query.strip().rstrip(";")
            geometry = _geometry_of(connection, statement)
        else:
            name, statement, geometry, notes = _table(connection, source.layer, what, shown)
        if geometry is None:
            raise unusable(
                what, shown,
                Text(en="gives rows without geometry: select the column of geometry too",
                     zh="返回的结果没有几何，请在查询中包含几何字段"),
            )  # fmt: skip
        frame = gpd.read_postgis(statement, connection, geom_col=geometry)
    plain = shapely.set_srid(frame.geometry.to_numpy(), 0)
    frame = frame.set_geometry(plain, crs=frame.crs)
    if len(frame) == 0:
        raise unusable(
            what,
            shown,
            Text(en="gives no rows: check table or query", zh="没有返回任何行，请检查表或查询"),
        )
    return RawLayer(
        frame=frame, source=f"{shown}: {name}", sha256=sha256_of_rows(frame), notes=notes
    )


def _tables(connection: Connection) -> list[tuple[LayerInfo, tuple[str, str, str]]]:
    from sqlalchemy import func, select, table, text  # noqa: PLC0415

    found = []
    for schema, name, column, kind, estimate in connection.execute(text(_TABLES)).all():
        counted = select(func.count()).select_from(table(name, schema=schema))
        rows = estimate if estimate > 0 else connection.execute(counted).scalar_one()
        shown = name if schema == "public" else f"{schema}.{name}"
        found.append((LayerInfo(shown, str(kind).title(), int(rows)), (schema, name, column)))
    return found


def _table(
    connection: Connection, wanted: str | None, what: Text, shown: str
) -> tuple[str, Any, str, tuple[Text, ...]]:
    """Return a statement for a table that exists: names are never pasted into SQL."""
    from sqlalchemy import literal_column, select, table  # noqa: PLC0415

    tables = _tables(connection)
    layers = [info for info, _ in tables]
    if not tables:
        raise unusable(
            what, shown,
            Text(en="has no table with geometry that this user may see",
                 zh="中没有当前用户可见的空间数据表"),
        )  # fmt: skip
    names = [f"{schema}.{name}" for _, (schema, name, _) in tables]
    notes: tuple[Text, ...] = ()
    if wanted in names:
        position = names.index(wanted)
    else:
        position, notes = pick_layer(layers, wanted, what, shown)
    schema, name, geometry = tables[position][1]
    statement: Any = select(literal_column("*")).select_from(table(name, schema=schema))
    return layers[position].name, statement, geometry, notes


def _geometry_of(connection: Connection, query: str) -> str | None:
    """Return the first column of type geometry that a query gives."""
    kind = connection.exec_driver_sql("select 'geometry'::regtype::oid").scalar_one()
    result = connection.exec_driver_sql(f"select * from ({query}\n) as asked limit 0")  # noqa: S608
    columns = result.cursor.description or ()
    return next((str(column[0]) for column in columns if column[1] == kind), None)


@contextmanager
def _connected(address: str, what: Text) -> Iterator[tuple[Connection, str]]:
    """Open a connection that can only read; yield it with the address as it may be shown."""
    try:
        import geoalchemy2  # noqa: F401, PLC0415 - an extra that not everybody installs
        import psycopg  # noqa: F401, PLC0415
        from sqlalchemy import create_engine, make_url  # noqa: PLC0415
        from sqlalchemy.exc import ArgumentError, SQLAlchemyError  # noqa: PLC0415
        from sqlalchemy.pool import NullPool  # noqa: PLC0415
    except ImportError:
        raise not_installed(what, "postgresql://", "postgis") from None
    try:
        url = make_url(address).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        raise unusable(
            what, "postgresql://",
            Text(en="is no address of a database: write postgresql://user@host/database",
                 zh="不是数据库地址，请写作 postgresql://用户@主机/数据库"),
        ) from None  # fmt: skip
    shown = f"postgresql://{url.host or ''}/{url.database or ''}"
    engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": PATIENCE_S})
    # Without parameters a per cent sign in a query is only a per cent sign.
    options = {"postgresql_readonly": True, "no_parameters": True}
    try:
        with engine.connect().execution_options(**options) as connection:
            yield connection, shown
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error)
        if url.password:
            reason = reason.replace(str(url.password), "***")
        reason = " ".join(reason.split())[:LONGEST_REASON]
        raise unusable(
            what, shown,
            Text(en=f"cannot be read: check address, rights and query ({reason})",
                 zh=f"无法读取，请检查地址、权限与查询（{reason}）"),
        ) from None  # fmt: skip


def sha256_of_rows(frame: gpd.GeoDataFrame) -> str:
    """Return a hash of the rows that does not depend on their order."""
    plain = pd.DataFrame(frame)
    plain[frame.geometry.name] = frame.geometry.to_wkb(hex=True)
    rows = sorted(repr(row) for row in plain.itertuples(index=False, name=None))
    digest = hashlib.sha256(repr(list(plain.columns)).encode())
    for row in rows:
        digest.update(row.encode())
    return digest.hexdigest()
