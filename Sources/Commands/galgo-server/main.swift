import Server

let arguments = Array(CommandLine.arguments.dropFirst())
exitProcess(with: serve(arguments: arguments, environment: readEnvironment()))
