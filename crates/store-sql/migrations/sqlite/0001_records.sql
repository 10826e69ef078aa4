-- Every record of the provider. Identifiers and epochs are 16 random bytes, hashes 32, times Unix seconds.
--
-- Grants and sessions name their parents without foreign keys: a parent that is missing has ended,
-- which is what a check must be able to see.

CREATE TABLE instance (
    singleton   INTEGER PRIMARY KEY CHECK (singleton = 1),
    id          TEXT NOT NULL,
    issuer      TEXT NOT NULL,
    key_check   BLOB NOT NULL,
    pairwise_key BLOB NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;

-- What a probe writes to learn that a write would be durable.
CREATE TABLE readiness (
    singleton   INTEGER PRIMARY KEY CHECK (singleton = 1),
    probes      INTEGER NOT NULL
) STRICT;
INSERT INTO readiness (singleton, probes) VALUES (1, 0);

-- Every sub and client_id there ever was: they are never equal and never given twice (RFC 9068, section 5).
CREATE TABLE principals (
    name  TEXT NOT NULL PRIMARY KEY,
    kind  TEXT NOT NULL CHECK (kind IN ('subject', 'client'))
) STRICT, WITHOUT ROWID;

CREATE TABLE subjects (
    sub     TEXT NOT NULL PRIMARY KEY REFERENCES principals (name),
    format  INTEGER NOT NULL,
    epoch   BLOB NOT NULL CHECK (length(epoch) = 16),
    status  TEXT NOT NULL CHECK (status IN ('active', 'disabled'))
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    sub            TEXT NOT NULL PRIMARY KEY REFERENCES principals (name),
    -- As names are compared: no other account may have such a name.
    sub_as_name    TEXT,
    username       TEXT NOT NULL,
    email          TEXT,
    administrator  INTEGER NOT NULL CHECK (administrator IN (0, 1)),
    password_hash  TEXT,
    -- What of the hash says how it was made: all but salt and hash.
    password_parameters TEXT,
    claims         TEXT NOT NULL,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX users_by_password_parameters ON users (password_parameters)
    WHERE password_parameters IS NOT NULL;
CREATE INDEX users_administrators ON users (sub) WHERE administrator = 1;
CREATE INDEX users_by_sub_as_name ON users (sub_as_name) WHERE sub_as_name IS NOT NULL;

-- Usernames and email addresses, normalised: no one's username is another's address.
CREATE TABLE names (
    name  TEXT NOT NULL PRIMARY KEY,
    sub   TEXT NOT NULL REFERENCES users (sub) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX names_of ON names (sub);

CREATE TABLE clients (
    client_id      TEXT NOT NULL PRIMARY KEY REFERENCES principals (name),
    format         INTEGER NOT NULL,
    epoch          BLOB NOT NULL CHECK (length(epoch) = 16),
    status         TEXT NOT NULL CHECK (status IN ('active', 'disabled')),
    -- JSON: each with its id and times, and hashed or sealed.
    secrets        TEXT NOT NULL,
    metadata       TEXT NOT NULL,
    -- The sub of a user, by whom nothing of the client is decided.
    owner          TEXT,
    revision       INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL
) STRICT;

-- Clients that registered themselves (RFC 7591).
CREATE TABLE registrations (
    client_id   TEXT NOT NULL PRIMARY KEY REFERENCES clients (client_id) ON DELETE CASCADE,
    token_hash  BLOB NOT NULL CHECK (length(token_hash) = 32),
    predecessor_hash BLOB CHECK (length(predecessor_hash) = 32),
    vouched     INTEGER NOT NULL CHECK (vouched IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE initial_access_tokens (
    id          TEXT NOT NULL PRIMARY KEY,
    hash        BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    note        TEXT,
    expires_at  INTEGER,
    uses_left   INTEGER,
    created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE consents (
    sub         TEXT NOT NULL,
    client_id   TEXT NOT NULL,
    format      INTEGER NOT NULL,
    epoch       BLOB NOT NULL CHECK (length(epoch) = 16),
    basis       TEXT NOT NULL CHECK (basis IN ('user', 'operator', 'withdrawn')),
    scope       TEXT NOT NULL,
    given_to    TEXT NOT NULL,
    updated_at  INTEGER NOT NULL,
    PRIMARY KEY (sub, client_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX consents_to ON consents (client_id);

CREATE TABLE browser_sessions (
    id           BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    -- Of the family of its cookie's secrets.
    mac_key      BLOB NOT NULL CHECK (length(mac_key) = 32),
    secret_hash  BLOB NOT NULL CHECK (length(secret_hash) = 32),
    format       INTEGER NOT NULL,
    epoch        BLOB NOT NULL CHECK (length(epoch) = 16),
    sub          TEXT NOT NULL,
    user_epoch   BLOB NOT NULL CHECK (length(user_epoch) = 16),
    auth_time    INTEGER NOT NULL,
    amr          TEXT NOT NULL,
    acr          TEXT,
    proved_in    BLOB CHECK (length(proved_in) = 16),
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    ended_at     INTEGER,
    ended_by     BLOB CHECK (length(ended_by) = 16),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX browser_sessions_expiring ON browser_sessions (expires_at);
-- For lists, a page at a time.
CREATE INDEX browser_sessions_of ON browser_sessions (sub, id);

CREATE TABLE client_sessions (
    browser_session  BLOB NOT NULL REFERENCES browser_sessions (id) ON DELETE CASCADE,
    client_id        TEXT NOT NULL,
    sid              BLOB NOT NULL CHECK (length(sid) = 16),
    format           INTEGER NOT NULL,
    epoch            BLOB NOT NULL CHECK (length(epoch) = 16),
    created_at       INTEGER NOT NULL,
    ended_at         INTEGER,
    ended_by         BLOB CHECK (length(ended_by) = 16),
    PRIMARY KEY (browser_session, client_id),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX client_sessions_by_sid ON client_sessions (sid);

-- One row decides everything about a grant: its origin, its refresh family, its end.
CREATE TABLE grants (
    id                        BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    format                    INTEGER NOT NULL,
    -- The act that last wrote the row: its version.
    written_by                BLOB NOT NULL CHECK (length(written_by) = 16),
    client_id                 TEXT NOT NULL,
    sub                       TEXT NOT NULL,
    scope                     TEXT NOT NULL,
    -- The parents' epochs when the user's credential was verified.
    user_epoch                BLOB NOT NULL CHECK (length(user_epoch) = 16),
    client_epoch              BLOB NOT NULL CHECK (length(client_epoch) = 16),
    consent_epoch             BLOB NOT NULL CHECK (length(consent_epoch) = 16),
    -- Online grants only.
    browser_session           BLOB CHECK (length(browser_session) = 16),
    browser_session_epoch     BLOB CHECK (length(browser_session_epoch) = 16),
    sid                       BLOB CHECK (length(sid) = 16),
    client_session_epoch      BLOB CHECK (length(client_session_epoch) = 16),
    authorization             TEXT NOT NULL,
    refreshable               INTEGER NOT NULL CHECK (refreshable IN (0, 1)),
    -- How the grant came to be, with what only a grant of that origin needs.
    origin                    TEXT NOT NULL,
    -- What is redeemed for the grant's tokens, once, where the origin has such a thing: a code.
    voucher_hash              BLOB CHECK (length(voucher_hash) = 32),
    voucher_expires_at        INTEGER,
    used_at                   INTEGER,
    used_by                   BLOB CHECK (length(used_by) = 16),
    refresh_mac_key           BLOB CHECK (length(refresh_mac_key) = 32),
    refresh_binding_key       BLOB CHECK (length(refresh_binding_key) = 32),
    refresh_current           BLOB CHECK (length(refresh_current) = 32),
    refresh_idle_expires_at   INTEGER,
    refresh_rotated_at        INTEGER,
    refresh_predecessor       BLOB CHECK (length(refresh_predecessor) = 32),
    refresh_grace_until       INTEGER,
    -- Emptied by upkeep once the grace is long over.
    refresh_sealed_successor  BLOB,
    ended_at                  INTEGER,
    ended_cause               TEXT,
    ended_by                  BLOB CHECK (length(ended_by) = 16),
    created_at                INTEGER NOT NULL,
    expires_at                INTEGER NOT NULL,
    -- Until when the row is needed, whatever has become of the grant.
    keep_until                INTEGER NOT NULL,
    CHECK ((browser_session IS NULL) = (browser_session_epoch IS NULL)),
    CHECK ((browser_session IS NULL) = (sid IS NULL)),
    CHECK ((browser_session IS NULL) = (client_session_epoch IS NULL)),
    CHECK ((voucher_hash IS NULL) = (voucher_expires_at IS NULL)),
    CHECK (used_at IS NULL OR voucher_hash IS NOT NULL),
    CHECK ((used_at IS NULL) = (used_by IS NULL)),
    CHECK ((refresh_mac_key IS NULL) = (refresh_current IS NULL)),
    CHECK ((refresh_mac_key IS NULL) = (refresh_rotated_at IS NULL)),
    CHECK (refresh_mac_key IS NULL OR refreshable = 1),
    CHECK (refresh_mac_key IS NULL OR voucher_hash IS NULL OR used_at IS NOT NULL),
    CHECK (refresh_binding_key IS NULL OR refresh_mac_key IS NOT NULL),
    CHECK (refresh_predecessor IS NULL OR refresh_mac_key IS NOT NULL),
    CHECK ((refresh_predecessor IS NULL) = (refresh_grace_until IS NULL)),
    CHECK (refresh_sealed_successor IS NULL OR refresh_predecessor IS NOT NULL),
    CHECK ((ended_at IS NULL) = (ended_cause IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) STRICT;
-- A grant is in the first until its code is used, then in the second.
CREATE INDEX grants_unused ON grants (keep_until) WHERE used_at IS NULL;
CREATE INDEX grants_used ON grants (keep_until) WHERE used_at IS NOT NULL;
-- For lists, a page at a time. A client's grants are looked for among all: an index by client would
-- cost every sign-in a page, and is wanted by an operator now and then.
CREATE INDEX grants_of ON grants (sub, id);
CREATE INDEX grants_sealed ON grants (refresh_grace_until) WHERE refresh_sealed_successor IS NOT NULL;

-- Opaque access tokens, and JWTs whose client asks that they be kept.
CREATE TABLE access_tokens (
    hash          BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    id            BLOB NOT NULL CHECK (length(id) = 16),
    client_id     TEXT,
    client_epoch  BLOB CHECK (length(client_epoch) = 16),
    scope         TEXT,
    -- Resources, with blanks between them; NULL is the issuer.
    audience      TEXT,
    expires_at    INTEGER NOT NULL,
    CHECK ((client_id IS NULL) = (client_epoch IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX access_tokens_expiring ON access_tokens (expires_at);

-- What became of the API tokens that users make. AUTOINCREMENT: a page never begins again where
-- another ended.
CREATE TABLE personal_token_changes (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The grant's id.
    token           BLOB NOT NULL CHECK (length(token) = 16),
    sub             TEXT NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('created', 'updated', 'revoked')),
    at              INTEGER NOT NULL,
    actor           TEXT NOT NULL,
    address         TEXT,
    name            TEXT NOT NULL,
    scope           TEXT NOT NULL,
    expires_at      INTEGER NOT NULL,
    old_name        TEXT,
    old_expires_at  INTEGER,
    keep_until      INTEGER NOT NULL
) STRICT;
CREATE INDEX personal_token_changes_of ON personal_token_changes (sub, id);
CREATE INDEX personal_token_changes_expiring ON personal_token_changes (keep_until);

-- What devices ask for, until a person answers (RFC 8628).
CREATE TABLE device_requests (
    id                BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    format            INTEGER NOT NULL,
    -- The act that last wrote the row: its version.
    written_by        BLOB NOT NULL CHECK (length(written_by) = 16),
    client_id         TEXT NOT NULL,
    client_epoch      BLOB NOT NULL CHECK (length(client_epoch) = 16),
    scope             TEXT NOT NULL,
    resources         TEXT NOT NULL,
    device_code       BLOB NOT NULL CHECK (length(device_code) = 32),
    user_code         BLOB NOT NULL CHECK (length(user_code) = 32),
    requested_from    TEXT NOT NULL,
    answer            TEXT NOT NULL CHECK (answer IN ('pending', 'approved', 'denied')),
    answered_sub      TEXT,
    answered_at       INTEGER,
    answered_by       BLOB CHECK (length(answered_by) = 16),
    interval_seconds  INTEGER NOT NULL,
    polled_at         INTEGER,
    created_at        INTEGER NOT NULL,
    expires_at        INTEGER NOT NULL,
    -- Until when an open form may name the request.
    keep_until        INTEGER NOT NULL,
    CHECK ((answered_sub IS NULL) = (answer = 'pending')),
    CHECK ((answered_sub IS NULL) = (answered_at IS NULL)),
    CHECK ((answered_sub IS NULL) = (answered_by IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX device_requests_by_user_code ON device_requests (user_code);
CREATE INDEX device_requests_expiring ON device_requests (keep_until);

CREATE TABLE denied_tokens (
    jti_hash      BLOB NOT NULL PRIMARY KEY CHECK (length(jti_hash) = 32),
    denied_until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX denied_tokens_expiring ON denied_tokens (denied_until);

CREATE TABLE signing_keys (
    kid          TEXT NOT NULL UNIQUE,
    -- Of the public key (RFC 7638): the same key has the same under any kid.
    thumbprint   TEXT NOT NULL,
    alg          TEXT NOT NULL,
    -- Empty once the key is revoked.
    sealed       BLOB NOT NULL,
    created_at   INTEGER NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('standby', 'signing', 'retired', 'revoked')),
    signs_from   INTEGER,
    signs_until  INTEGER,
    revoked_at   INTEGER,
    CHECK ((signs_from IS NOT NULL) = (state IN ('signing', 'retired'))),
    CHECK ((signs_until IS NOT NULL) = (state = 'retired')),
    CHECK ((revoked_at IS NOT NULL) = (state = 'revoked'))
) STRICT;

-- What access tokens are for, as declared while the server runs.
CREATE TABLE resources (
    identifier   TEXT PRIMARY KEY,
    format       INTEGER NOT NULL,
    attributes   TEXT NOT NULL,
    -- The act that wrote it last.
    version      BLOB NOT NULL CHECK (length(version) = 16),
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE setup_link (
    singleton   INTEGER PRIMARY KEY CHECK (singleton = 1),
    hash        BLOB NOT NULL CHECK (length(hash) = 32),
    expires_at  INTEGER NOT NULL
) STRICT;

-- What a counter has counted in one window.
CREATE TABLE attempts (
    throttle_key  BLOB NOT NULL PRIMARY KEY CHECK (length(throttle_key) = 32),
    counted       INTEGER NOT NULL CHECK (counted >= 0),
    ends_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_expiring ON attempts (ends_at);

-- What may be used once and was: a client's assertion, by its jti.
CREATE TABLE used_once (
    use_key  BLOB NOT NULL PRIMARY KEY CHECK (length(use_key) = 32),
    -- The last instant at which it would be acceptable.
    until    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX used_once_expiring ON used_once (until);

-- The outbox. AUTOINCREMENT: an id that was claimed never comes back as another event's.
CREATE TABLE events (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    kind           TEXT NOT NULL,
    at             INTEGER NOT NULL,
    sub            TEXT,
    client_id      TEXT,
    about          TEXT,
    cause          TEXT,
    claimed_until  INTEGER,
    delivered_at   INTEGER
) STRICT;
CREATE INDEX events_pending ON events (at) WHERE delivered_at IS NULL;
CREATE INDEX events_delivered ON events (delivered_at) WHERE delivered_at IS NOT NULL;

-- Applications that are still to be told that a session has ended. `due_at` is the end of a claim
-- as well.
CREATE TABLE logout_calls (
    sid        BLOB NOT NULL PRIMARY KEY CHECK (length(sid) = 16),
    client_id  TEXT NOT NULL,
    sub        TEXT NOT NULL,
    ended_at   INTEGER NOT NULL,
    attempts   INTEGER NOT NULL CHECK (attempts >= 0),
    due_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX logout_calls_due ON logout_calls (client_id, due_at);
CREATE INDEX logout_calls_ended ON logout_calls (ended_at);
