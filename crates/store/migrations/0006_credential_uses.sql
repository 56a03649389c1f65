-- When and from where each secret, key or certificate of a client was used last: one row for each.

create table credential_uses (
  tenant text /*pg: collate "C"*/ not null,
  client_id text /*pg: collate "C"*/ not null,
  credential text /*pg: collate "C"*/ not null,
  used_at bigint not null,
  ip text /*pg: collate "C"*/,
  primary key (tenant, client_id, credential)
);

create index credential_uses_by_time on credential_uses (used_at);
