-- What a reading needs to be taken up, looked at twice, or judged by the one before it.

-- the reading under way asks for everything
alter table cursors add column whole integer not null default 0;
-- where its latest stored page is; null for the first one
alter table cursors add column last_page text;
-- digests of that page's first and last record's ids, by which it is known again; null: not known
alter table cursors add column first_id integer;
alter table cursors add column last_id integer;
-- a digest of what the reading under way could not map so far
alter table cursors add column rejecting integer not null default 0;
-- rows of a whole reading that did not meet every record, and is done once more before they are deleted
alter table cursors add column confirming integer not null default 0;
-- rows by which the latest reading came short of its list's total
alter table cursors add column shortfall integer not null default 0;
-- a digest of what the latest reading could not map; 0: it could map everything
alter table cursors add column rejections integer not null default 0;
-- records that were left out, and are not read again before they change or the list is read whole
alter table cursors add column unmapped integer not null default 0;
-- the mapping's version that could not map them
alter table cursors add column unmapped_by integer not null default 0;

update cursors set whole = 1 where tracking = 1 or since is null;
