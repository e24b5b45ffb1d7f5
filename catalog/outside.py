"""Which addresses lie outside the network that the shop stands in.

A file from elsewhere names addresses that the shop then asks. Whoever wrote it
must not reach through the shop what only the shop can reach: itself, its
neighbours, its provider's own services.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

IPAddress = IPv4Address | IPv6Address

# Python 3.11 takes these for public.
INSIDE_V4 = (
    IPv4Network("192.0.0.0/24"),  # RFC 6890, protocol assignments; Oracle's cloud answers at 192.0.0.192
    IPv4Network("192.88.99.0/24"),  # RFC 7526, relays of 6to4, withdrawn
    IPv4Network("168.63.129.16/32"),  # Azure's own services, from each machine there
)
INSIDE_V6 = (
    IPv6Network("2001:db8::/32"),  # RFC 3849, documentation
    IPv6Network("3fff::/20"),  # RFC 9637, documentation
)
GLOBAL_UNICAST = IPv6Network("2000::/3")  # RFC 4291 and IANA's registry: all that is given out so far
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052; the last 32 bits are the IPv4 address


def is_outside(address: IPAddress) -> bool:
    """Whether it is a public address, read as that of the IPv4 host where an IPv6 address stands for one."""
    if isinstance(address, IPv6Address):
        host = _host_behind(address)
        if host is None:
            return address in GLOBAL_UNICAST and address.is_global and not _is_in(address, INSIDE_V6)
        address = host
    return address.is_global and not (address.is_multicast or address.is_reserved or _is_in(address, INSIDE_V4))


def _host_behind(address: IPv6Address) -> IPv4Address | None:
    """The host of a mapped, 6to4 or NAT64 address. Teredo's 2001::/32 is not global to begin with."""
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


def _is_in(address: IPAddress, networks: tuple[IPv4Network, ...] | tuple[IPv6Network, ...]) -> bool:
    return any(address in network for network in networks)
