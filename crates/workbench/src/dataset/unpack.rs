//! zlib (`.dsjc`) and gzip, undone and done.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::{GzDecoder, ZlibDecoder};
use flate2::write::ZlibEncoder;

use super::TableError;

/// Most bytes that a compressed file may unfold to.
const MOST_BYTES: u64 = 8 << 30;

/// The bytes, decompressed if they begin as zlib or gzip does.
pub(super) fn unpack(bytes: Vec<u8>, path: &str) -> Result<Vec<u8>, TableError> {
    let is_zlib =
        bytes.len() > 2 && bytes[0] & 0x0f == 8 && u16::from_be_bytes([bytes[0], bytes[1]]).is_multiple_of(31);
    if bytes.starts_with(&[0x1f, 0x8b]) {
        inflate(GzDecoder::new(&bytes[..]), path)
    } else if is_zlib && bytes[0] == 0x78 && !bytes[1].is_ascii_graphic() {
        inflate(ZlibDecoder::new(&bytes[..]), path)
    } else if is_zlib && bytes[0] == 0x78 {
        // `x^` and `x\x5e` are the same two bytes: text unless it inflates.
        inflate(ZlibDecoder::new(&bytes[..]), path).or(Ok(bytes))
    } else {
        Ok(bytes)
    }
}

fn inflate(decoder: impl Read, path: &str) -> Result<Vec<u8>, TableError> {
    let mut inside = Vec::new();
    let read = decoder.take(MOST_BYTES + 1).read_to_end(&mut inside);
    match read {
        Ok(n) if n as u64 <= MOST_BYTES => Ok(inside),
        Ok(_) => Err(TableError::file(path, "unfolds to more than 8 GiB".into())),
        Err(reason) => Err(TableError::file(path, format!("is compressed and damaged: {reason}"))),
    }
}

/// zlib at the level the specification recommends.
pub(super) fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}
