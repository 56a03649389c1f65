//! Everything that is served, through the router and in process, laid out like the URLs. No test depends on
//! another or on the time; the same suite runs on PostgreSQL with `TEST_DATABASE`.

#![expect(clippy::unwrap_used, reason = "a test that fails is to stop where it fails")]

mod api;
mod attacks;
mod audit;
mod clouds;
mod cors;
mod dbconnections;
mod event_streams;
mod issuer;
mod jobs;
mod journeys;
mod kept_out;
mod keys;
mod log_streams;
mod login;
mod logout;
mod mail;
mod oauth;
mod outage;
mod pages;
mod property;
mod protection;
mod secrets;
mod tenants;
mod userinfo;
mod well_known;
