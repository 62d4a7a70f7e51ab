import Foundation
import Testing

/// Imports as the house allows them: what `Package.swift` declares, and no libc or Foundation in pure modules.
@Suite struct ArchitectureTests {
    private static let allowed: [String: Set<String>] = [
        "Primitives": [],
        "Platform": ["Primitives"],
        "Wire": ["Primitives"],
        "Server": ["Platform", "Primitives", "Wire"],
        "Sim": ["Platform", "Primitives", "Server", "Verifier", "Wire"],
        "Gherkin": ["Primitives"],
        "Verifier": ["Primitives", "Wire"],
        "Linux": ["CHwloc", "CLinux", "Glibc", "Platform", "Primitives", "Synchronization"],
        "Conformance": ["CLinux", "Glibc", "Linux", "Platform", "Primitives", "Sim"],
        "Client": ["CLinux", "Glibc", "Primitives", "Wire"],
        "Outside": ["CLinux", "Glibc", "Verifier"],
    ]

    private var sources: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources")
    }

    @Test(arguments: Self.allowed.keys.sorted())
    func `a module imports only what the graph allows`(module: String) throws {
        let folder = sources.appending(path: module)
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
            .compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
        try #require(!files.isEmpty)

        for file in files {
            let text = try String(contentsOf: file, encoding: .utf8)
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ")
                guard let place = words.firstIndex(of: "import"), place <= 1, words.count > place + 1 else { continue }
                let isAllowed = Self.allowed[module]?.contains(String(words[place + 1])) == true
                #expect(isAllowed, "\(file.lastPathComponent) imports \(words[place + 1])")
            }
        }
    }
}
