//! The header `Content-Encoding`: undoes `gzip` and `deflate`, up to a size.

use std::io::Read;

use bytes::Bytes;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::media_type::once;
use crate::problem::{Encoding, Problem};

/// Returns the bytes that a client coded, `largest` at most.
///
/// Reading stops behind the largest size, whatever the coded bytes would become. A coding that was sent twice
/// alike is one.
///
/// # Errors
/// Returns `UnsupportedCoding` for any other coding or several, `BodyTooLarge` if more follows, and
/// `MalformedBody` if the bytes are not coded so.
pub(super) fn decoded(bytes: Bytes, coding: &str, largest: usize) -> Result<Bytes, Problem> {
    if bytes.is_empty() {
        return Ok(bytes);
    }
    let plain = match once(coding).to_ascii_lowercase().as_str() {
        "" | "identity" => return Ok(bytes),
        "gzip" | "x-gzip" => read(MultiGzDecoder::new(bytes.as_ref()), largest)?,
        // RFC 9110 means zlib's format. Some clients send the bare data instead.
        "deflate" if is_zlib(&bytes) => read(ZlibDecoder::new(bytes.as_ref()), largest)?,
        "deflate" => read(DeflateDecoder::new(bytes.as_ref()), largest)?,
        _ => return Err(Problem::UnsupportedCoding),
    };
    Ok(Bytes::from(plain))
}

/// Whether bytes begin as zlib's format does: the method, and a header that is a multiple of 31.
fn is_zlib(bytes: &[u8]) -> bool {
    match bytes {
        [first, second, ..] => {
            first & 0x0f == 8 && u16::from_be_bytes([*first, *second]).is_multiple_of(31)
        }
        _ => false,
    }
}

fn read(decoder: impl Read, largest: usize) -> Result<Vec<u8>, Problem> {
    let mut plain = Vec::new();
    let most = u64::try_from(largest).unwrap_or(u64::MAX).saturating_add(1);
    let read = decoder.take(most).read_to_end(&mut plain);
    if plain.len() > largest {
        return Err(Problem::BodyTooLarge);
    }
    read.map_err(|_| Problem::MalformedBody {
        encoding: Encoding::Transport,
        detail: "it is not in the coding that Content-Encoding names, or is cut off".to_owned(),
    })?;
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const TEXT: &[u8] = b"notes=gzip&cost=7";

    fn gzip(plain: &[u8]) -> Bytes {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap().into()
    }

    #[test]
    fn bytes_are_decoded_in_each_coding() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(TEXT).unwrap();
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::default());
        bare.write_all(TEXT).unwrap();
        let (zlib, bare) = (zlib.finish().unwrap(), bare.finish().unwrap());
        for (bytes, coding) in [
            (Bytes::from_static(TEXT), ""),
            (Bytes::from_static(TEXT), "identity"),
            (gzip(TEXT), "gzip"),
            (gzip(TEXT), " GZip "),
            (gzip(TEXT), "x-gzip"),
            (gzip(TEXT), "gzip,gzip"),
            (zlib.into(), "deflate"),
            (bare.into(), "deflate"),
        ] {
            assert_eq!(decoded(bytes, coding, 100).unwrap(), TEXT, "{coding}");
        }
        assert!(decoded(Bytes::new(), "gzip", 100).unwrap().is_empty());
    }

    #[test]
    fn a_bomb_another_coding_and_damage_are_refused() {
        // A megabyte of zeros is a kilobyte in gzip.
        let bomb = gzip(&vec![0; 1 << 20]);
        assert!(bomb.len() < 2_000);
        assert!(matches!(
            decoded(bomb.clone(), "gzip", 1 << 18),
            Err(Problem::BodyTooLarge)
        ));
        assert!(decoded(bomb, "gzip", 1 << 20).is_ok());
        for coding in ["br", "zstd", "compress", "gzip, deflate"] {
            let refused = decoded(gzip(TEXT), coding, 100);
            assert!(
                matches!(refused, Err(Problem::UnsupportedCoding)),
                "{coding}"
            );
        }
        let whole = gzip(TEXT);
        for (bytes, coding) in [
            (Bytes::from_static(TEXT), "gzip"),
            (Bytes::from_static(TEXT), "deflate"),
            (whole.slice(..whole.len() - 1), "gzip"),
            (whole.slice(..5), "gzip"),
        ] {
            let refused = decoded(bytes, coding, 100);
            assert!(
                matches!(refused, Err(Problem::MalformedBody { .. })),
                "{coding}"
            );
        }
    }
}
