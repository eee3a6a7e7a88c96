"""Conditional normal laws for reference-based imputation, from the precision matrix (numpy)."""
import numpy as np

own, ref = np.array([10.0, 8.0, 6.5, 5.0]), np.array([10.2, 9.6, 9.1, 8.8])
S1 = np.array([[4, 2.5, 2, 1.5], [2.5, 5, 3, 2.2], [2, 3, 6, 3.5], [1.5, 2.2, 3.5, 7.0]])
S0 = np.array([[4.4, 2.1, 1.8, 1.1], [2.1, 5.2, 2.6, 2], [1.8, 2.6, 5.5, 3.1], [1.1, 2, 3.1, 6.2]])
y = np.array([11.5, 7.0])
print(f"# numpy {np.__version__}")
print("assumption,mean of visits 3 and 4,covariance")
for name, before, after, S in (("own", own, own, S1), ("jump", own, ref, S0), ("copy", ref, ref, S0)):
    Q = np.linalg.inv(S)
    V = np.linalg.inv(Q[2:, 2:])
    m = after[2:] - V @ Q[2:, :2] @ (y - before[:2])
    print(f"{name},{m[0]!r} {m[1]!r},{V[0, 0]!r} {V[0, 1]!r} {V[1, 1]!r}".replace("np.float64(", "").replace(")", ""))
