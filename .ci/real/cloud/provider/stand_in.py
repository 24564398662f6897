"""A stand-in for a Terraform provider: serves a schema over plugin protocol 6 and asks no cloud anything.

`terraform init`, `validate`, `plan` and `test` with `mock_provider` run on it. It refuses what the schema refuses, values
outside the listed ones, and settings of what only the provider sets. It applies nothing.
Started by Terraform as `stand_in.py SCHEMA.json`.
"""

import base64
import json
import os
import sys
import tempfile
from concurrent import futures

import grpc
import msgpack
from tf.gen import grpc_controller_pb2, grpc_controller_pb2_grpc, grpc_stdio_pb2_grpc
from tf.gen import tfplugin_pb2 as pb
from tf.gen import tfplugin_pb2_grpc
from tf.runner import _self_signed_cert

NESTING = {"single": 1, "list": 2, "set": 3, "map": 4}
UNKNOWN = msgpack.ExtType(0, b"\x00")


def block_message(block):
    return pb.Schema.Block(
        version=0,
        attributes=[
            pb.Schema.Attribute(
                name=name,
                type=json.dumps(attribute["type"]).encode(),
                required=attribute.get("required", False),
                optional=attribute.get("optional", False),
                computed=attribute.get("computed", False),
            )
            for name, attribute in block["attributes"].items()
        ],
        block_types=[
            pb.Schema.NestedBlock(
                type_name=name,
                block=block_message(nested["block"]),
                nesting=NESTING[nested["nesting_mode"]],
                min_items=nested.get("min_items", 0),
                max_items=nested.get("max_items", 0),
            )
            for name, nested in block.get("block_types", {}).items()
        ],
    )


def schema_message(schema):
    return pb.Schema(version=0, block=block_message(schema["block"]))


def blocks_of(value):
    return value if isinstance(value, list) else [value]


def with_unknown(block, value):
    """What the provider would compute is unknown in a plan."""
    for name, attribute in block["attributes"].items():
        if value.get(name) is None and attribute.get("computed"):
            value[name] = UNKNOWN
    for name, nested in block.get("block_types", {}).items():
        for element in blocks_of(value.get(name)):
            if isinstance(element, dict):
                with_unknown(nested["block"], element)
    return value


def faults(block, value, path=()):
    """What the schema alone does not refuse: (path, summary)."""
    for name, attribute in block["attributes"].items():
        found = value.get(name)
        if found is None or isinstance(found, msgpack.ExtType):
            continue
        if attribute.get("computed") and not (attribute.get("optional") or attribute.get("required")):
            yield (*path, name), f"{name} is set by the provider alone"
        if attribute.get("x_values") and found not in attribute["x_values"]:
            yield (*path, name), f"expected {name} to be one of {attribute['x_values']}, got {found}"
    for name, nested in block.get("block_types", {}).items():
        found = value.get(name)
        for index, element in enumerate(blocks_of(found)):
            if isinstance(element, dict):
                step = (name, index) if isinstance(found, list) and nested["nesting_mode"] == "list" else (name,)
                yield from faults(nested["block"], element, path + step)


def unpack(message):
    return msgpack.unpackb(message.msgpack, ext_hook=msgpack.ExtType, strict_map_key=False)


def pack(value):
    return pb.DynamicValue(msgpack=msgpack.packb(value))


def diagnostics(schema, config):
    def step(name):
        return pb.AttributePath.Step(attribute_name=name) if isinstance(name, str) else pb.AttributePath.Step(element_key_int=name)

    return [
        pb.Diagnostic(severity=1, summary=summary, attribute=pb.AttributePath(steps=[step(name) for name in path]))
        for path, summary in faults(schema["block"], unpack(config) or {})
    ]


class Provider(tfplugin_pb2_grpc.ProviderServicer):
    def __init__(self, schema):
        self.resources, self.data_sources, self.provider = schema["resource_schemas"], schema["data_source_schemas"], schema["provider"]

    def GetMetadata(self, request, context):
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "")

    def GetProviderSchema(self, request, context):
        return pb.GetProviderSchema.Response(
            provider=schema_message(self.provider),
            resource_schemas={kind: schema_message(schema) for kind, schema in self.resources.items()},
            data_source_schemas={kind: schema_message(schema) for kind, schema in self.data_sources.items()},
        )

    def ValidateProviderConfig(self, request, context):
        return pb.ValidateProviderConfig.Response()

    def ValidateResourceConfig(self, request, context):
        return pb.ValidateResourceConfig.Response(diagnostics=diagnostics(self.resources[request.type_name], request.config))

    def ValidateDataResourceConfig(self, request, context):
        return pb.ValidateDataResourceConfig.Response(diagnostics=diagnostics(self.data_sources[request.type_name], request.config))

    def ConfigureProvider(self, request, context):
        return pb.ConfigureProvider.Response()

    def GetFunctions(self, request, context):
        return pb.GetFunctions.Response()

    def ReadDataSource(self, request, context):
        return pb.ReadDataSource.Response(state=pack(unpack(request.config)))

    def PlanResourceChange(self, request, context):
        value = unpack(request.proposed_new_state)
        if value is not None:
            value = with_unknown(self.resources[request.type_name]["block"], value)
        return pb.PlanResourceChange.Response(planned_state=pack(value))

    def ApplyResourceChange(self, request, context):
        return pb.ApplyResourceChange.Response(diagnostics=[pb.Diagnostic(severity=1, summary="a stand-in applies nothing")])

    def StopProvider(self, request, context):
        return pb.StopProvider.Response()


def serve(schema):
    server = grpc.server(futures.ThreadPoolExecutor(8), options=[("grpc.max_send_message_length", 1 << 28)])

    class Controller(grpc_controller_pb2_grpc.GRPCControllerServicer):
        def Shutdown(self, request, context):
            server.stop(0.2)
            return grpc_controller_pb2.Empty()

    class Stdio(grpc_stdio_pb2_grpc.GRPCStdioServicer):
        def StreamStdio(self, request, context):
            return iter(())

    tfplugin_pb2_grpc.add_ProviderServicer_to_server(Provider(schema), server)
    grpc_controller_pb2_grpc.add_GRPCControllerServicer_to_server(Controller(), server)
    grpc_stdio_pb2_grpc.add_GRPCStdioServicer_to_server(Stdio(), server)
    with tempfile.TemporaryDirectory(prefix="stand-in") as folder:
        socket = os.path.join(folder, "provider.sock")
        chain, credentials = _self_signed_cert()
        server.add_secure_port("unix://" + socket, credentials)
        server.start()
        print("|".join(["1", "6", "unix", socket, "grpc", base64.b64encode(chain).decode().rstrip("=")]), flush=True)
        server.wait_for_termination()


if __name__ == "__main__":
    if "TF_PLUGIN_MAGIC_COOKIE" not in os.environ:
        sys.exit("started by Terraform alone")
    with open(sys.argv[1]) as file:
        serve(json.load(file))
