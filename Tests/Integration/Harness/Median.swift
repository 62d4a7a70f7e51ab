extension [Duration] {
    /// The middle one: what it usually took, whatever else ran on the machine now and then. Zero if there is none.
    var median: Duration { isEmpty ? .zero : sorted()[count / 2] }
}
