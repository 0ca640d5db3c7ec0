"""A forwarder between two ports that keeps what the clients say and may rewrite it on the way."""

import socket
import threading


class TcpTap:
    def __init__(self, target_port=None, rewrite=lambda sent: sent):
        self.target_port, self.rewrite = target_port, rewrite
        self.sent = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target_port))
            except OSError:
                client.close()
                continue
            conversation = bytearray()
            self.sent.append(conversation)
            threading.Thread(target=self._pump, args=(client, server, conversation), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, None), daemon=True).start()

    def _pump(self, source, target, conversation):
        try:
            while data := source.recv(1 << 16):
                if conversation is not None:
                    data = self.rewrite(data)
                    conversation += data
                target.sendall(data)
        except OSError:
            pass
        for connection in (source, target):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        source.close()

    def bodies(self, request_line):
        """Bodies of the requests that begin so."""
        found = []
        for conversation in self.sent:
            rest = bytes(conversation)
            while rest:
                head, _, tail = rest.partition(b"\r\n\r\n")
                length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n")
                               if line.lower().startswith(b"content-length:")), 0)
                if head.startswith(request_line):
                    found.append(tail[:length])
                rest = tail[length:]
        return found
