-- Mails that wait to be sent, that could not be sent, or that are only kept to be looked at. What a mail says is sealed.
-- Whoever sends one holds its lease; times are seconds since 1970.

create table outbox (
  tenant text /*pg: collate "C"*/ not null,
  id text /*pg: collate "C"*/ not null,
  state text /*pg: collate "C"*/ not null,
  body text not null,
  created bigint not null,
  due bigint not null,
  leased bigint not null,
  attempts bigint not null,
  problem text,
  primary key (tenant, id)
);

create index outbox_by_due on outbox (state, due);
create index outbox_by_creation on outbox (tenant, created);

-- Jobs that take longer than a request, and what goes in and comes out of them, in pieces.

create table jobs (
  tenant text /*pg: collate "C"*/ not null,
  id text /*pg: collate "C"*/ not null,
  kind text /*pg: collate "C"*/ not null,
  state text /*pg: collate "C"*/ not null,
  asked text not null,
  told text not null,
  created bigint not null,
  expires bigint not null,
  leased bigint not null,
  attempts bigint not null,
  primary key (tenant, id)
);

create index jobs_by_state on jobs (state, leased);
create index jobs_by_end on jobs (expires);

create table job_pieces (
  tenant text /*pg: collate "C"*/ not null,
  job text /*pg: collate "C"*/ not null,
  kind text /*pg: collate "C"*/ not null,
  number bigint not null,
  body text not null,
  primary key (tenant, job, kind, number)
);
