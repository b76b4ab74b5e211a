-- Who did what to this client's data. Append-only: a row is written in the transaction of the act, and stays.

create table audit (
    number          integer primary key autoincrement,
    at              integer not null,       -- microseconds since 1970, UTC
    actor           text not null,          -- who: `operator`, `api key ID`, `company`, `engine`, `command line`
    act             text not null,          -- such as `connection.unlink`
    subject         text not null,          -- the id of what it was done to
    detail          text not null,          -- a JSON object; never a secret
    correlation_id  text                    -- of the request that asked for it
) strict;

create trigger audit_is_not_changed before update on audit
begin select raise(abort, 'the audit log is append-only'); end;

create trigger audit_is_not_deleted before delete on audit
begin select raise(abort, 'the audit log is append-only'); end;

-- `insert or replace` deletes without asking the trigger above.
create trigger audit_is_not_replaced before insert on audit
when exists (select 1 from audit where number = new.number)
begin select raise(abort, 'the audit log is append-only'); end;
