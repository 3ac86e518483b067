"""Forms: the token of this session from this site or nothing happens, and no field counts but those that the form names."""

import re
from uuid import UUID, uuid4

import pytest

from tests.engines import Engines
from tests.security.stage import DOUBLE, Play, Stage, playing, routes

# Who may send the form, and about which dossier, so that only the token stands in the way.
SENDERS = {
    "end-session": ("employer", "draft", {"which": "others"}), "stay-signed-in": ("employer", "draft", {}), "change-hat": ("employer", "draft", {}),
    "sign-out": ("employer", "draft", {}), "accept-invitation": ("visitor", "draft", {}), "settle-address": ("visitor", "draft", {}), "add-address": ("employer", "draft", {}), "end-address": ("employer", "draft", {}), "send-return": ("visitor", "draft", {}),
    "accept-mandate": ("mandatary", "draft", {}), "decline-mandate": ("mandatary", "draft", {}), "give-mandate": ("employer", "filed", {}),
    "end-mandate": ("employer", "draft", {}), "start-dossier": ("employer", "draft", {}), "save-page": ("employer", "draft", {"code": "contract"}), "check-page": ("employer", "draft", {"code": "contract"}),
    "submit-dossier": ("employer", "draft", {}), "adopt-edition": ("employer", "draft", {}), "invite-worker": ("employer", "draft", {}), "remove-document": ("employer", "draft", {"requirement": "contract"}),
    "take-step": ("employer", "draft", {"action": "discard"}), "decide-double": ("clerk", "filed", {"double": DOUBLE}),
    "undo-double": ("clerk", "filed", {"double": DOUBLE}), "question-link": ("clerk", "filed", {"double": DOUBLE}), "act-on-hand-over": ("operator", "filed", {}), "switch-sending": ("operator", "filed", {}),
    "upload-document": ("employer", "draft", {"requirement": "contract"}),
    "move-page": ("employer", "draft", {"requirement": "contract"}), "join-pages": ("employer", "draft", {"requirement": "contract"}),
    "take-apart": ("employer", "draft", {"requirement": "contract"}),
    "reuse-document": ("employer", "draft", {"requirement": "contract"}),
    "judge-document": ("region", "filed", {"requirement": "contract"}), "undo-judgement": ("region", "filed", {"requirement": "contract"}),
}
CONTENT = {
    "add-address": {"email": "third@canary.example", "language": "nl"}, "settle-address": {"answer": "yes"},
    "start-dossier": {"procedure": "single-permit", "form_key": str(UUID(int=7))},
    "save-page": {"version": "1", "contract_kind": "open-ended", "contract_start-day": "1", "contract_start-month": "3", "contract_start-year": "2028",
                  "hours_per_week": "38", "full_time_hours": "38"},
    "give-mandate": {"office": "0999.000.525", "first_day-day": "1", "first_day-month": "3", "first_day-year": "2028", "last_day-day": "1",
                     "last_day-month": "4", "last_day-year": "2028"},
    "invite-worker": {"email": "new@canary.example", "language": "nl"}, "send-return": {"email": "worker@canary.example"},
    "act-on-hand-over": {"act": "hold", "reason": "A line is cut."}, "switch-sending": {"act": "stop", "reason": "A line is cut."},
    "change-hat": {"hat": str(UUID(int=9))}, "take-step": {"version": "0"}, "judge-document": {"reason": "One page is missing."}, "decide-double": {"decision": "different", "version": "1"}, "undo-double": {"version": "1"},
}
UNSAFE = sorted(SENDERS)
CASES = ("no token", "another session's token", "a token of no session", "cross-site", "same-site", "no site, origin null", "no site, other origin")


async def test_every_unsafe_route_is_tried(play: Play) -> None:
    assert {name for name, (method, _path, opt) in routes(play).items() if method != "GET" and not opt.get("cookieless")} == set(SENDERS)


@pytest.mark.parametrize("case", CASES)
async def test_a_form_that_did_not_come_from_this_session_changes_nothing(play: Play, case: str) -> None:
    before = await play.sums(without=("rate", "session"))
    for name in UNSAFE:
        role, on, params = SENDERS[name]
        visitor = play.visitor(role)
        token = {"no token": "", "another session's token": play.visitor("other-employer").token, "a token of no session": "0" * 64}.get(case, visitor.token)
        headers = {"cross-site": {"sec-fetch-site": "cross-site"}, "same-site": {"sec-fetch-site": "same-site"},
                   "no site, origin null": {"origin": "null"}, "no site, other origin": {"origin": "https://portal.example.evil.example"}}.get(case, {})
        if case.startswith("no site"):
            del visitor.client.headers["sec-fetch-site"]
        visitor.client.headers.update(headers)
        path = play.address(name, on, **params)
        if routes(play)[name][2].get("upload"):
            answer = await visitor.upload(path, "contract.pdf", b"%PDF-1.4", token=token)
        else:
            answer = await visitor.post(path, {**CONTENT.get(name, {}), "csrf": token})
        assert answer.status_code == 403, (name, answer.status_code)
    assert await play.sums(without=("rate", "session")) == before


async def test_the_same_forms_pass_with_their_token(stage: Stage, engines: Engines) -> None:
    """The counterpart: what was refused above fails for no other reason."""
    for name in UNSAFE:
        async with playing(stage, engines) as play:
            role, on, params = SENDERS[name]
            visitor, path = play.visitor(role), play.address(name, on, **params)
            upload = routes(play)[name][2].get("upload")
            answer = await (visitor.upload(path, "contract.pdf", b"%PDF-1.4") if upload else visitor.post(path, CONTENT.get(name, {})))
            assert answer.status_code in (200, 204, 303, 409, 422), (name, answer.status_code)


async def test_an_upload_without_a_token_before_the_file_keeps_nothing(play: Play) -> None:
    visitor, before = play.visitor("employer"), await play.sums()
    boundary = "y" * 20
    file = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF\r\n'
    late = f'--{boundary}\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{visitor.token}\r\n'
    for body in (file, file + late):
        answer = await visitor.ask("POST", play.address("upload-document", requirement="contract"), content=(body + f"--{boundary}--\r\n").encode(),
                                   headers={"content-type": f"multipart/form-data; boundary={boundary}"})
        assert answer.status_code == 403
    assert await play.sums() == before


async def test_a_token_dies_with_its_session(play: Play) -> None:
    visitor = play.visitor("employer")
    assert (await visitor.post("/en/sign-out")).status_code == 303
    again = play.visitor("employer")
    answer = await again.post(play.address("take-step", action="discard"), {"version": "0"})
    assert answer.status_code == 303 and "/sign-in" in answer.headers["location"]


async def columns(play: Play) -> list[str]:
    """Every column of every table, longest names last; what a form could be made to write."""
    rows = await play.portal.sql("SELECT DISTINCT column_name FROM information_schema.columns WHERE table_schema = 'public' "
                                 "AND table_name NOT LIKE 'procrastinate%' AND table_name <> 'alembic_version' ORDER BY 1")
    return [row[0] for row in rows]


UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
MOMENTS = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(\+\d\d(:\d\d)?)?")
SECRETS = re.compile(r"\\+x[0-9a-f]{64}|00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]")

# The number of the transaction that changed a dossier last.
COUNTED = re.compile(r'"change": \d+')


async def written(play: Play, name: str, extras: dict[str, str]) -> tuple[int, dict[str, list[str]]]:
    """What all tables hold after the form was sent, without what is new each time."""
    role, on, params = SENDERS[name]
    answer = await play.visitor(role).post(play.address(name, on, **params), {**extras, **CONTENT.get(name, {})})
    tables = [row[0] for row in await play.portal.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'rate' ORDER BY 1")]
    found = {}
    for table in tables:
        rows = [str(row[0]) for row in await play.portal.sql(f'SELECT to_jsonb(t)::text FROM "{table}" t')]
        found[table] = sorted(COUNTED.sub("", SECRETS.sub("HASH", MOMENTS.sub("MOMENT", UUIDS.sub("UUID", one)))) for one in rows)
    return answer.status_code, found


@pytest.mark.parametrize("name", [one for one in UNSAFE if one != "upload-document"])
async def test_a_form_writes_the_fields_that_it_names_and_nothing_else(stage: Stage, engines: Engines, name: str) -> None:
    async with playing(stage, engines) as play:
        plain = await written(play, name, {})
        asked = {re.sub("-(day|month|year)$", "", one) for one in CONTENT.get(name, {})}
        extras = {one: "granted" for one in await columns(play) if one not in asked}
        extras |= {"position": "granted", "role": "region", "region": "brussels", "version": "99", "id": str(uuid4()), "actor": "x", "session": "x"}
        extras = {key: value for key, value in extras.items() if key not in asked}
        assert len(extras) > 60
    # In parts: a form of more than 200 fields is not read at all.
    for first in range(4):
        async with playing(stage, engines) as play:
            assert await written(play, name, dict(list(extras.items())[first::4])) == plain
