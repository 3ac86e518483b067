"""The two buckets for documents, quarantine and clean: bytes stream in and out, and are hashed on both ways."""

import asyncio
import base64
import hashlib
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from frontoffice.kernel.errors import NotFound, Unavailable
from frontoffice.kernel.multipart import MultipartUpload, Stored, checksum_of

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

Answer = TypeVar("Answer")
READ_BYTES = 256 * 1024
HEALTH_SECONDS = 2.0
POOL = 50
# Ten steps of niceness: a tenth of the core at least remains, so that a thread never holds up the others by waiting itself.
_BEHIND_PAGES = 10
_AWAY = (BotoCoreError, HTTPClientError, ClientError)


class S3Settings(Protocol):
    """The settings that storage needs, as `Settings` names them."""

    @property
    def s3_endpoint(self) -> str: ...
    @property
    def s3_region(self) -> str: ...
    @property
    def s3_access_key(self) -> str: ...
    @property
    def s3_secret_key(self) -> str: ...
    @property
    def s3_quarantine(self) -> str: ...
    @property
    def s3_clean(self) -> str: ...


@dataclass(frozen=True)
class StoredKey:
    """An object found by listing a bucket."""

    key: str
    modified: datetime
    size: int


class Altered(Exception):
    """The stored bytes are no longer those that were put: the hash differs."""


def _stand_back() -> None:
    """Let this thread go behind the one that answers pages when both want the core: fifty files at once come in bursts."""
    # Only Linux has a priority for each thread; elsewhere this would slow the whole process.
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _BEHIND_PAGES)


class Storage:
    """Puts, opens and deletes objects by key; an S3 that is away or refuses raises Unavailable("storage")."""

    def __init__(self, settings: S3Settings) -> None:
        self.quarantine = settings.s3_quarantine
        self.clean = settings.s3_clean
        self._client = _client(settings, connect=3, read=20, attempts=2)
        self._health = _client(settings, connect=1, read=HEALTH_SECONDS - 0.5, attempts=1)
        # Threads of our own: a slow S3 must not hold up what else runs in asyncio's few.
        self._threads = ThreadPoolExecutor(max_workers=POOL, thread_name_prefix="storage", initializer=_stand_back)

    async def put_stream(self, key: str, chunks: AsyncIterator[bytes], *, bucket: str | None = None) -> Stored:
        """Store a new object, by default in quarantine, holding three parts of 5 MB in memory at most.

        An existing key is never overwritten; any failure, of the source too, aborts, so no half object appears."""
        upload = MultipartUpload(self, self._client, bucket or self.quarantine, key)
        try:
            async for chunk in chunks:
                await upload.add(chunk)
            return await upload.finish()
        except BaseException:
            await asyncio.shield(upload.abort())
            raise

    async def open(self, bucket: str, key: str, *, expected_sha256: str) -> AsyncIterator[bytes]:
        """The object's bytes; the last piece is held back until the hash has been compared.

        Raises Altered before that piece, so whoever got everything got the right bytes; NotFound if absent."""
        answer = await self.call(lambda: self._client.get_object(Bucket=bucket, Key=key))
        body = answer["Body"]
        whole = hashlib.sha256()

        def read() -> bytes:
            piece = body.read(READ_BYTES)
            whole.update(piece)
            return piece

        try:
            held = b""
            while piece := await self.call(read):
                if held:
                    yield held
                held = piece
            if whole.hexdigest() != expected_sha256:
                raise Altered(key)
            if held:
                yield held
        finally:
            body.close()

    async def put(self, key: str, body: bytearray, *, bucket: str | None = None) -> Stored:
        """Store a small new object, by default in quarantine, its hash checked on arrival; an existing key is never overwritten."""
        # Hashed in the thread too: other pages would wait for it. S3 takes a bytearray as it is, and a copy would cost its memory.
        def put() -> str:
            checksum = checksum_of(body)
            self._client.put_object(Bucket=bucket or self.quarantine, Key=key, Body=cast(bytes, body), ChecksumSHA256=checksum, IfNoneMatch="*")
            return checksum

        return Stored(len(body), base64.b64decode(await self.call(put)).hex())

    async def keep_clean(self, key: str, path: Path, *, expected_sha256: str) -> Stored:
        """Put a checked file into the clean bucket, its bytes hashed on the way; again is harmless, other bytes raise Altered."""
        if await self._has(self.clean, key):
            return await self._measure(self.clean, key, expected_sha256)
        stored = await self.put_stream(key, _read(path), bucket=self.clean)
        if stored.sha256 != expected_sha256:
            await self.delete(self.clean, key)
            raise Altered(key)
        return stored

    async def delete(self, bucket: str, key: str) -> None:
        """Delete an object with every version that the bucket keeps of it; one that is already gone is fine."""
        answer = await self.call(lambda: self._client.delete_object(Bucket=bucket, Key=key))
        # Only a bucket that keeps versions names one: elsewhere that was all, and asking for versions would be a second request an object.
        if "VersionId" not in answer and not answer.get("DeleteMarker"):
            return
        pages = iter(self._client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key))
        while (page := await self.call(lambda: next(pages, None))) is not None:
            for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                if one.get("Key") == key:
                    version = one.get("VersionId", "null")
                    await self.call(partial(self._client.delete_object, Bucket=bucket, Key=key, VersionId=version))

    async def keys(self, bucket: str, *, prefix: str = "") -> AsyncIterator[StoredKey]:
        """Every object of a bucket, or those whose key begins so, page by page, for the nightly comparison with our rows."""
        pages = iter(self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix))
        while (page := await self.call(lambda: next(pages, None))) is not None:
            for one in page.get("Contents", ()):
                yield StoredKey(one["Key"], one["LastModified"], one["Size"])

    async def is_lost(self, bucket: str, key: str, *, expected_sha256: str) -> bool:
        """Whether an object is gone or altered beyond doubt: the bucket answers, and says so twice. Raises Unavailable while there is a doubt."""
        try:
            await self._measure(bucket, key, expected_sha256)
        except Altered:
            return True
        except NotFound as error:
            # A store that cannot reach all of its disks may say "not found" of what it still lists.
            if key in [one.key async for one in self.keys(bucket, prefix=key)]:
                raise Unavailable("storage") from error
            return True
        return False

    async def abort_unfinished(self, bucket: str, *, before: datetime) -> int:
        """Give back the parts of uploads that were begun before then: whoever sent them was killed. How many uploads it were."""
        pages = iter(self._client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket))
        old = []
        while (page := await self.call(lambda: next(pages, None))) is not None:
            old += [(one["Key"], one["UploadId"]) for one in page.get("Uploads", ()) if one["Initiated"] < before]
        for key, upload in old:
            with suppress(NotFound):  # ended meanwhile
                await self.call(partial(self._client.abort_multipart_upload, Bucket=bucket, Key=key, UploadId=upload))
        return len(old)

    async def check(self) -> None:
        """Return within two seconds if the clean bucket, which every process reads, answers; else raise Unavailable."""
        try:
            async with asyncio.timeout(HEALTH_SECONDS):
                await self.call(lambda: self._health.head_bucket(Bucket=self.clean))
        except (TimeoutError, NotFound) as error:
            raise Unavailable("storage") from error

    def close(self) -> None:
        """End the threads and the connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._client.close()
        self._health.close()

    async def call(self, work: Callable[[], Answer]) -> Answer:
        """Run one blocking step in a thread and give its failures our names."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except _AWAY as error:
            # A bucket that is missing says nothing of its objects: it was not made yet, or the settings name another one.
            if _status(error) == 404 and _code(error) != "NoSuchBucket":
                raise NotFound("object") from error
            raise Unavailable("storage") from error

    async def _has(self, bucket: str, key: str) -> bool:
        try:
            await self.call(lambda: self._client.head_object(Bucket=bucket, Key=key))
        except NotFound:
            return False
        return True

    async def _measure(self, bucket: str, key: str, expected_sha256: str) -> Stored:
        size = 0
        async for piece in self.open(bucket, key, expected_sha256=expected_sha256):
            size += len(piece)
        return Stored(size, expected_sha256)


async def _read(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, READ_BYTES):
            yield piece


def _client(settings: S3Settings, *, connect: float, read: float, attempts: int) -> "S3Client":
    return boto3.client(
        "s3",
        endpoint_url=settings.s3_endpoint,
        region_name=settings.s3_region,
        aws_access_key_id=settings.s3_access_key,
        aws_secret_access_key=settings.s3_secret_key,
        config=Config(
            connect_timeout=connect,
            read_timeout=read,
            retries={"total_max_attempts": attempts, "mode": "standard"},
            max_pool_connections=POOL,
            s3={"addressing_style": "path"},
            # We send SHA-256 ourselves; the default adds a CRC32 that a plain S3 may not know.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def _status(error: Exception) -> int:
    if isinstance(error, ClientError):
        return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    return 0


def _code(error: Exception) -> str:
    return error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""
