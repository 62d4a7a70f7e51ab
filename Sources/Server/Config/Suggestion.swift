/// The nearest of the names that are known, for whoever mistyped one.
enum Suggestion {
    private static let lengthMax = 256

    /// How far names may be apart.
    enum Reach: Equatable {
        /// Three, or three tenths of the longer name: of variables, which have long beginnings in common.
        case far
        /// A third of the shorter name, or one: of words.
        case near
        /// So many letters.
        case within(Int)

        fileprivate func bound(_ left: Int, _ right: Int) -> Int {
            switch self {
            case .far: max(3, max(left, right) * 3 / 10)
            case .near: max(1, min(left, right) / 3)
            case .within(let bound): bound
            }
        }
    }

    /// Names within an edit distance, and hardly farther than the nearest: nearest first, then in the order of the list,
    /// at most `count`.
    static func nearest(to name: String, among names: [String], count: Int, reach: Reach) -> [String] {
        let letters = Array(name.utf8)
        // Names far longer than any other are no slips.
        guard letters.count <= lengthMax else { return [] }
        let near = names.enumerated().compactMap { place, candidate -> (distance: Int, place: Int)? in
            let other = Array(candidate.utf8)
            let bound = reach.bound(letters.count, other.count)
            guard abs(letters.count - other.count) <= bound else { return nil }
            let distance = editDistance(letters, other, swapping: reach != .far)
            return distance <= bound ? (distance, place) : nil
        }
        let nearest = near.map(\.distance).min() ?? 0
        return near.filter { $0.distance <= nearest + 1 }.sorted { ($0.distance, $0.place) < ($1.distance, $1.place) }
            .prefix(count).map { names[$0.place] }
    }

    /// Levenshtein's: insertions, deletions and replacements of bytes. `swapping` counts two neighbours that changed
    /// places as one more of them.
    private static func editDistance(_ left: [UInt8], _ right: [UInt8], swapping: Bool) -> Int {
        var (before, above) = ([Int](), Array(0...right.count))
        for (index, letter) in left.enumerated() {
            var row = [index + 1]
            row.reserveCapacity(right.count + 1)
            for (place, other) in right.enumerated() {
                var distance = min(above[place] + (letter == other ? 0 : 1), above[place + 1] + 1, row[place] + 1)
                if swapping, index > 0, place > 0, letter == right[place - 1], left[index - 1] == other {
                    distance = min(distance, before[place - 1] + 1)
                }
                row.append(distance)
            }
            (before, above) = (above, row)
        }
        return above[right.count]
    }
}
