"""How Alembic reaches the database: with the address it was given, and limits on locks and statements."""

from alembic import context
from sqlalchemy import create_engine, pool, text

from frontoffice.authorities import model as _authorities
from frontoffice.backbone import model as _backbone
from frontoffice.documents import model as _documents
from frontoffice.dossiers import model as _dossiers
from frontoffice.dossiers import outage_model as _outages
from frontoffice.identities import model as _identities
from frontoffice.kernel.database import Base
from frontoffice.notices import model as _notices
from frontoffice.parties import model as _parties
from frontoffice.signin import model as _signin

TABLES = (_authorities, _backbone, _documents, _dossiers, _identities, _notices, _outages, _parties, _signin)


def _ours(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    return not (kind == "table" and name is not None and name.startswith("procrastinate"))


def run() -> None:
    """Run the revisions, each in a transaction of its own."""
    engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text("SET lock_timeout = '4s'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_object=_ours,
            transaction_per_migration=True,
            compare_server_default=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
