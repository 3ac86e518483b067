"""The web's identity may only put in quarantine and read what is clean (rule 24)."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.engines import S3, Engines


def _client(s3: S3) -> Any:
    return boto3.client("s3", endpoint_url=s3.s3_endpoint, region_name=s3.s3_region, aws_access_key_id=s3.s3_access_key,
                        aws_secret_access_key=s3.s3_secret_key, config=Config(s3={"addressing_style": "path"}))


_DEEDS: dict[str, Callable[[Any, str], Any]] = {
    "put": lambda s3, bucket: s3.put_object(Bucket=bucket, Key="rights", Body=b"x"),
    "get": lambda s3, bucket: s3.get_object(Bucket=bucket, Key="rights"),
    "list": lambda s3, bucket: s3.list_objects_v2(Bucket=bucket),
}


@pytest.mark.parametrize(("who", "deed", "bucket", "allowed"), [
    ("web", "put", "quarantine", True), ("web", "get", "quarantine", False), ("web", "list", "quarantine", False),
    ("web", "put", "clean", False), ("web", "get", "clean", True), ("web", "list", "clean", False),
    ("worker", "get", "quarantine", True), ("worker", "list", "quarantine", True),
    ("worker", "put", "clean", True), ("worker", "get", "clean", True), ("worker", "list", "clean", True),
])
def test_each_identity_does_its_part_only(engines: Engines, who: str, deed: str, bucket: str, allowed: bool) -> None:
    for known in ("quarantine", "clean"):
        _client(engines.s3("worker")).put_object(Bucket=known, Key="rights", Body=b"x")
    client = _client(engines.s3(who))
    if allowed:
        _DEEDS[deed](client, bucket)
        return
    with pytest.raises(ClientError, match="AccessDenied"):
        _DEEDS[deed](client, bucket)


def test_a_wrong_key_opens_nothing(engines: Engines) -> None:
    s3 = engines.s3("worker")
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        _DEEDS["get"](_client(S3(s3.s3_endpoint, s3.s3_access_key, "wrong")), "clean")
