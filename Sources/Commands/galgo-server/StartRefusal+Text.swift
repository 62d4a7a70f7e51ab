import Platform
import Server

extension StartRefusal {
    /// What is wrong with the directory, and what to do about it.
    func text(directory: String) -> String {
        let place = printable(directory)
        return switch self {
        case .directoryInUse(let processID):
            processID == 0
                ? "the data directory \(place) is in use by another process"
                : "the data directory \(place) is in use by process \(processID)"
        case .newerFormat(let found, let known):
            "the data directory \(place) has layout \(found); this version knows layout \(known). "
                + "Start it with the version that wrote it. Nothing was changed."
        case .damagedFormat:
            "\(place)/FORMAT is not what this server writes. Nothing was changed."
        case .iggyDirectory:
            "\(place) is a data directory of an Iggy server, which this server does not read. "
                + "Choose another with IGGY_SYSTEM_PATH. Nothing was changed."
        case .foreignDirectory:
            "\(place) holds files and no FORMAT: it is not a data directory of this server. "
                + "Choose an empty one with IGGY_SYSTEM_PATH. Nothing was changed."
        case .failed(let step, let errno):
            "cannot start on \(place): \(step.text) failed: \(errno.text)"
        case .damagedCatalog(let sequence, let position):
            "the catalog is damaged: record file \(sequence) at byte \(position). Nothing was changed; "
                + "restore \(place)/catalog from a copy."
        }
    }
}

extension StartRefusal.StartStep {
    var text: String {
        switch self {
        case .openDirectory: "reading the directory"
        case .lock: "locking it"
        case .readFormat: "reading FORMAT"
        case .writeFormat: "laying it out"
        case .readCatalog: "reading the catalog"
        case .writeCatalog: "writing the catalog"
        case .readBoot: "reading the boot note"
        case .writeBoot: "writing the boot note"
        case .listPartitions: "listing the partitions"
        }
    }
}
