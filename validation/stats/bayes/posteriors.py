"""Beta posteriors of a share by scipy: mean, equal-tailed interval, probability above a threshold.

    python posteriors.py > posteriors.csv
"""
import scipy
from scipy.stats import beta

print(f"# scipy {scipy.__version__}")
print("a,b,responders,n,threshold,mean,low,high,above")
for a, b in ((1, 1), (0.5, 0.5), (2.5, 4)):
    for x, n, threshold in ((12, 20, 0.4), (27, 60, 0.35), (8, 10, 0.5), (0, 15, 0.1), (15, 15, 0.9), (180, 500, 0.3)):
        law = beta(a + x, b + n - x)
        values = (law.mean(), *law.interval(0.95), law.sf(threshold))
        print(f"{a},{b},{x},{n},{threshold}," + ",".join(f"{float(v):.15g}" for v in values))
