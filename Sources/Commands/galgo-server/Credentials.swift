import Server
import Wire

/// The first account as the settings have it. It counts only for a data directory that has no account yet.
struct Credentials {
    enum Source { case environment, defaults, generated }

    let name: String
    let password: Secret
    let source: Source
    /// What may be shown: a password that nobody else knows, or that everybody knows.
    let shown: String?

    init(_ configuration: Configuration) {
        if let name = configuration.rootName, let password = configuration.rootPassword {
            (self.name, self.password, source, shown) = (name, password, .environment, nil)
        } else if configuration.usesDefaultCredentials {
            (name, password, source, shown) = ("iggy", Secret("iggy"), .defaults, "iggy")
        } else {
            let generated = randomPassword()
            (name, password, source, shown) = ("iggy", Secret(generated), .generated, generated)
        }
    }

    /// What the banner says of the account.
    func text(isNew: Bool) -> String {
        let kept = "unchanged since the first start on this directory"
        return switch (source, isNew) {
        case (.environment, true): "\(printable(name)), from IGGY_ROOT_USERNAME and IGGY_ROOT_PASSWORD"
        case (.environment, false): "\(kept); IGGY_ROOT_USERNAME and IGGY_ROOT_PASSWORD did not change it"
        case (.defaults, true): "iggy / iggy, from --with-default-root-credentials"
        case (.defaults, false): "\(kept); --with-default-root-credentials did not change it"
        case (.generated, true): "\(name) / \(shown ?? ""), made up now and not shown again"
        case (.generated, false): kept
        }
    }

    /// How the first message logs in.
    func login(isNew: Bool) -> FirstMessage.Login {
        guard isNew, let shown else { return .asked }
        return .known(name: name, password: shown)
    }
}
