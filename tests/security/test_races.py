"""Rule 23: many hands at once. No update is lost, no step is taken twice, and whoever lost is shown both."""

import asyncio
import random
from uuid import UUID

import pytest

from tests.engines import Engines
from tests.security.stage import Play, Stage, Visitor, playing

STEPS = {
    "region": ("take-up", "ask-documents", "admit", "declare-inadmissible"), "employer": ("withdraw", "complete"), "mandatary": ("withdraw", "complete"),
    "worker": ("complete",),
}
EVIDENCE = {"reasons": "Because.", "document": "diploma", "request": "A translation, please."}


def typed(name: str) -> dict[str, str]:
    return {"contact_name": name, "contact_email": "k@canary.example", "contact_phone": "+32 3 210 12 34"}


@pytest.mark.parametrize("seed", range(4))
async def test_edits_of_one_page_are_never_lost(play: Play, seed: int) -> None:
    """Two people save the same page again and again, each from the version that he or she saw last."""
    draw, path, key = random.Random(seed), play.address("save-page", code="contact"), UUID(play.stage.dossiers["draft"])
    seen = {"employer": 1, "mandatary": 1}
    taken: list[tuple[int, str]] = []

    async def save(role: str, number: int) -> None:
        await asyncio.sleep(draw.random() / 50)
        version, name = seen[role], f"{role} {number}"
        answer = await play.visitor(role).post(path, {"version": str(version), **typed(name)})
        if answer.status_code == 303:
            taken.append((version, name))
            seen[role] = version + 1
        else:
            assert answer.status_code == 409 and name in answer.text
            seen[role] = int(answer.text.split('name="version" value="', 1)[1].split('"', 1)[0])
            last = dict(taken).get(seen[role] - 1)
            assert last is None or last in answer.text, "the loser sees what the winner wrote"

    for number in range(6):
        await asyncio.gather(*(save(role, number) for role in seen))
    rows = await play.portal.sql("SELECT version, content->>'contact_name' FROM answer WHERE page = 'contact' AND dossier_id = :key", key=key)
    versions = [version for version, _name in sorted(taken)]
    assert versions == list(range(1, len(taken) + 1)), "each version was overwritten by whoever had seen it, once"
    assert tuple(rows[0]) == (len(taken) + 1, dict(taken)[len(taken)])


@pytest.mark.parametrize("seed", range(5))
async def test_steps_taken_at_once_are_taken_one_after_the_other_or_not_at_all(stage: Stage, engines: Engines, seed: int) -> None:
    draw = random.Random(seed)
    async with playing(stage, engines) as play:
        key = UUID(play.stage.dossiers["filed"])

        async def step(visitor: Visitor, action: str) -> int:
            version = (await play.portal.sql("SELECT version FROM dossier WHERE id = :key", key=key))[0].version
            await asyncio.sleep(draw.random() / 50)
            answer = await visitor.post(play.address("take-step", "filed", action=action), {"version": str(version), **EVIDENCE})
            assert answer.status_code in (303, 403, 409, 422), (action, answer.status_code)
            return answer.status_code

        before = (await play.portal.sql("SELECT version FROM dossier WHERE id = :key", key=key))[0].version
        for _round in range(3):
            wanted = [(role, draw.choice(STEPS[role])) for role in draw.choices(list(STEPS), k=6)]
            await asyncio.gather(*(step(play.visitor(role), action) for role, action in wanted))
        events = await play.portal.sql("SELECT seq, takes, gives FROM event WHERE dossier_id = :key ORDER BY seq", key=key)
        [dossier] = await play.portal.sql("SELECT version, position FROM dossier WHERE id = :key", key=key)
        assert [row.seq for row in events] == list(range(1, dossier.version + 1)) and dossier.version >= before
        # The position is what the events make of it, and each of them found what it took.
        position = {"draft", "worker-part"}
        for row in events:
            assert set(row.takes) <= position
            position = position - set(row.takes) | set(row.gives)
        assert set(dossier.position) <= position
        handed = await play.portal.sql("SELECT args->>'event_id' FROM procrastinate_jobs WHERE task_name = 'backbone:hand_over'")
        assert len({row[0] for row in handed}) == len(handed), "each event is handed over once"


async def test_ten_clicks_of_one_person_are_one_step(play: Play) -> None:
    key, visitor = UUID(play.stage.dossiers["filed"]), play.visitor("region")
    version = (await play.portal.sql("SELECT version FROM dossier WHERE id = :key", key=key))[0].version
    path = play.address("take-step", "filed", action="admit")
    answers = await asyncio.gather(*(visitor.post(path, {"version": str(version)}) for _ in range(10)))
    assert {one.status_code for one in answers} == {303}
    assert (await play.portal.sql("SELECT count(*) FROM event WHERE dossier_id = :key AND action = 'admit'", key=key))[0][0] == 1
