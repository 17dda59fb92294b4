// Elements left out by chance.

/// Elements at random as 0, the others larger by as much as keeps the mean (Srivastava et al. 2014).
///
/// Which ones is a function of the key alone: give each use and each step its own. A graph or a
/// compiled function draws when it is traced, and then leaves out the same elements in every run;
/// feed it ``dropout(_:rate:uniforms:)``'s numbers.
/// - Parameters:
///   - x: of any shape.
///   - rate: the part left out, in 0...1.
///   - key: what is drawn.
public func dropout(_ x: Tensor, rate: Double, key: RandomKey) -> Tensor {
  rate == 0 ? x.floating : dropout(x, rate: rate, uniforms: .random(x.shape, key: key))
}

/// ``dropout(_:rate:key:)`` of elements whose number is below the rate.
///
/// - Parameters:
///   - x: of any shape.
///   - rate: the part left out, in 0...1.
///   - uniforms: numbers in 0..<1, broadcast to the shape: with extents of 1, whole axes are left
///     out together.
public func dropout(_ x: Tensor, rate: Double, uniforms: Tensor) -> Tensor {
  guard rate >= 0, rate <= 1, uniforms.shape.broadcast(with: x.shape) == x.shape else {
    return Tensor.refuse(
      """
      dropout: the part \(rate) of shape \(x.shape) by numbers of shape \(uniforms.shape); the part \
      is in 0...1, and the numbers broadcast to the shape
      """, x, uniforms)
  }
  let x = x.floating
  return .where(uniforms .< rate, 0, rate == 1 ? x : x * (1 / (1 - rate)))
}
