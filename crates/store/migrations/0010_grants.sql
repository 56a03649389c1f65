-- A family knows the number of its newest token and when that came, so that an older one is known for what it is however
-- long it lies back. A token says nothing but its number; it goes when its family does.

alter table refresh_families add column audience text /*pg: collate "C"*/;
alter table refresh_families add column metadata text;
alter table refresh_families add column generation bigint not null default 0;
alter table refresh_families add column advanced bigint not null default 0;
alter table refresh_families add column idle_expires bigint not null default 0;
-- Whether its tokens replace each other; unknown of what is older than this step.
alter table refresh_families add column rotates bigint;
alter table refresh_families add column initial_ip text;
alter table refresh_families add column initial_user_agent text;
alter table refresh_families add column last_ip text;
alter table refresh_families add column last_user_agent text;

update refresh_families set
  advanced = used,
  generation = coalesce((
    select max(t.generation) from refresh_tokens t
    where t.tenant = refresh_families.tenant and t.family = refresh_families.id), 0),
  idle_expires = coalesce((
    select max(t.idle_expires) from refresh_tokens t
    where t.tenant = refresh_families.tenant and t.family = refresh_families.id), 0);

drop index refresh_tokens_by_end;
alter table refresh_tokens drop column idle_expires;
alter table refresh_tokens drop column replaced;
drop index refresh_families_by_end;
create index refresh_families_by_end on refresh_families (idle_expires);
create index refresh_families_by_client on refresh_families (tenant, client_id, user_id);
create index refresh_families_by_session on refresh_families (tenant, session_id);

-- What a device waits for that shows its user a code. Its own code stands here as a hash, the user's as a keyed one.

create table device_codes (
  tenant text /*pg: collate "C"*/ not null,
  id text /*pg: collate "C"*/ not null,
  user_code text /*pg: collate "C"*/ not null,
  client_id text /*pg: collate "C"*/ not null,
  state text /*pg: collate "C"*/ not null,
  body text not null,
  polled bigint not null,
  created bigint not null,
  expires bigint not null,
  primary key (tenant, id)
);

create unique index device_codes_by_user_code on device_codes (tenant, user_code);
create index device_codes_by_end on device_codes (expires);
