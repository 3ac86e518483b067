"""Work lists of any length, written by the database itself; data of nobody."""

from sqlalchemy import text

from frontoffice.kernel.database import transaction
from tests.web import Portal

AUTHORITIES = ("flanders", "brussels", "wallonia", "municipality-11002", "municipality-44021")
# Shares of a thousand: headline, its position, and whether a legal clock runs.
MIX = (
    (880, "card-issued", ("card-issued",), False), (900, "refused", ("refused",), False), (905, "filed", ("filed",), False),
    (915, "checking", ("checking",), False), (918, "complement", ("complement",), True), (930, "work-exam", ("work-exam", "stay-exam"), True),
    (933, "stay-complement", ("work-exam", "stay-complement"), True), (936, "stay-complement", ("work-granted", "stay-complement"), True),
    (950, "stay-exam", ("work-granted", "stay-exam"), True), (980, "visa-issued", ("visa-issued",), False), (985, "arrived", ("arrived",), True),
    (990, "registered", ("registered",), False), (995, "address-check", ("annex-49", "address-check"), False),
    (1000, "card-ordered", ("card-ordered",), False),
)


def _case(column: int) -> str:
    values = {1: lambda row: f"'{row[1]}'", 2: lambda row: "ARRAY[" + ",".join(f"'{one}'" for one in row[2]) + "]", 3: lambda row: str(row[3])}
    return "CASE " + " ".join(f"WHEN n < {row[0]} THEN {values[column](row)}" for row in MIX) + " END"


async def fill(portal: Portal, count: int) -> None:
    """So many dossiers in all states, spread over Regions and municipalities, the newest filed last."""
    for code in AUTHORITIES:
        await portal.party("authority", code, authority=code)
    enterprise = await portal.party("enterprise", "Havenlogistiek Antwerpen NV", number="1999999943")
    async with transaction(portal.engine) as session:
        await session.execute(text("SET LOCAL statement_timeout = 0"))
        await session.execute(text(_dossiers(count)))
        for column in ("region", "municipality"):
            await session.execute(text(
                f"INSERT INTO participation (id, dossier_id, party_id, role, starts_at) SELECT gen_random_uuid(), d.id, p.id, '{column}', d.filed_at "
                f"FROM dossier d JOIN party p ON p.authority_code = d.{column}"))
        await session.execute(text(
            "INSERT INTO participation (id, dossier_id, party_id, role, starts_at) SELECT gen_random_uuid(), id, :party, 'employer', filed_at "
            "FROM dossier"), {"party": enterprise})
    await portal.sql("ANALYZE dossier, participation, party")


def _dossiers(count: int) -> str:
    return f"""
        INSERT INTO dossier (id, number, procedure, edition, position, language, form_key, created_at, filed_at, updated_at, headline,
                             worker_name, employer_name, category, region, municipality, due_on)
        SELECT gen_random_uuid(), 'SP-2026-' || lpad(i::text, 7, '0') || '-X', 'single-permit', '2026-11', {_case(2)}, 'nl',
               gen_random_uuid(), filed, filed, filed, {_case(1)},
               (ARRAY['Rajesh', 'Amina', 'José', 'Thị', 'Mary-Jane'])[1 + i / 3 % 5] || ' '
                 || (ARRAY['Kumar', 'Benali', 'Ñuñez', 'Nguyễn', 'O''Neill', 'Sharma', 'Singh'])[1 + i / 5 % 7],
               'Employer ' || i % 5000, 'highly-qualified', (ARRAY['flanders', 'flanders', 'brussels', 'wallonia'])[1 + i % 4],
               CASE WHEN n >= 980 OR n < 880 THEN (ARRAY['municipality-11002', 'municipality-44021', 'municipality-44021'])[1 + i % 3] END,
               CASE WHEN {_case(3)} THEN DATE '2026-11-15' + i % 60 END
          FROM (SELECT i, i * 7919 % 1000 AS n, TIMESTAMPTZ '2026-11-20 12:00Z' - make_interval(mins => {count} - i) AS filed
                  FROM generate_series(1, {count}) AS i) AS numbered"""
