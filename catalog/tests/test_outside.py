from ipaddress import ip_address

import pytest

from catalog.outside import is_outside


class TestIsOutside:
    @pytest.mark.parametrize(
        "address",
        ["1.1.1.1", "9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0"]
        + ["223.255.255.255", "168.63.129.15", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e"]
        + ["::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:101:101::1"],
    )
    def test_takes_public_addresses(self, address):
        assert is_outside(ip_address(address))

    @pytest.mark.parametrize(
        "address",
        [
            *["127.0.0.1", "127.255.255.255", "0.0.0.0", "0.1.2.3"],  # this machine
            *["10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.1"],  # private
            *["100.64.0.0", "100.127.255.255"],  # shared behind a carrier's translation
            *["169.254.169.254", "168.63.129.16", "192.0.0.192"],  # what clouds tell their machines
            *["224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"],  # multicast, reserved, broadcast
            *["192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "192.88.99.1"],  # documentation, tests, relays
        ],
    )
    def test_refuses_ipv4_that_is_not_public(self, address):
        assert not is_outside(ip_address(address))

    @pytest.mark.parametrize(
        "address",
        [
            *["::1", "::", "fe80::1", "fe80::1%1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "ff0e::1"],
            *["2001:db8::1", "3fff::1", "100::1", "5f00::1", "4000::1", "2001::1", "2001:10::1"],
        ],
    )
    def test_refuses_ipv6_that_is_not_public(self, address):
        assert not is_outside(ip_address(address))

    @pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1"])
    @pytest.mark.parametrize("prefix", ["::ffff:", "64:ff9b::", "64:ff9b:1::", "::ffff:0:", "::"])
    def test_reads_the_ipv4_host_in_an_ipv6_address(self, prefix, host):
        assert not is_outside(ip_address(prefix + host))

    @pytest.mark.parametrize("address", ["2002:7f00:1::1", "2002:a00:1::1", "2002:a9fe:a9fe::1"])
    def test_reads_the_ipv4_host_of_a_tunnel(self, address):
        assert not is_outside(ip_address(address))

    def test_refuses_every_teredo_address(self):
        assert not is_outside(ip_address("2001:0:4136:e378:8000:63bf:3fff:fdd2"))
