"""The database: one engine per process, one transaction per request or job, and the base of every table."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import MetaData, text
from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.time import now


class Base(DeclarativeBase):
    """Every table; names of constraints are fixed, since errors and migrations speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


# Rule 17: a statement, a lock and an idle transaction each have a limit; a connection is given up after 3 s.
_LIMITS = "-c statement_timeout=2500 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000"


def make_engine(url: str, *, pool_size: int = 10, limits: str = _LIMITS) -> AsyncEngine:
    """An engine with bounded pool and time-outs; it connects at first use."""
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=5,
        pool_timeout=5,
        pool_recycle=1800,
        connect_args={"connect_timeout": 3, "options": limits, "application_name": "frontoffice"},
    )


_OPEN = text("SELECT * FROM open_session(:token_hash, :instant, :by_person)")


@asynccontextmanager
async def transaction(engine: AsyncEngine, token_hash: bytes | None = None, *, by_person: bool = True) -> AsyncIterator[AsyncSession]:
    """One transaction: returning commits, raising rolls back.

    With a `token_hash` (SHA-256 of the session cookie, or empty for a visitor) row-level security is bound to that
    session and its row is found in `visitor(session)`; without one the process's own role decides. What a page asks
    by itself is not done `by_person`: it does not keep the session awake.
    Raises Unavailable("database") when PostgreSQL does not answer.
    """
    try:
        async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
            session.info["instant"] = instant = now()
            if token_hash is not None:
                row = (await session.execute(_OPEN, {"token_hash": token_hash, "instant": instant, "by_person": by_person})).mappings().one_or_none()
                session.info["visitor"] = row
            yield session
    except (OperationalError, InterfaceError, NoConnectionLeft, TimeoutError) as error:
        raise Unavailable("database") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Unavailable("database") from error
        raise


@asynccontextmanager
async def only_transaction(url: str) -> AsyncIterator[AsyncSession]:
    """The one transaction of a process that asks the database nothing else, such as a command; raises as `transaction`."""
    engine = make_engine(url, pool_size=1)
    try:
        async with transaction(engine) as session:
            yield session
    finally:
        await engine.dispose()


def instant_of(session: AsyncSession) -> datetime:
    """When this transaction was opened, as row-level security sees it: what begins now begins at this instant."""
    instant: datetime = session.info["instant"]
    return instant


def visitor(session: AsyncSession) -> RowMapping | None:
    """The row of the session that this transaction is bound to; None for a visitor who has not signed in."""
    return session.info.get("visitor")

