"""Rows of the rules about tags."""

from __future__ import annotations

from typing import Any

from tests.rules.rows import ERROR, WARNING, Row, Table, having, of, tag_key, tag_value, tags

untag = of("RemoveTagsFromResource")
tag = of("AddTagsToResource")
TAGGING = having("Tags")


def everywhere(*members: Any) -> list[Row]:
    """Return a row of every Tags."""
    return [made(Tags=[*members]) for made in TAGGING]


def many(count: int) -> list[dict[str, str]]:
    return [{"Key": f"k{number}"} for number in range(count)]


RESERVED = ("aws:", "aws:cloudformation:stack", "AWS:x", "aWs:x", "rds:x", "RDS:")
BAD = ("a\n", "a\tb", "a\0", "e\u0301", "\N{KEY}", "a,b", "\ud800", "a\u200bb")
TABLES = {
    "copy-tags-ignored": Table(
        WARNING,
        [
            Row({"CopyTags": True}),
            tags(CopyTags=True),
            tags({"Key": "a"}, CopyTags=False),
            tags({"Key": "a"}, CopyTags=1),
            Row({"CopyTags": True, "Tags": "no list"}),
        ],
        [
            tags({"Key": "team"}, CopyTags=True),
            Row({"Tags": ({"Key": "team"},), "CopyTags": True}),
            Row({"Tags": type("Tags", (list,), {})([{"Key": "team"}]), "CopyTags": True}),
        ],
        [
            (
                tags({"Key": "team"}, CopyTags=True),
                "warning: CopyTags: True is ignored while Tags are given; leave one of them out, or repeat the "
                "source's tags in Tags [copy-tags-ignored]",
            )
        ],
    ),
    "tag-key-required": Table(
        ERROR,
        [tag_key("team"), tag_key(""), tags()],
        [tags({}), tags({"Value": "v"}), tags({"key": "team"}), *everywhere({"Value": "v"})],
        [
            (
                tags({"Key": "a"}, {"Value": "v"}),
                "error: Tags[1].Key: is missing; write the tag as {'Key': ..., 'Value': ...} [tag-key-required]",
            )
        ],
    ),
    "tag-key-length": Table(
        ERROR,
        [tag_key("k"), tag_key("k" * 128), tag_key("\N{KEY}" * 128), untag(TagKeys=["k", "k" * 128])],
        [
            tag_key(""),
            tag_key("k" * 129),
            tag_key("\N{KEY}" * 129),
            *everywhere({"Key": ""}),
            untag(TagKeys=[""]),
            untag(TagKeys=["k" * 129]),
        ],
        [
            (
                untag(TagKeys=["team", ""]),
                "error: TagKeys[1]: '' is not 1 to 128 characters long; give a key of that length [tag-key-length]",
            )
        ],
    ),
    "tag-key-characters": Table(
        ERROR,
        [
            *map(
                tag_key,
                ("Tag Two", "cost:center", "a_b.c/d=e+f-g", "größe", "名前", "\u0661\u0662", "Ⅷ", "a\u2003b", ""),
            ),
            tag_key("owner@example"),
            untag(TagKeys=["owner@example", "größe"]),
        ],
        [
            *map(tag_key, BAD),
            *everywhere({"Key": "a,b"}),
            *(untag(TagKeys=[each], warns=True) for each in ("a,b", "a\n")),
        ],
        [
            (
                tag_key("a,b"),
                "error: Tags[0].Key: 'a,b' has characters that a tag may not have; use letters, digits, spaces "
                "and _ . : / = + - [tag-key-characters]",
            ),
            (
                untag(TagKeys=["a,b"]),
                "warning: TagKeys[0]: 'a,b' has characters that no tag key has; give the key of an existing tag "
                "[tag-key-characters]",
            ),
        ],
    ),
    "tag-key-reserved-prefix": Table(
        ERROR,
        [
            *map(tag_key, ("aws", "awsome:x", "my:aws:", "rdss:x", "\uff41\uff57\uff53:x", "")),
            untag(TagKeys=["aws", "awsome:x"]),
        ],
        [
            *map(tag_key, RESERVED),
            *everywhere({"Key": "aws:x"}),
            *(untag(TagKeys=[each], warns=True) for each in RESERVED),
        ],
        [
            (
                tags({"Key": "a"}, {"Key": "AWS:x", "Value": "v"}),
                "error: Tags[1].Key: 'AWS:x' begins with a prefix that AWS reserves; use a key without aws: or rds: "
                "[tag-key-reserved-prefix]",
            ),
            (
                untag(TagKeys=["aws:x"]),
                "warning: TagKeys[0]: 'aws:x' begins with a prefix that AWS reserves; such tags cannot be removed by "
                "their users, so leave the key out [tag-key-reserved-prefix]",
            ),
        ],
    ),
    "tag-key-duplicate": Table(
        ERROR,
        [
            tags({"Key": "team"}, {"Key": "Team"}),
            tags({"Key": "a"}, {"Value": "a"}, {"Value": "a"}),
            tags({"Key": 1}, {"Key": 1}),
            tags("a", "a"),
            tags(*many(51), *many(1)),  # nobody reads on after the fifty-first
            untag(TagKeys=["a", "a"]),
        ],
        [
            tags({"Key": "a"}, {"Key": "b"}, {"Key": "a"}),
            tags({"Key": ""}, {"Key": ""}),
            tags({"Key": "a"}, {"Key": type("Text", (str,), {})("a")}),
            tags(*many(50), *many(1)),
            *everywhere({"Key": "a"}, {"Key": "a"}),
        ],
        [
            (
                tags({"Key": "team"}, {"Key": "a"}, {"Key": "team"}),
                "error: Tags[2].Key: 'team' is the key of an earlier tag too; give each key once [tag-key-duplicate]",
            )
        ],
    ),
    "tag-value-length": Table(
        ERROR,
        [tag_value("v" * 256), tag_value("\N{KEY}" * 256), tag_value("")],
        [tag_value("v" * 257), tag_value("\N{KEY}" * 257), *everywhere({"Key": "a", "Value": "v" * 257})],
        [
            (
                tag_value("v" * 257),
                f"error: Tags[0].Value: '{'v' * 100}'... (257 characters) is longer than 256 characters; shorten it "
                "[tag-value-length]",
            )
        ],
    ),
    "tag-value-empty": Table(
        WARNING,
        [tag_value("v"), tag_value(" "), tag_key("k"), tag_value(None)],
        [tag_value(""), *everywhere({"Key": "a", "Value": ""})],
        [
            (
                tags({"Key": "team"}, {"Key": "a", "Value": ""}),
                "warning: Tags[1].Value: '' is empty; leave Value out, or give it at least one character "
                "[tag-value-empty]",
            )
        ],
    ),
    "tag-value-characters": Table(
        ERROR,
        [*map(tag_value, ("", "a b", "cost:center", "größe", "名前", "\u3000", "graph@example.com"))],
        [
            *map(tag_value, ("v\n", "a\0", "e\u0301", "\ud800", "<v>", "a;b")),
            *everywhere({"Key": "a", "Value": "a;b"}),
        ],
        [
            (
                tag_value("a;b"),
                "error: Tags[0].Value: 'a;b' has characters that a tag may not have; use letters, digits, spaces "
                "and _ . : / = + - [tag-value-characters]",
            )
        ],
    ),
    "tag-value-reserved-prefix": Table(
        ERROR,
        [*map(tag_value, ("aws", "my aws:", "rds-x:", ""))],
        [*map(tag_value, ("aws:", "AWS:x", "rds:x", "Rds:")), *everywhere({"Key": "a", "Value": "aws:x"})],
        [
            (
                tag_value("aws:x"),
                "error: Tags[0].Value: 'aws:x' begins with a prefix that AWS reserves; use a value without aws: or "
                "rds: [tag-value-reserved-prefix]",
            )
        ],
    ),
    "tag-at-sign": Table(
        WARNING,
        [
            tags({"Key": "a", "Value": "b"}),
            tag_value("a@b")._replace(service="rds"),
            tag_key("a@b")._replace(service="rds"),
            untag(TagKeys=["a@b"]),
        ],
        [
            tag_key("a@b"),
            tag_value("graph@example.com"),
            tag_value("@")._replace(service="docdb"),
            *everywhere({"Key": "a", "Value": "a@b"}),
        ],
        [
            (
                tag_key("a@b"),
                "warning: Tags[0].Key: 'a@b' contains @, which Neptune's documentation leaves out and the service "
                "accepts; replace it to be safe [tag-at-sign]",
            ),
            (
                tag_value("a@b"),
                "warning: Tags[0].Value: 'a@b' contains @, which Neptune's documentation leaves out and the service "
                "accepts; replace it to be safe [tag-at-sign]",
            ),
        ],
    ),
    "tag-count": Table(
        ERROR,
        [tags(*many(50)), tags(), untag(TagKeys=[f"k{number}" for number in range(50)])],
        [
            *(tags(*many(count)) for count in (51, 52, 1000)),
            *everywhere(*many(51)),
            untag(TagKeys=[f"k{number}" for number in range(51)], warns=True),
        ],
        [
            (
                tags(*many(60)),
                "error: Tags: a list of 60 items has more than 50; a resource holds at most 50 tags [tag-count]",
            )
        ],
    ),
    "tags-empty": Table(
        WARNING,
        [tag(), tags(), *(made(Tags=[]) for made in TAGGING if made().operation != "AddTagsToResource")],
        [tag(Tags=[]), tag(Tags=())],
        [(tag(Tags=[]), "warning: Tags: a list of 0 items adds nothing; give a tag [tags-empty]")],
    ),
    "tag-keys-empty": Table(
        WARNING,
        [untag(), untag(TagKeys=[""])],
        [untag(TagKeys=[]), untag(TagKeys=())],
        [(untag(TagKeys=[]), "warning: TagKeys: a list of 0 items removes nothing; give a key [tag-keys-empty]")],
    ),
}
