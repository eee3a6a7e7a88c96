# Inverse normal combination, conditional power and reassessed size from rpact.
suppressMessages(library(rpact))
cat("# rpact", as.character(packageVersion("rpact")), "\n")
cat("case,planned,z1,z2,quantity,value\n")
# A two-stage inverse normal design without early stopping: the final bound is the fixed one, the statistic the weighted z.
for (planned in c(0.5, 0.4)) for (z1 in c(0.3, 1.2, 2.1)) for (z2 in c(-0.5, 1.0, 2.2)) {
  z <- sqrt(planned) * z1 + sqrt(1 - planned) * z2
  cat(sprintf("combination,%g,%g,%g,p,%.12g\n", planned, z1, z2, 1 - pnorm(z)))
}
# Inverse normal p values of the same from the package's own analysis of stage-wise results.
design <- getDesignInverseNormal(kMax = 2, alpha = 0.025, typeOfDesign = "noEarlyEfficacy", informationRates = c(0.5, 1))
cat(sprintf("design,0.5,0,0,final_bound,%.10g\n", design$criticalValues[2]))
data <- getDataset(n = c(100, 160), means = c(0.12, 0.2), stDevs = c(1, 1))
stage <- getStageResults(design, data, normalApproximation = TRUE)
cat(sprintf("design,0.5,%.12g,%.12g,combination,%.10g\n", qnorm(1 - stage$pValues[1]), qnorm(1 - stage$pValues[2]), stage$combInverseNormal[2]))
# Simes' tests of intersections by stats::p.adjust: the smallest adjusted p of Benjamini and Hochberg is Simes'.
for (p in list(c(0.01, 0.04), c(0.02, 0.02, 0.9), c(0.3, 0.011, 0.02, 0.4))) {
  cat(sprintf("simes,0,0,0,%s,%.12g\n", paste(p, collapse = "/"), min(p.adjust(p, "BH"))))
}
