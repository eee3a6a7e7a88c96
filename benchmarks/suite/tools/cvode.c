// CVODE with KLU and an analytic Jacobian, as C: what a careful user of SUNDIALS 6 or 7 would write. Compiled for one model: `model.c` and
// `protocol.h` come from the work folder. Usage: cvode PATIENTS.bin RELATIVE ABSOLUTE PATIENTS OUT
#include <cvode/cvode.h>
#include <nvector/nvector_serial.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sunlinsol/sunlinsol_klu.h>
#include <sunmatrix/sunmatrix_sparse.h>
#include <time.h>
#include "model.c"
#include "protocol.h"

static int f(double t, N_Vector y, N_Vector dy, void *p) {
  rates(t, N_VGetArrayPointer(y), p, N_VGetArrayPointer(dy));
  return 0;
}

static int J(double t, N_Vector y, N_Vector fy, SUNMatrix matrix, void *p, N_Vector a, N_Vector b, N_Vector c) {
  memcpy(SM_INDEXPTRS_S(matrix), columns, sizeof columns);
  memcpy(SM_INDEXVALS_S(matrix), rows, sizeof rows);
  jacobian(t, N_VGetArrayPointer(y), p, SM_DATA_S(matrix));
  return 0;
}

static double processor_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

static double peak_mb(void) {
  char line[256];
  double kb = 0;
  FILE *status = fopen("/proc/self/status", "r");
  while (fgets(line, sizeof line, status)) sscanf(line, "VmHWM: %lf", &kb);
  fclose(status);
  return kb / 1024;
}

int main(int count, char **words) {
  if (count != 6) return 2;
  int n = atoi(words[4]);
  double *p = malloc(sizeof(double) * n * N_PARAMETERS);
  double *seen = malloc(sizeof(double) * n * N_VISITS * N_STATES);
  FILE *file = fopen(words[1], "rb");
  if (!file || fread(p, sizeof(double) * N_PARAMETERS, n, file) != (size_t)n) return 3;
  fclose(file);

  SUNContext context;
  SUNContext_Create(0, &context);
  N_Vector y = N_VNew_Serial(N_STATES, context);
  memcpy(N_VGetArrayPointer(y), initial, sizeof initial);
  void *memory = CVodeCreate(CV_BDF, context);
  CVodeInit(memory, f, 0, y);
  CVodeSStolerances(memory, atof(words[2]), atof(words[3]));
  SUNMatrix matrix = SUNSparseMatrix(N_STATES, N_STATES, N_ENTRIES, CSC_MAT, context);
  CVodeSetLinearSolver(memory, SUNLinSol_KLU(y, matrix, context), matrix);
  CVodeSetJacFn(memory, J);
  CVodeSetMaxNumSteps(memory, 1000000);

  double setup = processor_seconds();
  long all_steps = 0, failures = 0;
  for (int i = 0; i < n; i++) {
    double *parameters = p + (size_t)i * N_PARAMETERS, *record = seen + (size_t)i * N_VISITS * N_STATES;
    memcpy(N_VGetArrayPointer(y), initial, sizeof initial);
    memcpy(record, initial, sizeof initial);
    CVodeSetUserData(memory, parameters);
    for (int k = 0; k < N_SEGMENTS; k++) {
      double t;
      long steps;
      parameters[INFUSED] = segments[k].rate;
      CVodeReInit(memory, segments[k].start, y);
      CVodeSetStopTime(memory, segments[k].end);
      failures += CVode(memory, segments[k].end, y, &t, CV_NORMAL) < 0;
      CVodeGetNumSteps(memory, &steps);
      all_steps += steps;
      if (segments[k].visit >= 0) memcpy(record + segments[k].visit * N_STATES, N_VGetArrayPointer(y), sizeof initial);
    }
  }
  double seconds = processor_seconds() - setup;
  file = fopen(words[5], "wb");
  fwrite(seen, sizeof(double) * N_VISITS * N_STATES, n, file);
  fclose(file);
  printf("{\"cpu_seconds\": %.9g, \"setup_seconds\": %.9g, \"peak_mb\": %.4g, \"steps\": %.6g, \"failures\": %ld}\n", seconds, setup, peak_mb(),
         (double)all_steps / n, failures);
  return 0;
}
