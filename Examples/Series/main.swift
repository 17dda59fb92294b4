import Backtape
import Foundation

// The series: one network written in five styles, checked against the published result.

do {
  let settings = try Settings(Array(CommandLine.arguments.dropFirst()))
  if settings.wantsHelp {
    print(Settings.usage)
    exit(0)
  }
  var parts = Parts(settings)
  try parts.run()
  exit(parts.disagreements.isEmpty ? 0 : 1)
} catch let wrong as Settings.Wrong {
  FileHandle.standardError.write(Data("\(wrong.message)\n\(Settings.usage)\n".utf8))
  exit(2)
} catch {
  FileHandle.standardError.write(Data("series: \(error)\n".utf8))
  exit(1)
}
