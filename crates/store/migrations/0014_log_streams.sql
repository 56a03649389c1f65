-- In which order log events were committed, and how far each log stream has read in it. A log_id says when something
-- happened; another node may commit an earlier one later. Nobody who reads flush by flush misses anything: a number is
-- drawn in the transaction that writes the events, and whoever draws the next one waits for its end.

create table log_heads (
  tenant text /*pg: collate "C"*/ not null,
  number bigint not null,
  primary key (tenant)
) /*sqlite: without rowid*/;

-- What one tenant's events were that were written in one go; of a flush without ids, all between the first and the last.
-- What is long stands last, here and below, so that whoever looks at the times alone does not read it.
create table log_flushes (
  tenant text /*pg: collate "C"*/ not null,
  number bigint not null,
  first_id text /*pg: collate "C"*/ not null,
  last_id text /*pg: collate "C"*/ not null,
  oldest bigint not null,
  newest bigint not null,
  events bigint not null,
  ids text not null,
  primary key (tenant, number)
) /*sqlite: without rowid*/;

-- Times are milliseconds since 1970. Everything before (number, log_id) has been acknowledged.
create table log_streams (
  tenant text /*pg: collate "C"*/ not null,
  id text /*pg: collate "C"*/ not null,
  number bigint not null,
  log_id text /*pg: collate "C"*/ not null,
  holder text /*pg: collate "C"*/ not null,
  leased bigint not null,
  created bigint not null,
  delivered bigint not null,
  succeeded bigint,
  failing bigint,
  problems text not null,
  primary key (tenant, id)
) /*sqlite: without rowid*/;

-- Seals over what was logged, part by part: under which key, over which events, and how far they go in the order above.
create table log_seals (
  tenant text /*pg: collate "C"*/ not null,
  part bigint not null,
  newest bigint not null,
  number bigint not null,
  log_id text /*pg: collate "C"*/ not null,
  sealing_key text not null,
  previous text not null,
  checkpoint text,
  events text not null,
  primary key (tenant, part)
) /*sqlite: without rowid*/;

insert into log_heads (tenant, number) select tenant, 0 from logs group by tenant;

insert into log_flushes (tenant, number, first_id, last_id, ids, events, oldest, newest)
select tenant, 0, min(log_id), max(log_id), '', count(*), min(date), max(date) from logs group by tenant;
