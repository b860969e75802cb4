"""Serves moto as AWS on loopback, with the networks of `networks.py` built through its API.

Prints one line of JSON when it is ready: the endpoint and the ids. Ends when stdin closes."""

import ipaddress
import json
import sys

import networks
from moto.ec2.models import elastic_ip_addresses, elastic_network_interfaces, nat_gateways, vpcs
from moto.ec2.responses import EC2Response
from moto.core.responses import ActionResult
from moto.ecs import models as ecs_models
from moto.server import ThreadedMotoServer

# Where moto differs from AWS, it is set right here.

counter = 9


def inside(subnet, address):
    """moto gives addresses outside the subnet."""
    global counter
    network = ipaddress.ip_network(subnet.cidr_block)
    if address and ipaddress.ip_address(address) in network:
        return address
    counter += 1
    return str(network.network_address + counter % 200 + 10)


made_interface = elastic_network_interfaces.NetworkInterface.__init__


def interface(self, backend, subnet, private_ip_address, *rest, **named):
    if isinstance(subnet, str):
        subnet = backend.get_subnet(subnet)
    if not named.get("private_ip_addresses") and not (rest and rest[0]):
        first = private_ip_address[0] if isinstance(private_ip_address, list) and private_ip_address else private_ip_address
        private_ip_address = inside(subnet, first or None)
    made_interface(self, backend, subnet, private_ip_address, *rest, **named)


elastic_network_interfaces.NetworkInterface.__init__ = interface

made_nat = nat_gateways.NatGateway.__init__


def nat(self, *rest, **named):
    made_nat(self, *rest, **named)
    self.private_ip = self._eni.private_ip_address
    self._eni.interface_type = "nat_gateway"
    self._eni.status = "in-use"
    self._eni.description = f"Interface for NAT Gateway {self.id}"
    self._eni._group_set = []


nat_gateways.NatGateway.__init__ = nat

made_endpoint = vpcs.VPCBackend.create_vpc_endpoint


def endpoint(self, *rest, **named):
    made = made_endpoint(self, *rest, **named)
    for id in made.network_interface_ids or []:
        eni = self.enis[id]
        eni.interface_type = "vpc_endpoint"
        eni.status = "in-use"
        eni.description = f"VPC Endpoint Interface {made.id}"
        eni._group_set = [self.get_security_group_from_id(group) for group in made.security_group_ids or []]
    service = made.service_name.split(".", 3)[3]
    host = {"ecr.api": "api.ecr", "ecr.dkr": "*.dkr.ecr"}.get(service, service)
    if made.private_dns_enabled and made.network_interface_ids:
        made.dns_entries.append({"dns_name": f"{host}.{self.region_name}.amazonaws.com", "hosted_zone_id": "Z1"})
    return made


vpcs.VPCBackend.create_vpc_endpoint = endpoint
public = iter(range(1, 250))
elastic_ip_addresses.random_ip = lambda: f"54.200.10.{next(public)}"
elastic_network_interfaces.random_public_ip = lambda: f"54.200.11.{next(public)}"
# A task stays as it is when it is looked at.
ecs_models.Task.advance = lambda self: None


def block_public_access(self):
    return ActionResult({"VpcBlockPublicAccessOptions": {
        "AwsAccountId": self.current_account, "AwsRegion": self.region,
        "State": "default-state", "InternetGatewayBlockMode": "off"}})


EC2Response.describe_vpc_block_public_access_options = block_public_access

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
endpoint_url = f"http://{host}:{port}"
ids = getattr(networks, sys.argv[1])(endpoint_url)
print(json.dumps({"endpoint": endpoint_url, "ids": ids}), flush=True)
sys.stdin.read()
server.stop()
