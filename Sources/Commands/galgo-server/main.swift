import Server

let arguments = Array(CommandLine.arguments.dropFirst())
exitProcess(with: run(arguments: arguments, environment: readEnvironment()))
