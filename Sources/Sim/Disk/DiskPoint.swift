import Platform

/// What happens at one operation that changes the disk.
public struct DiskPoint: Equatable, Sendable {
    public enum Deed: Equatable, Sendable {
        /// The power goes out right after the operation had its effect, and before anybody is told.
        case crash(Survival)
        /// The operation has no effect, or a part of it, and says so. Only between the beginning of the work and the
        /// moment from which all must go well; elsewhere, and where the operation can't end like this, nothing happens.
        case refusal(Refusal)
    }

    /// Counts operations that change the disk, from the last power cut or the first start on; from 1.
    public let boundary: Int
    public let deed: Deed

    public init(_ boundary: Int, _ deed: Deed) {
        self.boundary = boundary
        self.deed = deed
    }

    public init(_ boundary: Int, _ survival: Survival) { self.init(boundary, .crash(survival)) }

    /// As a plan has it.
    var line: String {
        switch deed {
        case .crash: "crash \(text)"
        case .refusal: "refuse \(text)"
        }
    }

    public var isCrash: Bool { if case .crash = deed { true } else { false } }

    public var text: String {
        switch deed {
        case .crash(let survival): "\(boundary).\(survival.rawValue)"
        case .refusal(let refusal): "\(boundary).\(refusal.rawValue)"
        }
    }

    public init?(text: some StringProtocol) {
        let parts = text.split(separator: ".")
        guard parts.count == 2, let boundary = Int(parts[0]), boundary > 0 else { return nil }
        if let survival = Survival(rawValue: String(parts[1])) {
            self.init(boundary, .crash(survival))
        } else if let refusal = Refusal(rawValue: String(parts[1])) {
            self.init(boundary, .refusal(refusal))
        } else {
            return nil
        }
    }
}

/// How an operation that changes the disk is refused, once.
public enum Refusal: String, CaseIterable, Sendable {
    /// With `EIO`, without an effect; a sync may lose what it was to save.
    case fails
    /// A write with `EIO`, with half of it in the file.
    case half
    /// The same, and all of it is there.
    case whole
    /// A write moves half of its bytes, and says so.
    case short
    /// What needs room, with `ENOSPC`.
    case full

    public var summary: String {
        switch self {
        case .fails: "it fails with EIO, without an effect; a sync may lose what it was to save"
        case .half: "a write fails with EIO, and half of it is in the file"
        case .whole: "a write fails with EIO, and all of it is in the file"
        case .short: "a write moves half of its bytes"
        case .full: "what needs room fails with ENOSPC"
        }
    }

    /// A reason to refuse a start: a want of room is one by itself, and a short write is none.
    var isError: Bool {
        switch self {
        case .fails, .half, .whole: true
        case .short, .full: false
        }
    }

    /// What that is of this operation, of so many bytes; nil if it can't end like this.
    func injection(_ operation: Operation, byteCount: Int) -> InjectedFault? {
        switch (self, operation) {
        case (.fails, .sync): .syncFails
        case (.fails, _): .fails(.inputOutput)
        case (.half, .write): byteCount > 1 ? .breaksOff(after: byteCount / 2) : nil
        case (.whole, .write): .breaksOff(after: byteCount)
        case (.short, .write): byteCount > 1 ? .short(byteCount / 2) : nil
        case (.full, .write), (.full, .allocate), (.full, .open), (.full, .makeDirectory), (.full, .rename):
            .fails(.noSpace)
        case (.half, _), (.whole, _), (.short, _), (.full, _): nil
        }
    }
}
