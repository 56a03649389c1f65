-- Tenant log events. No index beside the key: the token path writes here. Ids are made in the order of time.

create table logs (
  tenant text /*pg: collate "C"*/ not null,
  log_id text /*pg: collate "C"*/ not null,
  date bigint not null,
  kind text /*pg: collate "C"*/ not null,
  description text /*pg: collate "C"*/,
  client_id text /*pg: collate "C"*/,
  client_name text /*pg: collate "C"*/,
  ip text /*pg: collate "C"*/,
  hostname text /*pg: collate "C"*/,
  user_id text /*pg: collate "C"*/,
  user_name text /*pg: collate "C"*/,
  user_agent text /*pg: collate "C"*/,
  connection text /*pg: collate "C"*/,
  connection_id text /*pg: collate "C"*/,
  organization_id text /*pg: collate "C"*/,
  strategy text /*pg: collate "C"*/,
  strategy_type text /*pg: collate "C"*/,
  scope text /*pg: collate "C"*/,
  audience text /*pg: collate "C"*/,
  rest text,
  primary key (tenant, log_id)
) /*sqlite: without rowid*/;
