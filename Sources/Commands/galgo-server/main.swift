import Linux
import Server

// A reload that is asked for while the process begins is heard by the server that it becomes.
HeldSignals.hold()
let arguments = Array(CommandLine.arguments.dropFirst())
exitProcess(with: run(arguments: arguments, environment: readEnvironment()))
