-- Who has which role, what roles and people may do, and what people have consented to. Roles, people and APIs are
-- documents; what ties them together comes in any number, and no token's line reads it but a person's. Times are
-- microseconds since 1970.

create table user_roles (
  tenant text /*pg: collate "C"*/ not null,
  user_id text /*pg: collate "C"*/ not null,
  role_id text /*pg: collate "C"*/ not null,
  created bigint not null,
  primary key (tenant, user_id, role_id)
) /*sqlite: without rowid*/;

create index user_roles_by_role on user_roles (tenant, role_id, created, user_id);

-- A holder is a role or a person.
create table permissions (
  tenant text /*pg: collate "C"*/ not null,
  holder text /*pg: collate "C"*/ not null,
  audience text /*pg: collate "C"*/ not null,
  name text /*pg: collate "C"*/ not null,
  created bigint not null,
  primary key (tenant, holder, audience, name)
) /*sqlite: without rowid*/;

create index permissions_by_audience on permissions (tenant, audience, name);

create table consents (
  tenant text /*pg: collate "C"*/ not null,
  id text /*pg: collate "C"*/ not null,
  user_id text /*pg: collate "C"*/ not null,
  client_id text /*pg: collate "C"*/ not null,
  audience text /*pg: collate "C"*/ not null,
  scope text not null,
  created bigint not null,
  primary key (tenant, id)
);

create unique index consents_by_user on consents (tenant, user_id, client_id, audience);
create index consents_by_client on consents (tenant, client_id);
create index consents_by_audience on consents (tenant, audience);
create index consents_in_order on consents (tenant, created, id);
