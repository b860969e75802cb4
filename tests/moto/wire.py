"""Writes models/wire.tsv: how AWS writes the XML of the answers that `reach snapshot` keeps, and
what the AWS CLI calls it in JSON. Run with botocore at hand: python tests/moto/wire.py > models/wire.tsv"""

import re

import botocore
import botocore.session

SCALARS = {
    "string": "text", "timestamp": "text", "character": "text", "blob": "text",
    "integer": "integer", "long": "integer", "float": "number", "double": "number",
    "boolean": "boolean",
}
XML = {"ec2", "elbv2", "route53", "sts"}


def operations():
    """The operations of the XML services, from the catalogue."""
    for line in open("models/snapshot.tsv"):
        cells = line.rstrip("\n").split("\t")
        if not line.startswith("#") and cells[0].split()[0] in XML:
            service, command = cells[0].split()
            yield service, "".join(word.capitalize() for word in command.split("-"))


def model(session, service):
    return session.get_service_model(service)


def main():
    session = botocore.session.get_session()
    rows = set()
    for service, wanted in sorted(set(operations())):
        known = model(session, service)
        (name,) = [n for n in known.operation_names if n.lower() == wanted.lower()]
        shape = known.operation_model(name).output_shape
        rows.add((service, name, "-", "-", shape.name))
        left, seen = [shape], set()
        while left:
            shape = left.pop()
            if shape.name in seen:
                continue
            seen.add(shape.name)
            for member, of in shape.members.items():
                wire = of.serialization.get("name", member)
                kind, inner = "", of
                while inner.type_name == "list":
                    if inner.serialization.get("flattened"):
                        raise SystemExit(f"flattened list {shape.name}.{member}")
                    kind, inner = kind + "*", inner.member
                if inner.type_name == "structure":
                    left.append(inner)
                    kind += inner.name
                elif inner.type_name == "map":
                    kind += "map"
                else:
                    kind += SCALARS[inner.type_name]
                rows.add((service, shape.name, wire, member, kind))
    print("# How AWS writes the XML of its answers and what the AWS CLI calls it in JSON. `*` is a list, `map` one of keys and texts; an operation's row (-) names its shape.")
    print(f"# Written by tests/moto/wire.py from botocore {botocore.__version__}.")
    print("#service\tshape\twire\tname\ttype")
    for row in sorted(rows):
        print("\t".join(row))


main()
