//! Standard normal quantile and distribution function, the same bits on every machine.

use malar_solver::math;

/// Quantile of the standard normal at `p` in (0, 1); relative error about 1e-15.
///
/// Wichura 1988, algorithm AS 241 (PPND16), doi:10.2307/2347330.
pub fn quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180625 - q * q;
        return q * ratio(r, &A, &B);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let r = (-math::ln(tail)).sqrt();
    let z = if r <= 5.0 {
        ratio(r - 1.6, &C, &D)
    } else {
        ratio(r - 5.0, &E, &F)
    };
    if q < 0.0 { -z } else { z }
}

/// Distribution function of the standard normal; absolute error below 1e-14 (series near 0, continued fraction outside).
pub fn distribution(x: f64) -> f64 {
    let density = math::exp(-0.5 * x * x) * 0.398_942_280_401_432_7;
    if x.abs() < 3.0 {
        let (mut term, mut sum, mut k) = (x, x, 1.0);
        while term.abs() > 1e-17 * sum.abs() {
            k += 2.0;
            term *= x * x / k;
            sum += term;
        }
        return 0.5 + density * sum;
    }
    // Continued fraction of the Mills ratio, evaluated from far out; 60 terms are plenty for |x| >= 3.
    let mut fraction = 0.0;
    for k in (1..=60).rev() {
        fraction = f64::from(k) / (x.abs() + fraction);
    }
    let tail = density / (x.abs() + fraction);
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// Quotient of two polynomials of degree seven, coefficients from the constant upwards.
fn ratio(r: f64, numerator: &[f64; 8], denominator: &[f64; 8]) -> f64 {
    let horner = |c: &[f64; 8]| c.iter().rev().fold(0.0, |sum, x| sum * r + x);
    horner(numerator) / horner(denominator)
}

const A: [f64; 8] = [
    3.387_132_872_796_366_5,
    133.141_667_891_784_38,
    1_971.590_950_306_551_3,
    13_731.693_765_509_46,
    45_921.953_931_549_87,
    67_265.770_927_008_7,
    33_430.575_583_588_13,
    2_509.080_928_730_122_7,
];
const B: [f64; 8] = [
    1.0,
    42.313_330_701_600_91,
    687.187_007_492_057_9,
    5_394.196_021_424_751,
    21_213.794_301_586_597,
    39_307.895_800_092_71,
    28_729.085_735_721_943,
    5_226.495_278_852_854,
];
const C: [f64; 8] = [
    1.423_437_110_749_683_5,
    4.630_337_846_156_546,
    5.769_497_221_460_691,
    3.647_848_324_763_204_5,
    1.270_458_252_452_368_4,
    0.241_780_725_177_450_6,
    0.022_723_844_989_269_184,
    7.745_450_142_783_414e-4,
];
const D: [f64; 8] = [
    1.0,
    2.053_191_626_637_759,
    1.676_384_830_183_803_8,
    0.689_767_334_985_1,
    0.148_103_976_427_480_08,
    0.015_198_666_563_616_457,
    5.475_938_084_995_345e-4,
    1.050_750_071_644_416_9e-9,
];
const E: [f64; 8] = [
    6.657_904_643_501_103,
    5.463_784_911_164_114,
    1.784_826_539_917_291_3,
    0.296_560_571_828_504_87,
    0.026_532_189_526_576_124,
    0.001_242_660_947_388_078_4,
    2.711_555_568_743_487_6e-5,
    2.010_334_399_292_288_1e-7,
];
const F: [f64; 8] = [
    1.0,
    0.599_832_206_555_888,
    0.136_929_880_922_735_8,
    0.014_875_361_290_850_615,
    7.868_691_311_456_133e-4,
    1.846_318_317_510_054_7e-5,
    1.421_511_758_316_446e-7,
    2.044_263_103_389_939_8e-15,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of scipy.stats.norm.ppf (scipy 1.17).
    #[test]
    fn quantiles_are_those_of_scipy() {
        for (p, z) in [
            (0.5, 0.0),
            (0.975, 1.959_963_984_540_054),
            (0.19, -0.877_896_295_051_228_9),
            (0.999, 3.090_232_306_167_813),
            (1e-12, -7.034_483_825_301_131),
        ] {
            assert!(
                (quantile(p) - z).abs() <= 1e-13 * z.abs().max(1.0),
                "{p}: {} against {z}",
                quantile(p)
            );
        }
    }

    #[test]
    fn distribution_undoes_quantile() {
        for k in 1..200 {
            let p = f64::from(k) / 200.0;
            assert!((distribution(quantile(p)) - p).abs() < 1e-13);
        }
        assert!((distribution(-5.0) - 2.866_515_718_791_933e-7).abs() < 1e-20);
    }
}
