import Backtape

/// Whether two tensors are what one computation gives in another order: of one shape and type, and
/// within a few units of the last place of float64.
func areClose(_ a: Tensor, _ b: Tensor) -> Bool {
  a.shape == b.shape && a.dtype == b.dtype && a.allClose(b, relative: 1e-12, absolute: 1e-13)
}
