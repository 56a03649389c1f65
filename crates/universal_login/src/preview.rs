//! Pages as people would see them, to be looked at while nobody logs in: the very pages, of a tenant as it would be, with
//! examples where a login would say who and what.

use axum::{body::to_bytes, response::Response};
use http::{Request, StatusCode, request::Parts};
use idp::{
    Tenant,
    authorize::Asked,
    login::{Login, Purpose, Step},
};
use web::Origin;

use crate::{
    device,
    login::shown,
    message::{Message, said},
    page::Page,
    question::{self, Question},
    reset,
    screen::Screen,
    template::Fault,
};

/// A page in HTML, and why the tenant's own template is not around it, if there is one that cannot be filled in.
pub type Previewed = (String, Option<String>);

/// The page of a screen; nothing where there is no such screen.
pub async fn preview(tenant: Tenant, origin: Origin, prompt: String, screen: String) -> Option<Previewed> {
    let screen = Screen::named(&prompt, &screen)?;
    let mut response = page(&tenant, &origin, screen).await;
    let fault = response.extensions_mut().remove::<Fault>().map(|Fault(why)| why);
    let html = to_bytes(response.into_body(), MOST).await.ok()?;
    Some((String::from_utf8_lossy(&html).into_owned(), fault))
}

async fn page(tenant: &Tenant, origin: &Origin, screen: Screen) -> Response {
    let (parts, ()) = Request::new(()).into_parts();
    let password = Step::Password { identifier: EMAIL.into(), connection: database(tenant) };
    let step = match screen {
        Screen::IDENTIFIER => Step::Identifier,
        Screen::PASSWORD => password,
        Screen::LOGIN => Step::Credentials,
        Screen::SIGNUP => Step::SignUp,
        Screen::RESET_REQUEST => Step::ResetRequest,
        Screen::RESET_SENT => Step::ResetSent { email: EMAIL.into() },
        Screen::CONFIRMATION => Step::Confirm,
        _ => return without_login(tenant, &parts, screen),
    };
    let asked = Asked {
        client_id: tenant.snapshot().shown_client().map(|client| client.view.client_id.clone()),
        connection: Some(database(tenant)),
        ..Asked::default()
    };
    let mut login = Login::new(tenant, &asked, CALLBACK, Purpose::Authorize);
    login.step = step;
    shown(tenant, &parts, origin, &login).await
}

fn without_login(tenant: &Tenant, parts: &Parts, screen: Screen) -> Response {
    let snapshot = tenant.snapshot().clone();
    let client = snapshot.shown_client().map(AsRef::as_ref);
    let page = Page::new(tenant, parts, screen, client, None).with("userName", NAME);
    let ask = |title: &str, description: &str, accept: &str, deny: Option<&str>| Question {
        action: "#".into(),
        hidden: ("state", ""),
        title: page.text(title),
        description: page.text(description),
        code: None,
        lines: Vec::new(),
        note: None,
        accept: ("accept", page.text(accept)),
        deny: deny.map(|deny| ("deny", page.text(deny))),
    };
    let question = match screen {
        Screen::CONSENT => {
            let scopes = ["openid", "profile", "email"].map(|scope| (scope.to_owned(), None));
            let question = ask("title", "messageSingleTenant", "acceptButtonText", Some("declineButtonText"));
            Question { lines: question::lines(&page, scopes.into_iter()), ..question }
        }
        Screen::DEVICE_CODE => return device::code_page(tenant, parts, "", None),
        Screen::DEVICE_CONFIRMATION => {
            let question = ask("title", "description", "confirmButtonText", Some("cancelButtonText"));
            Question { code: Some("ABCD-EFGH".into()), ..question }
        }
        Screen::LOGOUT => ask("title", "messageClient", "acceptButtonText", Some("declineButtonText")),
        Screen::UNBLOCK | Screen::RETURN => ask("title", "description", "buttonText", None),
        Screen::RESET => {
            let connection = snapshot.connection(&database(tenant));
            return reset::shown(tenant, parts, EMAIL, connection.map(AsRef::as_ref));
        }
        Screen::EMAIL_VERIFICATION => return told(&page, "verifiedTitle", "verifiedDescription", true),
        Screen::RESET_FAILED => {
            return told(&page, "eventTitleGeneric", "descriptionGeneric", false);
        }
        other => {
            let good = [Screen::RESET_DONE, Screen::DEVICE_ALLOWED, Screen::LOGGED_OUT, Screen::UNBLOCKED];
            let is_good = good.contains(&other);
            let status = if is_good { StatusCode::OK } else { StatusCode::BAD_REQUEST };
            return said(&page, status, None);
        }
    };
    page.answer(StatusCode::OK, &question)
}

fn told(page: &Page, title: &str, description: &str, is_good: bool) -> Response {
    let (title, description) = (page.text(title), page.text(description));
    let message = Message { page, is_good, title, description, details: None, link: None };
    page.answer(StatusCode::OK, &message)
}

/// The database that somebody would log in to.
fn database(tenant: &Tenant) -> String {
    let snapshot = tenant.snapshot();
    let databases = snapshot.connections().filter(|connection| connection.is_database());
    databases.map(|connection| connection.view.name.clone()).min().unwrap_or_default()
}

const EMAIL: &str = "ann@example.com";
const NAME: &str = "Ann Example";
const CALLBACK: &str = "https://app.example/callback";
/// The greatest page: what a template may write, and ours.
const MOST: usize = 4 * 1024 * 1024;
