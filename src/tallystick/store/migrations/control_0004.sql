-- What was called of each provider lately, so that a restart does not begin with limits that are spent.
create table budgets (
    platform     text not null,
    app          text not null,            -- our registration at the provider; '' where there is one
    tenant_id    text not null,            -- '' for the app itself, over all its tenants
    as_of        integer not null,         -- when the row was written; everything below is relative to it
    minute       text not null,            -- JSON: [[seconds before as_of, calls], ...], oldest first
    day          text not null,            -- likewise
    closed_for   integer not null,         -- microseconds after as_of
    closed_by    text not null,            -- which limit closed it
    primary key (platform, app, tenant_id)
) strict;
