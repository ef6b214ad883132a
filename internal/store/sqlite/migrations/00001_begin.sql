-- +goose Up
CREATE TABLE subjects (
    pseudonym TEXT PRIMARY KEY,
    sealed_id BLOB NOT NULL
) STRICT;

CREATE TABLE sessions (
    id           TEXT PRIMARY KEY,
    subject      TEXT NOT NULL REFERENCES subjects (pseudonym) ON DELETE CASCADE,
    device_class TEXT NOT NULL,
    opened_at_ms INTEGER NOT NULL,
    closed       INTEGER NOT NULL,
    trust        REAL NOT NULL,
    level        TEXT NOT NULL,
    answer       TEXT NOT NULL,
    summary      BLOB NOT NULL
) STRICT;
CREATE INDEX sessions_by_subject ON sessions (subject);
CREATE INDEX sessions_by_opening ON sessions (closed, opened_at_ms DESC);

-- One row a reference; the trailing underscore keeps the name apart from the SQL word.
CREATE TABLE references_ (
    subject      TEXT NOT NULL REFERENCES subjects (pseudonym) ON DELETE CASCADE,
    modality     TEXT NOT NULL,
    device_class TEXT NOT NULL,
    model        TEXT NOT NULL,
    version      INTEGER NOT NULL,
    maturity     REAL NOT NULL,
    body         BLOB NOT NULL,
    PRIMARY KEY (subject, modality, device_class, model)
) STRICT;

CREATE TABLE cases (
    id            TEXT PRIMARY KEY,
    session       TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    subject       TEXT NOT NULL,
    opened_at_ms  INTEGER NOT NULL,
    body          BLOB NOT NULL,
    verdict       TEXT NOT NULL DEFAULT '',
    decided_at_ms INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX cases_by_session ON cases (session);
CREATE INDEX cases_by_opening ON cases (opened_at_ms DESC);

CREATE TABLE deliveries (
    position      INTEGER PRIMARY KEY AUTOINCREMENT,
    id            TEXT NOT NULL UNIQUE,
    session       TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    subject       TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    body          BLOB NOT NULL
) STRICT;
CREATE INDEX deliveries_by_session ON deliveries (session, position);

CREATE TABLE checkpoints (
    stream_partition INTEGER PRIMARY KEY,
    applied          INTEGER NOT NULL
) STRICT;

CREATE TABLE api_keys (
    sha256        BLOB PRIMARY KEY,
    created_at_ms INTEGER NOT NULL
) STRICT;

-- +goose Down
DROP TABLE api_keys;
DROP TABLE checkpoints;
DROP TABLE deliveries;
DROP TABLE cases;
DROP TABLE references_;
DROP TABLE sessions;
DROP TABLE subjects;
