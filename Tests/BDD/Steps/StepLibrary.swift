import Gherkin

/// The meaning of every sentence in `features/`, defined once for both worlds.
struct StepLibrary {
    private(set) var registry = StepRegistry<Scene>()

    /// Throws if an expression cannot be read: no scenario can be played then.
    static let shared = Result { () throws -> StepRegistry<Scene> in
        var library = StepLibrary()
        try library.defineServerSteps()
        try library.definePlacementSteps()
        try library.defineTopicSteps()
        try library.defineMessageSteps()
        try library.defineConsumerSteps()
        try library.defineFaultSteps()
        try library.defineAccessSteps()
        return library.registry
    }

    mutating func given(
        _ expression: String, file: String = #fileID, line: Int = #line,
        _ body: @escaping StepRegistry<Scene>.Body
    ) throws {
        try registry.given(expression, file: file, line: line, Self.played(body))
    }

    mutating func when(
        _ expression: String, file: String = #fileID, line: Int = #line,
        _ body: @escaping StepRegistry<Scene>.Body
    ) throws {
        try registry.when(expression, file: file, line: line, Self.played(body))
    }

    mutating func then(
        _ expression: String, file: String = #fileID, line: Int = #line,
        _ body: @escaping StepRegistry<Scene>.Body
    ) throws {
        try registry.then(expression, file: file, line: line, Self.played(body))
    }

    /// Between two steps the world may have a surprise ready; and what it cannot do is remembered as such, not as a
    /// failure.
    private static func played(_ body: @escaping StepRegistry<Scene>.Body) -> StepRegistry<Scene>.Body {
        { scene, arguments in
            try scene.driver.stepBegins()
            do {
                try body(&scene, arguments)
            } catch let error as NotHere {
                scene.skipReason = error.description
                throw error
            }
        }
    }
}
