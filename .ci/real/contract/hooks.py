"""How schemathesis writes and reads the formats that it does not know."""

import msgpack
import schemathesis


def packable(value):
    """MessagePack has whole numbers of 64 bits; a larger one goes as a float, which the function refuses as it should."""
    if isinstance(value, dict):
        return {str(name): packable(member) for name, member in value.items()}
    if isinstance(value, list):
        return [packable(item) for item in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return float(value) if abs(value) < 10**300 else float("inf")
    return value


@schemathesis.serializer("application/msgpack")
def to_msgpack(_context, value):
    return msgpack.packb(packable(value), unicode_errors="surrogatepass")


@schemathesis.deserializer("application/msgpack")
def from_msgpack(_context, response):
    return msgpack.unpackb(response.content)


TEXT = ("application/x-ndjson", "text/csv")


@schemathesis.serializer(*TEXT)
def to_lines(_context, value):
    return value.encode("utf-8", "surrogatepass")


@schemathesis.hook
def filter_case(_context, case):
    """What is no text cannot be written in these formats, so there is nothing to send."""
    return case.media_type not in TEXT or isinstance(case.body, str)


@schemathesis.deserializer(*TEXT, "text/html", "text/plain")
def from_lines(_context, response):
    return response.content.decode()
