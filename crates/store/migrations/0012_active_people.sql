-- Who has logged in lately, and when last, in milliseconds since 1970; written with the log events that say so.

create table active_people (
  tenant text /*pg: collate "C"*/ not null,
  user_id text /*pg: collate "C"*/ not null,
  last bigint not null,
  primary key (tenant, user_id)
) /*sqlite: without rowid*/;

create index active_people_in_time on active_people (tenant, last);
create index active_people_by_age on active_people (last);
