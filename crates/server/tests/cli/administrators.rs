//! How somebody comes to administer a server that has just been started.

use reqwest::redirect::Policy;

use crate::server::Server;

/// The link in a text, if there is one.
fn link(text: &str) -> Option<String> {
    text.split_whitespace().find(|word| word.contains("/setup?code=")).map(str::to_owned)
}

fn greeting(server: &Server) -> String {
    std::fs::read_to_string(server.place().path("greeting.txt")).unwrap()
}

/// Sets the server up, and answers the status of that.
async fn follow(server: &Server, link: &str) -> u16 {
    let run = server.run_file();
    let code = link.split_once("code=").unwrap().1;
    let page = format!("http://{}/tenants/administrators/u/setup", run["http"].as_str().unwrap());
    let client = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
    let fields = [("code", code), ("username", "ana@acme.example"), ("password", "correct horse battery")];
    client.post(page).form(&fields).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn the_first_start_prints_a_link_and_a_later_one_only_while_nobody_administers() {
    let server = Server::start();
    let first = link(&greeting(&server)).expect("the first start prints a link");
    assert!(greeting(&server).contains("/dashboard/"), "{}", greeting(&server));
    let server = server.stop().serve(&[]);
    let second = link(&greeting(&server)).expect("nobody administers yet");
    assert_eq!(follow(&server, &first).await, 400, "an older link is good no more");
    assert_eq!(follow(&server, &second).await, 303);
    assert_eq!(follow(&server, &second).await, 404);
    let server = server.stop().serve(&[]);
    assert_eq!(link(&greeting(&server)), None, "{}", greeting(&server));
}

#[tokio::test]
async fn whoever_has_the_folder_can_have_a_link() {
    let server = Server::start();
    let printed = server.text(&["admin", "link"]);
    assert_eq!(follow(&server, &link(&printed).expect("it prints a link")).await, 303);

    let none = server.run(&["admin", "link"]);
    assert_eq!(none.code, Some(1));
    assert!(none.err.contains("--email"), "{}", none.err);
    let nobody = server.run(&["admin", "link", "--email", "eve@acme.example"]);
    assert_eq!(nobody.code, Some(1));
    assert!(nobody.err.contains("eve@acme.example"), "{}", nobody.err);
    let again = server.text(&["admin", "link", "--email", "ANA@acme.example"]);
    assert_eq!(follow(&server, &link(&again).expect("it prints a link")).await, 303);
}
