-- What is doubted of records, what a dataset's figures are made of, and what one list says of another.

-- the rule that is not kept; null: the mapping's own doubt
alter table issues add column rule_id text;
-- the other record that it is about: data type, `/`, id
alter table issues add column other text;

drop index issues_by_dataset;
create index issues_by_dataset on issues (dataset_id, severity, rule_id);
create index issues_by_record on issues (connection, data_type, record_id);

-- How often each was found, whether it was kept in full or not.
create table issue_counts (
    dataset_id  text not null,
    severity    text not null,
    rule_id     text not null,              -- empty: the mapping's own doubts
    found       integer not null,
    primary key (dataset_id, severity, rule_id)
) strict, without rowid;

insert into issue_counts select dataset_id, severity, '', count(*) from issues group by dataset_id, severity;

-- occurrences of a record that a later one on the same page took the place of
alter table datasets add column repeated integer not null default 0;
-- rows that gave no record of this type, and were not refused either
alter table datasets add column without integer not null default 0;
-- records that the provider said are no more
alter table datasets add column told_gone integer not null default 0;
-- rows of the whole reading that this dataset came to the end of, and how many the provider said there are
alter table datasets add column read_rows integer;
alter table datasets add column told_total integer;

-- Before this, what was fetched was counted without rows that gave nothing: the figures add up as they are.

-- Sums that two parts of a connection's books tell, each in its own way, as they were when last compared.
create table comparisons (
    connection  integer not null,
    data_type   text not null,              -- the list that it is about
    against     text not null,              -- what it was compared with
    computed_at integer not null,
    basis       text not null,              -- versions of the lists that it was made of
    body        blob not null,              -- JSON
    primary key (connection, data_type, against)
) strict, without rowid;
