//! Coefficients of the Rosenbrock methods.
//!
//! All are used in the form without matrix-vector products (Hairer & Wanner, Solving Ordinary Differential Equations II, 2nd ed.,
//! section IV.7, eq. 7.25), here with explicit time:
//!
//! ```text
//! (I / (gamma h) - J) u_i = f(t + alpha_i h, y + sum_j a_ij u_j) + sum_j (c_ij / h) u_j + gamma_i h df/dt,   j < i
//! y_new = y + sum_j m_j u_j
//! ```
//!
//! All are stiffly accurate and L-stable, and share a shape that saves work: the last stage's argument plus the last `u` is the
//! result, and the last `u` is the error estimate (m = a_last with 1 appended, e = last unit vector).

/// Which Rosenbrock method advances the patients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// Order 3(2), 4 stages: for loose tolerances. Sandu et al. 1997, Atmos. Environ. 31:3459.
    Rodas3,
    /// Order 4(3), 6 stages: for loose and middling tolerances. Hairer & Wanner, code RODAS.
    #[default]
    Rodas4,
    /// Order 5(4), 8 stages: fewest operations at errors of 1e-3 and below. Di Marzo 1993, RODAS5(4); coefficients as printed in
    /// OrdinaryDiffEq.jl, orders checked in the tests.
    Rodas5,
    /// Order 5(4), 8 stages: as Rodas5, and loses less of its order where stiff equations are driven from outside or algebraic.
    /// Steinebach 2023, BIT 63:27.
    Rodas5P,
}

/// The numbers of one method.
#[derive(Clone, Debug)]
pub(crate) struct Tableau {
    pub stages: usize,
    /// Order of the result; the error estimate is one lower.
    pub order: u32,
    pub gamma: f64,
    /// Step sizes aim below the tolerance by this factor, so that most steps are accepted.
    pub safety: f64,
    /// Lower triangle of `a`, row by row: `a(i, j)`.
    a: &'static [f64],
    /// Lower triangle of `c`, row by row.
    c: &'static [f64],
    /// Where in the step each stage sits.
    pub alpha: &'static [f64],
    /// Weights of the explicit time derivative.
    pub gamma_sum: &'static [f64],
}

impl Tableau {
    /// Weights of the earlier stages in the argument of stage `i`.
    #[inline(always)]
    pub fn a(&self, i: usize) -> &'static [f64] {
        &self.a[i * (i - 1) / 2..i * (i + 1) / 2]
    }

    /// Weights of the earlier stages on the right side of stage `i`.
    #[inline(always)]
    pub fn c(&self, i: usize) -> &'static [f64] {
        &self.c[i * (i - 1) / 2..i * (i + 1) / 2]
    }

    /// True if stage `i`'s argument is the one before plus `u_(i-1)` times its last weight, so that one term is enough.
    #[inline(always)]
    pub fn extends_previous(&self, i: usize) -> bool {
        i >= 2 && self.a(i)[..i - 1] == *self.a(i - 1)
    }
}

impl Method {
    pub(crate) fn tableau(self) -> &'static Tableau {
        match self {
            Method::Rodas3 => &RODAS3,
            Method::Rodas4 => &RODAS4,
            Method::Rodas5 => &RODAS5,
            Method::Rodas5P => &RODAS5P,
        }
    }
}

#[rustfmt::skip]
static RODAS3: Tableau = Tableau {
    stages: 4,
    order: 3,
    gamma: 0.5,
    safety: 0.9,
    a: &[
        0.0,
        2.0, 0.0,
        2.0, 0.0, 1.0,
    ],
    c: &[
        4.0,
        1.0, -1.0,
        1.0, -1.0, -8.0 / 3.0,
    ],
    alpha: &[0.0, 0.0, 1.0, 1.0],
    gamma_sum: &[0.5, 1.5, 0.0, 0.0],
};

#[rustfmt::skip]
static RODAS4: Tableau = Tableau {
    stages: 6,
    order: 4,
    gamma: 0.25,
    safety: 0.9,
    a: &[
        1.544,
        0.946_678_528_081_582_6, 0.255_701_169_898_328_4,
        3.314_825_187_068_521, 2.896_124_015_972_201, 0.998_641_913_997_781_7,
        1.221_224_509_226_641, 6.019_134_481_288_629, 12.537_083_329_320_87, -0.687_886_036_105_895,
        1.221_224_509_226_641, 6.019_134_481_288_629, 12.537_083_329_320_87, -0.687_886_036_105_895, 1.0,
    ],
    c: &[
        -5.6688,
        -2.430_093_356_833_875, -0.206_359_915_709_191_5,
        -0.107_352_905_815_137_5, -9.594_562_251_023_355, -20.470_286_148_096_16,
        7.496_443_313_967_647, -10.246_804_314_643_52, -33.999_903_528_199_05, 11.708_908_932_061_6,
        8.083_246_795_921_522, -7.981_132_988_064_893, -31.521_594_328_743_71, 16.319_305_431_231_36, -6.058_818_238_834_054,
    ],
    alpha: &[0.0, 0.386, 0.21, 0.63, 1.0, 1.0],
    gamma_sum: &[0.25, -0.1043, 0.1035, -0.036_200_000_000_000_23, 0.0, 0.0],
};

#[rustfmt::skip]
static RODAS5: Tableau = Tableau {
    stages: 8,
    order: 5,
    gamma: 0.19,
    safety: 0.8,
    a: &[
        2.0,
        3.040_894_194_418_781, 1.041_747_909_077_569,
        2.576_417_536_461_461, 1.622_083_060_776_64, -0.908_966_856_026_453_2,
        2.760_842_080_225_597, 1.446_624_659_844_071, -0.303_698_008_455_373_8, 0.287_749_860_032_544_3,
        -14.096_407_730_512_59, 6.925_207_756_232_704, -41.475_108_932_107_28, 2.343_771_018_586_405, 24.132_152_291_960_62,
        -14.096_407_730_512_59, 6.925_207_756_232_704, -41.475_108_932_107_28, 2.343_771_018_586_405, 24.132_152_291_960_62, 1.0,
        -14.096_407_730_512_59, 6.925_207_756_232_704, -41.475_108_932_107_28, 2.343_771_018_586_405, 24.132_152_291_960_62, 1.0, 1.0,
    ],
    c: &[
        -10.313_238_851_339_93,
        -21.048_231_176_500_03, -7.234_992_135_176_716,
        32.227_515_418_533_23, -4.943_732_386_540_191, 19.449_220_310_418_79,
        -20.698_655_795_900_63, -8.816_374_604_402_768, 1.260_436_877_740_897, -0.749_564_761_378_714_6,
        -46.220_043_527_112_57, -17.495_348_628_574_72, -289.638_958_289_205_7, 93.608_554_004_009_06, 318.382_253_421_214_7,
        34.200_137_334_729_35, -14.155_354_027_176_9, 57.823_356_409_884, 25.833_629_854_123_65, 1.408_950_972_071_624, -6.551_835_421_242_162,
        42.570_767_422_911_01, -13.807_706_720_179_97, 93.989_384_324_271_24, 18.779_196_337_145_03, -31.583_591_872_233_7, -6.685_968_952_921_985, -5.810_979_938_412_932,
    ],
    alpha: &[0.0, 0.38, 0.387_850_999_832_153_3, 0.483_971_893_787_384, 0.457_047_700_881_958, 1.0, 1.0, 1.0],
    gamma_sum: &[
        0.19, -0.182_307_922_533_371_46, -0.319_231_832_186_874_9, 0.344_982_862_472_534_3, -0.377_417_564_392_089_84, 0.0, 0.0, 0.0,
    ],
};

#[rustfmt::skip]
static RODAS5P: Tableau = Tableau {
    stages: 8,
    order: 5,
    gamma: 0.211_937_563_194_290_14,
    safety: 0.9,
    a: &[
        3.0,
        2.849_394_379_747_939, 0.458_422_422_044_639_23,
        -6.954_028_509_809_101, 2.489_845_061_869_568, -10.358_996_098_473_584,
        2.802_998_627_562_896_4, 0.507_246_473_622_820_6, -0.398_831_254_177_052_4, -0.047_211_872_304_046_41,
        -7.502_846_399_306_121, 2.561_846_144_803_919, -11.627_539_656_261_098, -0.182_687_676_599_422_56, 0.030_198_172_008_377_946,
        -7.502_846_399_306_121, 2.561_846_144_803_919, -11.627_539_656_261_098, -0.182_687_676_599_422_56, 0.030_198_172_008_377_946, 1.0,
        -7.502_846_399_306_121, 2.561_846_144_803_919, -11.627_539_656_261_098, -0.182_687_676_599_422_56, 0.030_198_172_008_377_946, 1.0, 1.0,
    ],
    c: &[
        -14.155_112_264_123_755,
        -17.972_960_358_859_52, -2.859_693_295_451_294,
        147.121_502_757_117_16, -1.412_214_027_182_13, 71.689_402_513_023_58,
        165.435_170_248_716_76, -0.459_282_345_649_112_6, 42.909_383_369_586_03, -5.961_986_721_573_306,
        24.854_864_614_690_072, -3.000_922_700_283_218_6, 47.493_111_002_076_8, 5.581_419_782_155_812_5, -0.661_069_182_524_947_1,
        30.912_732_140_285_99, -3.120_824_334_993_797_4, 77.799_546_460_708_92, 34.286_460_282_947_83, -19.097_331_116_725_623, -28.087_943_162_872_662,
        37.802_771_233_905_63, -3.257_196_902_907_227_6, 112.269_188_494_963_27, 66.934_723_124_404_7, -40.066_189_370_910_02, -54.667_802_628_779_68, -9.488_616_523_096_27,
    ],
    alpha: &[0.0, 0.635_812_689_582_870_4, 0.409_579_839_339_753_5, 0.976_930_672_506_071_6, 0.428_840_360_955_866_4, 1.0, 1.0, 1.0],
    gamma_sum: &[
        0.211_937_563_194_290_14, -0.423_875_126_388_580_27, -0.338_462_712_623_592_4, 1.804_645_287_288_273_4,
        2.325_825_639_765_069, 0.0, 0.0, 0.0,
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    /// The method in Butcher's form, recovered from the transformed one: Gamma = (I / gamma - C)^-1, A = a Gamma, b = m Gamma.
    struct Butcher {
        a: Vec<Vec<f64>>,
        g: Vec<Vec<f64>>,
        b: Vec<f64>,
        b_embedded: Vec<f64>,
    }

    fn butcher(t: &Tableau) -> Butcher {
        let s = t.stages;
        let full = |row: &dyn Fn(usize) -> Vec<f64>| -> Vec<Vec<f64>> {
            (0..s)
                .map(|i| {
                    let mut r = row(i);
                    r.resize(s, 0.0);
                    r
                })
                .collect()
        };
        let a = full(&|i| if i == 0 { vec![] } else { t.a(i).to_vec() });
        let c = full(&|i| if i == 0 { vec![] } else { t.c(i).to_vec() });
        // Forward substitution: column j of the inverse of the lower triangular (I / gamma - C).
        let mut g = vec![vec![0.0; s]; s];
        for j in 0..s {
            for i in j..s {
                let unit = if i == j { 1.0 } else { 0.0 };
                g[i][j] = t.gamma * (unit + (j..i).map(|k| c[i][k] * g[k][j]).sum::<f64>());
            }
        }
        let times_g = |v: &[f64]| -> Vec<f64> { (0..s).map(|j| (0..s).map(|k| v[k] * g[k][j]).sum()).collect() };
        let mut m = a[s - 1].clone();
        let b_embedded = times_g(&m);
        m[s - 1] = 1.0;
        Butcher {
            b: times_g(&m),
            b_embedded,
            a: a.iter().map(|row| times_g(row)).collect(),
            g,
        }
    }

    /// Left minus right side of the order conditions of Rosenbrock methods up to `order` (Hairer & Wanner II, table IV.7.1, plus the
    /// order-4 rows of eq. IV.7.15), with beta = alpha + gamma.
    fn defects(m: &Butcher, b: &[f64], order: u32) -> Vec<f64> {
        let s = b.len();
        let sum = |f: &dyn Fn(usize) -> f64| (0..s).map(f).sum::<f64>();
        let al = |i: usize| m.a[i].iter().sum::<f64>();
        let be = |i: usize| al(i) + m.g[i].iter().sum::<f64>();
        let bij = |i: usize, j: usize| m.a[i][j] + m.g[i][j];
        let mut d = vec![sum(&|i| b[i]) - 1.0];
        if order >= 2 {
            d.push(sum(&|i| b[i] * be(i)) - 1.0 / 2.0);
        }
        if order >= 3 {
            d.push(sum(&|i| b[i] * al(i).powi(2)) - 1.0 / 3.0);
            d.push(sum(&|i| b[i] * sum(&|j| bij(i, j) * be(j))) - 1.0 / 6.0);
        }
        if order >= 4 {
            d.push(sum(&|i| b[i] * al(i).powi(3)) - 1.0 / 4.0);
            d.push(sum(&|i| b[i] * al(i) * sum(&|j| m.a[i][j] * be(j))) - 1.0 / 8.0);
            d.push(sum(&|i| b[i] * sum(&|j| bij(i, j) * al(j).powi(2))) - 1.0 / 12.0);
            d.push(sum(&|i| b[i] * sum(&|j| bij(i, j) * sum(&|k| bij(j, k) * be(k)))) - 1.0 / 24.0);
        }
        d
    }

    #[test]
    fn order_conditions_up_to_four_hold() {
        for method in [Method::Rodas3, Method::Rodas4, Method::Rodas5, Method::Rodas5P] {
            let t = method.tableau();
            let m = butcher(t);
            // Coefficients carry 16 digits and reach 150; sums of a few products keep about 12.
            let worst = |d: Vec<f64>| d.into_iter().fold(0.0, |w: f64, x| w.max(x.abs()));
            assert!(
                worst(defects(&m, &m.b, t.order.min(4))) < 1e-12,
                "{method:?}: {:?}",
                defects(&m, &m.b, t.order.min(4))
            );
            let embedded = defects(&m, &m.b_embedded, (t.order - 1).min(4));
            assert!(worst(embedded.clone()) < 1e-12, "{method:?} embedded: {embedded:?}");
        }
    }

    #[test]
    fn stage_times_are_the_row_sums() {
        for method in [Method::Rodas3, Method::Rodas4, Method::Rodas5, Method::Rodas5P] {
            let t = method.tableau();
            let m = butcher(t);
            for i in 0..t.stages {
                let alpha: f64 = m.a[i].iter().sum();
                let gamma: f64 = m.g[i].iter().sum();
                assert!((alpha - t.alpha[i]).abs() < 1e-12, "{method:?} alpha {i}: {alpha}");
                assert!((gamma - t.gamma_sum[i]).abs() < 1e-12, "{method:?} gamma {i}: {gamma}");
            }
        }
    }
}
