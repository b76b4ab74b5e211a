-- Times are microseconds since 1970, UTC.

create table clients (
    id          text primary key,           -- UUID
    name        text not null,
    sealed_key  blob not null,              -- the data key of clients/ID.db, wrapped by the KEK
    created_at  integer not null
) strict;

create table api_keys (
    id          text primary key,
    client_id   text not null references clients (id) on delete cascade,
    name        text,
    digest      blob not null unique,       -- BLAKE2b-256 of the key: it is random, so no slow hash
    hint        text not null,              -- its last four characters
    created_at  integer not null
) strict;

-- What the client files hold and a start must know at once. The client file is right where they differ.
create table directory (
    connection_id   text primary key,
    client_id       text not null references clients (id) on delete cascade,
    company_id      text not null,
    grant_id        text,
    provider        text not null,
    tenant_id       text,
    status          text not null,
    next_due_at     integer,
    outbox_pending  integer not null default 0
) strict;

create index directory_by_company on directory (company_id);

create table client_files (
    client_id       text primary key references clients (id) on delete cascade,
    schema_version  integer not null,
    clean_close     integer not null        -- 1: closed in order; 0: open now, or ended by a crash
) strict;

-- OAuth `state` values: single use, an hour long, known by digest only.
create table link_attempts (
    digest          blob primary key,
    client_id       text not null references clients (id) on delete cascade,
    connection_id   text not null,
    sealed          blob not null,          -- PKCE verifier, and later the tokens that await a tenant's choice
    expires_at      integer not null
) strict;
