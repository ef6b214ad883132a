-- +goose Up
-- Names of stretches of behaviour that a subject has sent, by which a replay is known: see presence.Past.
CREATE TABLE histories (
    subject TEXT PRIMARY KEY REFERENCES subjects (pseudonym) ON DELETE CASCADE,
    body    BLOB NOT NULL
) STRICT;

-- +goose Down
DROP TABLE histories;
