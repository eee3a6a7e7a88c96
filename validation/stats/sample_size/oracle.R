# Sizes of two arms from rpact and from R's power.prop.test; rpact's fixed sizes are of both arms together.
suppressMessages(library(rpact))
cat("#", R.version.string, "rpact", as.character(packageVersion("rpact")), "\n")
cat("program,method,first,second,alpha,power,value\n")
row <- function(program, method, a, b, alpha, power, value) {
  cat(sprintf("%s,%s,%.12g,%.12g,%g,%g,%.14g\n", program, method, a, b, alpha, power, value))
}
pairs <- list(c(0.46, 0.28), c(0.50, 0.30), c(0.464, 0.331), c(0.15, 0.10), c(0.43, 0.32), c(0.95, 0.9), c(0.02, 0.3), c(0.3, 0.6))
for (alpha in c(0.025, 0.05, 0.005)) for (power in c(0.8, 0.9, 0.95)) {
  design <- getDesignGroupSequential(kMax = 1, alpha = alpha, beta = 1 - power, sided = 1)
  for (p in pairs) {
    greater <- p[1] > p[2]
    rates <- getSampleSizeRates(design, pi1 = max(p), pi2 = min(p), normalApproximation = TRUE)
    # rpact's direction is fixed for superiority; the size of a fall is that of the rise with arms exchanged.
    row("rpact", "pooled", p[1], p[2], alpha, power, rates$nFixed / 2)
    row("R", "pooled", p[1], p[2], alpha, power,
        power.prop.test(p1 = p[1], p2 = p[2], sig.level = alpha, power = power, alternative = "one.sided", tol = 1e-12)$n)
    # Wald's test, variance of the shares expected: the size at which its power is reached, by a search.
    v <- p[1] * (1 - p[1]) + p[2] * (1 - p[2])
    reaches <- function(n) pnorm(abs(p[1] - p[2]) / sqrt(v / n) - qnorm(1 - alpha)) - power
    row("R", "unpooled", p[1], p[2], alpha, power, uniroot(reaches, c(1, 1e6), tol = 1e-10)$root)
  }
  for (effect in c(0.1, 0.5, 1.2)) {
    means <- getSampleSizeMeans(design, alternative = effect, stDev = 1, normalApproximation = TRUE)
    row("rpact", "means", effect, NaN, alpha, power, means$nFixed / 2)
  }
  for (ratio in c(0.5, 0.7, 0.75, 0.9, 1.4)) {
    survival <- getSampleSizeSurvival(design, hazardRatio = ratio, typeOfComputation = "Schoenfeld", pi2 = 0.5)
    row("rpact", "events", ratio, NaN, alpha, power, survival$eventsFixed)
  }
}
