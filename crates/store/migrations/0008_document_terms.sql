-- What documents are searched by. The time of a document's creation stands in each row, so that those that share a
-- value lie in the order in which they are listed.

create table document_terms (
  tenant text /*pg: collate "C"*/ not null,
  kind text /*pg: collate "C"*/ not null,
  name text /*pg: collate "C"*/ not null,
  value text /*pg: collate "C"*/ not null,
  created bigint not null,
  id text /*pg: collate "C"*/ not null,
  primary key (tenant, kind, name, value, created, id)
) /*sqlite: without rowid*/;

create index document_terms_by_document on document_terms (tenant, kind, id, name, value);
