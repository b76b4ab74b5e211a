-- Everything of one client. Times are microseconds since 1970, UTC.

create table companies (
    id           text primary key,          -- UUID
    name         text not null,
    description  text,
    tags         text not null default '{}',
    created_at   integer not null
) strict;

create table connections (
    id            text primary key,         -- UUID
    number        integer not null unique,  -- the first 63 bits of the UUID: short, and unique in every file
    company_id    text not null references companies (id) on delete cascade,
    provider      text not null,
    status        text not null,
    reason        text,                     -- why it is in this status, for people
    grant_id      text,
    tenant_id     text,
    tenant_name   text,
    base_currency text,
    created_at    integer not null,
    last_sync_at  integer
) strict;

create index connections_by_company on connections (company_id);

create table grants (
    id          text primary key,
    provider    text not null,
    sealed      blob not null,              -- tokens
    version     integer not null,           -- moves with every refresh
    updated_at  integer not null
) strict;

-- How far a resource has been read. Moves only in the transaction that stores the page.
create table cursors (
    connection  integer not null,
    resource    text not null,
    since       integer,                    -- where the next reading begins; null: everything
    started     integer,                    -- the provider's clock when the reading under way began
    next        text,                       -- its next page, in the connector's words; null: none under way
    rejected    integer not null default 0, -- records of the reading under way that could not be mapped
    primary key (connection, resource)
) strict, without rowid;

create table datasets (
    id            text primary key,         -- UUID
    sync_id       text not null,
    connection_id text not null,
    company_id    text not null,
    data_type     text not null,
    status        text not null,
    progress      integer not null default 0,
    requested_at  integer not null,
    completed_at  integer,
    error_code    text,
    error_message text,
    fetched       integer not null default 0,
    created       integer not null default 0,
    updated       integer not null default 0,
    unchanged     integer not null default 0,
    rejected      integer not null default 0
) strict;

create index datasets_by_company on datasets (company_id, requested_at);
create index datasets_by_type on datasets (connection_id, data_type, requested_at);

-- Provider answers as they came, zstd level 1; kept while a record names them, or when they could not be read.
create table raw_pages (
    number      integer primary key,
    connection  integer not null,
    resource    text not null,
    fetched_at  integer not null,
    size        integer not null,           -- bytes before compression
    named       integer not null,           -- records that name this page
    problem     text,                       -- why it could not be read
    body        blob not null
) strict;

create index raw_pages_unnamed on raw_pages (fetched_at) where named <= 0;

-- One row a record. `key` is 8 bytes of a hash of (connection, data type, id); `probe` tells apart the ids
-- that share one. Short keys in few indexes: random provider ids are what writing costs.
create table records (
    number          integer primary key,
    key             integer not null,
    probe           integer not null,
    connection      integer not null,
    data_type       integer not null,       -- store.records.TYPE_CODES
    id              text not null,
    hash            blob not null,          -- 16 bytes of SHA-256 of the content; modified_at moves only with it
    modified_at     integer not null,
    source_modified_at integer,
    status          text,
    deleted         integer not null,
    page            integer not null,       -- raw_pages.number
    place           integer not null,       -- its index in that page
    mapping         integer not null,       -- version of the mapping that made it
    body            blob not null           -- the JSON that the API sends
) strict;

create unique index records_by_key on records (key, probe);
create index records_by_change on records (connection, data_type, modified_at, number);

-- Doubts about records, from the latest mapping of each.
create table issues (
    number      integer primary key,
    dataset_id  text not null,
    connection  integer not null,
    data_type   text,
    record_id   text,
    severity    text not null,
    path        text not null,
    message     text not null,
    page        integer
) strict;

create index issues_by_dataset on issues (dataset_id);

-- What clients are to be told; written with the change it tells of.
create table outbox (
    number        integer primary key,
    id            text not null unique,     -- stable over retries, restarts and restores
    event_type    text not null,
    company_id    text not null,
    connection_id text,
    created_at    integer not null,
    body          text not null,
    done_at       integer
) strict;

create index outbox_pending on outbox (number) where done_at is null;
