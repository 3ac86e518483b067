"""SeaweedFS from its PyPI wheel: an S3 service with two buckets, and two identities that may do only their part."""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

from frontoffice.local.files import write_private
from frontoffice.local.ports import Ports
from frontoffice.local.processes import Program, answers

QUARANTINE, CLEAN = "quarantine", "clean"
REGION = "us-east-1"

# The web process puts documents in quarantine and reads clean ones; only the job worker moves them across.
_ACTIONS = {
    "web": [f"Write:{QUARANTINE}", f"Read:{CLEAN}"],
    "worker": [f"{verb}:{bucket}" for verb in ("Read", "Write", "List") for bucket in (QUARANTINE, CLEAN)],
}


@dataclass(frozen=True, kw_only=True)
class Identity:
    """One party's access to the object storage."""

    name: str
    access_key: str
    secret_key: str = field(repr=False)


def objects_program(folder: Path, sockets: Path, ports: Ports, identities: tuple[Identity, ...]) -> Program:
    """SeaweedFS in `folder`, on loopback only; each identity is named `web` or `worker`."""
    folder.mkdir(mode=0o700, exist_ok=True)
    config = folder / "identities.json"
    write_private(config, json.dumps({"identities": [
        {"name": one.name, "actions": _ACTIONS[one.name],
         "credentials": [{"accessKey": one.access_key, "secretKey": one.secret_key}]}
        for one in identities
    ]}))
    data = folder / "data"
    data.mkdir(mode=0o700, exist_ok=True)
    options = {
        "dir": data, "ip": "127.0.0.1", "ip.bind": "127.0.0.1", "bucket": f"{QUARANTINE},{CLEAN}", "s3.config": config,
        "admin.ui": "false", "webdav": "false", "master.telemetry": "false",
        "s3.port": ports.s3, "s3.port.grpc": ports.s3_grpc, "s3.port.iceberg": 0, "s3.port.lance": 0,
        "master.port": ports.master, "master.port.grpc": ports.master_grpc,
        "filer.port": ports.filer, "filer.port.grpc": ports.filer_grpc,
        "volume.port": ports.volume, "volume.port.grpc": ports.volume_grpc, "volume.preStopSeconds": 0,
        "admin.port": ports.admin, "admin.port.grpc": ports.admin_grpc,
        "s3.localSocket": sockets / "s3.sock", "filer.localSocket": sockets / "filer.sock",
    }
    weed = str(Path(sys.executable).with_name("weed"))
    return Program(
        name="seaweedfs", command=[weed, "mini", *(f"-{name}={value}" for name, value in options.items())],
        # S3 answers a second before its buckets are made; the last of them is `clean`.
        ready=answers(f"http://127.0.0.1:{ports.filer}/buckets/{CLEAN}/?limit=1"),
    )
