use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Error, Template};

fn filled(text: &str, variables: &Value) -> String {
    Template::parse(text)
        .and_then(|template| template.render(variables))
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn outcome(text: &str) -> Result<String, Error> {
    let variables = json!({ "user": { "name": "Ann", "list": ["a", "b"] }, "big": "x".repeat(100_000) });
    let begun = Instant::now();
    let outcome = Template::parse(text).and_then(|template| template.render(&variables));
    assert!(begun.elapsed() < Duration::from_secs(60), "{:.60} took {:?}", text, begun.elapsed());
    outcome
}

#[test]
fn what_mails_and_pages_use_is_understood() {
    let variables = json!({
        "user": { "name": "Ann <b>", "email": "ann@example.com", "app_metadata": { "plans": ["a", "b"] } },
        "application": { "name": "Shop" },
        "nothing": null,
        "auth0": { "head": "<title>", "widget": "<form>" },
    });
    for (text, expected) in [
        ("Hello {{ user.name | escape }}", "Hello Ann &lt;b&gt;"),
        ("{{ user.nope }}{{ user.nope.deeper[3].x }}{{ nope }}{{ nothing }}{{ nothing.more }}", ""),
        ("{{ user.nope | default: 'you' }}", "you"),
        ("{% if user.nope %}a{% elsif application.name == 'Shop' %}b{% else %}c{% endif %}", "b"),
        ("{% unless user.nope == 'x' and user.name %}a{% endunless %}", "a"),
        (
            "{% for plan in user.app_metadata.plans %}{{ forloop.index }}{{ plan }}{{ plan.nope }} {% endfor %}",
            "1a 2b ",
        ),
        ("{% for i in (1..5) reversed %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}", "543"),
        ("{% for i in (1..9) limit: 2 offset: 3 %}{{ i }}{% endfor %}", "45"),
        ("{% for x in nope %}a{% else %}none{% endfor %}", "none"),
        ("{% assign who = user %}{{ who.email }}{{ who.nope }}", "ann@example.com"),
        ("{% capture a %}x{{ application.name }}{% endcapture %}{{ a }}", "xShop"),
        ("{% case user.email %}{% when 'a' %}1{% else %}2{% endcase %}", "2"),
        ("{% raw %}{{ user }}{% endraw %}{% comment %}{% for %}{% endcomment %}", "{{ user }}"),
        ("{{ user.app_metadata | json }}", r#"{"plans":["a","b"]}"#),
        ("<head>{%- auth0:head -%}</head> {% auth0:widget %}", "<head><title></head> <form>"),
        ("{%\tif user.name\t%}tab{% endif %}", "tab"),
        ("{{ user['email'] }} {{ user.app_metadata.plans[1] }}", "ann@example.com b"),
    ] {
        assert_eq!(filled(text, &variables), expected, "{text}");
    }
}

#[test]
fn a_value_is_not_a_template() {
    assert_eq!(filled("{{ a }}", &json!({ "a": "{{ b }}{% for %}", "b": "secret" })), "{{ b }}{% for %}");
}

#[test]
fn what_is_wrong_is_said() {
    for text in [
        "{{ a | nope }}",
        "{% nope %}",
        "{% if a %}",
        "{{ a",
        "{% for a in %}{% endfor %}",
        "{% include 'a' %}",
        "{% endif %}",
        "{{ a..b }}",
        "{{",
        "{%",
        "{%%}",
        "{% auth0:he ad %}",
        "{% if %}{% endif %}",
    ] {
        assert!(matches!(Template::parse(text), Err(Error::Syntax(said)) if !said.is_empty()), "{text}");
    }
}

#[test]
fn nothing_runs_away() {
    let nested =
        |open: &str, close: &str, times: usize| format!("{}x{}", open.repeat(times), close.repeat(times));
    for text in [
        nested("{% if user %}", "{% endif %}", 5000),
        nested("{% for a in user.list %}", "{% endfor %}", 60),
        nested("{% for i in (1..10) %}", "{% endfor %}", 9),
        format!("{{% if a %}}{}{{% endif %}}", "{% elsif a %}".repeat(10_000)),
        format!("{{{{ a{}b{} }}}}", "[a".repeat(900), "]".repeat(900)),
        format!("{{% if {} a %}}{{% endif %}}", "a and ".repeat(3000)),
        "{% for i in (1..1000000000000) %}{% endfor %}".into(),
        "{% for i in (0..9999999999999) limit: 999999999999 %}{% endfor %}".into(),
        "{% assign x = 'xxxxxxxx' %}{% for i in (1..60) %}{% assign x = x | append: x %}{% endfor %}".into(),
        "{% assign x = '' | split: ',' | concat: user.list %}{% for i in (1..60) %}{% assign x = x | concat: x %}{% endfor %}".into(),
        "{{ big | replace: 'x', big }}".into(),
        "{{ big | replace: '', big }}".into(),
        "{{ big | split: '' | join: big }}".into(),
        "{{ big | split: '' | uniq }}".into(),
        "{{ 'now' | date: '%99999999999Y' }}".into(),
        format!("{{% capture a %}}{}{{% endcapture %}}", "{{ big }}".repeat(5000)),
        "{{ big }}".repeat(20),
        (0..9000).map(|i| format!("{{% assign a{i} = big %}}")).collect(),
        "x".repeat(300_000),
    ] {
        let outcome = outcome(&text);
        assert!(matches!(outcome, Err(Error::Limit(_) | Error::Syntax(_))), "{text:.60}: {outcome:?}");
    }
    assert!(outcome(&" ".repeat(250_000)).is_ok());
    assert!(outcome(&nested("{% if user %}", "{% endif %}", 60)).is_ok_and(|text| text == "x"));
    assert!(outcome(&"{{ user.name }}".repeat(10_000)).is_ok());
}

#[test]
fn a_filter_that_fails_is_an_error() {
    for text in [
        "{{ 1 | divided_by: 0 }}",
        "{{ 1 | modulo: 0 }}",
        "{{ -9223372036854775808 | divided_by: -1 }}",
        "{{ 9223372036854775807 | plus: 1 | times: 9223372036854775807 }}",
        "{{ 'é' | slice: -9, 9 }}",
        "{{ 'ab' | truncate: -5 }}",
        "{{ '%' | url_decode }}{{ '%ff' | url_decode }}",
        "{{ 'x' | date: '%' }}",
        "{{ 1.5 | round: 400 }}",
        "{{ nope | map: 'x' }}",
        "{{ 99999999999999999999999 }}",
    ] {
        // Whatever it is, it is an answer.
        let _ = outcome(text);
    }
}
