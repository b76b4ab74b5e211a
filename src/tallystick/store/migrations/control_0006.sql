-- a provider's message names a tenant: whose books these are
create index if not exists directory_by_tenant on directory (provider, tenant_id);
