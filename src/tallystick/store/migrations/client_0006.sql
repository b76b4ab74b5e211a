-- Lists that are paged through without counting them and without sorting them.

-- What each list holds, a list being one data type of one connection. Moves in the transaction that changes it.
create table record_counts (
    connection  integer not null,
    data_type   integer not null,
    records     integer not null,           -- all that are stored, those gone at the provider among them
    version     integer not null,           -- moves with every change of the list
    primary key (connection, data_type)
) strict, without rowid;

insert into record_counts
select connection, data_type, count(*), 1 from records group by connection, data_type;

-- A list in the order in which its records came: the row's number is the last part of every index.
create index records_in_order on records (connection, data_type);
