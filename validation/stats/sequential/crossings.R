# Probabilities of stopping at each look and expected information from rpact. Rscript crossings.R > crossings.csv
suppressMessages(library(rpact))
cat("#", R.version.string, "rpact", as.character(packageVersion("rpact")), "\n")
full <- function(x) paste(sprintf("%.12g", x), collapse = " ")
looks <- list(c(0.5, 1), c(1 / 3, 2 / 3, 1), c(0.25, 0.5, 0.75, 1), c(0.3, 0.6, 1))
cat("information,upper,lower,drift,success by look,giving up by look,expected information\n")
for (t in looks) for (futility in c("none", "bsOF", "bsP")) {
  binding <- if (futility == "none") NA else TRUE
  d <- getDesignGroupSequential(typeOfDesign = "asOF", informationRates = t, alpha = 0.025, beta = 0.1, sided = 1,
                                typeBetaSpending = futility, bindingFutility = binding, tolerance = 1e-10)
  for (drift in c(0, 1.5, 3.2)) {
    # With a largest size of 1 the effect of a subject is the drift, and the size at the stop is the information.
    p <- getPowerAndAverageSampleNumber(d, theta = drift, nMax = 1)
    none <- futility == "none"
    cat(paste(c(full(t), full(d$criticalValues), if (none) "" else full(d$futilityBounds), full(drift), full(p$rejectPerStage),
                if (none) "" else full(p$futilityPerStage), full(p$averageSampleNumber)), collapse = ","), "\n", sep = "")
  }
}
