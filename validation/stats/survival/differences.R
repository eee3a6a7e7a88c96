# Restricted means of two arms and quantiles of event times from R's survival package, on the data of expected.csv.
# Rscript differences.R > differences.csv
library(survival)
cat("#", R.version.string, "survival", as.character(packageVersion("survival")), "\n")
cat("set,what,argument,value,standard error\n")
lines <- readLines("expected.csv")
d <- read.csv(text = sub("^data,", "", grep("^data,", lines, value = TRUE)), header = FALSE,
              col.names = c("set", "time", "status", "x", "z", "h"))
full <- function(x) sprintf("%.17g", x)
for (name in unique(d$set)) {
  one <- d[d$set == name, ]
  arms <- lapply(1:0, function(x) survfit(Surv(time, status) ~ 1, one[one$x == x, ]))
  # Both arms have events and patients at risk up to the shorter of their last times.
  last <- min(tapply(one$time, one$x, max))
  first <- max(tapply(one$time, one$x, min))
  for (horizon in first + c(0.2, 0.5, 0.9) * (last - first)) {
    m <- sapply(arms, function(fit) summary(fit, rmean = horizon)$table[c("rmean", "se(rmean)")])
    cat(paste(name, "difference", full(horizon), full(m[1, 1] - m[1, 2]), full(sqrt(sum(m[2, ]^2))), sep = ","), "\n", sep = "")
  }
  for (p in c(0.1, 0.25, 0.5)) {
    q <- unname(quantile(arms[[1]], probs = p)$quantile)
    if (!is.na(q)) cat(paste(name, "quantile", p, full(q), "", sep = ","), "\n", sep = "")
  }
}
