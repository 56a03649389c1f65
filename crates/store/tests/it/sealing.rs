use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use store::{
    MasterError, MasterKeys, SealError, SealingKey, SealingRing, Why, WrappedKeys, key_file, new_data_key,
};

const PLACE: &str = "one/clients/a/client_secret";

#[test]
fn a_secret_opens_where_it_was_sealed() {
    let ring = ring("k1", 1);
    for plain in [b"".as_slice(), b"secret", &[0, 255, 10], &vec![7; 100_000]] {
        let sealed = ring.seal(PLACE, plain).unwrap();
        assert!(sealed.starts_with("cs1.k1.") && !ring.needs_reseal(&sealed));
        assert_eq!(ring.open(PLACE, &sealed).unwrap().as_slice(), plain);
        assert_ne!(ring.seal(PLACE, plain).unwrap(), sealed);
    }
}

#[test]
fn a_moved_secret_does_not_open() {
    let ring = ring("k1", 1);
    let sealed = ring.seal(PLACE, b"secret").unwrap();
    for place in
        ["", "two/clients/a/client_secret", "one/clients/b/client_secret", "one/clients/a/client_secret "]
    {
        assert_eq!(ring.open(place, &sealed).unwrap_err(), SealError::Forged);
    }
}

#[test]
fn an_altered_secret_does_not_open() {
    let ring = ring("k1", 1);
    let sealed = ring.seal(PLACE, b"a secret of some length").unwrap();
    let start = "cs1.k1.".len();
    for at in start..sealed.len() {
        let mut altered = sealed.clone().into_bytes();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).unwrap();
        // Unused bits of the last character make it no base64 at all.
        let error = ring.open(PLACE, &altered).unwrap_err();
        assert!(matches!(error, SealError::Forged | SealError::NotSealed), "{at}");
    }
    for length in start..sealed.len() {
        assert!(ring.open(PLACE, &sealed[..length]).is_err(), "{length}");
    }
    assert!(ring.open(PLACE, &format!("{sealed}AAAA")).is_err());
}

#[test]
fn a_secret_under_another_key_does_not_open() {
    let sealed = ring("k1", 1).seal(PLACE, b"secret").unwrap();
    assert_eq!(ring("k2", 1).open(PLACE, &sealed).unwrap_err(), SealError::UnknownKey("k1".to_owned()));
    assert_eq!(ring("k1", 2).open(PLACE, &sealed).unwrap_err(), SealError::Forged);

    let newer = ring("k2", 2).with_older(key("k1", 1));
    assert_eq!(newer.open(PLACE, &sealed).unwrap().as_slice(), b"secret");
    assert!(newer.needs_reseal(&sealed));
    let resealed = newer.seal(PLACE, b"secret").unwrap();
    assert!(resealed.starts_with("cs1.k2.") && !newer.needs_reseal(&resealed));
    // Given out under the wrong name.
    let renamed = resealed.replace("cs1.k2.", "cs1.k1.");
    assert_eq!(newer.open(PLACE, &renamed).unwrap_err(), SealError::Forged);
}

#[test]
fn what_is_not_sealed_is_called_so() {
    let ring = ring("k1", 1);
    let long = "A".repeat(1 << 20);
    for text in [
        "",
        "secret",
        "cs1",
        "cs1.",
        "cs1.k1",
        "cs1.k1.",
        "cs1..AAAA",
        "cs2.k1.AAAA",
        "CS1.k1.AAAA",
        " cs1.k1.AAAA",
        "cs1.k1.AAAA==",
        "cs1.k1.AA+/",
        "cs1.k1.AAA\0",
        "cs1.k1.é",
        "cs1.k 1.AAAA",
        "cs1.k1.AAAA.AAAA",
        "cs1.k1.AAAA\n",
    ] {
        assert!(!ring.needs_reseal(text), "{text:?}");
        assert_eq!(ring.open(PLACE, text).unwrap_err(), SealError::NotSealed, "{text:?}");
    }
    for text in ["cs1.k1.A", "cs1.k1.AAAA", "cs1.k1.AAAAAAAAAAAAAAA", &format!("cs1.k1.{long}")] {
        assert!(ring.open(PLACE, text).is_err());
    }
    assert_eq!(ring.open(PLACE, &format!("cs1.{long}.AAAA")).unwrap_err(), SealError::NotSealed);
}

#[test]
fn keys_are_not_printed() {
    let key = SealingKey::from_bytes("k1", &[65; 32]).unwrap();
    assert_eq!(key.bytes(), &[65; 32]);
    let printed = format!("{:?}", SealingRing::new(key));
    assert!(printed.contains("k1") && printed.contains("Secret(..)"));
    assert!(!printed.contains("65") && !printed.contains("AAA"));
    for id in ["", "a.b", "a b", "é", &"a".repeat(65)] {
        assert_eq!(SealingKey::generate(id).unwrap_err(), SealError::KeyId);
    }
    assert_ne!(SealingKey::generate("a").unwrap().bytes(), SealingKey::generate("a").unwrap().bytes());
}

#[test]
fn a_key_file_is_made_and_rotated() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("on/the/way/master.key");
    let first = load_or_create(&path).unwrap();
    let sealed = first.seal(PLACE, b"secret").unwrap();
    assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
    assert_eq!(load_or_create(&path).unwrap().open(PLACE, &sealed).unwrap().as_slice(), b"secret");

    let second = rotate(&path).unwrap();
    assert_ne!(first.current_id(), second.current_id());
    assert!(second.needs_reseal(&sealed));
    let again = load_or_create(&path).unwrap();
    assert_eq!(again.current_id(), second.current_id());
    assert_eq!(again.open(PLACE, &sealed).unwrap().as_slice(), b"secret");
    assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2);
    // Nothing is left lying beside it.
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);

    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(MasterKeys::from_text(&text).unwrap().open(PLACE, &sealed).unwrap().as_slice(), b"secret");
}

#[test]
fn a_missing_key_file_is_not_made_by_loading() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("on/the/way/master.key");
    for outcome in [load(&path), rotate(&path)] {
        let error = outcome.unwrap_err();
        assert!(matches!(&error, MasterError::Missing { path: missing } if *missing == path));
        let said = error.to_string();
        assert!(said.contains("master.key is missing") && said.ends_with("put it back"), "{said}");
    }
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);

    let made = load_or_create(&path).unwrap();
    assert_eq!(load(&path).unwrap().current_id(), made.current_id());
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(load(&path), Err(MasterError::Exposed { .. })));
}

#[test]
fn a_ring_knows_its_keys() {
    let ring = SealingRing::new(key("k2", 2)).with_older(key("k1", 1));
    assert!(ring.holds("k2") && ring.holds("k1"));
    assert!(!ring.holds("k") && !ring.holds("") && !ring.holds("K1"));
}

#[test]
fn a_key_file_made_by_many_at_once_is_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    let ids: Vec<_> = std::thread::scope(|scope| {
        let making: Vec<_> =
            (0..8).map(|_| scope.spawn(|| load_or_create(&path).unwrap().current_id().to_owned())).collect();
        making.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn an_exposed_key_file_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    load_or_create(&path).unwrap();
    for mode in [0o640, 0o604, 0o644, 0o660] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        for outcome in [load_or_create(&path), rotate(&path)] {
            let error = outcome.unwrap_err();
            assert!(matches!(error, MasterError::Exposed { .. }) && error.to_string().contains("chmod 600"));
        }
    }
}

#[test]
fn hostile_key_texts_are_refused() {
    let good = format!("k1 {}=", "A".repeat(43));
    assert!(MasterKeys::from_text(&good).is_ok());
    assert!(MasterKeys::from_text(&format!("\n{good}\r\n\n")).is_ok());
    assert!(matches!(MasterKeys::from_text(""), Err(MasterError::None)));
    assert!(
        matches!(MasterKeys::from_text(&format!("{good}\n{good}")), Err(MasterError::Twice { id }) if id == "k1")
    );
    let short = format!("k2 {}", "A".repeat(40));
    for bad in [
        "k2",
        "k2 ",
        "k2 not base64!",
        "k2 AAAA",
        &short,
        &good.replace("k1", "k.1"),
        &good.replace("k1", "k\0"),
        &"x".repeat(1 << 20),
    ] {
        let error = MasterKeys::from_text(&format!("{good}\n{bad}")).unwrap_err();
        assert!(matches!(error, MasterError::Line { line: 2, .. }), "{error}");
        // The error must not tell the key.
        assert!(!format!("{error:?}").contains("AAAA"));
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    fs::write(&path, [0xff, 0xfe, 0]).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(load_or_create(&path), Err(MasterError::File { .. })));
    assert!(matches!(
        load_or_create(directory.path()),
        Err(MasterError::Exposed { .. } | MasterError::File { .. })
    ));
    assert!(rotate(&directory.path().join("absent")).is_err());
}

#[test]
fn what_is_wrong_with_a_line_is_said() {
    let bare = "A".repeat(43) + "=";
    let cases = [
        (bare.clone(), Why::NoName),
        (format!("k1 {}", "A".repeat(22) + "=="), Why::Length(16)),
        (format!("k1 {}", "A".repeat(64)), Why::Length(48)),
        (format!("k1 {}", "A".repeat(43)), Why::Encoding),
        (format!("k1 {}_-A=", "A".repeat(40)), Why::Encoding),
        (format!("k1 \"{bare}\""), Why::Encoding),
        (format!("k.1 {bare}"), Why::Name),
    ];
    for (text, expected) in cases {
        let error = MasterKeys::from_text(&text).unwrap_err();
        let said = error.to_string();
        assert!(matches!(error, MasterError::Line { line: 1, why } if why == expected), "{text}: {said}");
        assert!(!said.contains("AAAA"), "{said}");
    }
}

#[test]
fn wrapped_keys_open_with_their_data_key_alone() {
    let keys = MasterKeys::generate().unwrap().with_newer().unwrap();
    let data_key = new_data_key().unwrap();
    let wrapped = WrappedKeys::seal(&keys, ["vault", "countersign", "vault:v1:AAAA"], &data_key).unwrap();
    let text = wrapped.text();
    assert!(
        text.starts_with("wrapped vault countersign vault:v1:AAAA cs1.data.") && text.lines().count() == 1
    );
    assert_eq!(WrappedKeys::service_of(&text), Some("vault"));
    let again = WrappedKeys::parse(&format!("\n {} \r\n", text.trim_end().replace(' ', "  "))).unwrap();
    assert_eq!(again, wrapped);
    assert_eq!(again.open(&data_key).unwrap().text(), keys.text());
    // Another data key, and the names of somebody else around the same seal.
    assert!(matches!(wrapped.open(&new_data_key().unwrap()), Err(MasterError::Altered)));
    for altered in [
        text.replace(" vault ", " pkcs11 "),
        text.replace(" countersign ", " other "),
        text.replacen("cs1.data.", "cs1.data.A", 1),
    ] {
        let altered = WrappedKeys::parse(&altered).unwrap();
        assert!(matches!(altered.open(&data_key), Err(MasterError::Altered)));
    }
    // Nobody takes them for keys in clear, nor keys in clear for them.
    assert!(
        matches!(MasterKeys::from_text(&text), Err(MasterError::Wrapped { service }) if service == "vault")
    );
    let named = format!("wrapped {0}=\nk2 {0}=", "A".repeat(43));
    assert_eq!(WrappedKeys::service_of(&named), None);
    assert_eq!(MasterKeys::from_text(&named).unwrap().current_id(), "wrapped");
}

#[test]
fn hostile_wrapped_texts_are_refused() {
    let long = "A".repeat(1 << 20);
    for text in [
        "",
        "wrapped",
        "wrapped vault",
        "wrapped vault key data",
        "wrapped vault key data sealed more",
        "Wrapped vault key data cs1.data.AAAA",
        "wrapped vault k\u{e9}y data cs1.data.AAAA",
        "wrapped vault key\0 data cs1.data.AAAA",
    ] {
        assert!(matches!(WrappedKeys::parse(text), Err(MasterError::NotWrapped(_))), "{text:?}");
    }
    for sealed in ["x", "cs1.data.", "cs1.data.AAAA", "cs1.k1.AAAA", &format!("cs1.data.{long}")] {
        let wrapped = WrappedKeys::parse(&format!("wrapped vault key data {sealed}")).unwrap();
        assert!(matches!(wrapped.open(&[7; 32]), Err(MasterError::Altered)), "{sealed:.20}");
    }
    let keys = MasterKeys::generate().unwrap();
    for names in
        [["vault", "two words", "w"], ["", "key", "w"], ["vault", "key", ""], ["vault", "key\n", "w w"]]
    {
        assert!(WrappedKeys::seal(&keys, names, &[7; 32]).is_err(), "{names:?}");
    }
}

#[test]
fn a_file_that_somebody_else_has_changed_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    load_or_create(&path).unwrap();
    let was = key_file::read(&path).unwrap();
    rotate(&path).unwrap();
    let rotated = key_file::read(&path).unwrap();
    let refused = key_file::replace(&path, &was, &was);
    assert!(matches!(refused, Err(MasterError::Changed { .. })), "{refused:?}");
    assert_eq!(*key_file::read(&path).unwrap(), *rotated);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// What a server does that finds no file, or one.
fn load_or_create(path: &Path) -> Result<SealingRing, MasterError> {
    match key_file::read(path) {
        Err(MasterError::Missing { .. }) => {
            key_file::create(path, &MasterKeys::generate()?.text())?;
            load(path)
        }
        text => MasterKeys::from_text(&text?),
    }
}

fn load(path: &Path) -> Result<SealingRing, MasterError> {
    MasterKeys::from_text(&key_file::read(path)?)
}

fn rotate(path: &Path) -> Result<SealingRing, MasterError> {
    let was = key_file::read(path)?;
    let keys = MasterKeys::parse(&was)?.with_newer()?;
    key_file::replace(path, &was, &keys.text())?;
    keys.ring()
}

fn key(id: &str, byte: u8) -> SealingKey {
    SealingKey::from_bytes(id, &[byte; 32]).unwrap()
}

fn ring(id: &str, byte: u8) -> SealingRing {
    SealingRing::new(key(id, byte))
}
