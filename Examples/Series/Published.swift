import Backtape
import Foundation

/// What the post printed after 50 iterations.
enum Published {
  static let predictions = ["0.16773399", "0.1427798", "0.84060332", "0.82558171"]

  /// Whether predictions have all the published digits.
  static func matches(_ predictions: Tensor) -> Bool {
    let values = predictions.scalars(as: Double.self)
    return values.count == self.predictions.count
      && zip(values, self.predictions).allSatisfy { value, text in
        digits(value, like: text) == text
      }
  }

  /// A value rounded to as many digits as a published text has.
  private static func digits(_ value: Double, like text: String) -> String {
    String(format: "%.\(text.count - 2)f", value)
  }
}
