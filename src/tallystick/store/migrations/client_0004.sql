-- How often each data type is read: the client's own words, and what follows from them.

create table sync_settings (
    company_id          text references companies (id) on delete cascade, -- null: for all that have none of their own
    data_type           text not null,
    fetch_on_first_link integer not null,
    sync_schedule       integer not null,   -- hours; 0: only when somebody asks
    sync_order          integer not null,
    sync_from_utc       integer,
    sync_from_window    integer,            -- months
    months_to_sync      integer,            -- of financial statements
    is_locked           integer not null
) strict;

create unique index sync_settings_by_company on sync_settings (coalesce(company_id, ''), data_type);

-- One row for each data type that a connection's provider has.
create table refreshes (
    connection_id text not null references connections (id) on delete cascade,
    data_type     text not null,
    due_at        integer,                  -- null: not by itself
    hours         integer not null,         -- the interval that it was planned with; 0: none
    cause         text not null,            -- store.timetable.Cause
    attempt       integer not null,         -- passing faults in a row
    reason        text,                     -- how the last sync of it ended, where it did not end well
    primary key (connection_id, data_type)
) strict, without rowid;

-- Connections that were linked before there was a schedule: a day after what they last read.
insert into refreshes (connection_id, data_type, due_at, hours, cause, attempt)
select d.connection_id, d.data_type, max(coalesce(d.completed_at, d.requested_at)) + 86400000000,
    24, 'interval', 0
from datasets d join connections c on c.id = d.connection_id
group by d.connection_id, d.data_type;
