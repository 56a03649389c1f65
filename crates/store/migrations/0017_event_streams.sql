-- Events: what happened to a tenant's people and things, on its way to whoever wants to know. They are written in the
-- transaction that changes what they are about, under the revision that it makes: so their order is that of the changes.
-- Times are milliseconds since 1970.

-- For those who fetch them.
create table events (
  tenant text /*pg: collate "C"*/ not null,
  rev bigint not null,
  n bigint not null,
  id text /*pg: collate "C"*/ not null,
  type text /*pg: collate "C"*/ not null,
  body text not null,
  created bigint not null,
  primary key (tenant, rev, n)
);

create index events_by_creation on events (tenant, created);

-- For those to whom they are sent, until they have arrived. What is due never is not sent any more by itself.
create table event_deliveries (
  tenant text /*pg: collate "C"*/ not null,
  stream text /*pg: collate "C"*/ not null,
  id text /*pg: collate "C"*/ not null,
  rev bigint not null,
  n bigint not null,
  type text /*pg: collate "C"*/ not null,
  body text not null,
  state text /*pg: collate "C"*/ not null,
  created bigint not null,
  due bigint,
  tries bigint not null,
  attempts text not null,
  primary key (tenant, stream, id)
);

create index event_deliveries_to_send on event_deliveries (tenant, stream, rev, n, id) where due is not null;
create index event_deliveries_by_creation on event_deliveries (tenant, stream, created, id);

-- Of each stream that something is sent to: when the next is due, who sends at the moment, and how often in a row that
-- failed. Whoever sends holds its lease.
create table event_lines (
  tenant text /*pg: collate "C"*/ not null,
  stream text /*pg: collate "C"*/ not null,
  due bigint not null,
  leased bigint not null,
  failures bigint not null,
  primary key (tenant, stream)
);

create index event_lines_by_due on event_lines (due);

-- How many arrived and how many did not, by days since 1970.
create table event_counts (
  tenant text /*pg: collate "C"*/ not null,
  stream text /*pg: collate "C"*/ not null,
  day bigint not null,
  delivered bigint not null,
  failed bigint not null,
  primary key (tenant, stream, day)
);
