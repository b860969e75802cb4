"""Serves moto as AWS on loopback, with the networks of `networks.py` built through its API.

Prints one line of JSON when it is ready: the endpoint and the ids. Ends when stdin closes."""

import ipaddress
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import networks
from moto.ec2.models import (
    elastic_ip_addresses, elastic_network_interfaces, nat_gateways, transit_gateway_attachments,
    transit_gateway_route_tables, vpcs)
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

Tables = transit_gateway_route_tables.TransitGatewayRouteTableBackend
made_association = Tables.set_route_table_association
found_routes = Tables.search_transit_gateway_routes


def association(self, transit_gateway_attachment_id, transit_gateway_route_table_id):
    """An attachment is associated with one table, and with the default one only where that is on."""
    attachment = self.transit_gateway_attachments[transit_gateway_attachment_id]
    gateway = self.transit_gateways[attachment.transit_gateway_id]
    table = self.transit_gateways_route_tables[transit_gateway_route_table_id]
    attachment.transit_gateway_route_table = None
    if table is gateway.default_route_table and gateway.options["DefaultRouteTableAssociation"] == "disable":
        return
    for other in self.transit_gateways_route_tables.values():
        other.route_table_associations.pop(transit_gateway_attachment_id, None)
    attachment.transit_gateway_route_table = table
    made_association(self, transit_gateway_attachment_id, transit_gateway_route_table_id)


def routes(self, transit_gateway_route_table_id, filters, max_results=None):
    """moto loses where routes lead, and knows none that are propagated."""
    def leading_to(one):
        return [{"resourceId": one.resource_id, "resourceType": one.resource_type,
                 "transitGatewayAttachmentId": one.id}]
    found = []
    for route in found_routes(self, transit_gateway_route_table_id, filters):
        leads = route.get("transitGatewayAttachments")
        found.append({**route, "transitGatewayAttachments": [leads] if leads else []})
    static = {route["destinationCidrBlock"] for route in found}
    for one in self.transit_gateways_route_tables[transit_gateway_route_table_id].route_table_propagation:
        attachment = self.transit_gateway_attachments[one.transitGatewayAttachmentId]
        block = self.get_vpc(attachment.resource_id).cidr_block
        if block not in static:
            found.append({
                "destinationCidrBlock": block, "prefixListId": None, "state": "active", "type": "propagated",
                "transitGatewayAttachments": leading_to(attachment)})
    return found


Attachments = transit_gateway_attachments.TransitGatewayAttachmentBackend
found_attachments = Attachments.describe_transit_gateway_peering_attachments


def peerings(self, *rest, **named):
    """moto lists every attachment here."""
    return [one for one in found_attachments(self, *rest, **named) if one.resource_type == "peering"]


Attachments.describe_transit_gateway_peering_attachments = peerings
Tables.set_route_table_association = association
Tables.search_transit_gateway_routes = routes
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


class Profiles(BaseHTTPRequestHandler):
    """moto takes Route 53 Profiles for something else, and never answers."""

    def do_GET(self):
        body = b'{"ProfileAssociations": []}'
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


profiles = ThreadingHTTPServer(("127.0.0.1", 0), Profiles)
threading.Thread(target=profiles.serve_forever, daemon=True).start()
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
endpoint_url = f"http://{host}:{port}"
ids = getattr(networks, sys.argv[1])(endpoint_url)
profiles_url = f"http://127.0.0.1:{profiles.server_port}"
print(json.dumps({"endpoint": endpoint_url, "profiles": profiles_url, "ids": ids}), flush=True)
sys.stdin.read()
server.stop()
