"""Beta and predictive probabilities by scipy; the meta-analytic predictive prior by adaptive quadrature over the mean
and spread, study integrals by Gauss-Hermite with 80 points."""
import numpy as np
import scipy
from scipy import integrate, stats
from scipy.special import expit

print(f"# scipy {scipy.__version__}")
print("quantity,arguments,value")
for a, b, c, d in [(28, 34, 19, 43), (13, 9, 8, 14), (1, 1, 1, 1), (2.5, 300, 4, 250), (60, 3, 50, 5)]:
    for margin in (0.0, 0.1):
        f = lambda x: stats.beta.pdf(x, c, d) * stats.beta.sf(min(x + margin, 1), a, b)
        mid = stats.beta.ppf([0.001, 0.5, 0.999], c, d)
        print(f"exceeds,{a} {b} {c} {d} {margin},{integrate.quad(f, 0, 1, points=mid, epsabs=1e-13, limit=500)[0]!r}")
for n, x, more in [(20, 12, 20), (10, 1, 30)]:
    post = (1 + x, 1 + n - x)
    p = sum(stats.betabinom.pmf(k, more, *post) for k in range(more + 1)
            if stats.beta.sf(0.4, post[0] + k, post[1] + more - k) > 0.975)
    print(f"predictive,{x} {n} {n + more} 0.4 0.975,{float(p)!r}")

n = np.array([107, 44, 51, 39, 139, 20, 78, 35])
r = np.array([23, 12, 19, 9, 39, 6, 9, 10])
nodes, weights = np.polynomial.hermite_e.hermegauss(80)
weights = weights / weights.sum()
mus, mu_w = np.polynomial.legendre.leggauss(200)
mus, mu_w = -1.1 + 3.0 * mus, 3.0 * mu_w
taus, tau_w = np.polynomial.legendre.leggauss(120)
taus, tau_w = 2.5 * (taus + 1), 2.5 * tau_w
top = r * np.log(r / n) + (n - r) * np.log(1 - r / n)
post = np.zeros((len(mus), len(taus)))
for i, mu in enumerate(mus):
    for j, tau in enumerate(taus):
        p = expit(mu + tau * nodes)[:, None]
        like = np.exp(r * np.log(p) + (n - r) * np.log1p(-p) - top)
        post[i, j] = np.prod(weights @ like) * stats.norm.pdf(mu, 0, 2) * stats.halfnorm.pdf(tau) * mu_w[i] * tau_w[j]
post /= post.sum()
M, T = np.meshgrid(mus, taus, indexing="ij")
share = expit(M[..., None] + T[..., None] * nodes)
mean = float((post[..., None] * weights * share).sum())
sd = float((post[..., None] * weights * (share - mean) ** 2).sum() ** 0.5)
cdf = lambda q: float((post * stats.norm.cdf((np.log(q / (1 - q)) - M) / T)).sum())
print(f"map_mean,,{mean!r}")
print(f"map_sd,,{sd!r}")
for q in (0.1, 0.25, 0.5):
    print(f"map_above,{q},{1 - cdf(q)!r}")
