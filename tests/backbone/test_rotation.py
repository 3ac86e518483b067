"""A rehearsal: our keys change twice, and the backbone's once, while messages flow; none is lost, none is refused, none changes its bytes."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from frontoffice.backbone.courier import courier_of
from frontoffice.backbone.jobs import hand_over
from frontoffice.backbone.our_keys import unsent_by_key
from frontoffice.kernel.signing import CACHED, KeyFiles, KeyRefused
from frontoffice.kernel.time import now, stopped_at
from frontoffice.kernel.tokens import new_key, public_jwks
from tests.engines import Database, Engines
from tests.peers import Backbone
from tests.scene import Scene, a_scene

HAND_OVER = "backbone:hand_over"
# How long the stand-in waits before it asks again for a key that it does not know; others keep our keys for ten minutes.
PAUSE = 2.1


@pytest.fixture
async def files(tmp_path: Path, stand_in: Backbone) -> AsyncIterator[KeyFiles]:
    found = KeyFiles(tmp_path / "key.json", tmp_path / "public.json")
    found.public.write_text(json.dumps(public_jwks({"keys": [stand_in.portal.key]})))
    stand_in.portal.key_file = found.public
    stand_in.restart()  # With the keys of another test it would know ours.
    yield found
    stand_in.portal.key_file = None
    stand_in.restart()


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path, stand_in: Backbone, files: KeyFiles) -> AsyncIterator[Scene]:
    stand_in.behave()
    async with a_scene(fresh_database, engines, tmp_path, stand_in) as scene:
        yield scene


async def unsent(scene: Scene) -> dict[str, int]:
    async with scene.session() as session:
        return dict(await unsent_by_key(session))


async def test_our_keys_change_twice_while_messages_flow(scene: Scene, stand_in: Backbone, files: KeyFiles) -> None:
    filed, stored, tries = [await scene.filed()], {}, 0
    await scene.run(HAND_OVER)
    for _change in range(2):
        # One message is signed and stored, and then held back over the change.
        old = files.states()[0].kid
        filed.append(await scene.filed())
        stand_in.behave(fail="503", fail_times=1)
        await scene.run(HAND_OVER)
        await scene.sql("INSERT INTO hand_over_hold (dossier_id, held_at, reason, by) VALUES (:key, now(), 'x', 'x')", key=filed[-1].id)
        stored |= {row.event_id: row.content for row in await scene.sql("SELECT event_id, content FROM message WHERE concluded_at IS NULL")}
        assert await unsent(scene) == {old: 1}
        new = files.prepare()
        with pytest.raises(KeyRefused, match="Peers may not know"):
            files.use(new)
        filed.append(await scene.filed())
        await scene.run(HAND_OVER)
        time.sleep(PAUSE)
        with stopped_at(now() + CACHED):
            files.use(new)
        # The worker goes on without a restart, and signs with the new key.
        filed.append(await scene.filed())
        await scene.run(HAND_OVER)
        with stopped_at(now() + 2 * CACHED), pytest.raises(KeyRefused, match="1 messages"):
            files.retire(old, await unsent(scene))
        await scene.sql("DELETE FROM hand_over_hold")
        await scene.make_due()
        await hand_over(scene.resources, str(list(stored)[-1]))
        await scene.run(HAND_OVER)
        with stopped_at(now() + 2 * CACHED):
            files.retire(old, await unsent(scene))
        tries += 1
    rows = await scene.sql("SELECT event_id, content, tries, concluded_at, last_error FROM message")
    assert len(rows) == len(filed) == 7 and all(one.concluded_at and not one.last_error for one in rows)
    assert sum(one.tries for one in rows) == 7 + tries and {one.event_id: one.content for one in rows} | stored == {one.event_id: one.content for one in rows}
    signers = {bytes(one.content).split(b".")[0] for one in rows}
    assert len(signers) == 3 and [len(stand_in.dossier(one.number)["messages"]) for one in filed] == [1] * 7
    assert len(files.states()) == 1


async def test_the_backbone_changes_its_key_and_receipts_are_known_again(scene: Scene, stand_in: Backbone) -> None:
    before = await scene.filed()
    await scene.run(HAND_OVER)
    (stand_in.folder / "key.json").write_text(json.dumps(new_key()))
    stand_in.restart()
    stand_in.behave()
    after = await scene.filed()
    # Its keys were fetched a moment ago, however long the restart took: nobody makes us ask for them again at once.
    courier_of(scene.resources).peer.keys._asked = time.monotonic()
    await scene.run(HAND_OVER)
    first = (await scene.sql("SELECT content, tries, last_error FROM message WHERE concluded_at IS NULL"))[0]
    assert (first.tries, first.last_error) == (1, "receipt-unknown-key")
    courier_of(scene.resources).peer.keys._asked -= 60
    await scene.make_due()
    await scene.run(HAND_OVER)
    assert await scene.value("SELECT count(*) FROM message WHERE concluded_at IS NULL") == 0
    assert [[message["received"] for message in stand_in.dossier(one.number)["messages"]] for one in (before, after)] == [[1], [2]]
    assert await scene.value("SELECT count(*) FROM message WHERE content = :content", content=first.content) == 1
