/// A pattern as instructions, and the machine that runs them.
///
/// The machine tries one path after the other, the preferred first, and remembers every pair of
/// instruction and position it has seen: a pair that failed once fails again. So no pair is looked
/// at twice, and a repetition of nothing ends. (The bit-state engine of RE2.)
struct Program: Hashable, Sendable {
    private enum Instruction: Hashable, Sendable {
        case scalar(Unicode.Scalar)
        case one(ScalarClass)
        case jump(Int)
        /// The first is preferred.
        case split(Int, Int)
        case open(Int)
        case close(Int)
        case accept
    }

    private var instructions: [Instruction] = []
    private var argumentCount = 0

    /// Nil if the pattern needs more than `Limits.expressionInstructionsMax` instructions.
    init?(_ pattern: Pattern) {
        guard emit(pattern) else { return nil }
        instructions.append(.accept)
    }

    /// The text of each argument if the whole text matches, else nil.
    ///
    /// - Precondition: the caller has held the text against `Limits.stepCharactersMax`, which
    ///   bounds the memory of one run.
    func match(_ text: [Unicode.Scalar]) -> [String]? {
        var run = Run(instructions.count, text.count, argumentCount: argumentCount)
        while let (counter, position) = run.next() {
            switch instructions[counter] {
            case .scalar(let scalar):
                if position < text.count, text[position] == scalar {
                    run.push(counter + 1, position + 1)
                }
            case .one(let set):
                if position < text.count, set.contains(text[position]) {
                    run.push(counter + 1, position + 1)
                }
            case .jump(let target):
                run.push(target, position)
            case .split(let first, let second):
                run.push(second, position)
                run.push(first, position)
            case .open(let number):
                run.set(\.lower, of: number, to: position)
                run.push(counter + 1, position)
            case .close(let number):
                run.set(\.upper, of: number, to: position)
                run.push(counter + 1, position)
            case .accept:
                if position == text.count { return run.arguments(in: text) }
            }
        }
        return nil
    }
}

// MARK: Compiling

extension Program {
    /// False if there is no room.
    private mutating func emit(_ pattern: Pattern) -> Bool {
        guard instructions.count < Limits.expressionInstructionsMax else { return false }
        switch pattern {
        case .text(let text):
            instructions += text.unicodeScalars.map(Instruction.scalar)
            return instructions.count < Limits.expressionInstructionsMax
        case .one(let set):
            instructions.append(.one(set))
            return true
        case .optional(let inner):
            let split = reserve()
            guard emit(inner) else { return false }
            instructions[split] = .split(split + 1, instructions.count)
            return true
        case .many(let inner):
            let split = reserve()
            guard emit(inner) else { return false }
            instructions.append(.jump(split))
            instructions[split] = .split(split + 1, instructions.count)
            return true
        case .some(let inner):
            let start = instructions.count
            guard emit(inner) else { return false }
            instructions.append(.split(start, instructions.count + 1))
            return true
        case .sequence(let parts):
            return parts.allSatisfy { emit($0) }
        case .choice(let parts):
            return emitChoice(parts)
        case .argument(let number, let inner):
            argumentCount = max(argumentCount, number + 1)
            instructions.append(.open(number))
            guard emit(inner) else { return false }
            instructions.append(.close(number))
            return true
        }
    }

    /// A choice of nothing matches nothing: the only `one` that no scalar satisfies.
    private mutating func emitChoice(_ parts: [Pattern]) -> Bool {
        guard let last = parts.last else { return emit(.one(.only([]))) }
        var exits: [Int] = []
        for part in parts.dropLast() {
            let split = reserve()
            guard emit(part) else { return false }
            exits.append(reserve())
            instructions[split] = .split(split + 1, instructions.count)
        }
        guard emit(last) else { return false }
        for exit in exits { instructions[exit] = .jump(instructions.count) }
        return true
    }

    /// The place of an instruction whose target is not known yet.
    private mutating func reserve() -> Int {
        instructions.append(.accept)
        return instructions.count - 1
    }
}

// MARK: Running

/// The paths still to try and the pairs already seen.
private struct Run {
    struct Bounds {
        var lower = 0
        var upper = 0
    }

    private enum Task {
        case visit(counter: Int, position: Int)
        /// Undoes what a path that failed has noted.
        case restore(argument: Int, Bounds)
    }

    private var tasks: [Task] = [.visit(counter: 0, position: 0)]
    private var seen: [UInt64]
    private let width: Int
    private var bounds: [Bounds]

    init(_ instructionCount: Int, _ scalarCount: Int, argumentCount: Int) {
        width = scalarCount + 1
        seen = Array(repeating: 0, count: instructionCount * width / 64 + 1)
        bounds = Array(repeating: Bounds(), count: argumentCount)
    }

    mutating func push(_ counter: Int, _ position: Int) {
        tasks.append(.visit(counter: counter, position: position))
    }

    mutating func set(_ end: WritableKeyPath<Bounds, Int>, of argument: Int, to position: Int) {
        tasks.append(.restore(argument: argument, bounds[argument]))
        bounds[argument][keyPath: end] = position
    }

    /// The next pair that was not seen.
    mutating func next() -> (counter: Int, position: Int)? {
        while let task = tasks.popLast() {
            switch task {
            case .restore(let argument, let old): bounds[argument] = old
            case .visit(let counter, let position):
                let bit = counter * width + position
                guard seen[bit / 64] & (1 << UInt64(bit % 64)) == 0 else { continue }
                seen[bit / 64] |= 1 << UInt64(bit % 64)
                return (counter, position)
            }
        }
        return nil
    }

    func arguments(in text: [Unicode.Scalar]) -> [String] {
        bounds.map { String(text[$0.lower..<max($0.lower, $0.upper)]) }
    }
}
