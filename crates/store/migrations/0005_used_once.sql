-- What may be used only once until it expires, such as the identifier of an assertion: one row for each that was used.

create table used_once (
  tenant text /*pg: collate "C"*/ not null,
  kind text /*pg: collate "C"*/ not null,
  id text /*pg: collate "C"*/ not null,
  expires bigint not null,
  primary key (tenant, kind, id)
);

create index used_once_by_end on used_once (expires);
