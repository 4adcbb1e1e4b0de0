"""The consortium file: what is accepted, and the sentence for what is not."""

from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from medconsent_network.errors import NetworkError
from medconsent_network.ports import completed
from medconsent_network.spec import Spec, amended, parse, read
from medconsent_network.spec.services import SERVICES

SAMPLE = (resources.files("medconsent_network") / "data" / "consortium.yaml").read_text()

MINIMAL = """
institutions:
  - {name: hanbit, host: 127.0.0.1, port_base: 7100}
  - {name: nuri, host: 127.0.0.1, port_base: 7200}
"""


def test_the_sample() -> None:
    spec = parse(SAMPLE)
    assert spec.names == ("hanbit", "nuri", "saerom")
    assert (spec.channel, spec.chaincode.name, spec.fabric_version, spec.quorum) == (
        "medconsent",
        "medconsent",
        "3.1.1",
        "all",
    )


def test_what_is_left_out_has_the_samples_values() -> None:
    spec, sample = parse(MINIMAL), parse(SAMPLE)
    assert (spec.channel, spec.chaincode, spec.ordering) == (sample.channel, sample.chaincode, sample.ordering)
    assert spec.institution("nuri").title == "nuri"


@pytest.mark.parametrize(
    "text", [SAMPLE, MINIMAL, MINIMAL + "membership: {quorum: 2}\nwatch: {run: true, within: 60, age: 5}\n"]
)
def test_written_out_it_reads_back_the_same(text: str) -> None:
    spec = parse(text)
    assert parse(spec.to_yaml()) == spec


@pytest.mark.parametrize(("age", "beat"), [(0, 0.0), (5, 1.25), (120, 30.0)])
def test_a_bound_on_the_ledgers_age_has_four_beats_in_it_and_none_is_the_default(age: int, beat: float) -> None:
    spec = parse(f"{MINIMAL}watch: {{run: true, age: {age}}}\n")
    assert (spec.watch.age, spec.watch.beat) == (age, beat)
    assert parse(MINIMAL).watch.age == parse(SAMPLE).watch.age == 0


def test_every_service_has_a_port_of_its_own(sample: Spec) -> None:
    spec = sample
    for name in spec.names:
        spec = completed(spec, name, SERVICES)
    ports = {institution.port(service) for institution in spec.institutions for service in SERVICES}
    assert len(ports) == len(spec.institutions) * len(SERVICES)


def test_a_host_of_another_loopback_address_listens_on_it_alone() -> None:
    one = parse("institutions: [{name: a, host: 127.0.0.2, port_base: 7100}]").institutions[0]
    assert one.listen == one.local("peer") == "127.0.0.2"
    assert one.local("peer-operations") == "127.0.0.1"
    with pytest.raises(NetworkError, match="overlap"):
        parse(
            "institutions: [{name: a, host: 127.0.0.2, port_base: 7100}, {name: b, host: localhost, port_base: 7105}]"
        )


@pytest.mark.parametrize("version", ["0.1", "1", "1e3"])
def test_a_number_where_text_is_wanted_is_told_to_be_quoted(version: str) -> None:
    with pytest.raises(NetworkError, match=r"is a number to YAML .* put it in quotes"):
        parse(f"{MINIMAL}\nchaincode: {{version: {version}}}\n")


def test_it_listens_to_others_only_when_its_host_is_not_the_loopback() -> None:
    spec = parse("institutions: [{name: hanbit, host: hanbit.example, port_base: 7100}]")
    assert spec.institutions[0].listen == "0.0.0.0"  # noqa: S104
    assert parse(MINIMAL).institutions[0].listen == "127.0.0.1"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("institutions: [", "is not YAML"),
        ("[]", "the file must be a mapping"),
        ("institutions: []", "institutions must be a list of at least one"),
        (MINIMAL + "chanel: medconsent\n", "unknown keys: chanel"),
        (MINIMAL + "channel: Med Consent\n", "channel must match"),
        (MINIMAL + "chaincode: {sequence: 0}\n", "chaincode.sequence must be a whole number from 1"),
        (MINIMAL + "chaincode: {sequence: true}\n", "chaincode.sequence must be a whole number"),
        (MINIMAL + "chaincode: {version: 0.1}\n", "chaincode.version is a number to YAML"),
        (MINIMAL + "chaincode: {version: a b}\n", "chaincode.version must match"),
        (MINIMAL + "chaincode: {version: ..}\n", "chaincode.version must match"),
        (MINIMAL + "chaincode: {next: ../a}\n", "chaincode.next must match"),
        (
            MINIMAL.replace("7200}", "7200, chaincode_at: peer}"),
            "institutions[1].chaincode_at must be chaincode or chain",
        ),
        (MINIMAL + "ordering: {type: bft}\n", "ordering.type must be raft"),
        (MINIMAL + "ordering: {batch_timeout: 200}\n", "ordering.batch_timeout must match"),
        (MINIMAL + "ordering: {peers_use: other}\n", "ordering.peers_use must be own or any"),
        (MINIMAL + "fabric: {version: 2.2.0}\n", "fabric.version must be one of 3.1.1, 2.5.9"),
        (MINIMAL + "watch: {run: 1}\n", "watch.run must be true or false"),
        (MINIMAL + "watch: {within: 60}\n", "watch.within closes decisions when the watcher is silent"),
        (MINIMAL + "watch: {run: true, within: 5}\n", "watch.within must be 0 or at least 10 seconds"),
        (MINIMAL + "watch: {age: 120}\n", "watch.age is told by the watcher's beats, so it needs watch.run: true"),
        (MINIMAL + "watch: {run: true, age: 4}\n", "watch.age must be 0 or at least 5 seconds, not 4"),
        (MINIMAL + "watch: {run: true, age: 86401}\n", "watch.age must be a whole number from 0 to 86400"),
        (MINIMAL + "watch: {every: 1}\n", "unknown keys: every"),
        (MINIMAL + "membership: {quorum: 1}\n", "a number from 2 (a majority) to 2"),
        (MINIMAL + "membership: {quorum: most}\n", "membership.quorum must be all"),
        ("institutions: [{host: 127.0.0.1, port_base: 7100}]", "institutions[0] has no name"),
        ("institutions: [{name: Hanbit, host: a, port_base: 7100}]", "institutions[0].name must match"),
        ("institutions: [{name: h\u0430nbit, host: a, port_base: 7100}]", "; its 2nd letter is U+0430 CYRILLIC SMALL"),
        ("institutions: [{name: hanbit, host: 'a b', port_base: 7100}]", "institutions[0].host must match"),
        ("institutions: [{name: hanbit, host: a, port_base: 80}]", "port_base must be a whole number from 1024"),
        ("institutions: [{name: hanbit, host: a, port_base: 7100, country: Korea}]", "country must match"),
        ('institutions: [{name: hanbit, host: a, port_base: 7100, title: "a\\nb"}]', "title must be 1 to 100"),
        (MINIMAL.replace("nuri", "hanbit"), "'hanbit' is there twice"),
        (MINIMAL.replace("7200", "7105"), "the ports of nuri and hanbit overlap"),
        (MINIMAL.replace("7200}", "7200, ports: {peer: 7104}}"), "both have 7104"),
        (MINIMAL.replace("7200}", "7200, ports: {peer: 7204}}"), "institutions[1].ports give two services one port"),
        (MINIMAL.replace("7200}", "7200, ports: {pear: 9000}}"), "institutions[1].ports has unknown keys: pear"),
        (MINIMAL.replace("7200}", "7200, ports: {peer: 80}}"), "institutions[1].ports.peer must be a whole number"),
    ],
)
def test_refused_with_a_sentence_that_names_the_key(text: str, says: str) -> None:
    with pytest.raises(NetworkError) as refused:
        parse(text, "my.yaml")
    assert refused.value.code == "CONSORTIUM_INVALID"
    assert refused.value.message.startswith("my.yaml")
    assert says in refused.value.message


def test_an_unknown_institution_is_named_with_the_known_ones() -> None:
    with pytest.raises(NetworkError, match=r"'onnuri'.*hanbit, nuri"):
        parse(MINIMAL).institution("onnuri")


def test_a_port_by_name_stands_before_its_place() -> None:
    spec = parse("institutions: [{name: hanbit, host: a, port_base: 7100, ports: {peer: 9000}}]")
    assert spec.institutions[0].port("peer") == 9000
    assert spec.institutions[0].port("orderer") == 7104
    assert parse(spec.to_yaml()) == spec


def test_where_each_homes_chaincode_is_does_not_make_another_consortium(sample: Spec) -> None:
    moved = sample.with_institution(replace(sample.institution("nuri"), chaincode_at="chaincode-2"))
    assert parse(moved.to_yaml()) == moved != sample
    assert sample.leaves_ports_of(moved)
    assert moved.leaves_ports_of(sample)
    assert not sample.leaves_ports_of(replace(sample, chaincode=replace(sample.chaincode, next="0.3.0")))


def test_what_was_changed_is_written_into_the_operators_file(tmp_path: Path, sample_text: str, sample: Spec) -> None:
    file = tmp_path / "consortium.yaml"
    file.write_text("# what the operator wrote\n" + sample_text)
    changed = sample.with_institution(replace(sample.institution("nuri"), chaincode_at="chaincode-2"))
    changed = replace(changed, chaincode=replace(sample.chaincode, version="0.3.0", sequence=2))
    file.write_text(amended(file, changed))
    assert read(file) == changed
    assert file.read_text().startswith("# what the operator wrote\n")
    file.write_text(amended(file, sample))
    assert read(file) == sample
