-- What a reading of a whole list needs to tell which records are gone, and what a connection rests in.

-- the reading under way notes what it meets
alter table cursors add column tracking integer not null default 0;
-- when a whole reading last came to its end
alter table cursors add column reconciled integer;
-- rows of the reading under way so far
alter table cursors add column read_rows integer not null default 0;
-- the smallest total that its answers told
alter table cursors add column least_total integer;
-- what the latest of them told
alter table cursors add column last_total integer;

-- What the whole reading under way has met, by `records.key`. Two ids that share a key count as one that is
-- there: a deletion is then seen later, never a record deleted that stands.
create table seen_records (
    connection  integer not null,
    resource    text not null,
    key         integer not null,
    primary key (connection, resource, key)
) strict, without rowid;

-- Deletions that are too many to be believed: they wait for a person.
create table held_deletions (
    connection  integer not null,
    resource    text not null,
    held_at     integer not null,
    missing     integer not null,           -- records that the reading did not meet
    live        integer not null,           -- records that stood before it
    primary key (connection, resource)
) strict, without rowid;

create table held_records (
    connection  integer not null,
    resource    text not null,
    number      integer not null,           -- records.number
    primary key (connection, resource, number)
) strict, without rowid;

-- records that a whole reading did not meet
alter table datasets add column deleted integer not null default 0;

-- Throttled, Stale or Parked; null: as its status says
alter table connections add column state text;
-- what a person can do about it
alter table connections add column proposal text;
