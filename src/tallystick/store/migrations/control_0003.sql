-- what it rests in beyond its status
alter table directory add column state text;
-- deletions of it wait for a person
alter table directory add column held integer not null default 0;
