//! Numbers of SAS transport files: IBM System/360 floating point, base 16, 7 bits of exponent, 56 of fraction.

/// Largest first byte of a missing value: `_`, `.` and `A` to `Z`, followed by zeros.
fn is_missing(bytes: &[u8]) -> bool {
    let marked = matches!(bytes.first(), Some(b'.' | b'_' | b'A'..=b'Z'));
    marked && bytes[1..].iter().all(|&b| b == 0)
}

/// The number in two to eight bytes; NaN if missing.
pub(super) fn decode(bytes: &[u8]) -> f64 {
    if is_missing(bytes) {
        return f64::NAN;
    }
    let mut whole = [0; 8];
    whole[..bytes.len().min(8)].copy_from_slice(&bytes[..bytes.len().min(8)]);
    let bits = u64::from_be_bytes(whole);
    let fraction = (bits & 0x00ff_ffff_ffff_ffff) as f64;
    let exponent = i32::from(whole[0] & 0x7f) - 64;
    let sign = if whole[0] & 0x80 == 0 { 1.0 } else { -1.0 };
    // fraction / 2^56 * 16^exponent: powers of two, so that only the 56 bits are rounded
    sign * fraction * f64::powi(2.0, 4 * exponent - 56)
}

/// The eight bytes of a number; NaN is `.`. `None` if it is too large for the format; too small becomes zero.
pub(super) fn encode(x: f64) -> Option<[u8; 8]> {
    if x.is_nan() {
        return Some([b'.', 0, 0, 0, 0, 0, 0, 0]);
    }
    if x == 0.0 {
        return Some([0; 8]);
    }
    let bits = x.abs().to_bits();
    let exponent = (bits >> 52) as i32 - 1023;
    if exponent == 1024 {
        return None;
    }
    if exponent == -1023 {
        return Some([0; 8]); // subnormal: far below 16^-65
    }
    let fraction = bits & 0x000f_ffff_ffff_ffff | 1 << 52; // 53 bits, 1 <= f < 2
    // x = fraction 2^(exponent - 52) = (fraction 2^shift) 2^-56 16^power, with shift 0 to 3
    let power = (exponent + 4).div_euclid(4);
    let shift = (exponent + 4).rem_euclid(4);
    let biased = power + 64;
    if biased < 0 {
        return Some([0; 8]);
    }
    let biased = u64::try_from(biased).ok().filter(|&b| b < 128)?;
    let sign = if x < 0.0 { 1 << 63 } else { 0 };
    Some((sign | biased << 56 | fraction << shift).to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked values of the format: 1 is 0.1 in base 16 times 16; 100 is 0.64 times 16²; -118.625 is the textbook's.
    #[test]
    fn worked_values() {
        assert_eq!(encode(1.0), Some([0x41, 0x10, 0, 0, 0, 0, 0, 0]));
        assert_eq!(encode(100.0), Some([0x42, 0x64, 0, 0, 0, 0, 0, 0]));
        assert_eq!(encode(-118.625), Some([0xc2, 0x76, 0xa0, 0, 0, 0, 0, 0]));
        assert_eq!(decode(&[0xc2, 0x76, 0xa0]), -118.625, "shortened numbers lack zeros");
        assert!(decode(&[b'.', 0, 0]).is_nan() && decode(b"Z\0\0\0\0\0\0\0").is_nan());
        assert_eq!((encode(f64::INFINITY), encode(1e300)), (None, None));
    }

    #[test]
    fn every_double_in_range_comes_back() {
        let mut x = 1e-70;
        while x < 1e70 {
            for y in [x, -x, x * 1.1, x / 3.0] {
                assert_eq!(decode(&encode(y).expect("in range")).to_bits(), y.to_bits(), "{y}");
            }
            x *= 7.3;
        }
    }
}
