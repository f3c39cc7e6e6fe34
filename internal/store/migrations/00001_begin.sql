-- One text for SQLite and PostgreSQL: no type or function that only one of them
-- has. Times are microseconds since 1970 in UTC and 0 for "not"; yes and no are 1
-- and 0; lists and maps are JSON; a deleted row stays, so that its id is taken.

-- +goose Up

-- Raised by every change of what servers keep in memory.
CREATE TABLE revision (
    id     BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    number BIGINT NOT NULL
);
INSERT INTO revision (id, number) VALUES (1, 1);

CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE organizations (
    id          TEXT   NOT NULL PRIMARY KEY,
    name        TEXT   NOT NULL,
    description TEXT   NOT NULL,
    plain_users BIGINT NOT NULL,
    created     BIGINT NOT NULL,
    updated     BIGINT NOT NULL,
    deleted     BIGINT NOT NULL,
    version     BIGINT NOT NULL
);
CREATE UNIQUE INDEX organizations_live_name ON organizations (name) WHERE deleted = 0;

CREATE TABLE environments (
    id           TEXT   NOT NULL PRIMARY KEY,
    organization TEXT   NOT NULL REFERENCES organizations (id),
    name         TEXT   NOT NULL,
    description  TEXT   NOT NULL,
    provider     TEXT   NOT NULL,
    region       TEXT   NOT NULL,
    role_arn     TEXT   NOT NULL,
    audiences    TEXT   NOT NULL,
    session      BIGINT NOT NULL, -- microseconds
    models       TEXT   NOT NULL,
    limits       TEXT   NOT NULL,
    session_name TEXT   NOT NULL,
    session_tags BIGINT NOT NULL,
    tags         TEXT   NOT NULL,
    state        TEXT   NOT NULL,
    why          TEXT   NOT NULL,
    probed       BIGINT NOT NULL,
    accepted     TEXT   NOT NULL,
    created      BIGINT NOT NULL,
    updated      BIGINT NOT NULL,
    deleted      BIGINT NOT NULL,
    version      BIGINT NOT NULL
);
CREATE UNIQUE INDEX environments_live_name ON environments (organization, name) WHERE deleted = 0;

CREATE TABLE environment_activity (
    environment TEXT   NOT NULL PRIMARY KEY REFERENCES environments (id),
    exchanged   BIGINT NOT NULL,
    outcome     TEXT   NOT NULL,
    why         TEXT   NOT NULL,
    request_id  TEXT   NOT NULL,
    succeeded   BIGINT NOT NULL
);

-- The organization of an operator's key is the empty text, so it refers to nothing.
CREATE TABLE api_keys (
    id           TEXT   NOT NULL PRIMARY KEY,
    organization TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    roles        TEXT   NOT NULL,
    environments TEXT   NOT NULL,
    models       TEXT   NOT NULL,
    limits       TEXT   NOT NULL,
    tags         TEXT   NOT NULL,
    secrets      TEXT   NOT NULL, -- their MACs under the sealed pepper
    created      BIGINT NOT NULL,
    updated      BIGINT NOT NULL,
    expires      BIGINT NOT NULL,
    revoked      BIGINT NOT NULL,
    version      BIGINT NOT NULL
);
CREATE UNIQUE INDEX api_keys_live_name ON api_keys (organization, name) WHERE revoked = 0;

CREATE TABLE key_activity (
    api_key TEXT   NOT NULL PRIMARY KEY REFERENCES api_keys (id),
    used    BIGINT NOT NULL
);

CREATE TABLE issuers (
    id      TEXT   NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);

CREATE TABLE signing_keys (
    id         TEXT   NOT NULL PRIMARY KEY,
    issuer     TEXT   NOT NULL REFERENCES issuers (id),
    algorithm  TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    public_jwk BYTEA  NOT NULL,
    sealed     BYTEA, -- the private half; NULL once erased
    created    BIGINT NOT NULL,
    activated  BIGINT NOT NULL,
    demoted    BIGINT NOT NULL,
    removed    BIGINT NOT NULL,
    unripe     TEXT   NOT NULL
);
CREATE INDEX signing_keys_issuer ON signing_keys (issuer, state);

CREATE TABLE sealed_records (
    id      TEXT  NOT NULL PRIMARY KEY,
    purpose TEXT  NOT NULL UNIQUE,
    state   TEXT  NOT NULL,
    sealed  BYTEA NOT NULL
);

CREATE TABLE audit_rows (
    seq                BIGINT NOT NULL PRIMARY KEY,
    at                 BIGINT NOT NULL,
    organization       TEXT   NOT NULL,
    actor_organization TEXT   NOT NULL,
    actor_key          TEXT   NOT NULL,
    actor_name         TEXT   NOT NULL,
    actor_address      TEXT   NOT NULL,
    action             TEXT   NOT NULL,
    target             TEXT   NOT NULL,
    outcome            TEXT   NOT NULL,
    details            TEXT   NOT NULL,
    mac                BYTEA  NOT NULL
);
CREATE INDEX audit_rows_organization ON audit_rows (organization, seq);
CREATE INDEX audit_rows_target ON audit_rows (target, seq);
CREATE INDEX audit_rows_at ON audit_rows (at);

-- Appends lock this row: that is their order.
CREATE TABLE audit_head (
    id    BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    count BIGINT NOT NULL,
    last  BYTEA,
    mac   BYTEA
);
INSERT INTO audit_head (id, count) VALUES (1, 0);

CREATE TABLE audit_checkpoint (
    id   BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    seq  BIGINT NOT NULL,
    last BYTEA,
    at   BIGINT NOT NULL,
    mac  BYTEA
);
INSERT INTO audit_checkpoint (id, seq, at) VALUES (1, 0, 0);

CREATE TABLE usage_hours (
    hour         BIGINT NOT NULL,
    organization TEXT   NOT NULL,
    environment  TEXT   NOT NULL,
    model        TEXT   NOT NULL,
    api_key      TEXT   NOT NULL,
    requests     BIGINT NOT NULL,
    texts        BIGINT NOT NULL,
    tokens       BIGINT NOT NULL,
    estimated    BIGINT NOT NULL,
    errors       BIGINT NOT NULL,
    throttles    BIGINT NOT NULL,
    PRIMARY KEY (hour, organization, environment, model, api_key)
);
CREATE INDEX usage_hours_organization ON usage_hours (organization, hour);

-- Who did last what only one replica does.
CREATE TABLE claims (
    name TEXT   NOT NULL PRIMARY KEY,
    at   BIGINT NOT NULL
);
