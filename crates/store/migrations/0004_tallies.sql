-- How many tokens were asked for, by slots of time; written with the log events that say so. And what an event is
-- about, for the history of one object: no event of the token path has it, so that path writes no index.

create table tallies (
  tenant text /*pg: collate "C"*/ not null,
  name text /*pg: collate "C"*/ not null,
  width bigint not null,
  value text /*pg: collate "C"*/ not null,
  slot bigint not null,
  issued bigint not null,
  refused bigint not null,
  latest bigint not null,
  primary key (tenant, name, width, value, slot)
) /*sqlite: without rowid*/;

create index tallies_in_time on tallies (tenant, name, width, slot);

alter table logs add column object text /*pg: collate "C"*/;

create index logs_by_object on logs (tenant, object, log_id) where object is not null;
