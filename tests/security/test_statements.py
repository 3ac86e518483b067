"""What a page costs the database: five statements at most, the session's own included, whoever looks at whatever."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from tests.security.stage import ROLES, Play
from tests.security.test_reading import reads

MOST = 5
# What a sign-in costs is paid once: the provider's answer, the person, the hats, the new session.
ONCE = ("/sign-in/callback",)


@contextmanager
def said(play: Play) -> Iterator[list[str]]:
    """The statements that the portal sends meanwhile, those that only frame a transaction apart."""
    engine, found = play.portal.app.app.state.engine.sync_engine, []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("role", ROLES)
async def test_every_page_costs_five_statements_at_most(play: Play, role: str) -> None:
    dear, visitor = [], play.visitor(role)
    with said(play) as statements:
        for path in reads(play):
            statements.clear()
            answer = await visitor.get(path)
            if len(statements) > MOST and not path.startswith(ONCE):
                dear.append(f"{path} ({answer.status_code}): {len(statements)}\n" + "\n".join(f"    {' '.join(one.split())[:120]}" for one in statements))
    assert not dear, "\n".join(dear)


async def test_saving_a_page_costs_five_statements_at_most(play: Play) -> None:
    visitor = play.visitor("employer")
    with said(play) as statements:
        for code, typed, status in (("contact", {"contact_name": "Katrien", "contact_email": "k@canary.example", "contact_phone": "+32 3 210 12 34"}, 303),
                                    ("contact", {"contact_name": "Katrien"}, 422), ("contract", {}, 422)):
            version = (await play.portal.sql("SELECT max(version) FROM answer WHERE page = :page AND dossier_id = CAST(:key AS uuid)", page=code,
                                             key=play.stage.dossiers["draft"]))[0][0]
            statements.clear()
            answer = await visitor.post(play.address("save-page", code=code), {"version": str(version), **typed})
            assert answer.status_code == status and len(statements) <= MOST, (code, answer.status_code, statements)
