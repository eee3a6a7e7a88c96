# Repeated measures on made data with gaps: nlme::gls (REML) for the structures it has; for compound symmetry also
# lmerTest (Satterthwaite) and pbkrtest (Kenward-Roger) on the random-intercept model, which is the same model.
suppressMessages({library(nlme); library(lme4); library(lmerTest); library(pbkrtest)})
v <- function(p) as.character(packageVersion(p))
cat("#", R.version.string, "nlme", v("nlme"), "lme4", v("lme4"), "lmerTest", v("lmerTest"), "pbkrtest", v("pbkrtest"), "\n")
row <- function(...) cat(paste(c(...), collapse = ","), "\n", sep = "")
full <- function(x) format(x, digits = 15, trim = TRUE, scientific = FALSE)

set.seed(20)
n <- 60
d <- expand.grid(visit = 0:3, subject = 0:(n - 1))
d$arm <- d$subject %% 2
d$base <- round(rnorm(n, 10, 2), 3)[d$subject + 1]
d$y <- round(5 + 0.4 * d$base + 0.6 * d$visit + 0.5 * d$arm * d$visit + rnorm(n, 0, 1.5)[d$subject + 1] +
               rnorm(4 * n, 0, 1 + 0.3 * d$visit), 3)
d <- d[runif(4 * n) > 0.06 * d$visit, ]
for (k in seq_len(nrow(d))) row("data", d$subject[k], d$visit[k], d$arm[k], full(d$base[k]), full(d$y[k]))
d$v <- factor(d$visit)
d$t <- d$visit + 1
for (j in 1:3) d[[paste0("v", j)]] <- as.numeric(d$visit == j)
f <- y ~ base + v1 + v2 + v3 + arm + I(arm * v1) + I(arm * v2) + I(arm * v3)

tight <- glsControl(tolerance = 1e-12, msTol = 1e-12, maxIter = 500, msMaxIter = 500, opt = "nlminb")
fit <- function(cor, weights) gls(f, d, correlation = cor, weights = weights, method = "REML", control = tight)
own <- function() varIdent(form = ~ 1 | v)
models <- list(
  Unstructured = fit(corSymm(form = ~ t | subject), own()),
  CompoundSymmetry = fit(corCompSymm(form = ~ 1 | subject), NULL),
  HeterogeneousCompoundSymmetry = fit(corCompSymm(form = ~ 1 | subject), own()),
  Autoregressive = fit(corAR1(form = ~ t | subject), NULL),
  HeterogeneousAutoregressive = fit(corAR1(form = ~ t | subject), own()))
for (name in names(models)) {
  m <- models[[name]]
  # gls drops ln det(X'X)/2 from the restricted likelihood unless the design is orthonormal; SAS and we keep it out.
  row("fit", name, "deviance", full(-2 * as.numeric(logLik(m))))
  row("fit", name, "estimate", full(unname(coef(m))))
  row("fit", name, "se", full(unname(sqrt(diag(m$varBeta)))))
}
d$a1 <- d$arm * d$v1; d$a2 <- d$arm * d$v2; d$a3 <- d$arm * d$v3
lm <- lmer(y ~ base + v1 + v2 + v3 + arm + a1 + a2 + a3 + (1 | subject), d, REML = TRUE,
           control = lmerControl(optCtrl = list(xtol_rel = 1e-13, ftol_rel = 1e-14, xtol_abs = 1e-13, ftol_abs = 1e-13), optimizer = "nloptwrap"))
s <- summary(lm, ddf = "Satterthwaite")$coefficients
row("fit", "CompoundSymmetry", "satterthwaite_df", full(unname(s[, "df"])))
k <- summary(lm, ddf = "Kenward-Roger")$coefficients
row("fit", "CompoundSymmetry", "kenward_roger_se", full(unname(k[, "Std. Error"])))
row("fit", "CompoundSymmetry", "kenward_roger_df", full(unname(k[, "df"])))
