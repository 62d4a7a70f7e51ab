/// The tables of a document while it is read, and the rules by which a table may be added to.
///
/// All tables and arrays stand in one array and name their children by index: nothing recurses before the document is
/// whole, and then only as deep as `TOML.depthMax`.
struct TOMLTree {
    /// A table or an array of the document, by its place in `containers`.
    typealias ContainerID = Int

    /// What made a table, which decides who may add to it.
    enum Origin: Equatable {
        /// Named on the way to another by a header: a header of its own may come later.
        case implicit
        case header
        /// Named by a dotted key in the section of that table: only keys of the same section add to it.
        case dotted(section: ContainerID)
        /// Closed with its brace.
        case inline
    }

    enum Kind: Equatable {
        case table(Origin)
        /// `[1, 2]`, closed with its bracket.
        case array
        /// Made and added to by `[[headers]]`.
        case tables
    }

    struct Container {
        var kind: Kind
        let depth: Int
        let range: Range<Int>
        var names: [Name] = []
        var children: [Child] = []
        /// Places in `children` by name. Only looked up, never walked: its order is not the document's.
        var places: [String: Int] = [:]
    }

    struct Name {
        let text: String
        let range: Range<Int>
    }

    enum Child {
        case leaf(TOML.Item)
        case container(ContainerID)
    }

    private(set) var containers = [Container(kind: .table(.header), depth: 0, range: 0..<0)]
    static let root: ContainerID = 0

    // MARK: Headers

    /// The table of `[path]`.
    mutating func openTable(_ path: [Name]) throws(TOMLError) -> ContainerID {
        let (parent, name) = try walkHeader(path)
        switch child(of: parent, named: name.text) {
        case nil:
            return try add(.table(.header), named: name, to: parent)
        case .leaf:
            throw TOMLError(.duplicateKey(name.text), at: name.range.lowerBound)
        case .container(let id):
            guard containers[id].kind == .table(.implicit) else {
                throw TOMLError(.tableIsDefined(name.text), at: name.range.lowerBound)
            }
            containers[id].kind = .table(.header)
            return id
        }
    }

    /// The new last table of `[[path]]`.
    mutating func appendTable(_ path: [Name]) throws(TOMLError) -> ContainerID {
        let (parent, name) = try walkHeader(path)
        switch child(of: parent, named: name.text) {
        case nil:
            let tables = try add(.tables, named: name, to: parent)
            return try add(.table(.header), range: name.range, to: tables)
        case .leaf:
            throw TOMLError(.duplicateKey(name.text), at: name.range.lowerBound)
        case .container(let id):
            guard containers[id].kind == .tables else {
                throw TOMLError(.tableIsDefined(name.text), at: name.range.lowerBound)
            }
            return try add(.table(.header), range: name.range, to: id)
        }
    }

    /// The table that the last name of a header belongs to. Of an array of tables a header means the last table.
    private mutating func walkHeader(_ path: [Name]) throws(TOMLError) -> (parent: ContainerID, name: Name) {
        var place = Self.root
        var rest = path
        guard let last = rest.popLast() else { throw TOMLError(.expected(.key), at: 0) }
        for name in rest {
            switch child(of: place, named: name.text) {
            case nil:
                place = try add(.table(.implicit), named: name, to: place)
            case .leaf:
                throw TOMLError(.notATable(name.text), at: name.range.lowerBound)
            case .container(let id):
                switch containers[id].kind {
                case .table(.inline):
                    throw TOMLError(.tableIsDefined(name.text), at: name.range.lowerBound)
                case .table:
                    place = id
                case .array:
                    throw TOMLError(.notATable(name.text), at: name.range.lowerBound)
                case .tables:
                    guard case .container(let newest)? = containers[id].children.last else {
                        throw TOMLError(.notATable(name.text), at: name.range.lowerBound)
                    }
                    place = newest
                }
            }
        }
        return (place, last)
    }

    // MARK: After an error

    /// The table that a header defined, for one that names it a second time; nil for what may not be added to.
    func headerTable(_ path: [Name]) -> ContainerID? {
        var place = Self.root
        for name in path {
            guard case .container(let id)? = child(of: place, named: name.text) else { return nil }
            switch containers[id].kind {
            case .table(.header), .table(.implicit): place = id
            case .table(.dotted), .table(.inline), .array, .tables: return nil
            }
        }
        return place
    }

    func childCount(of container: ContainerID) -> Int { containers[container].children.count }

    /// Forgets the children behind the first `count`, which an error has cut off.
    mutating func cut(_ container: ContainerID, to count: Int) {
        while containers[container].children.count > count {
            containers[container].children.removeLast()
            if let name = containers[container].names.popLast() { containers[container].places[name.text] = nil }
        }
    }

    /// A table of no document.
    mutating func detachedTable() -> ContainerID {
        containers.append(Container(kind: .table(.header), depth: 0, range: 0..<0))
        return containers.count - 1
    }

    // MARK: Keys and values

    /// The table that the last name of a dotted key belongs to, within the section (or inline table) that is read.
    mutating func walkKey(_ path: ArraySlice<Name>, in section: ContainerID) throws(TOMLError) -> ContainerID {
        var place = section
        for name in path {
            switch child(of: place, named: name.text) {
            case nil:
                place = try add(.table(.dotted(section: section)), named: name, to: place)
            case .leaf:
                throw TOMLError(.notATable(name.text), at: name.range.lowerBound)
            case .container(let id):
                switch containers[id].kind {
                case .table(.implicit):
                    containers[id].kind = .table(.dotted(section: section))
                case .table(.dotted(section: section)):
                    break
                case .table:
                    throw TOMLError(.tableIsDefined(name.text), at: name.range.lowerBound)
                case .array, .tables:
                    throw TOMLError(.notATable(name.text), at: name.range.lowerBound)
                }
                place = id
            }
        }
        return place
    }

    mutating func add(_ item: TOML.Item, named name: Name?, to container: ContainerID) throws(TOMLError) {
        try add(.leaf(item), named: name, to: container)
    }

    /// A table or an array that is about to be read, within a table under its name or at the end of an array.
    mutating func open(
        _ kind: Kind, range: Range<Int>, named name: Name?, in container: ContainerID
    ) throws(TOMLError) -> ContainerID {
        let depth = containers[container].depth + 1
        guard depth <= TOML.depthMax else { throw TOMLError(.tooDeep, at: range.lowerBound) }
        let id = containers.count
        try add(.container(id), named: name, to: container)
        containers.append(Container(kind: kind, depth: depth, range: range))
        return id
    }

    private mutating func add(_ kind: Kind, named name: Name, to parent: ContainerID) throws(TOMLError) -> ContainerID {
        try open(kind, range: name.range, named: name, in: parent)
    }

    private mutating func add(_ kind: Kind, range: Range<Int>, to parent: ContainerID) throws(TOMLError) -> ContainerID
    {
        try open(kind, range: range, named: nil, in: parent)
    }

    private mutating func add(_ child: Child, named name: Name?, to container: ContainerID) throws(TOMLError) {
        if let name {
            guard containers[container].places[name.text] == nil else {
                throw TOMLError(.duplicateKey(name.text), at: name.range.lowerBound)
            }
            containers[container].places[name.text] = containers[container].children.count
            containers[container].names.append(name)
        }
        containers[container].children.append(child)
    }

    private func child(of container: ContainerID, named name: String) -> Child? {
        containers[container].places[name].map { containers[container].children[$0] }
    }

    // MARK: The whole

    func table(_ id: ContainerID) -> TOML.Table {
        let container = containers[id]
        return TOML.Table(
            members: zip(container.names, container.children).map { name, child in
                TOML.Member(name: name.text, nameRange: name.range, item: item(child))
            })
    }

    private func item(_ child: Child) -> TOML.Item {
        switch child {
        case .leaf(let item):
            return item
        case .container(let id):
            let container = containers[id]
            switch container.kind {
            case .table: return TOML.Item(value: .table(table(id)), range: container.range)
            case .array, .tables:
                return TOML.Item(value: .array(container.children.map(item)), range: container.range)
            }
        }
    }
}
