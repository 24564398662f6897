"""Bodies against the messages that gcloud itself would send, by the clients inside gcloud. Where there is no gcloud, or one
that keeps them elsewhere, `available` is false: what needs them is left out by one line that says so."""

import importlib
import pathlib
import shutil
import sys

MODULES = {
    "run.Service": ("run.v1.run_v1_messages", "Service"),
    "monitoring.Dashboard": ("monitoring.v1.monitoring_v1_messages", "Dashboard"),
    "monitoring.AlertPolicy": ("monitoring.v3.monitoring_v3_messages", "AlertPolicy"),
    "deploy.DeliveryPipeline": ("clouddeploy.v1.clouddeploy_v1_messages", "DeliveryPipeline"),
}


def _clients():
    command = shutil.which("gcloud")
    if not command:
        return None
    libraries = pathlib.Path(command).resolve().parents[1] / "lib"
    sys.path[:0] = [str(libraries), str(libraries / "third_party")]
    try:
        return importlib.import_module("apitools.base.py.encoding")
    except ImportError:
        return None


_ENCODING = _clients()
available = _ENCODING is not None


def faults(kind, body):
    """What is wrong with the body: fields that are not known, values of the wrong type."""
    module, name = MODULES[kind]
    message = getattr(importlib.import_module("googlecloudsdk.generated_clients.apis." + module), name)
    try:
        return list(_unknown(_ENCODING.PyValueToMessage(message, body)))
    except Exception as error:  # The client raises whatever its parts raise.
        return [f"{type(error).__name__}: {error}"]


def _unknown(message, path="$"):
    for field in message.all_unrecognized_fields():
        yield f"{path}: unknown field {field!r}"
    for field in message.all_fields():
        value = getattr(message, field.name)
        for index, part in enumerate(value if isinstance(value, list) else [value]):
            # A map keeps its entries as fields of their own, which are free.
            if not hasattr(part, "all_unrecognized_fields") or any(known.name == "additionalProperties" for known in part.all_fields()):
                continue
            yield from _unknown(part, f"{path}.{field.name}" + (f"[{index}]" if isinstance(value, list) else ""))
