import Foundation

/// A number with three digits, or all before the point, thousands apart by commas.
func shown(_ number: Double) -> String {
  if !number.isFinite { return "\(number)" }
  let magnitude = number.magnitude
  if magnitude >= 1000 {
    let digits = Array(String(format: "%.0f", magnitude))
    let grouped = digits.indices.map { i in
      (i > 0 && (digits.count - i) % 3 == 0 ? "," : "") + String(digits[i])
    }
    return (number < 0 ? "-" : "") + grouped.joined()
  }
  if magnitude >= 100 { return String(format: "%.0f", number) }
  if magnitude >= 10 { return trimmed(String(format: "%.1f", number)) }
  if magnitude >= 1 { return trimmed(String(format: "%.2f", number)) }
  return String(format: "%.3g", number)
}

private func trimmed(_ text: String) -> String {
  var text = Substring(text)
  while text.last == "0" { text.removeLast() }
  if text.last == "." { text.removeLast() }
  return String(text)
}
