# Group-sequential bounds, powers and expected sizes from rpact.
suppressMessages(library(rpact))
cat("#", R.version.string, "rpact", as.character(packageVersion("rpact")), "\n")
row <- function(...) cat(paste(c(...), collapse = ","), "\n", sep = "")
full <- function(x) paste(format(x, digits = 12, trim = TRUE, scientific = FALSE), collapse = " ")
looks <- list(c(0.5, 1), c(1 / 3, 2 / 3, 1), c(0.25, 0.5, 0.75, 1), c(0.2, 0.4, 0.6, 0.8, 1), c(0.3, 0.6, 1), c(0.5, 0.75, 1))
cat("kind,information,argument,alpha,drift for 90 % power,upper,lower\n")
for (t in looks) for (alpha in c(0.025, 0.05)) {
  for (type in c("OF", "P", "asOF", "asP", "asHSD", "asKD", "WT")) {
    g <- list(asHSD = -4, asKD = 3)[[type]]
    d <- getDesignGroupSequential(typeOfDesign = type, informationRates = t, alpha = alpha, beta = 0.1, sided = 1,
                                  gammaA = if (is.null(g)) NA_real_ else g, deltaWT = if (type == "WT") 0.25 else NA_real_,
                                  tolerance = 1e-10)
    row(type, full(t), if (!is.null(g)) g else if (type == "WT") 0.25 else "", alpha,
        full(sqrt(getDesignCharacteristics(d)$shift)), full(d$criticalValues), "")
  }
  if (alpha == 0.025) for (binding in c(TRUE, FALSE)) for (spend in c("bsOF", "bsP")) {
    d <- getDesignGroupSequential(typeOfDesign = "asOF", informationRates = t, alpha = alpha, beta = 0.1, sided = 1,
                                  typeBetaSpending = spend, bindingFutility = binding, tolerance = 1e-10)
    row(paste0("asOF+", spend, if (binding) "+binding" else ""), full(t), "", alpha,
        full(sqrt(getDesignCharacteristics(d)$shift)), full(d$criticalValues), full(d$futilityBounds))
  }
}
