-- What attack protection and quotas have counted, as far as other nodes and the next start must know it. Counting
-- itself is done in memory; what came together is added here once a second. Times are seconds since 1970.

create table penalties (
  tenant text /*pg: collate "C"*/ not null,
  kind text /*pg: collate "C"*/ not null,
  client_id text /*pg: collate "C"*/ not null,
  network text /*pg: collate "C"*/ not null,
  attempts bigint not null,
  failures bigint not null,
  level bigint not null,
  since bigint not null,
  last bigint not null,
  until bigint not null,
  cleared bigint not null,
  touched bigint not null,
  primary key (tenant, kind, client_id, network)
);

create index penalties_by_touch on penalties (touched);

-- From which addresses a client has proved itself lately.

create table proved_callers (
  tenant text /*pg: collate "C"*/ not null,
  client_id text /*pg: collate "C"*/ not null,
  address text /*pg: collate "C"*/ not null,
  proved bigint not null,
  primary key (tenant, client_id, address)
);

create index proved_callers_by_time on proved_callers (proved);

-- How many tokens were issued in one hour or one day.

create table token_usage (
  tenant text /*pg: collate "C"*/ not null,
  subject text /*pg: collate "C"*/ not null,
  span bigint not null,
  begins bigint not null,
  used bigint not null,
  touched bigint not null,
  primary key (tenant, subject, span, begins)
);

create index token_usage_by_touch on token_usage (touched);
