/// How arrays are written as text, after `np.set_printoptions`.
///
/// ```swift
/// var options = PrintOptions()
/// options.precision = 3
/// ```
public struct PrintOptions: Sendable, Hashable {
  /// The most digits after the decimal point; a value that fewer digits identify gets fewer.
  public var precision: Int
  /// The most elements written in full; a larger array is summarised by its corners.
  public var threshold: Int
  /// How many items a summary shows at each end of an axis.
  public var edgeItems: Int
  /// The most characters on a line.
  public var lineWidth: Int
  /// Whether values too small for `precision` are written as zero, not with an exponent.
  public var suppressSmall: Bool

  /// Creates options; each default is NumPy's.
  public init(
    precision: Int = 8, threshold: Int = 1000, edgeItems: Int = 3, lineWidth: Int = 75,
    suppressSmall: Bool = false
  ) {
    self.precision = precision
    self.threshold = threshold
    self.edgeItems = edgeItems
    self.lineWidth = lineWidth
    self.suppressSmall = suppressSmall
  }
}
