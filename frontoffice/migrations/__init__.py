"""The schema's history, and the two functions that walk it."""

from pathlib import Path

from alembic import command
from alembic.config import Config


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database to `revision`; `url` is that of the role that owns the schema."""
    command.upgrade(_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Take the database back to `revision`."""
    command.downgrade(_config(url), revision)


def write(url: str, message: str) -> None:
    """Write a new revision from what the models say and the database lacks."""
    command.revision(_config(url), message=message, autogenerate=True)
