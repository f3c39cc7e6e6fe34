-- People, trusted issuers, budgets and costs. The rules of 00001 hold.

-- +goose Up

CREATE TABLE people (
    id        TEXT   NOT NULL PRIMARY KEY,
    login     TEXT   NOT NULL, -- empty for a person of the OIDC provider
    issuer    TEXT   NOT NULL, -- empty for a local one, and so is the subject
    subject   TEXT   NOT NULL,
    name      TEXT   NOT NULL,
    email     TEXT   NOT NULL,
    password  TEXT   NOT NULL, -- argon2id's answer
    roles     TEXT   NOT NULL,
    created   BIGINT NOT NULL,
    updated   BIGINT NOT NULL,
    signed_in BIGINT NOT NULL,
    removed   BIGINT NOT NULL,
    version   BIGINT NOT NULL
);
CREATE UNIQUE INDEX people_login_live_name ON people (login) WHERE removed = 0 AND login <> '';
CREATE UNIQUE INDEX people_subject_live_name ON people (issuer, subject) WHERE removed = 0 AND issuer <> '';

-- Where a person has a role, to be found by it: the roles themselves are the
-- person's. The organization of an operator is the empty text.
CREATE TABLE memberships (
    person       TEXT NOT NULL REFERENCES people (id),
    organization TEXT NOT NULL,
    PRIMARY KEY (person, organization)
);
CREATE INDEX memberships_organization ON memberships (organization);

CREATE TABLE sessions (
    id      TEXT   NOT NULL PRIMARY KEY,
    hash    BYTEA  NOT NULL UNIQUE, -- of the token
    person  TEXT   NOT NULL REFERENCES people (id),
    method  TEXT   NOT NULL,
    address TEXT   NOT NULL,
    agent   TEXT   NOT NULL,
    created BIGINT NOT NULL,
    seen    BIGINT NOT NULL,
    ends    BIGINT NOT NULL
);
CREATE INDEX sessions_person ON sessions (person);
CREATE INDEX sessions_ends ON sessions (ends);

CREATE TABLE links (
    hash    BYTEA  NOT NULL PRIMARY KEY, -- of the token
    login   TEXT   NOT NULL,
    roles   TEXT   NOT NULL,
    version BIGINT NOT NULL, -- of the person when it was made; 0: nobody has the login
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    made_by TEXT   NOT NULL
);

-- Failed sign-ins, by a hash of the name: what was typed as a login may be a password.
CREATE TABLE attempts (
    hash     TEXT   NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last     BIGINT NOT NULL,
    until    BIGINT NOT NULL
);
CREATE INDEX attempts_last ON attempts (last);

CREATE TABLE trusted_issuers (
    id           TEXT   NOT NULL PRIMARY KEY,
    organization TEXT   NOT NULL REFERENCES organizations (id),
    name         TEXT   NOT NULL,
    url          TEXT   NOT NULL,
    subject      TEXT   NOT NULL,
    environments TEXT   NOT NULL,
    models       TEXT   NOT NULL,
    limits       TEXT   NOT NULL,
    tags         TEXT   NOT NULL,
    created      BIGINT NOT NULL,
    updated      BIGINT NOT NULL,
    revoked      BIGINT NOT NULL,
    version      BIGINT NOT NULL
);
CREATE UNIQUE INDEX trusted_issuers_live_name ON trusted_issuers (organization, name) WHERE revoked = 0;

CREATE TABLE trust_activity (
    trusted_issuer TEXT   NOT NULL PRIMARY KEY REFERENCES trusted_issuers (id),
    used           BIGINT NOT NULL
);

-- A budget's id is in no token and no policy, so a deleted one leaves nothing.
CREATE TABLE budgets (
    id           TEXT   NOT NULL PRIMARY KEY,
    organization TEXT   NOT NULL REFERENCES organizations (id),
    target       TEXT   NOT NULL,
    period       TEXT   NOT NULL,
    soft         BIGINT NOT NULL, -- billionths of a US dollar
    hard         BIGINT NOT NULL,
    created      BIGINT NOT NULL,
    updated      BIGINT NOT NULL,
    version      BIGINT NOT NULL
);
CREATE UNIQUE INDEX budgets_live_name ON budgets (organization, target, period);

-- Answers of requests that came with an idempotency key, for a day.
CREATE TABLE remembered (
    hash        BYTEA  NOT NULL PRIMARY KEY, -- of who asked, where, and the key
    fingerprint BYTEA  NOT NULL, -- of what was asked
    at          BIGINT NOT NULL,
    status      BIGINT NOT NULL, -- 0 while there is no answer
    body        BYTEA
);
CREATE INDEX remembered_at ON remembered (at);

-- Tags are a few texts that many sums have, and may be longer than an index takes.
CREATE TABLE usage_tags (
    id   TEXT NOT NULL PRIMARY KEY, -- a hash of the text
    tags TEXT NOT NULL
);

-- The last batch of usage that each process added: one that is tried again,
-- because its answer got lost, is not added again.
CREATE TABLE usage_writers (
    id    TEXT   NOT NULL PRIMARY KEY,
    batch BIGINT NOT NULL,
    at    BIGINT NOT NULL
);

-- The sums get tags and costs; tags are part of what tells two sums apart. The
-- indexes besides the keys are narrow: a report reads all that they name.
ALTER TABLE usage_hours RENAME TO usage_hours_1;
DROP INDEX usage_hours_organization;
CREATE TABLE usage_hours (
    hour           BIGINT NOT NULL,
    organization   TEXT   NOT NULL,
    environment    TEXT   NOT NULL,
    model          TEXT   NOT NULL,
    api_key        TEXT   NOT NULL,
    tags           TEXT   NOT NULL, -- empty, or the id of usage_tags
    requests       BIGINT NOT NULL,
    texts          BIGINT NOT NULL,
    tokens         BIGINT NOT NULL,
    estimated      BIGINT NOT NULL,
    errors         BIGINT NOT NULL,
    throttles      BIGINT NOT NULL,
    over_budget    BIGINT NOT NULL,
    cost           BIGINT NOT NULL, -- billionths of a US dollar
    estimated_cost BIGINT NOT NULL,
    unpriced       BIGINT NOT NULL, -- tokens
    PRIMARY KEY (hour, organization, environment, model, api_key, tags)
);
INSERT INTO usage_hours
    SELECT hour, organization, environment, model, api_key, '', requests, texts, tokens, estimated, errors, throttles, 0, 0, 0, tokens + estimated
    FROM usage_hours_1 ORDER BY hour;
DROP TABLE usage_hours_1;
CREATE INDEX usage_hours_hour ON usage_hours (hour);
CREATE INDEX usage_hours_organization ON usage_hours (organization, hour);

CREATE TABLE usage_days (
    day            BIGINT NOT NULL,
    organization   TEXT   NOT NULL,
    environment    TEXT   NOT NULL,
    model          TEXT   NOT NULL,
    api_key        TEXT   NOT NULL,
    tags           TEXT   NOT NULL,
    requests       BIGINT NOT NULL,
    texts          BIGINT NOT NULL,
    tokens         BIGINT NOT NULL,
    estimated      BIGINT NOT NULL,
    errors         BIGINT NOT NULL,
    throttles      BIGINT NOT NULL,
    over_budget    BIGINT NOT NULL,
    cost           BIGINT NOT NULL,
    estimated_cost BIGINT NOT NULL,
    unpriced       BIGINT NOT NULL,
    PRIMARY KEY (day, organization, environment, model, api_key, tags)
);
INSERT INTO usage_days
    SELECT hour - hour % 86400000000, organization, environment, model, api_key, '',
        SUM(requests), SUM(texts), SUM(tokens), SUM(estimated), SUM(errors), SUM(throttles), 0, 0, 0, SUM(unpriced)
    FROM usage_hours GROUP BY hour - hour % 86400000000, organization, environment, model, api_key;
CREATE INDEX usage_days_day ON usage_days (day);
CREATE INDEX usage_days_organization ON usage_days (organization, day);

-- A page of the audit is chosen by what these hold and by nothing else, so that
-- of the table only the rows that are shown are read.
DROP INDEX audit_rows_at;
CREATE INDEX audit_rows_at ON audit_rows (at, seq);
CREATE INDEX audit_rows_actor ON audit_rows (actor_key, seq, at, action);
CREATE INDEX audit_rows_action ON audit_rows (action, seq, at);
CREATE INDEX audit_rows_organization_at ON audit_rows (organization, at, seq);
CREATE INDEX audit_rows_organization_actor ON audit_rows (organization, actor_key, seq, at, action);
CREATE INDEX audit_rows_organization_target ON audit_rows (organization, target, seq, at, action);
CREATE INDEX audit_rows_organization_action ON audit_rows (organization, action, seq, at);
