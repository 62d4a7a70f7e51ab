extension Array where Element: Comparable {
    /// Binary search in an ascending array.
    ///
    /// Its base name is not `contains`: `names.allSatisfy(others.contains)` would silently become this.
    @inlinable
    public func sortedContains(_ value: Element) -> Bool {
        var low = 0
        var high = count
        while low < high {
            let middle = low + (high - low) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low] == value
    }
}
