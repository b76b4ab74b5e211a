-- What a remap needs: a list's answers, an answer's records and doubts, and how far it has come.

create index records_by_page on records (page);
create index raw_pages_by_list on raw_pages (connection, resource);
create index issues_by_page on issues (page) where page is not null;

-- Remaps under way, a row for each list; gone once the list is done and its clients have been told.
create table remaps (
    connection  integer not null references connections (number) on delete cascade,
    resource    text not null,
    mapping     integer not null,           -- the version that is applied
    scope       text not null,              -- the data types that it is about, as JSON
    below       integer not null,           -- raw_pages.number: this page and all that are newer are done
    unannounced text not null,              -- records changed by data type, as JSON: what clients are to hear
    primary key (connection, resource)
) strict, without rowid;
