//! exp, ln, pow and the logic of the model language as flows: operation by operation what `solver::math` and the scalar evaluator do,
//! so that the bits agree (test).

#![expect(clippy::excessive_precision, reason = "coefficients as published")]

use malar_model::expression::{Binary, Unary};

use super::flow::{Comparison, Flow, Node, Operator, Value};

const SIGN: u64 = 1 << 63;
const SHIFT: f64 = 6_755_399_441_055_744.0;
const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
const EXP: [f64; 5] = [
    1.666_666_666_666_660_190_37e-01,
    -2.777_777_777_701_559_338_42e-03,
    6.613_756_321_437_934_361_17e-05,
    -1.653_390_220_546_525_153_90e-06,
    4.138_136_797_057_238_460_39e-08,
];
const LN: [f64; 7] = [
    6.666_666_666_666_735_130e-01,
    3.999_999_999_940_941_908e-01,
    2.857_142_874_366_239_149e-01,
    2.222_219_843_214_978_396e-01,
    1.818_357_216_161_805_012e-01,
    1.531_383_769_920_937_332e-01,
    1.479_819_860_511_658_591e-01,
];

impl Flow {
    /// A one-operand operation of the model language.
    pub fn unary(&mut self, op: Unary, a: Value) -> Value {
        match op {
            Unary::Neg => self.negate(a),
            Unary::Exp => {
                let zero = self.number(0.0);
                self.exp_sum(a, zero)
            }
            Unary::Ln => self.ln(a),
            Unary::Sqrt => self.compute(Node::Sqrt(a)),
            Unary::Abs => self.magnitude(a),
            Unary::Floor => self.compute(Node::Floor(a)),
            Unary::Ceil => self.compute(Node::Ceil(a)),
            Unary::Not => {
                let (zero, one) = (self.number(0.0), self.number(1.0));
                self.choose(Comparison::Apart, a, zero, zero, one)
            }
            _ => self.compute(Node::Call(op, a)),
        }
    }

    /// A two-operand operation of the model language.
    pub fn binary(&mut self, op: Binary, a: Value, b: Value) -> Value {
        let (zero, one) = (self.number(0.0), self.number(1.0));
        match op {
            Binary::Add => self.add(a, b),
            Binary::Sub => self.sub(a, b),
            Binary::Mul => self.mul(a, b),
            Binary::Div => self.div(a, b),
            Binary::Pow => self.pow(a, b),
            Binary::Min | Binary::Max => {
                let operator = if op == Binary::Min {
                    Operator::Min
                } else {
                    Operator::Max
                };
                let chosen = self.two(operator, a, b);
                self.choose(Comparison::Unordered, a, a, a, chosen)
            }
            Binary::Lt => self.choose(Comparison::Less, a, b, one, zero),
            Binary::Le => self.choose(Comparison::LessEqual, a, b, one, zero),
            Binary::Gt => self.choose(Comparison::Less, b, a, one, zero),
            Binary::Ge => self.choose(Comparison::LessEqual, b, a, one, zero),
            Binary::Eq => self.choose(Comparison::Equal, a, b, one, zero),
            Binary::Ne => self.choose(Comparison::NotEqual, a, b, one, zero),
            Binary::And => {
                let b = self.choose(Comparison::Apart, b, zero, one, zero);
                self.choose(Comparison::Apart, a, zero, b, zero)
            }
            Binary::Or => {
                let b = self.choose(Comparison::Apart, b, zero, one, zero);
                self.choose(Comparison::Apart, a, zero, one, b)
            }
        }
    }

    /// `then` where `condition` holds.
    pub fn select(&mut self, condition: Value, then: Value, otherwise: Value) -> Value {
        let zero = self.number(0.0);
        self.choose(Comparison::Apart, condition, zero, then, otherwise)
    }

    pub fn negate(&mut self, a: Value) -> Value {
        let sign = self.bits(SIGN);
        self.two(Operator::Xor, a, sign)
    }

    fn magnitude(&mut self, a: Value) -> Value {
        let rest = self.bits(!SIGN);
        self.two(Operator::And, a, rest)
    }

    /// `a + b x` for a number `a`.
    fn plus(&mut self, a: f64, product: Value) -> Value {
        let a = self.number(a);
        self.add(a, product)
    }

    fn times(&mut self, a: Value, b: f64) -> Value {
        let b = self.number(b);
        self.mul(a, b)
    }

    /// The nearest integer, for numbers below 2^51.
    fn nearest(&mut self, a: Value) -> Value {
        let shift = self.number(SHIFT);
        let sum = self.add(a, shift);
        self.sub(sum, shift)
    }

    fn exp_sum(&mut self, high: Value, low: Value) -> Value {
        let (zero, one, two) = (self.number(0.0), self.number(1.0), self.number(2.0));
        let (most, least) = (self.number(720.0), self.number(-760.0));
        let x = self.choose(Comparison::Less, most, high, most, high);
        let x = self.choose(Comparison::Less, x, least, least, x);
        let low = self.choose(Comparison::Equal, x, high, low, zero);

        let scaled = self.times(x, std::f64::consts::LOG2_E);
        let k = self.nearest(scaled);
        let product = self.times(k, LN2_HIGH);
        let high = self.sub(x, product);
        let product = self.times(k, LN2_LOW);
        let low = self.sub(product, low);
        let r = self.sub(high, low);
        let rr = self.mul(r, r);
        let mut sum = self.number(EXP[4]);
        for p in EXP[..4].iter().rev() {
            let product = self.mul(rr, sum);
            sum = self.plus(*p, product);
        }
        let product = self.mul(rr, sum);
        let c = self.sub(r, product);
        let (rc, rest) = (self.mul(r, c), self.sub(two, c));
        let quotient = self.div(rc, rest);
        let difference = self.sub(quotient, low);
        let sum = self.add(difference, high);
        let y = self.add(one, sum);

        let halved = self.times(k, 0.5);
        let half = self.nearest(halved);
        let other = self.sub(k, half);
        let (first, second) = (self.power_of_two(half), self.power_of_two(other));
        let product = self.mul(y, first);
        self.mul(product, second)
    }

    fn power_of_two(&mut self, k: Value) -> Value {
        let sum = self.plus(SHIFT + 1023.0, k);
        self.compute(Node::Shift(sum, 52))
    }

    fn ln(&mut self, x: Value) -> Value {
        let (zero, one, two) = (self.number(0.0), self.number(1.0), self.number(2.0));
        let (infinity, nan) = (self.number(f64::INFINITY), self.number(f64::NAN));
        let minus_infinity = self.number(f64::NEG_INFINITY);
        let (k, m) = self.split(x);
        let f = self.sub(m, one);
        let half = self.times(f, 0.5);
        let half_square = self.mul(half, f);
        let denominator = self.add(two, f);
        let s = self.div(f, denominator);
        let z = self.mul(s, s);
        let w = self.mul(z, z);
        let even = self.horner(w, &[LN[1], LN[3], LN[5]]);
        let even = self.mul(w, even);
        let odd = self.horner(w, &[LN[0], LN[2], LN[4], LN[6]]);
        let odd = self.mul(z, odd);
        let r = self.add(even, odd);
        let sum = self.add(half_square, r);
        let product = self.mul(s, sum);
        let low = self.times(k, LN2_LOW);
        let sum = self.add(product, low);
        let sum = self.sub(sum, half_square);
        let sum = self.add(sum, f);
        let high = self.times(k, LN2_HIGH);
        let finite = self.add(sum, high);
        let result = self.choose(Comparison::Equal, x, infinity, x, finite);
        let result = self.choose(Comparison::Equal, x, zero, minus_infinity, result);
        self.choose(Comparison::LessEqual, zero, x, result, nan)
    }

    /// `c_0 + x (c_1 + x (...))`.
    fn horner(&mut self, x: Value, coefficients: &[f64]) -> Value {
        let mut sum = self.number(coefficients[coefficients.len() - 1]);
        for c in coefficients[..coefficients.len() - 1].iter().rev() {
            let product = self.mul(x, sum);
            sum = self.plus(*c, product);
        }
        sum
    }

    fn split(&mut self, x: Value) -> (Value, Value) {
        const LOW_END: u64 = 0x3fe6_a09e << 32;
        const ONE: u64 = 0x3ff0_0000 << 32;
        const TWO_52: f64 = 4_503_599_627_370_496.0;
        const TWO_54: f64 = 18_014_398_509_481_984.0;
        let least = self.number(f64::MIN_POSITIVE);
        let enlarged = self.times(x, TWO_54);
        let scaled = self.choose(Comparison::Less, x, least, enlarged, x);
        let (large, small) = (self.number(1023.0 + 54.0), self.number(1023.0));
        let offset = self.choose(Comparison::Less, x, least, large, small);
        let distance = self.bits(ONE - LOW_END);
        let bits = self.two(Operator::AddBits, scaled, distance);
        let shifted = self.compute(Node::Shift(bits, -52));
        let two_52 = self.number(TWO_52);
        let exponent = self.two(Operator::Or, shifted, two_52);
        let exponent = self.sub(exponent, two_52);
        let (mask, low_end) = (self.bits(0x000f_ffff_ffff_ffff), self.bits(LOW_END));
        let mantissa = self.two(Operator::And, bits, mask);
        let m = self.two(Operator::AddBits, mantissa, low_end);
        (self.sub(exponent, offset), m)
    }

    fn pow(&mut self, x: Value, y: Value) -> Value {
        let (zero, one) = (self.number(0.0), self.number(1.0));
        let (infinity, nan) = (self.number(f64::INFINITY), self.number(f64::NAN));
        let base = self.magnitude(x);
        let (log_high, log_low) = self.ln_sum(base);
        let (most, least) = (
            self.number(36_893_488_147_419_103_232.0),
            self.number(-36_893_488_147_419_103_232.0),
        );
        let exponent = self.choose(Comparison::Less, most, y, most, y);
        let exponent = self.choose(Comparison::Less, exponent, least, least, exponent);
        let (high, low) = self.exact_product(exponent, log_high);
        let product = self.mul(exponent, log_low);
        let low = self.add(low, product);
        let result = self.exp_sum(high, low);

        let at_infinity = self.choose(Comparison::Less, zero, y, base, zero);
        let result = self.choose(Comparison::Equal, base, infinity, at_infinity, result);
        let at_zero = self.choose(Comparison::Less, zero, y, zero, infinity);
        let result = self.choose(Comparison::Equal, base, zero, at_zero, result);

        // Parity of the exponent, 1 for true.
        let magnitude = self.magnitude(y);
        let integer = self.is_integer(magnitude);
        let halved = self.times(magnitude, 0.5);
        let even = self.is_integer(halved);
        let not_even = self.sub(one, even);
        let odd = self.mul(integer, not_even);
        let sign = self.bits(SIGN);
        let sign = self.two(Operator::And, x, sign);
        let sign = self.choose(Comparison::Equal, odd, one, sign, zero);
        let result = self.two(Operator::Xor, result, sign);
        // A negative finite base with a fractional exponent.
        let fractional = self.choose(Comparison::Equal, integer, zero, nan, result);
        let fractional = self.choose(Comparison::Less, base, infinity, fractional, result);
        let result = self.choose(Comparison::Less, x, zero, fractional, result);
        let result = self.choose(Comparison::Unordered, x, y, nan, result);
        let result = self.choose(Comparison::Equal, x, one, one, result);
        self.choose(Comparison::Equal, y, zero, one, result)
    }

    fn is_integer(&mut self, v: Value) -> Value {
        let (zero, one, two_52) = (self.number(0.0), self.number(1.0), self.number(4_503_599_627_370_496.0));
        let sum = self.add(v, two_52);
        let rounded = self.sub(sum, two_52);
        let small = self.choose(Comparison::Equal, rounded, v, one, zero);
        self.choose(Comparison::LessEqual, two_52, v, one, small)
    }

    fn ln_sum(&mut self, x: Value) -> (Value, Value) {
        let (one, two) = (self.number(1.0), self.number(2.0));
        let (k, m) = self.split(x);
        let f = self.sub(m, one);
        let d = self.add(m, one);
        let back = self.sub(d, one);
        let d_low = self.sub(m, back);
        let reciprocal = self.div(one, d);
        let s = self.mul(f, reciprocal);
        let (p, p_low) = self.exact_product(s, d);
        let (rest, correction) = (self.sub(f, p), self.mul(s, d_low));
        let rest = self.sub(rest, p_low);
        let rest = self.sub(rest, correction);
        let s_low = self.mul(rest, reciprocal);

        let z = self.mul(s, s);
        let cubed = self.mul(s, z);
        let mut tail = self.number(2.0 / 25.0);
        for odd in (3..25).step_by(2).rev() {
            let product = self.mul(tail, z);
            let c = self.number(2.0 / f64::from(odd));
            tail = self.add(product, c);
        }
        let tail = self.mul(cubed, tail);
        let (scaled, doubled) = (self.times(k, LN2_HIGH), self.mul(two, s));
        let (high, high_low) = self.exact_sum(scaled, doubled);
        let two_low = self.mul(two, s_low);
        let growth = self.add(one, z);
        let product = self.mul(two_low, growth);
        let scaled = self.times(k, LN2_LOW);
        let inner = self.add(product, scaled);
        let inner = self.add(tail, inner);
        let low = self.add(high_low, inner);
        let sum = self.add(high, low);
        let back = self.sub(sum, high);
        (sum, self.sub(low, back))
    }

    /// A product and its rounding error, which `solver::math` finds by splitting the factors. Both are exact where the error is a double;
    /// where it is too small for one it is too small to matter (test over the whole range).
    fn exact_product(&mut self, a: Value, b: Value) -> (Value, Value) {
        let product = self.mul(a, b);
        (product, self.compute(Node::MultiplySubtract([a, b, product])))
    }

    fn exact_sum(&mut self, a: Value, b: Value) -> (Value, Value) {
        let sum = self.add(a, b);
        let virtual_b = self.sub(sum, a);
        let virtual_a = self.sub(sum, virtual_b);
        let (left, right) = (self.sub(a, virtual_a), self.sub(b, virtual_b));
        (sum, self.add(left, right))
    }
}
