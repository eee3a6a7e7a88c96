"""Normal-normal updating of a mixture and a meta-analytic predictive prior, by numerical quadrature over the parameters."""
import numpy as np
import scipy
from scipy import integrate
from scipy.stats import halfnorm, norm

print(f"# numpy {np.__version__}, scipy {scipy.__version__}")
print("case,quantity,value")

# A robust mixture after an estimate: quadrature over the effect.
prior = [(0.8, 1.0, 0.5), (0.2, 0.0, 4.0)]
estimate, error = -0.4, 0.6
density = lambda x: sum(w * norm.pdf(x, m, s) for w, m, s in prior) * norm.pdf(estimate, x, error)
options = dict(epsabs=1e-13, epsrel=1e-12, limit=400, points=[-0.4, 0, 1])
total = integrate.quad(density, -12, 12, **options)[0]
mean = integrate.quad(lambda x: x * density(x), -12, 12, **options)[0] / total
square = integrate.quad(lambda x: x * x * density(x), -12, 12, **options)[0] / total
above = integrate.quad(density, 0, 12, epsabs=1e-13, epsrel=1e-12, limit=400, points=[1])[0] / total
print(f"mixture,mean,{mean!r}")
print(f"mixture,sd,{(square - mean * mean) ** 0.5!r}")
print(f"mixture,above_zero,{above!r}")
# Assurance of a trial with standard error 0.3 that wins above 1.96: quadrature over the prior.
wins = lambda x: sum(w * norm.pdf(x, m, s) for w, m, s in prior) * norm.sf(1.959963984540054 - x / 0.3)
print(f"mixture,assurance,{integrate.quad(wins, -30, 30, epsabs=1e-13, limit=800, points=[0, 0.5, 1, 2])[0]!r}")

# Meta-analytic predictive prior: mean and deviation between studies integrated on a fine grid, moments of the next study.
studies = [(0.31, 0.12), (0.55, 0.2), (0.12, 0.15), (0.42, 0.1)]
mean_scale, between_scale = 2.0, 0.5
mus = np.linspace(-4, 4, 2001)
taus = (np.arange(800) + 0.5) / 800 * 5 * between_scale
weight = np.zeros((len(taus), len(mus)))
for k, tau in enumerate(taus):
    log = norm.logpdf(mus, 0, mean_scale) + halfnorm.logpdf(tau, scale=between_scale)
    for y, s in studies:
        log = log + norm.logpdf(y, mus, np.hypot(s, tau))
    weight[k] = log
weight = np.exp(weight - weight.max())
weight /= weight.sum()
m1 = (weight * mus).sum()
m2 = (weight * (mus**2 + (taus**2)[:, None])).sum()
print(f"map,mean,{float(m1)!r}")
print(f"map,sd,{float(m2 - m1 * m1) ** 0.5!r}")
tail = sum((weight[k] * norm.sf((0.0 - mus) / tau)).sum() for k, tau in enumerate(taus))
print(f"map,above_zero,{float(tail)!r}")
