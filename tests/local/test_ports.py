"""Ports are free, differ, and stay the same from one start to the next."""

import socket
from dataclasses import astuple
from pathlib import Path

import pytest

from frontoffice.local.ports import PortTaken, choose_ports, free_port


def test_ports_differ_and_are_remembered(tmp_path: Path) -> None:
    portal = free_port()
    first = choose_ports(tmp_path, portal)
    numbers = [*astuple(first), first.admin_grpc]
    assert len(set(numbers)) == len(numbers)
    assert choose_ports(tmp_path, portal) == first


def test_a_remembered_port_that_is_taken_is_replaced(tmp_path: Path) -> None:
    portal = free_port()
    first = choose_ports(tmp_path, portal)
    with socket.create_server(("127.0.0.1", first.mail)):
        second = choose_ports(tmp_path, portal, patience=0)
    assert second.mail != first.mail
    assert second.sign_in == first.sign_in


def test_two_services_side_by_side_share_no_port(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    first = choose_ports(tmp_path / "a", free_port())
    taken = [socket.create_server(("127.0.0.1", port)) for port in (*astuple(first), first.admin_grpc)]
    second = choose_ports(tmp_path / "b", free_port(), patience=0)
    for one in taken:
        one.close()
    assert not set(astuple(first)) & set(astuple(second))


def test_the_asked_port_is_never_replaced(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken, pytest.raises(PortTaken, match="in use"):
        choose_ports(tmp_path, taken.getsockname()[1], patience=0)
