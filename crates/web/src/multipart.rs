//! Bodies of several parts (RFC 7578), read whole from what is in memory already. A part that is no UTF-8, or has no name,
//! is refused; repeated names are the caller's to judge.

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, header::CONTENT_TYPE};
use multer::{Constraints, Multipart, SizeLimit};

/// One part: its name, and what it says.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    pub name: String,
    pub text: String,
}

/// Why a body of several parts cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MultipartError {
    #[error("the content type is no multipart/form-data with a boundary")]
    Type,
    #[error("{0}")]
    Broken(String),
    #[error("a part is no UTF-8, or has no name")]
    Part,
    #[error("there are more than 32 parts")]
    TooMany,
}

/// Reads the parts of a body.
pub async fn multipart(headers: &HeaderMap, body: Bytes) -> Result<Vec<Part>, MultipartError> {
    let media = headers.get(CONTENT_TYPE).and_then(|media| media.to_str().ok()).unwrap_or_default();
    let boundary = multer::parse_boundary(media).ok().filter(|boundary| !boundary.is_empty());
    let boundary = boundary.ok_or(MultipartError::Type)?;
    let size = u64::try_from(body.len()).unwrap_or(u64::MAX);
    let constraints = Constraints::new().size_limit(SizeLimit::new().whole_stream(size));
    let mut parts = Multipart::with_constraints(Body::from(body).into_data_stream(), boundary, constraints);
    let mut read = Vec::new();
    let broken = |error: multer::Error| MultipartError::Broken(error.to_string().chars().take(200).collect());
    while let Some(field) = parts.next_field().await.map_err(broken)? {
        if read.len() == MOST_PARTS {
            return Err(MultipartError::TooMany);
        }
        let name = field.name().map(str::to_owned).ok_or(MultipartError::Part)?;
        let bytes = field.bytes().await.map_err(broken)?;
        let text = String::from_utf8(bytes.to_vec()).map_err(|_| MultipartError::Part)?;
        read.push(Part { name, text });
    }
    Ok(read)
}

const MOST_PARTS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(media: &str, body: &[u8]) -> Result<Vec<Part>, MultipartError> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, media.parse().unwrap());
        multipart(&headers, Bytes::copy_from_slice(body)).await
    }

    const MEDIA: &str = "multipart/form-data; boundary=b";

    #[tokio::test]
    async fn parts_are_read_in_their_order() {
        let body = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
                    --b\r\nContent-Disposition: form-data; name=\"users\"; filename=\"u.json\"\r\nContent-Type: text/json\r\n\r\n[]\r\n--b--\r\n";
        let part = |name: &str, text: &str| Part { name: name.into(), text: text.into() };
        assert_eq!(read(MEDIA, body.as_bytes()).await.unwrap(), [part("a", "1"), part("users", "[]")]);
    }

    #[tokio::test]
    async fn what_is_broken_is_refused() {
        for media in [
            "application/json",
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "text/plain; boundary=b",
        ] {
            assert_eq!(read(media, b"--b--").await, Err(MultipartError::Type), "{media}");
        }
        let part = |head: &str, body: &str| format!("--b\r\n{head}\r\n\r\n{body}\r\n");
        for body in [
            String::new(),
            "x".into(),
            "--b".into(),
            "--b\r\n".into(),
            part("Content-Disposition: form-data; name=\"a\"", "1"),
            format!("{}--b--", part("Content-Disposition: form-data", "1")),
            format!("{}--b--", part("X: y", "1")),
            format!("--b\r\n{}", "X: y\r\n".repeat(5_000)),
        ] {
            assert!(read(MEDIA, body.as_bytes()).await.is_err(), "{body:.60}");
        }
        let not_utf8 =
            [b"--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n".as_slice(), b"\xff\r\n--b--"]
                .concat();
        assert_eq!(read(MEDIA, &not_utf8).await, Err(MultipartError::Part));
        let many = format!("{}--b--", part("Content-Disposition: form-data; name=\"a\"", "1").repeat(40));
        assert_eq!(read(MEDIA, many.as_bytes()).await, Err(MultipartError::TooMany));
    }
}
