"""La boucle du hub : ni un nom que le DNS ne donne pas, ni un serveur qui ne dit pas adieu, ne la fait attendre."""

import asyncio
import socket
import ssl
from collections import Counter
from threading import Event, Thread
from uuid import uuid4

import pytest

from connectors import event_loop
from connectors.http_client import new_session
from connectors.http_out import HttpSink
from contracts.http import SortieHttp
from contracts.ports import Native

from .certificates import Authority
from .http_partner import SECRET, HttpServer

MANY = 40
MESSAGE = Native(b"{}", "application/json")


class Dns:
    """Answers at once for `vivant.test`, and once it is told to that there is no `….mort.test`."""

    def __init__(self):
        self.asked: Counter[str] = Counter()
        self.gives_up = Event()
        self._real = socket.getaddrinfo

    def getaddrinfo(self, host, *args):
        self.asked[host] += 1
        if host.endswith(".mort.test"):
            self.gives_up.wait(60)
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return self._real("127.0.0.1" if host == "vivant.test" else host, *args)


@pytest.fixture
def dns(monkeypatch):
    dns = Dns()
    monkeypatch.setattr(socket, "getaddrinfo", dns.getaddrinfo)
    yield dns
    dns.gives_up.set()


@pytest.fixture
async def others(dns):
    """Connections to hosts that DNS does not give, all under way."""
    loop = asyncio.get_running_loop()
    looks = [asyncio.create_task(loop.getaddrinfo(f"c{n}.mort.test", 443)) for n in range(MANY)]
    async with asyncio.timeout(30):
        while len(dns.asked) + sum(look.done() for look in looks) < MANY:  # noqa: ASYNC110  threads ask, and an event of the loop is not theirs to set
            await asyncio.sleep(0.01)
    yield looks
    for look in looks:
        look.cancel()
    await asyncio.wait(looks)


@pytest.fixture
async def port():
    """Of this machine, where connections are taken; uvloop does not end while it is left open."""
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
async def server():
    server = HttpServer()
    await server.start()
    yield server
    await server.stop()


async def test_names_that_dns_does_not_give_do_not_stop_deliveries_to_others(others, server, monkeypatch):
    monkeypatch.setenv("SIAO_SECRET_SIGNATURE", SECRET)
    async with new_session() as session:
        url = server.url.replace("127.0.0.1", "vivant.test")
        sink = HttpSink(SortieHttp(url=url, secret="env:SIAO_SECRET_SIGNATURE", en_clair=True), session)
        await sink.send(MESSAGE, str(uuid4()))
        await sink.close()
    assert len(server.requests) == 1
    assert not any(look.done() for look in others)


async def test_names_that_dns_does_not_give_do_not_stop_other_connections(others, port):
    """asyncssh, aiokafka and asyncpg leave the name to the loop."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(asyncio.Protocol, "vivant.test", port)
    assert transport.get_extra_info("peername") == ("127.0.0.1", port)
    assert transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    transport.close()
    assert not any(look.done() for look in others)


async def test_who_asks_for_the_same_name_shares_one_look_also_where_the_first_has_given_up(dns):
    loop = asyncio.get_running_loop()
    for _ in range(5):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(loop.getaddrinfo("c.mort.test", 22), 0.05)
    waits = [asyncio.create_task(loop.getaddrinfo("c.mort.test", 22)) for _ in range(5)]
    await asyncio.sleep(0)
    dns.gives_up.set()
    ended = await asyncio.gather(*waits, return_exceptions=True)
    assert all(isinstance(each, socket.gaierror) for each in ended)
    assert dns.asked["c.mort.test"] == 1
    with pytest.raises(socket.gaierror):
        await loop.getaddrinfo("c.mort.test", 22)
    assert dns.asked["c.mort.test"] == 2, "it is asked anew once that is answered"


async def test_who_asks_while_too_many_names_are_looked_up_is_told_so_at_once(others, monkeypatch):
    monkeypatch.setattr(event_loop, "LOOKS", MANY)
    loop = asyncio.get_running_loop()
    with pytest.raises(socket.gaierror, match="too many"):
        await loop.getaddrinfo("vivant.test", 443)
    assert await loop.getaddrinfo("127.0.0.1", 443, type=socket.SOCK_STREAM), "an address is no name"


async def test_a_connection_goes_to_the_next_address_of_a_name_where_the_first_takes_none(port, monkeypatch):
    loop = asyncio.get_running_loop()
    stream = (socket.AF_INET, socket.SOCK_STREAM, 0, "")
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_: [(*stream, ("127.0.0.1", 1)), (*stream, ("127.0.0.1", port))]
    )
    transport, _ = await loop.create_connection(asyncio.Protocol, "deux.test", port)
    assert transport.get_extra_info("peername") == ("127.0.0.1", port)
    transport.close()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [(*stream, ("127.0.0.1", 1))])
    with pytest.raises(ConnectionRefusedError):
        await loop.create_connection(asyncio.Protocol, "deux.test", port)


async def test_a_server_that_never_ends_its_side_holds_nobody_who_closes_the_connection(tmp_path):
    authority, client_is_gone = Authority(tmp_path), Event()
    proof = tmp_path / "serveur.pem"
    proof.write_text("".join(authority.server()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(proof)

    def keep_silent(server: socket.socket) -> None:
        with context.wrap_socket(server.accept()[0], server_side=True):
            client_is_gone.wait(60)

    with socket.create_server(("127.0.0.1", 0)) as server:
        Thread(target=keep_silent, args=(server,), daemon=True).start()
        trust = ssl.create_default_context(cafile=authority.file)
        _, writer = await asyncio.open_connection(*server.getsockname(), ssl=trust)
        writer.close()
        async with asyncio.timeout(20):  # uvloop alone waits for 30
            with pytest.raises(TimeoutError, match="shutdown"):
                await writer.wait_closed()
    client_is_gone.set()
