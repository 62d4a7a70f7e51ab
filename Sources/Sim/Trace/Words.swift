import Platform

// Events and operations as a person reads them: what is done to which file or connection, without the bookkeeping.

extension Event {
    /// `ended`: the operation whose end it is, with the class of its file.
    func words(ended: (operation: Operation, ioClass: IOClass?)?) -> String {
        let subject = ended.map { $0.operation.words($0.ioClass) }
        return switch self {
        case .started: "started"
        case .accepted(let peer, _): "accepted \(peer.words)"
        case .received(let peer, let slice):
            slice.byteCount == 0 ? "the end of \(peer.words)" : "received \(slice.byteCount) B of \(peer.words)"
        case .receiveFailed(let peer, let errno): "failed with \(errno): receive from \(peer.words)"
        case .disconnected(let peer): "disconnected \(peer.words)"
        case .opened(_, let file, let byteCount): "done: \(subject ?? "open") as \(file.words(nil)), \(byteCount) B long"
        case .completed(_, let count): "done: \(subject ?? "an operation")" + (count == 0 ? "" : ", \(count) B")
        case .space(_, let free, let total): "done: measure space, \(free) B of \(total) free"
        case .failed(_, let errno): "failed with \(errno): \(subject ?? "an operation")"
        case .timerDue: "alarm"
        case .mail(from: let sender, let letter): "\(letter.text) from \(sender)"
        case .shardLost(let shard, let generation): "\(shard) is lost, generation \(generation)"
        case .stopRequested: "stop requested"
        }
    }
}

extension Operation {
    /// `ioClass`: of its file, if it is about one that is open.
    func words(_ ioClass: IOClass?) -> String {
        switch self {
        case .startAccepting: "start accepting"
        case .receive(let peer, _), .receiveFresh(let peer): "receive from \(peer.words)"
        case .send(let peer, _, _): "send to \(peer.words)"
        case .disconnect(let peer): "disconnect \(peer.words)"
        case .open(let path, let mode, _): "open \(path.text) (\(mode))"
        case .close(let file, _): "close \(file.words(ioClass))"
        case .read(let file, let position, let into, _):
            "read \(file.words(ioClass)) at \(position), up to \(into.byteCount) B"
        case .write(let file, let position, _, _): "write \(file.words(ioClass)) at \(position)"
        case .allocate(let file, let position, let byteCount, _):
            "allocate \(byteCount) B of \(file.words(ioClass)) at \(position)"
        case .truncate(let file, let byteCount, _): "truncate \(file.words(ioClass)) to \(byteCount) B"
        case .sync(let file, _, _, _): "sync \(file.words(ioClass))"
        case .syncDirectory(let directory, _): "sync directory \(directory.words)"
        case .makeDirectory(let directory, _): "make directory \(directory.words)"
        case .removeDirectory(let directory, _): "remove directory \(directory.words)"
        case .moveDirectory(let source, let target, _): "move directory \(source.words) to \(target.words)"
        case .unlink(let path, _): "unlink \(path.text)"
        case .rename(let source, let target, _): "rename \(source.text) to \(target.name)"
        case .list(let directory, _, _): "list \(directory.words)"
        case .measureSpace: "measure space"
        case .lock(let path, _): "lock \(path.text)"
        case .crypt: "crypt"
        case .mail(to: let shard, let letter): "\(letter.text) to \(shard)"
        case .wake(at: let time): "wake at \(time / microsecond) µs"
        case .notice(let notice): "notice: \(notice)"
        case .stopped: "stopped"
        case .refuseStart(let refusal): "refuse the start: \(refusal)"
        }
    }
}

extension ConnectionID {
    fileprivate var words: String { "connection \(slot).\(generation)" }
}

extension FileID {
    fileprivate func words(_ ioClass: IOClass?) -> String {
        (ioClass.map { "\($0) " } ?? "") + "file \(slot).\(generation)"
    }
}

extension Directory {
    fileprivate var words: String { text.isEmpty ? "." : text }
}

extension Letter {
    fileprivate var text: String {
        let all = [words.a, words.b, words.c, words.d, words.e, words.f]
        let used = all.prefix((all.lastIndex { $0 != 0 } ?? -1) + 1).map { "\($0)" }.joined(separator: " ")
        return "\(isReply ? "reply" : "request") \(kind) (\(used))"
    }
}
