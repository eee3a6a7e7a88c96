# Conditional power and conditional error of group-sequential designs from rpact: two arms of equal size, normal approximation.
# Rscript rpact.R > rpact.csv
suppressMessages(library(rpact))
cat("# rpact", as.character(packageVersion("rpact")), "\n")
cat("what,z,t,critical,drift,value\n")
for (t in c(0.5, 0.3, 0.7)) for (z in c(1.5, 0.4, 2.2, -0.5)) {
  design <- getDesignGroupSequential(kMax = 2, alpha = 0.025, typeOfDesign = "noEarlyEfficacy", informationRates = c(t, 1))
  critical <- design$criticalValues[2]
  # n subjects an arm now: a difference of z √(2/n) has this z. The rest is (1 - t) of n/t.
  n <- 1000 * t
  data <- getDataset(n1 = n, n2 = n, means1 = z * sqrt(2 / n), means2 = 0, stDevs1 = 1, stDevs2 = 1)
  stage <- getStageResults(design, data, stage = 1, normalApproximation = TRUE)
  rest <- 2 * (1000 - n)
  for (drift in c(z / sqrt(t), 3.2415155)) {
    # At full information n is 1000 an arm, and a difference θ has drift θ √(1000/2).
    power <- getConditionalPower(stage, nPlanned = rest, thetaH1 = drift / sqrt(500), assumedStDev = 1)$conditionalPower[2]
    cat(sprintf("conditional,%.12g,%g,%.15g,%.15g,%.12g\n", stage$overallTestStatistics[1], t, critical, drift, power))
  }
  error <- getConditionalRejectionProbabilities(stage)[1]
  cat(sprintf("error,%.12g,%g,%.15g,0,%.12g\n", stage$overallTestStatistics[1], t, critical, error))
}
