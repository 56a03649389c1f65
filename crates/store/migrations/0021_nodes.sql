-- The processes that serve, as each says of itself every few seconds; times are milliseconds since 1970. It lies beside the
-- log: what is written anew in a moment need not wait for the disk.

create table nodes (
  id text /*pg: collate "C"*/ not null,
  name text /*pg: collate "C"*/ not null,
  address text /*pg: collate "C"*/ not null,
  version text not null,
  started bigint not null,
  seen bigint not null,
  state text not null,
  behind bigint not null,
  primary key (id)
) /*sqlite: without rowid*/;
