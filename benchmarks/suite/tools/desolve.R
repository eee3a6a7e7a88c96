# deSolve, lsoda or bdf, on the C of the model. Arguments: WORK LIBRARY METHOD RELATIVE ABSOLUTE PATIENTS OUT N_PARAMETERS INFUSED (from 1)
suppressMessages(library(deSolve))
words <- commandArgs(TRUE)
work <- words[1]
dyn.load(words[2])
method <- words[3]
relative <- as.numeric(words[4])
absolute <- as.numeric(words[5])
n <- as.integer(words[6])
n_parameters <- as.integer(words[8])
infused <- as.integer(words[9])
segments <- as.matrix(read.csv(file.path(work, "segments.csv"), header = FALSE))
initial <- scan(file.path(work, "initial.csv"), quiet = TRUE)
patients <- matrix(readBin(file.path(work, "patients.bin"), "double", n * n_parameters), n, byrow = TRUE)
visits <- max(segments[, 4]) + 1
seen <- array(NA_real_, c(length(initial), visits, n))
seconds <- function() sum(proc.time()[c("user.self", "sys.self")])
setup <- seconds()
steps <- 0
for (i in 1:n) {
  p <- patients[i, ]
  y <- initial
  seen[, 1, i] <- y
  for (k in seq_len(nrow(segments))) {
    p[infused] <- segments[k, 3]
    solution <- ode(y, segments[k, 1:2], "derivs", p, dllname = "desolve", initfunc = "initmod",
                    method = method, rtol = relative, atol = absolute, maxsteps = 1e6)
    steps <- steps + attr(solution, "istate")[2]
    y <- solution[2, -1]
    if (segments[k, 4] >= 0) seen[, segments[k, 4] + 1, i] <- y
  }
}
cpu <- seconds() - setup
writeBin(as.vector(seen), words[7])
peak <- as.numeric(gsub("[^0-9]", "", grep("VmHWM", readLines("/proc/self/status"), value = TRUE))) / 1024
cat(sprintf('{"cpu_seconds": %.9g, "setup_seconds": %.9g, "peak_mb": %.5g, "steps": %.6g}\n', cpu, setup, peak, steps / n))
