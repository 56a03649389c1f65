//! The words of a mail without its HTML, for those who read it as plain text. It understands as much of HTML as mails
//! need, and whatever it is given, what comes out is only longer by the addresses of links.

/// What a mail in HTML says.
pub fn text(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let mut written = String::with_capacity(html.len() / 2);
    let mut link: Option<String> = None;
    let mut at = 0;
    while let Some(start) = html[at..].find('<').map(|start| at + start) {
        push(&mut written, &html[at..start]);
        let Some(end) = html[start..].find('>').map(|length| start + length) else { return lines(&written) };
        let name: String =
            lower[start + 1..end].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '/').collect();
        at = end + 1;
        match name.as_str() {
            "style" | "script" | "head" | "title" => {
                let Some(length) = lower[at..].find(&format!("</{name}")) else { return lines(&written) };
                at += length;
            }
            "a" => link = href(&html[start + 1..end]),
            "/a" => {
                if let Some(link) = link.take().filter(|link| !written.ends_with(link.as_str())) {
                    written.push_str(&format!(" ({link})"));
                }
            }
            "br" | "/p" | "/div" | "/tr" | "/h1" | "/h2" | "/h3" | "/li" | "/table" => written.push('\n'),
            _ => {}
        }
    }
    push(&mut written, &html[at..]);
    lines(&written)
}

fn lines(written: &str) -> String {
    let lines = written.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    lines.join("\n\n")
}

fn push(written: &mut String, text: &str) {
    let text = text.replace('\n', " ").replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">");
    let text = text.replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&");
    written.push_str(&text);
}

fn href(tag: &str) -> Option<String> {
    let after = tag.split_once("href=")?.1;
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let url = after[1..].split(quote).next()?;
    url.starts_with("http").then(|| url.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn the_words_stay_and_links_say_where_they_lead() {
        let html = "<html><head><title>T</title><style>p { color: red }</style></head><body><h1>Hi &amp; hello</h1>\
                    <p>Please <a href=\"https://a.example/?x=1&amp;y=2\">open it</a>.</p><p>&lt;b&gt;</p></body></html>";
        assert_eq!(text(html), "Hi & hello\n\nPlease open it (https://a.example/?x=1&y=2).\n\n<b>");
    }

    #[test]
    fn whatever_it_is_given_it_answers() {
        for html in [
            "",
            "<",
            "<a",
            "<style",
            "<style>x",
            "a < b",
            "<a href=>x</a>",
            "<a href=\"",
            "<é>x",
            "<ſtyle>x</ſtyle>",
        ] {
            let _ = text(html);
        }
        assert!(text(&"<a href='https://x'>".repeat(20_000)).len() < 100);
    }
}
