#include "BacktapeKernels.h"
