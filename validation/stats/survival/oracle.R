# Kaplan-Meier, restricted mean, log-rank and Cox from R's survival package, on its own data and on made data with ties.
library(survival)
cat("#", R.version.string, "survival", as.character(packageVersion("survival")), "\n")
row <- function(...) cat(paste(c(...), collapse = ","), "\n", sep = "")
full <- function(x) format(x, digits = 17, trim = TRUE, scientific = FALSE)

i <- 0:179
made <- data.frame(time = 4 * ((i * 37) %% 13 + 1), status = as.integer((i * 11) %% 7 != 0), x = i %% 2,
                   z = round(sin(i * 0.9) * 3 + (i %% 4), 6), h = (i %/% 5) %% 3)
made$time <- ifelse(made$x == 1 & i %% 3 == 0, made$time + 12, made$time)
ov <- data.frame(time = ovarian$futime, status = ovarian$fustat, x = ovarian$rx - 1, z = ovarian$age, h = ovarian$resid.ds - 1)
lu <- with(lung, data.frame(time = time, status = status - 1, x = sex - 1, z = age, h = as.integer(ph.ecog %in% 0)))

for (name in c("made", "ovarian", "lung")) {
  d <- list(made = made, ovarian = ov, lung = lu)[[name]]
  for (k in seq_len(nrow(d))) row("data", name, full(d$time[k]), d$status[k], d$x[k], full(d$z[k]), d$h[k])
  treated <- d[d$x == 1, ]
  km <- survfit(Surv(time, status) ~ 1, treated, conf.type = "log-log")
  for (q in c(0.2, 0.5, 0.8)) {
    t <- unname(quantile(treated$time[treated$status == 1], q, type = 1))
    s <- summary(km, times = t)
    row("estimate", name, "km", full(t), full(c(s$surv, s$std.err, s$lower, s$upper)))
    m <- summary(km, rmean = t)$table
    row("estimate", name, "rmst", full(t), full(unname(m[c("rmean", "se(rmean)")])))
  }
  if (!is.na(summary(km)$table["median"])) row("estimate", name, "median", "", full(unname(summary(km)$table["median"])))
  for (f in c("log_rank", "log_rank_strata")) {
    r <- if (f == "log_rank") survdiff(Surv(time, status) ~ x, d) else survdiff(Surv(time, status) ~ x + strata(h), d)
    o <- if (is.matrix(r$obs)) rowSums(r$obs) else r$obs
    e <- if (is.matrix(r$exp)) rowSums(r$exp) else r$exp
    row("estimate", name, f, "", full(c(o[2], e[2], r$var[2, 2], r$chisq)))
  }
  for (ties in c("breslow", "efron")) for (s in c("", "_strata")) {
    f <- if (s == "") Surv(time, status) ~ x + z else Surv(time, status) ~ x + z + strata(h)
    m <- coxph(f, d, ties = ties, control = coxph.control(eps = 1e-14, toler.chol = 1e-14, iter.max = 50))
    row("estimate", name, paste0("cox_", ties, s), "",
        full(c(coef(m), sqrt(diag(vcov(m))), rev(m$loglik), m$score)))
  }
}
