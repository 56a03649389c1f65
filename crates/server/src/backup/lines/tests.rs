//! What a backup says, and what one that was changed is told.

use std::io::{BufReader, Cursor};

use store::copy::{Piece, Shape};
use store::db::{Type, Value};

use super::*;

fn head() -> Head {
    Head {
        countersign_backup: FORMAT,
        made_at: "2026-01-01T00:00:00.000Z".into(),
        by: "0.1.0".into(),
        store: "sqlite".into(),
        steps: Vec::new(),
        master_key: None,
    }
}

fn row(values: [Value; 2]) -> Row {
    values.into_iter().collect()
}

/// A backup of two tables.
fn written() -> String {
    let mut writer = Writer::begin(Vec::new(), &head()).unwrap();
    let columns = || vec![("name".to_owned(), Type::Text), ("rev".to_owned(), Type::Int)];
    writer.table(&Shape { table: "tenants".into(), columns: columns() }).unwrap();
    writer.row(&row(["ä\"\\\n\u{2028}\u{1f600}".into(), i64::MIN.into()])).unwrap();
    writer.row(&row([Value::Null, i64::MAX.into()])).unwrap();
    writer.table(&Shape { table: "empty".into(), columns: columns() }).unwrap();
    let (bytes, amount) = writer.end().unwrap();
    assert_eq!(amount, Amount { tables: 2, rows: 2 });
    String::from_utf8(bytes).unwrap()
}

fn read(text: &str) -> Result<Vec<Piece>> {
    let (_, mut reader) = Reader::begin(BufReader::new(Cursor::new(text.as_bytes().to_vec())))?;
    let mut pieces = Vec::new();
    while let Some(piece) = reader.piece()? {
        pieces.push(piece);
    }
    Ok(pieces)
}

fn refusal(text: &str) -> String {
    format!("{:#}", read(text).err().unwrap_or_else(|| panic!("refused: {text}")))
}

#[test]
fn what_was_written_is_read() {
    let pieces = read(&written()).unwrap();
    let [Piece::Steps(steps), Piece::Table(tenants), Piece::Rows(rows), Piece::Table(empty), Piece::End] =
        pieces.as_slice()
    else {
        panic!("{pieces:?}")
    };
    assert!(steps.is_empty());
    assert_eq!((tenants.table.as_str(), empty.table.as_str()), ("tenants", "empty"));
    let expected =
        [row(["ä\"\\\n\u{2028}\u{1f600}".into(), i64::MIN.into()]), row([Value::Null, i64::MAX.into()])];
    assert_eq!(rows, &expected);
}

#[test]
fn whatever_was_changed_is_noticed() {
    let text = written();
    let lines: Vec<&str> = text.lines().collect();
    let without = |at: usize| {
        let rest: Vec<&str> =
            lines.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, line)| *line).collect();
        rest.join("\n") + "\n"
    };
    for at in 0..lines.len() {
        refusal(&without(at));
    }
    // Each byte but one in a text that says nothing of its own.
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        if let Ok(changed) = String::from_utf8(bytes) {
            refusal(&changed);
        }
    }
    for end in 0..text.len() {
        if text.is_char_boundary(end) {
            refusal(&text[..end]);
        }
    }
    assert!(refusal(&(text.clone() + "{}\n")).contains("follows the end"));
    assert!(refusal(&(text.clone() + &text)).contains("follows the end"));
}

#[test]
fn strangers_texts_are_refused_in_words() {
    let text = written();
    let changed = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        refusal(&text.replacen(from, to, 1))
    };
    assert!(refusal("").contains("cut short"));
    assert!(refusal("{}\n").contains("no backup of Countersign"));
    assert!(refusal("not json\n").contains("no backup of Countersign"));
    let newer = changed("\"countersign_backup\":1", "\"countersign_backup\":2");
    assert!(newer.contains("has the form 2 (made by 0.1.0)"), "{newer}");
    let schema = changed("\"steps\":[]", "\"steps\":[[\"9999_future\",\"00\"]]");
    assert!(schema.contains("9999_future"), "{schema}");
    assert!(changed("\"bigint\"", "\"blob\"").contains("type"));
    assert!(changed("[null,", "[null,null,").contains("another number of columns"));
    assert!(changed("9223372036854775807", "9223372036854775808").contains("64 bits"));
    assert!(changed("9223372036854775807", "1.5").contains("64 bits"));
    assert!(changed("9223372036854775807", "{}").contains("does not fit"));
    assert!(changed("{\"rows\":2}", "{\"rows\":3}").contains("2 rows were read where 3 were written"));
    assert!(changed("\"tables\":2", "\"tables\":9").contains("tables: 9"));
}

/// It is parsed no further than its table has columns, and what is no row not at all.
#[test]
fn a_line_takes_no_more_memory_than_it_may() {
    let text = written();
    let longer = text.replacen("[null,", "[null,[[[1,1],{\"a\":[]}],2],3,and so on,", 1);
    assert!(refusal(&longer).contains("another number of columns"), "{}", refusal(&longer));
    let rows = format!("{{\"rows\":[{}]}}", ["0"; 600_000].join(","));
    assert!(refusal(&text.replacen("{\"rows\":2}", &rows, 1)).contains("longer than 1048576 bytes"));
    let head = format!("{{\"countersign_backup\":[{}]}}\n", ["0"; 600_000].join(","));
    assert!(refusal(&head).contains("longer than 1048576 bytes"));
}

#[test]
fn no_line_is_read_without_end() {
    let long = BufReader::new(std::io::repeat(b'x'));
    let refused = Reader::begin(long).err().unwrap();
    assert!(refused.to_string().contains("longer than 64 MiB"), "{refused}");
}
