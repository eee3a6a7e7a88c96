"""Normal and beta distribution values from scipy."""
import scipy
from scipy import special, stats

print(f"# scipy {scipy.__version__}")
print("function,x,a,b,value")
for z in (-37.0, -8.0, -3.5, -1.959963984540054, -1.0, -0.1, 0.0, 0.3, 1.2815515655446004, 2.5758, 6.0, 8.2):
    print(f"normal_cdf,{z!r},0,0,{float(stats.norm.cdf(z))!r}")
for p in (1e-300, 1e-20, 1e-9, 0.001, 0.0025, 0.025, 0.3, 0.5, 0.5000001, 0.8, 0.975, 0.99999, 1 - 1e-12):
    print(f"normal_quantile,{p!r},0,0,{float(stats.norm.ppf(p))!r}")
for a, b in ((0.5, 0.5), (1, 1), (1, 29), (3, 8), (30, 2), (81, 183), (500, 1500), (6000, 4000)):
    for x in (1e-6, 0.01, 0.1, 0.25, 0.3, 0.6, 0.9, 0.999):
        print(f"beta_cdf,{x!r},{a},{b},{float(special.betainc(a, b, x))!r}")
    for p in (0.0005, 0.025, 0.5, 0.975):
        print(f"beta_quantile,{p!r},{a},{b},{float(special.betaincinv(a, b, p))!r}")
