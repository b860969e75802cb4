"""Networks built through the API of AWS. What `reach` must say of them is derived by hand in
tests/live_moto.rs."""

import boto3

ASSUMED = "222222222222"


class Account:
    """Clients of one account and Region."""

    def __init__(self, endpoint, region, credentials=None):
        self.endpoint, self.region = endpoint, region
        self.keys = credentials or dict(aws_access_key_id="testing", aws_secret_access_key="testing")

    def __getattr__(self, service):
        return boto3.client(service, endpoint_url=self.endpoint, region_name=self.region, **self.keys)


def assumed(endpoint, region):
    sts = Account(endpoint, region).sts
    answer = sts.assume_role(RoleArn=f"arn:aws:iam::{ASSUMED}:role/reader", RoleSessionName="build")
    given = answer["Credentials"]
    return Account(endpoint, region, dict(
        aws_access_key_id=given["AccessKeyId"], aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"]))


class Vpc:
    """A VPC with an internet gateway and a public subnet with a NAT gateway."""

    def __init__(self, account, cidr):
        self.account, self.ec2 = account, account.ec2
        self.prefix = ".".join(cidr.split(".")[:2])
        self.id = self.ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]
        self.ec2.modify_vpc_attribute(VpcId=self.id, EnableDnsHostnames={"Value": True})
        self.gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.id)
        self.public = [self.subnet(101, "a"), self.subnet(102, "b")]
        table = self.table(*self.public)
        self.ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=self.gateway)

    def name(self, id, name):
        self.ec2.create_tags(Resources=[id], Tags=[{"Key": "Name", "Value": name}])
        return id

    def subnet(self, third, zone, name=None):
        made = self.ec2.create_subnet(
            VpcId=self.id, CidrBlock=f"{self.prefix}.{third}.0/24",
            AvailabilityZone=self.account.region + zone)
        return self.name(made["Subnet"]["SubnetId"], name or f"public-{zone}")

    def table(self, *subnets):
        table = self.ec2.create_route_table(VpcId=self.id)["RouteTable"]["RouteTableId"]
        for subnet in subnets:
            self.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        return table

    def nat(self):
        address = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        made = self.ec2.create_nat_gateway(SubnetId=self.public[0], AllocationId=address)
        return made["NatGateway"]["NatGatewayId"]

    def group(self, name, ingress=(), egress=None):
        group = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.id)["GroupId"]
        if ingress:
            self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=list(ingress))
        if egress is not None:
            everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
            self.ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[everything])
            self.ec2.authorize_security_group_egress(GroupId=group, IpPermissions=list(egress))
        return group

    def interface_endpoint(self, service, subnets, groups):
        return self.ec2.create_vpc_endpoint(
            VpcId=self.id, VpcEndpointType="Interface", SubnetIds=subnets, SecurityGroupIds=groups,
            PrivateDnsEnabled=True, ServiceName=f"com.amazonaws.{self.account.region}.{service}")


def tcp(port, **peer):
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **peer}


def from_group(group):
    return {"UserIdGroupPairs": [{"GroupId": group}]}


def from_cidr(cidr):
    return {"IpRanges": [{"CidrIp": cidr}]}


def service(account, name, subnets, groups, target_group=None, cluster="app", public="DISABLED", registry="123456789012"):
    """A Fargate service and a task of it, since moto starts none."""
    ecs = account.ecs
    network = {"awsvpcConfiguration": {"subnets": subnets, "securityGroups": groups, "assignPublicIp": public}}
    definition = ecs.register_task_definition(
        family=name, networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
        executionRoleArn="arn:aws:iam::123456789012:role/execution",
        containerDefinitions=[{
            "name": "app", "memory": 512, "essential": True,
            "image": f"{registry}.dkr.ecr.{account.region}.amazonaws.com/{name}:1",
            "command": ["uvicorn", "app:app", "--host", "0.0.0.0", "--port", "8080", "--api-key", "k-secret"],
            "portMappings": [{"containerPort": 8080, "protocol": "tcp"}],
            "environment": [
                {"name": "UVICORN_HOST", "value": "0.0.0.0"}, {"name": "PORT", "value": "8080"},
                {"name": "DATABASE_URL", "value": "postgres://app:db-secret@db:5432/app"}],
            "logConfiguration": {"logDriver": "awslogs", "options": {
                "awslogs-group": "/app", "awslogs-region": account.region, "awslogs-stream-prefix": "app"}},
        }])["taskDefinition"]["taskDefinitionArn"]
    balancers = [{"targetGroupArn": target_group, "containerName": "app", "containerPort": 8080}] if target_group else []
    ecs.create_service(
        cluster=cluster, serviceName=name, taskDefinition=definition, desiredCount=1, launchType="FARGATE",
        networkConfiguration=network, loadBalancers=balancers, platformVersion="1.4.0")
    task = ecs.run_task(
        cluster=cluster, taskDefinition=definition, launchType="FARGATE", group=f"service:{name}",
        networkConfiguration=network)["tasks"][0]
    details = {d["name"]: d["value"] for d in task["attachments"][0]["details"]}
    return task, details


def services(endpoint):
    """Three Fargate services in one VPC:
    web behind a load balancer, out through NAT;
    jobs without a way to the internet, through endpoints, its group locked to them;
    stuck like web, behind an ACL that lets no reply in."""
    account = Account(endpoint, "us-east-1")
    vpc = Vpc(account, "10.0.0.0/16")
    ec2 = account.ec2
    account.ecs.create_cluster(clusterName="app")
    private_a, private_b, private_c = (
        vpc.subnet(1, "a", "private-a"), vpc.subnet(2, "b", "private-b"), vpc.subnet(3, "a", "private-c"))
    nat = vpc.nat()
    table = vpc.table(private_a, private_c)
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
    isolated = vpc.table(private_b)
    ec2.create_vpc_endpoint(
        VpcId=vpc.id, VpcEndpointType="Gateway", ServiceName="com.amazonaws.us-east-1.s3", RouteTableIds=[isolated])
    lb = vpc.group("lb", ingress=[tcp(80, **from_cidr("0.0.0.0/0"))])
    task = vpc.group("task", ingress=[tcp(8080, **from_group(lb))])
    ends = vpc.group("endpoints", ingress=[tcp(443, **from_cidr("10.0.0.0/16"))])
    s3 = next(one["PrefixListId"] for one in ec2.describe_managed_prefix_lists()["PrefixLists"]
              if one["PrefixListName"] == "com.amazonaws.us-east-1.s3")
    locked = vpc.group("locked", egress=[
        tcp(443, **from_group(ends)), tcp(443, PrefixListIds=[{"PrefixListId": s3}])])
    for name in ("ecr.api", "ecr.dkr", "logs"):
        vpc.interface_endpoint(name, [private_b], [ends])
    acl = ec2.create_network_acl(VpcId=vpc.id)["NetworkAcl"]["NetworkAclId"]
    for egress in (False, True):
        port = {} if egress else {"PortRange": {"From": 8080, "To": 8080}}
        ec2.create_network_acl_entry(
            NetworkAclId=acl, RuleNumber=100, Protocol="-1" if egress else "6", RuleAction="allow",
            Egress=egress, CidrBlock="0.0.0.0/0", **port)
    for one in ec2.describe_network_acls()["NetworkAcls"]:
        for association in one["Associations"]:
            if association["SubnetId"] == private_c:
                ec2.replace_network_acl_association(
                    AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl)
    elb = account.elbv2
    front = elb.create_load_balancer(Name="front", Scheme="internet-facing", Subnets=vpc.public, SecurityGroups=[lb])["LoadBalancers"][0]
    group = elb.create_target_group(
        Name="web", Protocol="HTTP", Port=8080, VpcId=vpc.id, TargetType="ip")["TargetGroups"][0]["TargetGroupArn"]
    elb.create_listener(
        LoadBalancerArn=front["LoadBalancerArn"], Protocol="HTTP", Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])
    _, details = service(account, "web", [private_a], [task], group)
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": details["privateIPv4Address"], "Port": 8080}])
    service(account, "jobs", [private_b], [locked])
    service(account, "stuck", [private_c], [task])
    return {"vpc": vpc.id, "web-eni": details["networkInterfaceId"], "private-a": private_a}


def accounts(endpoint):
    """Two accounts, in two Regions each; in every one a service `web-<account>-<region>`. Only the
    second account's VPC in eu-west-1 has no way out. Images are in the second account's registry."""
    ids = {}
    for who, make in (("one", Account), ("two", assumed)):
        for region in ("us-east-1", "eu-west-1"):
            account = make(endpoint, region)
            vpc = Vpc(account, "10.1.0.0/16" if who == "one" else "10.2.0.0/16")
            account.ecs.create_cluster(clusterName="app")
            private = vpc.subnet(1, "a", "private")
            table = vpc.table(private)
            if (who, region) != ("two", "eu-west-1"):
                vpc.ec2.create_route(
                    RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=vpc.nat())
            _, details = service(account, f"web-{who}-{region[:2]}", [private], [vpc.group("task")], registry=ASSUMED)
            ids[f"{who}-{region}"] = details["networkInterfaceId"]
    return ids


def joined(endpoint):
    """VPCs of two accounts, joined in every way, each with a host called like it that listens on 8080:

    app (account one) is peered with data and lost (account two), of which only data has a route back,
    and data has one to hub too, which lies beyond app;
    app reaches hub, mute and deaf (its own account's) over a transit gateway: mute's own table, and
    the gateway's table that deaf is associated with, lead nowhere back."""
    one, two = Account(endpoint, "us-east-1"), assumed(endpoint, "us-east-1")
    vpcs, tables, subnets, ids = {}, {}, {}, {}
    for number, (name, account) in enumerate(
            (("app", one), ("data", two), ("lost", two), ("hub", one), ("mute", one), ("deaf", one)), start=1):
        vpc = vpcs[name] = Vpc(account, f"10.{number}.0.0/16")
        account.ecs.create_cluster(clusterName="app")
        subnets[name] = vpc.subnet(1, "a", name)
        tables[name] = vpc.table(subnets[name])
        group = vpc.group("task", ingress=[tcp(8080, **from_cidr("10.0.0.0/8"))])
        _, details = service(account, name, [subnets[name]], [group], registry=ASSUMED)
        ids[name] = details["networkInterfaceId"]
    ids["table-lost"], ids["table-mute"] = tables["lost"], tables["mute"]

    def route(name, block, **target):
        vpcs[name].ec2.create_route(RouteTableId=tables[name], DestinationCidrBlock=block, **target)

    for name, block in (("data", "10.2.0.0/16"), ("lost", "10.3.0.0/16")):
        asked = one.ec2.create_vpc_peering_connection(
            VpcId=vpcs["app"].id, PeerVpcId=vpcs[name].id, PeerOwnerId=ASSUMED, PeerRegion="us-east-1")
        peering = asked["VpcPeeringConnection"]["VpcPeeringConnectionId"]
        two.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
        route("app", block, VpcPeeringConnectionId=peering)
        if name == "data":
            route("data", "10.1.0.0/16", VpcPeeringConnectionId=peering)
            route("data", "10.4.0.0/16", VpcPeeringConnectionId=peering)

    options = {"DefaultRouteTableAssociation": "disable", "DefaultRouteTablePropagation": "disable"}
    gateway = one.ec2.create_transit_gateway(Options=options)["TransitGateway"]["TransitGatewayId"]
    for name in ("app", "hub", "mute", "deaf"):
        made = one.ec2.create_transit_gateway_vpc_attachment(
            TransitGatewayId=gateway, VpcId=vpcs[name].id, SubnetIds=[subnets[name]])
        ids[f"attachment-{name}"] = made["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]

    def table(*associated):
        made = one.ec2.create_transit_gateway_route_table(TransitGatewayId=gateway)
        id = made["TransitGatewayRouteTable"]["TransitGatewayRouteTableId"]
        for name in associated:
            one.ec2.associate_transit_gateway_route_table(
                TransitGatewayRouteTableId=id, TransitGatewayAttachmentId=ids[f"attachment-{name}"])
        return id

    spokes, back, ids["table-nowhere"] = table("app"), table("hub", "mute"), table("deaf")
    for block, name in (("10.4.0.0/16", "hub"), ("10.5.0.0/16", "mute"), ("10.6.0.0/16", "deaf")):
        one.ec2.create_transit_gateway_route(
            TransitGatewayRouteTableId=spokes, DestinationCidrBlock=block,
            TransitGatewayAttachmentId=ids[f"attachment-{name}"])
        route("app", block, TransitGatewayId=gateway)
    one.ec2.enable_transit_gateway_route_table_propagation(
        TransitGatewayRouteTableId=back, TransitGatewayAttachmentId=ids["attachment-app"])
    for name in ("hub", "deaf"):
        route(name, "10.1.0.0/16", TransitGatewayId=gateway)
    keys = two.keys
    return {**ids, "key": keys["aws_access_key_id"], "secret": keys["aws_secret_access_key"],
            "token": keys["aws_session_token"]}
