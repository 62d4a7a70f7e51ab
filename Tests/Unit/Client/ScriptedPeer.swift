import Client
import Foundation
import Glibc

/// A listener that accepts one connection, sends what it is told, piece by piece, and closes.
struct ScriptedPeer {
    let port: UInt16

    init(sending pieces: [[UInt8]], holdsOpen: Bool = false) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) | listen(listener, 1) | getsockname(listener, $0, &length)
            }
        }
        guard code == 0 else { throw CocoaError(.fileNoSuchFile) }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread {
            let peer = accept(listener, nil, nil)
            close(listener)
            var on: Int32 = 1
            setsockopt(peer, Int32(IPPROTO_TCP), Int32(TCP_NODELAY), &on, socklen_t(MemoryLayout<Int32>.size))
            for piece in pieces {
                var sent = 0
                while sent < piece.count {
                    let count = piece.withUnsafeBytes {
                        send(peer, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
                    }
                    guard count > 0 else { break }
                    sent += count
                }
                usleep(200)
            }
            // Held open until the client goes away.
            var byte: UInt8 = 0
            if holdsOpen { while recv(peer, &byte, 1, 0) > 0 {} }
            close(peer)
        }
    }

    var address: Address { Address(port: port) }
}
