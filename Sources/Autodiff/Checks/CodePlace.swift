import BacktapeKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A place in a program: a function, and the line of its source where that can be found out.
public struct CodePlace: Sendable, CustomStringConvertible {
  /// The function, as readable as the platform makes it; the module if it is not known.
  public let function: String
  /// The file and line, if the program has debug information and the machine `llvm-symbolizer` or
  /// `addr2line`.
  public let line: String?
  /// Where in the module: what a symboliser takes.
  public let offset: UInt64

  /// Function and line, or function and offset.
  public var description: String {
    line.map { "\(function), at \($0)" } ?? "\(function), at offset 0x\(String(offset, radix: 16))"
  }
}

extension CodePlace {
  /// The return addresses of the calls at work.
  static func returnAddresses(limit: Int = 64) -> [UInt] {
    withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer?.self, capacity: limit) { addresses in
      let count = bt_return_addresses(addresses.baseAddress, Int32(limit))
      return addresses[..<Int(count)].map { UInt(bitPattern: $0) }
    }
  }

  /// The places of calls, without those in this library and in Swift's.
  static func ofCalls(returningTo addresses: [UInt]) -> [CodePlace] {
    // The call is before the address it returns to.
    let places = addresses.map { bt_locate_code(UnsafeRawPointer(bitPattern: $0 - 1)) }
    var lines = [(symbol: String, line: String)?](repeating: nil, count: places.count)
    let byModule = Dictionary(grouping: places.indices.filter { places[$0].module != nil }) {
      String(cString: places[$0].module)
    }
    for (module, indices) in byModule {
      let found = symbolised(indices.map { places[$0].offset }, in: module)
      for (index, line) in zip(indices, found) { lines[index] = line }
    }
    return places.indices.compactMap { index in
      let place = places[index]
      let symbol = lines[index]?.symbol ?? place.symbol.map { String(cString: $0) }
      guard let symbol, !symbol.isOfLibraries else { return nil }
      return CodePlace(
        function: symbol.demangled, line: lines[index].map(\.line), offset: place.offset)
    }
  }

  /// Asks a symboliser of the machine, if there is one, for symbols and lines.
  private static func symbolised(
    _ offsets: [UInt64], in module: String
  ) -> [(symbol: String, line: String)?] {
    let list = offsets.map { "0x" + String($0, radix: 16) }.joined(separator: " ")
    let file =
      "'"
      + module.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "'\\''") + "'"
    let command = """
      llvm-symbolizer --output-style=GNU --no-demangle --no-inlines -f -e \(file) \(list) \
      2>/dev/null || addr2line -f -e \(file) \(list) 2>/dev/null
      """
    guard let pipe = popen(command, "r") else { return offsets.map { _ in nil } }
    defer { pclose(pipe) }
    var text: [UInt8] = []
    while case let character = getc(pipe), character != EOF { text.append(UInt8(character)) }
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
    if lines.count != 2 * offsets.count { return offsets.map { _ in nil } }
    return offsets.indices.map { i in
      let (symbol, line) = (String(lines[2 * i]), String(lines[2 * i + 1]))
      return symbol == "??" || line.hasPrefix("??") ? nil : (symbol, line)
    }
  }
}

extension String {
  /// Whether a symbol is of this library, of Swift's or of C, where no user's code is.
  fileprivate var isOfLibraries: Bool {
    if self == "main" { return false }
    guard hasPrefix("$s") else { return true }
    let digits = dropFirst(2).prefix { $0.isNumber }
    guard let length = Int(digits) else { return true }
    let module = dropFirst(2 + digits.count).prefix(length)
    return ["BacktapeTensors", "BacktapeAutodiff", "BacktapeGraphs", "BacktapeModels", "Testing"]
      .contains(module)
  }

  fileprivate var demangled: String {
    guard let readable = bt_demangled(self) else { return self }
    defer { free(readable) }
    return String(cString: readable)
  }
}
