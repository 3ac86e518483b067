"""Row-level security: the web role sees the dossiers of its session and nothing else.

The policies call functions of `frontoffice_gate`, a role that nobody can sign in as and that passes the policies, so that
a policy never has to read its own table.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_FUNCTIONS = (
    """
    CREATE FUNCTION open_session(its_hash bytea, instant timestamptz, by_person boolean)
    RETURNS TABLE (
        token_hash bytea, person_id uuid, party_id uuid, kind varchar, capacity varchar, issuer varchar, subject varchar,
        acr varchar, hats jsonb, seen_at timestamptz, ends_at timestamptz, idle_seconds int, live boolean,
        person_name varchar, party_name varchar, party_kind varchar, enterprise_number varchar, authority_code varchar,
        email varchar, locale varchar)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    #variable_conflict use_column
    BEGIN
        PERFORM set_config('app.session', encode($1, 'hex'), true), set_config('app.now', $2::text, true);
        IF length($1) = 0 THEN RETURN; END IF;
        UPDATE session s SET seen_at = $2
         WHERE $3 AND s.token_hash = $1 AND s.ended_at IS NULL AND s.ends_at > $2
           AND s.seen_at + make_interval(secs => s.idle_seconds) > $2 AND s.seen_at < $2 - interval '1 minute';
        RETURN QUERY
        SELECT s.token_hash, s.person_id, s.party_id, s.kind, s.capacity, s.issuer, s.subject, s.acr, s.hats, s.seen_at,
               s.ends_at, s.idle_seconds,
               s.ended_at IS NULL AND s.ends_at > $2 AND s.seen_at + make_interval(secs => s.idle_seconds) > $2,
               p.name, q.name, q.kind, q.enterprise_number, q.authority_code, p.email, p.locale
          FROM session s JOIN party p ON p.id = s.person_id JOIN party q ON q.id = s.party_id
         WHERE s.token_hash = $1;
    END $$
    """,
    """
    CREATE FUNCTION session_instant() RETURNS timestamptz LANGUAGE sql STABLE AS $$
        SELECT coalesce(nullif(current_setting('app.now', true), '')::timestamptz, now())
    $$
    """,
    """
    CREATE FUNCTION live_session() RETURNS TABLE (person_id uuid, party_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT s.person_id, s.party_id FROM session s
         WHERE s.token_hash = decode(coalesce(current_setting('app.session', true), ''), 'hex')
           AND s.ended_at IS NULL AND s.ends_at > session_instant()
           AND s.seen_at + make_interval(secs => s.idle_seconds) > session_instant()
    $$
    """,
    """
    CREATE FUNCTION sessions_beside() RETURNS TABLE (token_hash bytea, person_name varchar, browser varchar, created_at timestamptz, seen_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT s.token_hash, p.name, s.browser, s.created_at, s.seen_at
          FROM session m JOIN live_session() l ON true JOIN session s ON s.party_id = m.party_id AND s.person_id <> m.person_id
               JOIN party p ON p.id = s.person_id
         WHERE m.token_hash = decode(coalesce(current_setting('app.session', true), ''), 'hex') AND m.capacity = 'access manager'
           AND m.party_id <> m.person_id AND s.ended_at IS NULL AND s.ends_at > session_instant()
           AND s.seen_at + make_interval(secs => s.idle_seconds) > session_instant()
         ORDER BY s.seen_at DESC LIMIT 200
    $$
    """,
    """
    CREATE FUNCTION end_session_beside(wanted bytea) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        UPDATE session s SET ended_at = session_instant() WHERE s.token_hash IN (SELECT b.token_hash FROM sessions_beside() b) AND s.token_hash = wanted;
        RETURN FOUND;
    END $$
    """,
    """
    CREATE FUNCTION sees_dossier(wanted uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        RETURN EXISTS (
            SELECT FROM session s JOIN participation p ON p.party_id = s.party_id
             WHERE s.token_hash = decode(coalesce(current_setting('app.session', true), ''), 'hex')
               AND s.ended_at IS NULL AND s.ends_at > session_instant()
               AND s.seen_at + make_interval(secs => s.idle_seconds) > session_instant()
               AND p.dossier_id = wanted AND p.starts_at <= session_instant()
               AND (p.ends_at IS NULL OR p.ends_at > session_instant()));
    END $$
    """,
    """
    CREATE FUNCTION may_join(wanted uuid, joining uuid, as_role text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE mine uuid := (SELECT party_id FROM live_session());
    BEGIN
        IF mine IS NULL THEN RETURN false; END IF;
        IF sees_dossier(wanted) THEN RETURN true; END IF;
        IF joining <> mine THEN RETURN false; END IF;
        RETURN as_role = 'employer' AND NOT EXISTS (SELECT FROM participation p WHERE p.dossier_id = wanted);
    END $$
    """,
    """
    CREATE FUNCTION knows_party(wanted uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        RETURN EXISTS (SELECT FROM party p WHERE p.id = wanted AND p.kind <> 'person')
            OR EXISTS (SELECT FROM live_session() l WHERE l.person_id = wanted OR l.party_id = wanted)
            OR EXISTS (SELECT FROM participation p WHERE p.party_id = wanted AND sees_dossier(p.dossier_id))
            OR EXISTS (SELECT FROM event e WHERE e.person_id = wanted AND sees_dossier(e.dossier_id))
            OR EXISTS (SELECT FROM opening o WHERE o.person_id = wanted AND sees_dossier(o.dossier_id));
    END $$
    """,
    """
    CREATE FUNCTION person_of_account(of_issuer text, of_subject text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT person_id FROM account WHERE issuer = of_issuer AND subject = of_subject AND closed_at IS NULL
    $$
    """,
    """
    CREATE FUNCTION greet_party(known_id uuid, its_kind text, its_name text, its_number text, its_authority text,
                                its_email text, its_locale text) RETURNS uuid
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE found_id uuid;
    BEGIN
        SELECT id INTO found_id FROM party
         WHERE (its_number IS NOT NULL AND enterprise_number = its_number)
            OR (its_authority IS NOT NULL AND authority_code = its_authority)
            OR (its_kind = 'person' AND id = known_id);
        IF found_id IS NULL THEN
            INSERT INTO party (id, kind, name, enterprise_number, authority_code, email, locale)
            VALUES (known_id, its_kind, its_name, its_number, its_authority, its_email, coalesce(its_locale, 'en'))
            ON CONFLICT DO NOTHING;
            SELECT id INTO found_id FROM party
             WHERE id = known_id OR enterprise_number = its_number OR authority_code = its_authority;
        ELSIF its_kind = 'person' THEN
            UPDATE party SET name = its_name, email = coalesce(its_email, email)
             WHERE id = found_id AND (name <> its_name OR email IS DISTINCT FROM coalesce(its_email, email));
        ELSIF its_kind = 'enterprise' AND its_name <> its_number THEN
            -- An office that was mandated by its number gets its name when it signs in.
            UPDATE party SET name = its_name WHERE id = found_id AND name = enterprise_number;
        END IF;
        RETURN found_id;
    END $$
    """,
    """
    CREATE FUNCTION open_invitation(its_hash bytea)
    RETURNS TABLE (id uuid, dossier_id uuid, purpose varchar, email varchar, locale varchar, expires_at timestamptz,
                   used_at timestamptz, tries int, employer_name varchar, worker_name varchar, passport_number text, birth_date text, person_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT i.id, i.dossier_id, i.purpose, i.email, i.locale, i.expires_at, i.used_at,
               greatest(i.tries, (SELECT coalesce(sum(o.tries), 0)::int FROM invitation o
                                   WHERE o.dossier_id = d.id AND o.created_at > session_instant() - interval '6 hours')),
               d.employer_name, d.worker_name,
               (SELECT a.content->>'passport_number' FROM answer a WHERE a.dossier_id = d.id AND a.content ? 'passport_number' LIMIT 1),
               (SELECT a.content->>'birth_date' FROM answer a WHERE a.dossier_id = d.id AND a.content ? 'birth_date' LIMIT 1),
               (SELECT p.party_id FROM participation p WHERE p.dossier_id = d.id AND p.role = 'worker' AND p.ends_at IS NULL LIMIT 1)
          FROM invitation i JOIN dossier d ON d.id = i.dossier_id WHERE i.token_hash = its_hash
    $$
    """,
    """
    CREATE FUNCTION try_invitation(its_hash bytea, succeeded boolean, joining uuid, at_instant timestamptz) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE one invitation%ROWTYPE;
    BEGIN
        SELECT * INTO one FROM invitation WHERE token_hash = its_hash FOR UPDATE;
        IF NOT FOUND OR one.used_at IS NOT NULL OR one.expires_at <= at_instant OR one.tries >= 5 THEN RETURN false; END IF;
        -- Whoever asks for another link may not guess on: five wrong tries a dossier in six hours.
        IF (SELECT coalesce(sum(i.tries), 0) FROM invitation i
             WHERE i.dossier_id = one.dossier_id AND i.created_at > at_instant - interval '6 hours') >= 5 THEN RETURN false; END IF;
        IF NOT succeeded THEN
            UPDATE invitation SET tries = tries + 1 WHERE id = one.id;
            RETURN false;
        END IF;
        UPDATE invitation SET used_at = at_instant WHERE id = one.id;
        IF one.purpose = 'join' THEN
            INSERT INTO participation (id, dossier_id, party_id, role, starts_at)
            SELECT gen_random_uuid(), one.dossier_id, joining, 'worker', at_instant
             WHERE NOT EXISTS (SELECT FROM participation p WHERE p.dossier_id = one.dossier_id AND p.party_id = joining
                                  AND p.role = 'worker' AND p.ends_at IS NULL);
        END IF;
        RETURN true;
    END $$
    """,
    """
    CREATE FUNCTION ask_return(of_email text, at_instant timestamptz, new_id uuid, new_hash bytea) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE one record;
    BEGIN
        SELECT p.dossier_id, w.locale INTO one FROM party w JOIN participation p ON p.party_id = w.id AND p.role = 'worker'
         WHERE lower(w.email) = lower(of_email) AND p.ends_at IS NULL ORDER BY p.starts_at DESC LIMIT 1;
        IF NOT FOUND THEN RETURN false; END IF;
        INSERT INTO invitation (id, token_hash, dossier_id, purpose, email, locale, created_at, expires_at)
        VALUES (new_id, new_hash, one.dossier_id, 'return', of_email, one.locale, at_instant, at_instant + interval '15 minutes');
        RETURN true;
    END $$
    """,
    """
    CREATE FUNCTION count_hit(its_key text, its_window timestamptz) RETURNS int
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        INSERT INTO rate (key, window_start, hits) VALUES (its_key, its_window, 1)
        ON CONFLICT (key, window_start) DO UPDATE SET hits = rate.hits + 1 RETURNING hits
    $$
    """,
    """
    CREATE FUNCTION keep_arrival(its_issuer text, its_jti text, its_number text, its_seq int, its_content text, instant timestamptz)
    RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        INSERT INTO inbound_message (issuer, jti, dossier_number, seq, content, received_at)
        VALUES (its_issuer, its_jti, its_number, its_seq, its_content, instant) ON CONFLICT DO NOTHING;
        IF FOUND THEN RETURN 'accepted'; END IF;
        RETURN CASE WHEN (SELECT content FROM inbound_message WHERE issuer = its_issuer AND jti = its_jti) = its_content
               THEN 'already-known' ELSE 'other-bytes' END;
    END $$
    """,
    """
    CREATE FUNCTION park_form(its_hash bytea, its_path text, its_answers jsonb, instant timestamptz) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE whose uuid;
    BEGIN
        SELECT s.person_id INTO whose FROM session s
         WHERE s.token_hash = its_hash AND s.ended_at IS NULL
           AND least(s.ends_at, s.seen_at + make_interval(secs => s.idle_seconds)) BETWEEN instant - interval '12 hours' AND instant;
        IF NOT FOUND THEN RETURN false; END IF;
        INSERT INTO parked_form (person_id, path, answers, parked_at) VALUES (whose, its_path, its_answers, instant)
        ON CONFLICT (person_id, path) DO UPDATE SET answers = excluded.answers, parked_at = excluded.parked_at;
        RETURN true;
    END $$
    """,
    """
    CREATE FUNCTION accept_mandate(wanted uuid, at_instant timestamptz) RETURNS uuid
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE one mandate%ROWTYPE; mine record;
    BEGIN
        SELECT * INTO mine FROM live_session();
        SELECT * INTO one FROM mandate WHERE id = wanted AND mandatary_id = mine.party_id AND ended_at IS NULL AND ends_at > at_instant FOR UPDATE;
        IF NOT FOUND THEN RETURN NULL; END IF;
        IF one.accepted_at IS NULL THEN
            UPDATE mandate SET accepted_at = at_instant, accepted_by = mine.person_id WHERE id = wanted;
            INSERT INTO participation (id, dossier_id, party_id, role, starts_at, ends_at, reason)
            VALUES (gen_random_uuid(), one.dossier_id, one.mandatary_id, 'mandatary', greatest(one.starts_at, at_instant), one.ends_at,
                    jsonb_build_object('mandate', wanted));
        END IF;
        RETURN one.dossier_id;
    END $$
    """,
    """
    CREATE FUNCTION end_mandate(wanted uuid, at_instant timestamptz) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE one mandate%ROWTYPE;
    BEGIN
        SELECT * INTO one FROM mandate WHERE id = wanted AND ended_at IS NULL FOR UPDATE;
        IF NOT FOUND OR NOT EXISTS (SELECT FROM live_session() l WHERE l.party_id IN (one.mandator_id, one.mandatary_id)) THEN
            RETURN false;
        END IF;
        UPDATE mandate SET ended_at = at_instant WHERE id = wanted;
        UPDATE participation p SET ends_at = greatest(p.starts_at, at_instant)
         WHERE p.dossier_id = one.dossier_id AND p.party_id = one.mandatary_id AND p.role = 'mandatary'
           AND (p.ends_at IS NULL OR p.ends_at > at_instant);
        RETURN true;
    END $$
    """,
    """
    CREATE FUNCTION end_sessions_of_account() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        UPDATE session SET ended_at = NEW.closed_at
         WHERE issuer = NEW.issuer AND subject = NEW.subject AND ended_at IS NULL AND NEW.closed_at IS NOT NULL;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        -- A draft that was never filed leaves with all its rows; no role but that of the jobs may delete at all.
        IF TG_OP = 'DELETE' AND (SELECT number IS NULL FROM dossier WHERE id = OLD.dossier_id) THEN RETURN OLD; END IF;
        RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME;
    END $$
    """,
)

_GATED = (
    "open_session(bytea, timestamptz, boolean)", "live_session()", "sessions_beside()", "end_session_beside(bytea)", "sees_dossier(uuid)", "may_join(uuid, uuid, text)", "knows_party(uuid)",
    "person_of_account(text, text)", "greet_party(uuid, text, text, text, text, text, text)", "open_invitation(bytea)",
    "try_invitation(bytea, boolean, uuid, timestamptz)", "ask_return(text, timestamptz, uuid, bytea)", "count_hit(text, timestamptz)",
    "keep_arrival(text, text, text, int, text, timestamptz)",
    "park_form(bytea, text, jsonb, timestamptz)", "accept_mandate(uuid, timestamptz)", "end_mandate(uuid, timestamptz)", "end_sessions_of_account()",
)

_SEEN = "sees_dossier(dossier_id)"
_MINE = "person_id = (SELECT person_id FROM live_session())"
# table: (command, USING, WITH CHECK)
_POLICIES = {
    "dossier": (
        ("SELECT", "sees_dossier(id)", None), ("UPDATE", "sees_dossier(id)", "sees_dossier(id)"),
        ("INSERT", None, "EXISTS (SELECT FROM live_session())"),
    ),
    "participation": (
        ("SELECT", _SEEN, None), ("UPDATE", _SEEN, _SEEN), ("INSERT", None, "may_join(dossier_id, party_id, role)"),
    ),
    "answer": (("SELECT", _SEEN, None), ("UPDATE", _SEEN, _SEEN), ("INSERT", None, _SEEN)),
    "document": (("SELECT", _SEEN, None), ("UPDATE", _SEEN, _SEEN), ("INSERT", None, _SEEN)),
    "event": (("SELECT", _SEEN, None), ("INSERT", None, _SEEN)),
    "opening": (("SELECT", _SEEN, None), ("INSERT", None, _SEEN)),
    "mandate": (
        ("SELECT", f"{_SEEN} OR mandatary_id = (SELECT party_id FROM live_session())", None),
        ("INSERT", None, _SEEN),
    ),
    "invitation": (("SELECT", _SEEN, None), ("UPDATE", _SEEN, _SEEN), ("INSERT", None, _SEEN)),
    "message": (("SELECT", _SEEN, None), ("INSERT", None, _SEEN)),
    "notice": (("SELECT", _SEEN, None), ("INSERT", None, "true")),
    "inbound_message": (("INSERT", None, "outcome = 'waiting'"),),
    "party": (("SELECT", "knows_party(id)", None), ("UPDATE", "id = (SELECT person_id FROM live_session())", None)),
    "session": (("SELECT", _MINE, None), ("UPDATE", _MINE, _MINE), ("INSERT", None, "true")),
    "parked_form": (
        ("SELECT", _MINE, None), ("DELETE", _MINE, None),
    ),
}
_WITHOUT_POLICY = {"serial": "SELECT, INSERT, UPDATE", "account": "INSERT"}


def upgrade() -> None:
    for function in _FUNCTIONS:
        op.execute(function)
    op.execute("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO frontoffice_gate")
    op.execute("GRANT CREATE ON SCHEMA public TO frontoffice_gate")
    for signature in _GATED:
        op.execute(f"ALTER FUNCTION {signature} OWNER TO frontoffice_gate")
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO frontoffice_web, frontoffice_jobs")
    op.execute("REVOKE CREATE ON SCHEMA public FROM frontoffice_gate")
    for table, policies in _POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        for command, using, check in policies:
            clause = (f" USING ({using})" if using else "") + (f" WITH CHECK ({check})" if check else "")
            op.execute(f"CREATE POLICY web_{command.lower()} ON {table} FOR {command} TO frontoffice_web{clause}")
            op.execute(f"GRANT {command} ON {table} TO frontoffice_web")
    for table, rights in _WITHOUT_POLICY.items():
        op.execute(f"GRANT {rights} ON {table} TO frontoffice_web")
    for table in ("event", "opening"):
        op.execute(f"CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()")
    op.execute("CREATE TRIGGER end_sessions AFTER UPDATE OF closed_at ON account FOR EACH ROW EXECUTE FUNCTION end_sessions_of_account()")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO frontoffice_jobs")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO frontoffice_jobs, frontoffice_web")
    op.execute("GRANT SELECT, INSERT ON procrastinate_jobs, procrastinate_events TO frontoffice_web")


def downgrade() -> None:
    op.execute("REVOKE SELECT, INSERT ON procrastinate_jobs, procrastinate_events FROM frontoffice_web")
    for role in ("frontoffice_web", "frontoffice_jobs", "frontoffice_gate"):
        op.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
        op.execute(f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}")
    for table, policies in _POLICIES.items():
        for command, _using, _check in policies:
            op.execute(f"DROP POLICY web_{command.lower()} ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    for table in ("event", "opening"):
        op.execute(f"DROP TRIGGER only_added ON {table}")
    op.execute("DROP TRIGGER end_sessions ON account")
    for signature in (*_GATED, "refuse_change()", "session_instant()"):
        op.execute(f"DROP FUNCTION {signature}")
