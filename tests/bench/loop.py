"""The yardstick of hand-overs: one process that signs the same claims and posts them, and the documents that the answer misses, over one kept connection.

It keeps nothing, asks no database and checks no receipt; each line read does the next so many, each line written tells its seconds.
"""

import base64
import json
import sys
import time

import httpx
from jose import jws


def main() -> None:
    """Do what the file of the second argument holds, towards the address of the first."""
    with open(sys.argv[2], encoding="utf-8") as file:
        given = json.load(file)
    key, claims = given["key"], iter(given["claims"])
    documents = {digest: bytes.fromhex(content) for digest, content in given["documents"].items()}
    headers = {"kid": key["kid"], "typ": "permit-window-message+jwt"}
    with httpx.Client(base_url=sys.argv[1], trust_env=False, timeout=30) as client:
        for line in sys.stdin:
            begun = time.perf_counter()
            for _nth in range(int(line)):
                one = next(claims)
                content = jws.sign(json.dumps(one, separators=(",", ":")).encode(), key, headers=headers, algorithm="ES256")
                answer = client.post("/messages", content=content, headers={"content-type": "application/jose", "idempotency-key": one["txn"]})
                assert answer.status_code == 202, answer.text
                payload = answer.text.split(".")[1]
                for digest in json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["missing"]:
                    put = client.put(f"/documents/{digest}", content=documents[digest], headers={"content-type": "application/pdf"})
                    assert put.status_code == 201, put.text
            print(time.perf_counter() - begun, flush=True)


if __name__ == "__main__":
    main()
