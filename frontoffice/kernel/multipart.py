"""One large object on its way to S3, in parts of which each is hashed; half an object never appears."""

import asyncio
import base64
import hashlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

from frontoffice.kernel.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

    from frontoffice.kernel.storage import Storage

PART_BYTES = 5 * 1024 * 1024  # the least that S3 takes for a part that is not the last
PARTS_ON_THE_WAY = 2  # with the one being filled, 15 MB of memory an upload; one alone is a third slower


@dataclass(frozen=True)
class Stored:
    """What arrived: its length in bytes and its SHA-256 in hexadecimal."""

    size: int
    sha256: str


class MultipartUpload:
    """One object on its way: while a part is being filled, the ones before it are being sent.

    Every step runs as a task that a cancelled caller does not cut, so that abort knows what has reached S3."""

    def __init__(self, storage: "Storage", client: "S3Client", bucket: str, key: str) -> None:
        self._storage = storage
        self._client = client
        self._bucket = bucket
        self._key = key
        self._filling = bytearray()
        self._whole = hashlib.sha256()
        self._size = 0
        self._begun: asyncio.Task[str] | None = None
        self._parts: list[asyncio.Task[CompletedPartTypeDef]] = []

    async def add(self, chunk: bytes) -> None:
        self._filling += chunk
        self._whole.update(chunk)
        self._size += len(chunk)
        if len(self._filling) >= PART_BYTES:
            await self._send()

    async def finish(self) -> Stored:
        if self._begun is None:
            await self._storage.put(self._key, self._filling, bucket=self._bucket)
        else:
            if self._filling:
                await self._send()
            parts = [await asyncio.shield(part) for part in self._parts]
            await self._storage.call(partial(self._complete, self._begun.result(), parts))
        return Stored(self._size, self._whole.hexdigest())

    async def abort(self) -> None:
        """Give the stored parts back; those on their way must land first, or they would outlive the abort."""
        await asyncio.gather(*self._parts, return_exceptions=True)
        if self._begun is None:
            return
        try:
            upload = await self._begun
            await self._storage.call(
                lambda: self._client.abort_multipart_upload(Bucket=self._bucket, Key=self._key, UploadId=upload)
            )
        except (NotFound, Unavailable):
            return  # The failure that led here is the one to report; what is left is given back by night (`Storage.abort_unfinished`).

    async def _send(self) -> None:
        """Start sending the filled part, once at most one other is on its way."""
        if self._begun is None:
            self._begun = asyncio.create_task(self._storage.call(self._begin))
        upload = await asyncio.shield(self._begun)
        if len(self._parts) >= PARTS_ON_THE_WAY:
            await asyncio.shield(self._parts[-PARTS_ON_THE_WAY])
        body, self._filling = self._filling, bytearray()
        sending = self._storage.call(partial(self._put_part, upload, len(self._parts) + 1, body))
        self._parts.append(asyncio.create_task(sending))

    def _begin(self) -> str:
        begun = self._client.create_multipart_upload(Bucket=self._bucket, Key=self._key, ChecksumAlgorithm="SHA256")
        return begun["UploadId"]

    # S3 takes a bytearray as it is: its types leave that out, and a copy would cost a part's memory.
    def _put_part(self, upload: str, number: int, body: bytearray) -> "CompletedPartTypeDef":
        checksum = checksum_of(body)
        answer = self._client.upload_part(
            Bucket=self._bucket,
            Key=self._key,
            UploadId=upload,
            PartNumber=number,
            Body=cast(bytes, body),
            ChecksumSHA256=checksum,
        )
        return {"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": checksum}

    def _complete(self, upload: str, parts: "list[CompletedPartTypeDef]") -> None:
        self._client.complete_multipart_upload(
            Bucket=self._bucket, Key=self._key, UploadId=upload, MultipartUpload={"Parts": parts}, IfNoneMatch="*"
        )


def checksum_of(body: bytearray) -> str:
    """The SHA-256 of these bytes as S3 writes it."""
    return base64.b64encode(hashlib.sha256(body).digest()).decode()
