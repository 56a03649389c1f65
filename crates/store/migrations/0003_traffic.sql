-- What comes and goes with people who log in. Every secret stands here as a hash; times are seconds since 1970.

create table tickets (
  tenant text /*pg: collate "C"*/ not null,
  kind text /*pg: collate "C"*/ not null,
  id text /*pg: collate "C"*/ not null,
  body text not null,
  created bigint not null,
  expires bigint not null,
  primary key (tenant, kind, id)
);

create index tickets_by_end on tickets (expires);

create table sessions (
  tenant text /*pg: collate "C"*/ not null,
  id text /*pg: collate "C"*/ not null,
  secret text /*pg: collate "C"*/ not null,
  user_id text /*pg: collate "C"*/ not null,
  created bigint not null,
  authenticated bigint not null,
  used bigint not null,
  idle_expires bigint not null,
  expires bigint not null,
  ip text /*pg: collate "C"*/,
  user_agent text /*pg: collate "C"*/,
  primary key (tenant, id)
);

create unique index sessions_by_secret on sessions (tenant, secret);
create index sessions_by_user on sessions (tenant, user_id);
create index sessions_by_end on sessions (idle_expires);

create table codes (
  tenant text /*pg: collate "C"*/ not null,
  id text /*pg: collate "C"*/ not null,
  client_id text /*pg: collate "C"*/ not null,
  family text /*pg: collate "C"*/ not null,
  body text not null,
  expires bigint not null,
  used bigint,
  primary key (tenant, id)
);

create index codes_by_end on codes (expires);

-- A family is what one login gave to one client; its tokens replace each other. Ending it is one row's deletion,
-- so that no rotation that runs beside it survives.

create table refresh_families (
  tenant text /*pg: collate "C"*/ not null,
  id text /*pg: collate "C"*/ not null,
  client_id text /*pg: collate "C"*/ not null,
  user_id text /*pg: collate "C"*/ not null,
  session_id text /*pg: collate "C"*/ not null,
  body text not null,
  created bigint not null,
  used bigint not null,
  expires bigint not null,
  primary key (tenant, id)
);

create index refresh_families_by_user on refresh_families (tenant, user_id);
create index refresh_families_by_end on refresh_families (expires);

create table refresh_tokens (
  tenant text /*pg: collate "C"*/ not null,
  id text /*pg: collate "C"*/ not null,
  family text /*pg: collate "C"*/ not null,
  generation bigint not null,
  created bigint not null,
  idle_expires bigint not null,
  replaced bigint,
  primary key (tenant, id)
);

create index refresh_tokens_by_family on refresh_tokens (tenant, family);
create index refresh_tokens_by_end on refresh_tokens (idle_expires);

create table failed_logins (
  tenant text /*pg: collate "C"*/ not null,
  subject text /*pg: collate "C"*/ not null,
  failures bigint not null,
  since bigint not null,
  primary key (tenant, subject)
);

create index failed_logins_by_begin on failed_logins (since);
