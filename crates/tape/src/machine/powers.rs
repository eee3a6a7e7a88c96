//! pow as a flow: operation by operation what `solver::math` does, so that the bits agree (test). Most exponents are numbers that are known
//! when the code is made; what follows from them is computed then.

use super::flow::{Comparison, Flow, Node, Operator, Value};
use super::functions::{LN2_HIGH, LN2_LOW, SIGN};

impl Flow {
    pub(super) fn pow(&mut self, x: Value, y: Value) -> Value {
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
