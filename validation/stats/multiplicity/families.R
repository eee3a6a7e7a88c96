# Closed tests that base R knows, and a fixed sequence by testing every intersection. Rscript families.R > families.csv
# Hommel's adjustment is the closed test by Simes (Hommel 1988, Biometrika 75:383); p.adjust has it.
cat("#", R.version.string, "\n")
cat("method,p values,adjusted\n")
set.seed(3)
cases <- c(list(c(0.01, 0.02, 0.03, 0.04), c(0.03, 0.001, 0.2, 0.04), c(0.5, 0.5, 0.01), c(0.049), c(0.012, 0.012, 0.012, 0.2)),
           lapply(c(2, 3, 5, 6, 8), function(n) round(runif(n)^3, 6)))
full <- function(x) paste(sprintf("%.15g", x), collapse = " ")
# Each intersection is tested by the first of its members in the order.
in_order <- function(p) {
  n <- length(p)
  sets <- lapply(seq_len(2^n - 1), function(s) which(bitwAnd(s, 2^(seq_len(n) - 1)) > 0))
  sapply(seq_len(n), function(i) max(sapply(Filter(function(set) i %in% set, sets), function(set) p[min(set)])))
}
for (p in cases) {
  for (method in c("holm", "hochberg", "hommel")) cat(method, ",", full(p), ",", full(p.adjust(p, method)), "\n", sep = "")
  cat("fixed-sequence,", full(p), ",", full(in_order(p)), "\n", sep = "")
}
