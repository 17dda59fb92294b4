#ifndef BACKTAPE_KERNELS_SPECIAL_H
#define BACKTAPE_KERNELS_SPECIAL_H

// Functions that the C library lacks or that it has with a global variable.

/// The number whose erf is x: ±infinity at ±1, NaN beyond.
double bt_erf_inverse_of(double x);
/// log |Γ(x)|: infinity at 0 and the negative integers.
double bt_lgamma_of(double x);
/// Derivative `order` + 1 of log |Γ(x)|, for `order` >= 0.
double bt_polygamma_of(int order, double x);

#endif
