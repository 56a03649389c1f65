//! Serves the dashboard that `npm run build` left in `dashboard/dist`: its files, compressed once and for all, and
//! one page whose policy forbids whatever is not ours. It knows no identity; who mounts it says what is managed.

mod files;
mod page;
mod stage;

pub use page::{Managed, TenantInView};

use axum::{Router, response::Redirect, routing::get};

/// The path below which the dashboard stands.
pub const BASE: &str = "/dashboard";

/// The dashboard's routes. [`Managed`] and [`web::Origin`] are found in the request's extensions.
pub fn router() -> Router {
    Router::new()
        .route("/", get(async || Redirect::to("/dashboard/")))
        .route("/dashboard", get(page::page))
        .route("/dashboard/", get(page::page))
        .route("/dashboard/stage", get(stage::page))
        .route("/dashboard/{*path}", get(files::file_or_page))
}
