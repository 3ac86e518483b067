"""The yardstick of uploads: the same bytes put by boto3 as its manual says; each line read makes one put, each line written tells its seconds."""

import os
import sys
import time
from uuid import uuid4

import boto3


def main() -> None:
    """Put what the file of the first argument holds, as often as somebody asks."""
    with open(sys.argv[1], "rb") as file:
        content = file.read()
    client = boto3.client(
        "s3", endpoint_url=os.environ["FRONTOFFICE_S3_ENDPOINT"], region_name=os.environ.get("FRONTOFFICE_S3_REGION", "us-east-1"),
        aws_access_key_id=os.environ["FRONTOFFICE_S3_ACCESS_KEY"], aws_secret_access_key=os.environ["FRONTOFFICE_S3_SECRET_KEY"],
    )
    for _line in sys.stdin:
        begun = time.perf_counter()
        client.put_object(Bucket=os.environ.get("FRONTOFFICE_S3_QUARANTINE", "quarantine"), Key=str(uuid4()), Body=content)
        print(time.perf_counter() - begun, flush=True)


if __name__ == "__main__":
    main()
