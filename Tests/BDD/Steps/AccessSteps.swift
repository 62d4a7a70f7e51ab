import Gherkin
import Primitives
import Wire

extension StepLibrary {
    /// Who may do what.
    mutating func defineAccessSteps() throws {
        try when("a second client tries to log in with a wrong password") { scene, _ in
            let login = LoginUser(name: try scene.name("iggy"), password: Secret("not the password"))
            scene.lastAnswer = try scene.ask(.loginUser(login), as: .second)
        }
        try when("a second client creates a stream without logging in") { scene, _ in
            scene.lastAnswer = try scene.ask(.createStream(name: try scene.name("stolen")), as: .second)
        }
        try then("it is refused") { scene, _ in
            try expect(scene.lastAnswer?.isRefused == true, "the server agreed")
            scene.lastAnswer = nil
        }
        try then("the stream {string} does not exist") { scene, arguments in
            let payload = try scene.demand(.getStream(.name(try scene.name(arguments.string()))))
            try expect(payload.isEmpty, "it exists")
        }
    }
}
