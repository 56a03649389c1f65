-- Whose a code is that nobody has redeemed, and of which session: it ends when its owner is logged out.

alter table codes add column user_id text /*pg: collate "C"*/ not null default '';
alter table codes add column session_id text /*pg: collate "C"*/ not null default '';
alter table device_codes add column user_id text /*pg: collate "C"*/;
alter table device_codes add column session_id text /*pg: collate "C"*/;

create index codes_by_user on codes (tenant, user_id);
create index codes_by_session on codes (tenant, session_id);
create index device_codes_by_user on device_codes (tenant, user_id);
