import Backtape
import Foundation

// Ours and the peers' workloads, measured in turns on one machine. See Docs/Backtape.docc.

// Writing to a participant that has ended must be an error, not the end.
signal(SIGPIPE, SIG_IGN)

let arguments = Array(CommandLine.arguments.dropFirst())

if arguments.first == "serve", arguments.count == 2,
  let workload = workloads.first(where: { $0.name == arguments[1] })
{
  Server.serve(workload)
  exit(0)
}

let options: Options
do {
  options = try Options(arguments, workloads: workloads.map(\.name))
} catch {
  FileHandle.standardError.write(Data("benchmarks: \(error.message)\n\(Options.usage)\n".utf8))
  exit(2)
}

if options.wantsHelp {
  print(Options.usage)
} else if options.lists {
  for workload in workloads { print("\(workload.name)  \(workload.title)") }
} else if options.isSmoke {
  exit(Smoke(options).run() ? 0 : 1)
} else {
  exit(try Run(options, arguments).run() ? 0 : 1)
}
