"""A bucket that keeps versions: what we delete is gone with every one of them."""

import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.multipart import PART_BYTES
from frontoffice.kernel.storage import Altered, Storage
from frontoffice.kernel.time import now
from frontoffice.local import objects
from frontoffice.local.ports import choose_ports, free_port
from frontoffice.local.processes import Supervisor
from tests.engines import S3, Engines
from tests.storages import ready

OPERATOR = objects.Identity(name="operator", access_key="operator-tests", secret_key="only-for-tests")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An object storage of this module alone, whose operator may do everything."""
    folder, supervisor = tmp_path_factory.mktemp("versions"), Supervisor(tmp_path_factory.mktemp("logs"))
    ports = choose_ports(folder, free_port())
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(objects._ACTIONS, OPERATOR.name, ["Admin", "Read", "Write", "List"])
        program = objects.objects_program(folder / "seaweedfs", folder, ports, (OPERATOR,))
    try:
        supervisor.start(program)
        yield f"http://127.0.0.1:{ports.s3}"
    finally:
        supervisor.stop()


@pytest.fixture
async def storage(address: str) -> AsyncIterator[Storage]:
    storage = await ready(Storage(S3(address, OPERATOR.access_key, OPERATOR.secret_key)))
    for bucket in (storage.quarantine, storage.clean):
        await storage.call(partial(storage._client.put_bucket_versioning, Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}))
    yield storage
    storage.close()


async def versions(storage: Storage, bucket: str) -> list[str]:
    listed = await storage.call(lambda: storage._client.list_object_versions(Bucket=bucket))
    return [one["Key"] for one in (*listed.get("Versions", ()), *listed.get("DeleteMarkers", ()))]


async def test_no_version_stays_behind(storage: Storage) -> None:
    key, longer = str(uuid.uuid4()), str(uuid.uuid4())
    neighbour = f"{key}/neighbour"
    for one in (key, neighbour, longer):
        for body in (b"first", b"second"):
            await storage.call(partial(storage._client.put_object, Bucket=storage.quarantine, Key=one, Body=body))
    # As whoever deleted without a thought of versions left it.
    await storage.call(lambda: storage._client.delete_object(Bucket=storage.quarantine, Key=longer))
    assert sorted(await versions(storage, storage.quarantine)) == sorted([key] * 2 + [neighbour] * 2 + [longer] * 3)
    for _ in range(2):
        await storage.delete(storage.quarantine, key)
        assert sorted(await versions(storage, storage.quarantine)) == sorted([neighbour] * 2 + [longer] * 3)
    await storage.delete(storage.quarantine, longer)
    await storage.delete(storage.quarantine, neighbour)
    assert await versions(storage, storage.quarantine) == []


async def test_what_was_put_in_parts_and_altered_on_its_way_leaves_no_version(storage: Storage, tmp_path: Path) -> None:
    path = tmp_path / "document"
    path.write_bytes(bytes(PART_BYTES + 3))
    with pytest.raises(Altered):
        await storage.keep_clean(str(uuid.uuid4()), path, expected_sha256="0" * 64)
    assert await versions(storage, storage.clean) == []


async def test_a_bucket_that_is_not_there_has_lost_nothing(storage: Storage) -> None:
    with pytest.raises(Unavailable):
        await storage.is_lost("no-such-bucket", str(uuid.uuid4()), expected_sha256="0" * 64)
    assert await storage.is_lost(storage.clean, str(uuid.uuid4()), expected_sha256="0" * 64)


async def test_uploads_are_given_back_by_their_age(storage: Storage) -> None:
    client, keys = storage._client, {str(uuid.uuid4()) for _ in range(3)}
    for key in keys:
        await storage.call(partial(client.create_multipart_upload, Bucket=storage.clean, Key=key))
    assert await storage.abort_unfinished(storage.clean, before=now() - timedelta(hours=1)) == 0
    assert await storage.abort_unfinished(storage.clean, before=now() + timedelta(hours=1)) == len(keys)
    assert await storage.abort_unfinished(storage.clean, before=now() + timedelta(hours=1)) == 0


async def test_a_web_server_sees_nothing_of_those_in_quarantine(engines: Engines) -> None:
    web = Storage(engines.s3("web"))
    with pytest.raises(Unavailable):
        await web.abort_unfinished(web.quarantine, before=now())
    web.close()
