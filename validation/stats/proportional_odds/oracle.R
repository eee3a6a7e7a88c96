# Proportional odds from MASS::polr on two made data sets. Its own Hessian is a coarse difference quotient, so standard errors
# come from numDeriv's at the same estimates.
suppressMessages({library(MASS); library(numDeriv)})
i <- 0:239
arm <- i %% 2
age <- 20 + (i * 37) %% 41 + 0.25 * (i %% 4)
uniform <- ((i * 7919) %% 1009 + 0.5) / 1009
latent <- 0.8 * arm - 0.02 * age + log(uniform / (1 - uniform))
made <- cut(latent, c(-Inf, -1.5, -0.5, 1, Inf), labels = FALSE) - 1
small <- c(0, 0, 1, 1, 2, 2, 2, 0, 1, 2, 1, 1, 0, 0, 2, 1)
sets <- list(made = list(y = made, x = cbind(arm, age)), small = list(y = small, x = cbind(arm = rep(0:1, 8))))
cat("#", R.version.string, "MASS", as.character(packageVersion("MASS")), "\n")
cat("set,quantity,value,columns of each row and category\n")
for (name in names(sets)) {
  s <- sets[[name]]
  frame <- data.frame(y = factor(s$y), s$x)
  fit <- polr(y ~ ., data = frame, Hess = TRUE, control = list(reltol = 1e-15, maxit = 10000))
  log_likelihood <- function(p) {
    b <- p[1:ncol(s$x)]
    cuts <- c(-Inf, p[-(1:ncol(s$x))], Inf)
    eta <- as.vector(s$x %*% b)
    sum(log(plogis(cuts[s$y + 2] - eta) - plogis(cuts[s$y + 1] - eta)))
  }
  s$x <- as.matrix(s$x)
  V <- solve(-hessian(log_likelihood, c(coef(fit), fit$zeta)))
  n_x <- ncol(s$x)
  for (j in 1:n_x) cat(sprintf("%s,b%d,%.10g,\n%s,se%d,%.10g,\n", name, j - 1, coef(fit)[j], name, j - 1, sqrt(V[j, j])))
  for (j in seq_along(fit$zeta)) cat(sprintf("%s,cut%d,%.10g,\n", name, j - 1, fit$zeta[j]))
  cat(sprintf("%s,log_likelihood,%.12g,\n", name, as.numeric(logLik(fit))))
  rows <- apply(cbind(s$x, s$y), 1, function(r) paste(sprintf("%.10g", r), collapse = "/"))
  cat(sprintf("%s,data,0,%s\n", name, paste(rows, collapse = " ")))
}
