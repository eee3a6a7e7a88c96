# Closed combination tests of several arms against a control, arms dropped after the first stage, from rpact: Simes' tests of the
# intersections, inverse normal combination. Rscript closed.R > closed.csv
suppressMessages(library(rpact))
cat("# rpact", as.character(packageVersion("rpact")), "\n")
cat("planned,first p values,second p values,rejected\n")
full <- function(x) paste(ifelse(is.na(x), "dropped", sprintf("%.15g", x)), collapse = " ")
set.seed(11)
for (planned in c(0.5, 0.4)) for (arms in 2:4) for (k in 1:8) {
  design <- getDesignInverseNormal(kMax = 2, alpha = 0.025, typeOfDesign = "noEarlyEfficacy", informationRates = c(planned, 1))
  n <- 100
  first <- round(rnorm(arms, 0.18, 0.15), 3)
  second <- round(rnorm(arms, 0.22, 0.15), 3)
  # The best arm goes on, sometimes others too.
  second[rank(-first) > if (k %% 3 == 0) arms else 1 + k %% 2] <- NA
  cells <- list()
  for (a in seq_len(arms)) {
    cells[[paste0("n", a)]] <- c(n, if (is.na(second[a])) NA else n)
    cells[[paste0("means", a)]] <- c(first[a], second[a])
    cells[[paste0("stDevs", a)]] <- c(1, if (is.na(second[a])) NA else 1)
  }
  cells[[paste0("n", arms + 1)]] <- c(n, n)
  cells[[paste0("means", arms + 1)]] <- c(0, 0)
  cells[[paste0("stDevs", arms + 1)]] <- c(1, 1)
  stage <- getStageResults(design, do.call(getDataset, cells), intersectionTest = "Simes", normalApproximation = TRUE)
  test <- getClosedCombinationTestResults(stage)
  cat(paste(planned, full(stage$separatePValues[, 1]), full(stage$separatePValues[, 2]),
            paste(ifelse(test$rejected[, 2], "yes", "no"), collapse = " "), sep = ","), "\n", sep = "")
}
