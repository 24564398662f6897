"""Reads the generated TypeScript bindings of a Terraform provider and gives its schema, in the shape of
`terraform providers schema -json`.

The bindings come as wheels (`cdktn-provider-google`, `cdktn-provider-aws`), the provider itself does not. They hold
every attribute and block with its type, what is required, optional or computed, and in their comments the values that
an attribute may have. Rules that live in the provider's own code (ConflictsWith, forms of strings) are not in them.
"""

import io
import json
import re
import tarfile
import zipfile

SIMPLE = {"string": "string", "number": "number", "boolean": "bool", "any": "dynamic"}
ATTRIBUTE = re.compile(r"^\s+(\w+): \{\s+value: (.*),\s+isBlock: (true|false),\s+type: \"(\w+)\",\s+storageClassType: \"(\w+)\",", re.M)
FLAGS = re.compile(r"// (\w+) - computed: (true|false), optional: (true|false), required: (true|false)")


def schema(wheel, prefix, resources, data_sources):
    """The provider's schema with these types only. A type that the bindings do not know is left out."""
    folders = {kind.removeprefix(prefix + "_").replace("_", "-"): ("resource_schemas", kind) for kind in resources}
    folders |= {"data-" + kind.replace("_", "-"): ("data_source_schemas", kind) for kind in data_sources}
    folders["provider"] = ("provider", prefix)
    sources = read(wheel, folders)
    found = {"provider": {}, "resource_schemas": {}, "data_source_schemas": {}}
    version = None
    for folder, (group, kind) in folders.items():
        if folder not in sources:
            continue
        javascript, declarations = sources[folder]
        stated = re.search(r"providerVersion: '([\d.]+)'", javascript)
        version = version or stated and stated.group(1)
        root = re.search(r"^class (\w+) extends cdktn\.Terraform(?:Resource|DataSource|Provider) \{", javascript, re.M).group(1)
        typings = Typings(javascript, declarations)
        body = typings.classes[root]
        start = body.find("synthesizeHclAttributes()")
        block = typings.block(root, ATTRIBUTE.findall(braces(body, start)) if start >= 0 else [])
        if group == "provider":
            found["provider"] = {"version": 0, "block": block}
        else:
            found[group][kind] = {"version": 0, "block": block}
    return version, found


def read(wheel, folders):
    """The JavaScript and the declarations of each folder, each as one text. They are an archive within the wheel."""
    parts = {}
    with zipfile.ZipFile(wheel) as files:
        name = next(name for name in files.namelist() if name.endswith(".jsii.tgz"))
        archive = files.read(name)
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as package:
        for member in package:
            path = member.name.split("/")
            if len(path) > 3 and path[1] == "lib" and path[2] in folders and path[-1].endswith((".js", ".d.ts")):
                parts.setdefault(path[2], {})[member.name] = package.extractfile(member).read().decode()
    return {
        folder: tuple("\n".join(texts[name] for name in sorted(texts) if name.endswith(ending)) for ending in (".js", ".d.ts"))
        for folder, texts in parts.items()
    }


def braces(text, start):
    """The {...} that opens at or after `start`."""
    start = text.index("{", start)
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] == "{") - (text[place] == "}")
        if depth == 0:
            return text[start : place + 1]
    raise ValueError("a brace is not closed")


class Typings:
    """The classes, mappers and comments of one resource."""

    def __init__(self, javascript, declarations):
        self.classes = {m.group(1): braces(javascript, m.end() - 1) for m in re.finditer(r"^class (\w+) extends [\w.]+ \{", javascript, re.M)}
        self.mappers = {m.group(1): ATTRIBUTE.findall(braces(javascript, m.start())) for m in re.finditer(r"^function (\w+)ToHclTerraform\(", javascript, re.M)}
        self.values = {}
        for interface in re.finditer(r"^export interface (\w+) (?:extends [\w.]+ )?\{", declarations, re.M):
            for comment, attribute in re.findall(r"/\*\*(.*?)#(\w+) \w+#\w+\}", braces(declarations, interface.end() - 1), re.S):
                listed = re.search(r"[Pp]ossible values(?: are)?: (\[[^\]]*\])", comment.rsplit("/**", 1)[-1].replace("\n", " "))
                values = re.findall(r'"([^"]*)"', listed.group(1)) if listed else []
                if values:
                    self.values[interface.group(1), attribute] = values

    def block(self, name, entries):
        """A block: its attributes, and the blocks in it."""
        attributes, blocks = {}, {}
        for member, (computed, optional, required), entry, body in self.members(name, entries):
            if entry and entry[1] == "true":
                blocks[member] = self.nested(entry, required)
                continue
            attribute = {"type": self.type_of(member, entry, body)}
            flags = {"required": required, "optional": optional or not (required or computed), "computed": computed}
            attribute |= {flag: True for flag, holds in flags.items() if holds}
            place = (name.removesuffix("OutputReference") if name.endswith("OutputReference") else name + "Config", member)
            if place in self.values and attribute["type"] == "string":
                attribute["x_values"] = self.values[place]
            attributes[member] = attribute
        return {"attributes": attributes, "block_types": blocks} if blocks else {"attributes": attributes}

    def nested(self, entry, required):
        value, _, kind, _ = entry
        single_of_list = "listMapperHcl" not in value
        mapper = re.search(r"(\w+)ToHclTerraform\b", value.replace("listMapperHcl", "")).group(1)
        struct = mapper[0].upper() + mapper[1:]
        nested = {"nesting_mode": "single" if kind == "struct" else kind, "block": self.block(struct + "OutputReference", self.mapper(struct))}
        if required:
            nested["min_items"] = 1
        if kind != "struct" and single_of_list:
            nested["max_items"] = 1
        return nested

    def members(self, name, entries):
        """Each member of a class: its flags, its entry in the mapper where there is one, and the class's text."""
        body = self.classes.get(name, "")
        flags = {member: tuple(flag == "true" for flag in found) for member, *found in FLAGS.findall(body)}
        mapped = {entry[0]: entry[1:] for entry in entries}
        for member in list(flags) + [member for member in mapped if member not in flags]:
            yield member, flags.get(member, (False, True, False)), mapped.get(member), body

    def mapper(self, struct):
        return self.mappers.get(struct[0].lower() + struct[1:], [])

    def type_of(self, member, entry, body):
        if not entry:
            return self.computed_type(member, body)
        _, _, kind, storage = entry
        if kind == "simple":
            return SIMPLE.get(storage, "string")
        element = SIMPLE.get(re.sub(r"(List|Map)+$", "", storage))
        if element:
            return [kind, element]
        struct = re.sub(r"(List|Map)$", "", storage)
        return self.object(struct) if kind == "struct" else [kind, self.object(struct)]

    def computed_type(self, member, body):
        """What only the provider sets has no entry in a mapper; its getter tells the type."""
        made = re.search(r"new (cdktn\.)?(?:\w+_\d+\.)?(\w+?)(List|Map|OutputReference)?\(this, \"%s\"(?:, (true|false))?\)" % member, body)
        if made and made.group(1):
            return ["map", SIMPLE.get(made.group(2).lower(), "string")] if made.group(3) == "Map" else ["list", ["map", "string"]]
        if made:
            kind = "set" if made.group(4) == "true" else made.group(3).lower()
            return self.object(made.group(2)) if kind == "outputreference" else [kind, self.object(made.group(2))]
        getter = re.search(r"(Fn\.tolist\(this\.)?(?:this\.)?get(String|Number|Boolean|List|NumberList|Any\w*|StringMap|BooleanMap|NumberMap)Attribute\('%s'\)" % member, body)
        if not getter:
            return "string"
        simple = {"String": "string", "Number": "number", "Boolean": "bool"}.get(getter.group(2))
        if simple:
            return simple
        if "List" in getter.group(2):
            return ["set" if getter.group(1) else "list", "number" if getter.group(2) == "NumberList" else "string"]
        return ["map", "string"]

    def object(self, struct):
        members = self.members(struct + "OutputReference", self.mapper(struct))
        return ["object", {member: self.type_of(member, entry, body) for member, _, entry, body in members}]


def write(wheel, prefix, resources, data_sources, out):
    """Writes the schema of these types as JSON, with the version of the provider whose it is."""
    version, found = schema(wheel, prefix, resources, data_sources)
    with open(out, "w") as file:
        json.dump({"version": version, **found}, file, sort_keys=True)
