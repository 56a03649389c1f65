//! Every place where the two databases need different words. A statement that fits both never comes here.

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Exactly this text.
    Text(String),
    /// Any text, also none.
    Any,
}

impl Part {
    /// Whether a whole text follows a pattern, with case.
    pub fn match_all(pattern: &[Part], text: &str) -> bool {
        let mut rest = text;
        let mut after_gap = false;
        for (place, part) in pattern.iter().enumerate() {
            let literal = match part {
                Part::Any => {
                    after_gap = true;
                    continue;
                }
                Part::Text(literal) => literal.as_str(),
            };
            let left = match (after_gap, place + 1 == pattern.len()) {
                (false, _) => rest.strip_prefix(literal),
                (true, true) => rest.ends_with(literal).then_some(""),
                (true, false) => rest.split_once(literal).map(|(_, left)| left),
            };
            let Some(left) = left else { return false };
            rest = left;
            after_gap = false;
        }
        after_gap || rest.is_empty()
    }
}

impl Engine {
    /// What traces call it, in the words of OpenTelemetry.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgresql",
        }
    }

    /// Uncovers what a text says to this database alone: `/*pg: … */` and `/*sqlite: … */` are comments to the
    /// other one.
    pub(super) fn uncover(self, sql: &str) -> String {
        let opening = match self {
            Self::Sqlite => "/*sqlite:",
            Self::Postgres => "/*pg:",
        };
        let mut parts = sql.split(opening);
        let mut uncovered = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            uncovered.push_str(&part.replacen("*/", "", 1));
        }
        uncovered
    }

    /// The operator that compares a text with a pattern, minding case.
    pub fn wildcard(self) -> &'static str {
        match self {
            Self::Sqlite => "glob",
            Self::Postgres => "like",
        }
    }

    /// The pattern in the words of [`Engine::wildcard`], in which the text parts stand for themselves.
    pub fn pattern(self, parts: &[Part]) -> String {
        let mut pattern = String::new();
        for part in parts {
            match (part, self) {
                (Part::Any, Self::Sqlite) => pattern.push('*'),
                (Part::Any, Self::Postgres) => pattern.push('%'),
                (Part::Text(text), Self::Sqlite) => {
                    for character in text.chars() {
                        match character {
                            '*' | '?' | '[' => pattern.extend(['[', character, ']']),
                            plain => pattern.push(plain),
                        }
                    }
                }
                (Part::Text(text), Self::Postgres) => {
                    for character in text.chars() {
                        if matches!(character, '%' | '_' | '\\') {
                            pattern.push('\\');
                        }
                        pattern.push(character);
                    }
                }
            }
        }
        pattern
    }
}

#[cfg(test)]
mod tests {
    use super::{Engine, Part};

    #[test]
    fn a_text_speaks_to_one_database_at_a_time() {
        let sql = "a text /*pg: collate \"C\"*/ not null) /*sqlite: without rowid*/;";
        assert_eq!(
            Engine::Postgres.uncover(sql),
            "a text  collate \"C\" not null) /*sqlite: without rowid*/;"
        );
        assert_eq!(Engine::Sqlite.uncover(sql), "a text /*pg: collate \"C\"*/ not null)  without rowid;");
    }

    #[test]
    fn text_in_a_pattern_stands_for_itself() {
        let parts = [Part::Text("50%_[*?\\".to_owned()), Part::Any];
        assert_eq!(Engine::Sqlite.pattern(&parts), "50%_[[][*][?]\\*");
        assert_eq!(Engine::Postgres.pattern(&parts), "50\\%\\_[*?\\\\%");
    }
}
