//! PEM blocks (RFC 7468) in and out. The first block counts; what stands around it is ignored.

use der::pem::LineEnding;
use x509_parser::pem::Pem;

use crate::{Error, Result};

/// Reads the first PEM block of a text.
pub(crate) fn read(text: &str) -> Result<Pem> {
    if text.len() > LONGEST {
        return Err(Error::Pem("too long"));
    }
    let mut blocks = Pem::iter_from_buffer(text.as_bytes());
    blocks.next().ok_or(Error::Pem("no block"))?.map_err(|_| Error::Pem("damaged"))
}

/// Writes a PEM block.
pub(crate) fn write(label: &'static str, ending: LineEnding, der: &[u8]) -> String {
    der::pem::encode_string(label, ending, der)
        .expect("a label of capitals and a DER in memory can be written")
}

const LONGEST: usize = 64 * 1024;
