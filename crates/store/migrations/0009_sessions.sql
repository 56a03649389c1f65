-- What the Management API shows of a session, which clients it served, and what they are to be told when it ends. Times
-- are seconds since 1970.

alter table sessions add column connection text /*pg: collate "C"*/;
alter table sessions add column methods text not null default '[]';
alter table sessions add column ephemeral bigint not null default 0;
alter table sessions add column metadata text;
alter table sessions add column last_ip text /*pg: collate "C"*/;
alter table sessions add column last_user_agent text /*pg: collate "C"*/;

create table session_clients (
  tenant text /*pg: collate "C"*/ not null,
  session_id text /*pg: collate "C"*/ not null,
  client_id text /*pg: collate "C"*/ not null,
  expires bigint not null,
  primary key (tenant, session_id, client_id)
) /*sqlite: without rowid*/;

create index session_clients_by_end on session_clients (expires);

create table logout_notices (
  tenant text /*pg: collate "C"*/ not null,
  id text /*pg: collate "C"*/ not null,
  client_id text /*pg: collate "C"*/ not null,
  body text not null,
  tries bigint not null,
  due bigint not null,
  expires bigint not null,
  primary key (tenant, id)
);

create index logout_notices_by_due on logout_notices (due);
create index logout_notices_by_end on logout_notices (expires);
