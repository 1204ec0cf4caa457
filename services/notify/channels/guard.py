"""Where a webhook may go: its host is resolved once, and the very address that was judged is the one connected to.

So neither a name that points inward nor one that changes between the look and the connection (DNS rebinding) reaches a service of
our own network. Names are looked up in threads of their own: a slow resolver must not hold up anything else.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final

import httpcore

LOOKUPS_AT_ONCE: Final = 64
_EMBEDDING: Final = tuple(IPv6Network(network) for network in ("64:ff9b::/96", "::/96"))
"""Ranges whose addresses stand for the IPv4 address in their last 32 bits (RFC 6052, RFC 4291)."""
_PRIVATE: Final = tuple(ip_network(network) for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))

Address = IPv4Address | IPv6Address


class RefusedError(Exception):
    """The target may not be reached: it is this machine's, a private network's, or nobody's."""


class UnknownHostError(Exception):
    """The name cannot be resolved now."""


def allowed(address: Address, *, inward: bool) -> bool:
    """Return whether an address may be connected to: a public one, with `inward` also this machine's and private networks'."""
    address = _meant(address)
    if inward and (address.is_loopback or any(address in network for network in _PRIVATE if network.version == address.version)):
        return True
    return address.is_global and not address.is_multicast


def _meant(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for, else the address itself."""
    if not isinstance(address, IPv6Address) or address.is_loopback or address.is_unspecified:
        return address
    if any(address in network for network in _EMBEDDING):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)


class Guarded(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were judged; what it is asked for by name it resolves itself."""

    def __init__(self, *, inward: bool) -> None:
        self._inward = inward
        self._net = httpcore.AnyIOBackend()
        self._lookups = ThreadPoolExecutor(LOOKUPS_AT_ONCE, thread_name_prefix="lookup")

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Return a connection to one of the host's addresses; raises RefusedError, UnknownHostError or httpcore's own."""
        addresses = await self.resolve(host, port)
        failure: Exception = UnknownHostError()
        for address in addresses:
            try:
                return await self._net.connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore.ConnectError as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002 - httpcore's
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - httpcore's
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - httpcore's
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: a webhook goes over a network."""
        raise RefusedError

    async def sleep(self, seconds: float) -> None:
        """Sleep."""
        await asyncio.sleep(seconds)

    async def resolve(self, host: str, port: int) -> list[str]:
        """Return the host's addresses; raises UnknownHostError, or RefusedError when any of them may not be reached."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._lookups, _look_up, host, port)
        except (OSError, UnicodeError):
            raise UnknownHostError from None
        if not all(allowed(ip_address(address.partition("%")[0]), inward=self._inward) for address in found):
            raise RefusedError
        return found

    def close(self) -> None:
        """Let the threads go; a look-up on its way is not waited for."""
        self._lookups.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str, port: int) -> list[str]:
    return list(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
