use super::*;

/// Distance in units of the last place of `expected`.
fn ulps(got: f64, expected: f64) -> f64 {
    if got.to_bits() == expected.to_bits() || (got.is_nan() && expected.is_nan()) {
        return 0.0;
    }
    let order = |v: f64| {
        let bits = v.to_bits() as i64;
        if bits < 0 { i64::MIN - bits } else { bits }
    };
    order(got).abs_diff(order(expected)) as f64
}

/// Numbers that fill [0, 1) evenly (golden ratio), without a random generator.
fn spread(n: usize) -> impl Iterator<Item = f64> {
    (0..n).map(|i| (i as f64 * 0.618_033_988_749_894_9).fract())
}

const SPECIAL: [f64; 24] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    2.0,
    -2.0,
    3.0,
    -3.0,
    2.5,
    -2.5,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    f64::MAX,
    f64::MIN,
    f64::MIN_POSITIVE,
    5e-324,
    -5e-324,
    1e-310,
    1e300,
    9_007_199_254_740_993.0,
    0.999_999_999_999_999_9,
];

#[test]
fn exp_is_within_one_ulp_of_the_system_library() {
    for u in spread(200_000) {
        for x in [(u - 0.5) * 2.0, (u - 0.5) * 1480.0, (u - 0.5) * 1e-8] {
            assert!(
                ulps(exp(x), x.exp()) <= 1.0,
                "exp({x:e}) = {:e}, not {:e}",
                exp(x),
                x.exp()
            );
        }
    }
    for x in SPECIAL
        .into_iter()
        .chain([709.782_712_893_384, 709.782_712_893_385, -745.2, -745.1, -708.5, 1e308])
    {
        assert!(
            ulps(exp(x), x.exp()) <= 1.0,
            "exp({x:e}) = {:e}, not {:e}",
            exp(x),
            x.exp()
        );
    }
}

#[test]
fn ln_is_within_one_ulp_of_the_system_library() {
    for u in spread(200_000) {
        for x in [
            u,
            1.0 + (u - 0.5) * 1e-3,
            0.5 + u,
            ((u - 0.5) * 1480.0).exp(),
            u * 1e-309,
        ] {
            assert!(ulps(ln(x), x.ln()) <= 1.0, "ln({x:e}) = {:e}, not {:e}", ln(x), x.ln());
        }
    }
    for x in SPECIAL {
        assert!(ulps(ln(x), x.ln()) <= 1.0, "ln({x:e}) = {:e}, not {:e}", ln(x), x.ln());
    }
}

#[test]
fn pow_keeps_its_documented_bound() {
    for (u, v) in spread(200_000).zip(spread(200_000).map(|v| (v * 37.0).fract())) {
        for (x, y) in [
            (u, v),
            (10.0 * u, 5.0 * v - 1.0),
            ((100.0 * (u - 0.5)).exp(), 20.0 * (v - 0.5)),
            (1.0 + 1e-6 * u, 1e8 * v),
        ] {
            let expected = x.powf(y);
            let bound = 1.0 + max((y * x.ln()).abs(), 0.0) / 50.0;
            assert!(
                ulps(pow(x, y), expected) <= bound,
                "pow({x:e}, {y:e}) = {:e}, not {expected:e}",
                pow(x, y)
            );
        }
    }
}

#[test]
fn pow_has_the_special_values_of_ieee_754() {
    for x in SPECIAL {
        for y in SPECIAL {
            let expected = x.powf(y);
            assert!(
                ulps(pow(x, y), expected) <= 16.0,
                "pow({x:e}, {y:e}) = {:e}, not {expected:e}",
                pow(x, y)
            );
        }
    }
}

#[test]
fn lanes_have_the_bits_of_scalars_on_every_instruction_set() {
    struct All<'a>(&'a Lane, &'a Lane);
    impl crate::dispatch::Kernel for All<'_> {
        type Output = [Lane; 3];
        #[inline(always)]
        fn run(self) -> [Lane; 3] {
            [exp_lanes(self.0), ln_lanes(self.0), pow_lanes(self.0, self.1)]
        }
    }
    let numbers: Vec<f64> = SPECIAL
        .into_iter()
        .chain(spread(1000).map(|u| 30.0 * u))
        .chain(spread(1000).map(|u| (1e3 * (u - 0.5)).exp()))
        .collect();
    for set in crate::dispatch::InstructionSet::available() {
        for (i, _) in numbers.iter().enumerate() {
            let x = Lane(std::array::from_fn(|l| numbers[(i + l) % numbers.len()]));
            let y = Lane(std::array::from_fn(|l| numbers[(i + 17 * l + 5) % numbers.len()]));
            let [e, n, p] = set.run(All(&x, &y));
            for l in 0..LANES {
                assert_eq!(ulps(e.0[l], exp(x.0[l])), 0.0, "exp {} on {set:?}", x.0[l]);
                assert_eq!(ulps(n.0[l], ln(x.0[l])), 0.0, "ln {} on {set:?}", x.0[l]);
                assert_eq!(
                    ulps(p.0[l], pow(x.0[l], y.0[l])),
                    0.0,
                    "pow {} {} on {set:?}",
                    x.0[l],
                    y.0[l]
                );
            }
        }
    }
}
