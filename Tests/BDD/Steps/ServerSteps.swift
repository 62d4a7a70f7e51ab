import Gherkin

extension StepLibrary {
    /// The server's life, and who talks to it.
    mutating func defineServerSteps() throws {
        try given("a running server") { scene, _ in
            try scene.driver.start(scene.setup)
        }
        try given("a running server that syncs before it acknowledges") { scene, _ in
            scene.setup.syncsBeforeAcknowledging = true
            try scene.driver.start(scene.setup)
        }
        try given("a client that is logged in as root") { scene, _ in
            try scene.logIn(.first)
        }
        try when("a second client logs in") { scene, _ in
            try scene.logIn(.second)
        }
        try given("segments so small that every few messages begin a new one") { scene, _ in
            scene.setup.segmentBytes = 512
            try scene.driver.killAndRestart(scene.setup)
        }
        try when("the server is killed and started again") { scene, _ in
            try scene.driver.killAndRestart(scene.setup)
        }
        try when("the power fails and the machine starts again") { scene, _ in
            try scene.driver.cutPowerAndRestart(scene.setup)
        }
    }
}
