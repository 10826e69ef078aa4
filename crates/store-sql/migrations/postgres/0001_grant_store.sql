-- The records on which a grant's life rests. Identifiers and epochs are 16 random bytes, hashes 32,
-- times Unix seconds. Keys compare as bytes: BYTEA, or TEXT COLLATE "C".
--
-- A record's version is written_by, the act that last wrote it. A record that is in several rows has
-- it in one of them, which every act on it writes.
--
-- Grants and sessions name their parents without foreign keys: a parent that is missing has ended,
-- which is what a check must be able to see.

-- Every sub and client_id there ever was: they are never equal and never given twice (RFC 9068, section 5).
-- Such a row has the version of the subject or the client too.
CREATE TABLE principals (
    name        TEXT COLLATE "C" PRIMARY KEY,
    kind        TEXT NOT NULL CHECK (kind IN ('subject', 'client', 'deleted')),
    -- The act that took the name.
    created_by  BYTEA NOT NULL CHECK (octet_length(created_by) = 16),
    written_by  BYTEA NOT NULL CHECK (octet_length(written_by) = 16)
);

CREATE TABLE subjects (
    sub     TEXT COLLATE "C" PRIMARY KEY REFERENCES principals (name),
    format  BIGINT NOT NULL,
    epoch   BYTEA NOT NULL CHECK (octet_length(epoch) = 16),
    status  TEXT NOT NULL CHECK (status IN ('active', 'disabled'))
);

CREATE TABLE clients (
    client_id      TEXT COLLATE "C" PRIMARY KEY REFERENCES principals (name),
    format         BIGINT NOT NULL,
    epoch          BYTEA NOT NULL CHECK (octet_length(epoch) = 16),
    status         TEXT NOT NULL CHECK (status IN ('active', 'disabled')),
    -- JSON: each with its id and times, and hashed or sealed.
    secrets        TEXT NOT NULL,
    metadata       TEXT NOT NULL,
    -- The sub of a user, by whom nothing of the client is decided.
    owner          TEXT,
    revision       BIGINT NOT NULL,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL
);

CREATE TABLE consents (
    sub         TEXT COLLATE "C" NOT NULL,
    client_id   TEXT COLLATE "C" NOT NULL,
    format      BIGINT NOT NULL,
    written_by  BYTEA NOT NULL CHECK (octet_length(written_by) = 16),
    epoch       BYTEA NOT NULL CHECK (octet_length(epoch) = 16),
    basis       TEXT NOT NULL CHECK (basis IN ('user', 'operator', 'withdrawn')),
    scope       TEXT NOT NULL,
    given_to    TEXT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (sub, client_id)
);

CREATE TABLE browser_sessions (
    id           BYTEA PRIMARY KEY CHECK (octet_length(id) = 16),
    -- Of the family of its cookie's secrets.
    mac_key      BYTEA NOT NULL CHECK (octet_length(mac_key) = 32),
    secret_hash  BYTEA NOT NULL CHECK (octet_length(secret_hash) = 32),
    format       BIGINT NOT NULL,
    -- Also of the client sessions beneath.
    written_by   BYTEA NOT NULL CHECK (octet_length(written_by) = 16),
    epoch        BYTEA NOT NULL CHECK (octet_length(epoch) = 16),
    sub          TEXT COLLATE "C" NOT NULL,
    user_epoch   BYTEA NOT NULL CHECK (octet_length(user_epoch) = 16),
    auth_time    BIGINT NOT NULL,
    amr          TEXT NOT NULL,
    acr          TEXT,
    proved_in    BYTEA CHECK (octet_length(proved_in) = 16),
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    ended_at     BIGINT,
    ended_by     BYTEA CHECK (octet_length(ended_by) = 16),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE INDEX browser_sessions_expiring ON browser_sessions (expires_at);

CREATE TABLE client_sessions (
    browser_session  BYTEA NOT NULL REFERENCES browser_sessions (id) ON DELETE CASCADE,
    client_id        TEXT COLLATE "C" NOT NULL,
    sid              BYTEA NOT NULL CHECK (octet_length(sid) = 16),
    format           BIGINT NOT NULL,
    epoch            BYTEA NOT NULL CHECK (octet_length(epoch) = 16),
    created_at       BIGINT NOT NULL,
    ended_at         BIGINT,
    ended_by         BYTEA CHECK (octet_length(ended_by) = 16),
    PRIMARY KEY (browser_session, client_id),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX client_sessions_by_sid ON client_sessions (sid);

-- One row decides everything about a grant: its origin, its refresh family, its end.
CREATE TABLE grants (
    id                        BYTEA PRIMARY KEY CHECK (octet_length(id) = 16),
    format                    BIGINT NOT NULL,
    written_by                BYTEA NOT NULL CHECK (octet_length(written_by) = 16),
    client_id                 TEXT COLLATE "C" NOT NULL,
    sub                       TEXT COLLATE "C" NOT NULL,
    scope                     TEXT NOT NULL,
    -- The parents' epochs when the user's credential was verified.
    user_epoch                BYTEA NOT NULL CHECK (octet_length(user_epoch) = 16),
    client_epoch              BYTEA NOT NULL CHECK (octet_length(client_epoch) = 16),
    consent_epoch             BYTEA NOT NULL CHECK (octet_length(consent_epoch) = 16),
    -- Online grants only.
    browser_session           BYTEA CHECK (octet_length(browser_session) = 16),
    browser_session_epoch     BYTEA CHECK (octet_length(browser_session_epoch) = 16),
    sid                       BYTEA CHECK (octet_length(sid) = 16),
    client_session_epoch      BYTEA CHECK (octet_length(client_session_epoch) = 16),
    "authorization"           TEXT NOT NULL,
    refreshable               BOOLEAN NOT NULL,
    -- How the grant came to be, with what only a grant of that origin needs.
    origin                    TEXT NOT NULL,
    -- What is redeemed for the grant's tokens, once, where the origin has such a thing: a code.
    voucher_hash              BYTEA CHECK (octet_length(voucher_hash) = 32),
    voucher_expires_at        BIGINT,
    used_at                   BIGINT,
    used_by                   BYTEA CHECK (octet_length(used_by) = 16),
    refresh_mac_key           BYTEA CHECK (octet_length(refresh_mac_key) = 32),
    refresh_binding_key       BYTEA CHECK (octet_length(refresh_binding_key) = 32),
    refresh_current           BYTEA CHECK (octet_length(refresh_current) = 32),
    refresh_idle_expires_at   BIGINT,
    refresh_rotated_at        BIGINT,
    refresh_predecessor       BYTEA CHECK (octet_length(refresh_predecessor) = 32),
    refresh_grace_until       BIGINT,
    -- Emptied by upkeep once the grace is long over.
    refresh_sealed_successor  BYTEA,
    ended_at                  BIGINT,
    ended_cause               TEXT,
    ended_by                  BYTEA CHECK (octet_length(ended_by) = 16),
    created_at                BIGINT NOT NULL,
    expires_at                BIGINT NOT NULL,
    -- Until when the row is needed, whatever has become of the grant.
    keep_until                BIGINT NOT NULL,
    CHECK ((browser_session IS NULL) = (browser_session_epoch IS NULL)),
    CHECK ((browser_session IS NULL) = (sid IS NULL)),
    CHECK ((browser_session IS NULL) = (client_session_epoch IS NULL)),
    CHECK ((voucher_hash IS NULL) = (voucher_expires_at IS NULL)),
    CHECK (used_at IS NULL OR voucher_hash IS NOT NULL),
    CHECK ((used_at IS NULL) = (used_by IS NULL)),
    CHECK ((refresh_mac_key IS NULL) = (refresh_current IS NULL)),
    CHECK ((refresh_mac_key IS NULL) = (refresh_rotated_at IS NULL)),
    CHECK (refresh_mac_key IS NULL OR refreshable),
    CHECK (refresh_mac_key IS NULL OR voucher_hash IS NULL OR used_at IS NOT NULL),
    CHECK (refresh_binding_key IS NULL OR refresh_mac_key IS NOT NULL),
    CHECK (refresh_predecessor IS NULL OR refresh_mac_key IS NOT NULL),
    CHECK ((refresh_predecessor IS NULL) = (refresh_grace_until IS NULL)),
    CHECK (refresh_sealed_successor IS NULL OR refresh_predecessor IS NOT NULL),
    CHECK ((ended_at IS NULL) = (ended_cause IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) WITH (fillfactor = 70); -- rotation rewrites the row in place: no index holds what it changes
CREATE INDEX grants_keep_until ON grants (keep_until);
CREATE INDEX grants_unused ON grants (id) WHERE used_at IS NULL AND ended_at IS NULL;

-- Opaque access tokens, and JWTs whose client asks that they be kept.
CREATE TABLE access_tokens (
    hash          BYTEA PRIMARY KEY CHECK (octet_length(hash) = 32),
    id            BYTEA NOT NULL CHECK (octet_length(id) = 16),
    client_id     TEXT COLLATE "C",
    client_epoch  BYTEA CHECK (octet_length(client_epoch) = 16),
    scope         TEXT,
    -- Resources, with blanks between them; NULL is the issuer.
    audience      TEXT,
    expires_at    BIGINT NOT NULL,
    CHECK ((client_id IS NULL) = (client_epoch IS NULL))
);
CREATE INDEX access_tokens_expiring ON access_tokens (expires_at);

CREATE TABLE denied_tokens (
    jti_hash      BYTEA PRIMARY KEY CHECK (octet_length(jti_hash) = 32),
    denied_until  BIGINT NOT NULL
);
CREATE INDEX denied_tokens_expiring ON denied_tokens (denied_until);

-- The outbox. Rows are claimed and marked: ids commit out of order.
CREATE TABLE events (
    id             BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind           TEXT NOT NULL,
    at             BIGINT NOT NULL,
    sub            TEXT,
    client_id      TEXT,
    about          TEXT,
    cause          TEXT,
    claimed_until  BIGINT,
    delivered_at   BIGINT
);
CREATE INDEX events_pending ON events (at, id) WHERE delivered_at IS NULL;
