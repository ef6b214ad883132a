-- +goose Up
ALTER TABLE cases ADD COLUMN cause TEXT NOT NULL DEFAULT '';

-- What all sessions add up to, over everybody: no row is of a person or a session. A row stands alone only when enough
-- people are in it; until then it moves on with the days.
CREATE TABLE budget_days (
    day           INTEGER PRIMARY KEY, -- days since 1970-01-01, UTC
    since         INTEGER NOT NULL,    -- the first day that is in it
    input_ms      INTEGER NOT NULL,
    shadow_ms     INTEGER NOT NULL,    -- the part of it in shadow mode
    alerts        INTEGER NOT NULL,
    shadow_alerts INTEGER NOT NULL,
    injected      INTEGER NOT NULL,
    threshold     REAL NOT NULL,    -- of HIGH, as the budget has it
    shift         REAL NOT NULL,    -- by which that followed the fact
    mixed         INTEGER NOT NULL DEFAULT 0, -- some of it comes from another threshold
    crowd         INTEGER NOT NULL DEFAULT 0 -- how many people at least are in it; 0 until the day is over
) STRICT;

CREATE TABLE budget_peaks (
    day  INTEGER NOT NULL REFERENCES budget_days (day) ON DELETE CASCADE,
    bin  INTEGER NOT NULL,
    cut  INTEGER NOT NULL,
    n    INTEGER NOT NULL,
    PRIMARY KEY (day, bin, cut)
) STRICT;

-- One of a few hundred numbers, many people to each, by which a day's people are told to be enough. Gone when it is over.
CREATE TABLE budget_marks (
    day  INTEGER NOT NULL REFERENCES budget_days (day) ON DELETE CASCADE,
    mark INTEGER NOT NULL,
    PRIMARY KEY (day, mark)
) STRICT;

-- +goose Down
DROP TABLE budget_marks;
DROP TABLE budget_peaks;
DROP TABLE budget_days;
ALTER TABLE cases DROP COLUMN cause;
