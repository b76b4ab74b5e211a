-- What a client wants of its providers beyond the standard model.

-- Supplemental data: values of the provider's rows that go with standard records.
create table supplemental_configs (
    platform    text not null,              -- the provider's slug
    data_type   text not null,
    body        text not null,              -- JSON as the API takes it; an empty object: nothing is wanted
    digest      integer not null,           -- of what is read for it; 0: nothing
    primary key (platform, data_type)
) strict, without rowid;

-- Under which configuration a list is mapped, by data type; only of types that ever had one. -1: under several.
create table supplemental_lists (
    connection  integer not null references connections (number) on delete cascade,
    resource    text not null,
    data_type   text not null,
    applied     integer not null default 0, -- the digest under which all that is stored was mapped
    reading     integer not null default -1, -- that of the whole reading under way
    remapping   integer not null default -1, -- that of the remap under way
    primary key (connection, resource, data_type)
) strict, without rowid;

-- Custom data types: lists of the provider's that the standard model does not have.
create table custom_types (
    platform    text not null,
    identifier  text not null,
    body        text not null,              -- JSON as the API takes it
    digest      integer not null,           -- of the body
    primary key (platform, identifier)
) strict, without rowid;

create table custom_records (
    number      integer primary key,        -- in the order in which they came
    connection  integer not null references connections (number) on delete cascade,
    identifier  text not null,
    id          text not null,              -- what `keyBy` gives
    hash        blob not null,              -- 16 bytes; modified_at moves only with it
    modified_at integer not null,
    reading     integer not null,           -- the latest that met it
    missed      integer not null default 0, -- whole readings in a row that did not
    body        blob not null               -- the JSON that the API sends
) strict;

create unique index custom_records_by_id on custom_records (connection, identifier, id);
create index custom_records_in_order on custom_records (connection, identifier);
