-- Tenants, and the documents of each. Text is compared byte by byte on both databases.

create table tenants (
  name text /*pg: collate "C"*/ not null primary key,
  rev bigint not null,
  body text not null
);

create table documents (
  tenant text /*pg: collate "C"*/ not null,
  kind text /*pg: collate "C"*/ not null,
  id text /*pg: collate "C"*/ not null,
  body text not null,
  version bigint not null,
  created bigint not null,
  updated bigint not null,
  primary key (tenant, kind, id)
);

create index documents_in_order on documents (tenant, kind, created, id);

create table document_keys (
  tenant text /*pg: collate "C"*/ not null,
  kind text /*pg: collate "C"*/ not null,
  name text /*pg: collate "C"*/ not null,
  value text /*pg: collate "C"*/ not null,
  id text /*pg: collate "C"*/ not null,
  primary key (tenant, kind, name, value, id)
) /*sqlite: without rowid*/;

create index document_keys_by_document on document_keys (tenant, kind, id);

create table document_uniques (
  tenant text /*pg: collate "C"*/ not null,
  kind text /*pg: collate "C"*/ not null,
  name text /*pg: collate "C"*/ not null,
  value text /*pg: collate "C"*/ not null,
  id text /*pg: collate "C"*/ not null,
  primary key (tenant, kind, name, value)
) /*sqlite: without rowid*/;

create index document_uniques_by_document on document_uniques (tenant, kind, id);

create table changes (
  tenant text /*pg: collate "C"*/ not null,
  rev bigint not null,
  kind text /*pg: collate "C"*/ not null,
  id text /*pg: collate "C"*/ not null,
  primary key (tenant, rev, kind, id)
) /*sqlite: without rowid*/;
