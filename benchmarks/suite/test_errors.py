"""`python -m unittest suite.test_errors`, in the folder above."""

import unittest

import numpy as np

from suite.errors import patient_errors, ratio, speed_at

# Ten times the accuracy costs half the speed: a straight line on logarithmic scales.
CURVE = [(1e-2, 400.0), (1e-3, 200.0), (1e-4, 100.0)]


class Errors(unittest.TestCase):
    def test_speed_between_two_points_lies_on_the_line_through_them(self):
        self.assertAlmostEqual(speed_at(CURVE, 10**-3.5), 200 / 2**0.5)

    def test_order_of_points_does_not_matter(self):
        self.assertEqual(speed_at(CURVE[::-1], 5e-4), speed_at(CURVE, 5e-4))

    def test_an_error_that_was_not_reached_has_no_speed(self):
        self.assertIsNone(speed_at(CURVE, 1e-5))

    def test_an_error_above_all_has_the_speed_of_the_loosest_run(self):
        self.assertAlmostEqual(speed_at(CURVE, 0.1), 400.0)

    def test_best_of_ours_is_held_against_best_of_theirs(self):
        twice = [(e, 2 * s) for e, s in CURVE]
        found = ratio([("slow", True, CURVE), ("fast", True, twice), ("peer", False, CURVE), ("late", False, [(1e-2, 9e9)])], 5e-4)
        self.assertAlmostEqual(found["ratio"], 2.0)
        self.assertEqual((found["malar"], found["peer"]), ("fast", "peer"))

    def test_a_patient_without_numbers_is_infinitely_wrong(self):
        seen, reference = np.ones((2, 3, 4)), np.ones((2, 3, 4))
        seen[1, 2, 3] = np.nan
        self.assertEqual(list(patient_errors(seen, reference)), [0.0, np.inf])


if __name__ == "__main__":
    unittest.main()
